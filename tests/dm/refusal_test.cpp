#include "tests/dm/server_bench.hpp"

#include <map>

// What a session answers when something is wrong: the code, the count, and never more than a Status.
namespace ota::dm {
namespace {

namespace syncml = management_object::dm;
using syncml::encoding;

/// Nothing but Status, every one with this code.
void expect_refused(const syncml::message& m, std::uint16_t code, std::size_t statuses) {
    EXPECT_EQ(m.body.size(), statuses);
    for (const auto& each : m.body) {
        ASSERT_TRUE(std::holds_alternative<syncml::status>(each.is));
        EXPECT_EQ(std::get<syncml::status>(each.is).code, code);
    }
    EXPECT_FALSE(m.hdr.cred) << "nothing of ours for a stranger";
}

class dm_server_refusal : public testing::TestWithParam<encoding> {};
INSTANTIATE_TEST_SUITE_P(encodings, dm_server_refusal, testing::Values(encoding::xml, encoding::wbxml));

TEST_P(dm_server_refusal, missing_credentials_are_challenged_with_407) {
    server_bench bench(scheme::md5, GetParam());
    bench.server.queue(get(1, "./A"));
    const auto answer = bench.exchange(bench.package_1());
    expect_refused(answer, 407, 3);
    EXPECT_EQ(server_bench::the_status(answer, 0).chal.value_or(syncml::meta{}).next_nonce, "fresh-nonce-1");
    EXPECT_TRUE(bench.what.empty());
    auto again = bench.package_1();
    again.hdr.msg_id = 2;
    bench.add_credentials(again, "fresh-nonce-1");
    const auto in = bench.exchange(again);
    EXPECT_EQ(server_bench::code_of(in, 0), 212);
    EXPECT_NE(server_bench::command_of<syncml::operation>(in), nullptr);
    EXPECT_EQ(bench.server.tally().no_credentials, 1u);
}

TEST_P(dm_server_refusal, a_stale_nonce_is_challenged_once_and_then_taken) {
    server_bench bench(scheme::md5, GetParam());
    auto m = bench.package_1();
    bench.add_credentials(m, "stale");
    expect_refused(bench.exchange(m), 401, 3);
    m.hdr.msg_id = 2;
    bench.add_credentials(m, "fresh-nonce-1");
    EXPECT_EQ(server_bench::code_of(bench.exchange(m), 0), 212);
    EXPECT_EQ(bench.server.tally().wrong_credentials, 1u);
}

TEST_P(dm_server_refusal, a_wrong_password_ends_the_session_after_one_more_challenge) {
    for (const auto how : {scheme::md5, scheme::mac}) {
        server_bench bench(how, GetParam());
        auto m = bench.package_1();
        m.hdr.cred = syncml::credentials{.about = {.format = "b64", .type = "syncml:auth-md5"},
                                         .data = "AAAAAAAAAAAAAAAAAAAAAA=="};
        expect_refused(bench.exchange(m, "wrong"), 401, 3);
        EXPECT_FALSE(bench.server.has_ended());
        m.hdr.msg_id = 2;
        expect_refused(bench.exchange(m, "wrong"), 401, 3);
        EXPECT_EQ(bench.the_event<ended>().why, ending::unauthenticated);
        EXPECT_EQ(bench.event_of<nonces>(), nullptr) << "the stored nonce stays good";
        EXPECT_EQ(bench.exchange_octets(bench.encoded(bench.blank(3))).http_status, 403u);
        EXPECT_EQ(bench.server.tally().after_end, 1u);
    }
}

TEST_P(dm_server_refusal, a_replayed_first_message_fails_once_its_nonce_was_used) {
    server_bench first(scheme::md5, GetParam());
    auto m = first.package_1();
    first.add_credentials(m);
    EXPECT_EQ(server_bench::code_of(first.exchange(m), 0), 212);
    const auto renewed = first.the_event<nonces>().client_nonce.value_or("");

    session second(
        {},
        [&](std::string_view) {
            auto a = sample_account(scheme::md5);
            a.client_nonce = renewed;
            return std::optional(std::move(a));
        },
        [] { return std::string("other"); });
    const auto octets = first.encoded(m);
    const auto what = second.on_message({first.type(), octets}, {});
    EXPECT_TRUE(what.empty());
    EXPECT_EQ(server_bench::code_of(first.read(second.reply().message), 0), 401);
    EXPECT_EQ(second.tally().wrong_credentials, 1u);
}

TEST_P(dm_server_refusal, a_stranger_is_told_as_little_as_one_with_a_wrong_password) {
    server_bench bench(scheme::md5, GetParam());
    auto m = bench.package_1();
    m.hdr.source.loc_uri = "IMEI:000000000000000";
    bench.add_credentials(m);
    const auto answer = bench.exchange(m);
    expect_refused(answer, 401, 3);
    EXPECT_EQ(server_bench::the_status(answer, 0).chal.value_or(syncml::meta{}).type, "syncml:auth-md5");
    EXPECT_EQ(bench.server.tally().unknown_device, 1u);
}

TEST_P(dm_server_refusal, basic_is_refused_unless_it_is_allowed) {
    for (const bool allowed : {false, true}) {
        server_bench bench(scheme::basic, GetParam(), {.allow_basic = allowed});
        auto m = bench.package_1();
        bench.add_credentials(m);
        const auto answer = bench.exchange(m);
        EXPECT_EQ(server_bench::code_of(answer, 0), allowed ? 212 : 401);
        EXPECT_EQ(server_bench::the_status(answer, 0).chal.value_or(syncml::meta{}).type,
                  allowed ? "syncml:auth-basic" : "syncml:auth-md5");
    }
}

TEST_P(dm_server_refusal, weaker_credentials_than_agreed_are_challenged) {
    server_bench bench(scheme::mac, GetParam());
    auto m = bench.package_1();
    m.hdr.cred = syncml::credentials{.about = {.format = "b64", .type = "syncml:auth-md5"},
                                     .data = md5_credentials(sample_account(scheme::md5).client, "client-nonce-0")};
    const auto answer = bench.read(bench.exchange_octets(bench.encoded(m)));
    EXPECT_EQ(server_bench::code_of(answer, 0), 401);
    EXPECT_EQ(server_bench::the_status(answer, 0).chal.value_or(syncml::meta{}).type, "syncml:auth-MAC");
}

TEST_P(dm_server_refusal, a_forged_message_under_a_mac_changes_nothing) {
    server_bench bench(scheme::mac, GetParam());
    const auto first = bench.begin({get(1, "./A")});
    auto forged = bench.blank(1000);
    forged.body = {device_status(1, 1, 0, "SyncHdr", 200), {syncml::alert{.cmd_id = 2, .code = 1223}}};
    expect_refused(bench.exchange(forged, "guessed"), 401, 2);
    EXPECT_FALSE(bench.server.has_ended());
    auto genuine = bench.blank(2);
    genuine.body = {device_status(1, 1, 0, "SyncHdr", 200),
                    device_status(2, 1, server_bench::the_command<syncml::operation>(first).cmd_id, "Get", 404)};
    EXPECT_EQ(server_bench::code_of(bench.exchange(genuine, "fresh-nonce-1"), 0), 200);
    EXPECT_EQ(bench.the_event<answered>().what.code, 404);
    EXPECT_EQ(bench.server.tally().wrong_credentials, 1u);
}

TEST_P(dm_server_refusal, what_is_no_message_is_left_to_the_transport) {
    server_bench bench(scheme::md5, GetParam(), {.max_message = 4000});
    auto m = bench.package_1();
    bench.add_credentials(m);
    const auto octets = bench.encoded(m);
    EXPECT_EQ(bench.exchange_octets(wire::octets(4001, '<')).http_status, 413u);
    EXPECT_EQ(bench.server.on_message({"text/html", octets}, bench.now).size(), 0u);
    EXPECT_EQ(bench.server.reply().message.http_status, 415u);
    EXPECT_EQ(bench.exchange_octets(wire::octet_view(octets).first(octets.size() / 2)).http_status, 400u);
    EXPECT_EQ(server_bench::code_of(bench.exchange(m), 0), 212) << "the session is untouched";
    const auto& tally = bench.server.tally();
    EXPECT_EQ(tally.too_large, 1u);
    EXPECT_EQ(tally.other_type, 1u);
    EXPECT_EQ(tally.malformed, 1u);
}

TEST_P(dm_server_refusal, every_strict_prefix_of_a_message_is_refused) {
    server_bench bench(scheme::md5, GetParam(), {.tolerated_faults = 1000000});
    auto m = bench.package_1();
    bench.add_credentials(m);
    const auto octets = bench.encoded(m);
    for (std::size_t n = 0; n < octets.size(); ++n)
        EXPECT_EQ(bench.exchange_octets(wire::octet_view(octets).first(n)).http_status, 400u) << n;
    auto longer = octets;
    longer.push_back('x');
    EXPECT_EQ(bench.exchange_octets(longer).http_status, 400u);
}

TEST_P(dm_server_refusal, a_session_is_given_up_after_too_many_faults) {
    server_bench bench(scheme::md5, GetParam());
    for (int i = 0; i < 3; ++i) EXPECT_EQ(bench.exchange_octets(wire::octets{1, 2, 3}).http_status, 400u);
    EXPECT_EQ(bench.the_event<ended>().why, ending::too_many_faults);
}

TEST_P(dm_server_refusal, other_versions_sessions_and_orders_are_told) {
    server_bench bench(scheme::md5, GetParam(), {.tolerated_faults = 100});
    auto other = bench.package_1();
    bench.add_credentials(other);
    other.hdr.ver_dtd = "1.1";
    expect_refused(bench.exchange(other), 505, 1);
    other.hdr.ver_dtd = "1.2";
    other.hdr.ver_proto = "DM/1.1";
    expect_refused(bench.exchange(other), 513, 1);
    const auto first = bench.begin({get(1, "./A")});
    EXPECT_EQ(server_bench::code_of(first, 0), 212);
    auto m = bench.blank(2);
    m.hdr.session_id = "4E";
    expect_refused(bench.exchange(m), 400, 1);
    m = bench.blank(2);
    m.hdr.source.loc_uri = "IMEI:1";
    expect_refused(bench.exchange(m), 400, 1);
    m = bench.blank(1);
    expect_refused(bench.exchange(m), 400, 1);
    m = bench.blank(2);
    m.body = {
        device_status(1, first.hdr.msg_id, 0, "SyncHdr", 212),
        device_status(2, first.hdr.msg_id, server_bench::the_command<syncml::operation>(first).cmd_id, "Get", 404)};
    EXPECT_EQ(server_bench::code_of(bench.exchange(m), 0), 200) << "the session goes on";
    EXPECT_EQ(bench.the_event<answered>().what.code, 404);
    EXPECT_EQ(bench.server.tally().other_version, 2u);
    EXPECT_EQ(bench.server.tally().other_session, 2u);
    EXPECT_EQ(bench.server.tally().out_of_order, 1u);
}

TEST_P(dm_server_refusal, a_repeated_message_is_answered_as_before_and_done_once) {
    server_bench bench(scheme::md5, GetParam());
    auto m = bench.package_1();
    bench.add_credentials(m);
    (void)bench.exchange(m);
    const auto before = bench.last;
    (void)bench.exchange(m);
    EXPECT_EQ(bench.last, before);
    EXPECT_TRUE(bench.what.empty());
    EXPECT_EQ(bench.server.tally().repeated, 1u);
    EXPECT_EQ(bench.server.tally().messages, 1u);
}

TEST_P(dm_server_refusal, what_a_device_may_not_send_is_refused_by_code) {
    server_bench bench(scheme::md5, GetParam());
    auto m = bench.package_1();
    const auto put = [&](syncml::command c) { m.body.push_back(std::move(c)); };
    put({syncml::operation{
        .what = syncml::verb::get, .cmd_id = 11, .items = {{.target = syncml::location{"./A", {}}}}}});
    put({syncml::operation{
        .what = syncml::verb::add, .cmd_id = 12, .items = {{.target = syncml::location{"./A", {}}, .data = "x"}}}});
    put({syncml::operation{.what = syncml::verb::replace,
                           .cmd_id = 13,
                           .items = {{.source = syncml::location{"./DMAcc/A", {}}, .data = "x"}}}});
    put({syncml::group{.atomic = true, .cmd_id = 14, .commands = {{syncml::alert{.cmd_id = 15, .code = 1226}}}}});
    put({syncml::alert{.cmd_id = 16, .code = 1100}});
    put({syncml::alert{.cmd_id = 17, .code = 200}});
    put(device_status(18, 77, 5, "Get", 200));
    bench.add_credentials(m);
    const auto answer = bench.exchange(m);
    const std::map<std::uint32_t, std::uint16_t> codes{{1, 200},  {2, 200},  {11, 405}, {12, 405},
                                                       {13, 403}, {14, 405}, {16, 405}, {17, 406}};
    for (const auto& [cmd, code] : codes) EXPECT_EQ(server_bench::code_of(answer, cmd), code) << cmd;
    EXPECT_EQ(bench.server.tally().commands_refused, 6u);
    EXPECT_EQ(bench.server.tally().unknown_references, 1u);
}

TEST(dm_server_refusal_xml, commands_of_synchronisation_are_not_implemented) {
    server_bench bench;
    auto m = bench.package_1();
    bench.add_credentials(m);
    auto text = std::string(wire::as_text(bench.encoded(m)));
    text.insert(text.find("<Final"), "<Put><CmdID>9</CmdID><Item><Data>x</Data></Item></Put>");
    EXPECT_EQ(server_bench::code_of(bench.read(bench.exchange_octets(wire::as_octets(text))), 9), 501);
}

TEST_P(dm_server_refusal, numbers_are_limited) {
    server_bench many(scheme::md5, GetParam(), {.max_commands = 10});
    auto m = many.package_1();
    for (std::uint32_t i = 3; i < 20; ++i) m.body.push_back({syncml::alert{.cmd_id = i, .code = 1226}});
    many.add_credentials(m);
    expect_refused(many.exchange(m), 413, 1);
    EXPECT_EQ(many.server.tally().too_many_commands, 1u);

    server_bench endless(scheme::md5, GetParam(), {.max_messages = 3});
    auto first = endless.package_1();
    first.final = false;
    endless.add_credentials(first);
    (void)endless.exchange(first);
    for (std::uint32_t i = 2; i <= 4; ++i) {
        auto next = endless.blank(i);
        next.final = false;
        const auto answer = endless.exchange(next);
        EXPECT_TRUE(server_bench::has_alert(answer, i < 4 ? 1222 : 1223)) << i;
    }
    EXPECT_EQ(endless.the_event<ended>().why, ending::too_many_messages);
}

TEST_P(dm_server_refusal, results_of_one_package_are_limited_together) {
    server_bench bench(scheme::md5, GetParam(), {.max_results = 5000});
    const auto out = bench.begin({get(1, "./A")});
    const auto cmd = server_bench::the_command<syncml::operation>(out).cmd_id;
    auto in = bench.blank(2);
    in.body = {device_status(1, 1, 0, "SyncHdr", 212), device_status(2, 1, cmd, "Get", 200)};
    for (std::uint32_t i = 3; i < 9; ++i)
        in.body.push_back(
            {syncml::results{.cmd_id = i,
                             .msg_ref = 1,
                             .cmd_ref = cmd,
                             .items = {{.source = syncml::location{"./A", {}}, .data = std::string(1000, 'x')}}}});
    const auto reply = bench.exchange(in);
    EXPECT_EQ(server_bench::code_of(reply, 3), 0) << "taken";
    EXPECT_EQ(server_bench::code_of(reply, 8), 413);
    EXPECT_EQ(bench.the_event<answered>().what.code, 413);
    EXPECT_GE(bench.server.tally().results_refused, 1u);
}

TEST_P(dm_server_refusal, what_is_owed_is_limited) {
    server_bench bench(scheme::md5, GetParam(), {.max_commands = 50});
    auto m = bench.package_1();
    m.hdr.about = syncml::meta{.max_msg_size = 600};
    m.final = false;
    bench.add_credentials(m);
    auto reply = bench.exchange(m);
    std::uint32_t messages = 1;
    while (!bench.server.has_ended() && messages < 20) {
        auto more = bench.blank(++messages);
        for (std::uint32_t i = 1; i < 45; ++i) more.body.push_back({syncml::alert{.cmd_id = i, .code = 1226}});
        more.final = false;
        reply = bench.exchange(more);
    }
    EXPECT_LT(messages, 6u);
    EXPECT_TRUE(server_bench::has_alert(reply, 1223));
    EXPECT_EQ(bench.the_event<ended>().why, ending::too_many_messages);
}

TEST_P(dm_server_refusal, a_package_1_without_its_alert_starts_nothing) {
    server_bench bench(scheme::md5, GetParam());
    bench.server.queue(get(1, "./A"));
    auto m = bench.blank(1);
    bench.add_credentials(m);
    const auto answer = bench.exchange(m);
    EXPECT_TRUE(server_bench::has_alert(answer, 1223));
    EXPECT_EQ(bench.the_event<ended>().why, ending::not_started);
}

TEST_P(dm_server_refusal, a_device_that_doubts_us_is_convinced_with_its_nonce_or_let_go) {
    for (const bool convinced : {true, false}) {
        server_bench bench(scheme::md5, GetParam());
        const auto first = bench.begin({get(1, "./A")});
        EXPECT_EQ(first.hdr.cred.value_or(syncml::credentials{}).data,
                  md5_credentials(sample_account(scheme::md5).server, "server-nonce-0"));
        auto doubt = device_status(1, 1, 0, "SyncHdr", 401);
        std::get<syncml::status>(doubt.is).chal =
            syncml::meta{.format = "b64", .type = "syncml:auth-md5", .next_nonce = "server-nonce-1"};
        const auto cmd = server_bench::the_command<syncml::operation>(first).cmd_id;
        auto in = bench.blank(2);
        in.body = {doubt, device_status(2, 1, cmd, "Get", 401)};
        const auto second = bench.exchange(in);
        EXPECT_EQ(bench.event_of<answered>(), nullptr) << "the order is not lost";
        EXPECT_EQ(bench.the_event<nonces>().server_nonce, "server-nonce-1");
        ASSERT_NE(server_bench::command_of<syncml::operation>(second), nullptr);
        EXPECT_EQ(second.hdr.cred.value_or(syncml::credentials{}).data,
                  md5_credentials(sample_account(scheme::md5).server, "server-nonce-1"));
        in = bench.blank(3);
        if (convinced)
            in.body = {device_status(1, 2, 0, "SyncHdr", 212),
                       device_status(2, 2, server_bench::the_command<syncml::operation>(second).cmd_id, "Get", 404)};
        else
            std::get<syncml::status>(doubt.is).msg_ref = 2, in.body = {doubt};
        (void)bench.exchange(in);
        EXPECT_EQ(bench.the_event<ended>().why, convinced ? ending::completed : ending::server_refused);
        EXPECT_EQ(bench.server.tally().unknown_references, 0u);
    }
}

}  // namespace
}  // namespace ota::dm
