#include "sandbox/card_network.hpp"

#include "management-object/control_file.hpp"
#include "sandbox/uicc/sms_download.hpp"

#include <algorithm>

namespace ota::sandbox {

namespace sc = secure_channel;

namespace {

constexpr unsigned most_commands_before_power_cut = 3;
constexpr std::string_view sender_address = "4915500001";  // of the gateway, as cards see it

std::uint64_t microseconds_of(instant t) { return static_cast<std::uint64_t>(t.time_since_epoch().count()); }

answer_form form_of(const card_answer& a, bool by_data) noexcept {
    if (by_data) return a.report ? answer_form::data : answer_form::none;
    if (a.report && !a.submitted.empty()) return answer_form::both;
    if (a.report) return answer_form::report;
    return a.submitted.empty() ? answer_form::none : answer_form::submit;
}

}  // namespace

card_network::card_network(const card_profile& profile, const population_settings& who, const card_quirks& quirks,
                           const mishap_shares& shares, journal& diary)
    : profile_(profile),
      model_(profile, quirks),
      population_(who),
      shares_(shares),
      journal_(diary),
      dice_(who.seed ^ 0x6D697368),
      cards_(who.count) {}

card_identity card_network::identity(std::size_t index) const {
    return {population_.iccid(index), population_.settings().key_version, population_.keys(index),
            population_.first_counter(index)};
}

mishap card_network::throw_mishap() {
    mishap out;
    out.busy = dice_.strikes(shares_.busy);
    out.insufficient_memory = dice_.strikes(shares_.insufficient_memory);
    if (dice_.strikes(shares_.power_cut))
        out.power_cut_after = static_cast<unsigned>(dice_.between(0, most_commands_before_power_cut));
    return out;
}

terminal_channel card_network::terminal(std::size_t index) {
    const auto handled = [this, index](const card_answer& answer, link_time now) {
        ++counts_.by_data;
        const auto since = std::chrono::floor<std::chrono::microseconds>(now.time_since_epoch());
        if (answer.packet) record_packet(static_cast<std::uint64_t>(since.count()), 0, index, answer);
    };
    return {model_, cards_.at(index), identity(index), {[this] { return throw_mishap(); }, handled}};
}

sms_report card_network::deliver(const sms_deliver& sms, push_taker* pushes) {
    const auto index = population_.find_msisdn(sms.msisdn);
    if (!index) {
        ++counts_.unknown_subscribers;
        return {acknowledgement::none, 0, {}, {}};
    }
    auto answer = on_message(model_, cards_[*index], identity(*index), sms.user_data, throw_mishap(), pushes);
    record(sms, *index, answer);
    return {answer.how, answer.failure_cause, std::move(answer.report), std::move(answer.submitted)};
}

std::optional<wire::octets> card_network::deliver_sdu(std::size_t index, wire::octet_view sdu,
                                                      std::size_t largest_answer, instant now) {
    auto answer = on_sdu(model_, cards_.at(index), identity(index), sdu, throw_mishap(), largest_answer);
    ++counts_.by_data;
    const auto since = std::chrono::floor<std::chrono::microseconds>(now.time_since_epoch());
    if (answer.packet) record_packet(static_cast<std::uint64_t>(since.count()), 0, index, answer);
    return std::move(answer.report);
}

sms_report card_network::deliver(const sms_deliver& sms, terminal_channel& terminal) {
    const auto index = population_.find_msisdn(sms.msisdn);
    if (!index) {
        ++counts_.unknown_subscribers;
        return {acknowledgement::none, 0, {}, {}};
    }
    const auto envelope =
        serialize_download({std::string(sender_address), {sms.user_data.begin(), sms.user_data.end()}});
    wire::writer command;
    const auto cla = static_cast<std::uint8_t>(model_.terminal.class_octet == 0xA0 ? 0xA0 : 0x80);
    command.put(wire::octets{cla, instruction::envelope, 0, 0}).u8(envelope.size()).put(envelope);
    terminal.clock(link_time(sms.now.time_since_epoch()));
    terminal.befall(throw_mishap());
    (void)terminal.transmit(command.buffer());  // its answer is the report, which `delivered` tells too
    auto answer = terminal.delivered();
    if (!answer) return {terminal.powered() ? acknowledgement::accepted : acknowledgement::none, 0, {}, {}};
    record(sms, *index, *answer);
    return {answer->how, answer->failure_cause, std::move(answer->report), std::move(answer->submitted)};
}

void card_network::record(const sms_deliver& sms, std::size_t index, const card_answer& answer) {
    if (answer.how == acknowledgement::refused) {
        ++counts_.busy;
        return;
    }
    if (answer.concatenated) {
        ++counts_.segments;
        if (journal_.is_open()) {
            journal_.write(journal_record(
                journal_segment{microseconds_of(sms.now), population_.iccid(index), hash_of(sms.user_data)}));
            probe_concatenated(sms, index, false);
        }
    }
    if (answer.packet) record_packet(microseconds_of(sms.now), sms.submitted, index, answer);
}

void card_network::record_packet(std::uint64_t time_us, std::uint64_t submitted, std::size_t index,
                                 const card_answer& answer) {
    const auto& trace = *answer.packet;
    ++counts_.packets;
    counts_.duplicates += trace.duplicate;
    counts_.scripts += trace.executed;
    counts_.commands += trace.ran.size();
    counts_.power_cuts += trace.torn;
    counts_.insufficient_memory += trace.status == sc::response_status::insufficient_memory;
    ++counts_.by_status[static_cast<std::uint8_t>(trace.status) & 15];
    if (!journal_.is_open()) return;

    journal_packet entry;
    entry.time_us = time_us;
    entry.submitted = submitted;
    entry.iccid = population_.iccid(index);
    entry.trace = trace;
    entry.answer = form_of(answer, submitted == 0);
    wire::octets whole = answer.submitted.empty() ? answer.report.value_or(wire::octets{}) : wire::octets{};
    for (const auto& part : answer.submitted) whole.insert(whole.end(), part.begin(), part.end());
    entry.answer_hash = hash_of(whole);
    journal_.write(entry);
    for (const auto slot : trace.touched) {
        const auto content = cards_[index].files.find(model_.tree, slot);
        journal_.write(journal_write{entry.iccid, slot, wire::octets(content.begin(), content.end())});
    }
}

void card_network::on_lost(const sms_deliver& sms) {
    const auto index = population_.find_msisdn(sms.msisdn);
    if (!index || !journal_.is_open()) return;
    const auto message = sc::parse_short_message(sms.user_data);
    if (!message) return;
    if (message.value().part)
        probe_concatenated(sms, *index, true);
    else if (message.value().kind == sc::packet_kind::command)
        record_lost(sms, *index, message.value().payload);
}

/// A packet that lost one of its segments never reaches the card; the judge must know its counter all the same.
void card_network::probe_concatenated(const sms_deliver& sms, std::size_t index, bool lost) {
    const std::string number(sms.msisdn);
    if (lost) gaps_.insert(number);
    const auto now_ms = std::chrono::floor<std::chrono::milliseconds>(sms.now).time_since_epoch().count();
    const auto whole = probe_.on_segment(number, sms.user_data, now_ms);
    if (!whole || !whole.value()) return;
    if (gaps_.erase(number) != 0) record_lost(sms, index, whole.value()->packet);
}

void card_network::record_lost(const sms_deliver& sms, std::size_t index, wire::octet_view packet) {
    const auto who = identity(index);
    journal_packet entry;
    entry.time_us = microseconds_of(sms.now);
    entry.submitted = sms.submitted;
    entry.iccid = who.iccid;
    entry.lost = true;
    entry.trace = look_into(model_, who, packet);
    journal_.write(entry);
}

void card_network::open_journal(instant now) {
    journal_.write(journal_record(journal_opened{microseconds_of(now), population_.settings().seed, cards_.size()}));
    for (const auto& [uri, node] : profile_.nodes)
        if (const auto slot = model_.tree.slot_of(node); slot && *slot != model_.tree.iccid_slot())
            journal_.write(journal_record(journal_node{uri, *slot, model_.tree.initial(*slot)}));
    for (const auto& object : profile_.management_objects)
        if (const auto slot = model_.tree.slot_of(object.file))
            journal_.write(journal_record(journal_node{object.uri, *slot, model_.tree.initial(*slot)}));
}

void card_network::restore(const journal_record& record) {
    if (const auto* write = std::get_if<journal_write>(&record)) {
        const auto index = population_.find_iccid(write->iccid);
        if (!index || write->slot >= model_.tree.slots()) return;
        cards_[*index].files.assign(model_.tree, write->slot, write->content);
    }
    if (const auto* packet = std::get_if<journal_packet>(&record)) {
        const auto& trace = packet->trace;
        const bool accepted = trace.executed || trace.status == sc::response_status::insufficient_memory;
        const auto index = population_.find_iccid(packet->iccid);
        if (index && accepted && !packet->lost)
            cards_[*index].counters.accept(trace.counter_key, trace.spi.counter(), trace.counter, trace.hash);
    }
}

std::optional<wire::octets> card_network::content(std::size_t index, std::string_view node) const {
    if (const auto* binding = profile_.find(node)) return content_of(index, *binding);
    const auto* object = profile_.find_object(node);
    if (object == nullptr || object->uri != node) return std::nullopt;
    if (!object->spare) return content_of(index, object->file);
    const auto octets = content_of(index, profile_.objects_at->control);  // of a pair it tells which file is valid
    const auto control = octets ? management_object::parse_control_file(*octets) : wire::errc::truncated;
    const bool spare = control && control.value().find(object->spare_identifier()) != nullptr;
    return content_of(index, spare ? *object->spare : object->file);
}

std::optional<wire::octets> card_network::content_of(std::size_t index, const node_binding& file) const {
    const auto slot = model_.tree.slot_of(file);
    if (!slot || index >= cards_.size()) return std::nullopt;
    const auto own = cards_[index].files.find(model_.tree, *slot);
    return own.empty() ? model_.tree.factory_content(*slot, population_.iccid(index))
                       : wire::octets(own.begin(), own.end());
}

bool card_network::put(std::size_t index, const node_binding& file, wire::octet_view octets) {
    const auto slot = model_.tree.slot_of(file);
    if (!slot || index >= cards_.size()) return false;
    cards_[index].files.assign(model_.tree, *slot, octets);
    return true;
}

std::size_t card_network::memory() const noexcept {
    constexpr std::size_t allocator_overhead = 16;
    auto total = cards_.capacity() * sizeof(card);
    for (const auto& c : cards_) {
        if (c.files.allocated() != 0) total += c.files.allocated() + allocator_overhead;
        if (c.counters.allocated() != 0) total += c.counters.allocated() + allocator_overhead;
        if (c.pending) total += sizeof(segment_buffer) + allocator_overhead;
    }
    return total;
}

}  // namespace ota::sandbox
