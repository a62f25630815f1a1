#pragma once

#include "sandbox/device/device.hpp"
#include "tests/sandbox/uicc/object_card.hpp"

#include <gmock/gmock.h>

/// A device on the table, and cards to put into it.
namespace ota::sandbox {

using kind = device_event::kind;

inline const std::vector<std::string> every_object{"urn:oma:mo:oma-dm-dmacc:1.0", "urn:oma:mo:oma-imps:1.0",
                                                   "org.otagw/1.0/EmailSmtp", "org.openmobilealliance/1.0/ConnMO"};

inline device_model phone_model(std::vector<std::string> objects = every_object) {
    device_model out{.imei = "490154203237518", .maker = "Maker", .model = "One"};
    out.objects = std::move(objects);
    return out;
}

inline mo::uri at(std::string_view uri) { return mo::parse_uri(uri).value(); }

struct phone_bench {
    explicit phone_bench(device_model who = phone_model(), device_settings settings = {})
        : phone(
              std::move(who),
              {.ask =
                   [this](const offered_object& o) {
                       asked.push_back(o);
                       return says;
                   },
               .connect = [this](const std::string& uri, dm_request r) { connections.emplace_back(uri, std::move(r)); },
               .send =
                   [this](wire::octet_view tpdu) {
                       submitted.emplace_back(tpdu.begin(), tpdu.end());
                       return true;
                   },
               .exec = [this](const mo::uri& node, const std::string& correlator, const std::string&) -> std::uint16_t {
                   executed.emplace_back(mo::serialize_uri(node), correlator);
                   return exec_says;
               },
               .agree = [this] { return agrees; }},
              std::move(settings)) {}

    card_slot slot_of(object_card& card, std::optional<std::string> pin = {}) {
        return {.transmit =
                    [this, &card](wire::octet_view command) {
                        EXPECT_NE(command[1], 0xD6) << "a device never writes";
                        seen.emplace_back(command.begin(), command.end());
                        return card.terminal.transmit(command);
                    },
                .reset = [&card] { card.terminal.reset(); },
                .pin = std::move(pin)};
    }
    void start_with(object_card& card) {
        phone.insert(slot_of(card), now);
        phone.switch_on(now);
    }
    void refresh() { phone.on_refresh({}, now); }
    void restart() {
        phone.switch_off();
        phone.switch_on(now);
    }

    [[nodiscard]] std::string value(std::string_view uri) const {
        const auto read = mo::get(phone.tree(), at(uri));
        return read ? read.value() : "<none>";
    }
    [[nodiscard]] bool has(std::string_view uri) const { return mo::find(phone.tree(), at(uri)) != nullptr; }
    /// "what object generation" of the events since the last call, of one kind.
    std::vector<std::string> told(kind what) {
        for (auto& e : phone.take_events()) events.push_back(std::move(e));
        std::vector<std::string> out;
        std::erase_if(events, [&](const auto& e) {
            if (e.what != what) return false;
            out.push_back(mo::serialize_uri(e.at) +
                          (e.detail.empty() ? " " + std::to_string(e.generation) : " " + e.detail));
            return true;
        });
        return out;
    }

    instant now{std::chrono::hours(1)};
    consent says = consent::yes;
    bool agrees = false;
    std::uint16_t exec_says = 405;
    std::vector<std::pair<std::string, std::string>> executed;  ///< node, correlator
    std::vector<offered_object> asked;
    std::vector<std::pair<std::string, dm_request>> connections;
    std::vector<wire::octets> submitted, seen;
    std::vector<device_event> events;
    device phone;
};

/// Changes a value on the card over the air, without the device: the object first, the control file last.
inline void change(object_card& card, std::string_view object, std::string_view node, std::string value,
                   const mishap& what = {}) {
    const auto script = object_card::script_of(card.plan_value(object, node, std::move(value)));
    (void)card.send_long(card.packet(++card.last_counter, script), what);
    card.terminal.reset();
}

/// A device on the table with a card in it, switched on.
struct phone_with_card : phone_bench {
    explicit phone_with_card(card_profile p = sample_profile(), device_model who = phone_model(),
                             device_settings settings = {})
        : phone_bench(std::move(who), std::move(settings)), card(std::move(p)) {
        start_with(card);
    }
    object_card card;
};

}  // namespace ota::sandbox
