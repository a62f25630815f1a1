#include "sandbox/device/connection_plan.hpp"

#include "sandbox/device/account_object.hpp"

#include <gtest/gtest.h>

namespace ota::sandbox {
namespace {

using std::chrono::seconds;
namespace mo = ota::management_object;

const mo::uri one{{"DMAcc", "One"}}, other{{"DMAcc", "Other"}};

TEST(connection_plan, tries_so_often_and_waits_twice_as_long_each_time) {
    connection_plan plan({.attempts = 4, .first = seconds(30), .longest = seconds(100)});
    instant now{};
    EXPECT_FALSE(plan.next());
    plan.want(one, now);
    for (const auto wait : {30, 60, 100}) {
        ASSERT_EQ(plan.start(now), one);
        EXPECT_FALSE(plan.start(now));
        EXPECT_FALSE(plan.failed(one, now));
        EXPECT_EQ(plan.next(), now + seconds(wait));
        EXPECT_FALSE(plan.start(now + seconds(wait) - std::chrono::microseconds(1)));
        now += seconds(wait);
    }
    ASSERT_EQ(plan.start(now), one);
    EXPECT_TRUE(plan.failed(one, now));
    EXPECT_FALSE(plan.next());
    EXPECT_FALSE(plan.start(now + seconds(100000)));
}

TEST(connection_plan, a_session_that_came_to_its_end_ends_the_wish) {
    connection_plan plan({});
    plan.want(one, {});
    plan.want(other, {});
    EXPECT_EQ(plan.start({}), one);
    plan.succeeded(one);
    EXPECT_EQ(plan.start({}), other);
    plan.forget(other);
    EXPECT_FALSE(plan.next());
}

TEST(connection_plan, a_wish_during_a_session_is_not_lost) {
    connection_plan plan({.attempts = 1});
    plan.want(one, {});
    EXPECT_EQ(plan.start({}), one);
    plan.want(one, {});
    plan.succeeded(one);
    EXPECT_EQ(plan.start({}), one);
    plan.want(one, {});
    EXPECT_FALSE(plan.failed(one, {}));
    EXPECT_TRUE(plan.next());
}

TEST(connection_plan, being_switched_off_does_not_give_more_attempts) {
    connection_plan plan({.attempts = 2});
    plan.want(one, {});
    for (int i = 0; i < 2; ++i) {
        EXPECT_EQ(plan.start({}), one);
        plan.interrupted(one);
    }
    EXPECT_FALSE(plan.start({}));
}

mo::node account(std::string address, std::string port, std::string pref) {
    auto way = [](std::string level, std::string name) {
        return mo::interior(level, {mo::text_leaf("AAuthLevel", level), mo::text_leaf("AAuthName", name),
                                    mo::text_leaf("AAuthSecret", "s")});
    };
    auto where =
        mo::interior("x", {mo::text_leaf("Addr", std::move(address)),
                           mo::interior("Port", {mo::interior("x", {mo::text_leaf("PortNbr", std::move(port))})})});
    return mo::interior("Operator", {mo::text_leaf("ServerID", "dm"), mo::interior("AppAddr", {std::move(where)}),
                                     mo::text_leaf("AAuthPref", std::move(pref)),
                                     mo::interior("AppAuth", {way("CLCRED", "us"), way("SRVCRED", "them")})});
}

TEST(account_object, tells_server_credentials_and_scheme) {
    const auto read = account_of(account("http://dm.example.org/dm", "8080", "HMAC"));
    ASSERT_TRUE(read);
    EXPECT_EQ(read->server_uri, "http://dm.example.org:8080/dm");
    EXPECT_EQ(read->server_id, "dm");
    EXPECT_EQ(read->preferred, dm_authentication::hmac);
    EXPECT_EQ(read->client.name, "us");
    EXPECT_EQ(read->server.name, "them");
    EXPECT_EQ(account_of(account("http://dm.example.org/dm", "80", ""))->server_uri, "http://dm.example.org/dm");
    EXPECT_EQ(account_of(account("http://dm.example.org:81/dm", "80", ""))->server_uri, "http://dm.example.org:81/dm");
    EXPECT_EQ(account_of(account("http://[2001:db8::1]/dm", "81", ""))->server_uri, "http://[2001:db8::1]:81/dm");
}

TEST(account_object, is_none_without_address_server_or_credentials) {
    EXPECT_FALSE(account_of(account("", "80", "")));
    for (const auto* missing : {"ServerID", "AppAddr", "AppAuth"}) {
        auto object = account("http://dm.example.org/dm", "80", "");
        std::erase_if(object.children, [&](const auto& c) { return c.name == missing; });
        EXPECT_FALSE(account_of(object)) << missing;
    }
}

}  // namespace
}  // namespace ota::sandbox
