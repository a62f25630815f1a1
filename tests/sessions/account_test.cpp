#include "gateway/flow/card_account.hpp"
#include "tests/sessions/session_world.hpp"

namespace ota::simulation {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

TEST(device_account, is_found_by_its_client_name_once_the_card_attests_it) {
    session_world w;
    EXPECT_THAT(w.accounts(0), IsEmpty());
    w.provision(0, "subscriber-0", "secret-0");
    const auto known = w.accounts(0);
    ASSERT_EQ(known.size(), 1U);
    EXPECT_EQ(known[0].client_name, "subscriber-0");
    EXPECT_EQ(known[0].object, account);
    EXPECT_EQ(known[0].device, "");
}

TEST(device_account, lets_its_device_in_and_is_renewed_by_each_session) {
    for (const auto* how : {"DIGEST", "HMAC"}) {
        SCOPED_TRACE(how);
        session_world w;
        w.provision(0, "subscriber-0", "secret-0", how);
        phone_in_world bench(w, 0);
        EXPECT_EQ(w.call(bench), "done");
        const auto first = w.accounts(0)[0];
        EXPECT_EQ(first.device, "IMEI:490154203237518");
        EXPECT_FALSE(first.client_nonce.empty());
        EXPECT_FALSE(first.server_nonce.empty());
        EXPECT_EQ(w.call(bench), "done");
        EXPECT_NE(w.accounts(0)[0].client_nonce, first.client_nonce);
        EXPECT_EQ(w.http.met().wrong_credentials, 0U);
        EXPECT_EQ(w.owner.tally().sessions, 2U);
    }
}

TEST(device_account, of_a_wrong_secret_is_told_401_and_opens_nothing) {
    session_world w;
    w.provision(0, "subscriber-0", "secret-0");
    phone_in_world bench(w, 0);
    EXPECT_EQ(w.call(bench), "done");
    const auto before = w.accounts(0);
    ASSERT_TRUE(mo::replace(bench.phone.own_tree(), at("./DMAcc/Operator/AppAuth/client/AAuthSecret"), "another"));
    EXPECT_EQ(w.call(bench), "not-let-in");
    EXPECT_GE(w.http.met().wrong_credentials, 1U);
    EXPECT_EQ(w.owner.tally().sessions, 1U);
    EXPECT_EQ(w.accounts(0), before);
}

TEST(device_account, that_no_card_holds_is_told_what_a_wrong_secret_is) {
    session_world w;
    phone_in_world bench(w, 0);  // the account as the card was made; nobody has attested it
    EXPECT_NE(w.call(bench), "done");
    EXPECT_GE(w.owner.tally().unknown_clients, 1U);
    EXPECT_GE(w.http.met().unknown_device, 1U);
    EXPECT_EQ(w.owner.tally().sessions, 0U);
}

TEST(device_account, with_a_replayed_message_gets_no_session) {
    session_world w;
    w.provision(0, "subscriber-0", "secret-0");
    phone_in_world bench(w, 0);
    const auto first = bench.connections.at(0).second;
    EXPECT_EQ(w.call(bench), "done");
    const auto known = w.accounts(0);
    w.clock += hours(1);
    w.http.tick();  // the session is forgotten
    ASSERT_EQ(w.http.size(), 0U);
    const auto reply = w.answer(first);
    EXPECT_EQ(reply.status, 200U);
    EXPECT_EQ(w.http.met().wrong_credentials, 1U);
    EXPECT_EQ(w.owner.tally().sessions, 1U);
    EXPECT_EQ(w.accounts(0), known);
}

TEST(device_account, begins_anew_when_its_credentials_change_on_the_card_and_goes_on_when_they_do_not) {
    session_world w;
    w.provision(0, "subscriber-0", "secret-0");
    phone_in_world bench(w, 0);
    EXPECT_EQ(w.call(bench), "done");
    const auto before = w.accounts(0)[0];
    w.replace_leaf(std::string(account) + "/Name", "Another name");
    ASSERT_TRUE(w.run(minutes(5)));
    EXPECT_EQ(w.accounts(0)[0], before);
    bench.refresh();
    EXPECT_EQ(w.call(bench), "done");
    w.replace_leaf(std::string(account) + "/AppAuth/client/AAuthSecret", "secret-1");
    ASSERT_TRUE(w.run(minutes(5)));
    const auto after = w.accounts(0)[0].client_nonce;
    EXPECT_NE(after, "");  // a device has used the first one
    EXPECT_NE(after, before.client_nonce);
    EXPECT_EQ(w.http.met().wrong_credentials, 0U);
    bench.refresh();
    EXPECT_EQ(w.call(bench), "done");
    EXPECT_EQ(w.http.met().wrong_credentials, 1U);  // the challenge that tells the device
}

TEST(device_account, whose_credentials_come_back_does_not_take_what_was_recorded_of_their_first_use) {
    session_world w;
    w.provision(0, "subscriber-0", "secret-0");
    phone_in_world bench(w, 0);
    const auto recorded = bench.connections.at(0).second;
    EXPECT_EQ(w.call(bench), "done");
    for (const auto* secret : {"secret-1", "secret-0"}) {
        w.replace_leaf(std::string(account) + "/AppAuth/client/AAuthSecret", secret);
        ASSERT_TRUE(w.run(minutes(5)));
    }
    w.clock += hours(1);
    w.http.tick();
    const auto sessions = w.owner.tally().sessions;
    (void)w.answer(recorded);
    EXPECT_EQ(w.owner.tally().sessions, sessions);
    bench.refresh();
    EXPECT_EQ(w.call(bench), "done");
}

TEST(device_account, that_two_cards_share_is_refused_rather_than_guessed) {
    session_world w(calm(2, object_profile()));
    w.provision(0, "the-same", "secret-0");
    w.provision(1, "the-same", "secret-1");
    phone_in_world bench(w, 0);
    EXPECT_NE(w.call(bench), "done");
    EXPECT_GE(w.owner.tally().ambiguous_clients, 1U);
}

TEST(device_account, keeps_its_password_out_of_the_store_and_the_notes) {
    session_world w;
    w.provision(0, "subscriber-0", "hush-hush");
    phone_in_world bench(w, 0);
    EXPECT_EQ(w.call(bench), "done");
    const auto row = w.row_of(0);
    EXPECT_THAT(std::string(wire::as_text(row.twin)), Not(HasSubstr("hush-hush")));
    for (const auto& a : w.accounts(0))
        EXPECT_THAT(a.client_name + a.client_nonce + a.server_nonce + a.device, Not(HasSubstr("hush-hush")));
    ASSERT_FALSE(w.notes.empty());
    for (const auto& n : w.notes) EXPECT_THAT(n, Not(HasSubstr("hush-hush")));
}

TEST(device_account, malformed_and_oversized_messages_are_refused_and_counted) {
    session_world w;
    w.provision(0, "subscriber-0", "secret-0");
    sandbox::dm_request bad{"application/vnd.syncml.dm+wbxml", wire::octets(40, 0xEE), {}};
    EXPECT_EQ(w.answer(bad).status, 400U);
    bad.body.assign(70'000, 0x02);
    EXPECT_EQ(w.answer(bad).status, 413U);
    bad.content_type = "text/plain";
    bad.body.assign(4, 'x');
    EXPECT_EQ(w.answer(bad).status, 415U);
    const auto met = w.http.met();
    EXPECT_EQ(met.malformed, 1U);
    EXPECT_EQ(met.too_large, 1U);
    EXPECT_EQ(met.other_type, 1U);
    EXPECT_EQ(w.owner.tally().sessions, 0U);
}

}  // namespace
}  // namespace ota::simulation
