#include "sandbox/uicc/proof_of_receipt.hpp"
#include "tests/sandbox/uicc/card_bench.hpp"

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>

#include <fstream>
#include <sstream>

namespace ota::sandbox {
namespace {

namespace json = boost::json;

std::vector<json::object> vectors(std::string_view kind) {
    std::ifstream in(std::string(OTA_SOURCE_DIR) + "/tests/vectors/scp80.json");
    std::stringstream text;
    text << in.rdbuf();
    std::vector<json::object> out;
    const auto all = json::parse(text.str());
    for (const auto& one : all.at("vectors").as_array())
        if (one.at("kind").as_string() == kind) out.push_back(one.as_object());
    return out;
}

std::string_view text(const json::object& v, std::string_view key) { return v.at(key).as_string(); }

sc::key_set keys_of(const json::object& v, std::uint8_t mac_length) {
    const auto key = [&](std::string_view name) {
        const auto given = text(v, name);
        return sc::secret(given == "-" ? wire::octets{} : hex(given));
    };
    return {key("kic_key"), key("kid_key"), mac_length};
}

std::uint8_t mac_length_of(const json::object& v) { return text(v, "mac_length") == "4" ? 4 : 8; }

/// A card with the keys and the application of a vector, that asks no security of its own.
card_profile profile_for(const json::object& v) {
    card_profile out;
    const auto tar = hex(text(v, "tar"));
    out.applications = {{"A", {{tar[0], tar[1], tar[2]}}, sc::script_format::compact, 0x00, {}}};
    out.kic_algorithm = hex(text(v, "kic"))[0] & 15;
    out.kid_algorithm = hex(text(v, "kid"))[0] & 15;
    return out;
}

TEST(uicc_vectors, opens_the_command_packets_of_other_implementations) {
    int opened = 0;
    for (const auto& v : vectors("command")) {
        const auto profile = profile_for(v);
        const card_model model(profile, {});
        const auto version = static_cast<std::uint8_t>(hex(text(v, "kic"))[0] >> 4);
        const card_identity identity{"89882110000000000001", version, keys_of(v, mac_length_of(v)), 0};
        const auto trace = look_into(model, identity, hex(text(v, "packet")));
        ASSERT_TRUE(trace.opened) << text(v, "id");
        EXPECT_EQ(trace.counter, std::stoull(std::string(text(v, "cntr")), nullptr, 16)) << text(v, "id");
        ++opened;
    }
    EXPECT_GE(opened, 50);
}

/// The answers of a software card: ours are the same octets. It pads AES with 80 00 .., 3DES with zeros.
TEST(uicc_vectors, makes_the_very_answers_of_a_software_card) {
    struct expected {
        const char* id;
        bool padding_80;
        sc::response_status status;
        std::uint64_t counter;
        const char* data;
    };
    const expected all[] = {{"S1", false, sc::response_status::por_ok, 1, "02900000112233445566778899"},
                            {"S2", true, sc::response_status::por_ok, 2, "02900000112233445566778899"},
                            {"S4", false, sc::response_status::por_ok, 5, "02900000112233445566778899"},
                            {"S6", false, sc::response_status::follows_by_submit, 0xD5, ""}};
    const auto known = vectors("response");
    for (const auto& e : all) {
        const auto at = std::find_if(known.begin(), known.end(), [&](const auto& v) { return text(v, "id") == e.id; });
        ASSERT_NE(at, known.end());
        const auto kic = static_cast<std::uint8_t>(std::stoi(std::string(text(*at, "kic_algorithm")), nullptr, 16));
        const auto kid = static_cast<std::uint8_t>(std::stoi(std::string(text(*at, "kid_algorithm")), nullptr, 16));
        const sc::response_expectation how{{0, hex(text(*at, "spi2"))[0]}, {kic}, {kid}, true};
        const auto made =
            make_response({{{0xB0, 0, 0}}, {e.counter}, 0, e.status, hex(e.data)}, how, keys_of(*at, 8), e.padding_80);
        ASSERT_TRUE(made) << e.id;
        EXPECT_EQ(wire::to_hex(*made), text(*at, "user_data")) << e.id;
    }
}

}  // namespace
}  // namespace ota::sandbox
