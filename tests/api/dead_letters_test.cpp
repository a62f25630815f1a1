#include "queue/embedded/embedded_sink.hpp"
#include "queue/timestamp.hpp"
#include "tests/api/api_room.hpp"

namespace ota::api::testing {

using cards::testing::iccid_a;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

struct dead_letters_api : room {
    void fill(book& all) override {
        room::fill(all);
        EXPECT_TRUE(queue::embedded_sink::open(folder_.path));  // the gateway makes the logs when it starts
        letter_room letters;
        letters.open = [this] { return queue::tools::open_letter_log(folder_.path); };
        letters.around.now = [this] { return now; };
        letters.around.open_payload = [](const queue::dead_letter& l) -> wire::result<std::string> {
            return std::string(wire::as_text(l.sealed));
        };
        add_dead_letters(all, std::move(letters));
    }
    void die(const std::string& reason, const std::string& payload) {
        queue::dead_letter l;
        l.reason = reason;
        l.detail = "id is missing (offset 1)";
        l.origin = {"dm.mo.changes", 0, 4};
        l.at = now;
        l.sealed.assign(payload.begin(), payload.end());
        auto sink = std::move(queue::embedded_sink::open(folder_.path).value());
        ASSERT_TRUE(sink->publish({{queue::topic_dead_letters, iccid_a, queue::serialize_dead_letter(l), {}}}));
    }
    std::vector<std::string> places(const std::string& query) {
        std::vector<std::string> out;
        const auto page = parsed(get("/dead-letters" + query));
        for (const auto& item : page.at("items").as_array()) out.emplace_back(item.at("place").as_string());
        return out;
    }
    const std::string good = R"({"specversion":"1.0","type":"dm.mo.change.v1","id":"e-1","source":"//dm","subject":")" +
                             iccid_a +
                             R"(","data":{"op":"replace","node":"./SC/USIM/ACC","format":"bin","value":"c2VjcmV0"}})";
};

TEST_F(dead_letters_api, lists_them_in_pages_without_their_payloads) {
    EXPECT_THAT(places(""), IsEmpty());
    die("no-id", "one c2VjcmV0");
    die("bad-json", "two");
    now += std::chrono::seconds(1);
    die("no-id", "three");
    const auto all = places("");
    ASSERT_THAT(all, SizeIs(3));
    EXPECT_EQ(parsed(get("/dead-letters/" + all[0])).at("at").as_string(), queue::serialize_timestamp(now))
        << "the newest comes first";
    EXPECT_EQ(places("?reason=no-id"), (std::vector<std::string>{all[0], all[2]}));
    const auto first = parsed(get("/dead-letters?limit=2"));
    EXPECT_THAT(first.at("items").as_array(), SizeIs(2));
    EXPECT_EQ(places("?limit=2&after=" + std::string(first.at("next").as_string())), std::vector<std::string>{all[2]});
    EXPECT_EQ(places("?reason=bad-json"), std::vector<std::string>{all[1]});
    for (const std::string bad : {"x", "1", ".0", "1.x", "1x.0"})
        EXPECT_EQ(get("/dead-letters?after=" + bad).status, 400u) << bad;
    EXPECT_EQ(get("/dead-letters?open=perhaps").status, 400u);
    EXPECT_THAT(answers, Not(HasSubstr("c2VjcmV0")));
}

TEST_F(dead_letters_api, shows_a_payload_to_the_role_keys_only) {
    die("no-id", "one c2VjcmV0");
    const auto place = places("").front();
    EXPECT_THAT(get("/dead-letters/" + place).body, Not(HasSubstr("c2VjcmV0")));
    EXPECT_THAT(get("/dead-letters/" + place, operate_token).body, Not(HasSubstr("c2VjcmV0")));
    EXPECT_THAT(deeds, IsEmpty());
    EXPECT_EQ(parsed(get("/dead-letters/" + place, keys_token)).at("payload").as_string(), "one c2VjcmV0");
    EXPECT_THAT(deeds, ElementsAre("support GET /api/v1/dead-letters/{place} 200"));
    recordable = false;
    EXPECT_EQ(get("/dead-letters/" + place, keys_token).status, 503u) << "it would be seen without a record";
    EXPECT_EQ(get("/dead-letters/" + place, operate_token).status, 200u);
    EXPECT_EQ(get("/dead-letters/99999").status, 404u);
    EXPECT_EQ(get("/dead-letters/here").status, 404u);
}

TEST_F(dead_letters_api, replays_one_once) {
    die("key-subject-mismatch", good);
    const auto place = places("").front();
    const auto path = "/dead-letters/" + place + "/replay";
    const auto said = post(path, R"({"again":false,"new_id":null})");
    ASSERT_EQ(said.status, 200u) << said.body;
    EXPECT_EQ(parsed(said).at("id").as_string(), "e-1");
    EXPECT_EQ(post(path).status, 409u) << "it was replayed";
    EXPECT_EQ(parsed(post(path, R"({"again":true,"new_id":"e-2"})")).at("id").as_string(), "e-2");
    EXPECT_THAT(places("?open=true"), IsEmpty());
    EXPECT_THAT(places(""), SizeIs(1));
}

TEST_F(dead_letters_api, says_why_one_cannot_be_replayed) {
    die("no-id", "still no event");
    const auto path = "/dead-letters/" + places("").front() + "/replay";
    EXPECT_THAT(detail_of(post(path)), HasSubstr("bad-json"));
    EXPECT_EQ(post("/dead-letters/99999/replay").status, 404u);
    EXPECT_EQ(post("/dead-letters/x/replay").status, 404u);
    for (const auto* bad : {R"({"again":1})", R"({"new_id":""})", R"({"new_id":7})", "[]"})
        EXPECT_EQ(post(path, bad).status, 400u) << bad;
    EXPECT_EQ(post(path, "{}", "application/json", read_token).status, 403u);
}

}  // namespace ota::api::testing
