// States in which a card, an event or a counter could be stuck, seen one by one: each came up in a review of the
// corridor.
#include "tests/flow/simulation.hpp"

#include "gateway/flow/outcome.hpp"
#include "gateway/flow/reasons.hpp"
#include "gateway/flow/receipt.hpp"

#include <gtest/gtest.h>

namespace ota::simulation {
namespace {

using namespace std::chrono_literals;
using flow::carried;
using flow::effects;
using flow::open_event;
using queue::event_state;
using queue::operation;
using secure_channel::response_status;
using secure_channel::script_answer;

constexpr const char* acc = "./SC/USIM/ACC";
constexpr const char* spn = "./SC/USIM/SPN";
constexpr const char* status = "./SC/USIM/Status";

options calm(std::shared_ptr<card_profile> profile = profile_with()) {
    options o;
    o.cards = 1;
    o.profile = std::move(profile);
    return o;
}

queue::change_event change(const world& w, operation op = operation::replace) {
    queue::change_event e;
    e.subject = w.iccid(0);
    e.op = op;
    e.node = acc;
    e.format = "bin";
    e.value = {queue::node_value::kind::text, "AAE="};
    return e;
}

/// Rounds of the corridor in which the clock stood still, up to a bound that no honest run comes near.
std::size_t rounds(world& w, std::chrono::milliseconds time, std::size_t bound = 30'000) {
    std::size_t n = 0;
    for (const auto until = w.now + time; w.now < until && n < bound;) n += w.tick();
    return n;
}

script_answer stopped_at_two(std::uint16_t sw) {
    script_answer a;
    a.executed = 2;
    a.answers.emplace_back().sw = sw;
    return a;
}

/// A twin with one event in flight, carried by one command of a recorded packet.
struct under_way {
    explicit under_way(std::uint8_t spi1 = 0x16, operation op = operation::replace, std::uint8_t spi2 = 0x19)
        : profile(profile_with(spi1, spi2)) {
        const auto* uri = op == operation::exec ? status : acc;
        const auto node = t.node_index(uri, false);
        auto& n = t.nodes[node];
        open_event e;
        e.seq = 100;
        e.op = op;
        e.node = node;
        e.is = open_event::phase::in_flight;
        e.expires_at = now + 24h;
        t.events.push_back(e);
        carried c;
        c.is = op == operation::exec  ? carried::kind::exec
               : op == operation::get ? carried::kind::get
                                      : carried::kind::write;
        c.node = node;
        c.first = 1;
        c.last = 2;
        c.version = 100;
        if (c.is == carried::kind::write) {
            n.wanted = true;
            n.desired = {0x00, 0x01};
            n.desired_version = 100;
            c.whole = true;
            c.length = 2;
        }
        t.in_flight = packet(5, {c});
        t.counters.push_back({1, 5});
    }

    flow::packet packet(std::uint64_t cntr, std::vector<carried> carries) const {
        flow::packet p;
        p.id = static_cast<std::int64_t>(cntr);
        p.cntr = cntr;
        p.spi = profile->spi;
        p.tar = profile->applications[0].tar;
        p.kic.octet = p.kid.octet = 0x12;
        p.sealed = wire::octets(60, 0x11);
        p.segments = 1;
        p.reference = 1;
        p.sendings = 1;
        p.sent_at = now;
        p.check_at = now + 30s;
        p.closes_at = now + 11min;
        p.carries = std::move(carries);
        return p;
    }

    void answer(std::uint64_t cntr, response_status s, wire::octets data = {}) {
        secure_channel::opened_response r;
        r.value.tar = profile->applications[0].tar;
        r.value.cntr.value = cntr;
        r.value.status = s;
        r.value.data = std::move(data);
        r.integrity = secure_channel::verification::verified;
        flow::on_response(t, *profile, r, now, fx);
    }

    /// In mode "higher": the packet got lost, a read-back with a newer counter is in flight.
    void read_back() {
        t.unknown = std::move(t.in_flight);
        auto c = t.unknown->carries.front();
        c.is = carried::kind::read_back;
        t.in_flight = packet(6, {c});
    }

    bool final() const { return !fx.closed.empty(); }

    wall_time now{std::chrono::sys_days(std::chrono::January / 5 / 2026)};
    std::shared_ptr<card_profile> profile;
    flow::twin t;
    effects fx;
    flow::card_identity who{1, "8949", "491"};
};

TEST(review, a_card_held_with_a_packet_in_flight_is_not_looked_at_in_a_circle) {
    world w(calm());
    w.on_air = [](const bearer::submission&) { return false; };
    w.replace(0, spn, "Operator");
    for (int i = 0; i < 5; ++i) w.tick();
    auto t = w.twin_of(0);
    ASSERT_TRUE(t.in_flight);
    t.hold = flow::reason::suspended;
    w.save(0, t, store::standing::suspended);
    const auto version = w.row_of(0).version;
    EXPECT_LT(rounds(w, 5min), 1000u);
    EXPECT_LT(w.row_of(0).version - version, 10u);
}

TEST(review, a_deferred_event_costs_nothing_until_its_time) {
    world w(calm());
    auto e = change(w);
    e.not_before = w.now + 24h;
    w.publish(e);
    rounds(w, 5s);
    const auto version = w.row_of(0).version;
    rounds(w, 10min);
    EXPECT_LE(w.row_of(0).version - version, 1u);
}

TEST(review, a_volatile_file_that_reads_otherwise_is_not_looked_at_for_ever) {
    auto profile = profile_with();
    profile->nodes[acc].volatile_file = true;
    world w(calm(profile));
    w.publish(change(w));
    ASSERT_TRUE(w.run(5min));
    auto t = w.twin_of(0);
    t.nodes[0].reported = {0x55, 0x55};
    w.save(0, t, store::standing::active);
    rounds(w, 5s);
    const auto version = w.row_of(0).version;
    rounds(w, 10min);
    EXPECT_LE(w.row_of(0).version - version, 1u);
}

TEST(review, a_card_whose_stored_state_cannot_be_read_is_left_alone_for_a_while) {
    world w(calm());
    w.publish(change(w));
    ASSERT_TRUE(w.run(5min));
    flow::twin broken;
    broken.in_flight.emplace().carries.emplace_back().node = 99;  // of no nodes
    w.save(0, broken, store::standing::active);
    EXPECT_LT(rounds(w, 1min), 1000u);
}

TEST(R18, an_event_that_no_route_takes_expires) {
    world w(calm());
    w.opts.with.temporary = 1;
    auto e = change(w);
    e.expires_at = w.now + 3min;
    const auto id = w.publish(e);
    EXPECT_TRUE(w.run(1h));
    EXPECT_EQ(w.state_of(id), "expired");
}

TEST(R18, an_event_of_a_card_in_quarantine_becomes_final_although_a_read_back_is_due) {
    under_way u;
    u.t.unknown = std::move(u.t.in_flight);
    u.t.in_flight.reset();
    u.t.hold = flow::reason::counter_out_of_step;
    for (int hour = 0; hour < 30; ++hour) flow::on_look(u.t, *u.profile, u.who, {}, u.now += 1h, u.fx);
    EXPECT_TRUE(u.final());
    EXPECT_TRUE(u.t.events.empty());
}

TEST(R16, an_add_after_an_add_that_expired_is_taken) {
    world w(calm());
    w.on_air = [](const bearer::submission&) { return false; };
    auto e = change(w, operation::add);
    e.expires_at = w.now + 3min;
    w.publish(e);
    ASSERT_TRUE(w.run(1h));
    w.on_air = {};
    const auto again = w.publish(change(w, operation::add));
    ASSERT_TRUE(w.run(1h));
    EXPECT_EQ(w.state_of(again), "applied") << w.reason_of(again);
}

TEST(R25, a_second_copy_of_an_unsigned_proof_completes_nothing) {
    world w(calm(profile_with(0x16, 0x01)));
    w.opts.with.answer_twice = 1;
    const auto id = w.publish(change(w));
    ASSERT_TRUE(w.run(1h));
    EXPECT_EQ(w.state_of(id), "applied");
    EXPECT_EQ(w.reason_of(id), "read-back");
}

TEST(R13, drift_is_repaired_after_two_failures_too) {
    under_way u;
    u.t.in_flight.reset();
    u.t.events.clear();
    u.t.alone = true;
    EXPECT_TRUE(flow::plan(u.t, *u.profile, 8, u.now, u.fx));
}

TEST(R14, an_answer_that_says_nothing_ran_does_not_repeat_for_ever) {
    under_way u;
    for (int i = 0; i < 10 && !u.final(); ++i) {
        flow::settle_script(u.t, *u.profile, *u.t.in_flight, script_answer{0, {}, {}}, false, u.now, u.fx);
        EXPECT_TRUE(u.final() || u.t.not_before > u.now);
    }
    EXPECT_TRUE(u.final());
}

TEST(R14, a_get_that_brings_no_octets_does_not_repeat_for_ever) {
    under_way u(0x16, operation::get);
    for (int i = 0; i < 10 && !u.final(); ++i) {
        flow::settle_script(u.t, *u.profile, *u.t.in_flight, stopped_at_two(0x9000), false, u.now, u.fx);
    }
    EXPECT_TRUE(u.final());
    EXPECT_TRUE(u.t.events.empty());
}

TEST(R17, an_exec_that_stopped_with_a_passing_error_is_not_run_again) {
    under_way u(0x16, operation::exec);
    flow::settle_script(u.t, *u.profile, *u.t.in_flight, stopped_at_two(0x6F00), false, u.now, u.fx);
    ASSERT_TRUE(u.final());
    EXPECT_EQ(u.fx.closed[0].state, event_state::failed);
}

TEST(R17, an_exec_whose_repeat_meets_a_security_error_is_not_run_again) {
    under_way u(0x16, operation::exec);
    u.t.in_flight->may_have_run = true;
    u.answer(5, response_status::unidentified_security_error);
    ASSERT_TRUE(u.final());
    EXPECT_EQ(u.fx.closed[0].reason, flow::reason::outcome_unknown);
}

TEST(R9, a_read_back_that_meets_no_memory_ends_the_unknown_packet) {
    under_way u;
    u.read_back();
    u.answer(6, response_status::insufficient_memory);
    EXPECT_FALSE(u.t.unknown);
}

TEST(R10, counter_low_to_the_earlier_packet_sends_the_recorded_later_one) {
    under_way u(0x1E);
    u.read_back();
    u.answer(6, response_status::counter_high);  // n never ran: n again
    ASSERT_TRUE(u.t.in_flight && u.t.reserved);
    EXPECT_EQ(u.t.in_flight->cntr, 5u);
    u.answer(5, response_status::counter_low);  // it did run after all
    ASSERT_TRUE(u.t.in_flight);
    EXPECT_EQ(u.t.in_flight->cntr, 6u);
    EXPECT_TRUE(u.t.unknown);
    EXPECT_FALSE(u.t.read_back_due);
    flow::on_look(u.t, *u.profile, u.who, {}, u.now + 12min, u.fx);
    EXPECT_EQ(u.fx.send.size(), 1u) << "sent as recorded, whatever its earlier validity";
}

TEST(R10, a_late_proof_of_the_recorded_packet_says_that_the_earlier_one_ran) {
    under_way u(0x1E);
    u.read_back();
    u.answer(6, response_status::counter_high);
    ASSERT_TRUE(u.t.reserved);
    u.answer(6, response_status::por_ok, {0x02, 0x90, 0x00});  // a copy of n+1 came behind n
    EXPECT_FALSE(u.t.in_flight || u.t.unknown || u.t.reserved);
}

TEST(R10, a_read_back_that_was_doubled_is_asked_again_without_a_leap_and_not_for_ever) {
    under_way u(0x1E);
    u.read_back();
    int asked = 0;
    for (; u.t.hold.empty() && asked < 10; ++asked) {
        u.answer(u.t.in_flight->cntr, response_status::counter_low);
        EXPECT_EQ(u.t.pending_leap, 0u);
        if (u.t.hold.empty()) u.t.in_flight = u.packet(7 + static_cast<std::uint64_t>(asked), {});
    }
    EXPECT_EQ(u.t.hold, flow::reason::counter_out_of_step);
    EXPECT_EQ(asked, 5);
}

TEST(R10, a_recorded_packet_that_the_SMSC_refuses_is_not_sent_in_a_circle) {
    under_way u(0x1E);
    open_event waiting = u.t.events.front();
    waiting.seq = 200;
    waiting.is = open_event::phase::waiting;
    u.t.events.push_back(waiting);
    bearer::submitted refused;
    refused.id.packet = 5;
    refused.outcome = bearer::submit_outcome::permanent;
    for (int i = 0; i < 10; ++i) {
        flow::on_submit_failure(u.t, *u.profile, refused, u.now, u.fx);
        flow::wake_idle(u.t, *u.profile, u.who, u.now, u.fx);
    }
    EXPECT_LE(u.fx.send.size(), 1u);
}

TEST(R11, the_next_packet_waits_for_the_end_of_the_validity_of_the_one_before) {
    under_way u(0x0E);
    u.answer(5, response_status::por_ok, {0x02, 0x90, 0x00});
    ASSERT_TRUE(u.final());
    EXPECT_GE(u.t.not_before, u.now + 11min);
}

TEST(R19, a_piece_behind_a_gap_confirms_nothing) {
    under_way u;
    auto& c = u.t.in_flight->carries.front();
    c.offset = 1;
    c.length = 1;
    flow::settle_script(u.t, *u.profile, *u.t.in_flight, stopped_at_two(0x9000), false, u.now, u.fx);
    EXPECT_FALSE(u.final());
    EXPECT_FALSE(u.t.nodes[0].confirmed);
}

}  // namespace
}  // namespace ota::simulation
