#include "management-object/elementary_file.hpp"

#include <algorithm>
#include <deque>
#include <limits>

namespace ota::management_object {
namespace {

/// Cost in octets first, then in runs: among equally long scripts the one with fewer commands wins.
struct price {
    std::size_t octets = 0;
    std::size_t runs = 0;
    auto operator<=>(const price&) const = default;
};

constexpr std::size_t no_run = std::numeric_limits<std::size_t>::max();

}  // namespace

// The cheapest way to settle the first i octets either leaves octet i-1 alone, where it is equal, or ends a run there
// that began at the best j within reach. Moving from i to i+1 adds one octet to every open j alike, so the best j is
// the least of cheapest(j) - j in a sliding window: O(n) in all.
std::vector<patch> difference(wire::octet_view from, wire::octet_view to, std::size_t overhead, std::size_t longest) {
    longest = std::max<std::size_t>(longest, 1);
    const auto n = to.size();
    const auto equal = [&](std::size_t i) { return i < from.size() && from[i] == to[i]; };

    std::vector<price> cheapest(n + 1);
    std::vector<std::size_t> began(n + 1, no_run);  // where the run that ends before i began
    // Costs carry a shift of n so that the subtraction of j stays positive.
    const auto key = [&](std::size_t j) { return price{cheapest[j].octets + n - j, cheapest[j].runs}; };
    std::deque<std::size_t> window{0};
    for (std::size_t i = 1; i <= n; ++i) {
        while (window.front() + longest < i) window.pop_front();
        const auto j = window.front();
        cheapest[i] = {cheapest[j].octets + overhead + (i - j), cheapest[j].runs + 1};
        began[i] = j;
        if (equal(i - 1) && cheapest[i - 1] <= cheapest[i]) {
            cheapest[i] = cheapest[i - 1];
            began[i] = no_run;
        }
        while (!window.empty() && key(i) <= key(window.back())) window.pop_back();
        window.push_back(i);
    }

    std::vector<patch> runs;
    for (auto i = n; i > 0;) {
        if (began[i] == no_run) {
            --i;
            continue;
        }
        const auto j = began[i];
        runs.push_back({j, wire::octets(to.begin() + static_cast<std::ptrdiff_t>(j),
                                        to.begin() + static_cast<std::ptrdiff_t>(i))});
        i = j;
    }
    std::reverse(runs.begin(), runs.end());
    return runs;
}

}  // namespace ota::management_object
