#include "gateway/cards/notify.hpp"

#include "gateway/cards/errc.hpp"
#include "gateway/cards/json.hpp"
#include "gateway/cards/place.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <ostream>
#include <thread>

namespace ota::cards {

using sessions::notify_order;
using phase = notify_order::phase;

namespace {

constexpr std::array<std::string_view, 4> ui_modes{"none", "background", "informative", "user"};

std::uint16_t random_session(const desk& d) {
    std::array<std::uint8_t, 2> octets{};
    do d.random(octets);
    while (octets == std::array<std::uint8_t, 2>{});
    return static_cast<std::uint16_t>(octets[0] << 8 | octets[1]);
}

notify_order order_of(const notify_call& call, const desk& d) {
    notify_order out;
    out.session_id = call.session_id != 0 ? static_cast<std::uint16_t>(call.session_id) : random_session(d);
    out.ui = static_cast<dm::ui_mode>(std::ranges::find(ui_modes, call.ui) - ui_modes.begin());
    out.by = call.by == "user" ? dm::initiator::user : dm::initiator::server;
    out.at = d.now();
    out.until = out.at + std::chrono::seconds(call.life);
    return out;
}

void print(const notify_call& call, const std::string& iccid, streams s, const notify_order& o) {
    if (call.json) {
        json_writer j;
        j.open('{')
            .text("iccid", iccid)
            .text("state", name_of(o.is))
            .text("session", dm::session_id_text(o.session_id));
        if (!o.detail.empty()) j.text("detail", o.detail);
        s.out << j.close('}').str() << '\n';
        return;
    }
    const auto session = dm::session_id_text(o.session_id);
    if (o.is == phase::called) s.out << "the device of card " << iccid << " called: session " << session << '\n';
    if (o.is == phase::sent)
        s.err << "the SMSC took the notification of session " << session << " (" << o.detail
              << "), the device did not call yet\n";
    if (o.is == phase::failed) s.err << "the device of card " << iccid << " was not notified: " << o.detail << '\n';
    if (o.is == phase::asked || o.is == phase::sending)
        s.err << "the notification of session " << session
              << " was not sent yet; is a gateway running on this store?\n";
}

}  // namespace

wire::result<void> ask_to_notify(const desk& d, const std::string& iccid, const notify_order& order) {
    return in_transaction(d, [&](store::transaction& tx) -> wire::result<void> {
        OTA_TRY(const auto card, take_card(tx, d, iccid));
        if (store::is_gone(card.row.is)) return errc_of_gone(card.row.is);
        if (card.row.msisdn.empty()) return errc::no_number;
        OTA_TRY(const auto accounts, tx.accounts_of(card.row.id));
        if (accounts.empty()) return errc::no_account;
        return sessions::save_notify_order(tx, iccid, order);
    });
}

wire::result<std::optional<notify_order>> look_at_notification(const desk& d, const std::string& iccid) {
    OTA_TRY(auto tx, d.state.begin());
    return sessions::find_notify_order(*tx, iccid);
}

int perform_notify(const notify_call& call, const std::string& iccid, streams s, const desk& d) {
    if (!call.last) {
        const auto order = order_of(call, d);
        if (const auto asked = ask_to_notify(d, iccid, order); !asked) return fail(s, iccid, asked.error());
        if (call.wait == 0) {
            s.out << "the device of card " << iccid << " will be asked to begin session "
                  << dm::session_id_text(order.session_id) << "; see what came of it with --last\n";
            return good;
        }
    }
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(call.wait);
    while (true) {
        const auto found = look_at_notification(d, iccid);
        if (!found) return fail(s, iccid, found.error());
        if (!found.value()) {
            s.err << "the device of card " << iccid << " was never notified\n";
            return failed;
        }
        const auto& now = *found.value();
        const bool over = now.is == phase::called || now.is == phase::failed;
        if (over || call.last || std::chrono::steady_clock::now() >= end) {
            print(call, iccid, s, now);
            return now.is == phase::called ? good : failed;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(200));
    }
}

}  // namespace ota::cards
