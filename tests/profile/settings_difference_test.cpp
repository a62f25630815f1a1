#include "gateway/profile/settings_difference.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

using namespace ota;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

namespace {

route_settings route_named(const char* name) {
    route_settings r;
    r.name = name;
    r.password = "canary";
    return r;
}

std::shared_ptr<const card_profile> profile_of(std::uint64_t hash, std::uint16_t cat_tp_port = 0) {
    auto p = std::make_shared<card_profile>();
    p->hash = hash;
    if (cat_tp_port != 0) p->bip.emplace().cat_tp_port = cat_tp_port;
    return p;
}

gateway_settings settings() {
    gateway_settings s;
    s.routes = {route_named("a"), route_named("b")};
    s.profiles = {{"p", profile_of(1)}, {"q", profile_of(2)}};
    return s;
}

}  // namespace

TEST(settings_difference, of_the_same_settings_is_nothing) {
    auto fresh = settings();
    fresh.profiles["p"] = profile_of(1);  // read again
    const auto d = difference_between(settings(), fresh);
    EXPECT_THAT(d.fixed, IsEmpty());
    EXPECT_THAT(d.changed, IsEmpty());
}

TEST(settings_difference, names_what_a_reload_takes_over_and_no_value) {
    auto fresh = settings();
    fresh.routes = {route_named("b"), route_named("c")};
    fresh.routes[0].rate = 5;
    fresh.routes[0].password = "another-canary";
    fresh.profiles = {{"q", profile_of(3)}, {"r", profile_of(4)}};
    fresh.sources.push_back({"dm", {"./SC"}});
    fresh.log = log_level::debug;
    fresh.flow.event_life = std::chrono::hours(1);
    fresh.http.rate = 5;
    fresh.http.tokens.push_back({"another", api_role::read, "file"});
    const auto d = difference_between(settings(), fresh);
    EXPECT_THAT(d.fixed, IsEmpty());
    EXPECT_THAT(d.changed, UnorderedElementsAre("route a: removed", "route b: password, rate", "route c: added",
                                                "profile p: removed", "profile q: changed", "profile r: added",
                                                "sources", "log.level", "flow.event_life", "http.rate", "http.tokens"));
}

TEST(settings_difference, sees_another_order_of_the_same_routes) {
    auto fresh = settings();
    std::swap(fresh.routes[0], fresh.routes[1]);
    EXPECT_THAT(difference_between(settings(), fresh).changed, ElementsAre("routes: their order"));
}

TEST(settings_difference, names_everything_that_needs_a_restart) {
    auto fresh = settings();
    fresh.data_directory = "elsewhere";
    fresh.key_encryption_key_file = "another";
    fresh.store.retention *= 2;
    fresh.store.postgres.schema = "other";
    fresh.queue.kafka.group = "other";
    fresh.http.port = 1;
    fresh.dm.sessions = 1;
    fresh.bip.max_links = 1;
    fresh.flow.commit_window *= 2;
    fresh.profiles["p"] = profile_of(5, 9999);
    EXPECT_THAT(difference_between(settings(), fresh).fixed,
                UnorderedElementsAre("data_directory", "key_encryption_key_file", "store.retention", "store.postgres",
                                     "queue.kafka", "http.port", "dm.sessions", "bip.(limits and times)",
                                     "flow.commit_window", "profiles: bip.cat_tp_port"));
}
