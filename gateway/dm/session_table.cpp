#include "gateway/dm/session_table.hpp"

#include <algorithm>

namespace ota::dm {

namespace syncml = management_object::dm;

namespace {

/// The message, when it can be read at all; its session reads it again.
std::optional<syncml::message> peek(const inbound& in, std::size_t largest) {
    if (in.body.size() > largest) return std::nullopt;
    const management_object::document_limits limits{.octets = largest};
    const auto type = media_type(in.content_type);
    if (type != syncml::type_xml && type != syncml::type_wbxml) return std::nullopt;
    auto m = type == syncml::type_wbxml ? syncml::parse_wbxml(in.body, limits)
                                        : syncml::parse_xml(wire::as_text(in.body), limits);
    if (!m || !has_short_names(m.value().hdr)) return std::nullopt;
    return std::move(m).value();
}

}  // namespace

session_table::session_table(table_settings s, owner o) : settings_(std::move(s)), owner_(std::move(o)) {}

void session_table::tell(session& whose, const events& what) {
    for (const auto& each : what) owner_.on_event(whose, each);
}

outbound session_table::answer(session& whose, const inbound& in, time_point now) {
    tell(whose, whose.on_message(in, now));
    auto reply = whose.reply();
    tell(whose, reply.what);
    return std::move(reply.message);
}

session_table::sessions::iterator session_table::forget(sessions::iterator at) {
    gone_ += at->second->it.tally();
    return sessions_.erase(at);
}

void session_table::on_tick(time_point now) {
    swept_ = now;
    for (auto at = sessions_.begin(); at != sessions_.end();) {
        auto& [it, heard] = *at->second;
        const auto silent = now - heard;
        if (!it.has_ended()) {
            const auto what = it.on_tick(now);
            tell(it, what);
            if (!what.empty()) (void)keep(it);
        }
        const bool stranger = !it.proven() && silent >= settings_.until_proven;
        const bool over = it.has_ended() && silent >= std::min(settings_.after_end, settings_.each.silence);
        if (stranger || over)
            at = forget(at);
        else
            ++at;
    }
}

/// A place for one more: that of a session that has ended, else that of who has not proven to be a device for the
/// longest.
bool session_table::make_room() {
    if (sessions_.size() < settings_.limit) return true;
    auto oldest = sessions_.end();
    for (auto at = sessions_.begin(); at != sessions_.end(); ++at) {
        const auto rank = [](const entry& e) { return std::pair(!e.it.has_ended(), e.heard); };
        const bool may_go = at->second->it.has_ended() || !at->second->it.proven();
        if (may_go && (oldest == sessions_.end() || rank(*at->second) < rank(*oldest->second))) oldest = at;
    }
    if (oldest == sessions_.end()) return false;
    if (!oldest->second->it.has_ended()) ++tally_.crowded_out;
    forget(oldest);
    return true;
}

session_table::entry* session_table::find_or_begin(const syncml::message& m, const inbound& in, time_point now) {
    const name key{m.hdr.source.loc_uri, m.hdr.session_id};
    const auto found = sessions_.find(key);
    if (found != sessions_.end()) {
        auto& known = *found->second;
        // A first message begins anew what has ended (a device may count its sessions no further than 1), and what was
        // begun by who has not proven to be the device.
        const bool over = known.it.has_ended() || !known.it.proven();
        const bool anew = m.hdr.msg_id == 1 && over && !known.it.repeats(in);
        if (!anew) return &known;
        forget(found);
    } else if (!make_room()) {
        ++tally_.full;
        return nullptr;
    }
    ++tally_.begun;
    auto& fresh = sessions_[key];
    fresh = std::make_unique<entry>(settings_.each, owner_);
    fresh->heard = now;
    return fresh.get();
}

outbound session_table::on_message(const inbound& in, time_point now) {
    if (!swept_ || now - *swept_ >= std::chrono::seconds(1)) on_tick(now);
    const auto m = peek(in, settings_.each.max_message);
    if (!m) {  // a session of its own, for the code and the count
        session nobody(settings_.each, owner_.find_account, owner_.next_nonce);
        auto refusal = answer(nobody, in, now);
        gone_ += nobody.tally();
        return refusal;
    }
    auto* at = find_or_begin(*m, in, now);
    if (at == nullptr) return {.http_status = 503};
    auto out = answer(at->it, in, now);
    at->heard = now;
    const auto kept = keep(at->it);
    if (kept == keeping::done) return out;
    ++tally_.not_kept;
    if (kept == keeping::anew) forget(sessions_.find({m->hdr.source.loc_uri, m->hdr.session_id}));
    return {.http_status = 503};
}

counts session_table::met() const {
    auto sum = gone_;
    for (const auto& [key, each] : sessions_) sum += each->it.tally();
    return sum;
}

}  // namespace ota::dm
