#include "gateway/store/leases.hpp"

#include "tests/store/postgres_cluster.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

namespace ota::store {
namespace {

using std::chrono::milliseconds;
using testing::ElementsAre;
using testing::IsEmpty;
using names = std::vector<std::string>;

constexpr milliseconds long_life{60'000};

/// One process of several on a store.
struct process {
    explicit process(const postgres_home& home, std::string called) : name(std::move(called)) {
        state = std::move(open_postgres(home.options()).value());
        table = state->leases();
    }
    names hold(const names& wanted, milliseconds life = long_life) {
        auto got = table->hold(name, life, [&](const lease_scene& scene) {
            seen.assign(scene.others.begin(), scene.others.end());
            own.assign(scene.own.begin(), scene.own.end());
            lapsed = scene.lapsed;
            mark = scene.mark;
            return wanted;
        });
        EXPECT_TRUE(got) << got.error().message();
        return got ? got.value() : names{};
    }
    std::error_code commit() {
        auto tx = state->begin();
        if (!tx) return tx.error();
        if (auto set = tx.value()->set_value("by", name); !set) return set.error();
        const auto done = tx.value()->commit();
        return done ? std::error_code() : done.error();
    }
    /// What the others have, as it was seen by a call that changes nothing of ours.
    names others(const names& ours) {
        (void)hold(ours);
        names out;
        for (const auto& each : seen)
            if (each.left.count() > 0) out.push_back(each.name + "=" + each.holder);
        std::ranges::sort(out);
        return out;
    }

    std::string name;
    std::unique_ptr<store> state;
    lease_table* table = nullptr;
    std::vector<lease> seen;
    names own;
    bool lapsed = false;
    std::string mark;
};

struct leases : testing::Test {
    postgres_home home;
    process a{home, "a"}, b{home, "b"};

    /// Until the store's clock is past them.
    void wait_until_over(process& looker, const std::string& name) {
        for (int i = 0; i < 400; ++i) {
            (void)looker.hold({});
            for (const auto& each : looker.seen)
                if (each.name == name && each.left.count() <= 0) return;
            std::this_thread::sleep_for(milliseconds(50));
        }
        FAIL() << name << " did not end";
    }
};

TEST_F(leases, a_name_has_one_holder) {
    EXPECT_THAT(a.hold({"x", "y", "x"}), ElementsAre("x", "y"));
    EXPECT_THAT(b.hold({"x", "z"}), ElementsAre("z"));
    EXPECT_THAT(b.others({"z"}), ElementsAre("x=a", "y=a"));
    EXPECT_THAT(a.hold({"y"}), ElementsAre("y")) << "x is free now";
    EXPECT_THAT(b.hold({"x", "y", "z"}), ElementsAre("x", "z"));
    EXPECT_THAT(a.others({"y"}), ElementsAre("x=b", "z=b"));
}

TEST_F(leases, one_that_ran_out_is_seen_and_can_be_taken) {
    EXPECT_THAT(a.hold({"x"}, milliseconds(100)), ElementsAre("x"));
    wait_until_over(b, "x");
    EXPECT_THAT(b.hold({"x"}), ElementsAre("x"));
    EXPECT_THAT(a.hold({"x"}), IsEmpty());
}

TEST_F(leases, the_same_holder_goes_on_after_a_restart) {
    EXPECT_THAT(a.hold({"x"}), ElementsAre("x"));
    process again{home, "a"};
    EXPECT_THAT(again.hold({"x"}), ElementsAre("x"));
}

TEST_F(leases, say_whether_they_ran_out_and_what_tools_left) {
    (void)a.hold({"x", "y"});
    EXPECT_TRUE(a.lapsed) << "nothing was held";
    (void)a.hold({"x"});
    EXPECT_FALSE(a.lapsed);
    std::ranges::sort(a.own);
    EXPECT_THAT(a.own, ElementsAre("x", "y"));
    EXPECT_EQ(a.mark, "");
    (void)a.hold({"x"}, milliseconds(1));
    wait_until_over(b, "x");
    {
        auto tx = b.state->begin().value();
        ASSERT_TRUE(tx->set_value(tool_mark, "of a tool"));
        ASSERT_TRUE(tx->commit());
    }
    auto locks = b.state->begin().value();  // and stands still
    EXPECT_EQ(locks->value(tool_mark).value(), "of a tool");
    (void)a.hold({"x"});
    EXPECT_TRUE(a.lapsed);
    EXPECT_EQ(a.mark, "of a tool");
}

TEST_F(leases, names_may_hold_any_octets) {
    const std::string odd("bind/'; DROP \\x00\0\xff", 20);
    EXPECT_THAT(a.hold({odd}), ElementsAre(odd));
    a.table->require(odd, "a");
    EXPECT_FALSE(a.commit());
}

TEST_F(leases, r5_nothing_is_committed_without_the_lease) {
    a.table->require("instance/1", "a");
    EXPECT_EQ(a.commit(), make_error_code(errc::fenced)) << "not held yet";
    EXPECT_THAT(a.hold({"instance/1"}), ElementsAre("instance/1"));
    EXPECT_FALSE(a.commit());
    (void)a.hold({"instance/1"}, milliseconds(1));
    wait_until_over(b, "instance/1");
    EXPECT_EQ(a.commit(), make_error_code(errc::fenced)) << "over, though nobody has taken it";
    EXPECT_THAT(b.hold({"instance/1"}), ElementsAre("instance/1"));
    EXPECT_EQ(a.commit(), make_error_code(errc::fenced)) << "another one's";
    EXPECT_FALSE(b.commit()) << "of others nothing is required";
    (void)b.hold({});
    EXPECT_THAT(a.hold({"instance/1"}), ElementsAre("instance/1"));
    EXPECT_FALSE(a.commit());
}

TEST_F(leases, a_takeover_waits_for_a_commit_that_has_passed_the_fence) {
    (void)a.hold({"instance/1"}, milliseconds(1));
    wait_until_over(b, "instance/1");
    auto& cluster = postgres_cluster::shared();
    // What a commit does first, held for a while by a session of its own.
    std::thread slow([&] {
        cluster.run(home.name(),
                    "BEGIN; SELECT 1 FROM otagw.lease WHERE name = 'instance/1' AND holder = 'a' FOR KEY SHARE; "
                    "SELECT pg_sleep(0.5); INSERT INTO otagw.named_value VALUES ('slow', ''); COMMIT");
    });
    for (bool begun = false; !begun;)
        begun =
            cluster.run(
                home.name(),
                "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(0.5)%' AND pid <> pg_backend_pid() "
                "AND wait_event = 'PgSleep'") == "1";
    EXPECT_THAT(b.hold({"instance/1"}), ElementsAre("instance/1"));
    EXPECT_EQ(cluster.run(home.name(), "SELECT count(*) FROM otagw.named_value WHERE name = 'slow'"), "1");
    slow.join();
}

TEST_F(leases, a_process_that_stands_still_in_between_holds_up_nobody) {
    std::atomic<bool> stands{false}, others_went_on{false};
    names of_a{"unknown"};
    std::thread still([&] {
        const auto held = a.table->hold("a", long_life, [&](auto) {
            stands = true;
            for (int i = 0; i < 600 && !others_went_on; ++i) std::this_thread::sleep_for(milliseconds(50));
            return names{"x"};
        });
        of_a = held ? held.value() : names{};
    });
    while (!stands) std::this_thread::yield();
    for (int i = 0; i < 10 && !others_went_on; ++i)  // each try waits for some seconds
        others_went_on = b.table->hold("b", long_life, [](auto) { return names{"x"}; }).has_value();
    EXPECT_TRUE(others_went_on) << "the other one still stands there";
    others_went_on = true;
    still.join();
    EXPECT_THAT(of_a, IsEmpty()) << "its transaction was ended";
    EXPECT_THAT(a.others({}), ElementsAre("x=b"));
}

TEST_F(leases, go_on_after_the_server_was_away) {
    EXPECT_THAT(a.hold({"x"}), ElementsAre("x"));
    postgres_cluster::shared().stop();
    const auto refused = a.table->hold("a", long_life, [](auto) { return names{"x"}; });
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error(), make_error_code(errc::unreachable));
    postgres_cluster::shared().start();
    EXPECT_THAT(a.hold({"x"}), ElementsAre("x"));
}

}  // namespace
}  // namespace ota::store
