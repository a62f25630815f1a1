#include "gateway/smpp/framing.hpp"
#include "gateway/smpp/session.hpp"

#include <utility>

/// The half of the session that reads what the peer sends.
namespace ota::smpp {

void session::on_octets(wire::octet_view in, time_point now, actions& out) {
    if (state_ == state::ended) return;
    last_heard_ = now;
    enquired_.reset();  // whoever talks is alive
    missed_ = 0;
    wire::octets joined;
    if (!tail_.empty()) {
        joined = std::exchange(tail_, {});
        joined.insert(joined.end(), in.begin(), in.end());
        in = joined;
    }
    while (state_ != state::ended) {
        const auto front = look(in);
        if (front.what == framing::more) break;
        if (front.what == framing::absurd) {
            ++counters_.malformed_pdus;
            write(generic_nack{}, status::invalid_command_length, 0, out);
            return finish(end_reason::unreadable, out);
        }
        on_pdu(in.first(front.length), now, out);
        in = in.subspan(front.length);
    }
    if (state_ != state::ended) tail_.assign(in.begin(), in.end());
}

void session::on_pdu(wire::octet_view octets, time_point now, actions& out) {
    const auto h = parse_header(octets);
    auto parsed = parse(octets);
    if (!parsed) return on_unreadable(h, out);
    auto& p = parsed.value();
    counters_.dropped_tlvs += p.dropped_tlvs;
    std::visit([&](auto& what) { on_body(what, p, now, out); }, p.what);
}

/// What cannot be read is answered where an answer exists, and the session goes on (pitfall 7).
void session::on_unreadable(const header& h, actions& out) {
    const bool is_response = (h.id & response_bit) != 0;
    if (!known(h.id)) {
        ++counters_.unknown_commands;
        if (!is_response) write(generic_nack{}, status::invalid_command_id, h.sequence_number, out);
        return;
    }
    ++counters_.malformed_pdus;
    const auto id = static_cast<command_id>(h.id);
    if (is_response || id == command_id::outbind || id == command_id::alert_notification) return;
    const auto answer = static_cast<command_id>(h.id | response_bit);
    const bool of_message = id == command_id::submit_sm || id == command_id::deliver_sm || id == command_id::data_sm;
    serialize_response(answer, status::invalid_command_length, h.sequence_number, {}, of_message, out.write);
}

template <class T>
void session::take_in(T& message, command_id answer, bool fits, const pdu& p, time_point now, actions& out) {
    const bool smsc = settings_.side == role::smsc;
    std::uint32_t refused = status::ok;
    if (!fits) {
        refused = status::wrong_bind_state;
    } else if (state_ != state::bound) {
        refused = state_ == state::unbinding && !smsc ? status::temporary_application_error : status::wrong_bind_state;
    } else if (requests_.size() >= settings_.open_requests) {
        refused = smsc ? status::message_queue_full : status::temporary_application_error;
    }
    if (refused != status::ok) {
        serialize_response(answer, refused, p.sequence_number, {}, !smsc, out.write);
        return;
    }
    // The peer's sequence number may come twice: requests have numbers of our own.
    const auto request = ++request_;
    requests_.insert(request, {p.sequence_number, answer, now});
    out.events.emplace_back(std::in_place_type<received>, request, std::move(message));
}

void session::on_body(submit_sm& m, const pdu& p, time_point now, actions& out) {
    take_in(m, command_id::submit_sm_resp, settings_.side == role::smsc && smpp::can_submit(kind_), p, now, out);
}

void session::on_body(deliver_sm& m, const pdu& p, time_point now, actions& out) {
    take_in(m, command_id::deliver_sm_resp, settings_.side == role::esme, p, now, out);
}

void session::on_body(data_sm& m, const pdu& p, time_point now, actions& out) {
    take_in(m, command_id::data_sm_resp, true, p, now, out);
}

void session::on_body(bind& b, const pdu& p, time_point now, actions& out) {
    if (settings_.side != role::smsc || state_ != state::open) {
        const auto refused =
            state_ == state::bound && settings_.side == role::smsc ? status::already_bound : status::wrong_bind_state;
        return write(bind_resp{b.kind, {}, {}}, refused, p.sequence_number, out);
    }
    state_ = state::binding;
    since_ = now;
    kind_ = b.kind;
    control_sequence_ = p.sequence_number;
    out.events.emplace_back(bind_asked{std::move(b)});
}

void session::on_body(bind_resp& b, const pdu& p, time_point, actions& out) {
    if (settings_.side != role::esme || state_ != state::binding) {
        ++counters_.stray_responses;
        return;
    }
    conclude_bind(p.command_status, std::move(b.system_id), out);
}

void session::conclude_bind(std::uint32_t command_status, std::string system_id, actions& out) {
    if (command_status != status::ok) {
        out.events.emplace_back(bind_refused{command_status});
        return finish(end_reason::bind_refused, out);
    }
    state_ = state::bound;
    kind_ = settings_.credentials.kind;
    out.events.emplace_back(bound{kind_, std::move(system_id)});
}

void session::on_body(message_resp& m, const pdu& p, time_point now, actions& out) {
    conclude(p.sequence_number, p.command_status, &m, now, out);
}

void session::conclude(std::uint32_t sequence_number, std::uint32_t command_status, message_resp* what, time_point now,
                       actions& out) {
    const auto* found = pending_.find(sequence_number);
    if (found == nullptr) {
        ++counters_.stray_responses;
        return;
    }
    answered told{found->token, command_status, 0, {}, now - found->sent};
    if (what != nullptr) {
        told.message_id = std::move(what->message_id);
        told.congestion = static_cast<std::uint8_t>(find_number(what->tlvs, tag::congestion_state, 1).value_or(0));
    }
    pending_.erase(sequence_number);
    out.events.emplace_back(std::move(told));
}

void session::on_body(generic_nack&, const pdu& p, time_point now, actions& out) {
    if (state_ == state::binding && settings_.side == role::esme && p.sequence_number == control_sequence_)
        return conclude_bind(p.command_status == status::ok ? status::bind_failed : p.command_status, {}, out);
    // A peer that refuses with status 0 refuses nonetheless.
    conclude(p.sequence_number, p.command_status == status::ok ? status::system_error : p.command_status, nullptr, now,
             out);
}

void session::on_body(enquire_link&, const pdu& p, time_point, actions& out) {
    write(enquire_link_resp{}, status::ok, p.sequence_number, out);
}

void session::on_body(smpp::unbind&, const pdu& p, time_point, actions& out) {
    write(unbind_resp{}, status::ok, p.sequence_number, out);
    finish(end_reason::peer_unbound, out);
}

void session::on_body(unbind_resp&, const pdu&, time_point, actions& out) {
    if (state_ == state::unbinding) finish(end_reason::unbound, out);
}

}  // namespace ota::smpp
