#include "sandbox/device/data_channels.hpp"

#include <gtest/gtest.h>

#include <map>

namespace ota::sandbox {
namespace {

namespace type = toolkit_command_type;
namespace result = toolkit_result;

/// What a terminal's channels lead through, written down.
struct paper_network final : channel_network {
    std::variant<channel_id, channel_refusal> open(channel_owner&, const remote_port& to) override {
        if (refusal) return *refusal;
        opened[++last] = to;
        return last;
    }
    void send(channel_id id, wire::octets data) override { sent.emplace_back(id, std::move(data)); }
    void close(channel_id id) override { opened.erase(id); }

    std::optional<channel_refusal> refusal;
    channel_id last = 0;
    std::map<channel_id, remote_port> opened;
    std::vector<std::pair<channel_id, wire::octets>> sent;
};

class terminals_channels : public ::testing::Test {
protected:
    terminal_response run(std::uint8_t t, std::uint8_t qualifier = 0, std::uint8_t to = 0x21,
                          toolkit_elements elements = {}) {
        return channels.execute({7, t, qualifier, to, std::move(elements)});
    }
    terminal_response open(std::uint16_t buffer = 1400, std::uint8_t protocol = channel_transport::udp) {
        return run(
            type::open_channel, open_at_once, 0x82,
            to_elements(
                {.bearer = {3}, .buffer_size = buffer, .protocol = protocol, .port = 9000, .address = {127, 0, 0, 1}}));
    }
    void subscribe() { EXPECT_EQ(run(type::set_up_event_list, 0, 0x82, {{0x99, {9, 10}}}).result, result::performed); }
    std::string next_event() {
        const auto event = channels.next_event();
        return event ? wire::to_hex(*event) : "none";
    }
    terminal_response receive(std::size_t most) {
        return run(type::receive_data, 0, 0x21, {length_element(0xB7, most)});
    }
    static std::size_t data_of(const terminal_response& r) { return find_element(r.elements, 0x36)->value.size(); }
    static std::size_t left_of(const terminal_response& r) { return find_element(r.elements, 0x37)->value.at(0); }

    paper_network network;
    unsigned woken = 0;
    data_channels channels{network, [this](instant) { ++woken; }};
};

TEST_F(terminals_channels, are_opened_as_asked_and_closed) {
    const auto response = open();
    EXPECT_EQ(wire::to_hex(serialize(response)),
              "8103074001"
              "82028281"
              "830100"
              "38028100"
              "350103"
              "39020578");
    EXPECT_EQ(network.opened.at(1), (remote_port{false, {127, 0, 0, 1}, 9000}));
    EXPECT_EQ(wire::to_hex(serialize(run(type::get_channel_status, 0, 0x82))),
              "8103074400"
              "82028281"
              "830100"
              "38028100");
    EXPECT_EQ(run(type::close_channel).result, result::performed);
    EXPECT_TRUE(network.opened.empty());
    EXPECT_EQ(wire::to_hex(serialize(run(type::close_channel))),
              "8103074100"
              "82028281"
              "83023a03");
    EXPECT_EQ(wire::to_hex(serialize(run(type::get_channel_status, 0, 0x82))),
              "8103074400"
              "82028281"
              "830100"
              "38020000");
}

TEST_F(terminals_channels, are_seven_at_most) {
    for (int i = 1; i <= most_channels; ++i)
        EXPECT_EQ(read_channel_status(*find_element(open().elements, 0x38))->channel, i);
    EXPECT_EQ(wire::to_hex(serialize(open())),
              "8103074001"
              "82028281"
              "83023a01");
    EXPECT_EQ(run(type::close_channel, 0, 0x24).result, result::performed);
    EXPECT_EQ(read_channel_status(*find_element(open().elements, 0x38))->channel, 4);
    channels.reset();
    EXPECT_TRUE(network.opened.empty());
    EXPECT_FALSE(channels.any_open());
}

TEST_F(terminals_channels, have_a_smaller_buffer_than_was_asked_for_and_say_so) {
    const auto response = open(4000);
    EXPECT_EQ(response.result, result::with_modification);
    EXPECT_EQ(find_element(response.elements, 0x39)->value, (wire::octets{0x05, 0xDC}));
}

TEST_F(terminals_channels, are_refused_when_something_is_missing_or_the_network_says_no) {
    EXPECT_EQ(open(0).result, result::required_missing);
    EXPECT_EQ(open(1400, 4).additional, wire::octets{channel_error::transport_not_available});
    EXPECT_EQ(run(type::open_channel, 1, 0x82, {{0x39, {1}}}).result, result::not_understood);
    network.refusal = {result::currently_unable, {4}};
    EXPECT_EQ(wire::to_hex(serialize(open())),
              "8103074001"
              "82028281"
              "83022004");
    EXPECT_FALSE(channels.any_open());
}

TEST_F(terminals_channels, send_a_datagram_when_its_last_piece_is_there) {
    open();
    auto response = run(type::send_data, send_store, 0x21, {{0xB6, wire::octets(240, 1)}});
    EXPECT_EQ(left_of(response), 255U);
    EXPECT_TRUE(network.sent.empty());
    response = run(type::send_data, send_at_once, 0x21, {{0xB6, wire::octets(60, 2)}});
    ASSERT_EQ(network.sent.size(), 1U);
    EXPECT_EQ(network.sent[0].second.size(), 300U);
    EXPECT_EQ(run(type::send_data, send_at_once, 0x22, {{0xB6, {1}}}).additional,
              wire::octets{channel_error::unknown_channel});
    EXPECT_EQ(run(type::send_data, send_at_once).result, result::required_missing);
}

TEST_F(terminals_channels, do_not_send_more_than_the_buffer_holds) {
    open(300);
    EXPECT_EQ(left_of(run(type::send_data, send_store, 0x21, {{0xB6, wire::octets(240, 1)}})), 60U);
    EXPECT_EQ(run(type::send_data, send_at_once, 0x21, {{0xB6, wire::octets(61, 1)}}).result,
              result::bearer_protocol_error);
    EXPECT_TRUE(network.sent.empty());
    EXPECT_EQ(run(type::send_data, send_at_once, 0x21, {{0xB6, wire::octets(61, 1)}}).result, result::performed);
    EXPECT_EQ(network.sent.at(0).second.size(), 61U);
}

TEST_F(terminals_channels, tell_the_card_once_that_data_came_and_keep_datagrams_apart) {
    subscribe();
    open();
    channels.on_data(1, wire::octets(300, 1), {});
    channels.on_data(1, wire::octets(20, 2), {});
    EXPECT_EQ(woken, 1U);
    EXPECT_EQ(next_event(),
              "d60e"
              "990109"
              "82028281"
              "38028100"
              "3701ff");
    EXPECT_EQ(next_event(), "none");
    auto response = receive(237);
    EXPECT_EQ(data_of(response), 237U);
    EXPECT_EQ(left_of(response), 83U);
    EXPECT_EQ(response.result, result::performed);
    response = receive(83);
    EXPECT_EQ(data_of(response), 63U);  // the end of the first
    EXPECT_EQ(response.result, result::missing_information);
    EXPECT_EQ(left_of(response), 20U);
    EXPECT_EQ(data_of(receive(20)), 20U);
    response = receive(10);
    EXPECT_EQ(data_of(response), 0U);
    EXPECT_EQ(response.result, result::missing_information);
    channels.on_data(1, wire::octets(5, 3), {});
    EXPECT_EQ(next_event(),
              "d60e"
              "990109"
              "82028281"
              "38028100"
              "370105");
}

TEST_F(terminals_channels, say_nothing_to_a_card_that_did_not_ask) {
    open();
    channels.on_data(1, wire::octets(5, 1), {});
    channels.on_link(1, false, {});
    EXPECT_EQ(woken, 0U);
    EXPECT_EQ(next_event(), "none");
}

TEST_F(terminals_channels, drop_a_datagram_that_finds_the_buffer_full) {
    subscribe();
    open(300);
    channels.on_data(1, wire::octets(200, 1), {});
    channels.on_data(1, wire::octets(101, 2), {});
    channels.on_data(1, wire::octets(100, 3), {});
    EXPECT_EQ(channels.counts().overflows, 1U);
    EXPECT_EQ(data_of(receive(237)), 200U);
    EXPECT_EQ(find_element(receive(237).elements, 0x36)->value, wire::octets(100, 3));
}

TEST_F(terminals_channels, tell_that_a_link_dropped) {
    subscribe();
    open();
    channels.on_data(1, wire::octets(5, 1), {});
    channels.on_link(1, false, {});
    EXPECT_EQ(next_event(),
              "d60e"
              "990109"
              "82028281"
              "38020105"
              "370105");
    EXPECT_EQ(next_event(),
              "d60b"
              "99010a"
              "82028281"
              "38020105");
    EXPECT_EQ(run(type::send_data, send_at_once, 0x21, {{0xB6, {1}}}).additional, wire::octets{channel_error::closed});
    EXPECT_EQ(run(type::close_channel).result, result::performed);
    channels.on_link(1, false, {});  // it is no more
    channels.on_data(1, {1}, {});
    EXPECT_EQ(next_event(), "none");
}

TEST_F(terminals_channels, over_tcp_stand_when_the_connection_does) {
    subscribe();
    const auto response = open(1400, channel_transport::tcp);
    EXPECT_EQ(response.result, result::performed);
    EXPECT_EQ(find_element(response.elements, 0x38)->value, (wire::octets{0x01, 0x00}));
    channels.on_link(1, true, {});
    EXPECT_EQ(next_event(),
              "d60b"
              "99010a"
              "82028281"
              "38028100");
    channels.on_data(1, wire::octets(5000, 1), {});  // a stream waits in the terminal
    EXPECT_EQ(channels.counts().overflows, 0U);
}

TEST(terminal_profile, tells_of_channels) {
    EXPECT_EQ(wire::to_hex(data_channels::announced_in({0x03, 0x00, 0x80, 0x42})),
              "03008042"
              "010c0000000000"
              "1fe2"
              "000000"
              "03");
    EXPECT_EQ(data_channels::announced_in(wire::octets(20, 0xFF)), wire::octets(20, 0xFF));
}

}  // namespace
}  // namespace ota::sandbox
