#include "sandbox/uicc/data_bearer.hpp"

#include "sandbox/uicc/status_word.hpp"

#include <algorithm>

namespace ota::sandbox {

namespace sw = status_word;
namespace type = toolkit_command_type;

namespace {

constexpr std::uint8_t mandatory = channel_element::comprehension;
constexpr std::size_t largest_command = 255;  // octets

/// Octets of the CAT_TP PDU whose head this is; 0: too little to tell, or none. [TS 102 127, 5.6]
std::size_t pdu_length(wire::octet_view head) noexcept {
    constexpr std::size_t header_length_at = 3, data_length_at = 8, told = 10;
    if (head.size() < told || head[header_length_at] < cat_tp::least_header) return 0;
    return head[header_length_at] + (std::size_t{head[data_length_at]} << 8) + head[data_length_at + 1];
}

}  // namespace

std::uint16_t data_bearer::on_order(push_order order, std::uint64_t chance, link_time now) {
    if (!link_) chance_ = chance;
    return std::visit([&](auto&& one) { return on(std::move(one), now); }, std::move(order));
}

std::uint16_t data_bearer::on(channel_order&& order, link_time) {
    if (stage_ != stage::idle) return sw::toolkit_is_busy;  // what runs is not torn down for another order
    request_ = std::move(order.channel);
    if (request_.bearer.empty()) request_.bearer = {default_bearer};
    if (request_.buffer_size == 0) request_.buffer_size = settings_.buffer_size;
    if (serialize(opening()).size() > largest_command) return sw::wrong_data;  // the terminal could not fetch it
    stage_ = subscribed_ ? stage::opening : stage::subscribing;
    return sw::ok;
}

std::uint16_t data_bearer::on(link_order&& order, link_time now) {
    if (stage_ == stage::idle || stage_ == stage::closing) return sw::conditions_not_satisfied;
    if (over_tcp()) return sw::conditions_not_satisfied;
    if (link_ || ordered_) return sw::toolkit_is_busy;
    ordered_ = std::move(order);
    if (up_) start_link(now);
    return sw::ok;
}

std::uint16_t data_bearer::on(identification_order&& order, link_time) {
    if (stage_ == stage::idle || stage_ == stage::closing || !over_tcp()) return sw::conditions_not_satisfied;
    if (identifies_) return sw::toolkit_is_busy;
    identifies_ = std::move(order);
    if (up_) identify();
    return sw::ok;
}

void data_bearer::identify() {
    const auto order = std::exchange(identifies_, std::nullopt);
    sending_.push_back(identification_packet(settings_.identification_tag, order->identification.value_or(iccid_)));
}

proactive_command data_bearer::opening() const {
    const auto how = over_tcp() ? open_at_once | open_in_background : open_at_once;
    return {.type = type::open_channel, .qualifier = static_cast<std::uint8_t>(how), .elements = to_elements(request_)};
}

proactive_command data_bearer::to_channel(std::uint8_t t, std::uint8_t qualifier, toolkit_elements elements) const {
    return {
        .type = t, .qualifier = qualifier, .to = toolkit_device::channel(channel_), .elements = std::move(elements)};
}

std::optional<proactive_command> data_bearer::next_command() {
    if (asked_ != 0) return std::nullopt;
    std::optional<proactive_command> out;
    if (stage_ == stage::subscribing) {
        out = {.type = type::set_up_event_list,
               .elements = {{channel_element::events, {channel_event::data_available, channel_event::channel_status}}}};
    } else if (stage_ == stage::opening) {
        out = opening();
    } else if (stage_ == stage::open && waiting_ != 0) {
        fetched_ = std::min(waiting_, largest_received_piece);
        out = to_channel(type::receive_data, 0, {length_element(channel_element::data_length | mandatory, fetched_)});
    } else if (stage_ == stage::open && doubts_) {
        out = {.type = type::get_channel_status, .elements = {}};
    } else if (stage_ == stage::open && !sending_.empty()) {
        out = next_piece();
    } else if (stage_ == stage::closing || (stage_ == stage::open && ends_)) {
        stage_ = stage::closing;
        out = to_channel(type::close_channel, 0);
    }
    if (out) asked_ = out->type;
    return out;
}

proactive_command data_bearer::next_piece() {
    const auto& datagram = sending_.front();
    const auto length = std::min(datagram.size() - sent_, largest_sent_piece);
    const auto from = datagram.begin() + static_cast<std::ptrdiff_t>(sent_);
    const bool last = sent_ + length == datagram.size();
    sent_ += length;
    return to_channel(type::send_data, last || over_tcp() ? send_at_once : send_store,
                      {{channel_element::data | mandatory, {from, from + static_cast<std::ptrdiff_t>(length)}}});
}

void data_bearer::on_response(const terminal_response& r, link_time now) {
    if (r.type != asked_) return;
    asked_ = 0;
    const bool done = toolkit_result::is_performed(r.result);
    switch (r.type) {
        case type::set_up_event_list:
            subscribed_ = done;
            if (!done) return reset();  // without events nothing would ever be received
            stage_ = stage::opening;
            return;
        case type::open_channel: return done ? on_opened(r, now) : reset();
        case type::send_data: return on_sent(r);
        case type::receive_data: return on_piece(r, now);
        case type::get_channel_status: doubts_ = false; return on_status(r.elements);
        case type::close_channel: return reset();
        default: return;
    }
}

void data_bearer::on_opened(const terminal_response& r, link_time now) {
    const auto* told = find_element(r.elements, channel_element::status);
    const auto status = told != nullptr ? read_channel_status(*told) : std::nullopt;
    if (!status || status->channel == 0) return reset();
    const auto granted = read_channel_request(r.elements);
    buffer_size_ = granted && granted->buffer_size != 0 ? granted->buffer_size : request_.buffer_size;
    channel_ = status->channel;
    stage_ = stage::open;
    since_ = now;
    if (status->link) on_link_up(now);
}

void data_bearer::on_link_up(link_time now) {
    up_ = true;
    if (!link_ && (ordered_ || over_tcp())) start_link(now);
}

void data_bearer::start_link(link_time now) {
    if (over_tcp()) {
        link_ = take_stream(settings_.patience, now);
        if (identifies_) identify();
        return;
    }
    link_output out;
    cat_tp::link_settings with;
    with.max_pdu = buffer_size_;
    with.max_sdu = settings_.largest_sdu;
    if (ordered_->largest_sdu) with.max_sdu = std::min(with.max_sdu, *ordered_->largest_sdu);
    link_ = open_cat_tp({with, ordered_->port, ordered_->identification.value_or(iccid_), chance_}, now, out);
    ordered_.reset();
    take(std::move(out));
}

/// A datagram that was not sent counts as lost on the way: the link sends it again. But does the channel still stand? A
/// stream that lacks octets is of no more use.
void data_bearer::on_sent(const terminal_response& r) {
    const bool done = toolkit_result::is_performed(r.result);
    if (!done && over_tcp()) return link_is_gone();
    const bool whole = !sending_.empty() && sent_ >= sending_.front().size();
    if (!sending_.empty() && (!done || whole)) {
        sending_.pop_front();
        sent_ = 0;
    }
    doubts_ = doubts_ || !done;
}

/// Most terminals bring octets of one datagram only: less than was asked for, or nothing left, is its end. Where one
/// runs into the next, the PDU's own header tells where.
void data_bearer::on_piece(const terminal_response& r, link_time now) {
    const auto* data = find_element(r.elements, channel_element::data);
    const auto* left = find_element(r.elements, channel_element::data_length);
    waiting_ = left != nullptr && left->value.size() == 1 ? left->value[0] : 0;
    if (!toolkit_result::is_performed(r.result) || data == nullptr || data->value.empty()) {
        waiting_ = 0;
        arrived_.clear();
        return;
    }
    arrived_.insert(arrived_.end(), data->value.begin(), data->value.end());
    for (auto whole = pdu_length(arrived_); !over_tcp() && whole != 0 && whole <= arrived_.size();
         whole = pdu_length(arrived_))
        hand_over(whole, now);
    if (over_tcp() || data->value.size() < fetched_ || waiting_ == 0) hand_over(arrived_.size(), now);
}

/// So many of the octets that arrived are for the link.
void data_bearer::hand_over(std::size_t octets, link_time now) {
    const auto end = arrived_.begin() + static_cast<std::ptrdiff_t>(octets);
    const wire::octets datagram(arrived_.begin(), end);
    arrived_.erase(arrived_.begin(), end);
    if (!link_ || datagram.empty()) return;
    link_output out;
    link_->on_octets(datagram, now, out);
    take(std::move(out));
}

void data_bearer::take(link_output out) {
    for (auto& one : out.sent) sending_.push_back(std::move(one));
    for (auto& one : out.received) received_.push_back(std::move(one));
    ends_ = ends_ || out.ended;
}

void data_bearer::on_status(const toolkit_elements& told) {
    for (const auto& element : told) {
        if ((element.tag & ~mandatory) != channel_element::status) continue;
        const auto status = read_channel_status(element);
        if (status && status->channel == channel_ && status->link) return;
    }
    link_is_gone();
}

void data_bearer::link_is_gone() {
    link_.reset();
    sending_.clear();
    waiting_ = 0;
    stage_ = stage::closing;
}

void data_bearer::on_event(const toolkit_event& e, link_time now) {
    const auto* told = find_element(e.elements, channel_element::status);
    const auto status = told != nullptr ? read_channel_status(*told) : std::nullopt;
    if (stage_ != stage::open || !status || status->channel != channel_) return;
    if (e.event == channel_event::channel_status) {
        if (!status->link) return link_is_gone();
        return on_link_up(now);
    }
    const auto* length = find_element(e.elements, channel_element::data_length);
    if (e.event == channel_event::data_available && length != nullptr && length->value.size() == 1)
        waiting_ = std::max<std::size_t>(waiting_, length->value[0]);
}

void data_bearer::on_tick(link_time now) {
    if (stage_ != stage::open) return;
    if (!link_ && now >= since_ + settings_.patience) ends_ = true;
    if (!link_ || !link_->due() || *link_->due() > now) return;
    link_output out;
    link_->on_tick(now, out);
    doubts_ = doubts_ || !out.sent.empty();  // nobody answered
    take(std::move(out));
}

std::optional<link_time> data_bearer::due() const {
    if (stage_ != stage::open || ends_) return std::nullopt;
    return link_ ? link_->due() : since_ + settings_.patience;
}

void data_bearer::send(wire::octets sdu, link_time now) {
    if (!link_) return;
    link_output out;
    (void)link_->send(std::move(sdu), now, out);  // too large for the server: it is not told
    take(std::move(out));
}

void data_bearer::reset() {
    const bool knows = subscribed_;
    const auto lots = chance_;
    auto received = std::move(received_);
    *this = data_bearer(settings_, std::move(iccid_));
    subscribed_ = knows;
    chance_ = lots;
    received_ = std::move(received);
}

}  // namespace ota::sandbox
