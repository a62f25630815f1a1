#include "sandbox/uicc/push_order.hpp"

#include "sandbox/uicc/status_word.hpp"

namespace ota::sandbox {

namespace sw = status_word;

namespace {

using reading = std::variant<std::uint16_t, push_order>;

constexpr std::uint8_t request = 0x01;
constexpr std::uint8_t open_bip_channel = 0x01, open_cat_tp_link = 0x02, open_tcp_connection = 0x03, identify = 0x04;
constexpr std::size_t longest_identification = 232;

/// UDP unless TCP is asked for; the server's port and address must be there: this card knows no server of its own.
reading read_channel(const toolkit_elements& elements, std::uint8_t protocol) {
    auto channel = read_channel_request(elements);
    if (!channel || channel->protocol != protocol || channel->port == 0 || channel->address.empty())
        return sw::wrong_data;
    return push_order(channel_order{*std::move(channel)});
}

std::optional<wire::octets> identification_of(const toolkit_elements& elements) {
    const auto* at = find_element(elements, channel_element::data);
    return at == nullptr ? std::nullopt : std::optional(at->value);
}

reading read_link(const toolkit_elements& elements) {
    const auto asked = read_channel_request(elements);
    const auto* transport = find_element(elements, channel_element::transport);
    if (!asked || transport == nullptr || asked->protocol != 0) return sw::wrong_data;
    link_order out{asked->port, {}, identification_of(elements)};
    if (asked->buffer_size != 0) out.largest_sdu = asked->buffer_size;
    if (out.identification && out.identification->size() > longest_identification) return sw::wrong_data;
    return push_order(std::move(out));
}

}  // namespace

reading read_push(const apdu& command) {
    if (command.p1 != request) return sw::wrong_parameters;
    const auto data = command.data();
    if (!data) return sw::wrong_length;
    const auto elements = parse_elements(*data);
    if (!elements) return sw::wrong_data;
    switch (command.p2) {
        case open_bip_channel: return read_channel(*elements, channel_transport::udp);
        case open_cat_tp_link: return read_link(*elements);
        case open_tcp_connection: return read_channel(*elements, channel_transport::tcp);
        case identify: return push_order(identification_order{identification_of(*elements)});
        default: return sw::wrong_parameters;
    }
}

}  // namespace ota::sandbox
