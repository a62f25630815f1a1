#include "tests/sandbox/smsc_bench.hpp"

namespace ota::sandbox {
namespace {

TEST_F(smsc_machine, brings_the_proof_in_every_form) {
    smsc_settings settings;
    settings.reports = report_form::message_payload;
    made(settings);
    const auto by_payload = send(1);
    EXPECT_TRUE(deliver(by_payload, 0).short_message.empty());
    EXPECT_EQ(wire::to_hex(smpp::content(deliver(by_payload, 0))), "027100aa");

    settings.reports = report_form::data_sm;
    made(settings);
    const auto by_data = send(1);
    EXPECT_EQ(wire::to_hex(smpp::content(std::get<smpp::data_sm>(by_data.deliveries.at(0).message))), "027100aa");

    settings.reports = report_form::receipt;
    made(settings);
    const auto in_receipt = send(1, 1);
    ASSERT_EQ(in_receipt.deliveries.size(), 1U);
    EXPECT_TRUE(is_receipt(in_receipt.deliveries[0]));
    const auto* rider = smpp::find(deliver(in_receipt, 0).tlvs, smpp::tag::message_payload);
    ASSERT_NE(rider, nullptr);
    EXPECT_EQ(wire::to_hex(rider->value), "027100aa");

    settings.reports = report_form::dropped;
    made(settings);
    EXPECT_TRUE(send(1).deliveries.empty());
    EXPECT_EQ(machine_->counts().reports_dropped, 1U);
}

TEST_F(smsc_machine, passes_on_what_the_card_sends_itself_before_its_deliver_report) {
    made();
    cards_.originated = {{0x02, 0x71, 0x00, 0xBB}};
    const auto out = send(1);
    ASSERT_EQ(out.deliveries.size(), 2U);
    EXPECT_EQ(deliver(out, 0).short_message.back(), 0xBB);
    EXPECT_EQ(deliver(out, 1).short_message.back(), 0xAA);
    EXPECT_EQ(machine_->counts().originated, 1U);
}

TEST_F(smsc_machine, can_pass_on_a_report_without_user_data) {
    smsc_settings settings;
    settings.empty_reports = true;
    made(settings);
    cards_.report.reset();
    const auto out = send(1);
    ASSERT_EQ(out.deliveries.size(), 1U);
    EXPECT_TRUE(deliver(out, 0).short_message.empty());
    EXPECT_EQ(deliver(out, 0).esm_class, 0x40);
}

TEST_F(smsc_machine, tries_a_busy_card_again_and_gives_up_in_the_end) {
    made();
    cards_.failures = 2;
    EXPECT_TRUE(send(1, 1).deliveries.empty());
    EXPECT_TRUE(later(2s).deliveries.empty());
    EXPECT_EQ(later(2s).deliveries.size(), 2U);
    EXPECT_EQ(machine_->counts().retried, 2U);
    cards_.failures = 100;
    send(2, 1);
    smsc::output out;
    for (int i = 0; i < 3; ++i) out = later(2s);
    ASSERT_EQ(out.deliveries.size(), 1U);
    const auto text = wire::as_text(deliver(out, 0).short_message);
    EXPECT_NE(text.find("stat:UNDELIV err:212"), std::string_view::npos) << text;
}

TEST_F(smsc_machine, lets_messages_expire) {
    smsc_settings settings;
    settings.delay_min = settings.delay_max = 2s;
    made(settings);
    auto brief = submit(1, 1);
    brief.message.validity_period = "000000000001000R";
    (void)machine_->on_submit({brief}, now_);
    const auto out = later(3s);
    EXPECT_TRUE(cards_.arrived.empty());
    EXPECT_EQ(cards_.lost, 1);
    ASSERT_EQ(out.deliveries.size(), 1U);
    EXPECT_NE(wire::as_text(deliver(out, 0).short_message).find("EXPIRED"), std::string_view::npos);
}

TEST_F(smsc_machine, does_not_bring_plain_messages_to_the_card) {
    made();
    auto plain = submit(1);
    plain.message.protocol_id = 0;
    EXPECT_EQ(machine_->on_submit({plain}, now_).responses[0].command_status, smpp::status::ok);
    EXPECT_TRUE(cards_.arrived.empty());
    EXPECT_EQ(machine_->counts().not_download, 1U);
}

TEST_F(smsc_machine, strikes_alike_under_the_same_seed) {
    smsc_settings settings;
    settings.loss = settings.duplicates = settings.receipt_twice = settings.throttling = 0.2;
    const auto run = [&](std::uint64_t seed) {
        settings.seed = seed;
        cards_.arrived.clear();
        made(settings);
        for (std::uint32_t i = 1; i <= 100; ++i) send(i, 1);
        later(1s);
        return cards_.arrived;
    };
    EXPECT_EQ(run(5), run(5));
    EXPECT_NE(run(5), run(6));
}

}  // namespace
}  // namespace ota::sandbox
