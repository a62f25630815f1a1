#include "tests/sandbox/smsc_bench.hpp"

#include <algorithm>
#include <set>

namespace ota::sandbox {
namespace {

TEST_F(smsc_machine, takes_a_message_and_brings_back_the_proof_and_the_receipt) {
    made();
    const auto out = send(1, 1);
    ASSERT_EQ(out.responses.size(), 1U);
    EXPECT_EQ(out.responses[0].command_status, smpp::status::ok);
    EXPECT_EQ(out.responses[0].message_id, "1");
    ASSERT_EQ(out.deliveries.size(), 2U);
    const auto& proof = deliver(out, 0);
    EXPECT_EQ(proof.source.digits, "49155000000001");
    EXPECT_EQ(proof.destination.digits, "12345");
    EXPECT_EQ(proof.esm_class, 0x40);
    EXPECT_EQ(proof.protocol_id, 0x7F);
    EXPECT_EQ(proof.data_coding, 0xF6);
    EXPECT_EQ(proof.short_message, *cards_.report);
    EXPECT_TRUE(is_receipt(out.deliveries[1]));
}

TEST_F(smsc_machine, welcomes_any_bind_unless_told_otherwise) {
    made();
    EXPECT_EQ(bind(2, smpp::bind_kind::receiver, "x", "y"), smpp::status::ok);
    smsc_settings settings;
    settings.system_id = "esme";
    settings.password = "pw";
    made(settings);
    EXPECT_EQ(bind(3, smpp::bind_kind::transceiver, "other"), smpp::status::invalid_system_id);
    EXPECT_EQ(bind(3, smpp::bind_kind::transceiver, "esme", "wrong"), smpp::status::invalid_password);
    EXPECT_EQ(machine_->counts().binds_refused, 2U);
}

TEST_F(smsc_machine, sends_receipts_only_on_request) {
    made();
    EXPECT_EQ(send(1, 0).deliveries.size(), 1U);
    EXPECT_EQ(send(2, 2).deliveries.size(), 1U);
    EXPECT_EQ(send(3, 1).deliveries.size(), 2U);
}

TEST_F(smsc_machine, delivers_to_the_receiving_session_of_an_account_of_a_pair) {
    machine_.emplace(smsc_settings{}, cards_);
    bind(1, smpp::bind_kind::transmitter);
    bind(2, smpp::bind_kind::receiver);
    bind(3, smpp::bind_kind::receiver, "somebody else");
    const auto out = send(1);
    ASSERT_EQ(out.deliveries.size(), 1U);
    EXPECT_EQ(out.deliveries[0].session, 2U);
}

TEST_F(smsc_machine, keeps_what_it_has_for_an_account_until_a_session_is_bound) {
    machine_.emplace(smsc_settings{}, cards_);
    bind(1, smpp::bind_kind::transmitter);
    EXPECT_TRUE(send(1).deliveries.empty());
    EXPECT_EQ(machine_->waiting(), 1U);
    EXPECT_TRUE(later(1s).empty());
    bind(2, smpp::bind_kind::receiver);
    EXPECT_EQ(later(1ms).deliveries.size(), 1U);
}

TEST_F(smsc_machine, delivers_again_what_was_not_accepted) {
    made();
    auto out = send(1);
    ASSERT_EQ(out.deliveries.size(), 1U);
    EXPECT_TRUE(
        machine_->on_deliver_answered({{1, out.deliveries[0].token, smpp::status::temporary_application_error}}, now_)
            .empty());
    EXPECT_TRUE(later(500ms).empty());
    out = later(600ms);
    ASSERT_EQ(out.deliveries.size(), 1U);
    (void)machine_->on_deliver_answered({{1, out.deliveries[0].token, std::nullopt}}, now_);
    out = later(2s);
    ASSERT_EQ(out.deliveries.size(), 1U);
    (void)machine_->on_deliver_answered({{1, out.deliveries[0].token, smpp::status::ok}}, now_);
    EXPECT_EQ(machine_->waiting(), 0U);
    EXPECT_EQ(machine_->counts().redelivered, 2U);
}

TEST_F(smsc_machine, holds_messages_as_long_as_the_network_takes) {
    smsc_settings settings;
    settings.delay_min = 100ms;
    settings.delay_max = 200ms;
    made(settings);
    for (std::uint32_t i = 1; i <= 50; ++i) EXPECT_EQ(send(i).responses.size(), 1U);
    EXPECT_TRUE(later(99ms).empty());
    EXPECT_TRUE(cards_.arrived.empty());
    later(101ms);
    EXPECT_EQ(cards_.arrived.size(), 50U);
}

TEST_F(smsc_machine, loses_messages_and_tells_the_network_so) {
    smsc_settings settings;
    settings.loss = 0.5;
    made(settings);
    std::size_t receipts = 0;
    for (std::uint32_t i = 1; i <= 200; ++i)
        for (const auto& d : send(i, 1).deliveries) receipts += is_receipt(d);
    const auto& counts = machine_->counts();
    EXPECT_GT(counts.lost, 50U);
    EXPECT_EQ(cards_.lost, static_cast<int>(counts.lost));
    EXPECT_EQ(cards_.arrived.size() + counts.lost, 200U);
    EXPECT_GT(receipts, cards_.arrived.size()) << "some lost ones are claimed to be delivered";
    EXPECT_LT(receipts, 200U);
}

TEST_F(smsc_machine, loses_proofs_though_the_card_has_acted) {
    smsc_settings settings;
    settings.answer_loss = 1;
    made(settings);
    const auto out = send(1, 1);
    EXPECT_EQ(cards_.arrived.size(), 1U);
    ASSERT_EQ(out.deliveries.size(), 1U);
    EXPECT_TRUE(is_receipt(out.deliveries[0]));
    EXPECT_EQ(machine_->counts().answers_lost, 1U);
}

TEST_F(smsc_machine, duplicates_messages_but_not_their_receipts) {
    smsc_settings settings;
    settings.duplicates = 1;
    made(settings);
    std::size_t receipts = 0;
    for (const auto& d : send(1, 1).deliveries) receipts += is_receipt(d);
    for (const auto& d : later(1s).deliveries) receipts += is_receipt(d);
    EXPECT_EQ(cards_.arrived.size(), 2U);
    EXPECT_EQ(receipts, 1U);
    EXPECT_EQ(machine_->counts().duplicated, 1U);
}

TEST_F(smsc_machine, lets_messages_overtake_each_other) {
    smsc_settings settings;
    settings.reordering = 0.3;
    made(settings);
    for (std::uint32_t i = 1; i <= 60; ++i) {
        send(i);
        now_ += 10ms;
        (void)machine_->on_tick(now_);
    }
    later(1s);
    ASSERT_EQ(cards_.arrived.size(), 60U);
    EXPECT_FALSE(std::is_sorted(cards_.arrived.begin(), cards_.arrived.end()));
    EXPECT_GT(machine_->counts().reordered, 0U);
}

TEST_F(smsc_machine, throttles_an_account_that_goes_beyond_its_rate) {
    smsc_settings settings;
    settings.rate_limit = 100;
    made(settings);
    std::size_t taken = 0;
    for (int i = 0; i < 1000; ++i, now_ += 2ms)  // 500 per second for 2 seconds
        taken += send(1).responses[0].command_status == smpp::status::ok;
    EXPECT_NEAR(static_cast<double>(taken), 200, 30);
    EXPECT_EQ(machine_->counts().rate_limited, 1000 - taken);
    const auto refused = send(2);
    EXPECT_EQ(refused.responses[0].command_status, smpp::status::throttled);
    EXPECT_FALSE(refused.responses[0].with_body);
    EXPECT_EQ(machine_->submits().peak(), 500U);
}

TEST_F(smsc_machine, never_throttles_who_keeps_within_the_rate) {
    smsc_settings settings;
    settings.rate_limit = 100;
    made(settings);
    for (int i = 0; i < 500; ++i, now_ += 11ms) send(1);
    EXPECT_EQ(machine_->counts().rate_limited, 0U);
    EXPECT_LE(machine_->submits().peak(), 91U);
}

TEST_F(smsc_machine, tells_the_busiest_second_wherever_it_begins) {
    made({});
    now_ = std::chrono::floor<std::chrono::seconds>(now_) + 600ms;
    for (int i = 0; i < 80; ++i, now_ += 10ms) send(1);  // 40 on each side of a full second
    EXPECT_EQ(machine_->submits().peak(), 40U);
    EXPECT_EQ(machine_->submits().peak_of_any_second(), 80U);
    later(10s);
    for (int i = 0; i < 300; ++i, now_ += 10ms) send(1);
    EXPECT_EQ(machine_->submits().peak_of_any_second(), 100U);
}

TEST_F(smsc_machine, refuses_messages_by_chance_and_when_its_queue_is_full) {
    smsc_settings settings;
    settings.throttling = settings.queue_full = settings.system_errors = 0.2;
    made(settings);
    std::set<std::uint32_t> seen;
    for (std::uint32_t i = 1; i <= 200; ++i) seen.insert(send(i).responses[0].command_status);
    EXPECT_EQ(seen, (std::set<std::uint32_t>{0x00, 0x08, 0x14, 0x58}));
    smsc_settings small;
    small.queue_limit = 2;
    small.delay_min = small.delay_max = 1s;
    made(small);
    send(1);
    send(2);
    EXPECT_EQ(send(3).responses[0].command_status, smpp::status::message_queue_full);
    EXPECT_EQ(machine_->counts().queue_full, 1U);
}

TEST_F(smsc_machine, takes_messages_without_ever_answering_the_submit) {
    smsc_settings settings;
    settings.response_loss = 1;
    made(settings);
    EXPECT_TRUE(send(1).responses.empty());
    EXPECT_EQ(cards_.arrived.size(), 1U);
    EXPECT_EQ(machine_->counts().responses_lost, 1U);
}

TEST_F(smsc_machine, lets_proof_and_receipt_overtake_the_submit_response) {
    smsc_settings settings;
    settings.receipt_early = 1;
    made(settings);
    const auto first = send(1, 1);
    EXPECT_TRUE(first.responses.empty());
    EXPECT_EQ(first.deliveries.size(), 2U);
    EXPECT_EQ(later(20ms).responses.size(), 1U);
}

TEST_F(smsc_machine, sends_receipts_twice_late_or_never) {
    smsc_settings settings;
    settings.receipt_twice = 1;
    made(settings);
    EXPECT_EQ(send(1, 1).deliveries.size(), 3U);
    settings = {};
    settings.receipt_missing = 1;
    made(settings);
    EXPECT_EQ(send(1, 1).deliveries.size(), 1U);
    settings = {};
    settings.receipt_late = 1;
    settings.receipt_delay = 3s;
    made(settings);
    EXPECT_EQ(send(1, 1).deliveries.size(), 1U);
    EXPECT_TRUE(later(2s).empty());
    EXPECT_EQ(later(2s).deliveries.size(), 1U);
}

TEST_F(smsc_machine, cuts_every_connection_at_each_nth_message_and_keeps_the_message) {
    smsc_settings settings;
    settings.drop_every = 3;
    made(settings);
    EXPECT_FALSE(send(1).cut_all);
    EXPECT_FALSE(send(2).cut_all);
    const auto third = send(3);
    EXPECT_TRUE(third.cut_all);
    EXPECT_TRUE(third.responses.empty());
    EXPECT_EQ(cards_.arrived.size(), 3U);
    EXPECT_EQ(machine_->counts().connections_dropped, 1U);
}

TEST_F(smsc_machine, stops_answering_for_a_while) {
    smsc_settings settings;
    settings.stall_every = 2;
    settings.stall_for = 3s;
    made(settings);
    EXPECT_EQ(send(1).responses.size(), 1U);
    EXPECT_TRUE(send(2, 1).empty());
    EXPECT_TRUE(later(2900ms).empty());
    const auto out = later(200ms);
    EXPECT_EQ(out.responses.size(), 1U);
    EXPECT_EQ(out.deliveries.size(), 2U);
}

}  // namespace
}  // namespace ota::sandbox
