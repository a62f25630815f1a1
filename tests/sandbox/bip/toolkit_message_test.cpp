#include "sandbox/uicc/channel_objects.hpp"

#include <gtest/gtest.h>

// Data channels as others write them: every message here was read by Wireshark's dissector (see tshark_test.cpp).
namespace ota::sandbox {
namespace {

namespace type = toolkit_command_type;

wire::octets hex(std::string_view text) { return wire::from_hex(text).value(); }

constexpr auto open_vector = "d02781030140018202818235010339020578470908696e7465726e65743c03011f903e05210a000001";
constexpr auto opened_vector =
    "81030140018202828183010038028100350103390205"
    "78";
constexpr auto send_vector =
    "d02c810302430182028121b6218000002180011f9000000a000000000ad8bb05c010000a98101032547698103214";
constexpr auto sent_vector = "8103024301820282818301003701ff";
constexpr auto available_vector =
    "d60e99010982028281380281003701"
    "17";
constexpr auto receive_vector = "d00c810303420082028121b70117";
constexpr auto received_vector = "810303420082028281830100b617c00000171f908001000050000a00000a408c05c0ffff00370100";
constexpr auto close_vector = "d009810304410082028121";
constexpr auto closed_vector = "810304410082028281830100";
constexpr auto status_vector = "d009810305440082028182";
constexpr auto told_vector = "81030544008202828183010038028100";
constexpr auto refused_vector = "81030140018202828183023a01";
constexpr auto dropped_vector = "d60b99010a8202828138020105";

channel_request request() {
    return {.bearer = {0x03},
            .buffer_size = 1400,
            .access_name = hex("08696e7465726e6574"),
            .protocol = channel_transport::udp,
            .port = 8080,
            .address = {10, 0, 0, 1}};
}

TEST(toolkit_message, writes_the_commands_of_a_data_channel_octet_for_octet) {
    const auto syn = hex("8000002180011f9000000a000000000ad8bb05c010000a98101032547698103214");
    const auto line = toolkit_device::channel(1);
    EXPECT_EQ(
        wire::to_hex(serialize(proactive_command{1, type::open_channel, open_at_once, 0x82, to_elements(request())})),
        open_vector);
    EXPECT_EQ(wire::to_hex(serialize(proactive_command{2, type::send_data, send_at_once, line, {{0xB6, syn}}})),
              send_vector);
    EXPECT_EQ(wire::to_hex(serialize(proactive_command{3, type::receive_data, 0, line, {length_element(0xB7, 23)}})),
              receive_vector);
    EXPECT_EQ(wire::to_hex(serialize(proactive_command{4, type::close_channel, 0, line, {}})), close_vector);
    EXPECT_EQ(wire::to_hex(serialize(proactive_command{5, type::get_channel_status, 0, 0x82, {}})), status_vector);
}

TEST(toolkit_message, writes_responses_and_events_octet_for_octet) {
    const channel_status up{1, true, false};
    EXPECT_EQ(wire::to_hex(serialize(terminal_response{
                  1, type::open_channel, 1, 0, {}, {to_element(up), {0x35, {3}}, buffer_element(1400)}})),
              opened_vector);
    EXPECT_EQ(wire::to_hex(serialize(terminal_response{2, type::send_data, 1, 0, {}, {length_element(0x37, 1400)}})),
              sent_vector);
    EXPECT_EQ(wire::to_hex(serialize(terminal_response{
                  3,
                  type::receive_data,
                  0,
                  0,
                  {},
                  {{0xB6, hex("c00000171f908001000050000a00000a408c05c0ffff00")}, length_element(0x37, 0)}})),
              received_vector);
    EXPECT_EQ(wire::to_hex(serialize(terminal_response{4, type::close_channel, 0, 0, {}, {}})), closed_vector);
    EXPECT_EQ(wire::to_hex(serialize(terminal_response{5, type::get_channel_status, 0, 0, {}, {to_element(up)}})),
              told_vector);
    EXPECT_EQ(wire::to_hex(serialize(terminal_response{1, type::open_channel, 1, 0x3A, {1}, {}})), refused_vector);
    EXPECT_EQ(wire::to_hex(serialize(
                  toolkit_event{channel_event::data_available, 0x82, {to_element(up), length_element(0x37, 23)}})),
              available_vector);
    EXPECT_EQ(
        wire::to_hex(serialize(toolkit_event{channel_event::channel_status, 0x82, {to_element({1, false, true})}})),
        dropped_vector);
}

TEST(toolkit_message, reads_again_what_it_wrote) {
    for (const auto* text : {open_vector, send_vector, receive_vector, close_vector, status_vector}) {
        const auto read = parse_proactive_command(hex(text));
        ASSERT_TRUE(read) << text;
        EXPECT_EQ(wire::to_hex(serialize(*read)), text);
    }
    for (const auto* text : {opened_vector, sent_vector, received_vector, closed_vector, told_vector, refused_vector}) {
        const auto read = parse_terminal_response(hex(text));
        ASSERT_TRUE(read) << text;
        EXPECT_EQ(wire::to_hex(serialize(*read)), text);
    }
    for (const auto* text : {available_vector, dropped_vector}) {
        const auto read = parse_toolkit_event(hex(text));
        ASSERT_TRUE(read) << text;
        EXPECT_EQ(wire::to_hex(serialize(*read)), text);
    }
    EXPECT_EQ(read_channel_request(parse_proactive_command(hex(open_vector))->elements), request());
}

TEST(toolkit_message, refuses_what_is_cut_off_or_goes_on) {
    for (const auto* text : {open_vector, send_vector, receive_vector, close_vector}) {
        auto octets = hex(text);
        for (std::size_t length = 0; length < octets.size(); ++length)
            EXPECT_FALSE(parse_proactive_command(wire::octet_view(octets).first(length))) << text << " " << length;
        octets.push_back(0);
        EXPECT_FALSE(parse_proactive_command(octets)) << text;
    }
    for (const auto* text : {available_vector, dropped_vector}) {
        auto octets = hex(text);
        for (std::size_t length = 0; length < octets.size(); ++length)
            EXPECT_FALSE(parse_toolkit_event(wire::octet_view(octets).first(length))) << text << " " << length;
        octets.push_back(0);
        EXPECT_FALSE(parse_toolkit_event(octets)) << text;
    }
    auto octets = hex(received_vector);  // elements may end after any of them
    for (std::size_t length = 0; length < 12; ++length)
        EXPECT_FALSE(parse_terminal_response(wire::octet_view(octets).first(length))) << length;
    octets.push_back(0);
    EXPECT_FALSE(parse_terminal_response(octets));
}

TEST(toolkit_message, writes_long_data_with_a_longer_length) {
    const wire::octets piece(largest_sent_piece, 0x5A);
    const auto command = serialize(proactive_command{1, type::send_data, 0, 0x21, {{0xB6, piece}}});
    EXPECT_EQ(command.size(), 255U);
    EXPECT_EQ(wire::to_hex(wire::octet_view(command).first(15)),
              "d081fc"
              "8103014300"
              "82028121"
              "b681f0");
    const wire::octets received(largest_received_piece, 0x5A);
    const auto response =
        serialize(terminal_response{1, type::receive_data, 0, 0, {}, {{0xB6, received}, length_element(0x37, 400)}});
    EXPECT_EQ(response.size(), 255U);
    EXPECT_EQ(response.back(), long_data);
    EXPECT_EQ(parse_terminal_response(response)->elements[0].value, received);
}

TEST(channel_objects, an_access_name_in_plain_text_becomes_labels) {
    const auto named = [](std::string_view text) {
        return wire::to_hex(
            read_channel_request({{0x47, wire::octets(wire::as_octets(text).begin(), wire::as_octets(text).end())}})
                ->access_name);
    };
    EXPECT_EQ(named("internet"), "08696e7465726e6574");
    EXPECT_EQ(named("a.bc"), "0161026263");
    EXPECT_EQ(named("\x01"
                    "a\x02"
                    "bc"),
              "0161026263");
}

TEST(channel_objects, refuses_elements_of_the_wrong_length) {
    for (const auto& bad :
         {toolkit_element{0x39, {5}}, toolkit_element{0x3C, {1, 2}}, toolkit_element{0x3E, {0x21, 1, 2, 3}},
          toolkit_element{0x3E, {0x57, 1, 2, 3, 4}}, toolkit_element{0x3E, {}}, toolkit_element{0x0D, {4, 'a'}}})
        EXPECT_FALSE(read_channel_request({bad})) << int{bad.tag};
    EXPECT_FALSE(read_channel_status({0x38, {1}}));
    EXPECT_TRUE(read_channel_request({{0x05, {'x'}}}));
}

TEST(channel_objects, a_login_goes_with_its_password) {
    channel_request r = request();
    r.login = "user";
    r.password = "";
    EXPECT_EQ(read_channel_request(to_elements(r)), r);
}

}  // namespace
}  // namespace ota::sandbox
