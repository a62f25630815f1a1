#pragma once

#include "gateway/smpp/framing.hpp"
#include "gateway/smpp/session.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

/// What a session machine did, in a form that tests can compare.
namespace ota::smpp::testing_session {

using namespace std::chrono_literals;

inline const time_point epoch = time_point{} + 1000s;

/// The PDUs in a stream of octets.
inline std::vector<pdu> pdus_of(wire::octet_view in) {
    std::vector<pdu> out;
    while (!in.empty()) {
        const auto front = look(in);
        if (front.what != framing::whole) {
            ADD_FAILURE() << "the octets end inside a PDU";
            break;
        }
        auto read = parse(in.first(front.length));
        if (read) {
            out.push_back(std::move(read).value());
        } else {
            ADD_FAILURE() << "unreadable PDU " << wire::to_hex(in.first(front.length));
        }
        in = in.subspan(front.length);
    }
    return out;
}

/// The PDUs written since the last call.
inline std::vector<pdu> written(actions& out) {
    auto pdus = pdus_of(out.write.buffer());
    out.write.buffer().clear();
    return pdus;
}

/// The only PDU written since the last call.
inline pdu the_pdu(actions& out) {
    auto pdus = written(out);
    EXPECT_EQ(pdus.size(), 1u);
    return pdus.empty() ? pdu{} : pdus.front();
}

/// The events since the last call.
inline std::vector<event> events_of(actions& out) { return std::exchange(out.events, {}); }

template <class T>
std::vector<T> only(const std::vector<event>& events) {
    std::vector<T> out;
    for (const auto& e : events)
        if (const auto* found = std::get_if<T>(&e)) out.push_back(*found);
    return out;
}

/// The only event since the last call, of this kind.
template <class T>
T the_event(actions& out) {
    const auto events = events_of(out);
    EXPECT_EQ(events.size(), 1u);
    const auto found = only<T>(events);
    EXPECT_EQ(found.size(), 1u);
    return found.empty() ? T{} : found.front();
}

/// Lets time pass in steps that a shell would take.
inline void pass(session& machine, time_point& now, milliseconds time, actions& out) {
    for (const auto end = now + time; now < end;) {
        now = std::min(end, now + milliseconds(500));
        machine.on_tick(now, out);
    }
}

inline void hear(session& machine, const body& what, std::uint32_t status, std::uint32_t sequence, time_point now,
                 actions& out) {
    machine.on_octets(serialize({status, sequence, what}), now, out);
}

inline session_settings esme_settings(std::size_t window = 10) {
    session_settings s;
    s.credentials.system_id = "gateway";
    s.credentials.password = "secret";
    s.window = window;
    s.answer_within = 5s;
    return s;
}

inline session_settings smsc_settings() {
    session_settings s;
    s.side = role::smsc;
    return s;
}

/// A bound ESME; nothing is left in `out`.
inline void bind_esme(session& machine, time_point now, actions& out) {
    machine.on_connected(now, out);
    const auto asked = the_pdu(out);
    hear(machine, bind_resp{std::get<bind>(asked.what).kind, "smsc", {}}, 0, asked.sequence_number, now, out);
    EXPECT_EQ(the_event<bound>(out).system_id, "smsc");
    EXPECT_TRUE(machine.is_bound());
}

}  // namespace ota::smpp::testing_session
