#include "gateway/cli/data_channels.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ota::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

gateway_settings with(const bip_settings& bip) {
    gateway_settings s;
    s.bip = bip;
    return s;
}

}  // namespace

TEST(data_channels, hand_every_setting_to_the_server) {
    bip_settings b;
    b.address = "::1";
    b.port = 7001;
    b.tcp = bip_tcp_settings{};
    b.tcp->port = 7004;
    b.tcp->identification_tag = 0x36;
    b.tcp->response_tag = 4;
    b.max_links = 11;
    b.half_open = 10;
    b.per_source = 9;
    b.max_sdu = 2000;
    b.max_pdu = 900;
    b.window = 5;
    b.first_rto = std::chrono::milliseconds(700);
    b.retries = 3;
    b.set_up_retries = 2;
    auto s = with(b);
    for (const std::uint16_t port : {8080, 9090, 8080}) {
        card_profile p;
        p.name = std::to_string(s.profiles.size());
        p.bip = bip_channel{.cat_tp_port = port};
        s.profiles.emplace(p.name, std::make_shared<const card_profile>(p));
    }
    card_profile by_tcp;
    by_tcp.bip = bip_channel{.protocol = bip_protocol::tcp, .cat_tp_port = 1};
    s.profiles.emplace("tcp", std::make_shared<const card_profile>(by_tcp));
    s.profiles.emplace("none", std::make_shared<const card_profile>());

    const auto out = bip_server_settings_of(s, {5, 6});
    EXPECT_THAT(out.exchange.ports, ElementsAre(8080, 9090));
    EXPECT_EQ(out.address, "::1");
    EXPECT_EQ(out.port, 7001);
    EXPECT_EQ(out.tcp_port, 7004);
    EXPECT_EQ(out.callers.tags.identification, 0x36);
    EXPECT_EQ(out.callers.tags.response, 4);
    EXPECT_EQ(out.callers.max_packet, 2000u);
    EXPECT_EQ(out.callers.unidentified, 10u);
    EXPECT_EQ(out.exchange.max_links, 11u);
    EXPECT_EQ(out.exchange.per_source, 9u);
    EXPECT_EQ(out.exchange.link.max_sdu, 2000);
    EXPECT_EQ(out.exchange.link.max_pdu, 900);
    EXPECT_EQ(out.exchange.link.window, 5);
    EXPECT_EQ(out.exchange.link.retries, 3);
    EXPECT_EQ(out.exchange.link.set_up_retries, 2);
    EXPECT_LE(out.exchange.link.min_rto, out.exchange.link.first_rto);
    EXPECT_EQ(out.dice.k1, 6u);
    EXPECT_FALSE(bip_server_settings_of(with({}), {}).tcp_port);
}

TEST(data_channels, show_their_figures) {
    ops::metrics metrics;
    bip::server_status status;
    status.now.links = 7;
    status.cat_tp.opened = 9;
    status.cat_tp.count(bip::refusal::foreign);
    status.cat_tp.closed[3] = 4;
    status.tcp.packets_in = 5;
    status.cat_tp.moved = 2;
    show_data_channels(metrics, [&] { return status; });
    const auto text = metrics.text();
    EXPECT_THAT(text, HasSubstr("otagw_bip_links{state=\"open\"} 7"));
    EXPECT_THAT(text, HasSubstr("otagw_bip_links_opened_total{bearer=\"cat_tp\"} 9"));
    EXPECT_THAT(text, HasSubstr("otagw_bip_refused_total{bearer=\"cat_tp\",reason=\"foreign\"} 1"));
    EXPECT_THAT(text, HasSubstr("otagw_bip_links_closed_total{bearer=\"cat_tp\",reason=\"idle\"} 4"));
    EXPECT_THAT(text, HasSubstr("otagw_bip_packets_total{bearer=\"tcp\",state=\"in\"} 5"));
    EXPECT_THAT(text, HasSubstr("otagw_bip_moves_total{state=\"moved\"} 2"));
    status.cat_tp.opened = 10;
    EXPECT_THAT(metrics.text(), HasSubstr("otagw_bip_links_opened_total{bearer=\"cat_tp\"} 10"));
}

}  // namespace ota::cli
