#include "gateway/sessions/device_word.hpp"
#include "gateway/sessions/live_session.hpp"
#include "management-object/dm_content.hpp"
#include "management-object/dm_status.hpp"

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

std::uint16_t code_of(const dm::order_answer& a) {
    return a.steps.empty() || a.steps.front().code == 0 ? a.code : a.steps.front().code;
}

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
        if (l.heard >= most_findings) return;
        const auto type = item.about ? item.about->type : std::string();
        const auto node = item.source ? item.source->loc_uri : std::string();
        if (node.empty() || node.size() > longest_address) continue;
        const auto word = type == alert_declined ? device_word::declined
                          : type == alert_purged ? device_word::purged
                                                 : device_word::nothing;
        if (word == device_word::nothing && type != alert_drift) continue;
        std::erase_if(l.findings, [&](const finding& f) {  // its last word on a node counts
            const auto* before = std::get_if<finding::alert>(&f.is);
            return before != nullptr && before->node == node &&
                   (before->word == device_word::nothing) == (word == device_word::nothing);
        });
        l.findings.push_back({finding::alert{word, node}});
        ++l.heard;
    }
    const auto seq = exec_of_correlator(alert.correlator);
    if (!seq || alert.code != 1226 || l.heard >= most_findings) return;
    l.findings.push_back(
        {finding::exec_result{*seq, alert.items.empty() ? std::nullopt : number(alert.items.front().data)}});
    ++l.heard;
}

}  // namespace ota::sessions
