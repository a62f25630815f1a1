#include "gateway/smpp/route.hpp"

#include <algorithm>

namespace ota::smpp {

namespace {

constexpr std::uint8_t no_interworking = 0x00, eight_bit_data = 0x04;  // [TS 23.040, 9.2.3.9; TS 23.038, 4]
constexpr std::uint8_t no_receipt = 0;

}  // namespace

route::route(route_settings settings) : pace(settings.rate_in_segments_per_s), settings_(std::move(settings)) {
    share = {settings_.binds, settings_.rate_in_segments_per_s, time_point::max()};
    prepare_draft();
}

void route::change(route_settings settings) {
    settings_ = std::move(settings);
    prepare_draft();
}

void route::prepare_draft() {
    draft_.service_type = settings_.service_type;
    draft_.source = settings_.source;
    draft_.destination = {settings_.destination_ton, settings_.destination_npi, {}};
    draft_.esm_class = settings_.esm_class | esm::user_data_header;
}

int route::match(std::string_view destination) const noexcept {
    int longest = settings_.prefixes.empty() ? 0 : -1;
    for (const auto& prefix : settings_.prefixes)
        if (destination.starts_with(prefix)) longest = std::max(longest, static_cast<int>(prefix.size()));
    return longest;
}

status_class route::classify(std::uint32_t command_status) const {
    const auto vendor = settings_.vendor_statuses.find(command_status);
    return vendor != settings_.vendor_statuses.end() ? vendor->second : describe(command_status).kind;
}

const submit_sm& route::draft(const bearer::submission& message, bearer::wall_time now) {
    const bool to_card = message.to == bearer::addressee::card;
    draft_.protocol_id = to_card ? settings_.protocol_id : no_interworking;
    draft_.data_coding = to_card ? settings_.data_coding : eight_bit_data;
    draft_.registered_delivery = to_card ? settings_.registered_delivery : no_receipt;
    draft_.destination.digits = message.destination;
    draft_.validity_period = validity_period(settings_.validity, now, message.expires, settings_.validity_maximum);
    draft_.short_message.assign(message.user_data.begin(), message.user_data.end());
    return draft_;
}

std::uint64_t route::hold(queued q) {
    if (free_.empty()) {
        slots_.push_back(std::move(q));
        return slots_.size() - 1;
    }
    const auto slot = free_.back();
    free_.pop_back();
    slots_[slot] = std::move(q);
    return slot;
}

queued route::release(std::uint64_t slot) {
    free_.push_back(slot);
    return std::move(slots_[slot]);
}

session_settings session_of(const route_settings& route, bind_kind kind) {
    session_settings s;
    s.side = role::esme;
    s.credentials.kind = kind;
    s.credentials.system_id = route.system_id;
    s.credentials.password = route.password;
    s.credentials.system_type = route.system_type;
    s.window = route.window;
    s.response_timeout = route.response_timeout;
    s.bind_timeout = route.response_timeout;
    s.enquire_interval = route.enquire_interval;
    s.answer_within = route.answer_within;
    return s;
}

}  // namespace ota::smpp
