#include "gateway/cards/json.hpp"
#include "gateway/cards/show.hpp"
#include "queue/timestamp.hpp"

#include <cstdio>
#include <ostream>

namespace ota::cards {

namespace {

std::string hex_of(std::uint64_t cntr) {
    char text[16];
    std::snprintf(text, sizeof text, "%010llx", static_cast<unsigned long long>(cntr));
    return text;
}

std::string_view name_of(flow::presence p) noexcept {
    return p == flow::presence::present ? "present" : p == flow::presence::absent ? "absent" : "unknown";
}

void put_time(json_writer& j, std::string_view name, store::wall_time at) {
    if (at != store::wall_time{}) j.text(name, queue::serialize_timestamp(at));
}

void put_image(json_writer& j, std::string_view name, const image_sheet& image) {
    j.name(name).open('{').number("version", image.version).number("size", static_cast<std::int64_t>(image.size));
    if (!image.digest.empty()) j.text("sha256", image.digest);
    j.close('}');
}

bool has_device(const node_sheet& n) noexcept {
    return n.device.said != flow::device_word::nothing || n.device.drifts > 0;
}

void put_packet(json_writer& j, std::string_view name, const std::optional<flow::packet>& p) {
    if (!p) return;
    j.name(name).open('{').number("id", p->id).text("cntr", hex_of(p->cntr)).text("tar", wire::to_hex(p->tar.octets));
    j.text("by", flow::name_of(p->by));
    j.number("segments", p->segments).number("sendings", p->sendings).text("destination", p->destination);
    put_time(j, "sent_at", p->sent_at);
    put_time(j, "next_check_at", p->check_at);
    put_time(j, "closes_at", p->closes_at);
    if (p->idle) j.flag("idle", true);
    j.close('}');
}

void put_event(json_writer& j, const open_event_sheet& e) {
    j.open('{').number("seq", e.row.seq).text("source", e.row.source).text("id", e.row.id);
    j.text("op", queue::name_of(static_cast<queue::operation>(e.row.op)))
        .text("node", e.row.node)
        .text("phase", e.phase);
    j.number("attempts", e.attempts);
    put_time(j, "accepted_at", e.row.accepted_at);
    put_time(j, "not_before", e.not_before);
    put_time(j, "expires_at", e.expires_at);
    j.close('}');
}

void put_identity(json_writer& j, const store::card_row& row) {
    j.text("iccid", row.iccid).text("msisdn", row.msisdn);
    if (!row.msisdn.empty()) put_time(j, "msisdn_since", row.msisdn_since);
    j.text("profile", row.profile).text("standing", store::name_of(row.is)).text("labels", row.labels);
    if (row.due) put_time(j, "due", *row.due);
}

void print_packet(std::string_view name, const std::optional<flow::packet>& p, std::ostream& out) {
    if (!p) return;
    out << name << "packet " << p->id << ", counter " << hex_of(p->cntr) << ", TAR " << wire::to_hex(p->tar.octets)
        << ", " << flow::name_of(p->by) << ", " << unsigned{p->segments} << " segment(s), sent "
        << unsigned{p->sendings} << " time(s) to " << p->destination;
    if (p->sent_at != store::wall_time{}) out << ", last " << queue::serialize_timestamp(p->sent_at);
    if (p->closes_at != store::wall_time{}) out << ", closes " << queue::serialize_timestamp(p->closes_at);
    out << (p->idle ? ", waits for work\n" : "\n");
}

void print_image(std::string_view name, bool there, const image_sheet& image, std::ostream& out) {
    out << "    " << name;
    if (!there) {
        out << "unknown\n";
        return;
    }
    out << "version " << image.version << ", " << image.size << " octets";
    if (!image.digest.empty()) out << ", sha256 " << image.digest;
    out << '\n';
}

void print_node(const node_sheet& n, std::ostream& out) {
    out << "  " << n.uri << "  " << (n.in_step ? "in step" : "not in step") << (n.secret ? ", secret" : "");
    if (!n.blocked.empty()) out << ", blocked: " << n.blocked;
    out << '\n';
    if (n.wanted) print_image("desired   ", true, n.desired, out);
    print_image("reported  ", n.confirmed, n.reported, out);
    if (!has_device(n)) return;
    out << "    device    " << cards::name_of(n.device.said);
    if (n.device.at != store::wall_time{}) out << ' ' << queue::serialize_timestamp(n.device.at);
    if (n.device.drifts > 0) out << ", edited there " << n.device.drifts << " time(s)";
    out << '\n';
}

}  // namespace

void put_node(json_writer& j, const node_sheet& n) {
    j.text("uri", n.uri).text("there", name_of(n.there)).flag("in_step", n.in_step);
    if (n.secret) j.flag("secret", true);
    if (n.wanted) put_image(j, "desired", n.desired);
    if (n.confirmed) put_image(j, "reported", n.reported);
    if (n.revision) j.number("revision", *n.revision);
    if (!n.blocked.empty()) j.text("blocked", n.blocked);
    if (has_device(n)) {
        j.name("device").open('{').text("state", cards::name_of(n.device.said));
        put_time(j, "at", n.device.at);
        j.number("drifts", n.device.drifts).close('}');
    }
}

std::string serialize_row(const store::card_row& row) {
    json_writer j;
    j.open('{');
    put_identity(j, row);
    return j.close('}').str();
}

std::string serialize_sheet(const card_sheet& s) {
    json_writer j;
    j.open('{');
    put_identity(j, s.row);
    if (!s.state.hold.empty()) j.text("hold", s.state.hold);
    if (s.paused) j.text("profile_paused", *s.paused);
    j.flag("profile_configured", s.configured).flag("keys_readable", s.keys_readable).name("keys").open('[');
    for (const auto& [version, mac] : s.keys) j.open('{').number("kvn", version).number("mac_length", mac).close('}');
    j.close(']').name("counters").open('[');
    for (const auto& [of, last] : s.counters) j.open('{').text("of", of).text("last", hex_of(last)).close('}');
    j.close(']').name("nodes").open('[');
    for (const auto& n : s.nodes) {
        j.open('{');
        put_node(j, n);
        j.close('}');
    }
    j.close(']');
    put_packet(j, "in_flight", s.in_flight);
    put_packet(j, "unknown", s.unknown);
    put_packet(j, "reserved", s.reserved);
    j.name("open_events").open('[');
    for (const auto& e : s.events) put_event(j, e);
    return j.close(']').close('}').str();
}

void print_sheet(const card_sheet& s, std::ostream& out) {
    out << "ICCID       " << s.row.iccid << '\n';
    out << "number      " << (s.row.msisdn.empty() ? "none" : s.row.msisdn);
    if (!s.row.msisdn.empty()) out << " since " << queue::serialize_timestamp(s.row.msisdn_since);
    out << "\nprofile     " << s.row.profile << (s.configured ? "" : " (not configured)")
        << (s.paused ? " (paused)" : "") << '\n';
    out << "standing    " << store::name_of(s.row.is);
    if (!s.state.hold.empty()) out << ": " << s.state.hold;
    out << "\nlabels      " << (s.row.labels.empty() ? "none" : s.row.labels) << "\nkeys        ";
    if (!s.keys_readable) out << "cannot be read with this key-encryption key";
    for (const auto& [version, mac] : s.keys) out << "version " << version << " (CC of " << mac << " octets)  ";
    out << '\n';
    for (const auto& [of, last] : s.counters) out << "counter     " << of << ": " << hex_of(last) << '\n';
    print_packet("in flight   ", s.in_flight, out);
    print_packet("unknown     ", s.unknown, out);
    print_packet("reserved    ", s.reserved, out);
    out << "nodes       " << s.nodes.size() << '\n';
    for (const auto& n : s.nodes) print_node(n, out);
    out << "open events " << s.events.size() << '\n';
    for (const auto& e : s.events) {
        out << "  " << e.row.id << "  " << queue::name_of(static_cast<queue::operation>(e.row.op)) << ' ' << e.row.node
            << "  " << e.phase;
        if (e.phase == "deferred") out << " until " << queue::serialize_timestamp(e.not_before);
        out << ", expires " << queue::serialize_timestamp(e.expires_at) << '\n';
    }
}

}  // namespace ota::cards
