#include "gateway/flow/objects.hpp"
#include "gateway/sessions/device_word.hpp"
#include "gateway/sessions/live_session.hpp"
#include "queue/base64.hpp"
#include "secure-channel/wire/crc.hpp"

#include <algorithm>

/// R1: what a device said is stored before it gets its answer. While the store fails the device gets none, and says it
/// again.
namespace ota::sessions {

namespace mo = management_object;
using flow::device_word;

wire::result<bool> device_sessions::put_findings(store::transaction& tx, live& l, counts& news) {
    OTA_TRY(auto card, take_card(tx, with_, l.key.card));
    if (!card || card->profile == nullptr) return false;
    const auto now = with_.now();
    bool changed = false;
    l.early.clear();
    l.overruled.clear();
    const auto early = [&](const std::string& object, std::uint32_t crc, device_word word) {
        constexpr std::size_t most = 64;  // objects of one card
        if (l.early.size() < most) l.early.push_back({l.key.card, object, crc, word, now, now + std::chrono::hours(1)});
    };
    const auto settle = [&](exec_end end) {
        news.execs_applied += end == exec_end::applied;
        news.execs_failed += end == exec_end::failed;
        changed = true;
    };
    for (const auto& each : l.findings) {
        if (const auto* a = std::get_if<finding::alert>(&each.is)) {
            const auto* object = card->profile->find_object(a->node);
            if (object == nullptr) continue;  // of the device's own, or of another card's
            changed = true;
            if (a->word == device_word::nothing) {
                ++news.drifts;
                put_down_drift(*card, *object, a->node, l.device);
                continue;
            }
            ++(a->word == device_word::declined ? news.declined : news.purged);
            l.overruled.push_back(object->uri);
            OTA_TRY(put_down(tx, *card, *object, a->word, now));
            const auto* node = card->state.find(object->uri);
            if (a->word == device_word::declined && node != nullptr && is_moving(card->state, *node))
                early(object->uri, wire::crc32(node->desired), a->word);
        }
        if (const auto* r = std::get_if<finding::exec_result>(&each.is)) settle(on_exec_result(*card, r->seq, r->code));
        if (const auto* s = std::get_if<finding::exec_status>(&each.is)) settle(on_exec_status(*card, s->seq, s->code));
        if (const auto* r = std::get_if<replacement>(&each.is)) {
            queue::change_event e{.source = std::string(event_source), .subject = card->row.iccid, .node = r->node};
            e.format = mo::to_string(r->format);
            e.type = r->type;
            e.value = {queue::node_value::kind::text,
                       r->format == mo::node_format::bin ? queue::to_base64(wire::as_octets(r->value)) : r->value};
            card->changes.push_back(std::move(e));
            ++news.changes;
            changed = true;
        }
    }
    for (std::size_t i = 0; i < l.findings.size(); ++i) {  // what a device holds counts more than what it told before
        const auto* r = std::get_if<finding::read>(&l.findings[i].is);
        const bool given_up_since =
            r != nullptr &&
            std::any_of(l.findings.begin() + static_cast<std::ptrdiff_t>(i), l.findings.end(), [&](const finding& f) {
                const auto* a = std::get_if<finding::alert>(&f.is);
                const auto* about =
                    a != nullptr && a->word != device_word::nothing ? card->profile->find_object(a->node) : nullptr;
                return about != nullptr && about->uri == r->object;
            });
        if (given_up_since) continue;
        const auto* node = r != nullptr ? card->state.find(r->object) : nullptr;
        const auto* object = card->profile->object(r != nullptr ? r->object : "");
        // The card may have moved on since the device was asked: then the next session asks again.
        if (node == nullptr || object == nullptr) continue;
        if (!node->confirmed || crc_of(*node) != r->image_crc) {
            if (is_moving(card->state, *node) && wire::crc32(node->desired) == r->image_crc)
                early(r->object, r->image_crc, device_word::incorporated);
            continue;
        }
        OTA_TRY(put_down(tx, *card, *object, device_word::incorporated, now));
        ++news.confirmed;
        changed = true;
    }
    if (l.ended) {
        for (const auto& [id, job] : l.jobs) {
            if (const auto* e = std::get_if<live::exec>(&job)) {
                put_back_exec(*card, e->seq);  // it never went out
                changed = true;
            }
        }
        if (l.started) {
            for (const auto seq : l.unanswered) settle(give_up_exec(*card, seq));
        }
    }
    if (!changed) return false;
    OTA_TRY(put_card(tx, with_, *card, ids_));
    return true;
}

/// Nonces, findings and the end in one transaction. false: nothing of it is stored, and all of it is kept for another
/// try.
bool device_sessions::store_news(live& l) {
    if (!l.has_news()) return true;
    const std::lock_guard alone(storing_);
    counts news;
    const auto stored = in_transaction(with_.state, [&](store::transaction& tx) -> wire::result<bool> {
        news = {};
        bool wrote = false;
        if (l.nonces.client_nonce || l.nonces.server_nonce) {
            OTA_TRY(wrote, keep_news(tx, with_, l.key, l.nonces));
        }
        OTA_TRY(const bool found, put_findings(tx, l, news));
        return wrote || found;
    });
    if (!stored) {
        failed(&l, stored.error());
        return false;
    }
    l.findings.clear();
    l.nonces = {};
    const std::lock_guard lock(mutex_);
    take_early_words(l);
    tally_.confirmed += news.confirmed;
    tally_.declined += news.declined;
    tally_.purged += news.purged;
    tally_.drifts += news.drifts;
    tally_.execs_applied += news.execs_applied;
    tally_.execs_failed += news.execs_failed;
    tally_.changes += news.changes;
    return true;
}

dm::keeping device_sessions::keep(dm::session& s) {
    const auto at = live_.find(&s);
    if (at == live_.end()) return store_left_over(&s) ? dm::keeping::done : dm::keeping::later;
    auto& l = *at->second;
    if (l.broken) {
        live_.erase(at);
        return dm::keeping::anew;
    }
    const bool stored = store_news(l);
    if (l.ended) {
        if (!stored) leave_over(std::move(at->second), &s);
        live_.erase(at);
    }
    return stored ? dm::keeping::done : dm::keeping::later;
}

void device_sessions::leave_over(std::unique_ptr<live> l, const dm::session* whose) {
    constexpr std::size_t most = 1000;  // of sessions that ended while the store failed
    l->whose = whose;
    const std::lock_guard lock(mutex_);
    if (left_over_.size() < most) left_over_.push_back(std::move(l));
}

/// Of this session, or (null) of any. true: nothing of it is left.
bool device_sessions::store_left_over(const dm::session* whose) {
    const auto is_meant = [&](const std::unique_ptr<live>& l) { return whose == nullptr || l->whose == whose; };
    const auto first = [&]() -> live* {
        const std::lock_guard lock(mutex_);
        const auto at = std::ranges::find_if(left_over_, is_meant);
        return at == left_over_.end() ? nullptr : at->get();
    };
    if (first() == nullptr) return true;
    const std::lock_guard alone(storing_);  // who takes them away holds it
    while (auto* l = first()) {
        if (!store_news(*l)) return false;
        const std::lock_guard lock(mutex_);
        std::erase_if(left_over_, [&](const std::unique_ptr<live>& each) { return each.get() == l; });
    }
    return true;
}

}  // namespace ota::sessions
