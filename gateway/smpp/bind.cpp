#include "gateway/smpp/bind.hpp"

#include "gateway/smpp/fields.hpp"
#include "gateway/smpp/pdu_bodies.hpp"

namespace ota::smpp {

bind parse_bind(wire::reader& r, bind_kind kind) {
    bind b;
    b.kind = kind;
    b.system_id = read_text(r);
    b.password = read_text(r);
    b.system_type = read_text(r);
    b.interface_version = r.u8();
    b.addr_ton = r.u8();
    b.addr_npi = r.u8();
    b.address_range = read_text(r);
    r.rest();  // TLVs in a bind are not defined; some clients send them
    return b;
}

void serialize_bind(const bind& b, wire::writer& out) {
    write_text(out, b.system_id);
    write_text(out, b.password);
    write_text(out, b.system_type);
    out.u8(b.interface_version).u8(b.addr_ton).u8(b.addr_npi);
    write_text(out, b.address_range);
}

bind_resp parse_bind_resp(wire::reader& r, bind_kind kind, std::uint16_t& dropped) {
    bind_resp b;
    b.kind = kind;
    b.system_id = read_last_text(r);
    b.tlvs = parse_tlvs(r.rest(), dropped);
    return b;
}

void serialize_bind_resp(const bind_resp& b, wire::writer& out) {
    write_text(out, b.system_id);
    serialize(b.tlvs, out);
}

outbind parse_outbind(wire::reader& r) {
    outbind o;
    o.system_id = read_text(r);
    o.password = read_text(r);
    return o;
}

alert_notification parse_alert_notification(wire::reader& r, std::uint16_t& dropped) {
    alert_notification a;
    a.source = read_address(r);
    a.esme = read_address(r);
    if (!r.failed()) a.tlvs = parse_tlvs(r.rest(), dropped);
    return a;
}

}  // namespace ota::smpp
