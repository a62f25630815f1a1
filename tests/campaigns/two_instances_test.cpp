#include "gateway/campaigns/errc.hpp"
#include "tests/campaigns/campaign_world.hpp"
#include "tests/store/postgres_cluster.hpp"

#include <atomic>
#include <thread>

namespace ota::campaigns::testing {
namespace {

using std::chrono::seconds;

/// Two processes on one database, each with a store of its own.
class two_instances : public world {
protected:
    two_instances() : database(store::postgres_cluster::shared().make_database()) {
        state = std::move(store::open_postgres(store::postgres_cluster::shared().options(database)).value());
        other = std::move(store::open_postgres(store::postgres_cluster::shared().options(database)).value());
    }
    ~two_instances() override {
        running.reset();
        desks.clear();
        state.reset();
        other.reset();
        store::postgres_cluster::shared().drop_database(database);
    }
    std::unique_ptr<runner> instance(store::store& on, const std::string& name) {
        return std::make_unique<runner>(
            drive_parts{desk(on), [this](const std::vector<queue::message>& batch) { return publish(batch); }, name,
                        true},
            [this](const std::string& fault) {
                std::lock_guard lock(mutex);
                faults_told.push_back(fault);
            });
    }
    wire::result<void> publish(const std::vector<queue::message>& batch) override {
        std::lock_guard lock(mutex);
        return world::publish(batch);
    }

    std::string database;
    std::unique_ptr<store::store> other;
    std::mutex mutex;
};

TEST_F(two_instances, one_drives_and_the_other_takes_over_when_it_is_gone) {
    add_cards(0, 600);
    begin("pace: 100/s\n");
    auto a = instance(*state, "instance/0"), b = instance(*other, "instance/1");
    for (int i = 0; i < 3; ++i) {
        while (a->tick()) {
        }
        while (b->tick()) {
        }
        take_in(applied());
        now += seconds(1);
    }
    EXPECT_EQ(look().progress.driver, "instance/0");
    a.reset();
    for (int i = 0; i < 60 && state_of() != "completed"; ++i) {
        while (b->tick()) {
        }
        take_in(applied());
        now += seconds(1);
    }
    EXPECT_EQ(state_of(), "completed");
    EXPECT_EQ(look().progress.driver, "instance/1");
    EXPECT_EQ(of(outcome::applied), 600u);
    EXPECT_EQ(log.size(), 600u);
}

TEST_F(two_instances, that_both_drive_at_once_decide_on_each_card_once) {
    add_cards(0, 3000);
    begin();
    auto a = instance(*state, "instance/0"),
         b = instance(*other, "instance/0");  // each takes the other's record for its own
    std::atomic<std::size_t> rounds{0};
    const auto drive = [&](runner& r) {
        for (int i = 0; i < 400; ++i) rounds += r.tick();
    };
    std::thread one([&] { drive(*a); }), two([&] { drive(*b); });
    one.join();
    two.join();
    EXPECT_GT(rounds, 6u);
    std::set<std::string> iccids;
    for (const auto& m : log) iccids.insert(m.key);
    EXPECT_EQ(iccids.size(), 3000u);
    EXPECT_EQ(log.size(), 3000u);
    for (const auto& fault : faults_told) EXPECT_EQ(fault, "");
}

}  // namespace
}  // namespace ota::campaigns::testing
