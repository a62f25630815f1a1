#include "tests/dm/two_ends.hpp"

// Both ends with something wrong between or about them.
namespace ota::dm {
namespace {

class dm_session_fault : public testing::TestWithParam<combination> {
protected:
    two_ends ends{GetParam()};
};
INSTANTIATE_TEST_SUITE_P(combinations, dm_session_fault, testing::ValuesIn(every_combination), name_of);

TEST_P(dm_session_fault, a_device_with_a_wrong_password_gets_nothing) {
    ends.device.client.password = secret_of("guessed");
    const auto before = ends.tree;
    ends.run({replace(1, "./IMPS/Addr", "x")});
    EXPECT_EQ(ends.client->finished(), sandbox::dm_finish::not_let_in);
    EXPECT_EQ(ends.end(), ending::unauthenticated);
    EXPECT_EQ(ends.tree, before);
    EXPECT_EQ(ends.answer(1).code, 9999) << "the order stays the owner's: it was never sent";
    EXPECT_EQ(ends.stored_client_nonce, "client-nonce-0");
}

TEST_P(dm_session_fault, an_unknown_device_gets_nothing) {
    ends.knows_device = false;
    ends.run({get(1, "./IMPS/Addr")});
    EXPECT_EQ(ends.client->finished(), sandbox::dm_finish::not_let_in);
    EXPECT_EQ(ends.end(), ending::unauthenticated);
}

TEST_P(dm_session_fault, a_server_with_a_wrong_password_changes_nothing) {
    ends.device.server.password = secret_of("another");
    const auto before = ends.tree;
    const auto nonce = ends.device.client.nonce;
    ends.run({replace(1, "./IMPS/Addr", "x"), get(2, "./IMPS/Addr")});
    EXPECT_EQ(ends.client->finished(), sandbox::dm_finish::server_not_trusted);
    EXPECT_EQ(ends.tree, before);
    EXPECT_EQ(ends.device.client.nonce, nonce) << "a nonce of a server not proven is not kept";
}

TEST_P(dm_session_fault, a_lost_answer_is_asked_for_again_and_nothing_is_done_twice) {
    for (int lost = 0; lost < 4; ++lost) {
        two_ends fresh(GetParam());
        int seen = 0;
        fresh.to_device = [&](auto&, auto&) { return seen++ != lost; };
        fresh.run({one(1, {.what = syncml::verb::add, .target = "./IMPS/Once", .value = "1"}), get(2, "./IMPS/Once")});
        EXPECT_EQ(fresh.answer(1).code, 200) << lost;
        EXPECT_EQ(fresh.value(2), "1") << lost;
        EXPECT_EQ(fresh.server->tally().repeated, lost < 2 ? 1u : 0u) << lost;
        EXPECT_EQ(fresh.client->finished(), sandbox::dm_finish::done) << lost;
    }
}

TEST_P(dm_session_fault, a_device_gives_up_when_nothing_arrives) {
    ends.to_server = [](auto&, auto&) { return false; };
    ends.run();
    EXPECT_EQ(ends.client->finished(), sandbox::dm_finish::no_answer);
    EXPECT_EQ(ends.client->tally().repeated, 2u);
}

TEST_P(dm_session_fault, a_truncated_answer_finishes_the_session_without_a_change) {
    const auto before = ends.tree;
    ends.to_device = [](wire::octets& body, auto&) {
        body.resize(body.size() - 3);
        return true;
    };
    ends.run({replace(1, "./IMPS/Addr", "x")});
    EXPECT_EQ(ends.client->finished(), sandbox::dm_finish::bad_answer);
    EXPECT_EQ(ends.tree, before);
}

TEST_P(dm_session_fault, an_object_larger_than_the_device_takes_is_told_by_code) {
    ends.client_settings.max_obj_size = 2000;
    ends.run({one(1, {.what = syncml::verb::add, .target = "./IMPS/Big", .value = std::string(2001, 'x')}),
              get(2, "./DevInfo/Man")});
    EXPECT_EQ(ends.answer(1).code, 413);
    EXPECT_EQ(ends.value(2), "Maker");
}

TEST_P(dm_session_fault, a_full_device_says_so) {
    ends.client_settings.tree.capacity = 200;
    ends.run({one(1, {.what = syncml::verb::add, .target = "./IMPS/Big", .value = std::string(300, 'x')})});
    EXPECT_EQ(ends.answer(1).code, 420);
    EXPECT_EQ(ends.find_node("./IMPS/Big"), nullptr);
}

TEST_P(dm_session_fault, an_object_larger_than_the_server_takes_comes_to_nothing) {
    mo::find(ends.tree, mo::parse_uri("./IMPS/Addr").value())->value = std::string(5000, 'x');
    ends.gateway_settings.max_message = 1500;
    ends.gateway_settings.max_object = 3000;
    ends.run({get(1, "./IMPS/Addr"), get(2, "./DevInfo/Man")});
    EXPECT_EQ(ends.answer(1).code, 413);
    EXPECT_EQ(ends.value(2), "Maker");
}

// One octet after the other altered in everything that is sent: whatever comes of it, both ends live and end.
TEST_P(dm_session_fault, altered_octets_never_break_an_end) {
    two_ends good(GetParam());
    good.run({replace(1, "./IMPS/Addr", "x"), get(2, "./IMPS")});
    const auto script = good.sent;
    for (std::size_t which = 0; which < script.size(); ++which) {
        for (std::size_t at = 0; at < script[which].second.size(); at += 7) {
            two_ends fresh(GetParam());
            std::size_t seen = 0;
            const auto alter = [&](wire::octets& body, auto&) {
                if (seen++ == which && at < body.size()) body[at] ^= 0x15;
                return true;
            };
            fresh.to_server = fresh.to_device = alter;
            fresh.run({replace(1, "./IMPS/Addr", "x"), get(2, "./IMPS")});
            ASSERT_TRUE(fresh.client->finished()) << which << ' ' << at;
            if (GetParam().how != scheme::mac || which == 0) continue;
            const auto& addr = *fresh.find_node("./IMPS/Addr")->value;
            ASSERT_TRUE(addr == "x" || addr == "imps.old.example") << "under a MAC nothing forged is done: " << addr;
        }
    }
}

}  // namespace
}  // namespace ota::dm
