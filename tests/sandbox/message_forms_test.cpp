#include "sandbox/message_forms.hpp"

#include "gateway/smpp/receipt.hpp"
#include "gateway/smpp/tables.hpp"

#include <gtest/gtest.h>

namespace ota::sandbox {
namespace {

using namespace std::chrono_literals;

const instant noon = std::chrono::sys_days(std::chrono::year(2026) / 11 / 22) + 12h;

TEST(message_forms, writes_message_ids_in_every_form) {
    EXPECT_EQ(write_ids(id_form::decimal, 255).in_response, "255");
    EXPECT_EQ(write_ids(id_form::hexadecimal, 255).in_receipt, "FF");
    EXPECT_EQ(write_ids(id_form::padded, 255).in_response, "0000000255");
    EXPECT_EQ(write_ids(id_form::hex_then_decimal, 255).in_response, "FF");
    EXPECT_EQ(write_ids(id_form::hex_then_decimal, 255).in_receipt, "255");
    EXPECT_EQ(write_ids(id_form::decimal_then_hex, 255).in_receipt, "FF");
    EXPECT_EQ(write_ids(id_form::empty, 255).in_response, "");
    const auto uuid = write_ids(id_form::uuid, 255);
    EXPECT_EQ(uuid.in_response.size(), 36U);
    EXPECT_EQ(uuid.in_response, uuid.in_receipt);
    EXPECT_NE(uuid.in_response, write_ids(id_form::uuid, 256).in_response);
}

smpp::submit_sm submitted() {
    smpp::submit_sm out;
    out.source.digits = "12345";
    out.destination.digits = "49155000000001";
    out.esm_class = 0x40;
    out.protocol_id = 0x7F;
    out.data_coding = 0xF6;
    return out;
}

TEST(message_forms, writes_receipts_that_a_gateway_reads) {
    const auto made =
        write_receipt(submitted(), {"17", final_state::undeliverable, 0xD4, noon - 5min, noon}, true, true);
    EXPECT_EQ(made.esm_class, smpp::esm::delivery_receipt);
    EXPECT_EQ(made.source.digits, "49155000000001");
    EXPECT_EQ(made.destination.digits, "12345");
    EXPECT_EQ(wire::as_text(made.short_message),
              "id:17 sub:001 dlvrd:000 submit date:2611221155 done date:2611221200 stat:UNDELIV err:212 text:");
    const auto read = smpp::read_receipt(made.tlvs, smpp::parse_receipt_text(wire::as_text(made.short_message)), {});
    EXPECT_EQ(read.id, "17");
    EXPECT_EQ(read.state, bearer::receipt_state::undeliverable);
    EXPECT_FALSE(read.contradiction);
}

TEST(message_forms, writes_receipts_by_text_or_tlvs_alone) {
    const receipt_facts facts{"17", final_state::delivered, 0, noon, noon};
    EXPECT_TRUE(write_receipt(submitted(), facts, true, false).tlvs.empty());
    EXPECT_TRUE(write_receipt(submitted(), facts, false, true).short_message.empty());
}

TEST(message_forms, gives_receipts_only_as_registered_delivery_asks) {
    EXPECT_FALSE(receipt_wanted(0, final_state::delivered));
    EXPECT_TRUE(receipt_wanted(1, final_state::delivered));
    EXPECT_TRUE(receipt_wanted(0x11, final_state::expired));
    EXPECT_FALSE(receipt_wanted(2, final_state::delivered));
    EXPECT_TRUE(receipt_wanted(2, final_state::expired));
}

TEST(message_forms, reads_absolute_and_relative_validity_periods) {
    EXPECT_EQ(end_of_validity("261122130000000+", noon), noon + 1h);
    EXPECT_EQ(end_of_validity("261122140000004+", noon), noon + 1h);
    EXPECT_EQ(end_of_validity("261122120000504-", noon), noon + 1h + 500ms);
    EXPECT_EQ(end_of_validity("000001020304000R", noon), noon + 24h + 2h + 3min + 4s);
    EXPECT_FALSE(end_of_validity("", noon));
    EXPECT_FALSE(end_of_validity("2611221300000+", noon));
    EXPECT_FALSE(end_of_validity("26112a130000000+", noon));
    EXPECT_FALSE(end_of_validity("261322130000000+", noon));
    EXPECT_FALSE(end_of_validity("261122130000000X", noon));
}

TEST(message_forms, knows_a_message_that_reaches_the_card) {
    auto sm = submitted();
    EXPECT_TRUE(is_download(sm));
    sm.esm_class = 0;
    EXPECT_FALSE(is_download(sm));
    sm = submitted();
    sm.protocol_id = 0;
    EXPECT_FALSE(is_download(sm));
    sm = submitted();
    sm.data_coding = 0;
    EXPECT_FALSE(is_download(sm));
}

}  // namespace
}  // namespace ota::sandbox
