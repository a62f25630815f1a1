#include "secure-channel/command_packet.hpp"
#include "secure-channel/response_packet.hpp"
#include "tests/secure-channel/hex.hpp"

#include <gtest/gtest.h>
#include <boost/json.hpp>

#include <fstream>
#include <iterator>
#include <sstream>

/// Packets of independent programs and answers captured from a card: tests/vectors/scp80.json.
namespace ota::secure_channel {

namespace {

namespace json = boost::json;

const json::array& vectors() {
    static const json::value file = [] {
        std::ifstream in(OTA_SOURCE_DIR "/tests/vectors/scp80.json");
        return json::parse(std::string(std::istreambuf_iterator<char>(in), {}));
    }();
    return file.at("vectors").as_array();
}

std::string text(const json::value& vector, std::string_view name) { return std::string(vector.at(name).as_string()); }

wire::octets key(const json::value& vector, std::string_view name) {
    const auto value = text(vector, name);
    return value == "-" ? wire::octets{} : hex(value);
}

key_set keys(const json::value& vector) {
    return key_set(secret(key(vector, "kic_key")), secret(key(vector, "kid_key")),
                   text(vector, "mac_length") == "4" ? 4 : 8);
}

std::uint8_t octet(const std::string& two_digits) { return hex(two_digits).at(0); }

command_header header(const json::value& v) {
    command_header h;
    const auto spi = hex(text(v, "spi"));
    const auto tar = hex(text(v, "tar"));
    h.spi = {spi[0], spi[1]};
    h.kic = {octet(text(v, "kic"))};
    h.kid = {octet(text(v, "kid"))};
    std::copy(tar.begin(), tar.end(), h.tar.octets.begin());
    h.cntr.value = wire::reader(hex(text(v, "cntr"))).u40();
    return h;
}

response_expectation expectation(const json::value& v) {
    response_expectation e;
    e.kic = {octet("1" + text(v, "kic_algorithm"))};
    e.kid = {octet("1" + text(v, "kid_algorithm"))};
    e.spi2_known = text(v, "spi2") != "--";
    if (e.spi2_known) e.spi.spi2 = octet(text(v, "spi2"));
    return e;
}

/// "b00010 0000000001 st00 019000 ; CC .. valid" as an opened response.
struct decoded {
    std::string tar, cntr, status, data;
};
decoded decodes_to(const json::value& v) {
    std::istringstream in(text(v, "decodes_to").substr(0, text(v, "decodes_to").find(';')));
    decoded out;
    in >> out.tar >> out.cntr >> out.status >> out.data;
    if (out.data.starts_with('(')) out.data.clear();
    return out;
}

}  // namespace

TEST(vectors, there_are_a_hundred) { EXPECT_EQ(vectors().size(), 100u); }

TEST(vectors, every_command_seals_to_the_octets_of_others) {
    int seen = 0;
    for (const auto& v : vectors()) {
        if (text(v, "kind") != "command") continue;
        ++seen;
        const auto packet = seal_command(header(v), hex(text(v, "data")), keys(v));
        ASSERT_TRUE(packet) << text(v, "id") << ": " << packet.error().message();
        EXPECT_EQ(wire::to_hex(packet.value()), text(v, "packet")) << text(v, "id");
    }
    EXPECT_EQ(seen, 55);
}

TEST(vectors, every_command_of_others_opens) {
    for (const auto& v : vectors()) {
        if (text(v, "kind") != "command") continue;
        const auto opened = open_command(hex(text(v, "packet")), keys(v));
        ASSERT_TRUE(opened) << text(v, "id");
        const auto expected = header(v);
        EXPECT_EQ(opened.value().header.spi, expected.spi);
        EXPECT_EQ(opened.value().header.tar, expected.tar);
        EXPECT_EQ(opened.value().header.cntr, expected.cntr) << text(v, "id");
        EXPECT_EQ(wire::to_hex(opened.value().data), text(v, "data")) << text(v, "id");
        const bool asked = expected.spi.command_integrity() != integrity::none;
        EXPECT_EQ(opened.value().integrity, asked ? verification::verified : verification::not_asked) << text(v, "id");
    }
}

TEST(vectors, every_response_of_others_opens) {
    int seen = 0;
    for (const auto& v : vectors()) {
        if (text(v, "kind") != "response") continue;
        ++seen;
        const auto user_data = hex(text(v, "user_data"));
        for (const bool spi2_known : {true, false}) {
            auto e = expectation(v);
            e.spi2_known = e.spi2_known && spi2_known;
            const auto opened = open_response(wire::octet_view(user_data).subspan(3), user_data, e, keys(v));
            ASSERT_TRUE(opened) << text(v, "id");
            if (text(v, "decodes_to").find("MISMATCH") != std::string::npos) {
                EXPECT_EQ(opened.value().integrity, verification::mismatch) << text(v, "id");
                continue;
            }
            const auto expected = decodes_to(v);
            const auto& got = opened.value().value;
            EXPECT_EQ(wire::to_hex(got.tar.octets), expected.tar) << text(v, "id");
            EXPECT_EQ(wire::to_hex(wire::writer().u40(got.cntr.value).buffer()), expected.cntr) << text(v, "id");
            EXPECT_EQ(static_cast<int>(got.status), std::stoi(expected.status.substr(2), nullptr, 16)) << text(v, "id");
            EXPECT_EQ(wire::to_hex(got.data), expected.data) << text(v, "id");
            EXPECT_TRUE(opened.value().integrity == verification::verified ||
                        opened.value().integrity == verification::not_asked)
                << text(v, "id");
        }
    }
    EXPECT_EQ(seen, 45);
}

}  // namespace ota::secure_channel
