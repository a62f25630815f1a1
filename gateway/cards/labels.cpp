#include "gateway/cards/labels.hpp"

#include "gateway/cards/errc.hpp"

#include <algorithm>

namespace ota::cards {

namespace {

constexpr std::size_t longest = 63;

bool plain(std::string_view text) noexcept {
    return std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               std::string_view("._-:/@+").find(c) != std::string_view::npos;
    });
}

}  // namespace

wire::result<void> change_label(label_map& labels, std::string_view change) {
    const auto equals = change.find('=');
    if (equals == std::string_view::npos) {
        if (change.size() < 2 || change.back() != '-') return errc::bad_label;
        const auto key = change.substr(0, change.size() - 1);
        if (!plain(key)) return errc::bad_label;
        if (auto at = labels.find(key); at != labels.end()) labels.erase(at);
        return BOOST_OUTCOME_V2_NAMESPACE::success();
    }
    const auto key = change.substr(0, equals), value = change.substr(equals + 1);
    if (key.empty() || key.size() > longest || value.size() > longest || !plain(key) || !plain(value))
        return errc::bad_label;
    labels[std::string(key)] = value;
    return BOOST_OUTCOME_V2_NAMESPACE::success();
}

wire::result<label_map> parse_labels(std::string_view text, std::string_view separators) {
    label_map out;
    while (!text.empty()) {
        const auto end = std::min(text.find_first_of(separators), text.size());
        const auto one = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        if (one.empty()) continue;
        if (one.find('=') == std::string_view::npos) return errc::bad_label;
        OTA_TRY(change_label(out, one));
    }
    return out;
}

std::string serialize_labels(const label_map& labels) {
    std::string out;
    for (const auto& [key, value] : labels) {
        if (!out.empty()) out += ',';
        out += key + "=" + value;
    }
    return out;
}

}  // namespace ota::cards
