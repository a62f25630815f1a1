#include "gateway/smpp/pdu.hpp"

#include "gateway/smpp/errc.hpp"
#include "gateway/smpp/fields.hpp"
#include "gateway/smpp/pdu_bodies.hpp"

namespace ota::smpp {
namespace {

// Responses that came without a body, or with one nobody expects, are taken as they are: peers differ (pitfall 6).
result_body parse_body(command_id id, std::uint32_t command_status, wire::reader& r, std::uint16_t& dropped) {
    switch (id) {
        case command_id::submit_sm: return finish(r, parse_submit_sm(r, dropped));
        case command_id::deliver_sm: return finish(r, parse_deliver_sm(r, dropped));
        case command_id::data_sm: return finish(r, parse_data_sm(r, dropped));
        case command_id::submit_sm_resp: return submit_sm_resp{parse_message_resp(r, command_status, dropped)};
        case command_id::deliver_sm_resp: return deliver_sm_resp{parse_message_resp(r, command_status, dropped)};
        case command_id::data_sm_resp: return data_sm_resp{parse_message_resp(r, command_status, dropped)};
        case command_id::bind_receiver: return finish(r, parse_bind(r, bind_kind::receiver));
        case command_id::bind_transmitter: return finish(r, parse_bind(r, bind_kind::transmitter));
        case command_id::bind_transceiver: return finish(r, parse_bind(r, bind_kind::transceiver));
        case command_id::bind_receiver_resp: return parse_bind_resp(r, bind_kind::receiver, dropped);
        case command_id::bind_transmitter_resp: return parse_bind_resp(r, bind_kind::transmitter, dropped);
        case command_id::bind_transceiver_resp: return parse_bind_resp(r, bind_kind::transceiver, dropped);
        case command_id::outbind: return finish(r, parse_outbind(r));
        case command_id::alert_notification: return finish(r, parse_alert_notification(r, dropped));
        case command_id::enquire_link: return enquire_link{};
        case command_id::enquire_link_resp: return enquire_link_resp{};
        case command_id::unbind: return unbind{};
        case command_id::unbind_resp: return unbind_resp{};
        case command_id::generic_nack: return generic_nack{};
    }
    return errc::unknown_command;
}

struct write_body {
    std::uint32_t command_status;
    wire::writer& out;

    void operator()(const submit_sm& m) const { serialize_message(m, out); }
    void operator()(const deliver_sm& m) const { serialize_message(m, out); }
    void operator()(const data_sm& m) const { serialize_data_sm(m, out); }
    void operator()(const submit_sm_resp& m) const {
        if (command_status == status::ok || !m.message_id.empty() || !m.tlvs.empty()) serialize_message_resp(m, out);
    }
    void operator()(const deliver_sm_resp& m) const { serialize_message_resp(m, out); }
    void operator()(const data_sm_resp& m) const { serialize_message_resp(m, out); }
    void operator()(const bind& b) const { serialize_bind(b, out); }
    void operator()(const bind_resp& b) const {
        if (command_status == status::ok || !b.system_id.empty() || !b.tlvs.empty()) serialize_bind_resp(b, out);
    }
    void operator()(const outbind& o) const {
        write_text(out, o.system_id);
        write_text(out, o.password);
    }
    void operator()(const alert_notification& a) const {
        write_address(out, a.source);
        write_address(out, a.esme);
        serialize(a.tlvs, out);
    }
    void operator()(const auto&) const {}
};

/// Room for command_length, then the rest of the header; gives the place of command_length.
std::size_t begin(command_id id, std::uint32_t command_status, std::uint32_t sequence_number, wire::writer& out) {
    const auto at = out.size();
    out.u32(0).u32(static_cast<std::uint32_t>(id)).u32(command_status).u32(sequence_number);
    return at;
}

void end(std::size_t at, wire::writer& out) {
    const auto length = static_cast<std::uint32_t>(out.size() - at);
    for (int i = 0; i < 4; ++i) out.buffer()[at + i] = static_cast<std::uint8_t>(length >> (24 - 8 * i));
}

struct name_body {
    command_id operator()(const submit_sm&) const { return command_id::submit_sm; }
    command_id operator()(const submit_sm_resp&) const { return command_id::submit_sm_resp; }
    command_id operator()(const deliver_sm&) const { return command_id::deliver_sm; }
    command_id operator()(const deliver_sm_resp&) const { return command_id::deliver_sm_resp; }
    command_id operator()(const data_sm&) const { return command_id::data_sm; }
    command_id operator()(const data_sm_resp&) const { return command_id::data_sm_resp; }
    command_id operator()(const enquire_link&) const { return command_id::enquire_link; }
    command_id operator()(const enquire_link_resp&) const { return command_id::enquire_link_resp; }
    command_id operator()(const bind& b) const { return static_cast<command_id>(b.kind); }
    command_id operator()(const bind_resp& b) const {
        return static_cast<command_id>(static_cast<std::uint32_t>(b.kind) | response_bit);
    }
    command_id operator()(const unbind&) const { return command_id::unbind; }
    command_id operator()(const unbind_resp&) const { return command_id::unbind_resp; }
    command_id operator()(const generic_nack&) const { return command_id::generic_nack; }
    command_id operator()(const outbind&) const { return command_id::outbind; }
    command_id operator()(const alert_notification&) const { return command_id::alert_notification; }
};

}  // namespace

header parse_header(wire::octet_view in) noexcept {
    wire::reader r(in);
    header h;
    h.command_length = r.u32();
    h.id = r.u32();
    h.command_status = r.u32();
    h.sequence_number = r.u32();
    return h;
}

bool known(std::uint32_t id) noexcept {
    switch (static_cast<command_id>(id)) {
        case command_id::bind_receiver:
        case command_id::bind_transmitter:
        case command_id::submit_sm:
        case command_id::deliver_sm:
        case command_id::unbind:
        case command_id::bind_transceiver:
        case command_id::outbind:
        case command_id::enquire_link:
        case command_id::alert_notification:
        case command_id::data_sm:
        case command_id::generic_nack:
        case command_id::bind_receiver_resp:
        case command_id::bind_transmitter_resp:
        case command_id::submit_sm_resp:
        case command_id::deliver_sm_resp:
        case command_id::unbind_resp:
        case command_id::bind_transceiver_resp:
        case command_id::enquire_link_resp:
        case command_id::data_sm_resp: return true;
    }
    return false;
}

command_id id_of(const body& what) noexcept { return std::visit(name_body{}, what); }

wire::result<pdu> parse(wire::octet_view in) {
    if (in.size() < header_octets) return wire::errc::truncated;
    const auto h = parse_header(in);
    if (h.command_length < header_octets) return errc::bad_command_length;
    if (in.size() < h.command_length) return wire::errc::truncated;
    if (in.size() > h.command_length) return wire::errc::trailing_octets;
    pdu out;
    out.command_status = h.command_status;
    out.sequence_number = h.sequence_number;
    wire::reader r(in.subspan(header_octets));
    OTA_TRY(auto what, parse_body(static_cast<command_id>(h.id), h.command_status, r, out.dropped_tlvs));
    out.what = std::move(what);
    return out;
}

void serialize(const body& what, std::uint32_t command_status, std::uint32_t sequence_number, wire::writer& out) {
    const auto at = begin(id_of(what), command_status, sequence_number, out);
    std::visit(write_body{command_status, out}, what);
    end(at, out);
}

void serialize(const submit_sm& m, std::uint32_t sequence_number, wire::writer& out) {
    const auto at = begin(command_id::submit_sm, status::ok, sequence_number, out);
    serialize_message(m, out);
    end(at, out);
}

void serialize_response(command_id id, std::uint32_t command_status, std::uint32_t sequence_number,
                        const message_resp& m, bool with_body, wire::writer& out) {
    const auto at = begin(id, command_status, sequence_number, out);
    if (with_body) serialize_message_resp(m, out);
    end(at, out);
}

wire::octets serialize(const pdu& p) {
    wire::writer out;
    serialize(p.what, p.command_status, p.sequence_number, out);
    return out.take();
}

}  // namespace ota::smpp
