#include "gateway/flow/receipt.hpp"
#include "secure-channel/response_packet.hpp"
#include "secure-channel/short_message.hpp"
#include "tests/api/api_room.hpp"

namespace ota::api::testing {

using cards::testing::header;
using cards::testing::iccid_a;
using cards::testing::kic_16;
using cards::testing::kid_16;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

struct packets_api : room {
    packets_api() { take(header + row(iccid_a, "491700000001")); }
    void fill(book& all) override {
        room::fill(all);
        add_packets(all, work);
        add_nodes(all, work);
        add_inspector(all, work);
    }
    /// A packet with a new ACC is in flight; its id.
    std::string in_flight() {
        (void)give(iccid_a, "1", "./SC/USIM/ACC", "qqs=");
        send(iccid_a);
        return std::to_string(card(iccid_a).state.in_flight->id);
    }
    json::value inspected(const json::object& what, const std::string& token = keys_token) {
        const auto said = post("/packets/inspect", json::serialize(what), "application/json", token);
        EXPECT_EQ(said.status, 200u) << said.body;
        return parsed(said);
    }
};

TEST_F(packets_api, lists_what_is_recorded_of_a_packet) {
    EXPECT_THAT(parsed(get("/cards/" + iccid_a + "/packets")).at("items").as_array(), IsEmpty());
    (void)in_flight();
    const auto list = parsed(get("/cards/" + iccid_a + "/packets")).at("items");
    ASSERT_THAT(list.as_array(), SizeIs(1));
    const auto& p = list.at(0);
    EXPECT_EQ(p.at("place").as_string(), "in-flight");
    EXPECT_EQ(p.at("spi").as_string(), "1619");
    EXPECT_EQ(p.at("tar").as_string(), "b00011");
    EXPECT_EQ(p.at("cntr").as_string(), "0000000001");
    EXPECT_EQ(p.at("destination").as_string(), "491700000001");
    EXPECT_EQ(p.at("carries").at(0).at("node").as_string(), "./SC/USIM/ACC");
    EXPECT_EQ(get("/cards/8949000000000000099/packets").status, 404u);
}

TEST_F(packets_api, opens_a_recorded_packet_field_by_field_for_who_has_the_role) {
    const auto id = in_flight();
    const auto said = get("/cards/" + iccid_a + "/packets/" + id, keys_token);
    ASSERT_EQ(said.status, 200u) << said.body;
    const auto v = parsed(said);
    EXPECT_TRUE(v.at("opened").at("verified").as_bool());
    EXPECT_THAT(json::serialize(v.at("opened").at("script")), HasSubstr("aaab")) << "the value that goes to the card";
    EXPECT_THAT(v.at("user_data").as_array(), SizeIs(1));
    EXPECT_EQ(get("/cards/" + iccid_a + "/packets/" + id, operate_token).status, 403u);
    EXPECT_EQ(get("/cards/" + iccid_a + "/packets/1", keys_token).status, 404u);
    EXPECT_EQ(get("/cards/" + iccid_a + "/packets/x", keys_token).status, 404u);
    EXPECT_THAT(answers, Not(HasSubstr(kic_16)));
    const std::string route = " GET /api/v1/cards/{iccid}/packets/{id} ";
    EXPECT_THAT(deeds, ElementsAre("support" + route + "200", "backend" + route + "403", "support" + route + "404",
                                   "support" + route + "404"));
}

TEST_F(packets_api, inspects_a_command_under_the_keys_of_a_card) {
    const auto id = in_flight();
    const auto parts = parsed(get("/cards/" + iccid_a + "/packets/" + id, keys_token)).at("user_data").as_array();
    const auto v = inspected({{"hex", parts}, {"card", iccid_a}});
    EXPECT_EQ(v.at("kind").as_string(), "command");
    EXPECT_EQ(v.at("verdict").as_string(), "verified");
    EXPECT_EQ(v.at("fields").at("cntr").as_string(), "0000000001");
    const auto with_keys = inspected({{"hex", parts}, {"kic_key", kic_16}, {"kid_key", kid_16}});
    EXPECT_EQ(with_keys, v);
    const auto wrong = inspected({{"hex", parts}, {"kic_key", kic_16}, {"kid_key", kic_16}});
    EXPECT_EQ(wrong.at("verdict").as_string(), "mismatch");
}

TEST_F(packets_api, inspects_a_response_as_the_answer_to_the_packet_in_flight) {
    (void)in_flight();
    const auto twin = card(iccid_a).state;
    const auto& p = *twin.in_flight;
    secure_channel::response r;
    r.tar = p.tar;
    r.cntr.value = p.cntr;
    r.data = {0x01, 0x90, 0x00};
    auto keys = std::move(keys_of(iccid_a).front());
    const secure_channel::key_set set(std::move(keys.kic), std::move(keys.kid), 8);
    const auto answer = secure_channel::seal_response(r, {p.spi, p.kic, p.kid}, set);
    ASSERT_TRUE(answer) << answer.error().message();
    const auto v = inspected({{"hex", wire::to_hex(answer.value())}, {"card", iccid_a}});
    EXPECT_EQ(v.at("kind").as_string(), "response");
    EXPECT_EQ(v.at("verdict").as_string(), "verified");
    EXPECT_EQ(v.at("fields").at("status_text").as_string().empty(), false);
}

TEST_F(packets_api, tells_the_clear_part_of_a_ciphered_command_to_who_has_no_keys) {
    const auto id = in_flight();
    const auto parts = parsed(get("/cards/" + iccid_a + "/packets/" + id, keys_token)).at("user_data").as_array();
    const auto v = inspected({{"hex", parts}}, read_token);
    EXPECT_EQ(v.at("kind").as_string(), "command");
    EXPECT_EQ(v.at("verdict").as_string(), "keys-needed");
    const auto& fields = v.at("fields").as_object();
    EXPECT_EQ(fields.at("udh").as_string(), "027000");
    EXPECT_EQ(fields.at("spi").as_string(), "1619");
    EXPECT_TRUE(fields.at("spi_fields").at("ciphered").as_bool());
    EXPECT_EQ(fields.at("tar").as_string(), "b00011");
    EXPECT_THAT(std::string(fields.at("missing").as_string()), HasSubstr("ciphered: keys are needed"));
    EXPECT_FALSE(fields.contains("cntr"));
    EXPECT_FALSE(fields.contains("data"));
    const auto open = inspected({{"hex", parts}, {"card", iccid_a}});
    for (const auto* clear : {"udh", "cpl", "chl", "spi", "spi_fields", "kic", "kid", "tar"})
        EXPECT_EQ(open.at("fields").at(clear), fields.at(clear)) << clear;
}

TEST_F(packets_api, asks_the_role_keys_of_who_gives_keys_or_a_card) {
    for (const json::object& what :
         {json::object{{"hex", "00"}, {"card", iccid_a}}, json::object{{"hex", "00"}, {"kic_key", kic_16}}})
        EXPECT_EQ(post("/packets/inspect", json::serialize(what), "application/json", operate_token).status, 403u);
    EXPECT_THAT(denials, ::testing::ElementsAre("role", "role"));
    EXPECT_THAT(answers, Not(HasSubstr(kic_16)));
}

TEST_F(packets_api, says_what_is_wrong_with_an_inspection) {
    for (const auto* bad : {"", "[]", "{}", R"({"hex":7})", R"({"hex":"zz"})", R"({"hex":"00","kind":"letter"})",
                            R"({"hex":"00","card":"12"})", R"({"hex":"00","colour":"red"})"})
        EXPECT_EQ(post("/packets/inspect", bad, "application/json", keys_token).status, 400u) << bad;
    for (const auto* hopeless :
         {R"({"hex":""})", R"({"hex":"00"})", R"({"hex":"00","kind":"command"})", R"({"hex":"00","kind":"cat-tp"})"})
        EXPECT_THAT(post("/packets/inspect", hopeless, "application/json", keys_token).status,
                    ::testing::AnyOf(400u, 422u))
            << hopeless;
    const auto garbage = post("/packets/inspect", R"({"hex":"c0ffee0123456789c0ffee0123456789"})", "application/json");
    EXPECT_EQ(garbage.status, 422u);
    EXPECT_THAT(garbage.body, HasSubstr("neither a secured packet nor a CAT_TP PDU"));
}

TEST_F(packets_api, shows_values_that_may_be_shown_and_hides_the_others) {
    (void)give(iccid_a, "1", "./SC/USIM/ACC", "qqs=");
    (void)give(iccid_a, "2", "./SC/UICC/PIN", "3q2+7w==");
    const auto said = get("/cards/" + iccid_a + "/nodes");
    EXPECT_THAT(said.body, HasSubstr("aaab"));
    EXPECT_THAT(said.body, Not(HasSubstr("deadbeef")));
    EXPECT_EQ(get("/cards/" + iccid_a + "/nodes?protected=true", operate_token).status, 403u);
    EXPECT_THAT(get("/cards/" + iccid_a + "/nodes", keys_token).body, Not(HasSubstr("deadbeef"))) << "not asked for";
    EXPECT_THAT(get("/cards/" + iccid_a + "/nodes?protected=true", keys_token).body, HasSubstr("deadbeef"));
    EXPECT_EQ(get("/cards/" + iccid_a + "/nodes?protected=perhaps").status, 400u);
    EXPECT_EQ(get("/cards/8949000000000000099/nodes").status, 404u);
    const std::string route = " GET /api/v1/cards/{iccid}/nodes ";
    EXPECT_THAT(deeds, ElementsAre("backend" + route + "403", "support" + route + "200"));
}

}  // namespace ota::api::testing
