#include "config/body.hpp"

#include <algorithm>
#include <numeric>

namespace ota::config {
namespace {

/// Edits (insert, drop, replace, swap of neighbours) that turn a into b: optimal string alignment.
std::size_t edits(std::string_view a, std::string_view b) {
    std::vector<std::size_t> before(b.size() + 1), last(b.size() + 1), now(b.size() + 1);
    std::iota(last.begin(), last.end(), std::size_t{0});
    for (std::size_t i = 1; i <= a.size(); ++i) {
        now[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            now[j] = std::min({last[j] + 1, now[j - 1] + 1, last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                now[j] = std::min(now[j], before[j - 2] + 1);
        }
        std::swap(before, last);
        std::swap(last, now);
    }
    return last[b.size()];
}

}  // namespace

std::string_view nearest(std::string_view word, const std::vector<std::string_view>& known) {
    if (word.size() > 64) return {};
    std::string_view best;
    std::size_t fewest = word.size() / 3 + 1;  // so many edits away is another word
    for (auto candidate : known) {
        if (candidate.size() > 64) continue;
        const auto n = edits(word, candidate);
        if (n < fewest && n < candidate.size()) {
            fewest = n;
            best = candidate;
        }
    }
    return best;
}

}  // namespace ota::config
