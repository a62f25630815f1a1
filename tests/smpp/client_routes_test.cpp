#include "tests/smpp/live.hpp"

#include <gmock/gmock.h>

#include <atomic>
#include <iterator>
#include <set>

// Routes that come, change and go under load, over real sockets and from several threads.
namespace ota::smpp {
namespace {

using namespace std::chrono_literals;
using bearer::submit_outcome;
using namespace testing_live;

TEST(client_routes, change_fifty_times_under_load_and_every_message_is_reported_once) {
    smsc peer;
    ear heard;
    auto a = route_to(peer, "a"), b = route_to(peer, "b");
    b.priority = 1;
    auto fast = a, other_account = a, wide = b;
    fast.window = 50;
    fast.binds = 2;
    other_account.password = "other";
    wide.prefixes = {"4915"};
    const std::vector<route_settings> versions[] = {{fast, b},       {b},   {other_account, wide}, {wide, a}, {a},
                                                    {other_account}, {a, b}};
    client c({{a, b}, 1}, heard);
    c.start();
    std::atomic<bool> done{false};
    std::thread reader([&] {
        while (!done) {
            for (const auto& s : c.status()) EXPECT_FALSE(s.name.empty());
            EXPECT_TRUE(c.serves("491512345678"));
            std::this_thread::sleep_for(1ms);
        }
    });
    constexpr std::size_t rounds = 50, each = 100;
    for (std::size_t round = 0; round < rounds; ++round) {
        auto more = messages(each);
        for (auto& m : more) m.id.packet += static_cast<std::int64_t>(round * each);
        c.submit(std::move(more));
        c.set_routes(versions[round % std::size(versions)]);
        if (round % 5 == 0) (void)heard.wait_submitted(round * each / 2);  // some rounds meet binds that are up
    }
    c.set_routes({a, b});
    ASSERT_TRUE(heard.wait_submitted(rounds * each));
    done = true;
    reader.join();
    std::set<std::int64_t> packets;
    for (const auto& s : heard.read([&] { return heard.submitted; })) packets.insert(s.id.packet);
    EXPECT_EQ(packets.size(), rounds * each);
    EXPECT_EQ(heard.read([&] { return heard.submitted.size(); }), rounds * each);
    EXPECT_EQ(heard.count(submit_outcome::accepted), rounds * each)
        << "a prefix always fits: none comes back, and none is left unanswered";
    const auto status = c.status();
    ASSERT_GE(status.size(), 2u);
    std::uint64_t accepted = 0;
    for (const auto& s : status) accepted += s.counters.accepted;
    EXPECT_EQ(accepted, rounds * each) << "totals outlive the routes";
    c.shutdown(5s);
}

}  // namespace
}  // namespace ota::smpp
