#include "gateway/profile/gateway_settings.hpp"

#include <algorithm>

namespace ota {
namespace {

/// `*` stands for any run of characters. Linear but for one step back to the last star.
bool matches(std::string_view pattern, std::string_view text) noexcept {
    std::size_t p = 0, t = 0, star = std::string_view::npos, resume = 0;
    while (t < text.size()) {
        if (p < pattern.size() && pattern[p] == '*') {
            star = p++;
            resume = t;
        } else if (p < pattern.size() && pattern[p] == text[t]) {
            ++p;
            ++t;
        } else if (star != std::string_view::npos) {
            p = star + 1;
            t = ++resume;
        } else {
            return false;
        }
    }
    return pattern.find_first_not_of('*', p) == std::string_view::npos;
}

bool covers(std::string_view prefix, std::string_view uri) noexcept {
    while (prefix.ends_with('/')) prefix.remove_suffix(1);
    return uri.starts_with(prefix) && (uri.size() == prefix.size() || uri[prefix.size()] == '/');
}

}  // namespace

bool is_permitted(const std::vector<source_rule>& rules, std::string_view source, std::string_view uri) noexcept {
    return rules.empty() || std::any_of(rules.begin(), rules.end(), [&](const source_rule& rule) {
               return matches(rule.name, source) &&
                      std::any_of(rule.nodes.begin(), rule.nodes.end(),
                                  [&](const auto& prefix) { return covers(prefix, uri); });
           });
}

}  // namespace ota
