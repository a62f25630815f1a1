#include "sandbox/device/data_channels.hpp"

#include <algorithm>

namespace ota::sandbox {

namespace type = toolkit_command_type;
namespace result = toolkit_result;

namespace {

constexpr std::uint16_t largest_buffer = 1500;
constexpr std::size_t largest_stream_backlog = 256 * 1024;  // of a TCP connection whose card does not fetch

void refuse(terminal_response& out, std::uint8_t cause) {
    out.result = result::bearer_protocol_error;
    out.additional = {cause};
}

}  // namespace

data_channels::data_channels(channel_network& network, std::function<void(instant)> wake)
    : network_(network), wake_(std::move(wake)) {}

data_channels::~data_channels() { reset(); }

bool data_channels::knows(std::uint8_t t) noexcept {
    return (t >= type::open_channel && t <= type::get_channel_status) || t == type::set_up_event_list;
}

void data_channels::reset() {
    for (std::uint8_t number = 1; number <= most_channels; ++number) shut(number);
    subscribed_.clear();
    events_.clear();
}

void data_channels::shut(std::uint8_t number) {
    auto& place = channels_[number - 1U];
    if (!place) return;
    network_.close(place->id);
    place.reset();
    std::erase_if(events_, [number](const event& e) { return e.channel == number; });
}

bool data_channels::any_open() const noexcept {
    return std::ranges::any_of(channels_, [](const auto& c) { return c.has_value(); });
}

/// [TS 102 223, 5.2]: octet 5 event list, 6 the two events, 12 the five commands, 13 GPRS and seven channels, 17 TCP
/// and UDP.
wire::octets data_channels::announced_in(wire::octets profile) {
    struct bits {
        std::size_t octet;
        std::uint8_t value;
    };
    constexpr std::array<bits, 5> ours{{{5, 0x01}, {6, 0x0C}, {12, 0x1F}, {13, 0xE2}, {17, 0x03}}};
    for (const auto& [octet, value] : ours) {
        if (profile.size() < octet) profile.resize(octet);
        profile[octet - 1] |= value;
    }
    return profile;
}

terminal_response data_channels::execute(const proactive_command& c) {
    terminal_response out{
        .number = c.number, .type = c.type, .qualifier = c.qualifier, .additional = {}, .elements = {}};
    switch (c.type) {
        case type::open_channel: open(c, out); break;
        case type::close_channel: close(c, out); break;
        case type::receive_data: receive(c, out); break;
        case type::send_data: send(c, out); break;
        case type::get_channel_status: tell_status(out); break;
        case type::set_up_event_list:
            if (const auto* list = find_element(c.elements, channel_element::events)) subscribed_ = list->value;
            break;
        default: out.result = result::beyond_capability;
    }
    return out;
}

void data_channels::open(const proactive_command& c, terminal_response& out) {
    const auto wanted = read_channel_request(c.elements);
    if (!wanted) return void(out.result = result::not_understood);
    if (wanted->buffer_size == 0 || wanted->bearer.empty()) return void(out.result = result::required_missing);
    const bool tcp = wanted->protocol == channel_transport::tcp;
    if ((!tcp && wanted->protocol != channel_transport::udp) || wanted->address.empty())
        return refuse(out, channel_error::transport_not_available);
    const auto free = std::ranges::find_if(channels_, [](const auto& place) { return !place; });
    if (free == channels_.end()) return refuse(out, channel_error::no_channel_free);
    auto made = network_.open(*this, {tcp, wanted->address, wanted->port});
    if (auto* no = std::get_if<channel_refusal>(&made)) {
        out.result = no->result;
        out.additional = std::move(no->additional);
        return;
    }
    ++counts_.opened;
    const auto number = static_cast<std::uint8_t>(free - channels_.begin() + 1);
    const auto size = std::min(wanted->buffer_size, largest_buffer);
    free->emplace();
    (*free)->id = std::get<channel_id>(made);
    (*free)->tcp = tcp;
    (*free)->link = !tcp;
    (*free)->buffer_size = size;
    if (size != wanted->buffer_size) out.result = result::with_modification;
    out.elements = {to_element(status_of(number)), {channel_element::bearer, wanted->bearer}, buffer_element(size)};
}

data_channel* data_channels::meant(const proactive_command& c, terminal_response& out) {
    const auto number = c.to - toolkit_device::first_channel + 1;
    if (number < 1 || number > most_channels || !channels_[static_cast<std::size_t>(number - 1)]) {
        refuse(out, channel_error::unknown_channel);
        return nullptr;
    }
    return &*channels_[static_cast<std::size_t>(number - 1)];
}

void data_channels::close(const proactive_command& c, terminal_response& out) {
    if (meant(c, out) != nullptr) shut(static_cast<std::uint8_t>(c.to - toolkit_device::first_channel + 1));
}

void data_channels::send(const proactive_command& c, terminal_response& out) {
    auto* to = meant(c, out);
    if (to == nullptr) return;
    if (!to->link) return refuse(out, channel_error::closed);
    const auto* data = find_element(c.elements, channel_element::data);
    if (data == nullptr) return void(out.result = result::required_missing);
    if (to->stored.size() + data->value.size() > to->buffer_size) {
        to->stored.clear();  // half a datagram is of no use
        return refuse(out, channel_error::no_cause);
    }
    to->stored.insert(to->stored.end(), data->value.begin(), data->value.end());
    if ((c.qualifier & send_at_once) != 0) network_.send(to->id, std::exchange(to->stored, {}));
    out.elements = {length_element(channel_element::data_length, to->buffer_size - to->stored.size())};
}

void data_channels::receive(const proactive_command& c, terminal_response& out) {
    auto* from = meant(c, out);
    if (from == nullptr) return;
    const auto* asked = find_element(c.elements, channel_element::data_length);
    if (asked == nullptr || asked->value.size() != 1) return void(out.result = result::required_missing);
    wire::octets told;
    if (!from->received.empty()) {
        auto& first = from->received.front();
        const auto length = std::min({first.size(), std::size_t{asked->value[0]}, largest_received_piece});
        const auto end = first.begin() + static_cast<std::ptrdiff_t>(length);
        told.assign(first.begin(), end);
        first.erase(first.begin(), end);
        from->waiting -= length;
        if (first.empty()) from->received.pop_front();
    }
    if (told.size() < asked->value[0]) out.result = result::missing_information;
    out.elements = {{channel_element::data | channel_element::comprehension, std::move(told)},
                    length_element(channel_element::data_length, from->waiting)};
}

void data_channels::tell_status(terminal_response& out) const {
    for (std::uint8_t number = 1; number <= most_channels; ++number)
        if (channels_[number - 1U]) out.elements.push_back(to_element(status_of(number)));
    if (out.elements.empty()) out.elements.push_back(to_element(channel_status{}));
}

channel_status data_channels::status_of(std::uint8_t number) const noexcept {
    const auto& c = *channels_[number - 1U];
    return {number, c.link, c.dropped};
}

std::uint8_t data_channels::number_of(channel_id id) const noexcept {
    const auto at = std::ranges::find_if(channels_, [id](const auto& c) { return c && c->id == id; });
    return at == channels_.end() ? std::uint8_t{0} : static_cast<std::uint8_t>(at - channels_.begin() + 1);
}

void data_channels::tell(std::uint8_t kind, std::uint8_t number, instant now) {
    if (std::ranges::find(subscribed_, kind) == subscribed_.end()) return;
    events_.push_back({kind, number});
    if (wake_) wake_(now);
}

void data_channels::on_data(channel_id id, wire::octets data, instant now) {
    const auto number = number_of(id);
    if (number == 0 || data.empty()) return;
    auto& to = *channels_[number - 1U];
    if (!to.link) return;
    const auto room = to.tcp ? largest_stream_backlog : to.buffer_size;
    if (to.waiting + data.size() > room) {
        ++counts_.overflows;
        if (to.tcp) {  // octets of a stream cannot be missing
            network_.close(id);
            on_link(id, false, now);
        }
        return;
    }
    const bool first = to.waiting == 0;
    to.waiting += data.size();
    to.received.push_back(std::move(data));
    if (first) tell(channel_event::data_available, number, now);
}

void data_channels::on_link(channel_id id, bool up, instant now) {
    const auto number = number_of(id);
    if (number == 0) return;
    auto& which = *channels_[number - 1U];
    which.link = up;
    which.dropped = !up;
    tell(channel_event::channel_status, number, now);
}

std::optional<wire::octets> data_channels::next_event() {
    while (!events_.empty()) {
        const auto e = events_.front();
        events_.pop_front();
        toolkit_event out{.event = e.kind, .elements = {to_element(status_of(e.channel))}};
        if (e.kind == channel_event::data_available) {
            const auto waiting = channels_[e.channel - 1U]->waiting;
            if (waiting == 0) continue;  // fetched meanwhile
            out.elements.push_back(length_element(channel_element::data_length, waiting));
        }
        return serialize(out);
    }
    return std::nullopt;
}

}  // namespace ota::sandbox
