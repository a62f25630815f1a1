#include "gateway/campaigns/campaign.hpp"

#include "gateway/cards/import_row.hpp"
#include "queue/timestamp.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include <algorithm>
#include <array>
#include <charconv>

namespace ota::campaigns {

namespace {

constexpr std::array<std::string_view, 5> op_names{"add", "replace", "delete", "copy", "exec"};
constexpr std::array ops{queue::operation::add, queue::operation::replace, queue::operation::erase,
                         queue::operation::copy, queue::operation::exec};
constexpr std::array<std::string_view, 7> day_names{"mon", "tue", "wed", "thu", "fri", "sat", "sun"};

bool is_name(std::string_view s) {
    return !s.empty() && s.size() <= 64 &&
           s.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789._-") == std::string_view::npos;
}

std::optional<unsigned> number_in(std::string_view s) {
    unsigned out = 0;
    const auto read = std::from_chars(s.data(), s.data() + s.size(), out);
    return read.ec == std::errc() && read.ptr == s.data() + s.size() ? std::optional(out) : std::nullopt;
}

/// "22:30"
std::optional<std::chrono::minutes> time_of_day(std::string_view s) {
    const auto colon = s.find(':');
    if (colon == std::string_view::npos || colon > 2 || s.size() != colon + 3) return std::nullopt;
    const auto h = number_in(s.substr(0, colon)), m = number_in(s.substr(colon + 1));
    if (!h || !m || *m > 59 || *h > 24 || (*h == 24 && *m != 0)) return std::nullopt;
    return std::chrono::minutes(*h * 60 + *m);
}

std::chrono::minutes read_time(const config::node& at, std::string_view key) {
    const auto text = at.required_text(key);
    if (const auto t = time_of_day(text)) return *t;
    if (!text.empty())
        at.at(key).complain("should be a time of the day, in quotation marks: \"09:00\", \"22:30\" or \"24:00\"");
    return {};
}

std::uint8_t read_days(const config::node& at) {
    std::uint8_t out = 0;
    for (const auto& item : at.at("days").items()) {
        const auto name = item.scalar().value_or("");
        const auto day = std::ranges::find(day_names, name);
        if (day == day_names.end()) {
            item.complain("should be one of mon, tue, wed, thu, fri, sat, sun");
        } else {
            out = static_cast<std::uint8_t>(out | 1 << (day - day_names.begin()));
        }
    }
    return at.at("days").exists() ? out : std::uint8_t{0x7F};
}

std::optional<day_hours> read_hours(const config::node& at) {
    if (!at.exists()) return std::nullopt;
    day_hours out{read_time(at, "from"), read_time(at, "to"), read_days(at)};
    if (out.from == out.to) at.complain("from and to are the same: nothing lies between them");
    if (out.days == 0) at.complain("days names no day");
    at.finish();
    return out;
}

change read_change(const config::node& at) {
    change out;
    out.op = ops[at.choice("op", {op_names.begin(), op_names.end()}, 1)];
    out.node = at.required_text("node");
    out.from = at.text("from", "");
    out.format = at.text("format", "");
    out.type = at.text("type", "");
    if (const auto value = at.at("value"); value.exists()) out.value = value.scalar();
    at.finish();
    return out;
}

selection read_selection(const config::node& at) {
    selection out;
    out.profile = at.text("profile", "");
    out.label = at.text("label", "");
    out.iccid_prefix = at.text("iccid_prefix", "");
    for (const auto& item : at.at("iccids").items()) {
        const auto iccid = cards::iccid_of(item.scalar().value_or(""));
        if (!iccid) item.complain("should be an ICCID of 18 to 20 digits, in quotation marks");
        if (iccid) out.iccids.push_back(*iccid);
    }
    if (out.iccids.size() > most_listed) {
        at.complain("more than " + std::to_string(most_listed) +
                    " cards are listed: give them a label (otagw cards label,"
                    " or cards import) and select that");
    }
    std::ranges::sort(out.iccids);
    out.iccids.erase(std::ranges::unique(out.iccids).begin(), out.iccids.end());
    const bool filtered = !out.profile.empty() || !out.label.empty() || !out.iccid_prefix.empty();
    const bool all = at.flag("all", false);
    const bool listed = at.at("iccids").exists();
    if (filtered + all + listed == 0)
        at.complain("selects no card: give profile, label, iccid_prefix, iccids, or all: true");
    if (filtered + all + listed > 1)
        at.complain("give either iccids, or all: true, or profile, label and iccid_prefix");
    at.finish();
    return out;
}

std::optional<canary> read_canary(const config::node& at) {
    if (!at.exists()) return std::nullopt;
    canary out;
    out.cards = static_cast<std::size_t>(at.integer("cards", 0, 1, 1'000'000));
    out.share = at.number("share", 0, 0, 1);
    out.failure_rate = at.number("failure_rate", out.failure_rate, 0, 1);
    out.wait = at.duration("wait", out.wait);
    if (at.at("cards").exists() == at.at("share").exists() || (out.cards == 0 && out.share == 0)) {
        at.complain("give either cards (their number) or share (above 0, to 1)");
    }
    at.finish();
    return out;
}

/// "20/s", "1000/h"
double read_pace(const config::node& root) {
    const auto text = root.text("pace", "");
    if (text.empty()) return 0;
    const auto slash = text.find('/');
    const auto n = number_in(std::string_view(text).substr(0, slash));
    const auto unit = slash == std::string::npos ? std::string_view() : std::string_view(text).substr(slash + 1);
    const double seconds = unit == "s" ? 1 : unit == "m" ? 60 : unit == "h" ? 3600 : 0;
    if (n && *n > 0 && seconds > 0) return *n / seconds;
    root.at("pace").complain("should be cards per second, minute or hour: 20/s, 300/m or 1000/h");
    return 0;
}

std::optional<wall_time> read_moment(const config::node& root, std::string_view key) {
    const auto text = root.text(key, "");
    if (text.empty()) return std::nullopt;
    const auto at = queue::parse_timestamp(text);
    if (!at) root.at(key).complain("should be a point in time with its offset: \"2027-03-01T09:00:00+01:00\"");
    return at;
}

/// The reader of events is the judge of the change.
void judge_change(const config::node& at, const campaign& c) {
    const auto made = event_for(c, "8949000000000000000", {});
    if (const auto* bad = std::get_if<queue::unreadable>(&made)) at.complain(bad->reason + ": " + bad->detail);
}

void judge_times(const config::node& root, const campaign& c) {
    if (c.start && c.end && *c.end <= *c.start) root.at("end").complain("is not after start");
    if (c.life < std::chrono::minutes(1)) root.at("life").complain("is too short for a card to answer: at least 1m");
    if (!c.hours.always() && !next_opening(c.hours, "UTC", {}))
        root.at("quiet_hours").complain("leave nothing of the window");
}

}  // namespace

campaign read_campaign(const config::node& root) {
    campaign out;
    out.name = root.required_text("name");
    if (!out.name.empty() && !is_name(out.name))
        root.at("name").complain("should be 1 to 64 of a-z, 0-9, dot, _ and -");
    for (const auto* section : {"change", "cards"}) {
        if (!root.at(section).exists()) root.complain(std::string(section) + " is missing");
    }
    if (root.at("change").exists()) out.change = read_change(root.at("change"));
    if (root.at("cards").exists()) out.cards = read_selection(root.at("cards"));
    out.canary = read_canary(root.at("canary"));
    out.start = read_moment(root, "start");
    out.end = read_moment(root, "end");
    if (const auto zone = root.at("zone"); zone.exists()) {
        out.zone.name = zone.text("name", out.zone.name);
        out.zone.label = zone.text("label", "");
        if (!is_zone(out.zone.name))
            zone.at("name").complain("is no zone of the IANA database of this machine; such as Europe/Berlin");
        zone.finish();
    }
    out.hours.window = read_hours(root.at("window"));
    out.hours.quiet = read_hours(root.at("quiet_hours"));
    out.pace = read_pace(root);
    out.sms_per_card_and_day = static_cast<unsigned>(root.integer("sms_per_card_and_day", 0, 1, 1000));
    out.priority = static_cast<std::int8_t>(root.integer("priority", out.priority, -8, 7));
    out.bearer = static_cast<queue::bearer_wish>(root.choice("bearer", {"any", "sms", "bip"}, 0));
    out.life = root.duration("life", out.life);
    out.open = static_cast<std::size_t>(root.integer("open", static_cast<std::int64_t>(out.open), 1, 1'000'000));
    root.finish();
    if (root.at("change").exists() && !out.change.node.empty()) judge_change(root.at("change"), out);
    judge_times(root, out);
    return out;
}

campaign read_campaign_json(std::string_view text, config::faults& told) {
    // Every JSON document is YAML, but for the escapes of characters beyond 16 bits: they are written out.
    boost::system::error_code ec;
    const auto parsed = boost::json::parse(text, ec);
    if (ec || !parsed.is_object()) {
        told.add(
            {config::fault::severity::error, "", 0, "", ec ? "not JSON: " + ec.message() : "should be a JSON object"});
        return {};
    }
    return read_campaign(
        config::document::parse(boost::json::serialize(parsed), "", told, config::references::literal).root());
}

campaign load_campaign(const std::string& file, config::faults& told) {
    const auto before = told.list().size();
    const auto document = config::document::load(file, told);
    if (told.list().size() != before) return {};
    return read_campaign(document.root());
}

}  // namespace ota::campaigns
