#include "gateway/dm/errc.hpp"
#include "gateway/dm/session_table.hpp"
#include "tests/dm/server_bench.hpp"

// What a session costs that nobody has proven to be a device's.
namespace ota::dm {
namespace {

namespace syncml = management_object::dm;

constexpr std::size_t most = 12 * 1024;

/// A message that is as large as messages may be, of as many commands as there may be.
syncml::message large(const server_bench& bench) {
    auto m = bench.package_1();
    m.hdr.about = syncml::meta{.max_msg_size = 1 << 20};
    for (std::uint32_t i = 3; i < 900; ++i) m.body.push_back({syncml::alert{.cmd_id = i, .code = 1226}});
    return m;
}

TEST(dm_unproven_session, keeps_little_of_whatever_it_was_sent) {
    for (const bool offers : {false, true}) {
        server_bench bench;
        auto m = large(bench);
        if (offers) bench.add_credentials(m, "a wrong nonce");
        EXPECT_EQ(server_bench::code_of(bench.exchange(m), 0), offers ? 401 : 407);
        EXPECT_FALSE(bench.server.proven());
        EXPECT_LE(bench.last.body.size(), 4096U);
        EXPECT_LE(bench.server.octets_kept(), most);
    }
}

TEST(dm_unproven_session, still_repeats_its_refusal_for_the_same_octets) {
    server_bench bench;
    const auto octets = bench.encoded(large(bench));
    const auto first = bench.exchange_octets(octets);
    EXPECT_EQ(bench.exchange_octets(octets), first);
    EXPECT_EQ(bench.server.tally().repeated, 1U);
    EXPECT_NE(bench.exchange_octets(octets, "algorithm=MD5, username=\"a\", mac=b"), first);  // other credentials
    EXPECT_EQ(bench.server.tally().repeated, 1U);
}

TEST(dm_unproven_session, is_not_named_at_length) {
    for (const int which : {0, 1, 2, 3}) {
        server_bench bench;
        auto m = bench.package_1();
        (which == 0   ? m.hdr.session_id
         : which == 1 ? m.hdr.source.loc_uri
         : which == 2 ? m.hdr.target.loc_uri
                      : m.hdr.source.loc_name) = std::string(1025, 'A');
        EXPECT_EQ(bench.exchange_octets(bench.encoded(m)).http_status, 400U);
        EXPECT_EQ(bench.server.tally().malformed, 1U);
        EXPECT_LE(bench.server.octets_kept(), most);
        session_table table({}, {[](const caller&) { return std::optional<account>(); },
                                 [] { return std::string("nonce"); }, [](session&, const event&) {}});
        EXPECT_EQ(table.on_message({bench.type(), bench.encoded(m)}, {}).http_status, 400U);
        EXPECT_EQ(table.size(), 0U);
    }
}

TEST(dm_session, of_a_caller_that_nobody_can_look_up_now_is_told_503_and_begins_with_the_same_message) {
    bool down = true;
    session_table table({}, {[&](const caller&) -> wire::result<std::optional<account>> {
                                 if (down) return errc::bad_server_identifier;  // any error
                                 return std::optional(sample_account(scheme::md5));
                             },
                             [] { return std::string("fresh"); },
                             [](session& s, const event& e) {
                                 if (std::holds_alternative<started>(e)) s.queue(get(1, "./A"));
                             }});
    const server_bench bench;
    auto m = bench.package_1();
    bench.add_credentials(m);
    const auto octets = bench.encoded(m);
    for (int i = 0; i < 5; ++i) EXPECT_EQ(table.on_message({bench.type(), octets}, {}).http_status, 503U);
    EXPECT_EQ(table.met().unavailable, 5U);
    EXPECT_EQ(table.met().wrong_credentials + table.met().unknown_device + table.met().no_credentials, 0U);
    down = false;
    const auto reply = table.on_message({bench.type(), octets}, {});
    ASSERT_EQ(reply.http_status, 200U);
    EXPECT_EQ(server_bench::code_of(bench.read(reply), 0), 212);
}

TEST(dm_session, whose_owner_could_not_store_what_came_is_told_503_and_its_answer_once_that_is_stored) {
    auto is = keeping::later;
    unsigned told = 0;
    session_table table({}, {[](const caller&) { return std::optional(sample_account(scheme::md5)); },
                             [] { return std::string("fresh"); },
                             [&](session& s, const event& e) {
                                 told += std::holds_alternative<started>(e);
                                 if (std::holds_alternative<started>(e)) s.queue(get(1, "./A"));
                             },
                             [&](session&) { return is; }});
    const server_bench bench;
    auto m = bench.package_1();
    bench.add_credentials(m);
    const auto octets = bench.encoded(m);
    EXPECT_EQ(table.on_message({bench.type(), octets}, {}).http_status, 503U);
    EXPECT_EQ(table.on_message({bench.type(), octets}, {}).http_status, 503U);
    is = keeping::done;
    const auto reply = table.on_message({bench.type(), octets}, {});
    ASSERT_EQ(reply.http_status, 200U);
    EXPECT_NE(server_bench::command_of<syncml::operation>(bench.read(reply)), nullptr);
    EXPECT_EQ(told, 1U);
    EXPECT_EQ(table.tally().not_kept, 2U);

    is = keeping::anew;  // of another session
    m.hdr.session_id = "4E";
    EXPECT_EQ(table.on_message({bench.type(), bench.encoded(m)}, {}).http_status, 503U);
    EXPECT_EQ(table.size(), 1U);
    is = keeping::done;
    EXPECT_EQ(table.on_message({bench.type(), bench.encoded(m)}, {}).http_status, 200U);
    EXPECT_EQ(told, 3U);
}

}  // namespace
}  // namespace ota::dm
