#include "gateway/campaigns/progress.hpp"

#include "gateway/campaigns/errc.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value_to.hpp>

namespace ota::campaigns {

namespace {

namespace json = boost::json;

constexpr std::size_t most_reasons = 64;
constexpr std::string_view by_operator = "rejected/cancelled";

std::int64_t number_of(wall_time t) { return t.time_since_epoch().count(); }
wall_time time_of(const json::value& v) { return wall_time(std::chrono::milliseconds(v.to_number<std::int64_t>())); }

template <typename Word>
Word word_of(const json::value& v, Word last) {
    const auto n = v.to_number<std::uint8_t>();
    if (n > static_cast<std::uint8_t>(last)) throw std::range_error("word");
    return static_cast<Word>(n);
}

/// Throws what Boost.JSON throws.
progress progress_of(const json::object& o) {
    progress p;
    if (o.at("form").to_number<int>() != 1) throw std::range_error("form");
    p.version = o.at("version").to_number<std::uint64_t>();
    p.is = word_of(o.at("phase"), phase::cancelled);
    p.halted = word_of(o.at("halted"), halt::stopped);
    p.cancelling = o.at("cancelling").as_bool();
    p.why = json::value_to<std::string>(o.at("why"));
    p.created_by = json::value_to<std::string>(o.at("created_by"));
    p.created_at = time_of(o.at("created_at"));
    p.started_at = time_of(o.at("started_at"));
    p.issued_at = time_of(o.at("issued_at"));
    p.ended_at = time_of(o.at("ended_at"));
    p.after_iccid = json::value_to<std::string>(o.at("after_iccid"));
    p.chunks = o.at("chunks").to_number<std::size_t>();
    p.cards = o.at("cards").to_number<std::size_t>();
    const auto& sums = o.at("by_outcome").as_array();
    for (std::size_t i = 0; i < outcomes; ++i) p.by_outcome[i] = sums.at(i).to_number<std::size_t>();
    for (const auto& [name, n] : o.at("reasons").as_object()) p.reasons[std::string(name)] = n.to_number<std::size_t>();
    p.credit = o.at("credit").to_number<double>();
    p.credit_at = time_of(o.at("credit_at"));
    p.judged_ended = o.at("judged_ended").to_number<std::size_t>();
    p.judged_failures = o.at("judged_failures").to_number<std::size_t>();
    p.driver = json::value_to<std::string>(o.at("driver"));
    p.driven_at = time_of(o.at("driven_at"));
    return p;
}

/// The codes are the gateway's own; a card's status words among them are many.
void count_reason(progress& p, outcome is, std::string_view reason, bool more) {
    if (is != outcome::rejected && is != outcome::failed && is != outcome::expired && is != outcome::skipped) return;
    auto name = std::string(name_of(is)) + "/" + std::string(reason);
    auto at = p.reasons.find(name);
    if (at == p.reasons.end() && (p.reasons.size() >= most_reasons || !more))
        at = p.reasons.try_emplace(std::string(name_of(is)) + "/other").first;
    if (at == p.reasons.end()) at = p.reasons.try_emplace(std::move(name)).first;
    more ? ++at->second : --at->second;
    if (at->second == 0) p.reasons.erase(at);
}

}  // namespace

std::size_t progress::ended() const noexcept {
    return of(outcome::applied) + of(outcome::superseded) + of(outcome::rejected) + of(outcome::failed) +
           of(outcome::expired);
}

std::size_t progress::failures() const noexcept {
    const auto cancelled = reasons.find(by_operator);
    return of(outcome::rejected) + of(outcome::failed) + of(outcome::expired) -
           (cancelled == reasons.end() ? 0 : cancelled->second);
}

void remark(progress& p, card_mark& card, outcome is, std::string_view reason, wall_time at) {
    --p.by_outcome[static_cast<std::size_t>(card.is)];
    count_reason(p, card.is, card.reason, false);
    card.is = is;
    card.reason = reason;
    card.at = at;
    ++p.by_outcome[static_cast<std::size_t>(is)];
    count_reason(p, is, reason, true);
}

std::string serialize_progress(const progress& p) {
    json::array sums;
    for (const auto n : p.by_outcome) sums.emplace_back(n);
    json::object reasons;
    for (const auto& [name, n] : p.reasons) reasons[name] = n;
    return json::serialize(json::object{{"form", 1},
                                        {"version", p.version},
                                        {"phase", static_cast<int>(p.is)},
                                        {"halted", static_cast<int>(p.halted)},
                                        {"cancelling", p.cancelling},
                                        {"why", p.why},
                                        {"created_by", p.created_by},
                                        {"created_at", number_of(p.created_at)},
                                        {"started_at", number_of(p.started_at)},
                                        {"issued_at", number_of(p.issued_at)},
                                        {"ended_at", number_of(p.ended_at)},
                                        {"after_iccid", p.after_iccid},
                                        {"chunks", p.chunks},
                                        {"cards", p.cards},
                                        {"by_outcome", std::move(sums)},
                                        {"reasons", std::move(reasons)},
                                        {"credit", p.credit},
                                        {"credit_at", number_of(p.credit_at)},
                                        {"judged_ended", p.judged_ended},
                                        {"judged_failures", p.judged_failures},
                                        {"driver", p.driver},
                                        {"driven_at", number_of(p.driven_at)}});
}

wire::result<progress> parse_progress(std::string_view text) {
    try {
        return progress_of(json::parse(text).as_object());
    } catch (const std::exception&) {  // of the library: converted at its home
        return errc::unreadable;
    }
}

std::string_view state_name(const progress& p) noexcept {
    if (p.is == phase::completed) return "completed";
    if (p.is == phase::cancelled) return "cancelled";
    if (p.is == phase::ending) return "ending";
    if (p.halted != halt::none) return p.halted == halt::paused ? "paused" : "stopped";
    return p.is == phase::collecting ? "collecting" : p.is == phase::canary ? "canary" : "running";
}

std::string_view state_name(const campaign& c, const progress& p, wall_time now) noexcept {
    const bool going = p.halted == halt::none && (p.is == phase::canary || p.is == phase::running);
    return going && c.start && now < *c.start ? "scheduled" : state_name(p);
}

}  // namespace ota::campaigns
