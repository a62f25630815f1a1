#include "tests/dm/two_ends.hpp"

// Both ends together: what one says the other understands, in both encodings and with both ways to prove oneself.
namespace ota::dm {
namespace {

class dm_session : public testing::TestWithParam<combination> {
protected:
    two_ends ends{GetParam()};
};
INSTANTIATE_TEST_SUITE_P(combinations, dm_session, testing::ValuesIn(every_combination), name_of);

TEST_P(dm_session, reads_and_changes_nodes) {
    ends.run({get(1, "./DevInfo/Man"), replace(2, "./IMPS/Addr", "imps.new.example"), get(3, "./IMPS/Addr"),
              get(4, "./IMPS"), get(5, "./Nowhere"), replace(6, "./IMPS/Locked", "x"), remove(7, "./IMPS/Port")});
    EXPECT_EQ(ends.value(1), "Maker");
    EXPECT_EQ(ends.answer(2).code, 200);
    EXPECT_EQ(ends.value(3), "imps.new.example");
    EXPECT_EQ(ends.value(4), "Addr/Port/Locked");
    EXPECT_EQ(ends.answer(5).code, 404);
    EXPECT_EQ(ends.answer(6).code, 425);
    EXPECT_EQ(ends.answer(7).code, 200);
    ASSERT_NE(ends.find_node("./IMPS/Addr"), nullptr);
    EXPECT_EQ(ends.find_node("./IMPS/Addr")->value, "imps.new.example");
    EXPECT_EQ(ends.find_node("./IMPS/Port"), nullptr);
    EXPECT_EQ(ends.end(), ending::completed);
    EXPECT_EQ(ends.client->finished(), sandbox::dm_finish::done);
    EXPECT_EQ(ends.sent.size(), 4u) << "packages 1 to 4";
    const auto& tally = ends.server->tally();
    EXPECT_EQ(tally.wrong_credentials + tally.no_credentials + tally.unknown_references + tally.refused_by_device, 0u);
}

TEST_P(dm_session, a_second_session_uses_the_nonces_of_the_first) {
    ends.run({get(1, "./DevInfo/Man")});
    const auto client_nonce = ends.device.client.nonce, server_nonce = ends.device.server.nonce;
    EXPECT_NE(client_nonce, "client-nonce-0");
    EXPECT_NE(server_nonce, "server-nonce-0");
    EXPECT_EQ(ends.stored_client_nonce, client_nonce);
    EXPECT_EQ(ends.stored_server_nonce, server_nonce);
    ends.run({get(1, "./DevInfo/Man")});
    EXPECT_EQ(ends.value(1), "Maker");
    EXPECT_EQ(ends.server->tally().wrong_credentials, 0u);
    EXPECT_EQ(ends.client->tally().challenges_met, 0u);
}

TEST_P(dm_session, stale_nonces_on_both_sides_cost_a_challenge_each) {
    ends.stored_client_nonce = "lost";
    ends.stored_server_nonce = "lost too";
    ends.run({get(1, "./DevInfo/Man")});
    EXPECT_EQ(ends.value(1), "Maker");
    EXPECT_EQ(ends.end(), ending::completed);
    EXPECT_EQ(ends.server->tally().wrong_credentials, 1u);
    EXPECT_EQ(ends.server->tally().refused_by_device, 1u);
    EXPECT_EQ(ends.stored_client_nonce, ends.device.client.nonce);
    EXPECT_EQ(ends.stored_server_nonce, ends.device.server.nonce);
}

TEST_P(dm_session, a_device_without_credentials_at_first_is_asked_for_them) {
    ends.device.authenticate_at_once = false;
    ends.run({get(1, "./DevInfo/Man")});
    EXPECT_EQ(ends.value(1), "Maker");
    EXPECT_EQ(ends.server->tally().no_credentials, 1u);
}

TEST_P(dm_session, values_of_every_format_come_back_as_they_went) {
    const std::string octets("\x00\x01\xFF<&", 5);
    const std::vector<std::tuple<mo::node_format, std::string, std::string>> values{
        {mo::node_format::chr, "text/plain", "<a & b> \xE2\x82\xAC"},
        {mo::node_format::bin, "application/octet-stream", octets},
        {mo::node_format::b64, "application/octet-stream", octets},
        {mo::node_format::integer, "text/plain", "-12"},
        {mo::node_format::boolean, "text/plain", "true"},
        {mo::node_format::xml, "text/xml", "<x>1</x>"},
        {mo::node_format::chr, "text/plain", ""}};
    std::vector<order> orders;
    for (std::size_t i = 0; i < values.size(); ++i) {
        const auto& [format, type, value] = values[i];
        const auto at = "./IMPS/V" + std::to_string(i);
        orders.push_back(
            one(i, {.what = syncml::verb::add, .target = at, .format = format, .type = type, .value = value}));
        orders.push_back(get(100 + i, at));
    }
    ends.run(std::move(orders));
    for (std::size_t i = 0; i < values.size(); ++i) {
        const auto& [format, type, value] = values[i];
        EXPECT_EQ(ends.answer(i).code, 200) << i;
        ASSERT_EQ(ends.value(100 + i), value) << i;
        const auto read = ends.answer(100 + i);
        const auto& item = read.steps[0].items[0];
        EXPECT_EQ(syncml::format_of(item), format) << i;
        EXPECT_EQ(syncml::type_of(item), type) << i;
        const auto* node = ends.find_node("./IMPS/V" + std::to_string(i));
        ASSERT_NE(node, nullptr) << i;
        EXPECT_EQ(node->value, value) << i;
    }
}

TEST_P(dm_session, a_management_object_goes_and_comes_as_a_document) {
    mo::node account =
        mo::interior("mail", {mo::text_leaf("Addr", "smtp.example"), mo::leaf("Port", mo::node_format::integer, "25")},
                     "urn:oma:mo:oma-email:1.0");
    step add{.what = syncml::verb::add, .target = "./IMPS/mail"};
    add.tree = mo::tnds_document{.nodes = {{std::nullopt, account}}};
    ends.run({one(1, add), get(2, "./IMPS/mail?list=TNDS"), get(3, "./IMPS/mail?list=StructData"),
              get(4, "./IMPS/mail?list=Struct"), get(5, "./IMPS/mail?list=TNDS+Value+ACL"),
              get(6, "./IMPS/mail?list=Other"), get(7, "./IMPS/mail?prop=Type")});
    EXPECT_EQ(ends.answer(1).code, 200);
    ASSERT_EQ(ends.answer(2).code, 200);
    const auto read = syncml::tnds_of(ends.answer(2).steps[0].items.front());
    ASSERT_TRUE(read);
    ASSERT_EQ(read.value().nodes.size(), 1u);
    EXPECT_EQ(read.value().nodes.front().top, account);
    ASSERT_TRUE(read.value().nodes.front().path);
    EXPECT_EQ(mo::serialize_uri(*read.value().nodes.front().path), "./IMPS");
    ASSERT_EQ(ends.answer(3).steps[0].items.size(), 3u);
    EXPECT_EQ(ends.answer(3).steps[0].items[1].source->loc_uri, "./IMPS/mail/Addr");
    EXPECT_EQ(ends.answer(3).steps[0].items[1].data, "smtp.example");
    ASSERT_EQ(ends.answer(4).steps[0].items.size(), 3u);
    EXPECT_FALSE(ends.answer(4).steps[0].items[1].data);
    EXPECT_EQ(ends.answer(5).code, 200);
    EXPECT_EQ(ends.answer(6).code, 406);
    EXPECT_EQ(ends.value(7), "urn:oma:mo:oma-email:1.0");
}

TEST_P(dm_session, large_objects_go_both_ways_in_chunks) {
    std::string text;
    while (text.size() < 20000) text += "<\xE2\x82\xAC & " + std::to_string(text.size()) + ">\n";
    std::string octets;
    while (octets.size() < 9000) octets += static_cast<char>(octets.size() * 7);
    ends.gateway_settings.max_message = 3000;
    ends.client_settings.max_msg_size = 2000;
    ends.run(
        {one(1, {.what = syncml::verb::add, .target = "./IMPS/Text", .value = text}), get(2, "./IMPS/Text"),
         one(3, {.what = syncml::verb::add, .target = "./IMPS/Bin", .format = mo::node_format::bin, .value = octets}),
         get(4, "./IMPS/Bin"), get(5, "./DevInfo/Mod")});
    ASSERT_EQ(ends.client->finished(), sandbox::dm_finish::done) << ends.sent.size();
    ASSERT_EQ(ends.answer(1).code, 200);
    ASSERT_NE(ends.find_node("./IMPS/Text"), nullptr);
    EXPECT_EQ(ends.find_node("./IMPS/Text")->value, text);
    EXPECT_EQ(ends.value(2), text);
    EXPECT_EQ(ends.value(4), octets);
    EXPECT_EQ(ends.value(5), "Model");
    EXPECT_EQ(ends.end(), ending::completed);
    for (const auto& [by_device, body] : ends.sent) EXPECT_LE(body.size(), by_device ? 3000u : 2000u);
    EXPECT_GT(ends.server->tally().chunks_sent, 14u);
    EXPECT_GT(ends.server->tally().chunks_received, 10u);
    EXPECT_EQ(ends.server->tally().size_mismatches + ends.server->tally().interrupted_objects, 0u);
}

TEST_P(dm_session, answers_that_fill_several_messages_are_asked_for) {
    ends.gateway_settings.max_message = 1500;
    std::vector<order> orders;
    for (std::uint64_t i = 0; i < 40; ++i) orders.push_back(get(i, "./DevInfo/Man"));
    ends.run(std::move(orders));
    for (std::uint64_t i = 0; i < 40; ++i) EXPECT_EQ(ends.value(i), "Maker") << i;
    for (const auto& [by_device, body] : ends.sent) EXPECT_LE(body.size(), by_device ? 1500u : 64u * 1024) << by_device;
    EXPECT_GT(ends.sent.size(), 4u);
}

TEST_P(dm_session, an_exec_is_accepted_and_its_outcome_comes_as_a_generic_alert) {
    std::string correlator;
    ends.client_settings.tree.exec = [&](const mo::uri& at, const std::string& c, const std::string&) -> std::uint16_t {
        EXPECT_EQ(mo::serialize_uri(at), "./IMPS");
        correlator = c;
        return 202;
    };
    ends.run({one(1, {.what = syncml::verb::exec, .target = "./IMPS", .correlator = "job-5"})});
    EXPECT_EQ(ends.answer(1).code, 202);
    EXPECT_EQ(correlator, "job-5");
    syncml::alert outcome{.code = 1226, .correlator = correlator};
    outcome.items.push_back({.source = syncml::location{"./IMPS", {}},
                             .about = syncml::meta{.format = "int", .type = "urn:example:done"},
                             .data = "200"});
    ends.run({}, {outcome});
    bool told = false;
    for (const auto& each : ends.what) {
        if (const auto* a = std::get_if<alerted>(&each)) told |= a->correlator == "job-5" && a->items == outcome.items;
    }
    EXPECT_TRUE(told);
}

TEST_P(dm_session, an_owner_asks_further_on_what_it_read) {
    ends.on_event = [](session& s, const event& e) {
        const auto* a = std::get_if<answered>(&e);
        if (a != nullptr && a->what.id == 1) s.queue(replace(2, "./IMPS/Addr", "verified.example"));
        if (a != nullptr && a->what.id == 2) s.queue(get(3, "./IMPS/Addr"));
    };
    ends.run({get(1, "./IMPS/Addr")});
    EXPECT_EQ(ends.value(3), "verified.example");
    EXPECT_EQ(ends.sent.size(), 8u);
}

TEST_P(dm_session, a_session_that_the_server_asked_for_says_so) {
    ends.run({}, {}, true);
    bool by_server = false;
    for (const auto& each : ends.what) {
        if (const auto* s = std::get_if<started>(&each)) by_server = s->by_server;
    }
    EXPECT_TRUE(by_server);
}

TEST_P(dm_session, an_atomic_happens_whole_or_not_at_all) {
    const auto before = ends.tree;
    step port{
        .what = syncml::verb::replace, .target = "./IMPS/Port", .format = mo::node_format::integer, .value = "81"};
    order bad{.id = 1, .as = grouping::atomic};
    bad.steps = {replace(0, "./IMPS/Addr", "x").steps[0], remove(0, "./IMPS/Locked").steps[0], port};
    order good{.id = 2, .as = grouping::atomic};
    good.steps = {replace(0, "./IMPS/Addr", "x").steps[0], port};
    order row{.id = 3, .as = grouping::sequence};
    row.steps = {remove(0, "./IMPS/Port").steps[0], get(0, "./IMPS/Port").steps[0], get(0, "./IMPS/Addr").steps[0]};
    ends.run({bad});
    ASSERT_EQ(ends.answer(1).code, 507);
    EXPECT_EQ(ends.answer(1).steps[0].code, 216);
    EXPECT_EQ(ends.answer(1).steps[1].code, 425);
    EXPECT_EQ(ends.answer(1).steps[2].code, 215);
    EXPECT_EQ(ends.tree, before);
    EXPECT_TRUE(ends.client->take_changes().empty());
    ends.run({good, row});
    ASSERT_EQ(ends.answer(2).code, 200);
    EXPECT_EQ(ends.answer(2).steps[1].code, 200);
    ASSERT_EQ(ends.answer(3).code, 200);
    EXPECT_EQ(ends.answer(3).steps[0].code, 200);
    EXPECT_EQ(ends.answer(3).steps[1].code, 404);
    ASSERT_EQ(ends.answer(3).steps[2].items.size(), 1u);
    EXPECT_EQ(ends.answer(3).steps[2].items[0].data, "x");
    EXPECT_EQ(ends.client->take_changes().size(), 3u);
}

}  // namespace
}  // namespace ota::dm
