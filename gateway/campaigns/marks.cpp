#include "gateway/campaigns/marks.hpp"

#include "gateway/campaigns/errc.hpp"

#include <algorithm>
#include <charconv>

namespace ota::campaigns {

namespace {

constexpr std::array<std::string_view, outcomes> names{"waiting",  "open",   "applied", "superseded",
                                                       "rejected", "failed", "expired", "skipped"};
constexpr std::string_view letters = "woasrfxk";

std::string_view next_field(std::string_view& line) {
    const auto end = std::min(line.find(' '), line.size());
    const auto field = line.substr(0, end);
    line.remove_prefix(std::min(end + 1, line.size()));
    return field;
}

bool parse_mark(std::string_view line, card_mark& out) {
    out.iccid = next_field(line);
    const auto letter = next_field(line);
    const auto is = letter.size() == 1 ? letters.find(letter[0]) : std::string_view::npos;
    std::int64_t at = 0;
    const auto time = next_field(line);
    const auto read = std::from_chars(time.data(), time.data() + time.size(), at);
    if (out.iccid.empty() || is == std::string_view::npos || read.ec != std::errc() ||
        read.ptr != time.data() + time.size())
        return false;
    out.is = static_cast<outcome>(is);
    out.at = wall_time(std::chrono::milliseconds(at));
    out.reason = line;
    return true;
}

}  // namespace

std::string_view name_of(outcome o) noexcept { return names[static_cast<std::size_t>(o)]; }

std::optional<outcome> outcome_of(std::string_view name) noexcept {
    const auto at = std::ranges::find(names, name);
    return at == names.end() ? std::nullopt : std::optional(static_cast<outcome>(at - names.begin()));
}

std::string serialize_chunk(const chunk& cards) {
    std::string out;
    out.reserve(cards.size() * 40);
    for (const auto& card : cards) {
        out += card.iccid;
        out += ' ';
        out += letters[static_cast<std::size_t>(card.is)];
        out += ' ';
        out += std::to_string(card.at.time_since_epoch().count());
        if (!card.reason.empty()) (out += ' ') += card.reason;
        out += '\n';
    }
    return out;
}

wire::result<chunk> parse_chunk(std::string_view text) {
    chunk out;
    while (!text.empty()) {
        const auto end = text.find('\n');
        card_mark card;
        if (end == std::string_view::npos || !parse_mark(text.substr(0, end), card)) return errc::unreadable;
        out.push_back(std::move(card));
        text.remove_prefix(end + 1);
    }
    return out;
}

tally count(const chunk& cards) noexcept {
    tally out{};
    for (const auto& card : cards) ++out[static_cast<std::size_t>(card.is)];
    return out;
}

}  // namespace ota::campaigns
