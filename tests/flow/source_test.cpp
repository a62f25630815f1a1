// The source's side of the corridor: partitions come and go, and the states of cards go out.
#include "tests/flow/rules.hpp"

#include "queue/errc.hpp"

#include <boost/json.hpp>

namespace ota::simulation {
namespace {

std::size_t closed_once(const world& w) {
    const auto finals = w.finals();
    return static_cast<std::size_t>(
        std::ranges::count_if(finals, [](const auto& each) { return each.second.size() == 1; }));
}

TEST(event_source, a_partition_that_went_and_came_back_loses_and_doubles_nothing) {
    auto how = calm(8);
    how.corridor.batch = 3;
    world w(how);
    for (int i = 0; i < 40; ++i) w.replace(static_cast<std::size_t>(i) % 8, spn, "value " + std::to_string(i));
    for (int i = 0; i < 6; ++i) w.tick();
    const auto taken = closed_once(w);
    w.source.take_away();
    for (int i = 0; i < 200; ++i) w.tick();
    EXPECT_LT(closed_once(w), 40u) << "what is another reader's is left alone";
    EXPECT_LE(taken, closed_once(w));
    w.source.give();
    ASSERT_TRUE(w.run(minutes(10)));
    EXPECT_EQ(closed_once(w), 40u);
    expect_no_violation(w);
}

TEST(event_source, what_another_reader_took_in_is_read_by_nobody_else) {
    world w(calm(4));
    w.replace(0, spn, "before");
    ASSERT_TRUE(w.run(minutes(5)));
    const auto other = w.replace(1, spn, "of the other reader");
    {
        auto tx = w.state().begin().value();
        ASSERT_TRUE(tx->move_offset(w.source.name(), 0, 1, {2, 0}));
        ASSERT_TRUE(tx->commit());
    }
    const auto own = w.replace(2, spn, "own");
    w.run(minutes(5));
    EXPECT_EQ(w.state_of(own), "applied");
    EXPECT_EQ(w.state_of(other), "") << "its reader says what became of it";
}

TEST(event_source, a_position_that_cannot_be_found_is_told_and_tried_again) {
    world w(calm(4));
    w.replace(0, spn, "before");
    ASSERT_TRUE(w.run(minutes(5)));
    w.source.refusal = make_error_code(queue::errc::offset_removed);
    w.source.take_away();
    w.source.give();
    const auto id = w.replace(1, spn, "later");
    for (int i = 0; i < 50; ++i) w.tick();
    const auto told = w.status();
    EXPECT_FALSE(told.source_ok);
    EXPECT_EQ(told.why, "event source: partition 0: " + w.source.refusal.message());
    EXPECT_EQ(w.state_of(id), "");
    w.source.refusal = {};
    ASSERT_TRUE(w.run(minutes(5)));
    EXPECT_TRUE(w.status().source_ok);
    EXPECT_EQ(w.state_of(id), "applied");
}

TEST(event_source, a_partition_that_cannot_be_placed_at_the_start_is_placed_later) {
    world w(calm(4));
    w.replace(0, spn, "before");
    ASSERT_TRUE(w.run(minutes(5)));
    w.source.refusal = make_error_code(std::errc::resource_unavailable_try_again);
    w.restart();  // it starts all the same
    const auto id = w.replace(1, spn, "later");
    for (int i = 0; i < 50; ++i) w.tick();
    EXPECT_FALSE(w.status().source_ok);
    w.source.refusal = {};
    ASSERT_TRUE(w.run(minutes(5)));
    EXPECT_EQ(w.state_of(id), "applied");
    EXPECT_TRUE(w.status().source_ok);
}

TEST(card_states, tell_where_each_node_stands_at_most_once_a_commit_and_without_values) {
    auto how = calm(8);
    how.corridor.card_states = true;
    world w(how);
    for (int i = 0; i < 24; ++i) w.replace(static_cast<std::size_t>(i) % 3, spn, "secret text " + std::to_string(i));
    ASSERT_TRUE(w.run(minutes(5)));
    std::map<std::string, boost::json::object> view;  // as a DM server rebuilds it
    std::int64_t last = 0;
    std::size_t messages = 0;
    for (const auto& m : w.sink.messages) {
        if (m.topic != queue::topic_card_state) continue;
        EXPECT_EQ(m.value.find("secret"), std::string::npos);
        const auto said = boost::json::parse(m.value).as_object();
        const auto number = std::stoll(std::string(said.at("id").as_string()));
        EXPECT_GT(number, last);
        last = number;
        EXPECT_EQ(m.key, std::string(said.at("subject").as_string()) + "/SC/USIM/SPN");
        view[m.key] = said.at("data").as_object();
        ++messages;
    }
    ASSERT_EQ(view.size(), 3u);
    EXPECT_LE(messages, 24u * 3);
    for (std::size_t card = 0; card < 3; ++card) {
        const auto& data = view.at(w.iccid(card) + "/SC/USIM/SPN");
        EXPECT_EQ(data.at("state"), "in-sync");
        EXPECT_EQ(data.at("desired"), data.at("reported"));
        EXPECT_EQ(data.at("reported").at("sha256").as_string(),
                  wire::to_hex(secure_channel::sha256(*w.content(card, spn))));
    }
}

}  // namespace
}  // namespace ota::simulation
