#include "tests/smpp/samples.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstring>
#include <random>

#ifdef OTA_HAVE_LIBSMPP34
extern "C" {  // in the order that the library needs
// clang-format off
#include <libsmpp34/smpp34.h>
#include <libsmpp34/smpp34_structs.h>
#include <libsmpp34/smpp34_params.h>
// clang-format on
}
#endif

// Our codec and the C library libsmpp34, in both directions.
namespace ota::smpp {
namespace {

#ifndef OTA_HAVE_LIBSMPP34

TEST(libsmpp34, is_at_hand) { FAIL() << "this test needs libsmpp34-dev"; }

#else

template <std::size_t N>
void put(std::uint8_t (&to)[N], std::string_view text) {
    ASSERT_LT(text.size(), N);
    std::memcpy(to, text.data(), text.size());
}

template <std::size_t N>
std::string text_of(const std::uint8_t (&from)[N]) {
    return reinterpret_cast<const char*>(from);
}

std::string digits(std::mt19937& random, std::size_t most) {
    std::string out;
    for (auto n = random() % (most + 1); n > 0; --n) out.push_back(static_cast<char>('0' + random() % 10));
    return out;
}

submit_sm random_submit(std::mt19937& random) {
    submit_sm m;
    m.service_type = digits(random, 5);
    m.source = {static_cast<std::uint8_t>(random() % 7), static_cast<std::uint8_t>(random() % 2), digits(random, 20)};
    m.destination = {static_cast<std::uint8_t>(random() % 7), static_cast<std::uint8_t>(random() % 2),
                     digits(random, 20)};
    m.esm_class = static_cast<std::uint8_t>(random());
    m.protocol_id = static_cast<std::uint8_t>(random());
    m.priority_flag = static_cast<std::uint8_t>(random() % 4);
    m.validity_period = random() % 2 == 0 ? "" : "261122150000000+";
    m.registered_delivery = static_cast<std::uint8_t>(random());
    m.data_coding = static_cast<std::uint8_t>(random());
    m.short_message.resize(random() % 254);  // the library refuses the 254 that the specification allows
    for (auto& octet : m.short_message) octet = static_cast<std::uint8_t>(random());
    if (random() % 2 == 0)
        m.tlvs.push_back(
            {tag::user_message_reference, {static_cast<std::uint8_t>(random()), static_cast<std::uint8_t>(random())}});
    return m;
}

void fill(submit_sm_t& out, const submit_sm& m, std::uint32_t sequence_number) {
    out.command_id = SUBMIT_SM;
    out.sequence_number = sequence_number;
    put(out.service_type, m.service_type);
    out.source_addr_ton = m.source.ton;
    out.source_addr_npi = m.source.npi;
    put(out.source_addr, m.source.digits);
    out.dest_addr_ton = m.destination.ton;
    out.dest_addr_npi = m.destination.npi;
    put(out.destination_addr, m.destination.digits);
    out.esm_class = m.esm_class;
    out.protocol_id = m.protocol_id;
    out.priority_flag = m.priority_flag;
    put(out.validity_period, m.validity_period);
    out.registered_delivery = m.registered_delivery;
    out.data_coding = m.data_coding;
    out.sm_length = static_cast<std::uint8_t>(m.short_message.size());
    if (!m.short_message.empty()) std::memcpy(out.short_message, m.short_message.data(), m.short_message.size());
    for (const auto& one : m.tlvs) {
        tlv_t t{};
        t.tag = one.tag;
        t.length = 2;
        t.value.val16 = static_cast<std::uint16_t>(one.value[0] << 8 | one.value[1]);
        build_tlv(&out.tlv, &t);
    }
}

TEST(libsmpp34, packs_the_same_octets_and_unpacks_the_same_fields) {
    std::mt19937 random(34);
    for (std::uint32_t i = 1; i <= 2000; ++i) {
        const auto m = random_submit(random);
        const auto ours = serialize({0, i, m});
        submit_sm_t theirs{};
        fill(theirs, m, i);
        std::array<std::uint8_t, 2048> buffer{};
        int length = 0;
        ASSERT_EQ(smpp34_pack(SUBMIT_SM, buffer.data(), buffer.size(), &length, &theirs), 0) << smpp34_strerror;
        destroy_tlv(theirs.tlv);
        ASSERT_EQ(wire::to_hex(ours), wire::to_hex(wire::octet_view(buffer).first(static_cast<std::size_t>(length))));

        submit_sm_t read{};
        ASSERT_EQ(smpp34_unpack(SUBMIT_SM, &read, ours.data(), static_cast<int>(ours.size())), 0) << smpp34_strerror;
        EXPECT_EQ(read.sequence_number, i);
        EXPECT_EQ(text_of(read.source_addr), m.source.digits);
        EXPECT_EQ(text_of(read.destination_addr), m.destination.digits);
        EXPECT_EQ(read.esm_class, m.esm_class);
        EXPECT_EQ(read.sm_length, m.short_message.size());
        EXPECT_EQ(wire::to_hex(wire::octet_view(read.short_message, read.sm_length)), wire::to_hex(m.short_message));
        destroy_tlv(read.tlv);

        const auto back = parse(wire::octet_view(buffer).first(static_cast<std::size_t>(length)));
        ASSERT_TRUE(back);
        EXPECT_EQ(std::get<submit_sm>(back.value().what), m);
    }
}

TEST(libsmpp34, reads_our_binds_and_responses) {
    for (const auto& sample : samples::all()) {
        const auto ours = serialize(sample);
        if (const auto* b = std::get_if<bind>(&sample.what); b != nullptr && b->kind == bind_kind::transceiver) {
            bind_transceiver_t read{};
            ASSERT_EQ(smpp34_unpack(BIND_TRANSCEIVER, &read, ours.data(), static_cast<int>(ours.size())), 0)
                << smpp34_strerror;
            EXPECT_EQ(text_of(read.system_id), b->system_id);
            EXPECT_EQ(text_of(read.password), b->password);
            EXPECT_EQ(text_of(read.address_range), b->address_range);
            EXPECT_EQ(read.interface_version, 0x34);
        }
        if (const auto* a = std::get_if<submit_sm_resp>(&sample.what)) {
            submit_sm_resp_t read{};
            ASSERT_EQ(smpp34_unpack(SUBMIT_SM_RESP, &read, ours.data(), static_cast<int>(ours.size())), 0)
                << smpp34_strerror;
            EXPECT_EQ(text_of(read.message_id), a->message_id);
        }
        if (std::holds_alternative<deliver_sm_resp>(sample.what)) {
            deliver_sm_resp_t read{};
            EXPECT_EQ(smpp34_unpack(DELIVER_SM_RESP, &read, ours.data(), static_cast<int>(ours.size())), 0)
                << smpp34_strerror;
        }
        if (std::holds_alternative<enquire_link>(sample.what)) {
            enquire_link_t read{};
            EXPECT_EQ(smpp34_unpack(ENQUIRE_LINK, &read, ours.data(), static_cast<int>(ours.size())), 0)
                << smpp34_strerror;
        }
        if (std::holds_alternative<unbind>(sample.what)) {
            unbind_t read{};
            EXPECT_EQ(smpp34_unpack(UNBIND, &read, ours.data(), static_cast<int>(ours.size())), 0) << smpp34_strerror;
        }
    }
}

#endif

}  // namespace
}  // namespace ota::smpp
