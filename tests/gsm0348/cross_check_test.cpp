#include "secure-channel/command_packet.hpp"
#include "secure-channel/response_packet.hpp"
#include "tests/gsm0348/java_driver.hpp"

#include <gtest/gtest.h>
#include <boost/json.hpp>

#include <map>
#include <random>

/// Random packets over every algorithm that the library gsm0348 has: what we seal it opens, what it seals we open, and
/// both seal to the same octets; commands and responses.
namespace ota::gsm0348 {

namespace {

namespace json = boost::json;
using namespace ota::secure_channel;

struct sample {
    command_header header;
    response answer;
    wire::octets data, kic_key, kid_key;
    std::uint8_t mac_length = 8;

    [[nodiscard]] key_set keys() const {
        return key_set(secret(wire::octets(kic_key)), secret(wire::octets(kid_key)), mac_length);
    }
    [[nodiscard]] response_expectation expectation() const { return {header.spi, header.kic, header.kid, true}; }
    [[nodiscard]] json::object call(const char* what) const {
        const auto& h = header;
        const std::uint8_t spi[] = {h.spi.spi1, h.spi.spi2};
        json::object out{{"do", what},
                         {"spi", wire::to_hex(spi)},
                         {"kic", wire::to_hex({&h.kic.octet, 1})},
                         {"kid", wire::to_hex({&h.kid.octet, 1})},
                         {"kic_key", wire::to_hex(kic_key)},
                         {"kid_key", wire::to_hex(kid_key)},
                         {"mac_length", mac_length}};
        return out;
    }
};

class samples {
public:
    sample next() {
        constexpr std::pair<std::uint8_t, std::size_t> ciphers[] = {{1, 8},  {5, 16}, {9, 24}, {0xD, 8},
                                                                    {2, 16}, {2, 24}, {2, 32}};
        constexpr std::pair<std::uint8_t, std::size_t> macs[] = {{1, 8}, {5, 16}, {9, 24}, {2, 16}, {2, 24}, {2, 32}};
        const auto [kic, kic_length] = ciphers[below(std::size(ciphers))];
        const auto [kid, kid_length] = macs[below(std::size(macs))];
        const auto kind = below(3);  // none, RC, CC; the same for the response, as one KID serves both
        const auto version = static_cast<std::uint8_t>(1 + below(15));
        sample s;
        s.header.spi.spi1 = static_cast<std::uint8_t>(kind | below(2) << 2 | below(4) << 3);
        s.header.spi.spi2 = static_cast<std::uint8_t>(below(3) | kind << 2 | below(2) << 4 | below(2) << 5);
        s.header.kic = {static_cast<std::uint8_t>(version << 4 | kic)};
        const auto rc = static_cast<std::uint8_t>(below(2) ? 1 : 5);
        s.header.kid = {static_cast<std::uint8_t>(version << 4 | (kind == 1 ? rc : kid))};
        for (auto& octet : s.header.tar.octets) octet = static_cast<std::uint8_t>(below(256));
        s.header.cntr.value = random_() & replay_counter::highest;
        s.kic_key = octets(kic_length);
        s.kid_key = octets(kid_length);
        if (kind == 2 && kid == 2) s.mac_length = below(2) ? 4 : 8;
        s.data = octets(below(400));
        s.answer = {s.header.tar, s.header.cntr, 0, static_cast<response_status>(below(13)), octets(below(200))};
        ++seen[std::to_string(kic) + "/" + std::to_string(kic_length) + " " + std::to_string(kind) + "/" +
               std::to_string(s.header.kid.algorithm())];
        return s;
    }
    std::map<std::string, int> seen;

private:
    std::size_t below(std::size_t n) { return random_() % n; }
    wire::octets octets(std::size_t n) {
        wire::octets out(n);
        for (auto& octet : out) octet = static_cast<std::uint8_t>(random_());
        return out;
    }
    std::mt19937_64 random_{348};
};

json::object ask(java_driver& java, const json::object& call) {
    return json::parse(java.ask(json::serialize(call))).as_object();
}

std::string cntr_text(replay_counter cntr) { return wire::to_hex(wire::writer().u40(cntr.value).buffer()); }

void check_opened(const json::object& answer, const sample& s, const wire::octets& data, integrity asked) {
    ASSERT_FALSE(answer.contains("error")) << answer.at("error");
    EXPECT_EQ(std::string(answer.at("cntr").as_string()), cntr_text(s.header.cntr));
    EXPECT_EQ(std::string(answer.at("tar").as_string()), wire::to_hex(s.header.tar.octets));
    EXPECT_EQ(std::string(answer.at("data").as_string()), wire::to_hex(data));
    if (asked == integrity::none) {
        EXPECT_TRUE(answer.at("verified").is_null());
    } else {
        EXPECT_EQ(answer.at("verified"), true);
    }
}

verification expected(integrity asked) {
    return asked == integrity::none ? verification::not_asked : verification::verified;
}

}  // namespace

TEST(cross_check, commands_agree_both_ways) {
    java_driver java("batch");
    samples random;
    for (int n = 0; n < 2'500 && !HasFailure(); ++n) {
        const auto s = random.next();
        const auto keys = s.keys();
        const auto ours = seal_command(s.header, s.data, keys);
        ASSERT_TRUE(ours) << ours.error().message();

        auto seal = s.call("seal");
        seal["tar"] = wire::to_hex(s.header.tar.octets);
        seal["cntr"] = cntr_text(s.header.cntr);
        seal["data"] = wire::to_hex(s.data);
        const auto sealed = ask(java, seal);
        ASSERT_TRUE(sealed.contains("packet")) << json::serialize(sealed) << json::serialize(seal);
        const std::string theirs(sealed.at("packet").as_string());
        ASSERT_EQ(wire::to_hex(ours.value()), theirs) << json::serialize(seal);

        auto open = s.call("open");
        open["hex"] = wire::to_hex(ours.value());
        check_opened(ask(java, open), s, s.data, s.header.spi.command_integrity());

        const auto opened = open_command(wire::from_hex(theirs).value(), keys);
        ASSERT_TRUE(opened);
        EXPECT_EQ(opened.value().data, s.data);
        EXPECT_EQ(opened.value().header.cntr, s.header.cntr);
        EXPECT_EQ(opened.value().integrity, expected(s.header.spi.command_integrity()));
    }
    EXPECT_GE(random.seen.size(), 7u * 9) << "every cipher with every check";
}

TEST(cross_check, responses_agree_both_ways) {
    java_driver java("batch");
    samples random;
    for (int n = 0; n < 2'500 && !HasFailure(); ++n) {
        const auto s = random.next();
        const auto keys = s.keys();
        const auto ours = seal_response(s.answer, s.expectation(), keys);
        ASSERT_TRUE(ours) << ours.error().message();

        auto seal = s.call("seal-response");
        seal["tar"] = wire::to_hex(s.answer.tar.octets);
        seal["cntr"] = cntr_text(s.answer.cntr);
        seal["status"] = static_cast<int>(s.answer.status);
        seal["data"] = wire::to_hex(s.answer.data);
        const auto sealed = ask(java, seal);
        ASSERT_TRUE(sealed.contains("packet")) << json::serialize(sealed) << json::serialize(seal);
        const std::string theirs(sealed.at("packet").as_string());
        ASSERT_EQ(wire::to_hex(ours.value()), theirs) << json::serialize(seal);

        auto open = s.call("open-response");
        open["hex"] = wire::to_hex(ours.value());
        const auto seen = ask(java, open);
        check_opened(seen, s, s.answer.data, s.header.spi.por_integrity());
        EXPECT_EQ(seen.at("status"), static_cast<int>(s.answer.status));

        const auto user_data = wire::from_hex(theirs).value();
        const auto opened = open_response(wire::octet_view(user_data).subspan(3), user_data, s.expectation(), keys);
        ASSERT_TRUE(opened);
        EXPECT_EQ(opened.value().value.data, s.answer.data);
        EXPECT_EQ(opened.value().value.status, s.answer.status);
        EXPECT_EQ(opened.value().integrity, expected(s.header.spi.por_integrity()));
    }
}

TEST(cross_check, each_side_rejects_what_the_other_altered) {
    java_driver java("batch");
    samples random;
    int checked = 0;
    for (int n = 0; n < 400; ++n) {
        const auto s = random.next();
        if (s.header.spi.command_integrity() == integrity::none) continue;
        auto packet = seal_command(s.header, s.data, s.keys()).value();
        packet.back() ^= 0x10;
        EXPECT_EQ(open_command(packet, s.keys()).value().integrity, verification::mismatch);
        auto open = s.call("open");
        open["hex"] = wire::to_hex(packet);
        const auto answer = ask(java, open);
        if (answer.contains("error")) continue;  // the padding counter was hit
        EXPECT_EQ(answer.at("verified"), false);
        ++checked;
    }
    EXPECT_GT(checked, 200);
}

}  // namespace ota::gsm0348
