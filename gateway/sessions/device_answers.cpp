#include "gateway/flow/objects.hpp"
#include "gateway/sessions/device_word.hpp"
#include "gateway/sessions/live_session.hpp"
#include "management-object/dm_content.hpp"
#include "management-object/dm_status.hpp"
#include "queue/base64.hpp"
#include "secure-channel/wire/crc.hpp"

#include <algorithm>
#include <charconv>

/// What a device answers and tells.
namespace ota::sessions {

namespace mo = management_object;
namespace syncml = management_object::dm;
using flow::device_word;

namespace {

constexpr std::uint16_t ok = 200, not_found = 404;
constexpr std::size_t longest_address = 1000;
constexpr std::size_t most_findings = 500;  // of one session; what a device tells beyond them is passed over

/// The object in the answer, wherever the device put the document's path.
std::optional<mo::node> subtree_of(const dm::step_answer& told) {
    if (told.code != ok || told.items.size() != 1 || !syncml::is_tnds(told.items.front())) return std::nullopt;
    auto document = syncml::tnds_of(told.items.front());
    if (!document || document.value().nodes.size() != 1) return std::nullopt;
    return std::move(document.value().nodes.front().top);
}

bool is_value(const dm::step_answer& told, const std::string& wanted) {
    if (told.code != ok || told.items.size() != 1) return false;
    const auto value = syncml::value_of(told.items.front());
    return value && value.value() == wanted;
}

std::uint16_t code_of(const dm::order_answer& a) { return a.steps.empty() || a.steps.front().code == 0 ? a.code : a.steps.front().code; }

std::optional<std::uint16_t> number(const std::optional<std::string>& text) {
    std::uint16_t out = 0;
    if (!text) return std::nullopt;
    const auto read = std::from_chars(text->data(), text->data() + text->size(), out);
    if (read.ec != std::errc() || read.ptr != text->data() + text->size()) return std::nullopt;
    return out;
}

}  // namespace

void device_sessions::on_answer(dm::session& whose, live& l, const dm::order_answer& answer) {
    auto held = l.jobs.extract(answer.id);
    if (held.empty()) return;
    auto& job = held.mapped();
    const auto code = code_of(answer);
    if (auto* r = std::get_if<replacement>(&job)) {
        if (code == ok) l.findings.push_back({std::move(*r)});
        return;
    }
    if (const auto* e = std::get_if<live::exec>(&job)) {
        l.findings.push_back({finding::exec_status{e->seq, code}});
        return;
    }
    if (const auto* one = std::get_if<live::leaf>(&job)) {
        auto& object = l.objects[one->object];
        object.differs |= answer.steps.size() != 1 || !is_value(answer.steps.front(), one->value);
        if (--object.open > 0) return;
        if (object.differs) return void(++tally_.differing);
        l.findings.push_back({finding::read{object.uri, object.newest().image_crc}});
        return;
    }
    const auto which = std::get<live::whole>(job).object;
    auto& object = l.objects[which];
    const auto* binding = l.profile->object(object.uri);
    if (code == not_found) return void(++tally_.missing);
    if (const auto tree = answer.steps.size() == 1 ? subtree_of(answer.steps.front()) : std::nullopt) {
        for (const auto* content : {&object.on_card, &object.to_come}) {
            if (!*content || !agrees(*binding, (*content)->tree, *tree)) continue;
            l.findings.push_back({finding::read{object.uri, (*content)->image_crc}});
            return;
        }
        ++tally_.differing;
        return;
    }
    // It does not tell whole subtrees: leaf by leaf.
    const auto all = leaves(*binding, object.newest().tree);
    object.open = all.size();
    for (const auto& each : all) {
        l.jobs[++l.last_order] = live::leaf{which, each.value};
        whose.queue({.id = l.last_order, .steps = {{.target = each.at}}});
    }
}

void device_sessions::on_alert(live& l, const dm::alerted& alert) {
    for (const auto& item : alert.items) {
        if (l.findings.size() >= most_findings) return;
        const auto type = item.about ? item.about->type : std::string();
        const auto node = item.source ? item.source->loc_uri : std::string();
        if (node.empty() || node.size() > longest_address) continue;
        const auto word = type == alert_declined ? device_word::declined : type == alert_purged ? device_word::purged : device_word::nothing;
        if (word == device_word::nothing && type != alert_drift) continue;
        std::erase_if(l.findings, [&](const finding& f) {  // its last word on a node counts
            const auto* before = std::get_if<finding::alert>(&f.is);
            return before != nullptr && before->node == node && (before->word == device_word::nothing) == (word == device_word::nothing);
        });
        l.findings.push_back({finding::alert{word, node}});
    }
    const auto seq = exec_of_correlator(alert.correlator);
    if (seq && alert.code == 1226 && l.findings.size() < most_findings) l.findings.push_back({finding::exec_result{*seq, alert.items.empty() ? std::nullopt : number(alert.items.front().data)}});
}

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
            if (a->word == device_word::declined && node != nullptr && is_moving(card->state, *node)) early(object->uri, wire::crc32(node->desired), a->word);
        }
        if (const auto* r = std::get_if<finding::exec_result>(&each.is)) settle(on_exec_result(*card, r->seq, r->code));
        if (const auto* s = std::get_if<finding::exec_status>(&each.is)) settle(on_exec_status(*card, s->seq, s->code));
        if (const auto* r = std::get_if<replacement>(&each.is)) {
            queue::change_event e{.source = std::string(event_source), .subject = card->row.iccid, .node = r->node};
            e.format = mo::to_string(r->format);
            e.type = r->type;
            e.value = {queue::node_value::kind::text, r->format == mo::node_format::bin ? queue::to_base64(wire::as_octets(r->value)) : r->value};
            card->changes.push_back(std::move(e));
            ++news.changes;
            changed = true;
        }
    }
    for (std::size_t i = 0; i < l.findings.size(); ++i) {  // what a device holds counts more than what it told before
        const auto* r = std::get_if<finding::read>(&l.findings[i].is);
        const bool given_up_since = r != nullptr && std::any_of(l.findings.begin() + static_cast<std::ptrdiff_t>(i), l.findings.end(), [&](const finding& f) {
            const auto* a = std::get_if<finding::alert>(&f.is);
            const auto* about = a != nullptr && a->word != device_word::nothing ? card->profile->find_object(a->node) : nullptr;
            return about != nullptr && about->uri == r->object;
        });
        if (given_up_since) continue;
        const auto* node = r != nullptr ? card->state.find(r->object) : nullptr;
        const auto* object = card->profile->object(r != nullptr ? r->object : "");
        // The card may have moved on since the device was asked: then the next session asks again.
        if (node == nullptr || object == nullptr) continue;
        if (!node->confirmed || crc_of(*node) != r->image_crc) {
            if (is_moving(card->state, *node) && wire::crc32(node->desired) == r->image_crc) early(r->object, r->image_crc, device_word::incorporated);
            continue;
        }
        OTA_TRY(put_down(tx, *card, *object, device_word::incorporated, now));
        ++news.confirmed;
        changed = true;
    }
    for (const auto& [id, job] : l.jobs) {
        if (const auto* e = std::get_if<live::exec>(&job)) {
            put_back_exec(*card, e->seq);  // it never went out
            changed = true;
        }
    }
    if (l.started) {
        for (const auto seq : l.unanswered) settle(give_up_exec(*card, seq));
    }
    if (!changed) return false;
    OTA_TRY(put_card(tx, with_, *card, ids_));
    return true;
}

}  // namespace ota::sessions
