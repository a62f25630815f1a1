#include "gateway/profile/gateway_settings.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

using namespace ota;
using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

namespace {

struct read {
    gateway_settings settings;
    std::vector<std::string> errors;
    std::vector<std::string> warnings;
};

read from(const std::string& yaml) {
    config::faults faults;
    read out;
    out.settings = read_gateway_settings(config::document::parse(yaml, "t", faults).root(), "/base", faults);
    for (const auto& f : faults.list()) {
        auto& list = f.is == config::fault::severity::error ? out.errors : out.warnings;
        list.push_back(std::to_string(f.line) + " " + f.path + ": " + f.what);
    }
    return out;
}

const std::string route = "routes:\n- name: a\n  host: h\n  system_id: s\n";

}  // namespace

TEST(gateway_settings, need_nothing_to_be_set) {
    const auto got = from("");
    EXPECT_THAT(got.errors, IsEmpty());
    EXPECT_THAT(got.warnings, ElementsAre("0 routes: no route: nothing can be sent",
                                          "0 profiles: no card profile: no card can be served"));
    const auto& s = got.settings;
    EXPECT_EQ(s.store_path(), "/base/otagw-data/otagw.db");
    EXPECT_EQ(s.queue_directory(), "/base/otagw-data/queue");
    EXPECT_EQ(s.key_encryption_key_path(), "/base/otagw-data/kek");
    EXPECT_EQ(s.flow.batch, 1000u);
    EXPECT_EQ(s.flow.commit_window, 5ms);
    EXPECT_EQ(s.flow.submissions_in_flight, 20'000u);
    EXPECT_EQ(s.flow.event_life, 24h * 7);
    EXPECT_EQ(s.flow.unknown_card, unknown_card_policy::reject);
    EXPECT_EQ(s.http.address, "127.0.0.1");
}

TEST(gateway_settings, read_every_setting_of_a_route) {
    ::setenv("OTAGW_TEST_PASSWORD", "secret", 1);
    const auto got = from(R"(
routes:
  - name: a
    host: smsc
    port: 2776
    system_id: id
    password: ${env:OTAGW_TEST_PASSWORD}
    system_type: type
    mode: split
    binds: 3
    window: 7
    rate: 12.5
    prefixes: ["49171", "4917"]
    priority: 5
    source: {address: "1234", ton: 3, npi: 2}
    destination: {ton: 2, npi: 3}
    service_type: OTA
    data_coding: 0x04
    protocol_id: 127
    esm_class: 0x41
    registered_delivery: 3
    validity: absolute
    message_id: {submit: hex, receipt: decimal}
    enquire_link: 15s
    response_timeout: 4s
    connect_timeout: 3s
    validity_maximum: 24h
    vendor_statuses: {0x400: throttle, 1025: temporary}
    reconnect: {min: 100ms, max: 1m}
    tls: {verify: true, server_name: smsc.example}
)");
    EXPECT_THAT(got.errors, IsEmpty());
    ASSERT_EQ(got.settings.routes.size(), 1u);
    const auto& r = got.settings.routes[0];
    EXPECT_EQ(r.name + r.host + r.system_id + r.password + r.system_type + r.service_type, "asmscidsecrettypeOTA");
    EXPECT_EQ(r.port, 2776);
    EXPECT_EQ(r.mode, bind_mode::split);
    EXPECT_EQ(r.binds, 3u);
    EXPECT_EQ(r.window, 7u);
    EXPECT_EQ(r.rate, 12.5);
    EXPECT_THAT(r.prefixes, ElementsAre("49171", "4917"));
    EXPECT_EQ(r.priority, 5);
    EXPECT_EQ(r.source_address, "1234");
    EXPECT_EQ(r.source_ton, 3);
    EXPECT_EQ(r.source_npi, 2);
    EXPECT_EQ(r.destination_ton, 2);
    EXPECT_EQ(r.destination_npi, 3);
    EXPECT_EQ(r.data_coding, 4);
    EXPECT_EQ(r.protocol_id, 0x7F);
    EXPECT_EQ(r.esm_class, 0x41);
    EXPECT_EQ(r.registered_delivery, 3);
    EXPECT_EQ(r.validity, validity_form::absolute);
    EXPECT_EQ(r.submit_id_form, message_id_form::hex);
    EXPECT_EQ(r.receipt_id_form, message_id_form::decimal);
    EXPECT_EQ(r.enquire_link, 15s);
    EXPECT_EQ(r.response_timeout, 4s);
    EXPECT_EQ(r.connect_timeout, 3s);
    EXPECT_EQ(r.validity_maximum, 24h);
    EXPECT_EQ(r.vendor_statuses, (std::map<std::uint32_t, vendor_status>{{0x400, vendor_status::throttle},
                                                                         {0x401, vendor_status::temporary}}));
    EXPECT_EQ(r.reconnect_min, 100ms);
    EXPECT_EQ(r.reconnect_max, 1min);
    EXPECT_TRUE(r.tls.enabled);
    EXPECT_EQ(r.tls.server_name, "smsc.example");
}

TEST(gateway_settings, report_vendor_statuses_that_name_nothing) {
    const auto got = from(R"(routes:
- name: a
  host: h
  system_id: s
  connect_timeout: 0s
  validity_maximum: 10s
  vendor_statuses:
    0: throttle
    0x40x: temporary
    0x400: slow
    0x401: session
    1025: session
)");
    EXPECT_THAT(got.errors,
                testing::UnorderedElementsAre(
                    "5 routes[0].connect_timeout: should be longer than nothing",
                    "6 routes[0].validity_maximum: should be a minute or more",
                    "8 routes[0].vendor_statuses.0: should be named by a command_status other than 0, as 0x400",
                    "9 routes[0].vendor_statuses.0x40x: should be named by a command_status other than 0, as 0x400",
                    "10 routes[0].vendor_statuses.0x400: should be throttle, temporary, session or permanent",
                    "12 routes[0].vendor_statuses.1025: names a command_status that stands here already"));
}

TEST(gateway_settings, report_routes_that_cannot_work) {
    const auto got = from(R"(routes:
- name: a
  host: h
  system_id: sixteen-letters!
- name: a
  port: 70000
  esm_class: 0
  protocol_id: 0
  validity: none
  prefixes: ["+49", "49"]
  reconnect: {min: 2m}
  response_timeout: 0s
  tls: {ca_file: absent.pem, verify: false}
  source: {address: "123456789012345678901"}
)");
    EXPECT_THAT(
        got.errors,
        testing::UnorderedElementsAre(
            "4 routes[0].system_id: is longer than the 15 octets that SMPP carries", "5 routes[1].host: is missing",
            "6 routes[1].port: should be a whole number from 1 to 65535", "5 routes[1].system_id: is missing",
            "7 routes[1].esm_class: needs bit 0x40: without it the card gets the header as text",
            "10 routes[1].prefixes[0]: should be the first digits of a number, country code first, without +",
            "11 routes[1].reconnect.min: should not be longer than max",
            "12 routes[1].response_timeout: should be longer than nothing",
            "13 routes[1].tls.ca_file: names a file that cannot be read",
            "14 routes[1].source.address: is longer than the 20 octets that SMPP carries",
            "5 routes[1].name: another route has this name"));
    EXPECT_THAT(got.warnings,
                testing::IsSupersetOf({HasSubstr("8 routes[1].protocol_id"), HasSubstr("9 routes[1].validity"),
                                       HasSubstr("13 routes[1].tls.verify")}));
}

TEST(gateway_settings, keep_dedupe_keys_as_long_as_the_queue_keeps_events) {  // R22
    EXPECT_THAT(
        from("store: {retention: 1d}\n").errors,
        ElementsAre("1 store.retention: is shorter than the queue's: an event that is read again would run again"));
    EXPECT_THAT(from("store: {retention: 1d}\nqueue: {retention: 1d}\n").errors, IsEmpty());
}

TEST(gateway_settings, let_absolute_paths_be_and_put_others_below_the_files_folder) {
    const auto s = from("data_directory: d\nstore: {path: /x/s.db}\nqueue: {directory: q}\n").settings;
    EXPECT_EQ(s.data_directory, "/base/d");
    EXPECT_EQ(s.store_path(), "/x/s.db");
    EXPECT_EQ(s.queue_directory(), "/base/q");
}

TEST(gateway_settings, report_sources_without_nodes_or_with_bad_prefixes) {
    EXPECT_THAT(from("sources:\n- {name: x}\n- {name: y, nodes: [SC]}\n").errors,
                ElementsAre("2 sources[0].nodes: should list the URI prefixes that the source may touch",
                            "3 sources[1].nodes[0]: should be a URI that begins with ./"));
}

TEST(source_rules, permit_everything_when_there_are_none) { EXPECT_TRUE(is_permitted({}, "//any", "./SC/USIM/SPN")); }

TEST(source_rules, permit_only_what_a_matching_rule_covers_by_whole_steps) {
    const std::vector<source_rule> rules{{"//dm.example/*", {"./SC/USIM", "./SC/SIM/SPN"}}, {"//root", {"."}}};
    EXPECT_TRUE(is_permitted(rules, "//dm.example/a", "./SC/USIM/SPN"));
    EXPECT_TRUE(is_permitted(rules, "//dm.example/", "./SC/SIM/SPN"));
    EXPECT_TRUE(is_permitted(rules, "//root", "./Any/Thing"));
    EXPECT_FALSE(is_permitted(rules, "//dm.example/a", "./SC/USIM2/SPN"));
    EXPECT_FALSE(is_permitted(rules, "//dm.example/a", "./SC/SIM"));
    EXPECT_FALSE(is_permitted(rules, "//other", "./SC/USIM/SPN"));
    EXPECT_FALSE(is_permitted(rules, "//root2", "./SC/USIM/SPN"));
}

TEST(source_rules, take_a_star_for_any_run_of_characters) {
    const auto permits = [](std::string pattern, std::string_view source) {
        return is_permitted({{pattern, {"."}}}, source, "./x");
    };
    EXPECT_TRUE(permits("*", ""));
    EXPECT_TRUE(permits("a*c*e", "abcde"));
    EXPECT_TRUE(permits("a*c", "abcbc"));
    EXPECT_TRUE(permits("**a", "a"));
    EXPECT_FALSE(permits("a*c", "abcd"));
    EXPECT_FALSE(permits("", "a"));
    EXPECT_FALSE(permits("a*b*c", std::string(5000, 'a')));
}
