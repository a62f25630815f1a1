#include "gateway/store/sqlite/packed_rows.hpp"

#include "gateway/store/sqlite/database.hpp"

namespace ota::store::sqlite {

namespace outcome = BOOST_OUTCOME_V2_NAMESPACE;

namespace {

constexpr std::size_t longest_text = 0xFFFF;

void put(wire::writer& to, std::string_view text) { to.u16(text.size()).put(wire::as_octets(text)); }
std::string_view text_in(wire::reader& from) { return wire::as_text(from.take(from.u16())); }
std::int64_t integer_in(wire::reader& from) { return static_cast<std::int64_t>(from.u64()); }
std::uint64_t bits(std::int64_t v) { return static_cast<std::uint64_t>(v); }

wire::result<void> whole(const wire::reader& from) {
    if (from.failed() || from.remaining() != 0) return errc::corrupt;
    return outcome::success();
}

bool fits(std::initializer_list<std::string_view> texts) {
    for (const auto text : texts)
        if (text.size() > longest_text) return false;
    return true;
}

}  // namespace

wire::result<wire::octets> pack(const card_row& card) {
    if (!fits({card.iccid, card.msisdn, card.profile, card.labels})) return errc::misuse;
    wire::writer w(64 + card.labels.size() + card.sealed_keys.size());
    w.u64(bits(card.id));
    put(w, card.iccid);
    put(w, card.msisdn);
    w.u64(bits(stamp(card.msisdn_since)));
    put(w, card.profile);
    put(w, card.labels);
    w.u32(card.sealed_keys.size()).put(card.sealed_keys);
    return w.take();
}

wire::result<void> unpack(wire::octet_view packed, card_row& card) {
    wire::reader r(packed);
    card.id = integer_in(r);
    card.iccid = text_in(r);
    card.msisdn = text_in(r);
    card.msisdn_since = time_of(integer_in(r));
    card.profile = text_in(r);
    card.labels = text_in(r);
    const auto keys = r.take(r.u32());
    card.sealed_keys.assign(keys.begin(), keys.end());
    return whole(r);
}

wire::result<wire::octets> pack(const event_row& event) {
    if (!fits({event.source, event.id, event.node, event.subject, event.traceparent})) return errc::misuse;
    wire::writer w(64 + event.source.size() + event.id.size() + event.node.size() + event.subject.size() +
                   event.traceparent.size());
    put(w, event.source);
    put(w, event.id);
    w.u64(bits(event.card)).u64(bits(event.previous)).u8(event.op).u64(event.content_hash);
    w.u8(event.revision ? 1 : 0);
    if (event.revision) w.u64(bits(*event.revision));
    put(w, event.node);
    put(w, event.subject);
    put(w, event.traceparent);
    return w.take();
}

wire::result<void> unpack(wire::octet_view packed, event_row& event) {
    wire::reader r(packed);
    event.source = text_in(r);
    event.id = text_in(r);
    event.card = integer_in(r);
    event.previous = integer_in(r);
    event.op = r.u8();
    event.content_hash = r.u64();
    if (r.u8() != 0) event.revision = integer_in(r);
    event.node = text_in(r);
    event.subject = text_in(r);
    event.traceparent = text_in(r);
    return whole(r);
}

bool has_key(wire::octet_view packed, const event_key& key) {
    wire::reader r(packed);
    return text_in(r) == key.source && text_in(r) == key.id && !r.failed();
}

}  // namespace ota::store::sqlite
