#include "tests/dm/server_bench.hpp"

// What a session does when the device behaves, in XML and in WBXML.
namespace ota::dm {
namespace {

namespace syncml = management_object::dm;
using syncml::encoding;

class dm_server_script : public testing::TestWithParam<encoding> {};
INSTANTIATE_TEST_SUITE_P(encodings, dm_server_script, testing::Values(encoding::xml, encoding::wbxml));

TEST_P(dm_server_script, package_1_is_answered_and_a_session_without_orders_ends) {
    server_bench bench(scheme::md5, GetParam());
    const auto m = bench.begin({});
    EXPECT_EQ(server_bench::code_of(m, 0), 212);
    EXPECT_EQ(server_bench::code_of(m, 1), 200);
    EXPECT_EQ(server_bench::code_of(m, 2), 200);
    EXPECT_TRUE(m.final);
    EXPECT_EQ(m.hdr.target.loc_uri, device_id);
    EXPECT_EQ(m.hdr.source.loc_uri, server_uri);
    EXPECT_EQ(m.hdr.session_id, "4D");
    ASSERT_NE(bench.event_of<authenticated>(), nullptr);
    EXPECT_EQ(bench.the_event<authenticated>().device, device_id);
    ASSERT_NE(bench.event_of<started>(), nullptr);
    EXPECT_FALSE(bench.the_event<started>().by_server);
    ASSERT_NE(bench.event_of<device_info>(), nullptr);
    EXPECT_EQ(bench.the_event<device_info>().values.front(),
              std::pair(std::string("./DevInfo/Man"), std::string("Maker")));
    ASSERT_NE(bench.event_of<ended>(), nullptr);
    EXPECT_EQ(bench.the_event<ended>().why, ending::completed);
    EXPECT_TRUE(bench.server.has_ended());
}

TEST_P(dm_server_script, the_nonce_is_renewed_and_told_to_both) {
    server_bench bench(scheme::md5, GetParam());
    const auto m = bench.begin({});
    ASSERT_NE(bench.event_of<nonces>(), nullptr);
    EXPECT_EQ(bench.the_event<nonces>().client_nonce, "fresh-nonce-1");
    ASSERT_TRUE(server_bench::the_status(m, 0).chal);
    EXPECT_EQ(server_bench::the_status(m, 0).chal.value_or(syncml::meta{}).next_nonce, "fresh-nonce-1");
    EXPECT_EQ(server_bench::the_status(m, 0).chal.value_or(syncml::meta{}).type, "syncml:auth-md5");
}

TEST_P(dm_server_script, orders_go_out_and_their_answers_come_back) {
    server_bench bench(scheme::md5, GetParam());
    const auto out = bench.begin({get(7, "./DevInfo/Man"), replace(8, "./A/B", "new")});
    ASSERT_NE(server_bench::command_of<syncml::operation>(out), nullptr);
    const auto first = server_bench::the_command<syncml::operation>(out).cmd_id;
    auto in = bench.blank(2);
    in.body = {device_status(1, 1, 0, "SyncHdr", 212),
               device_status(2, 1, first, "Get", 200),
               {syncml::results{.cmd_id = 3,
                                .msg_ref = 1,
                                .cmd_ref = first,
                                .items = {{.source = syncml::location{"./DevInfo/Man", {}}, .data = "Maker"}}}},
               device_status(4, 1, first + 1, "Replace", 425)};
    const auto last = bench.exchange(in);
    std::vector<order_answer> answers;
    for (const auto& each : bench.what) {
        if (const auto* a = std::get_if<answered>(&each)) answers.push_back(a->what);
    }
    ASSERT_EQ(answers.size(), 2u);
    EXPECT_EQ(answers[0].id, 7u);
    EXPECT_EQ(answers[0].code, 200);
    ASSERT_EQ(answers[0].steps[0].items.size(), 1u);
    EXPECT_EQ(answers[0].steps[0].items[0].data, "Maker");
    EXPECT_EQ(answers[1].id, 8u);
    EXPECT_EQ(answers[1].code, 425);
    EXPECT_TRUE(last.final);
    EXPECT_FALSE(last.hdr.cred) << "212 holds for the session";
    EXPECT_EQ(bench.the_event<ended>().why, ending::completed);
    EXPECT_EQ(bench.server.tally().unknown_references, 0u);
}

TEST_P(dm_server_script, every_status_of_a_device_comes_back_with_its_order) {
    for (const std::uint16_t code :
         {200, 202, 214, 215, 216, 304, 400, 401, 403, 404, 405, 406, 407, 408, 412, 413, 414,
          415, 416, 418, 420, 424, 425, 500, 501, 503, 506, 507, 508, 510, 516, 517, 599}) {
        server_bench bench(scheme::md5, GetParam());
        const auto out = bench.begin({replace(1, "./A/B", "new")});
        auto in = bench.blank(2);
        in.body = {device_status(1, 1, 0, "SyncHdr", 212),
                   device_status(2, 1, server_bench::the_command<syncml::operation>(out).cmd_id, "Replace", code)};
        (void)bench.exchange(in);
        ASSERT_NE(bench.event_of<answered>(), nullptr) << code;
        EXPECT_EQ(bench.the_event<answered>().what.code, code);
    }
}

TEST_P(dm_server_script, an_atomic_and_a_sequence_are_answered_step_by_step) {
    server_bench bench(scheme::md5, GetParam());
    order together{.id = 3, .as = grouping::atomic};
    together.steps.push_back({.what = syncml::verb::del, .target = "./A"});
    together.steps.push_back({.what = syncml::verb::copy, .target = "./C", .source = "./B"});
    const auto out = bench.begin({together});
    const auto* group = server_bench::command_of<syncml::group>(out);
    ASSERT_NE(group, nullptr);
    EXPECT_TRUE(group->atomic);
    ASSERT_EQ(group->commands.size(), 2u);
    auto in = bench.blank(2);
    in.body = {device_status(1, 1, 0, "SyncHdr", 212), device_status(2, 1, group->cmd_id, "Atomic", 507),
               device_status(3, 1, group->cmd_id + 1, "Delete", 216),
               device_status(4, 1, group->cmd_id + 2, "Copy", 404)};
    (void)bench.exchange(in);
    const auto& answer = bench.the_event<answered>().what;
    EXPECT_EQ(answer.code, 507);
    EXPECT_EQ(answer.steps[0].code, 216);
    EXPECT_EQ(answer.steps[1].code, 404);
}

TEST_P(dm_server_script, orders_queued_on_what_was_read_go_out_at_once) {
    server_bench bench(scheme::md5, GetParam());
    const auto out = bench.begin({get(1, "./A")});
    auto in = bench.blank(2);
    in.body = {device_status(1, 1, 0, "SyncHdr", 212),
               device_status(2, 1, server_bench::the_command<syncml::operation>(out).cmd_id, "Get", 404)};
    (void)bench.server.on_message({bench.type(), bench.encoded(in)}, bench.now);
    bench.server.queue(replace(2, "./A", "b"));
    const auto next = bench.read(bench.server.reply().message);
    EXPECT_NE(server_bench::command_of<syncml::operation>(next), nullptr);
    EXPECT_FALSE(bench.server.has_ended());
}

TEST_P(dm_server_script, a_get_without_results_and_a_command_without_status_are_told) {
    server_bench bench(scheme::md5, GetParam());
    const auto out = bench.begin({get(1, "./A"), replace(2, "./A", "b")});
    auto in = bench.blank(2);
    in.body = {device_status(1, 1, 0, "SyncHdr", 212),
               device_status(2, 1, server_bench::the_command<syncml::operation>(out).cmd_id, "Get", 200)};
    (void)bench.exchange(in);
    std::vector<std::uint16_t> codes;
    for (const auto& each : bench.what) {
        if (const auto* a = std::get_if<answered>(&each)) codes.push_back(a->what.code);
    }
    EXPECT_EQ(codes, (std::vector<std::uint16_t>{412, 0}));
}

TEST_P(dm_server_script, generic_alerts_come_with_their_items) {
    server_bench bench(scheme::md5, GetParam());
    auto m = bench.package_1();
    syncml::alert told{.cmd_id = 3, .code = 1226, .correlator = "job-5"};
    told.items.push_back({.source = syncml::location{"./FUMO/Update", {}},
                          .about = syncml::meta{.format = "int",
                                                .type = "org.openmobilealliance.dm.firmwareupdate.update",
                                                .mark = "informational"},
                          .data = "200"});
    m.body.push_back({told});
    m.body.push_back({syncml::alert{.cmd_id = 4, .code = 1224}});
    bench.add_credentials(m);
    const auto answer = bench.exchange(m);
    EXPECT_EQ(server_bench::code_of(answer, 3), 200);
    EXPECT_EQ(server_bench::code_of(answer, 4), 200);
    ASSERT_NE(bench.event_of<alerted>(), nullptr);
    EXPECT_EQ(bench.the_event<alerted>().code, 1226);
    EXPECT_EQ(bench.the_event<alerted>().correlator, "job-5");
    EXPECT_EQ(bench.the_event<alerted>().items, told.items);
}

TEST_P(dm_server_script, a_package_of_several_messages_is_asked_for_to_its_end) {
    server_bench bench(scheme::md5, GetParam());
    bench.server.queue(get(1, "./A"));
    auto first = bench.package_1();
    first.final = false;
    bench.add_credentials(first);
    const auto more = bench.exchange(first);
    EXPECT_TRUE(server_bench::has_alert(more, 1222));
    EXPECT_FALSE(more.final);
    EXPECT_EQ(server_bench::command_of<syncml::operation>(more), nullptr);
    auto second = bench.blank(2);
    second.body = {device_status(1, 1, 0, "SyncHdr", 212), device_status(2, 1, 4, "Alert", 200)};
    EXPECT_NE(server_bench::command_of<syncml::operation>(bench.exchange(second)), nullptr);
    EXPECT_EQ(bench.server.tally().unknown_references, 0u);
}

TEST_P(dm_server_script, answers_that_fill_several_messages_are_all_given_before_an_order_goes) {
    server_bench bench(scheme::md5, GetParam());
    bench.server.queue(get(1, "./A"));
    auto m = bench.package_1();
    const std::uint32_t octets = GetParam() == encoding::xml ? 1300 : 700;
    m.hdr.about = syncml::meta{.max_msg_size = octets};
    constexpr std::uint32_t alerts = 40;
    for (std::uint32_t i = 0; i < alerts; ++i) m.body.push_back({syncml::alert{.cmd_id = 3 + i, .code = 1226}});
    bench.add_credentials(m);
    auto reply = bench.exchange(m);
    std::vector<unsigned> answered(alerts + 3);
    std::uint32_t messages = 1;
    for (; !reply.final; ++messages) {
        ASSERT_LT(messages, alerts);
        ASSERT_LE(bench.last.body.size(), octets);
        EXPECT_EQ(server_bench::command_of<syncml::operation>(reply), nullptr);
        for (const auto& each : reply.body) {
            const auto& s = std::get<syncml::status>(each.is);
            if (s.msg_ref == 1) ++answered.at(s.cmd_ref);
        }
        auto more = bench.blank(messages + 1);
        more.body = {device_status(1, messages, 0, "SyncHdr", 212), {syncml::alert{.cmd_id = 2, .code = 1222}}};
        more.final = false;
        reply = bench.exchange(more);
    }
    for (const auto& each : reply.body) {
        const auto* s = std::get_if<syncml::status>(&each.is);
        if (s != nullptr && s->msg_ref == 1) ++answered.at(s->cmd_ref);
    }
    EXPECT_GT(messages, 2u);
    EXPECT_EQ(answered, std::vector<unsigned>(alerts + 3, 1)) << "each command once";
    EXPECT_NE(server_bench::command_of<syncml::operation>(reply), nullptr);
}

TEST_P(dm_server_script, either_side_may_abort) {
    server_bench by_device(scheme::md5, GetParam());
    (void)by_device.begin({get(1, "./A")});
    auto in = by_device.blank(2);
    in.body = {device_status(1, 1, 0, "SyncHdr", 212), {syncml::alert{.cmd_id = 2, .code = 1223}}};
    const auto answer = by_device.exchange(in);
    EXPECT_EQ(server_bench::code_of(answer, 2), 200);
    EXPECT_EQ(by_device.the_event<ended>().why, ending::aborted_by_device);
    EXPECT_EQ(by_device.the_event<answered>().what.code, 0);

    server_bench by_owner(scheme::md5, GetParam());
    by_owner.server.abort();
    const auto aborted = by_owner.begin({get(1, "./A")});
    EXPECT_TRUE(server_bench::has_alert(aborted, 1223));
    EXPECT_TRUE(aborted.final);
    EXPECT_EQ(by_owner.the_event<ended>().why, ending::aborted_by_owner);
}

TEST_P(dm_server_script, a_mac_is_made_and_renewed_with_every_message) {
    server_bench bench(scheme::mac, GetParam());
    const auto first = bench.begin({get(1, "./A")});
    EXPECT_EQ(server_bench::code_of(first, 0), 200);
    EXPECT_FALSE(first.hdr.cred);
    const auto ours = sample_account(scheme::mac).server;
    EXPECT_EQ(parse_hmac_header(bench.last.hmac)->mac, message_mac(ours, "server-nonce-0", bench.last.body));
    auto in = bench.blank(2);
    auto heard = device_status(1, 1, 0, "SyncHdr", 200);
    std::get<syncml::status>(heard.is).chal =
        syncml::meta{.format = "b64", .type = "syncml:auth-MAC", .next_nonce = "server-nonce-1"};
    in.body = {heard, device_status(2, 1, server_bench::the_command<syncml::operation>(first).cmd_id, "Get", 404)};
    (void)bench.exchange(in, "fresh-nonce-1");
    EXPECT_EQ(parse_hmac_header(bench.last.hmac)->mac, message_mac(ours, "server-nonce-1", bench.last.body));
    EXPECT_EQ(bench.server.tally().wrong_credentials, 0u);
}

TEST(dm_server, a_silent_device_is_given_up) {
    server_bench bench;
    (void)bench.begin({get(1, "./A")});
    EXPECT_TRUE(bench.server.on_tick(bench.now + std::chrono::seconds(299)).empty());
    const auto what = bench.server.on_tick(bench.now + std::chrono::seconds(300));
    ASSERT_EQ(what.size(), 2u);
    EXPECT_EQ(std::get<answered>(what[0]).what.id, 1u);
    EXPECT_EQ(std::get<ended>(what[1]).why, ending::silent);
}

}  // namespace
}  // namespace ota::dm
