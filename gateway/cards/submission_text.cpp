#include "gateway/cards/submission_text.hpp"

#include "queue/timestamp.hpp"

#include <algorithm>
#include <array>
#include <ostream>

namespace ota::cards {

namespace {

constexpr std::array<std::string_view, 8> receipt_names{"enroute",       "delivered", "expired", "deleted",
                                                        "undeliverable", "accepted",  "unknown", "rejected"};

std::string_view receipt_of(const store::submission_row& s) noexcept {
    return s.receipt > 0 && s.receipt <= receipt_names.size() ? receipt_names[s.receipt - 1] : std::string_view();
}

/// For a terminal: an SMSC gives whatever octets it likes.
std::string printable(std::string text) {
    std::ranges::replace_if(
        text, [](char c) { return c < ' ' || c > '~'; }, '?');
    return text;
}

}  // namespace

void put_submissions(json_writer& j, const std::vector<store::submission_row>& all) {
    j.open('[');
    for (const auto& s : all) {
        j.open('{').number("segment", s.segment + 1).number("sending", s.attempt + 1);
        j.text("route", s.route).text("message_id", s.message_id).text("at", queue::serialize_timestamp(s.at));
        if (const auto receipt = receipt_of(s); !receipt.empty())
            j.text("receipt", receipt).text("receipt_at", queue::serialize_timestamp(s.receipt_at));
        j.close('}');
    }
    j.close(']');
}

void print_submissions(const std::vector<store::submission_row>& all, std::ostream& out) {
    for (const auto& s : all) {
        out << "    " << queue::serialize_timestamp(s.at) << "  segment " << s.segment + 1 << ", sending "
            << s.attempt + 1 << ", by " << s.route;
        if (!s.message_id.empty()) out << " as " << printable(s.message_id);
        if (const auto receipt = receipt_of(s); !receipt.empty())
            out << ": " << receipt << ' ' << queue::serialize_timestamp(s.receipt_at);
        out << '\n';
    }
}

}  // namespace ota::cards
