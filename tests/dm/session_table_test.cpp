#include "gateway/dm/session_table.hpp"
#include "tests/dm/server_bench.hpp"

// Which session a message belongs to, and what keeps their number bounded.
namespace ota::dm {
namespace {

namespace syncml = management_object::dm;
using std::chrono::seconds;

/// A table and any number of devices, each with the password of the sample account.
class table_bench {
public:
    explicit table_bench(table_settings s = {})
        : table(std::move(s), {[](std::string_view) { return std::optional(sample_account(scheme::md5)); },
                               [this] { return "fresh-nonce-" + std::to_string(++given); },
                               [this](session& whose, const event& e) {
                                   if (std::holds_alternative<started>(e) && wants) whose.queue(get(1, "./A"));
                                   if (const auto* end = std::get_if<ended>(&e))
                                       ends.emplace_back(whose.device(), end->why);
                               }}) {}

    syncml::message first(std::string device, std::string session = "4D", bool good = true) const {
        auto m = one.package_1();
        m.hdr.source.loc_uri = std::move(device);
        m.hdr.session_id = std::move(session);
        one.add_credentials(m, good ? "client-nonce-0" : "stale");
        return m;
    }
    outbound send(const syncml::message& m) { return table.on_message({one.type(), one.encoded(m)}, now); }
    std::uint16_t code(const syncml::message& m) {
        const auto reply = send(m);
        return reply.http_status == 200 ? server_bench::code_of(one.read(reply), 0)
                                        : static_cast<std::uint16_t>(reply.http_status);
    }

    server_bench one;  // for its messages only
    unsigned given = 0;
    bool wants = true;  // something of every device, so that its session goes on
    time_point now{};
    std::vector<std::pair<std::string, ending>> ends;
    session_table table;
};

TEST(dm_session_table, each_device_and_session_identifier_is_a_session) {
    table_bench bench;
    EXPECT_EQ(bench.code(bench.first("A")), 212);
    EXPECT_EQ(bench.code(bench.first("B")), 212);
    EXPECT_EQ(bench.code(bench.first("A", "4E")), 212);
    EXPECT_EQ(bench.table.size(), 3u);
    auto more = bench.one.blank(2);
    more.hdr.source.loc_uri = "A";
    more.body = {device_status(1, 1, 0, "SyncHdr", 212), device_status(2, 1, 4, "Get", 404)};
    EXPECT_EQ(bench.code(more), 200);
    ASSERT_EQ(bench.ends.size(), 1u);
    EXPECT_EQ(bench.ends[0], std::pair(std::string("A"), ending::completed));
    EXPECT_EQ(bench.table.tally().begun, 3u);
    EXPECT_EQ(bench.table.met().messages, 4u);
}

TEST(dm_session_table, a_full_table_refuses_when_all_have_proven_themselves) {
    table_bench bench({.limit = 2});
    EXPECT_EQ(bench.code(bench.first("A")), 212);
    EXPECT_EQ(bench.code(bench.first("B")), 212);
    EXPECT_EQ(bench.code(bench.first("C")), 503);
    EXPECT_EQ(bench.table.size(), 2u);
    EXPECT_EQ(bench.table.tally().full, 1u);
}

TEST(dm_session_table, who_has_not_proven_itself_gives_way_the_oldest_first) {
    table_bench bench({.limit = 3});
    EXPECT_EQ(bench.code(bench.first("stranger", "1", false)), 401);
    bench.now += seconds(1);
    EXPECT_EQ(bench.code(bench.first("stranger", "2", false)), 401);
    EXPECT_EQ(bench.code(bench.first("A")), 212);
    EXPECT_EQ(bench.code(bench.first("B")), 212);
    EXPECT_EQ(bench.table.tally().crowded_out, 1u);
    auto second = bench.first("stranger", "2", false);
    second.hdr.msg_id = 2;
    EXPECT_EQ(bench.code(second), 401) << "the younger one is still there";
    EXPECT_EQ(bench.table.tally().begun, 4u);
}

TEST(dm_session_table, a_flood_of_strangers_neither_grows_it_nor_keeps_a_device_out) {
    table_bench bench({.limit = 10});
    for (int i = 0; i < 1000; ++i) EXPECT_EQ(bench.code(bench.first("stranger", std::to_string(i), false)), 401);
    EXPECT_EQ(bench.table.size(), 10u);
    EXPECT_EQ(bench.code(bench.first("A")), 212);
}

TEST(dm_session_table, a_session_begun_by_another_is_begun_anew_by_the_device) {
    table_bench bench;
    EXPECT_EQ(bench.code(bench.first("A", "4D", false)), 401);
    EXPECT_EQ(bench.code(bench.first("A")), 212);
    EXPECT_EQ(bench.table.size(), 1u);
    EXPECT_EQ(bench.code(bench.first("A", "4D", false)), 400) << "not once the device has proven itself";
}

TEST(dm_session_table, an_ended_session_repeats_its_last_reply_and_may_be_begun_again) {
    table_bench bench;
    bench.wants = false;
    const auto m = bench.first("A");
    const auto reply = bench.send(m);
    ASSERT_EQ(bench.ends.size(), 1u);
    EXPECT_EQ(bench.send(m), reply);
    EXPECT_EQ(bench.table.met().repeated, 1u);
    auto late = bench.one.blank(2);
    late.hdr.source.loc_uri = "A";
    EXPECT_EQ(bench.code(late), 403);
    auto again = m;
    again.hdr.about = syncml::meta{.max_msg_size = 5000};
    EXPECT_EQ(bench.code(again), 212);
    EXPECT_EQ(bench.table.tally().begun, 2u);
}

TEST(dm_session_table, what_is_silent_is_ended_and_forgotten) {
    table_bench bench;
    EXPECT_EQ(bench.code(bench.first("stranger", "1", false)), 401);
    EXPECT_EQ(bench.code(bench.first("A")), 212);
    bench.table.on_tick(bench.now + seconds(29));
    EXPECT_EQ(bench.table.size(), 2u);
    bench.table.on_tick(bench.now + seconds(30));
    EXPECT_EQ(bench.table.size(), 1u);
    bench.table.on_tick(bench.now + seconds(300));
    EXPECT_EQ(bench.table.size(), 0u);
    ASSERT_EQ(bench.ends.size(), 1u);
    EXPECT_EQ(bench.ends[0], std::pair(std::string("A"), ending::silent));
    EXPECT_EQ(bench.table.met().messages, 2u) << "what they met is not forgotten";
}

TEST(dm_session_table, what_is_no_message_begins_nothing_and_is_counted) {
    table_bench bench({.each = {.max_message = 2000}});
    EXPECT_EQ(bench.table.on_message({"text/html", {}}, bench.now).http_status, 415u);
    EXPECT_EQ(bench.table.on_message({bench.one.type(), wire::as_octets("<SyncML>")}, bench.now).http_status, 400u);
    EXPECT_EQ(bench.table.on_message({bench.one.type(), wire::octets(2001, '<')}, bench.now).http_status, 413u);
    EXPECT_EQ(bench.table.size(), 0u);
    EXPECT_EQ(bench.table.met(), (counts{.too_large = 1, .other_type = 1, .malformed = 1}));
}

}  // namespace
}  // namespace ota::dm
