#include "gateway/profile/gateway_settings.hpp"
#include "tests/profile/profile_text.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

using namespace ota;
using namespace std::chrono_literals;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

namespace {

struct read {
    gateway_settings settings;
    std::vector<std::string> errors, warnings;
};

read from(const std::string& yaml) {
    config::faults faults;
    read out;
    out.settings = read_gateway_settings(config::document::parse(yaml, "t", faults).root(), "/base", faults);
    for (const auto& f : faults.list()) {
        if (f.path == "routes" || f.path == "profiles") continue;
        (f.is == config::fault::severity::error ? out.errors : out.warnings).push_back(f.path + ": " + f.what);
    }
    return out;
}

std::string with_profile(const std::string& bip, const std::string& gateway = "bip: {}\n",
                         const std::string& spi = "1619", const std::string& more = "") {
    return gateway + "profiles:\n- name: p\n  spi: \"" + spi + "\"\n  kic: aes\n  kid: aes\n" + more +
           "  applications:\n    - {name: USIM, tar: b00011}\n    - {name: RAM, tar: \"000000\"}\n  bip: " + bip + "\n";
}

/// The commented section of the sample, as it reads once it is uncommented.
std::string sample_section(const std::string& file, const std::string& first) {
    std::ifstream in(std::string(OTA_SOURCE_DIR) + "/" + file);
    std::string out, line;
    bool within = false;
    while (std::getline(in, line)) {
        if (line == first) within = true;
        if (within && !line.starts_with("# ")) break;
        if (within) out += line.substr(2) + "\n";
    }
    return out;
}

}  // namespace

TEST(bip_settings, are_off_without_their_section) {
    const auto got = from("");
    EXPECT_THAT(got.errors, IsEmpty());
    EXPECT_FALSE(got.settings.bip.enabled);
    EXPECT_TRUE(from("bip: {}").settings.bip.enabled);
    EXPECT_FALSE(from("bip: {enabled: false}").settings.bip.enabled);
}

TEST(bip_settings, are_read_with_their_defaults) {
    const auto got = from("bip: {public: {address: 192.0.2.10}}");
    EXPECT_THAT(got.errors, IsEmpty());
    const auto& b = got.settings.bip;
    EXPECT_EQ(b.port, 9000);
    EXPECT_EQ(b.public_port, 9000);
    EXPECT_EQ(b.public_address, "192.0.2.10");
    EXPECT_FALSE(b.tcp);
    EXPECT_EQ(from("bip: {port: 7000}").settings.bip.public_port, 7000) << "as we listen, unless told otherwise";
}

TEST(bip_settings, are_all_read) {
    const auto got = from(R"(
bip:
  address: "::1"
  port: 7001
  public: {address: "2001:db8::1", port: 7002, tcp_port: 7003}
  tcp: {port: 7004, identification_tag: 0x36, command_tag: 1, response_tag: 4, identification_timeout: 3s, packet_timeout: 4s}
  max_links: 11
  half_open: 10
  per_source: 9
  answers: 8
  answers_per_source: 7
  remember: 6m
  max_pdu: 1000
  max_sdu: 2000
  window: 5
  first_rto: 4s
  retries: 3
  set_up_retries: 2
  keep_alive: 25s
  idle: 30s
)");
    EXPECT_THAT(got.errors, IsEmpty());
    EXPECT_THAT(got.warnings, IsEmpty());
    const auto& b = got.settings.bip;
    EXPECT_EQ(b.address, "::1");
    EXPECT_EQ(b.port, 7001);
    EXPECT_EQ(b.public_address, "2001:db8::1");
    EXPECT_EQ(b.public_port, 7002);
    EXPECT_EQ(b.public_tcp_port, 7003);
    ASSERT_TRUE(b.tcp);
    EXPECT_EQ(b.tcp->port, 7004);
    EXPECT_EQ(b.tcp->identification_tag, 0x36);
    EXPECT_EQ(b.tcp->response_tag, 4);
    EXPECT_EQ(b.tcp->identification_timeout, 3s);
    EXPECT_EQ(b.tcp->packet_timeout, 4s);
    EXPECT_EQ(b.max_links, 11u);
    EXPECT_EQ(b.half_open, 10u);
    EXPECT_EQ(b.per_source, 9u);
    EXPECT_EQ(b.answers, 8u);
    EXPECT_EQ(b.answers_per_source, 7u);
    EXPECT_EQ(b.remember, 6min);
    EXPECT_EQ(b.max_pdu, 1000);
    EXPECT_EQ(b.max_sdu, 2000);
    EXPECT_EQ(b.window, 5);
    EXPECT_EQ(b.first_rto, 4s);
    EXPECT_EQ(b.retries, 3u);
    EXPECT_EQ(b.set_up_retries, 2u);
    EXPECT_EQ(b.keep_alive, 25s);
    EXPECT_EQ(b.idle, 30s);
}

TEST(bip_settings, that_cannot_be_are_refused_by_name) {
    EXPECT_THAT(from("bip: {address: example.org}").errors,
                ElementsAre(HasSubstr("bip.address: should be an IPv4 or IPv6 address")));
    EXPECT_THAT(from("bip: {public: {address: a.b}}").errors, ElementsAre(HasSubstr("bip.public.address: ")));
    EXPECT_THAT(from("bip: {port: 0}").errors, ElementsAre(HasSubstr("bip.public.port: is missing")));
    EXPECT_THAT(from("bip: {tcp: {}}").errors, ElementsAre(HasSubstr("bip.tcp.identification_tag: is missing")));
    EXPECT_THAT(from("bip: {tcp: {identification_tag: 1}}").errors,
                ElementsAre(HasSubstr("bip.tcp: identification_tag, command_tag")));
    EXPECT_THAT(from("bip: {max_links: 5, half_open: 6}").errors,
                ElementsAre(HasSubstr("bip.half_open: should not be more")));
    EXPECT_THAT(from("bip: {max_links: 5}").errors, IsEmpty());
    EXPECT_THAT(from("bip: {max_pdu: 20}").errors, ElementsAre(HasSubstr("bip.max_pdu: ")));
    EXPECT_THAT(from("bip: {max_sdu: 65536}").errors, ElementsAre(HasSubstr("bip.max_sdu: ")));
    EXPECT_THAT(from("bip: {window: 0}").errors, ElementsAre(HasSubstr("bip.window: ")));
    EXPECT_THAT(from("bip: {idle: 1ms}").errors, ElementsAre(HasSubstr("bip.idle: ")));
    EXPECT_THAT(from("bip: {windows: 1}").errors,
                ElementsAre(HasSubstr("bip.windows: unknown setting, did you mean window?")));
    EXPECT_THAT(from("bip: 1").errors, Contains(HasSubstr("bip: should be a map")));
    EXPECT_THAT(from("bip: {max_pdu: 1500}").warnings, ElementsAre(HasSubstr("bip.max_pdu: ")));
    EXPECT_THAT(from("bip: {keep_alive: 2m}").warnings, ElementsAre(HasSubstr("bip.keep_alive: ")));
}

TEST(bip_settings, of_the_sample_are_the_defaults) {
    const auto text = sample_section("config/otagw.yaml", "# bip:");
    ASSERT_FALSE(text.empty());
    const auto got = from(text);
    EXPECT_THAT(got.errors, IsEmpty());
    EXPECT_THAT(got.warnings, IsEmpty());
    const bip_settings d, &s = got.settings.bip;
    EXPECT_EQ(s.address, d.address);
    EXPECT_EQ(s.port, d.port);
    EXPECT_EQ(s.public_port, d.public_port);
    EXPECT_EQ(s.public_tcp_port, d.public_tcp_port);
    EXPECT_EQ(s.max_links, d.max_links);
    EXPECT_EQ(s.half_open, d.half_open);
    EXPECT_EQ(s.per_source, d.per_source);
    EXPECT_EQ(s.answers, d.answers);
    EXPECT_EQ(s.answers_per_source, d.answers_per_source);
    EXPECT_EQ(s.remember, d.remember);
    EXPECT_EQ(s.max_pdu, d.max_pdu);
    EXPECT_EQ(s.max_sdu, d.max_sdu);
    EXPECT_EQ(s.window, d.window);
    EXPECT_EQ(s.first_rto, d.first_rto);
    EXPECT_EQ(s.retries, d.retries);
    EXPECT_EQ(s.set_up_retries, d.set_up_retries);
    EXPECT_EQ(s.keep_alive, d.keep_alive);
    EXPECT_EQ(s.idle, d.idle);
}

// --- of a profile
// ---------------------------------------------------------------------------------------------------------

TEST(bip_channel, is_none_unless_the_profile_says_so) {
    EXPECT_FALSE(load(profile_text{}).only().bip);
    const auto off = from(with_profile("{enabled: false, push_application: RAM}", ""));
    EXPECT_THAT(off.errors, IsEmpty());
    EXPECT_FALSE(off.settings.profiles.at("p")->bip);
}

TEST(bip_channel, is_read_with_its_defaults) {
    const auto got = from(with_profile("{push_application: RAM}"));
    EXPECT_THAT(got.errors, IsEmpty());
    const auto& p = *got.settings.profiles.at("p");
    ASSERT_TRUE(p.bip);
    EXPECT_EQ(p.bip->push_application, 1u);
    EXPECT_EQ(p.bip->protocol, bip_protocol::cat_tp);
    EXPECT_EQ(p.bip->bearer, wire::octets{0x03});
    EXPECT_EQ(p.bip->threshold, 4u);
    EXPECT_EQ(p.bip->max_packet, 4096u);
    EXPECT_EQ(p.bip->connect_timeout, 5min);
}

TEST(bip_channel, is_all_read) {
    ::setenv("OTAGW_TEST_APN_PASSWORD", "pw", 1);
    const auto got = from(with_profile(
        "{protocol: tcp, push_application: USIM, access_name: ota.example, bearer: \"\", buffer_size: 1024, login: me, "
        "password: \"${env:OTAGW_TEST_APN_PASSWORD}\", threshold: 2, max_packet: 900, connect_timeout: 1m, retries: 0, "
        "back_off: 5s}",
        "bip: {public: {address: 192.0.2.1}, tcp: {identification_tag: 0x36}}\n"));
    EXPECT_THAT(got.errors, IsEmpty());
    const auto& b = *got.settings.profiles.at("p")->bip;
    EXPECT_EQ(b.protocol, bip_protocol::tcp);
    EXPECT_EQ(b.push_application, 0u);
    EXPECT_EQ(b.access_name, "ota.example");
    EXPECT_TRUE(b.bearer.empty());
    EXPECT_EQ(b.buffer_size, 1024);
    EXPECT_EQ(b.login, "me");
    EXPECT_EQ(b.password, "pw");
    EXPECT_EQ(b.threshold, 2u);
    EXPECT_EQ(b.max_packet, 900u);
    EXPECT_EQ(b.connect_timeout, 1min);
    EXPECT_EQ(b.retries, 0u);
    EXPECT_EQ(b.back_off, 5s);
    EXPECT_EQ(
        from(with_profile("{push_application: USIM, cat_tp_port: 1234}")).settings.profiles.at("p")->bip->cat_tp_port,
        1234);
}

TEST(bip_channel, needs_a_server_to_come_to) {
    EXPECT_THAT(from(with_profile("{push_application: USIM}", "")).errors,
                ElementsAre("bip: is missing: profile p has data channels (its own section bip)"));
    EXPECT_THAT(from(with_profile("{push_application: USIM}", "bip: {enabled: false}\n")).errors,
                ElementsAre(HasSubstr("bip: is not enabled: profile p")));
    EXPECT_THAT(from(with_profile("{push_application: USIM, protocol: tcp}")).errors,
                ElementsAre("bip.tcp: is missing: profile p has bip.protocol: tcp"));
    EXPECT_THAT(
        from(with_profile("{push_application: USIM, protocol: tcp}", "bip: {tcp: {identification_tag: 54}}\n")).errors,
        ElementsAre(HasSubstr("bip.public.address: is missing: profile p")));
}

// R10, R11
TEST(bip_channel, goes_with_a_counter_that_must_be_higher_only) {
    EXPECT_THAT(
        from(with_profile("{push_application: USIM}", "bip: {}\n", "1e19")).errors,
        ElementsAre(HasSubstr("bip: goes with a counter that must be higher only: where it must rise by exactly one")));
    EXPECT_THAT(
        from(with_profile("{push_application: USIM}", "bip: {}\n", "0e19", "  allow: [no-counter]\n")).errors,
        ElementsAre(HasSubstr("bip: goes with a counter that must be higher only: a card that does not check it")));
    EXPECT_THAT(from(with_profile("{enabled: false, push_application: USIM}", "bip: {}\n", "1e19")).errors, IsEmpty());
}

TEST(bip_channel, that_cannot_be_is_refused_by_name) {
    const auto only = [](const std::string& bip) { return from(with_profile(bip)).errors; };
    EXPECT_THAT(only("{}"), ElementsAre("profiles[0].bip.push_application: is missing"));
    EXPECT_THAT(only("{push_application: X}"), ElementsAre(HasSubstr("bip.push_application: is no application")));
    EXPECT_THAT(only("{push_application: RAM, access_name: a..b}"), ElementsAre(HasSubstr("bip.access_name: ")));
    EXPECT_THAT(only("{push_application: RAM, access_name: " + std::string(64, 'a') + "}"),
                ElementsAre(HasSubstr("bip.access_name: ")));
    EXPECT_THAT(only("{push_application: RAM, bearer: zz}"), ElementsAre(HasSubstr("bip.bearer: ")));
    EXPECT_THAT(only("{push_application: RAM, login: me}"), ElementsAre(HasSubstr("bip.login: ")));
    EXPECT_THAT(only("{push_application: RAM, login: me, password: clear}"), Contains(HasSubstr("bip.password: ")));
    EXPECT_THAT(only("{push_application: RAM, cat_tp_port: 0}"), ElementsAre(HasSubstr("bip.cat_tp_port: ")));
    EXPECT_THAT(only("{push_application: RAM, buffer_size: 10}"), ElementsAre(HasSubstr("bip.buffer_size: ")));
    EXPECT_THAT(only("{push_application: RAM, max_packet: 70000}"), ElementsAre(HasSubstr("bip.max_packet: ")));
    EXPECT_THAT(only("{push_application: RAM, threshold: 0}"), ElementsAre(HasSubstr("bip.threshold: ")));
    EXPECT_THAT(only("{push_application: RAM, connect_timeout: 1s}"), ElementsAre(HasSubstr("bip.connect_timeout: ")));
    EXPECT_THAT(only("{push_application: RAM, back_off: 0s}"), ElementsAre(HasSubstr("bip.back_off: ")));
    EXPECT_THAT(only("{push_application: RAM, protocoll: tcp}"),
                ElementsAre(HasSubstr("bip.protocoll: unknown setting")));
}

TEST(bip_channel, whose_push_no_packet_carries_is_refused) {
    const auto name = std::string(60, 'a') + "." + std::string(39, 'b');
    EXPECT_THAT(from(with_profile("{push_application: RAM, access_name: " + name + "}", "bip: {}\n", "1619",
                                  "  segments: {max: 1}\n"))
                    .errors,
                ElementsAre(HasSubstr("profiles[0].bip: needs a PUSH of ")));
    EXPECT_THAT(from(with_profile("{push_application: RAM, access_name: " + name + "}")).errors, IsEmpty());
}

TEST(bip_channel, is_part_of_the_profile_s_hash) {
    const auto hash = [](const std::string& bip) { return from(with_profile(bip)).settings.profiles.at("p")->hash; };
    const auto plain = hash("{push_application: RAM}");
    EXPECT_EQ(plain, hash("{push_application: RAM, threshold: 4}"));
    EXPECT_NE(plain, hash("{push_application: USIM}"));
    EXPECT_NE(plain, hash("{push_application: RAM, access_name: x}"));
    EXPECT_NE(plain, hash("{push_application: RAM, max_packet: 1000}"));
    EXPECT_NE(plain, hash("{enabled: false, push_application: RAM}"));
}
