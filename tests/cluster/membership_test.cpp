#include "gateway/cluster/membership.hpp"

#include "tests/cluster/virtual_table.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <mutex>
#include <thread>

namespace ota::cluster {
namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr milliseconds life{200};

/// Leases in memory, by the clock of this machine.
class live_table final : public store::lease_table {
public:
    wire::result<std::vector<std::string>> hold(std::string_view holder, milliseconds how_long,
                                                const chooser& choose) override {
        std::lock_guard lock(mutex_);
        ++asked;
        now_ = std::chrono::steady_clock::now();
        inner_.away = away;
        return inner_.hold(holder, how_long, choose);
    }
    void require(std::string_view, std::string_view) override {}
    void leave_mark(std::string m) {
        std::lock_guard lock(mutex_);
        inner_.mark = std::move(m);
    }

    std::atomic<bool> away{false};
    std::atomic<int> asked{0};

private:
    std::mutex mutex_;
    time_point now_{};
    virtual_table inner_{now_};
};

bool eventually(const std::function<bool()>& so) {
    for (int i = 0; i < 1000 && !so(); ++i) std::this_thread::sleep_for(milliseconds(10));
    return so();
}

struct memberships : testing::Test {
    memberships() {
        folder = std::filesystem::temp_directory_path() / ("otagw-membership-" + std::to_string(::getpid()));
        std::filesystem::create_directories(folder);
        table.leave_mark("first");
    }
    ~memberships() override { std::filesystem::remove_all(folder); }

    std::unique_ptr<membership> join(std::string began_with) {
        member_settings what;
        what.routes = {{"a", 2}};
        membership_parts with{table, {}, {}, {}, std::move(began_with)};
        auto who = identity::take(folder.string(), 0, [](std::span<std::uint8_t> out) { std::ranges::fill(out, 7); });
        return std::make_unique<membership>(std::move(what), std::move(who.value()), life, std::move(with));
    }
    static bool is_over(const membership& m) { return std::chrono::steady_clock::now() >= m.current().until; }

    std::filesystem::path folder;
    live_table table;
    std::string why;
};

TEST_F(memberships, go_on_when_the_store_was_away_and_nobody_worked_on_it) {
    const auto m = join("first");
    ASSERT_TRUE(m->start(why)) << why;
    EXPECT_EQ(m->current().binds, std::vector<unsigned>{2});
    table.away = true;
    EXPECT_TRUE(eventually([&] { return is_over(*m); }));
    EXPECT_THAT(m->last_fault(), HasSubstr(make_error_code(store::errc::unreachable).message()));
    table.away = false;
    EXPECT_TRUE(eventually([&] { return !is_over(*m); }));
    EXPECT_EQ(m->current().epoch, 2u);
    EXPECT_THAT(m->last_fault(), IsEmpty());
    EXPECT_FALSE(m->outdated());
}

TEST_F(memberships, are_outdated_when_a_tool_had_the_store_meanwhile) {
    const auto m = join("first");
    ASSERT_TRUE(m->start(why)) << why;
    table.away = true;
    EXPECT_TRUE(eventually([&] { return is_over(*m); }));
    table.leave_mark("second");
    table.away = false;
    EXPECT_TRUE(eventually([&] { return m->outdated(); }));
    EXPECT_TRUE(eventually([&] { return !m->current().refused.empty(); }));
    EXPECT_EQ(m->current().binds, std::vector<unsigned>{0});
    EXPECT_EQ(m->current().epoch, 0u);
}

TEST_F(memberships, do_not_begin_on_what_a_tool_has_changed_since_it_was_read) {
    const auto m = join("what was there before");
    EXPECT_FALSE(m->start(why));
    EXPECT_THAT(why, HasSubstr("a tool had the store for itself"));
    EXPECT_TRUE(m->outdated());
}

TEST_F(memberships, do_not_ask_a_store_that_is_away_to_take_back_what_has_run_out) {
    const auto m = join("first");
    ASSERT_TRUE(m->start(why)) << why;
    table.away = true;
    EXPECT_TRUE(eventually([&] { return is_over(*m); }));
    const int before = table.asked;
    m->leave();
    EXPECT_LE(table.asked, before + 1) << "at most a renewal that was under way";
}

}  // namespace
}  // namespace ota::cluster
