#include "tests/smpp/board.hpp"

#include <gmock/gmock.h>

#include <algorithm>

// Routes that come, change and go while the others work.
namespace ota::smpp {
namespace {

using namespace std::chrono_literals;
using bearer::submit_outcome;
using testing::ElementsAre;
using testing::IsEmpty;
using testing_session::board;
using testing_session::route_named;

route_settings route_to(std::string name, std::vector<std::string> prefixes = {}, int priority = 0) {
    auto r = route_named(std::move(name));
    r.prefixes = std::move(prefixes);
    r.priority = priority;
    return r;
}

/// The last thing said on a link is an unbind; the SMSC takes it and closes.
void take_unbind(board& b, link_id id) {
    const auto said = std::exchange(b.sent[id], {});
    ASSERT_FALSE(said.empty());
    ASSERT_TRUE(std::holds_alternative<unbind>(said.back().what));
    b.hear(id, unbind_resp{}, 0, said.back().sequence_number);
}

class routes_at_work : public ::testing::Test {
protected:
    void with(std::vector<route_settings> routes) {
        b.emplace(std::move(routes));
        b->start();
        for (link_id id = 0; id < b->connects.size(); ++id) b->bind_link(id);
    }
    std::optional<board> b;
};

TEST_F(routes_at_work, the_same_settings_change_nothing) {
    with({route_to("a"), route_to("b", {"44"})});
    b->submit(1);
    const auto said = b->sent[0].size();
    b->set_routes({route_to("a"), route_to("b", {"44"})});
    EXPECT_EQ(b->sent[0].size(), said);
    EXPECT_THAT(b->connects, ElementsAre(0, 1));
    EXPECT_EQ(b->status(0).binds_up, 1u);
    b->answer_all(0);
    EXPECT_THAT(b->outcomes(submit_outcome::accepted), ElementsAre(1));
}

TEST_F(routes_at_work, another_window_and_rate_count_at_once_on_the_binds_that_stand) {
    auto r = route_to("a");
    r.window = 1;
    with({r});
    b->submit(1);
    b->submit(2);
    b->submit(3);
    EXPECT_EQ(b->sent[0].size(), 1u);
    r.window = 2;
    r.rate_in_segments_per_s = 7;
    b->set_routes({r});
    EXPECT_EQ(b->sent[0].size(), 2u);
    EXPECT_EQ(b->status().window, 2u);
    EXPECT_EQ(b->status().rate_in_segments_per_s, 7);
    EXPECT_THAT(b->connects, ElementsAre(0));
    EXPECT_THAT(b->closed, IsEmpty());
}

TEST_F(routes_at_work, what_waits_follows_the_prefixes) {
    auto a = route_to("a");
    a.window = 1;
    with({a, route_to("b", {"44"})});
    b->submit(1);
    b->submit(2);  // waits for a's window
    b->sent[1].clear();
    b->set_routes({a, route_to("b", {"49"})});
    EXPECT_EQ(b->submits(1).size(), 1u);
    EXPECT_EQ(b->status(0).queued, 0u);
}

TEST_F(routes_at_work, a_new_route_connects_and_takes_its_numbers) {
    with({route_to("a")});
    b->set_routes({route_to("new", {"49"}), route_to("a")});
    EXPECT_THAT(b->connects, ElementsAre(0, 1));
    b->bind_link(1);
    b->submit(1);
    EXPECT_EQ(b->submits(1).size(), 1u);
    EXPECT_EQ(b->status(0).name, "new") << "in the order of the settings";
    EXPECT_EQ(b->status(0).binds_up, 1u);
    EXPECT_EQ(b->status(1).name, "a");
}

TEST_F(routes_at_work, one_that_goes_takes_its_answers_and_gives_its_queue_to_others) {
    auto a = route_to("a", {"49"});
    a.window = 1;
    with({a, route_to("b")});
    b->submit(1);
    b->submit(2);
    b->set_routes({route_to("b")});
    EXPECT_EQ(b->submits(1).size(), 1u) << "what waited goes out at once elsewhere";
    b->submit(3);
    EXPECT_EQ(b->submits(1).size(), 1u);
    EXPECT_EQ(b->sent[0].size(), 1u) << "no unbind before its answer, and nothing new";
    b->answer_all(0);
    EXPECT_THAT(b->outcomes(submit_outcome::accepted), ElementsAre(1));
    take_unbind(*b, 0);
    EXPECT_THAT(b->closed, ElementsAre(0));
    b->pass(120s);
    EXPECT_EQ(std::ranges::count(b->connects, link_id{0}), 1) << "it stays closed";
    EXPECT_EQ(b->machine.status(b->at()).size(), 1u);
}

TEST_F(routes_at_work, what_one_that_goes_is_never_answered_is_unknown) {
    with({route_to("a"), route_to("b", {"44"})});
    b->submit(1);
    b->set_routes({route_to("b", {"44"})});
    b->pass(9s);
    EXPECT_THAT(b->submitted, IsEmpty());
    b->pass(60s);
    EXPECT_THAT(b->outcomes(submit_outcome::unknown), ElementsAre(1));
    EXPECT_EQ(b->machine.status(b->at()).size(), 1u) << "it is gone";
}

TEST_F(routes_at_work, without_another_route_what_waits_comes_back) {
    auto a = route_to("a");
    a.window = 1;
    with({a, route_to("b", {"44"})});
    b->submit(1);
    b->submit(2);
    b->set_routes({route_to("b", {"44"})});
    EXPECT_THAT(b->outcomes(submit_outcome::no_route), ElementsAre(2));
}

TEST_F(routes_at_work, what_one_that_goes_could_not_take_for_now_goes_to_others) {
    with({route_to("a", {"49"}), route_to("b")});
    b->submit(1);
    b->set_routes({route_to("b")});
    b->answer_all(0, 0x58);  // ESME_RTHROTTLED
    EXPECT_EQ(b->submits(1).size(), 1u);
}

TEST_F(routes_at_work, other_credentials_unbind_first_and_bind_again_then) {
    auto a = route_to("a");
    a.window = 1;
    with({a});
    b->submit(1);
    b->submit(2);
    a.password = "changed";
    b->set_routes({a});
    b->pass(1s);
    EXPECT_THAT(b->connects, ElementsAre(0)) << "the SMSC counts the old bind until it is down";
    EXPECT_EQ(b->status().queued, 1u);
    b->answer_all(0);
    take_unbind(*b, 0);
    b->pass(100ms);
    ASSERT_THAT(b->connects, ElementsAre(0, 1));
    b->connect(1);
    ASSERT_EQ(b->sent[1].size(), 1u);
    EXPECT_EQ(std::get<bind>(b->sent[1].front().what).password, "changed");
    b->hear(1, bind_resp{bind_kind::transceiver, "smsc", {}}, 0, std::exchange(b->sent[1], {}).front().sequence_number);
    EXPECT_EQ(b->submits(1).size(), 1u);
    EXPECT_EQ(b->status().counters.submits, 2u) << "its totals go on";
    EXPECT_EQ(b->status().counters.accepted, 1u);
    EXPECT_GT(b->machine.wake_at(b->now), b->now);
}

TEST_F(routes_at_work, a_deliver_sm_of_one_that_goes_is_answered_on_its_own_link) {
    with({route_to("a"), route_to("b", {"44"})});
    deliver_sm mo;
    mo.source = {1, 1, "491512345678"};
    mo.esm_class = esm::user_data_header;
    mo.short_message = samples::hex("02710000");
    b->hear(0, mo, 0, 1);
    ASSERT_EQ(b->delivered.size(), 1u);
    b->set_routes({route_to("b", {"44"})});
    EXPECT_THAT(b->sent[0], IsEmpty()) << "no unbind before our answer";
    b->answer(b->delivered.front().token, true);
    ASSERT_EQ(b->sent[0].size(), 2u);
    EXPECT_TRUE(std::holds_alternative<deliver_sm_resp>(b->sent[0].front().what));
    take_unbind(*b, 0);
    // Its place is taken by another route: an answer that comes late, or twice, means nobody there.
    b->set_routes({route_to("c"), route_to("b", {"44"})});
    ASSERT_EQ(b->connects.back(), link_id{0});
    b->bind_link(0);
    b->hear(0, mo, 0, 1);
    b->answer(b->delivered.front().token, true);
    EXPECT_THAT(b->sent[0], IsEmpty());
    b->answer(b->delivered.back().token, true);
    EXPECT_EQ(b->sent[0].size(), 1u);
}

TEST_F(routes_at_work, totals_of_one_that_comes_back_go_on) {
    with({route_to("a"), route_to("b", {"44"})});
    b->submit(1);
    b->answer_all(0);
    for (int round = 0; round < 3; ++round) {
        b->set_routes({route_to("b", {"44"})});
        b->sent[0].resize(std::min<std::size_t>(b->sent[0].size(), 1));
        take_unbind(*b, 0);
        b->set_routes({route_to("a"), route_to("b", {"44"})});
        b->bind_link(0);
        EXPECT_EQ(b->status().counters.submits, 1u);
        EXPECT_EQ(b->status().counters.connects, round + 2u);
    }
    EXPECT_EQ(std::ranges::max(b->connects), 1u) << "places are used again";
}

TEST_F(routes_at_work, more_binds_are_opened_and_fewer_are_given_back) {
    auto a = route_to("a");
    with({a});
    a.binds = 3;
    b->set_routes({a});
    EXPECT_THAT(b->connects, ElementsAre(0, 1, 2));
    b->bind_link(1);
    b->bind_link(2);
    EXPECT_EQ(b->status().binds_up, 3u);
    a.binds = 2;
    b->set_routes({a});
    take_unbind(*b, 2);
    b->pass(5s);
    EXPECT_EQ(b->connects.size(), 3u);
    EXPECT_EQ(b->status().binds_open, 2u);
    a.binds = 3;
    b->set_routes({a});
    EXPECT_THAT(b->connects, ElementsAre(0, 1, 2, 2));
}

TEST_F(routes_at_work, a_pair_becomes_a_transceiver) {
    auto a = route_to("a");
    a.mode = bind_mode::transmitter_receiver;
    with({a});
    EXPECT_EQ(b->connects.size(), 2u);
    a.mode = bind_mode::transceiver;
    b->set_routes({a});
    take_unbind(*b, 0);
    EXPECT_EQ(b->connects.size(), 2u) << "the receiver is still up";
    take_unbind(*b, 1);
    b->pass(100ms);
    EXPECT_EQ(b->connects.size(), 3u);
    b->bind_link(b->connects.back());
    EXPECT_EQ(b->status().binds_up, 1u);
}

TEST_F(routes_at_work, with_other_instances_a_new_route_is_not_ours_before_its_share) {
    b.emplace(std::vector{route_to("a")});
    b->share({{1, 0, time_point::max()}});
    b->start();
    b->bind_link(0);
    b->set_routes({route_to("a"), route_to("new", {"49"})});
    EXPECT_THAT(b->connects, ElementsAre(0));
    b->submit(1);
    EXPECT_THAT(b->outcomes(submit_outcome::elsewhere), ElementsAre(1));
    b->share({{1, 0, time_point::max()}, {1, 0, time_point::max()}});
    EXPECT_THAT(b->connects, ElementsAre(0, 1));
}

TEST_F(routes_at_work, a_shutdown_ends_those_that_go_as_well) {
    with({route_to("a"), route_to("b", {"44"})});
    b->submit(1);
    b->set_routes({route_to("b", {"44"})});
    b->shut_down();
    b->set_routes({route_to("late")});
    b->give_up();
    EXPECT_THAT(b->outcomes(submit_outcome::unknown), IsEmpty());
    for (link_id id : {0, 1}) take_unbind(*b, id);
    EXPECT_TRUE(b->machine.finished());
    EXPECT_THAT(b->outcomes(submit_outcome::unknown), ElementsAre(1));
}

}  // namespace
}  // namespace ota::smpp
