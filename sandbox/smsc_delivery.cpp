#include "sandbox/smsc.hpp"

namespace ota::sandbox {

namespace {

constexpr std::uint8_t absent_subscriber = 27;  ///< RP cause [TS 29.002, absentSubscriberSM]

}  // namespace

/// From the SMSC to the card: delays and what goes wrong on the way.
void smsc::travel(message m, instant now, output& out) {
    using std::chrono::microseconds;
    const auto spread = [&] {
        return microseconds(
            dice_.between(microseconds(settings_.delay_min).count(), microseconds(settings_.delay_max).count()));
    };
    if (dice_.strikes(settings_.loss)) {
        ++counts_.lost;
        const auto content = smpp::content(m.sm);
        network_.on_lost({m.number, m.sm.destination.digits, content, now});
        // Half of the lost ones are claimed to be delivered: a receipt proves nothing.
        if (dice_.strikes(0.5)) receipt(m, final_state::delivered, 0, nullptr, now, out);
        return;
    }
    auto wait = spread();
    if (dice_.strikes(settings_.reordering)) {
        ++counts_.reordered;
        wait += settings_.reordering_delay;
    }
    if (dice_.strikes(settings_.duplicates)) {
        ++counts_.duplicated;
        auto twin = m;
        twin.copy = true;
        timed_.emplace(now + wait + spread() + std::chrono::milliseconds(1), std::move(twin));
    }
    if (wait.count() > 0)
        timed_.emplace(now + wait, std::move(m));
    else
        deliver(std::move(m), now, out);
}

void smsc::deliver(message m, instant now, output& out) {
    const auto user_data = smpp::content(m.sm);
    const sms_deliver sms{m.number, m.sm.destination.digits, user_data, now};
    if (m.valid_until && now > *m.valid_until) {
        ++counts_.expired;
        network_.on_lost(sms);
        return receipt(m, final_state::expired, 0, nullptr, now, out);
    }
    const bool for_terminal = is_for_terminal(m.sm);
    if (!for_terminal && !is_download(m.sm)) {
        ++counts_.not_download;
        return receipt(m, final_state::delivered, 0, nullptr, now, out);
    }
    counts_.to_terminals += for_terminal;
    auto answer = for_terminal ? network_.deliver_to_terminal(sms) : network_.deliver(sms);
    switch (answer.how) {
        case acknowledgement::accepted: ++counts_.delivered; return acknowledged(m, std::move(answer), now, out);
        case acknowledgement::refused:
            ++counts_.refused_by_card;
            return retry_or_fail(std::move(m), answer.failure_cause, now, out);
        case acknowledgement::none:
            ++counts_.card_gone;
            return retry_or_fail(std::move(m), absent_subscriber, now, out);
    }
}

void smsc::retry_or_fail(message m, std::uint8_t cause, instant now, output& out) {
    if (++m.tries <= settings_.retries) {
        ++counts_.retried;
        timed_.emplace(now + settings_.retry_delay, std::move(m));
        return;
    }
    network_.on_lost({m.number, m.sm.destination.digits, smpp::content(m.sm), now});
    receipt(m, final_state::undeliverable, cause, nullptr, now, out);
}

void smsc::acknowledged(const message& m, sms_report answer, instant now, output& out) {
    const bool lost = (answer.report || !answer.submitted.empty()) && dice_.strikes(settings_.answer_loss);
    if (lost) {
        ++counts_.answers_lost;
        answer.report.reset();
        answer.submitted.clear();
    }
    if (!answer.report && answer.submitted.empty() && !lost && settings_.empty_reports) answer.report.emplace();
    // A card sends its own message before its deliver report is through.
    for (const auto& user_data : answer.submitted) pass_on_submit(m, user_data, now, out);
    const bool rides = answer.report && settings_.reports == report_form::receipt;
    if (answer.report && !rides) pass_on_report(m, *answer.report, now, out);
    if (rides) ++counts_.reports;
    receipt(m, final_state::delivered, 0, rides ? &*answer.report : nullptr, now, out);
}

smsc::outgoing smsc::to_sender(const message& m, pdu what) const { return {m.from, m.account, std::move(what), 0}; }

void smsc::pass_on_report(const message& m, const wire::octets& user_data, instant now, output& out) {
    auto form = settings_.reports;
    if (form == report_form::any) form = static_cast<report_form>(dice_.between(0, 2));
    if (form == report_form::dropped) {
        ++counts_.reports_dropped;
        return;
    }
    ++counts_.reports;
    if (form == report_form::data_sm) {
        smpp::data_sm made;
        made.source = m.sm.destination;
        made.destination = m.sm.source;
        made.esm_class = smpp::esm::user_data_header;
        made.data_coding = m.sm.data_coding;
        made.tlvs.push_back({smpp::tag::message_payload, user_data});
        return emit(to_sender(m, std::move(made)), now, out);
    }
    smpp::deliver_sm made;
    made.source = m.sm.destination;
    made.destination = m.sm.source;
    made.esm_class = m.sm.esm_class;
    made.protocol_id = m.sm.protocol_id;
    made.data_coding = m.sm.data_coding;
    if (form == report_form::message_payload || user_data.size() > 254)
        made.tlvs.push_back({smpp::tag::message_payload, user_data});
    else
        made.short_message = user_data;
    emit(to_sender(m, std::move(made)), now, out);
}

/// A message that the card sent itself: its PID and DCS are whatever the card and the network make of them.
void smsc::pass_on_submit(const message& m, const wire::octets& user_data, instant now, output& out) {
    ++counts_.originated;
    smpp::deliver_sm made;
    made.source = m.sm.destination;
    made.destination = m.sm.source;
    made.esm_class = smpp::esm::user_data_header;
    const bool as_sent = counts_.originated % 2 == 0;
    made.protocol_id = as_sent ? 0x7F : 0x00;
    made.data_coding = as_sent ? 0xF6 : 0x04;
    made.short_message = user_data;
    emit(to_sender(m, std::move(made)), now, out);
}

void smsc::receipt(const message& m, final_state state, std::uint8_t cause, const wire::octets* rider, instant now,
                   output& out) {
    if (m.copy || !receipt_wanted(m.sm.registered_delivery, state)) return;
    if (dice_.strikes(settings_.receipt_missing)) {
        ++counts_.receipts_missing;
        return;
    }
    auto made =
        write_receipt(m.sm, {m.receipt_id, state, cause, m.taken, now}, settings_.receipt_text, settings_.receipt_tlvs);
    if (rider) made.tlvs.push_back({smpp::tag::message_payload, *rider});
    ++counts_.receipts;
    auto what = to_sender(m, std::move(made));
    if (dice_.strikes(settings_.receipt_twice)) {
        ++counts_.receipts_twice;
        emit(what, now, out);
    }
    const bool late = dice_.strikes(settings_.receipt_late);
    counts_.receipts_late += late;
    emit_at(std::move(what), late ? now + settings_.receipt_delay : now, now, out);
}

}  // namespace ota::sandbox
