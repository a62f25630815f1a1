#include "gateway/http/event_feed.hpp"
#include "gateway/http/feed_reader.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

namespace ota::http {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

/// A client that reads whenever it is asked, each time late enough for what is fresh.
class client {
public:
    explicit client(event_feed& of, std::optional<std::uint64_t> after = {},
                    std::function<bool(const feed_event&)> wanted = {})
        : reader(std::make_shared<feed_subscription>(feed_subscription{of.shared(), after, std::move(wanted), {}})) {}

    std::string all() {
        std::string out;
        for (;;) {
            const auto text = reader.read(later());
            if (text.empty()) return out;
            out += text;
        }
    }

    /// A second on, for all clients together.
    static std::chrono::steady_clock::time_point later() {
        static std::atomic<int> seconds = 0;
        return std::chrono::steady_clock::time_point(std::chrono::hours(1'000'000) + std::chrono::seconds(++seconds));
    }

    feed_reader reader;
};

std::string shown(std::uint64_t id, const std::string& type, const std::string& data) {
    return "id: " + std::to_string(id) + "\nevent: " + type + "\ndata: " + data + "\n\n";
}
const std::string opening = "retry: 2000\n\n";

TEST(event_feed, tells_everybody_what_happens_from_the_time_they_listen) {
    event_feed feed;
    feed.publish("taken", "0");
    client one(feed);
    feed.publish("taken", "1");
    client other(feed);
    feed.publish("ended", "2");
    EXPECT_EQ(one.all(), opening + shown(1, "taken", "1") + shown(2, "ended", "2"));
    EXPECT_EQ(other.all(), opening + shown(2, "ended", "2"));
    EXPECT_EQ(one.all(), "");
    feed.publish("dead", "3");
    EXPECT_EQ(one.all(), shown(3, "dead", "3"));
}

TEST(event_feed, is_heard_while_somebody_listens_and_does_nothing_before) {
    event_feed feed;
    EXPECT_FALSE(feed.heard());
    feed.publish("taken", "unheard");
    {
        client one(feed);
        EXPECT_TRUE(feed.heard());
        EXPECT_EQ(feed.clients(), 1U);
    }
    EXPECT_EQ(feed.clients(), 0U);
    EXPECT_TRUE(feed.heard()) << "who was just cut off may come back";
    client again(feed, 0);
    EXPECT_EQ(again.all(), opening);
}

TEST(event_feed, a_client_gets_only_what_it_wants) {
    event_feed feed;
    client dead(feed, {}, [](const feed_event& e) { return e.type == "dead"; });
    for (int i = 1; i <= 2000; ++i) feed.publish(i % 500 == 0 ? "dead" : "taken", std::to_string(i));
    EXPECT_EQ(dead.all(), opening + shown(500, "dead", "500") + shown(1000, "dead", "1000") +
                              shown(1500, "dead", "1500") + shown(2000, "dead", "2000"));
}

TEST(event_feed, who_comes_back_gets_what_it_missed) {
    event_feed feed;
    client always(feed);
    for (int i = 1; i <= 1500; ++i) feed.publish("taken", std::to_string(i));
    const auto all = always.all();
    client back(feed, 700);
    EXPECT_EQ(back.all(), opening + all.substr(all.find("id: 701\n")));
    client recent(feed, 1499);
    EXPECT_EQ(recent.all(), opening + shown(1500, "taken", "1500"));
}

TEST(event_feed, who_comes_back_too_late_is_told_of_the_gap) {
    event_feed feed(1000);
    client always(feed);
    for (int i = 1; i <= 5000; ++i) feed.publish("taken", "x");
    (void)always.reader.read(client::later());
    client back(feed, 17);
    const auto text = back.all();
    const auto first_kept = text.substr(text.find("\"next\":") + 7, 4);
    EXPECT_THAT(text,
                HasSubstr("event: gap\ndata: {\"after\":17,\"next\":" + first_kept + "}\n\nid: " + first_kept + "\n"));
    EXPECT_LE(std::stoi(first_kept), 4001) << "at least as many as asked for are kept";
    EXPECT_THAT(text, HasSubstr("id: 5000\n"));
}

TEST(event_feed, an_id_of_another_run_is_a_gap) {
    event_feed feed(100, 1'000'000);
    client later(feed, 2'000'000), earlier(feed, 5);
    feed.publish("taken", "1");
    EXPECT_EQ(later.all(), opening + "id: 999999\nevent: gap\ndata: {\"after\":2000000,\"next\":1000000}\n\n" +
                               shown(1'000'000, "taken", "1"));
    EXPECT_THAT(earlier.all(), HasSubstr("event: gap\n"));
    EXPECT_EQ(later.all(), "");
}

TEST(event_feed, a_client_behind_by_a_whole_ring_is_cut_and_counted_once) {
    event_feed feed(1000);
    client slow(feed), quick(feed);
    EXPECT_EQ(slow.all(), opening);
    std::size_t read = quick.all().size();
    for (int i = 0; i < 5000; ++i) {
        feed.publish("taken", "x");
        if (i % 500 == 0) read += quick.all().size();
    }
    EXPECT_EQ(slow.all(), "");
    EXPECT_TRUE(slow.reader.cut());
    EXPECT_FALSE(quick.reader.cut());
    EXPECT_GT(read, 100'000U);
    EXPECT_EQ(feed.cut_clients(), 1U);
}

TEST(event_feed, events_and_clients_come_from_any_thread) {
    event_feed feed(100'000);
    constexpr int writers = 2, each = 5000;
    std::atomic<int> done = 0;
    std::vector<std::size_t> counted(4);
    std::vector<std::unique_ptr<client>> clients;
    for (std::size_t i = 0; i < counted.size(); ++i) clients.push_back(std::make_unique<client>(feed));
    {
        std::vector<std::jthread> threads;
        for (std::size_t i = 0; i < counted.size(); ++i) {
            threads.emplace_back([&, i] {
                std::string all;
                while (done < writers) all += clients[i]->all();
                all += clients[i]->all();
                for (auto at = all.find("data: "); at != std::string::npos; at = all.find("data: ", at + 1))
                    ++counted[i];
            });
        }
        for (int w = 0; w < writers; ++w) {
            threads.emplace_back([&] {
                for (int i = 0; i < each; ++i) feed.publish("taken", std::to_string(i));
                ++done;
            });
        }
    }
    EXPECT_THAT(counted, ElementsAre(writers * each, writers * each, writers * each, writers * each));
}

}  // namespace
}  // namespace ota::http
