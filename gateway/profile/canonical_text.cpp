#include "gateway/profile/profile_reader.hpp"

namespace ota::profile_reader {
namespace {

void put(std::string& out, std::string_view key, std::string_view value) {
    out.append(key).append("=").append(value).append("\n");
}
void put(std::string& out, std::string_view key, std::uint64_t value) { put(out, key, std::to_string(value)); }
void put(std::string& out, std::string_view key, std::chrono::milliseconds value) {
    put(out, key, static_cast<std::uint64_t>(value.count()));
}
void put(std::string& out, std::string_view key, const std::vector<wire::octets>& commands) {
    for (const auto& command : commands) put(out, key, wire::to_hex(command));
}
void put(std::string& out, std::string_view key, const std::vector<std::uint16_t>& path) {
    wire::writer octets;
    for (auto fid : path) octets.u16(fid);
    put(out, key, wire::to_hex(octets.buffer()));
}

void put_application(std::string& out, const card_application& a) {
    put(out, "application", a.name);
    put(out, "tar", wire::to_hex(a.tar.octets));
    put(out, "format", static_cast<std::uint64_t>(a.format));
    put(out, "class", a.class_octet);
    put(out, "directory", a.directory);
}

void put_node(std::string& out, const node_binding& n) {
    put(out, "node", n.uri);
    put(out, "kind", static_cast<std::uint64_t>(n.is));
    put(out, "application", n.application);
    put(out, "path", n.path);
    put(out, "structure", static_cast<std::uint64_t>(n.structure));
    put(out, "record", n.record);
    put(out, "size", n.size);
    put(out, "form", static_cast<std::uint64_t>(n.form));
    put(out, "access", (n.readable ? 1u : 0u) | (n.writable ? 2u : 0u) | (n.volatile_file ? 4u : 0u));
    put(out, "exec", n.commands);
}

void put_object(std::string& out, const management_object_binding& o) {
    put(out, "object", o.uri);
    put(out, "label", o.label);
    put(out, "id", o.object_id);
    put_node(out, o.file);
    if (o.spare) put_node(out, *o.spare);
    put(out, "layout", static_cast<std::uint64_t>(o.layout));
    put(out, "traits", (o.ask ? 2u : 0u) | (o.autonomous ? 4u : 0u) | (o.mirror ? 8u : 0u) | (o.pin ? 16u : 0u));
    for (const auto& secret : o.secrets) put(out, "secret", secret);
    put(out, "description", o.description_hash);
    put(out, "factory", wire::to_hex(o.factory_image));
}

/// A profile without a data channel has the text that it had before there were any.
void put_bip(std::string& out, const bip_channel& b) {
    put(out, "bip", static_cast<std::uint64_t>(b.protocol));
    put(out, "push_application", b.push_application);
    put(out, "access_name", b.access_name);
    put(out, "bearer", wire::to_hex(b.bearer));
    put(out, "buffer_size", b.buffer_size);
    put(out, "login", b.login);
    put(out, "password", wire::to_hex(secure_channel::sha256(wire::as_octets(b.password))));
    put(out, "cat_tp_port", b.cat_tp_port);
    put(out, "threshold", b.threshold);
    put(out, "max_packet", b.max_packet);
    put(out, "connect_timeout", b.connect_timeout);
    put(out, "channel_answer_timeout", b.answer_timeout);
    put(out, "bip_retries", b.retries);
    put(out, "back_off", b.back_off);
    put(out, "rest", b.rest);
}

}  // namespace

std::string canonical_text(const card_profile& p) {
    std::string out;
    put(out, "name", p.name);
    put(out, "spi", static_cast<std::uint64_t>(p.spi.spi1 << 8 | p.spi.spi2));
    put(out, "kic", p.kic_algorithm);
    put(out, "kid", p.kid_algorithm);
    put(out, "scope", static_cast<std::uint64_t>(p.scope));
    put(out, "wide_reference", p.wide_reference ? 1u : 0u);
    put(out, "max_segments", p.max_segments);
    put(out, "max_response", p.max_response);
    put(out, "refresh", static_cast<std::uint64_t>(p.refresh));
    put(out, "refresh_script", p.refresh_script);
    put(out, "answer_timeout", p.answer_timeout);
    put(out, "validity", p.validity);
    put(out, "validity_margin", p.validity_margin);
    put(out, "repeats", p.repeats);
    put(out, "attempts", p.attempts);
    put(out, "retry_backoff", p.retry_backoff);
    put(out, "pause_share", std::to_string(p.pause_share));
    put(out, "pause_sample", p.pause_sample);
    put(out, "allow_unverified", p.allow_unverified ? 1u : 0u);
    for (const auto& application : p.applications) put_application(out, application);
    if (p.bip) put_bip(out, *p.bip);
    for (const auto& [uri, node] : p.nodes) put_node(out, node);
    if (p.objects_at) {
        put(out, "objects_at", p.objects_at->path);
        put_node(out, p.objects_at->list);
        put_node(out, p.objects_at->control);
    }
    for (const auto& object : p.management_objects) put_object(out, object);
    return out;
}

}  // namespace ota::profile_reader
