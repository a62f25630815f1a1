#include "secure-channel/cat_tp/pdu.hpp"

#include "tests/secure-channel/hex.hpp"

#include <gtest/gtest.h>
#include <boost/json.hpp>

#include <fstream>
#include <iterator>
#include <map>

// PDUs that a dissector and a library of others accept or refuse: tests/vectors/cat_tp.json.
namespace ota::cat_tp {
namespace {

namespace json = boost::json;

const json::value& file() {
    static const json::value all = [] {
        std::ifstream in(OTA_SOURCE_DIR "/tests/vectors/cat_tp.json");
        return json::parse(std::string(std::istreambuf_iterator<char>(in), {}));
    }();
    return all;
}

std::string text(const json::value& vector, std::string_view name) { return std::string(vector.at(name).as_string()); }

wire::octets counting(std::size_t length) {
    wire::octets out(length);
    for (std::size_t i = 0; i < length; ++i) out[i] = static_cast<std::uint8_t>(i);
    return out;
}

pdu from_card(std::uint16_t sequence, std::optional<std::uint16_t> acknowledgement, std::uint16_t window,
              decltype(pdu::body) body) {
    return {0, 0x8001, 0x1F90, sequence, acknowledgement, window, std::move(body)};
}
pdu from_server(std::uint16_t sequence, std::uint16_t acknowledgement, std::uint16_t window, decltype(pdu::body) body) {
    return {0, 0x1F90, 0x8001, sequence, acknowledgement, window, std::move(body)};
}

/// What the vectors say in words.
std::map<std::string, pdu> meant() {
    auto many_carries = wire::octets(13, 0xFF);
    many_carries.insert(many_carries.end(), {0xF2, 0x11});
    const auto secured = hex("011f1502391212b00000000000000100a1a2a3a4a5a6a7a800a40000023f0000b0");
    return {
        {"V1", from_card(0x0A00, {}, 10, set_up{1472, 4096, hex("98101032547698103214")})},
        {"V2", from_server(0x5000, 0x0A00, 10, set_up{1472, 65535, {}})},
        {"V3", from_card(0x0A01, 0x5000, 10, traffic{})},
        {"V4", from_server(0x5001, 0x0A00, 10, traffic{.data = secured})},
        {"V5", from_server(0x5002, 0x0A00, 10, traffic{.more = true, .data = counting(64)})},
        {"V6", from_card(0x0A01, 0x5001, 8, traffic{.held = {0x5003, 0x5004}})},
        {"V7", from_server(0x5005, 0x0A00, 10, traffic{.nul = true})},
        {"V8", from_server(0x5006, 0x0A00, 0, reset{reset_reason::normal_end})},
        {"V9", from_card(0x0A02, {}, 0, reset{reset_reason::maximum_retries})},
        {"V10", from_card(0x0A01, 0x5001, 7, traffic{.more = true, .held = {0x5003}, .data = {}})},
        {"S1", {0, 1, 2, 0xCBD9, 0xE30A, 10, traffic{.data = many_carries}}},
    };
}

}  // namespace

TEST(cat_tp_vectors, every_one_is_read_as_it_was_meant_and_written_to_the_same_octets) {
    auto expected = meant();
    auto piggyback = counting(15);
    piggyback.insert(piggyback.begin(), {0x02, 0x10});
    std::get<traffic>(expected.at("V10").body).data = piggyback;
    for (const auto& vector : file().at("vectors").as_array()) {
        const auto id = text(vector, "id");
        SCOPED_TRACE(id);
        const auto read = parse(hex(text(vector, "pdu")));
        ASSERT_TRUE(read) << read.error().message();
        ASSERT_TRUE(expected.contains(id));
        EXPECT_EQ(read.value(), expected.at(id));
        const auto written = serialize(expected.at(id));
        ASSERT_TRUE(written);
        EXPECT_EQ(wire::to_hex(written.value()), text(vector, "pdu"));
        expected.erase(id);
    }
    EXPECT_TRUE(expected.empty()) << expected.begin()->first << " is not in the file";
}

TEST(cat_tp_vectors, malformed_ones_are_refused_with_the_fault_they_have) {
    const std::map<std::string, std::error_code> faults{
        {"EACK without ACK", errc::illegal_flags},  {"NUL without ACK", errc::illegal_flags},
        {"SYN+RST", errc::illegal_flags},           {"data length beyond datagram", wire::errc::truncated},
        {"HL 17", errc::bad_header_length},         {"ident length beyond PDU", errc::bad_identification},
        {"odd EACK list", errc::bad_header_length}, {"RST without reason", errc::bad_header_length},
        {"RST+SEG", errc::illegal_flags},
    };
    std::size_t refused = 0;
    for (const auto& vector : file().at("malformed").as_array()) {
        const auto defect = text(vector, "defect");
        SCOPED_TRACE(defect);
        const auto read = parse(hex(text(vector, "pdu")));
        if (defect == "version 1") {  // whole, and to be answered with an RST
            ASSERT_TRUE(read) << read.error().message();
            EXPECT_EQ(read.value().version, 1);
            continue;
        }
        ASSERT_FALSE(read);
        EXPECT_EQ(read.error(), faults.at(defect));
        ++refused;
    }
    EXPECT_EQ(refused, faults.size());
}

}  // namespace ota::cat_tp
