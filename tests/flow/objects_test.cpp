// Management objects through the corridor: change events on their nodes, files of a card that only the control file attests.
#include "gateway/flow/intake.hpp"
#include "gateway/flow/object_shadow.hpp"
#include "gateway/profile/load_profiles.hpp"
#include "gateway/profile/object_files.hpp"
#include "management-object/card_image.hpp"
#include "sandbox/uicc/object_reader.hpp"
#include "tests/flow/rules.hpp"

#include <boost/json.hpp>

#include <random>

namespace ota::simulation {
namespace {

namespace mo = management_object;

constexpr const char* address = "./IMPS/AppAddr/x/Addr";
constexpr const char* port = "./IMPS/AppAddr/x/Port/x/PortNbr";
constexpr const char* name_of_service = "./IMPS/Name";

std::shared_ptr<card_profile> object_profile() {
    config::faults faults;
    profile_set read;
    const auto file = std::string(OTA_SOURCE_DIR) + "/config/profiles/usim-aes-dm.yaml";
    load_profiles(config::document::load(file, faults).root().at("profiles"), read);
    EXPECT_TRUE(faults.list().empty());
    auto p = std::make_shared<card_profile>(*read.at("usim-aes-dm"));
    p->answer_timeout = std::chrono::seconds(60);
    p->validity = std::chrono::minutes(10);
    p->validity_margin = std::chrono::minutes(1);
    p->retry_backoff = std::chrono::seconds(5);
    p->pause_sample = 1000;
    return p;
}

class object_world : public world {
public:
    explicit object_world(options o = calm(1, object_profile())) : world(std::move(o)) {}

    std::string change(queue::operation op, const std::string& node, const std::string& value = {}, std::size_t card = 0,
                       std::function<void(queue::change_event&)> more = {}) {
        queue::change_event e;
        e.subject = iccid(card);
        e.op = op;
        e.node = node;
        if (op == queue::operation::add || op == queue::operation::replace) e.value = {queue::node_value::kind::text, value};
        if (more) more(e);
        return publish(std::move(e));
    }
    std::string replace_leaf(const std::string& node, const std::string& value, std::size_t card = 0) {
        return change(queue::operation::replace, node, value, card);
    }
    /// What a device finds on the card.
    sandbox::objects_on_card on_card(std::size_t card = 0) {
        auto terminal = network().terminal(card);
        return sandbox::read_objects([&](wire::octet_view c) { return terminal.transmit(c); }).value();
    }
    /// The value of a node, as a device would take it over; nothing when the object is torn, or has no such node.
    std::optional<std::string> value(const std::string& node, std::size_t card = 0) {
        const auto& object = *opts.profile->find_object(node);
        for (const auto& each : on_card(card).objects) {
            const auto file = each.entry.path.back();
            if (file != object.file_identifier() && file != object.spare_identifier()) continue;
            if (!each.whole() || !each.image) return std::nullopt;
            auto read = mo::get_from_image(*each.image, mo::parse_uri("." + node.substr(object.uri.size())).value());
            return read ? std::optional(read.value()) : std::nullopt;
        }
        return std::nullopt;
    }
    std::size_t messages() const { return sent.size(); }
    std::string told(const std::string& id, const char* member) const {
        for (const auto& m : sink.messages) {
            if (m.topic != queue::topic_status) continue;
            const auto v = boost::json::parse(m.value);
            const auto& data = v.at("data").as_object();
            if (data.at("event_id").as_string() == id && data.if_contains(member) != nullptr) return std::string(data.at(member).as_string());
        }
        return {};
    }
};

TEST(management_object, a_new_value_reaches_the_card_and_is_attested_by_the_control_file) {
    object_world w;
    const auto before = w.on_card().control->generation;
    const auto id = w.replace_leaf(address, "imps.new.example.org");
    EXPECT_TRUE(w.run(minutes(5)));
    EXPECT_EQ(w.state_of(id), "applied") << w.reason_of(id);
    EXPECT_EQ(w.value(address), "imps.new.example.org");
    EXPECT_EQ(w.on_card().control->generation, before + 1);
    EXPECT_TRUE(w.twin_of(0).find("./IMPS")->confirmed);
    expect_no_violation(w);
}

TEST(management_object, a_change_of_twenty_octets_on_a_known_card_is_one_message) {
    object_world w;
    w.replace_leaf(address, "imps-1.example.org/a");
    ASSERT_TRUE(w.run(minutes(5)));
    const auto before = w.messages();
    for (const auto* value : {"imps-2.example.org/b", "imps-3.example.org/longer"}) {
        const auto id = w.replace_leaf(address, value);
        ASSERT_TRUE(w.run(minutes(5)));
        EXPECT_EQ(w.state_of(id), "applied");
        EXPECT_EQ(w.value(address), value);
    }
    EXPECT_EQ(w.messages(), before + 2);
    expect_no_violation(w);
}

TEST(management_object, five_leaves_of_one_object_are_at_most_two_messages) {
    object_world w;
    w.replace_leaf(address, "imps-1.example.org/a");
    ASSERT_TRUE(w.run(minutes(5)));
    const auto before = w.messages();
    std::vector<std::string> ids;
    for (const auto& [node, value] : std::vector<std::pair<std::string, std::string>>{
             {address, "imps-2.example.org/b"}, {port, "5223"}, {name_of_service, "New chat"}, {"./IMPS/CIDPrefix", "bob"}, {"./IMPS/Services", "IM"}}) {
        ids.push_back(w.replace_leaf(node, value));
    }
    ASSERT_TRUE(w.run(minutes(5)));
    for (const auto& id : ids) EXPECT_EQ(w.state_of(id), "applied") << w.reason_of(id);
    EXPECT_LE(w.messages(), before + 2);
    EXPECT_EQ(w.value(port), "5223");
    EXPECT_EQ(w.value("./IMPS/CIDPrefix"), "bob");
    expect_no_violation(w);
}

TEST(management_object, a_newer_value_of_the_same_leaf_supersedes_and_others_stay) {
    object_world w;
    const auto first = w.replace_leaf(address, "a.example.org");
    const auto other = w.replace_leaf(port, "1");
    const auto second = w.replace_leaf(address, "b.example.org");
    ASSERT_TRUE(w.run(minutes(5)));
    EXPECT_EQ(w.state_of(first), "superseded");
    EXPECT_EQ(w.state_of(other), "applied");
    EXPECT_EQ(w.state_of(second), "applied");
    EXPECT_EQ(w.value(address), "b.example.org");
    EXPECT_EQ(w.value(port), "1");
    expect_no_violation(w);
}

TEST(management_object, an_event_that_comes_while_another_is_under_way_builds_on_it) {
    object_world w;
    const auto first = w.replace_leaf(address, "a.example.org");
    for (int i = 0; i < 200 && !w.twin_of(0).in_flight; ++i) w.tick();
    const auto second = w.replace_leaf(port, "77");
    ASSERT_TRUE(w.run(minutes(5)));
    EXPECT_EQ(w.state_of(first), "applied");
    EXPECT_EQ(w.state_of(second), "applied");
    EXPECT_EQ(w.value(address), "a.example.org");
    EXPECT_EQ(w.value(port), "77");
    expect_no_violation(w);
}

TEST(management_object, nodes_are_added_deleted_and_copied) {
    object_world w;
    constexpr const char* another = "./IMPS/AppAddr/y";
    const auto tree = w.change(queue::operation::copy, another, {}, 0, [](auto& e) { e.copy_from = "./IMPS/AppAddr/x"; });
    const auto leaf = w.replace_leaf("./IMPS/AppAddr/y/Addr", "second.example.org");
    ASSERT_TRUE(w.run(minutes(5)));
    EXPECT_EQ(w.state_of(tree), "applied") << w.reason_of(tree);
    EXPECT_EQ(w.state_of(leaf), "applied") << w.reason_of(leaf);
    EXPECT_EQ(w.value("./IMPS/AppAddr/y/Addr"), "second.example.org");
    EXPECT_EQ(w.value(address), "imps.old.example.org");
    const auto gone = w.change(queue::operation::erase, another);
    ASSERT_TRUE(w.run(minutes(5)));
    EXPECT_EQ(w.state_of(gone), "applied") << w.reason_of(gone);
    EXPECT_EQ(w.value("./IMPS/AppAddr/y/Addr"), std::nullopt);
    EXPECT_EQ(w.value(address), "imps.old.example.org");
    expect_no_violation(w);
}

TEST(management_object, what_the_tree_does_not_allow_is_rejected_and_costs_no_change) {
    object_world w;
    w.replace_leaf(address, "a.example.org");
    ASSERT_TRUE(w.run(minutes(5)));
    const auto before = w.messages();
    const auto missing = w.replace_leaf("./IMPS/Nowhere/x", "v");
    const auto exists = w.change(queue::operation::add, name_of_service, "v");
    const auto mirror = w.replace_leaf("./DevInfo/DevId", "v");
    const auto executed = w.change(queue::operation::exec, name_of_service);
    const auto elsewhere = w.replace_leaf("./Nothing/here", "v");
    ASSERT_TRUE(w.run(minutes(5)));
    EXPECT_EQ(w.reason_of(missing), "not-found");
    EXPECT_EQ(w.reason_of(exists), "already-exists");
    EXPECT_EQ(w.reason_of(mirror), "not-writable");
    EXPECT_EQ(w.reason_of(executed), "not-executable");
    EXPECT_EQ(w.reason_of(elsewhere), "unknown-node");
    for (const auto& id : {missing, exists, mirror, executed, elsewhere}) EXPECT_EQ(w.state_of(id), "rejected");
    EXPECT_EQ(w.messages(), before);
    expect_no_violation(w);
}

TEST(management_object, get_reads_a_value_through_the_card) {
    object_world w;
    const auto id = w.change(queue::operation::get, address);
    const auto none = w.change(queue::operation::get, "./IMPS/Nothing");
    ASSERT_TRUE(w.run(minutes(10)));
    EXPECT_EQ(w.state_of(id), "applied") << w.reason_of(id);
    EXPECT_EQ(w.told(id, "value"), "aW1wcy5vbGQuZXhhbXBsZS5vcmc=");  // imps.old.example.org
    EXPECT_EQ(w.state_of(none), "failed");
    EXPECT_EQ(w.reason_of(none), "not-found");
    expect_no_violation(w);
}

TEST(management_object, a_cancelled_change_is_taken_out_of_those_that_wait_with_it) {
    object_world w;
    flow::twin t;
    flow::effects fx;
    const auto& profile = *w.opts.profile;
    const auto take = [&](flow::event_seq seq, const char* node, const char* value) {
        queue::change_event e;
        e.op = queue::operation::replace;
        e.node = node;
        e.value = {queue::node_value::kind::text, value};
        return flow::take_in(t, profile, e, seq, hours(1), w.now, fx);
    };
    (void)take(1, address, "a.example.org");
    (void)take(2, port, "77");
    EXPECT_TRUE(flow::cancel(t, &profile, 1, fx));
    const auto& desired = t.find("./IMPS")->desired;
    EXPECT_EQ(mo::get_from_image(desired, mo::parse_uri("./AppAddr/x/Addr").value()).value(), "imps.old.example.org");
    EXPECT_EQ(mo::get_from_image(desired, mo::parse_uri("./AppAddr/x/Port/x/PortNbr").value()).value(), "77");
    EXPECT_EQ(t.find("./IMPS")->desired_version, 2);
    EXPECT_TRUE(flow::cancel(t, &profile, 2, fx));
    EXPECT_FALSE(t.find("./IMPS")->wanted);
}

TEST(management_object, a_twin_with_objects_is_kept_and_read_again) {
    object_world w;
    w.replace_leaf(address, "a.example.org");
    for (int i = 0; i < 60; ++i) {
        w.tick();
        w.restart();
    }
    ASSERT_TRUE(w.run(minutes(60)));
    EXPECT_EQ(w.value(address), "a.example.org");
    expect_no_violation(w);
}

TEST(management_object, a_card_that_was_written_by_somebody_else_is_read_first) {
    object_world w;
    // The other hand changes a leaf and, as it should, the control file.
    auto other = object_profile();
    const auto& object = *other->find_object("./IMPS");
    auto image = mo::change_image(object.factory_image, {.at = mo::parse_uri("./Name").value(), .value = "Their chat"},
                                  mo::parse_uri("./IMPS").value(), form_of(object)).value();
    w.network().put(0, object.file, image);
    auto control = mo::with_image(factory_control(*other), object.file_identifier(), object.file_identifier(), image);
    w.network().put(0, other->objects_at->control, control_image(*other, *control));
    const auto id = w.replace_leaf(address, "a.example.org");
    ASSERT_TRUE(w.run(minutes(30)));
    EXPECT_EQ(w.state_of(id), "applied") << w.reason_of(id);
    EXPECT_EQ(w.value(address), "a.example.org");
    EXPECT_EQ(w.value(name_of_service), "Their chat") << "what the gateway did not change stays";
    expect_no_violation(w);
}

TEST(management_object, a_card_whose_control_file_is_torn_gets_it_whole) {
    object_world w;
    const auto& control = w.opts.profile->objects_at->control;
    w.network().put(0, control, wire::octets(control.size, 0x5A));
    const auto id = w.replace_leaf(address, "a.example.org");
    ASSERT_TRUE(w.run(minutes(30)));
    EXPECT_EQ(w.state_of(id), "applied") << w.reason_of(id);
    EXPECT_EQ(w.value(address), "a.example.org");
    expect_no_violation(w);
}

TEST(management_object, a_card_without_the_files_refuses_and_is_not_asked_for_ever) {
    auto believed = object_profile();
    auto real = std::make_shared<card_profile>(*profile_with(believed->spi.spi1, believed->spi.spi2));
    real->name = believed->name;
    real->kic_algorithm = believed->kic_algorithm;
    real->kid_algorithm = believed->kid_algorithm;
    real->applications = believed->applications;
    auto o = calm(1, real);
    o.gateway_profile = believed;
    object_world w(std::move(o));
    const auto id = w.replace_leaf(address, "a.example.org");
    ASSERT_TRUE(w.run(hours(3)));
    EXPECT_EQ(w.state_of(id), "failed");
    EXPECT_EQ(w.reason_of(id), "card-refused");
    EXPECT_LE(w.messages(), 4u);
}

/// Bad days: whatever is lost, doubled, cut or restarted, each event has one final state, no device ever sees a mix, and in the end
/// the card holds what is desired.
class object_days : public testing::TestWithParam<std::tuple<std::uint8_t, std::uint64_t>> {};

TEST_P(object_days, end_with_the_desired_objects_and_never_a_mix) {
    const auto [spi1, seed] = GetParam();
    auto profile = object_profile();
    profile->spi.spi1 = spi1;
    options o = calm(3, profile);
    o.seed = seed;
    o.with = {.loss = 0.05, .answer_loss = 0.08, .duplicate = 0.03, .reorder = 0.05, .temporary = 0.03, .response_lost = 0.03,
              .receipt_lost = 0.2, .answer_twice = 0.03, .restart = 0.01, .power_cut = 0.05, .undelivered = 0.02, .forged = 0};
    object_world w(std::move(o));
    std::mt19937_64 dice(seed);
    const std::vector<std::string> leaves{address, port, name_of_service, "./IMPS/CIDPrefix", "./Email/Name", "./DMAcc/Operator/Name"};
    std::map<std::pair<std::size_t, std::string>, std::set<std::string>> ever;
    for (std::size_t card = 0; card < 3; ++card) {
        for (const auto& leaf : leaves) {
            if (auto v = w.value(leaf, card)) ever[{card, leaf}].insert(*v);
        }
    }
    for (int round = 0; round < 25; ++round) {
        const auto card = dice() % 3;
        const auto& leaf = leaves[dice() % leaves.size()];
        const auto value = "value-" + std::to_string(round) + std::string(dice() % 24, 'v');
        ever[{card, leaf}].insert(value);
        w.replace_leaf(leaf, value, card);
        for (auto steps = dice() % 12; steps > 0; --steps) {
            w.tick();
            for (const auto& each : leaves) {  // what a device takes over at any moment is a value that was wanted once
                if (const auto v = w.value(each, card)) {
                    EXPECT_TRUE((ever[{card, each}].contains(*v))) << each << " is " << *v;
                }
            }
        }
    }
    EXPECT_TRUE(w.run(hours(48)));
    expect_no_violation(w);
}

INSTANTIATE_TEST_SUITE_P(seeds, object_days, testing::Combine(testing::Values(0x16, 0x1E, 0x06), testing::Range<std::uint64_t>(1, std::getenv("OTAGW_LONG") != nullptr ? 150 : 9)),
                         [](const auto& param) {
                             const auto spi1 = std::get<0>(param.param);
                             return std::string(spi1 == 0x16 ? "higher" : spi1 == 0x1E ? "exactly_one" : "unchecked") + "_" +
                                    std::to_string(std::get<1>(param.param));
                         });

}  // namespace
}  // namespace ota::simulation
