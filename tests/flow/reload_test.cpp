// Another profile is in force while packets of the one before are under way: they keep what they were recorded with.
#include "tests/flow/bad_day.hpp"
#include "tests/flow/rules.hpp"

#include "gateway/flow/file_place.hpp"
#include "gateway/flow/reasons.hpp"
#include "queue/base64.hpp"

#include <utility>

namespace ota::simulation {
namespace {

constexpr const char* left = "./SC/USIM/Left";
constexpr const char* other = "./SC/USIM/Other";

template <class F>
std::shared_ptr<const card_profile> changed(const card_profile& from, F&& change) {
    auto p = std::make_shared<card_profile>(from);
    p->hash = from.hash + 1;
    change(*p);
    return p;
}

/// The first packet is on the air when the profile becomes another one.
void reload_in_flight(world& w, std::shared_ptr<const card_profile> next, bool reaches_card = true) {
    w.on_air = [&w, next = std::move(next), reaches_card, first = true](const bearer::submission&) mutable {
        if (!std::exchange(first, false)) return true;
        w.reload(next);
        return reaches_card;
    };
}

std::uint8_t spi2_of(const sighting& s) { return s.user_data.at(7); }  // UDHL, IEI, IEDL, CPL (2), CHL, SPI (2)

wire::octets text_of(std::string value) {
    value.resize(40, ' ');
    return {value.begin(), value.end()};
}

TEST(reload, a_proof_is_opened_as_its_packet_asked_for_it) {
    world w(calm());
    const auto id = w.replace(0, spn, "A");
    reload_in_flight(w, changed(*w.opts.profile, [](card_profile& p) { p.spi.spi2 = 0x09; }));
    ASSERT_TRUE(w.run(minutes(5)));
    EXPECT_EQ(w.state_of(id), "applied");
    ASSERT_EQ(w.sent.size(), 1u) << "its proof was taken, in spite of what the profile asks for now";
    w.replace(0, spn, "B");
    ASSERT_TRUE(w.run(minutes(5)));
    ASSERT_EQ(w.sent.size(), 2u);
    EXPECT_EQ(spi2_of(w.sent[0]), 0x19);
    EXPECT_EQ(spi2_of(w.sent[1]), 0x09);
    expect_no_violation(w);
}

TEST(reload, a_repeat_is_the_recorded_octets) {
    world w(calm());
    const auto id = w.replace(0, spn, "A");
    reload_in_flight(w,
                     changed(*w.opts.profile,
                             [](card_profile& p) {
                                 p.spi.spi2 = 0x09;
                                 p.max_segments = 1;
                                 p.wide_reference = true;
                             }),
                     false);
    ASSERT_TRUE(w.run(minutes(30)));
    EXPECT_EQ(w.state_of(id), "applied");
    ASSERT_EQ(w.sent.size(), 2u);
    EXPECT_EQ(w.sent[0].user_data, w.sent[1].user_data);
    expect_no_violation(w);
}

TEST(reload, a_node_that_is_gone_ends_by_the_proof_that_is_under_way) {
    world w(calm());
    const auto sent = w.replace(0, spn, "A");
    reload_in_flight(w, changed(*w.opts.profile, [](card_profile& p) { p.nodes.erase(p.nodes.find(spn)); }));
    ASSERT_TRUE(w.run(minutes(5)));
    EXPECT_EQ(w.state_of(sent), "applied");
    const auto late = w.replace(0, spn, "B");
    ASSERT_TRUE(w.run(minutes(5)));
    EXPECT_EQ(w.reason_of(late), flow::reason::unknown_node);
    expect_no_violation(w);
}

TEST(reload, what_was_written_into_another_file_is_written_into_the_nodes_own) {
    world w(calm(1, profile_with_a_pair()));
    const auto id = w.replace(0, left, "here");
    reload_in_flight(w,
                     changed(*w.opts.profile, [](card_profile& p) { p.nodes.at(left).path = p.nodes.at(other).path; }));
    ASSERT_TRUE(w.run(minutes(30)));
    EXPECT_EQ(w.state_of(id), "applied");
    EXPECT_EQ(w.sent.size(), 2u);
    EXPECT_EQ(w.content(0, other), text_of("here"));
}

TEST(reload, what_is_confirmed_of_another_file_is_not_confirmed) {
    world w(calm(1, profile_with_a_pair()));
    w.replace(0, left, "here");
    ASSERT_TRUE(w.run(minutes(5)));
    w.reload(changed(*w.opts.profile, [](card_profile& p) { p.nodes.at(left).path = p.nodes.at(other).path; }));
    const auto again = w.replace(0, left, "here");
    ASSERT_TRUE(w.run(minutes(5)));
    EXPECT_EQ(w.state_of(again), "applied");
    EXPECT_NE(w.reason_of(again), flow::reason::no_change);
    EXPECT_EQ(w.content(0, other), text_of("here"));
}

TEST(reload, a_refusal_of_a_wrong_file_fails_nothing_once_it_is_mended) {
    auto o = calm(1, profile_with_a_pair());
    o.gateway_profile =
        changed(*o.profile, [](card_profile& p) { p.nodes.at(left).path.back() = 0x6FEE; });  // the card has none
    world w(std::move(o));
    const auto id = w.replace(0, left, "here");
    reload_in_flight(w, w.opts.profile);
    ASSERT_TRUE(w.run(minutes(30)));
    EXPECT_EQ(w.state_of(id), "applied");
    EXPECT_EQ(w.content(0, left), text_of("here"));
    expect_no_violation(w);
}

TEST(reload, what_does_not_fit_a_smaller_file_fails) {
    world w(calm(1, profile_with_a_pair()));
    w.replace(0, acc, "1");
    (void)w.run(std::chrono::milliseconds(3));
    ASSERT_EQ(w.sent.size(), 1u);
    const auto large = w.replace(0, left, "made for forty octets");
    (void)w.run(std::chrono::milliseconds(1));
    w.reload(changed(*w.opts.profile, [](card_profile& p) { p.nodes.at(left).size = 20; }));
    ASSERT_TRUE(w.run(minutes(30)));
    EXPECT_EQ(w.state_of(large), "failed");
    EXPECT_EQ(w.reason_of(large), flow::reason::too_large);
    EXPECT_EQ(w.sent.size(), 1u);
}

TEST(reload, without_its_profile_a_card_waits_and_goes_on_when_it_is_back) {
    world w(calm());
    const auto under_way = w.replace(0, spn, "A");
    reload_in_flight(w, nullptr);
    (void)w.run(minutes(2));
    EXPECT_EQ(w.state_of(under_way), "") << "its proof cannot be judged now";
    const auto meanwhile = w.replace(0, acc, "B");
    (void)w.run(minutes(2));
    EXPECT_EQ(w.reason_of(meanwhile), flow::reason::unknown_profile);
    EXPECT_EQ(w.sent.size(), 1u);
    w.reload(w.opts.profile);
    ASSERT_TRUE(w.run(hours(3)));
    EXPECT_EQ(w.state_of(under_way), "applied");
    expect_no_violation(w);
}

TEST(reload, without_its_profile_what_waits_for_a_card_still_expires) {
    world w(calm());
    w.replace(0, acc, "1");
    (void)w.run(std::chrono::milliseconds(3));
    queue::change_event e = event_for(w, queue::operation::replace, spn);
    e.format = "bin";
    e.value = {queue::node_value::kind::text, queue::to_base64(wire::octets(w.opts.profile->find(spn)->size, 0x41))};
    e.expires_at = w.now + minutes(10);
    const auto id = w.publish(e);
    (void)w.run(std::chrono::milliseconds(1));
    w.reload(nullptr);
    (void)w.run(minutes(15));
    EXPECT_EQ(w.state_of(id), "expired");
    EXPECT_EQ(w.sent.size(), 1u);
}

TEST(reload, other_times_and_limits_are_no_other_file) {
    const auto p = profile_with_a_pair();
    flow::node_state n;
    n.uri = left;
    n.place = flow::place_of(*p, n);
    EXPECT_NE(n.place, 0u);
    EXPECT_FALSE(flow::is_moved(*changed(*p,
                                         [](card_profile& c) {
                                             c.validity *= 2;
                                             c.max_segments = 1;
                                             c.spi.spi1 = 0x12;
                                         }),
                                n));
    EXPECT_TRUE(flow::is_moved(*changed(*p, [](card_profile& c) { c.nodes.at(left).size = 41; }), n));
    EXPECT_TRUE(flow::is_moved(*changed(*p, [](card_profile& c) { c.nodes.at(left).path.front() = 0x7F20; }), n));
    EXPECT_TRUE(flow::is_moved(
        *changed(*p, [](card_profile& c) { c.nodes.at(left).structure = file_structure::linear_fixed; }), n));
    n.place = 0;  // of a twin that a program before this one wrote
    EXPECT_FALSE(flow::is_moved(*changed(*p, [](card_profile& c) { c.nodes.at(left).size = 41; }), n));
}

TEST(reload, a_twin_keeps_the_places_of_its_files) {
    flow::twin t;
    t.nodes.resize(2);
    t.nodes[0].uri = left;
    t.nodes[0].place = 0x7FFFF;
    t.nodes[1].uri = spn;
    const auto back = flow::parse_twin(flow::serialize_twin(t, {}), {});
    ASSERT_TRUE(back);
    EXPECT_EQ(back.value().nodes[0].place, 0x7FFFFu);
    EXPECT_EQ(back.value().nodes[1].place, 0u);
}

}  // namespace
}  // namespace ota::simulation
