#include "gateway/cli/scrape.hpp"

#include <cmath>
#include <cstdlib>
#include <iterator>

namespace ota::cli {

namespace {

/// `a="x",b="y\"z"}`, up to behind the brace; nothing: not that.
std::optional<scrape::labels> read_labels(std::string_view& text) {
    scrape::labels out;
    for (;;) {
        if (text.starts_with('}')) {
            text.remove_prefix(1);
            return out;
        }
        const auto equals = text.find("=\"");
        if (equals == std::string_view::npos) return std::nullopt;
        std::string name(text.substr(0, equals)), value;
        std::size_t at = equals + 2;
        for (; at < text.size() && text[at] != '"'; ++at) {
            if (text[at] == '\\' && at + 1 < text.size()) {
                ++at;
                value += text[at] == 'n' ? '\n' : text[at];
            } else {
                value += text[at];
            }
        }
        if (at == text.size()) return std::nullopt;
        out[std::move(name)] = std::move(value);
        text.remove_prefix(at + 1);
        if (text.starts_with(',')) text.remove_prefix(1);
    }
}

}  // namespace

scrape scrape::parse(std::string_view text) {
    scrape out;
    while (!text.empty()) {
        const auto end = std::min(text.find('\n'), text.size());
        auto line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        const auto name_end = line.find_first_of("{ ");
        if (line.starts_with('#') || name_end == std::string_view::npos) continue;
        const auto name = line.substr(0, name_end);
        line.remove_prefix(name_end);
        series one;
        if (line.starts_with('{')) {
            line.remove_prefix(1);
            auto with = read_labels(line);
            if (!with) continue;
            one.with = std::move(*with);
        }
        const std::string number(line);
        char* stop = nullptr;
        one.value = std::strtod(number.c_str(), &stop);
        if (stop == number.c_str()) continue;
        out.series_[std::string(name)].push_back(std::move(one));
    }
    return out;
}

const std::vector<scrape::series>& scrape::of(std::string_view name) const {
    static const std::vector<series> none;
    const auto found = series_.find(name);
    return found == series_.end() ? none : found->second;
}

double scrape::sum(std::string_view name) const {
    double all = 0;
    for (const auto& each : of(name)) all += each.value;
    return all;
}

std::map<std::string, double, std::less<>> scrape::by(std::string_view name, std::string_view label) const {
    std::map<std::string, double, std::less<>> out;
    for (const auto& each : of(name)) {
        if (const auto at = each.with.find(label); at != each.with.end()) out[at->second] += each.value;
    }
    return out;
}

std::map<double, double> scrape::buckets(std::string_view name, std::string_view label, std::string_view value) const {
    std::map<double, double> out;
    for (const auto& each : of(std::string(name) + "_bucket")) {
        const auto bound = each.with.find("le");
        const auto mark = label.empty() ? each.with.end() : each.with.find(label);
        if (bound == each.with.end() || (!label.empty() && (mark == each.with.end() || mark->second != value)))
            continue;
        out[bound->second == "+Inf" ? INFINITY : std::strtod(bound->second.c_str(), nullptr)] += each.value;
    }
    return out;
}

std::optional<double> quantile(double share, const std::map<double, double>& before,
                               const std::map<double, double>& now) {
    const auto earlier = [&](double bound) {
        const auto at = before.find(bound);
        return at == before.end() ? 0.0 : at->second;
    };
    if (now.empty()) return std::nullopt;
    const auto last = std::prev(now.end());
    const auto all = last->second - earlier(last->first);
    if (all <= 0) return std::nullopt;
    double lower = 0, below = 0;
    for (const auto& [bound, count] : now) {
        const auto here = count - earlier(bound);
        if (here >= share * all)
            return std::isinf(bound) ? lower : lower + (bound - lower) * (share * all - below) / (here - below);
        lower = bound;
        below = here;
    }
    return lower;
}

}  // namespace ota::cli
