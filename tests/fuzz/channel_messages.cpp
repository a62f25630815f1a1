#include "sandbox/device/data_channels.hpp"
#include "sandbox/uicc/data_bearer.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>

using namespace ota;
using namespace ota::sandbox;

namespace {

void require(bool holds) {
    if (!holds) std::abort();
}

struct deaf_network final : channel_network {
    std::variant<channel_id, channel_refusal> open(channel_owner&, const remote_port&) override { return ++last; }
    void send(channel_id, wire::octets) override {}
    void close(channel_id) override {}
    channel_id last = 0;
};

/// Cuts the input into messages, each after its length.
std::vector<wire::octet_view> messages(wire::octet_view in) {
    std::vector<wire::octet_view> out;
    wire::reader r(in);
    while (r.remaining() != 0) {
        const std::size_t length = r.u8();
        out.push_back(r.take(std::min(length, r.remaining())));
    }
    return out;
}

/// A card that any terminal may speak to.
void speak_to_card(wire::octet_view in) {
    data_bearer card({}, wire::octets(10, 0x89));
    link_time now{std::chrono::hours(1)};
    for (const auto& message : messages(in)) {
        if (message.size() >= 4) {
            auto order = read_push(read_apdu(message));
            if (auto* good = std::get_if<push_order>(&order)) (void)card.on_order(std::move(*good), 1, now);
        }
        if (const auto command = card.next_command()) {
            require(serialize(*command).size() <= 255);
            require(parse_proactive_command(serialize(*command)) == command);
        }
        if (const auto response = parse_terminal_response(message)) card.on_response(*response, now);
        if (const auto event = parse_toolkit_event(message)) card.on_event(*event, now);
        card.on_tick(now += std::chrono::seconds(1));
        for (auto& sdu : card.take_received()) card.send(std::move(sdu), now);
    }
}

/// A terminal that any card may speak to.
void speak_to_terminal(wire::octet_view in) {
    deaf_network network;
    data_channels channels(network, {});
    for (const auto& message : messages(in)) {
        if (const auto command = parse_proactive_command(message)) {
            const auto response = channels.execute(*command);
            require(serialize(response).size() <= 255);
            require(parse_terminal_response(serialize(response)) == response);
        } else {
            channels.on_data(1 + message.size() % 8, {message.begin(), message.end()}, {});
        }
        while (const auto event = channels.next_event()) require(parse_toolkit_event(*event).has_value());
    }
}

}  // namespace

/// What card and terminal say to each other about data channels: read without harm, and what was read is written again.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const wire::octet_view in(data, size);
    if (const auto read = parse_proactive_command(in)) require(parse_proactive_command(serialize(*read)) == read);
    if (const auto read = parse_terminal_response(in)) require(parse_terminal_response(serialize(*read)) == read);
    if (const auto read = parse_toolkit_event(in)) require(parse_toolkit_event(serialize(*read)) == read);
    if (const auto elements = parse_elements(in))
        if (const auto read = read_channel_request(*elements))
            require(read_channel_request(to_elements(*read)).has_value());
    speak_to_card(in);
    speak_to_terminal(in);
    return 0;
}
