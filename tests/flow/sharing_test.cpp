// What several instances that look at the same cards may expect of each other.
#include "gateway/flow/receipt.hpp"
#include "gateway/store/tools_instance.hpp"
#include "tests/flow/rules.hpp"

namespace ota::flow {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::size_t cards = 200;

/// A packet that was recorded, and that no SMSC has taken.
twin recorded(std::int64_t id) {
    twin t;
    packet p;
    p.id = id;
    p.segments = 1;
    p.sendings = 1;
    p.sent_at = wall_time(seconds(100));
    p.check_at = p.sent_at + seconds(1);
    p.closes_at = p.sent_at + seconds(62);
    t.in_flight = p;
    return t;
}

TEST(sharing, an_instance_comes_upon_what_it_holds_also_where_others_look_before_it) {
    card_profile profile;
    profile.answer_timeout = seconds(1);
    std::vector<twin> all;
    for (std::size_t i = 0; i < cards; ++i) all.push_back(recorded(static_cast<std::int64_t>(i) << 22 | 1 << 14));
    std::size_t found = 0;
    // The other one looks every 50 ms and puts off what it does not hold; the one that holds them looks 45 ms after it.
    for (auto now = wall_time(seconds(101)); now < wall_time(seconds(150)) && found < cards; now += milliseconds(50)) {
        for (auto& t : all) {
            const auto due = [&](wall_time at) { return t.in_flight && next_look(t, false, at).value() <= at; };
            effects out;
            if (due(now)) on_look(t, profile, {}, {true, 0}, now, out);
            if (!due(now + milliseconds(45))) continue;
            t.in_flight.reset();
            ++found;
        }
    }
    EXPECT_EQ(found, cards);
}

}  // namespace
}  // namespace ota::flow

namespace ota::simulation {
namespace {

constexpr store::shard_set every_shard = (store::shard_set{1} << store::outbox_shards) - 1;

/// A world on a store of several instances; what its lease says is the test's to decide.
struct sharing_world : testing::Test {
    options with_neighbours(std::size_t cards) {
        auto how = calm(cards);
        how.neighbours = [this] { return lease; };
        return how;
    }
    void pass(world& w, milliseconds time) {
        for (const auto end = w.now + time; w.now < end;) w.tick();
    }
    flow::neighbourhood lease{{{0, flow::wall_time{}}}, true, every_shard, 1};
};

TEST_F(sharing_world, what_was_read_under_a_lease_that_ended_is_not_said) {
    world w(with_neighbours(4));
    for (std::size_t i = 0; i < 4; ++i) w.replace(i, spn, "text");
    w.sink.refusal = make_error_code(std::errc::timed_out);
    pass(w, minutes(2));
    EXPECT_TRUE(w.sink.messages.empty());
    EXPECT_EQ(w.status().unpublished, 4u);
    lease.epoch = 0;
    lease.outbox = 0;
    pass(w, seconds(5));
    {  // whoever had the shards meanwhile has said everything
        auto tx = w.state().begin().value();
        std::vector<std::int64_t> rows;
        const auto lying = tx->outbox(0, 100);
        ASSERT_TRUE(lying);
        for (const auto& row : lying.value()) rows.push_back(row.seq);
        EXPECT_EQ(rows.size(), 4u);
        ASSERT_TRUE(tx->remove_outbox(rows));
        ASSERT_TRUE(tx->commit());
    }
    lease.epoch = 2;
    lease.outbox = every_shard;
    w.sink.refusal = {};
    const auto last = w.replace(0, spn, "the last word");
    pass(w, minutes(5));
    ASSERT_EQ(w.sink.messages.size(), 1u);
    EXPECT_EQ(w.state_of(last), "applied");
}

TEST_F(sharing_world, what_cannot_be_said_here_is_given_back) {
    world w(with_neighbours(4));
    for (std::size_t i = 0; i < 4; ++i) w.replace(i, spn, "text");
    w.sink.refusal = make_error_code(std::errc::timed_out);
    pass(w, minutes(2));
    EXPECT_EQ(w.publishing(), every_shard);
    lease.outbox = 0;
    pass(w, seconds(1));
    EXPECT_EQ(w.publishing(), 0u);
    lease.outbox = every_shard;
    w.sink.refusal = {};
    pass(w, minutes(2));
    EXPECT_EQ(w.sink.messages.size(), 4u) << "it is in the store";
}

TEST_F(sharing_world, cards_of_others_are_not_written_in_a_circle) {
    constexpr std::size_t all = 20;
    world w(with_neighbours(all));
    const auto own = w.msisdn(0);
    w.elsewhere = [&](std::string_view destination) { return destination != own; };
    for (std::size_t i = 0; i < all; ++i) w.replace(i, spn, "text");
    pass(w, minutes(3));
    EXPECT_EQ(w.sink.messages.size(), 1u);
    EXPECT_TRUE(w.sent.size() == 1u && w.sent.front().destination == own);
    for (std::size_t i = 1; i < all; ++i) EXPECT_LT(w.row_of(i).version, 60) << "it was looked at for three minutes";
    w.elsewhere = {};  // its binds have come
    ASSERT_TRUE(w.run(minutes(2)));
    expect_no_violation(w);
}

TEST_F(sharing_world, what_became_of_a_sending_counts_no_more_when_another_instance_has_sent_it_since) {
    auto how = with_neighbours(2);
    how.with.temporary = 1;
    world w(how);
    for (std::size_t i = 0; i < 2; ++i) w.replace(i, spn, "text");
    while (!w.twin_of(1).in_flight) w.tick();
    auto t = w.twin_of(1);
    t.in_flight->holder = 7;
    w.save(1, t, store::standing::active);
    pass(w, milliseconds(200));
    EXPECT_NE(w.twin_of(0).in_flight->retry, 0u);
    EXPECT_EQ(w.twin_of(1).in_flight->retry, 0u);
    EXPECT_EQ(w.twin_of(1).in_flight->submit_failures, 0u);
}

TEST_F(sharing_world, what_ended_elsewhere_is_told_once_when_its_status_is_published) {
    for (const bool alone : {true, false}) {
        auto how = alone ? calm(4) : with_neighbours(4);
        how.corridor.notes = flow::event_notes::ends;
        world w(how);
        std::map<std::string, int> told;
        std::size_t rejected = 0;
        w.on_commit = [&](const flow::commit_report& r) {
            for (const auto& e : r.ended) ++told[e.id + ' ' + std::string(queue::name_of(e.state)) + ' ' + e.reason];
            rejected += r.closed[static_cast<std::size_t>(queue::event_state::rejected)];
        };
        const auto own = w.replace(0, spn, "text");
        {  // a tool cancels an event, and a device tells of another one
            store::id_source tools(store::tools_instance);
            queue::status_event cancelled;
            cancelled.event_source = "//dm";
            cancelled.event_id = "other";
            cancelled.subject = w.iccid(1);
            cancelled.state = "rejected";
            cancelled.reason = "cancelled";
            cancelled.at = w.now;
            auto later = cancelled;
            later.state = "incorporated";
            later.final = false;
            std::vector<store::outbox_row> rows;
            for (const auto& s : {cancelled, later})
                rows.push_back({tools.next(w.now), queue::topic_status, s.subject, queue::serialize_status(s)});
            auto tx = w.state().begin().value();
            ASSERT_TRUE(tx->append_outbox(rows));
            ASSERT_TRUE(tx->commit());
        }
        w.sink.refusal = make_error_code(std::errc::timed_out);
        pass(w, minutes(1));
        EXPECT_EQ(told.count("other rejected cancelled"), 0u) << "nobody knows of it yet";
        w.sink.refusal = {};
        pass(w, minutes(3));
        const std::map<std::string, int> expected{{own + " applied ", 1}, {"other rejected cancelled", 1}};
        EXPECT_EQ(told, expected) << (alone ? "alone" : "with neighbours");
        EXPECT_EQ(rejected, 1u);
    }
}

TEST_F(sharing_world, an_instance_that_drains_begins_nothing_more) {
    constexpr std::size_t all = 20;
    world w(with_neighbours(all));
    w.elsewhere = [](std::string_view) { return true; };
    for (std::size_t i = 0; i < all; ++i) w.replace(i, spn, "text");
    pass(w, seconds(5));
    w.stop_intake();
    w.elsewhere = {};  // all are its own now
    pass(w, minutes(1));
    EXPECT_TRUE(w.sent.empty());
    EXPECT_TRUE(w.settled());
    for (std::size_t i = 0; i < all; ++i) EXPECT_LE(w.row_of(i).due, w.now) << "whoever looks next begins it";
}

TEST_F(sharing_world, an_instance_that_drains_settles_while_others_go_on_writing) {
    world w(with_neighbours(2));
    store::id_source other(7);
    const auto others_write = [&] {
        queue::status_event s;
        s.event_source = "//dm";
        s.event_id = "other";
        s.subject = w.iccid(1);
        s.state = "applied";
        s.at = w.now;
        auto tx = w.state().begin().value();
        ASSERT_TRUE(tx->append_outbox(
            std::vector{store::outbox_row{other.next(w.now), queue::topic_status, s.subject, serialize_status(s)}}));
        ASSERT_TRUE(tx->commit());
    };
    queue::change_event nowhere;
    nowhere.subject = w.iccid(0);
    nowhere.node = "./SC/USIM/Nowhere";
    nowhere.format = "bin";
    nowhere.value = {queue::node_value::kind::text, "AA=="};
    const auto rejected = w.publish(std::move(nowhere));
    const auto under_way = w.replace(1, spn, "text");
    while (w.status().outstanding == 0) {
        others_write();
        w.tick();
    }
    w.stop_intake();
    std::size_t rounds = 0;
    for (; rounds < 1000 && !w.settled(); ++rounds) {
        w.now += milliseconds(20);
        others_write();
        w.tick();
    }
    EXPECT_LT(rounds, 1000u);
    EXPECT_EQ(w.status().outstanding, 0u);
    EXPECT_EQ(w.finals()[rejected], std::vector<std::string>{"rejected"}) << "what it had to say itself is out";
    for (rounds = 0; rounds < 1000 && w.state_of(under_way).empty(); ++rounds) {  // a proof comes while it waits
        w.now += milliseconds(20);
        others_write();
        w.tick();
    }
    EXPECT_EQ(w.finals()[under_way], std::vector<std::string>{"applied"});
}

}  // namespace
}  // namespace ota::simulation
