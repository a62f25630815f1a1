#include "sandbox/uicc/status_word.hpp"
#include "sandbox/uicc/terminal_channel.hpp"
#include "secure-channel/wire/ber_tlv.hpp"

// The card's data channel: PUSH, and the packets that come over it.

namespace ota::sandbox {

namespace sw = status_word;

namespace {

/// OPEN CHANNEL stands in the twelfth octet of TERMINAL PROFILE [TS 102 223, 5.2].
bool opens_channels(wire::octet_view profile) noexcept {
    constexpr std::size_t octet = 12;
    return profile.size() >= octet && (profile[octet - 1] & 0x01) != 0;
}

std::uint64_t lots_of(std::string_view iccid, link_time now, std::uint64_t order) {
    return hash_of(wire::as_octets(iccid)) ^ static_cast<std::uint64_t>(now.time_since_epoch().count()) ^ order << 56;
}

}  // namespace

data_bearer terminal_channel::new_bearer() const {
    return {bearer_settings{}, model_.tree.factory_content(model_.tree.iccid_slot(), identity_.iccid)};
}

apdu_answer terminal_channel::on_push(const apdu& command) {
    constexpr std::uint8_t result_element = 0x83;
    auto order = read_push(command);
    if (const auto* refused = std::get_if<std::uint16_t>(&order)) return {*refused, {}};
    if (!opens_channels(toolkit_.facts().profile)) {
        wire::writer told;  // [TS 102 226, 9.1]
        wire::write_ber_tlv(told, result_element, wire::octets{toolkit_result::beyond_capability});
        return {sw::no_precise_diagnosis, told.take()};
    }
    return {bearer_.on_order(std::get<push_order>(std::move(order)), lots_of(identity_.iccid, now_, ++orders_), now_),
            {}};
}

/// After each command of the terminal: what its answer, an event or the time means to the data channel.
void terminal_channel::go_on() {
    if (const auto response = toolkit_.answered()) bearer_.on_response(*response, now_);
    bearer_.on_tick(now_);
    for (const auto& sdu : bearer_.take_received()) {
        on_sdu(sdu);
        if (!power_) return;
    }
    if (auto command = bearer_.next_command()) toolkit_.give(*std::move(command));
}

void terminal_channel::on_sdu(wire::octet_view sdu) {
    const auto what = hooks_.befall ? hooks_.befall() : mishap{};
    auto result = sandbox::on_sdu(model_, card_, identity_, sdu, what, model_.quirks.data_answer_limit, this);
    notify(result);
    if (hooks_.handled) hooks_.handled(result, now_);
    if (result.how == acknowledgement::none) {
        reset();
        power_ = false;
        return;
    }
    if (result.report) bearer_.send(*std::move(result.report), now_);
}

}  // namespace ota::sandbox
