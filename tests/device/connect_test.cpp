#include "tests/device/phone_bench.hpp"

namespace ota::sandbox {
namespace {

using std::chrono::seconds;
using testing::ElementsAre;
using testing::IsEmpty;

TEST(device_connect, connects_by_itself_when_an_object_with_the_flag_is_taken_over) {
    phone_with_card bench;
    ASSERT_EQ(bench.connections.size(), 1U);
    EXPECT_EQ(bench.connections[0].first, "http://dm.example.org/dm");
    EXPECT_EQ(bench.connections[0].second.content_type, mo::dm::type_wbxml);
    EXPECT_TRUE(bench.phone.in_session());
    EXPECT_THAT(bench.told(kind::session_started), ElementsAre("./DMAcc/Operator http://dm.example.org/dm"));
}

TEST(device_connect, does_not_connect_without_the_flag) {
    auto profile = sample_profile();
    for (auto& object : profile.management_objects) object.autonomous = false;
    phone_with_card bench(profile);
    EXPECT_TRUE(bench.has("./DMAcc/Operator"));
    bench.phone.tick(bench.now + seconds(100000));
    EXPECT_THAT(bench.connections, IsEmpty());
    EXPECT_FALSE(bench.phone.next());
    // A user may, all the same.
    EXPECT_TRUE(bench.phone.start_session(at("./DMAcc/Operator"), bench.now));
    EXPECT_FALSE(bench.phone.start_session(at("./DMAcc/Operator"), bench.now));
}

TEST(device_connect, the_flag_of_another_object_uses_the_account_of_the_card) {
    auto profile = sample_profile();
    for (auto& object : profile.management_objects) object.autonomous = object.uri == "./IMPS";
    phone_with_card bench(profile);
    EXPECT_EQ(bench.connections.size(), 1U);
    // No account, no connection.
    phone_with_card none(profile, phone_model({"urn:oma:mo:oma-imps:1.0"}));
    EXPECT_TRUE(none.has("./IMPS"));
    EXPECT_THAT(none.connections, IsEmpty());
}

TEST(device_connect, does_not_connect_when_the_user_refused_the_account) {
    auto profile = sample_profile();
    for (auto& object : profile.management_objects) object.ask = true;
    phone_bench bench;
    bench.says = consent::no;
    object_card card(profile);
    bench.start_with(card);
    EXPECT_EQ(bench.asked.size(), 4U);
    EXPECT_THAT(bench.connections, IsEmpty());
}

TEST(device_connect, a_server_that_does_not_answer_is_tried_so_often_and_no_more) {
    device_settings settings{.retry = {.attempts = 3, .first = seconds(10)}};
    settings.dm.tries = 2;
    phone_with_card bench(sample_profile(), phone_model(), settings);
    for (int round = 0; round < 20; ++round) {
        while (bench.phone.in_session()) (void)bench.phone.on_no_response(bench.now);
        bench.now += seconds(3600);
        bench.phone.tick(bench.now);
    }
    EXPECT_EQ(bench.connections.size(), 3U);
    EXPECT_EQ(bench.told(kind::session_failed).size(), 3U);
    EXPECT_THAT(bench.told(kind::given_up), ElementsAre("./DMAcc/Operator no-answer"));
    bench.restart();
    EXPECT_EQ(bench.connections.size(), 3U);  // the same content: it was tried
    change(bench.card, "./IMPS", "Name", "Other");
    bench.refresh();
    EXPECT_EQ(bench.connections.size(), 3U);  // an object without the flag
}

TEST(device_connect, waits_between_two_attempts) {
    device_settings settings{.retry = {.attempts = 3, .first = seconds(10)}};
    settings.dm.tries = 1;
    phone_with_card bench(sample_profile(), phone_model(), settings);
    EXPECT_FALSE(bench.phone.next());
    EXPECT_FALSE(bench.phone.on_no_response(bench.now));
    ASSERT_EQ(bench.phone.next(), bench.now + seconds(10));
    bench.phone.tick(bench.now + seconds(9));
    EXPECT_EQ(bench.connections.size(), 1U);
    bench.phone.tick(bench.now + seconds(10));
    EXPECT_EQ(bench.connections.size(), 2U);
}

TEST(device_connect, a_session_ends_when_its_account_goes_with_the_card) {
    phone_with_card bench;
    EXPECT_TRUE(bench.phone.in_session());
    bench.phone.remove_card();
    EXPECT_FALSE(bench.phone.in_session());
    EXPECT_THAT(bench.told(kind::session_failed), ElementsAre("./DMAcc/Operator account-gone"));
    EXPECT_FALSE(bench.phone.on_response({}, bench.now));
    EXPECT_FALSE(bench.phone.next());
}

}  // namespace
}  // namespace ota::sandbox
