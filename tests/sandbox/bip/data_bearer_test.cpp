#include "sandbox/uicc/data_bearer.hpp"

#include <gtest/gtest.h>

namespace ota::sandbox {
namespace {

namespace type = toolkit_command_type;
namespace result = toolkit_result;

channel_order udp() {
    return {{.bearer = {3},
             .buffer_size = 1400,
             .protocol = channel_transport::udp,
             .port = 9000,
             .address = {127, 0, 0, 1}}};
}
channel_order tcp() {
    auto out = udp();
    out.channel.protocol = channel_transport::tcp;
    return out;
}

/// A card whose terminal is this script.
class cards_bearer : public ::testing::Test {
protected:
    std::uint16_t order(push_order o) { return bearer.on_order(std::move(o), 99, now); }
    /// The command that the card gives next, which is of this type.
    proactive_command expect(std::uint8_t t) {
        const auto command = bearer.next_command();
        EXPECT_TRUE(command);
        EXPECT_EQ(command ? command->type : 0, t);
        EXPECT_FALSE(bearer.next_command());  // one at a time
        return command.value_or(proactive_command{});
    }
    void respond(const proactive_command& c, std::uint8_t general = result::performed, toolkit_elements elements = {}) {
        bearer.on_response({c.number, c.type, c.qualifier, general, {}, std::move(elements)}, now);
    }
    proactive_command do_well(std::uint8_t t, toolkit_elements elements = {}) {
        auto command = expect(t);
        respond(command, result::performed, std::move(elements));
        return command;
    }
    void open(channel_order o = udp(), bool up = true) {
        EXPECT_EQ(order(std::move(o)), 0x9000);
        do_well(type::set_up_event_list);
        do_well(type::open_channel, {to_element({1, up, false}), {0x35, {3}}, buffer_element(1400)});
    }
    void tell(std::uint8_t event, channel_status s, std::size_t waiting = 0) {
        toolkit_event e{event, 0x82, {to_element(s)}};
        if (waiting != 0) e.elements.push_back(length_element(0x37, waiting));
        bearer.on_event(e, now);
    }
    /// The next datagram that the card sends, of one piece.
    cat_tp::pdu sent() {
        const auto command = do_well(type::send_data, {length_element(0x37, 1400)});
        EXPECT_EQ(command.qualifier, send_at_once);
        EXPECT_EQ(command.to, 0x21);
        return cat_tp::parse(find_element(command.elements, 0x36)->value).value();
    }
    void silent() { EXPECT_FALSE(bearer.next_command()); }

    const wire::octets iccid = wire::from_hex("98101032547698103214").value();
    link_time now{std::chrono::hours(1)};
    data_bearer bearer{{}, iccid};
};

TEST_F(cards_bearer, subscribes_once_opens_and_connects) {
    silent();
    EXPECT_EQ(order(udp()), 0x9000);
    EXPECT_EQ(order(link_order{8080, 1024, {}}), 0x9000);
    const auto list = do_well(type::set_up_event_list);
    EXPECT_EQ(find_element(list.elements, 0x19)->value, (wire::octets{9, 10}));
    const auto opening = do_well(type::open_channel, {to_element({1, true, false}), {0x35, {3}}, buffer_element(1000)});
    EXPECT_EQ(read_channel_request(opening.elements), udp().channel);
    const auto syn = sent();
    const auto& body = std::get<cat_tp::set_up>(syn.body);
    EXPECT_EQ(body.identification, iccid);
    EXPECT_EQ(body.max_pdu, 1000);
    EXPECT_EQ(body.max_sdu, 1024);
    EXPECT_EQ(syn.destination_port, 8080);
    silent();
}

TEST_F(cards_bearer, takes_one_order_at_a_time) {
    EXPECT_EQ(order(link_order{8080, {}, {}}), 0x6985);
    EXPECT_EQ(order(identification_order{}), 0x6985);
    EXPECT_EQ(order(udp()), 0x9000);
    EXPECT_EQ(order(tcp()), 0x9300);
    EXPECT_EQ(order(identification_order{}), 0x6985);
    EXPECT_EQ(order(link_order{8080, {}, {}}), 0x9000);
    EXPECT_EQ(order(link_order{8080, {}, {}}), 0x9300);
}

TEST_F(cards_bearer, gives_up_where_the_terminal_refuses) {
    for (const auto general : {result::currently_unable, result::bearer_protocol_error, result::beyond_capability}) {
        EXPECT_EQ(order(udp()), 0x9000);
        auto command = bearer.next_command();
        if (command->type == type::set_up_event_list) {
            respond(*command);
            command = bearer.next_command();
        }
        respond(*command, general);
        EXPECT_TRUE(bearer.idle());
        silent();
    }
    data_bearer deaf({}, iccid);
    EXPECT_EQ(deaf.on_order(udp(), 1, now), 0x9000);
    const auto command = deaf.next_command();
    deaf.on_response({1, command->type, 0, result::beyond_capability, {}, {}}, now);
    EXPECT_TRUE(deaf.idle());
}

TEST_F(cards_bearer, fetches_a_datagram_in_pieces) {
    open();
    EXPECT_EQ(order(link_order{8080, {}, {}}), 0x9000);
    const auto syn = sent();
    const cat_tp::pdu answer{.source_port = 8080,
                             .destination_port = syn.source_port,
                             .sequence = 700,
                             .acknowledgement = syn.sequence,
                             .window = 10,
                             .body = cat_tp::set_up{1400, 65535, {}}};
    const auto octets = cat_tp::serialize(answer).value();
    tell(channel_event::data_available, {1, true, false}, 10);
    const auto receive = expect(type::receive_data);
    EXPECT_EQ(find_element(receive.elements, 0x37)->value.at(0), 10);
    const auto end = octets.begin() + 10;
    respond(receive, result::performed, {{0xB6, {octets.begin(), end}}, length_element(0x37, octets.size() - 10)});
    do_well(type::receive_data, {{0xB6, {end, octets.end()}}, length_element(0x37, 0)});
    EXPECT_TRUE(std::holds_alternative<cat_tp::traffic>(sent().body));  // the connection stands
    silent();
}

TEST_F(cards_bearer, tells_datagrams_apart_where_the_terminal_does_not) {
    open();
    EXPECT_EQ(order(link_order{8080, {}, {}}), 0x9000);
    const auto syn = sent();
    const auto bytes = [&](std::uint16_t sequence, decltype(cat_tp::pdu::body) body) {
        return cat_tp::serialize({.source_port = 8080,
                                  .destination_port = syn.source_port,
                                  .sequence = sequence,
                                  .acknowledgement = syn.sequence,
                                  .window = 10,
                                  .body = std::move(body)})
            .value();
    };
    auto both = bytes(700, cat_tp::set_up{1400, 65535, {}});
    const auto second = bytes(701, cat_tp::traffic{.data = {1, 2, 3}});
    both.insert(both.end(), second.begin(), second.end());
    const auto size = both.size();
    tell(channel_event::data_available, {1, true, false}, size);
    do_well(type::receive_data, {{0xB6, both}, length_element(0x37, 0)});
    EXPECT_EQ(bearer.take_received(), std::vector<wire::octets>({{1, 2, 3}}));
}

TEST_F(cards_bearer, passes_over_what_is_no_pdu) {
    open();
    EXPECT_EQ(order(link_order{8080, {}, {}}), 0x9000);
    (void)sent();
    for (const std::size_t size : {1, 9, 17, 100, 237}) {
        tell(channel_event::data_available, {1, true, false}, size);
        do_well(type::receive_data, {{0xB6, wire::octets(size, 0xFF)}, length_element(0x37, 0)});
        silent();
    }
}

TEST_F(cards_bearer, closes_its_channel_when_the_link_dropped) {
    open();
    EXPECT_EQ(order(link_order{8080, {}, {}}), 0x9000);
    const auto syn = expect(type::send_data);
    tell(channel_event::channel_status, {1, false, true});
    respond(syn, result::bearer_protocol_error);
    const auto close = do_well(type::close_channel);
    EXPECT_EQ(close.to, 0x21);
    EXPECT_TRUE(bearer.idle());
    silent();
    EXPECT_EQ(order(udp()), 0x9000);  // subscribed still
    expect(type::open_channel);
}

TEST_F(cards_bearer, asks_for_the_status_of_a_silent_channel) {
    open();
    EXPECT_EQ(order(link_order{8080, {}, {}}), 0x9000);
    (void)sent();
    now = *bearer.due();
    bearer.on_tick(now);
    do_well(type::get_channel_status, {to_element({1, true, false})});
    EXPECT_TRUE(std::holds_alternative<cat_tp::set_up>(sent().body));
    now = *bearer.due();
    bearer.on_tick(now);
    do_well(type::get_channel_status, {to_element({1, false, true})});
    do_well(type::close_channel);
    EXPECT_TRUE(bearer.idle());
}

TEST_F(cards_bearer, sends_again_what_the_terminal_did_not_take) {
    open();
    EXPECT_EQ(order(link_order{8080, {}, {}}), 0x9000);
    respond(expect(type::send_data), result::currently_unable);
    do_well(type::get_channel_status, {to_element({1, true, false})});
    silent();
    now = *bearer.due();
    bearer.on_tick(now);
    do_well(type::get_channel_status, {to_element({1, true, false})});
    EXPECT_TRUE(std::holds_alternative<cat_tp::set_up>(sent().body));
}

TEST_F(cards_bearer, closes_a_channel_without_a_link_after_its_patience) {
    open();
    silent();
    now = *bearer.due();
    bearer.on_tick(now);
    do_well(type::close_channel);
    EXPECT_TRUE(bearer.idle());
    EXPECT_FALSE(bearer.due());
}

TEST_F(cards_bearer, refuses_an_order_that_no_terminal_could_fetch) {
    auto o = udp();
    o.channel.access_name = wire::octets(240, 1);
    EXPECT_EQ(order(o), 0x6A80);
    EXPECT_TRUE(bearer.idle());
}

TEST_F(cards_bearer, over_tcp_identifies_itself_and_takes_packets_out_of_the_stream) {
    open(tcp(), false);
    EXPECT_EQ(order(identification_order{wire::octets{0xAB, 0xCD}}), 0x9000);
    silent();
    tell(channel_event::channel_status, {1, true, false});
    auto command = do_well(type::send_data, {length_element(0x37, 255)});
    EXPECT_EQ(wire::to_hex(find_element(command.elements, 0x36)->value), "0302abcd");
    tell(channel_event::data_available, {1, true, false}, 5);
    do_well(type::receive_data, {{0xB6, {0x01, 0x03, 0x0A}}, length_element(0x37, 2)});
    EXPECT_TRUE(bearer.take_received().empty());
    do_well(type::receive_data, {{0xB6, {0x0B, 0x0C}}, length_element(0x37, 0)});
    EXPECT_EQ(bearer.take_received(), (std::vector<wire::octets>{{0x01, 0x03, 0x0A, 0x0B, 0x0C}}));
    bearer.send({0x02, 0x01, 0x00}, now);
    command = do_well(type::send_data, {length_element(0x37, 255)});
    EXPECT_EQ(wire::to_hex(find_element(command.elements, 0x36)->value), "020100");
    now = *bearer.due();
    bearer.on_tick(now);
    do_well(type::close_channel);
    EXPECT_TRUE(bearer.idle());
}

TEST_F(cards_bearer, sends_the_octets_of_a_stream_as_they_come_and_ends_one_that_lacks_some) {
    open(tcp());
    bearer.send(wire::octets(500, 1), now);
    for (const std::size_t length : {240, 240, 20}) {
        const auto command = do_well(type::send_data, {length_element(0x37, 255)});
        EXPECT_EQ(command.qualifier, send_at_once);  // a whole answer may be more than the terminal's buffer holds
        EXPECT_EQ(find_element(command.elements, 0x36)->value.size(), length);
    }
    silent();
    bearer.send(wire::octets(500, 1), now);
    respond(expect(type::send_data), result::currently_unable);
    do_well(type::close_channel);
    EXPECT_TRUE(bearer.idle());
}

TEST_F(cards_bearer, leaves_a_stream_that_it_cannot_follow) {
    open(tcp());
    tell(channel_event::data_available, {1, true, false}, 2);
    do_well(type::receive_data, {{0xB6, {0x77, 0x01}}, length_element(0x37, 0)});
    do_well(type::close_channel);
    EXPECT_TRUE(bearer.idle());
}

}  // namespace
}  // namespace ota::sandbox
