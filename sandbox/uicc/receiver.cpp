#include "sandbox/uicc/receiver.hpp"

#include "sandbox/uicc/proof_of_receipt.hpp"
#include "secure-channel/command_packet.hpp"
#include "secure-channel/short_message.hpp"

namespace ota::sandbox {

namespace sc = secure_channel;
using sc::response_status;

namespace {

constexpr std::uint8_t least_chl = 13;
constexpr std::size_t udh_length = 3;

/// SPI1 offers at least what the application's minimum security level asks.
bool reaches(sc::security_parameters spi, std::uint8_t minimum) noexcept {
    const sc::security_parameters least{minimum, 0};
    return spi.command_integrity() >= least.command_integrity() && spi.counter() >= least.counter() &&
           (spi.command_ciphered() || !least.command_ciphered());
}

bool names_our_key(sc::key_identifier named, std::uint8_t version, std::uint8_t algorithm) noexcept {
    return (named.key_version() == version || named.key_version() == 0) && named.algorithm() == algorithm;
}

/// The keys that the packet names are the card's.
bool has_keys(const card_model& model, const card_identity& identity, const sc::command_header& header) noexcept {
    if (header.spi.command_ciphered() && !names_our_key(header.kic, identity.key_version, model.kic_algorithm))
        return false;
    if (header.spi.command_integrity() != sc::integrity::cryptographic_checksum) return true;
    return names_our_key(header.kid, identity.key_version, model.kid_algorithm);
}

/// The way of a packet through the receiver, up to its counter.
struct examination {
    packet_trace trace;
    sc::response_expectation expectation;
    sc::toolkit_reference tar;
    const application_model* application = nullptr;
    wire::octets data;
    bool readable = false;  ///< at least its clear part
};

/// CHL tells how long the checksum is.
bool has_length_of_our_checksum(const card_identity& identity, wire::octet_view packet, sc::framing framed) noexcept {
    const auto frame = sc::read_frame(packet, framed, least_chl);
    return frame && frame.value().header == std::size_t{least_chl} + identity.keys.mac_length();
}

response_status open_with(const card_identity& identity, wire::octet_view packet, sc::framing framed,
                          const sc::command_header& header, examination& out) {
    const bool checksum = header.spi.command_integrity() == sc::integrity::cryptographic_checksum;
    if (checksum && !has_length_of_our_checksum(identity, packet, framed)) return response_status::integrity_failed;
    auto opened = sc::open_command(packet, identity.keys, framed);
    if (!opened)
        return header.spi.command_ciphered() ? response_status::ciphering_error : response_status::integrity_failed;
    auto& value = opened.value();
    if (value.integrity == sc::verification::mismatch || value.integrity == sc::verification::unsecured)
        return response_status::integrity_failed;
    out.trace.opened = true;
    out.trace.counter = value.header.cntr.value;
    out.data = std::move(value.data);
    return response_status::por_ok;
}

examination examine(const card_model& model, const card_identity& identity, wire::octet_view packet,
                    sc::framing framed) {
    examination out;
    out.trace.hash = hash_of(packet);
    out.trace.status = response_status::unidentified_security_error;
    const auto peeked = sc::peek_command(packet, framed);
    if (!peeked) return out;
    const auto& header = peeked.value();
    out.readable = true;
    out.tar = header.tar;
    out.expectation = {header.spi, header.kic, header.kid, true};
    out.trace.spi = header.spi;
    out.trace.kic = header.kic.octet;
    out.trace.kid = header.kid.octet;
    out.trace.tar = header.tar.octets;
    out.trace.counter_key = counter_key(model.scope, header.kic, header.kid, header.tar);
    out.application = model.find(header.tar);
    if (!out.application)
        out.trace.status = response_status::tar_unknown;
    else if (!reaches(header.spi, out.application->minimum_security))
        out.trace.status = response_status::insufficient_security_level;
    else if (has_keys(model, identity, header))
        out.trace.status = open_with(identity, packet, framed, header, out);
    return out;
}

bool wants_answer(sc::security_parameters spi, response_status status) noexcept {
    if (spi.por() == sc::por_request::always) return true;
    return spi.por() == sc::por_request::on_error && status != response_status::por_ok;
}

/// How a packet came, and what holds for its answer.
struct passage {
    const mishap& what;
    sc::framing framed = sc::framing::short_message;
    std::size_t largest_answer = 0;  ///< of a data bearer, in octets
    push_taker* pushes = nullptr;
};

/// Puts proofs of receipt on their way: in the way that SPI2 asks, or back over the data bearer.
class answering {
public:
    answering(const card_model& model, const card_identity& identity, const examination& seen, const passage& came,
              card_answer& out)
        : model_(model), identity_(identity), seen_(seen), came_(came), out_(out) {}

    [[nodiscard]] std::size_t room() const noexcept {
        if (by_data())
            return data_response_capacity(came_.largest_answer, seen_.expectation, identity_.keys.mac_length());
        const auto packet = by_submit() ? sc::segments_capacity(model_.quirks.response_segments)
                                        : model_.quirks.deliver_report_limit - udh_length;
        return response_capacity(packet, seen_.expectation, identity_.keys.mac_length());
    }

    /// A verified packet's answer: secured as asked.
    void secured(response_status status, wire::octets data) {
        if (!wants_answer(seen_.trace.spi, status)) return;
        const auto counter = seen_.trace.counter;
        if (by_submit())
            out_.report = make({seen_.tar, {counter}, 0, response_status::follows_by_submit, {}}, seen_.expectation);
        send(make({seen_.tar, {counter}, 0, status, std::move(data)}, seen_.expectation));
    }

    /// Security failed: no keys to trust.
    void bare(response_status status, std::uint64_t counter) {
        if (model_.quirks.on_failure == failure_answer::silent || !wants_answer(seen_.trace.spi, status)) return;
        send(make({seen_.tar, {counter}, 0, status, {}}, unsecured(seen_.expectation)));
    }

private:
    [[nodiscard]] bool by_data() const noexcept { return came_.framed == sc::framing::data; }
    [[nodiscard]] bool by_submit() const noexcept { return !by_data() && seen_.trace.spi.por_by_submit(); }

    [[nodiscard]] std::optional<wire::octets> make(sc::response r, const sc::response_expectation& e) const {
        if (!by_data()) return make_response(r, e, identity_.keys, model_.quirks.padding_80);
        auto made = sc::seal_response_sdu(r, e, identity_.keys);
        if (!made) return std::nullopt;
        return std::move(made).value();
    }

    void send(std::optional<wire::octets> user_data) {
        if (!user_data) return;
        if (!by_submit()) {
            out_.report = std::move(user_data);
            return;
        }
        const auto reference = static_cast<std::uint16_t>(seen_.trace.counter % 255 + 1);
        auto parts =
            sc::split_packet(wire::octet_view(*user_data).subspan(udh_length), sc::packet_kind::response, reference);
        if (parts) out_.submitted = std::move(parts).value();
    }

    const card_model& model_;
    const card_identity& identity_;
    const examination& seen_;
    const passage& came_;
    card_answer& out_;
};

void run(const card_model& model, card& c, const card_identity& identity, examination& seen, const passage& came,
         answering& answers, card_answer& out) {
    auto ran = run_script(model, *seen.application, c.files, identity.iccid, seen.data,
                          {answers.room(), came.what.power_cut_after}, came.pushes);
    auto& trace = seen.trace;
    trace.executed = true;
    trace.torn = ran.torn;
    trace.commands = ran.commands;
    trace.ran = std::move(ran.ran);
    trace.touched = std::move(ran.touched);
    if (ran.torn)
        out.how = acknowledgement::none;
    else
        answers.secured(response_status::por_ok, std::move(ran.answer));
}

void on_packet(const card_model& model, card& c, const card_identity& identity, wire::octet_view packet,
               const passage& came, card_answer& out) {
    auto seen = examine(model, identity, packet, came.framed);
    auto& trace = seen.trace;
    answering answers(model, identity, seen, came, out);
    if (trace.status != response_status::por_ok) {
        if (seen.readable) answers.bare(trace.status, 0);
        out.packet = std::move(trace);
        return;
    }
    const auto* known = c.counters.find(trace.counter_key);
    trace.duplicate = known && known->packet == trace.hash;
    const auto mode = trace.spi.counter();
    trace.status = c.counters.test(trace.counter_key, mode, trace.counter, identity.first_counter);
    if (trace.status == response_status::por_ok) {
        c.counters.accept(trace.counter_key, mode, trace.counter, trace.hash);
        if (came.what.insufficient_memory) {
            trace.status = response_status::insufficient_memory;
            answers.secured(trace.status, {});
        } else {
            run(model, c, identity, seen, came, answers, out);
        }
    } else if (trace.status == response_status::counter_low && model.quirks.replay_as_unidentified) {
        trace.status = response_status::unidentified_security_error;
        answers.bare(trace.status, 0);
    } else if (model.quirks.on_failure == failure_answer::unsecured) {
        answers.secured(trace.status, {});
    }
    out.packet = std::move(trace);
}

}  // namespace

std::uint64_t hash_of(wire::octet_view packet) {
    const auto digest = sc::sha256(packet);
    return wire::reader(digest).u64();
}

card_answer on_message(const card_model& model, card& c, const card_identity& identity, wire::octet_view user_data,
                       const mishap& what, push_taker* pushes) {
    card_answer out;
    const passage came{.what = what, .pushes = pushes};
    if (what.busy) {
        out.how = acknowledgement::refused;
        out.failure_cause = toolkit_busy;
        return out;
    }
    const auto message = sc::parse_short_message(user_data);
    if (!message) return out;
    const auto& one = message.value();
    if (!one.part) {
        if (one.kind == sc::packet_kind::command) on_packet(model, c, identity, one.payload, came, out);
        return out;
    }
    out.concatenated = true;
    if (!c.pending) c.pending = std::make_unique<segment_buffer>();
    const auto whole = c.pending->on_segment(one, model.max_segments);
    if (c.pending->empty()) c.pending.reset();
    if (whole && whole->kind == sc::packet_kind::command) on_packet(model, c, identity, whole->packet, came, out);
    return out;
}

card_answer on_sdu(const card_model& model, card& c, const card_identity& identity, wire::octet_view sdu,
                   const mishap& what, std::size_t largest_answer, push_taker* pushes) {
    card_answer out;
    on_packet(model, c, identity, sdu, {what, sc::framing::data, largest_answer, pushes}, out);
    return out;
}

packet_trace look_into(const card_model& model, const card_identity& identity, wire::octet_view packet) {
    return examine(model, identity, packet, sc::framing::short_message).trace;
}

}  // namespace ota::sandbox
