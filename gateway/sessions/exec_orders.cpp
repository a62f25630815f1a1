#include "gateway/sessions/exec_orders.hpp"

#include "gateway/flow/intake.hpp"
#include "gateway/flow/objects.hpp"
#include "gateway/flow/reasons.hpp"
#include "queue/base64.hpp"

#include <charconv>

namespace ota::sessions {

using queue::event_state;

namespace {

constexpr std::uint16_t ok = 200, accepted = 202, invalid_credentials = 401, missing_credentials = 407;

flow::open_event* exec_event(card_in_session& card, store::event_seq seq) {
    auto* e = card.state.find_event(seq);
    return e != nullptr && flow::exec_of(card.state, *e) ? e : nullptr;
}

exec_end close(card_in_session& card, store::event_seq seq, event_state state, std::string_view reason,
               std::string detail) {
    card.fx.close(seq, state, reason, std::move(detail));
    card.fx.history.push_back(R"({"what":"device-exec","event":)" + std::to_string(seq) + R"(,"state":")" +
                              std::string(queue::name_of(state)) + "\"}");
    flow::remove_event(card.state, seq);
    return state == event_state::applied ? exec_end::applied : exec_end::failed;
}

dm::step step_of(const flow::session_exec& what, store::event_seq seq) {
    dm::step out;
    out.what = management_object::dm::verb::exec;
    out.target = what.node;
    out.correlator = correlator_of(seq);
    if (what.value.empty()) return out;
    out.format = management_object::format_named(what.format).value_or(management_object::node_format::chr);
    if (!what.type.empty()) out.type = what.type;
    out.value = what.value;
    if (out.format == management_object::node_format::bin) {
        if (const auto octets = queue::from_base64(what.value)) out.value = wire::as_text(*octets);
    }
    return out;
}

}  // namespace

std::string correlator_of(store::event_seq seq) { return std::to_string(seq); }

std::optional<store::event_seq> exec_of_correlator(std::string_view text) {
    store::event_seq seq = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), seq);
    if (read.ec != std::errc() || read.ptr != text.data() + text.size() || seq <= 0) return std::nullopt;
    return seq;
}

std::vector<due_exec> take_due_execs(card_in_session& card, wall_time now) {
    std::vector<due_exec> out;
    for (auto& e : card.state.events) {
        const auto what = flow::exec_of(card.state, e);
        if (!what || e.attempts != 0 || what->not_before > now || e.expires_at <= now) continue;
        // R17: what came before it on its object goes first.
        const bool waits = std::any_of(card.state.events.data(), &e, [&](const flow::open_event& earlier) {
            return earlier.node == e.node && earlier.seq < e.seq && !flow::exec_of(card.state, earlier);
        });
        if (waits) continue;
        e.attempts = flow::exec_sent;
        out.push_back({e.seq, step_of(*what, e.seq)});
    }
    return out;
}

std::vector<store::event_seq> unanswered_execs(const card_in_session& card) {
    std::vector<store::event_seq> out;
    for (const auto& e : card.state.events) {
        if (e.attempts == flow::exec_sent && flow::exec_of(card.state, e)) out.push_back(e.seq);
    }
    return out;
}

exec_end on_exec_status(card_in_session& card, store::event_seq seq, std::uint16_t code) {
    auto* e = exec_event(card, seq);
    if (e == nullptr || code == 0) return exec_end::open;
    if (code == ok) return close(card, seq, event_state::applied, {}, {});
    if (code == accepted) {
        e->attempts = flow::exec_accepted;
        return exec_end::open;
    }
    if (code == invalid_credentials || code == missing_credentials) {  // it did not let us in, and did nothing
        e->attempts = 0;
        return exec_end::open;
    }
    return close(card, seq, event_state::failed, flow::reason::device_refused,
                 "the device answered " + std::to_string(code));
}

exec_end on_exec_result(card_in_session& card, store::event_seq seq, std::optional<std::uint16_t> code) {
    const auto* e = exec_event(card, seq);
    if (e == nullptr || e->attempts == 0) return exec_end::open;  // of another card, or never sent
    if (code && *code / 100 == 2)
        return close(card, seq, event_state::applied, {}, "the device told " + std::to_string(*code));
    return close(card, seq, event_state::failed, flow::reason::device_refused,
                 code ? "the device told " + std::to_string(*code) : "the device told no result code");
}

void put_back_exec(card_in_session& card, store::event_seq seq) {
    auto* e = exec_event(card, seq);
    if (e != nullptr && e->attempts == flow::exec_sent) e->attempts = 0;
}

exec_end give_up_exec(card_in_session& card, store::event_seq seq) {
    const auto* e = exec_event(card, seq);
    if (e == nullptr || e->attempts != flow::exec_sent) return exec_end::open;
    return close(card, seq, event_state::failed, flow::reason::outcome_unknown,
                 "the device never told what became of it");
}

}  // namespace ota::sessions
