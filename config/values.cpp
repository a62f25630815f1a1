#include "config/body.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

/// The readers of single values. A fault never repeats a value: it may be a secret that stands in the wrong place.
namespace ota::config {
namespace {

/// 10, -3, 0x7F; a leading zero is refused because some read it as octal.
std::optional<std::int64_t> whole_number(std::string_view text) {
    int base = 10;
    if (text.starts_with("0x") || text.starts_with("0X")) {
        text.remove_prefix(2);
        base = 16;
        if (text.starts_with('-')) return std::nullopt;
    } else if (text.size() > 1 && text.starts_with('0')) {
        return std::nullopt;
    }
    std::int64_t value = 0;
    const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), value, base);
    if (ec != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

std::optional<std::chrono::milliseconds> time_span(std::string_view text) {
    std::int64_t count = 0;
    const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), count);
    const std::string_view unit(end, static_cast<std::size_t>(text.data() + text.size() - end));
    const std::int64_t each = unit == "ms"  ? 1
                              : unit == "s" ? 1'000
                              : unit == "m" ? 60'000
                              : unit == "h" ? 3'600'000
                              : unit == "d" ? 86'400'000
                                            : 0;
    constexpr std::int64_t longest = 86'400'000LL * 3660;  // ten years: anything longer is a mistake
    if (ec != std::errc{} || each == 0 || count < 0 || count > longest / each) return std::nullopt;
    return std::chrono::milliseconds(count * each);
}

std::string plain(double v) {
    auto text = std::to_string(v);
    while (text.ends_with('0')) text.pop_back();
    if (text.ends_with('.')) text.pop_back();
    return text;
}

}  // namespace

std::optional<std::string> node::scalar() const {
    if (!exists()) return std::nullopt;
    if (body_->is != body::form::scalar) {
        complain("should be a single value");
        return std::nullopt;
    }
    if (body_->from && body_->from->literal) return body_->text;
    auto value = resolve(body_->text, body_->from ? body_->from->folder : std::string(), false);
    if (!value.trouble.empty()) {
        complain(value.trouble);
        return std::nullopt;
    }
    return std::move(value.text);
}

std::string node::text(std::string_view key, std::string_view otherwise) const {
    return at(key).scalar().value_or(std::string(otherwise));
}

std::string node::required_text(std::string_view key) const {
    const auto child = at(key);
    if (!child.exists()) {
        child.complain("is missing");
        return {};
    }
    auto value = child.scalar();
    if (value && value->empty()) child.complain("is empty");
    return value.value_or("");
}

std::int64_t node::integer(std::string_view key, std::int64_t otherwise, std::int64_t low, std::int64_t high) const {
    const auto child = at(key);
    const auto value = child.scalar();
    if (!value) return otherwise;
    const auto n = whole_number(*value);
    if (n && *n >= low && *n <= high) return *n;
    child.complain("should be a whole number from " + std::to_string(low) + " to " + std::to_string(high));
    return otherwise;
}

double node::number(std::string_view key, double otherwise, double low, double high) const {
    const auto child = at(key);
    const auto value = child.scalar();
    if (!value) return otherwise;
    double n = 0;
    const auto [end, ec] = std::from_chars(value->data(), value->data() + value->size(), n);
    if (ec == std::errc{} && end == value->data() + value->size() && n >= low && n <= high) return n;
    child.complain("should be a number from " + plain(low) + " to " + plain(high));
    return otherwise;
}

bool node::flag(std::string_view key, bool otherwise) const {
    const auto child = at(key);
    const auto value = child.scalar();
    if (!value) return otherwise;
    if (*value == "true") return true;
    if (*value == "false") return false;
    child.complain("should be true or false");
    return otherwise;
}

std::chrono::milliseconds node::duration(std::string_view key, std::chrono::milliseconds otherwise) const {
    const auto child = at(key);
    const auto value = child.scalar();
    if (!value) return otherwise;
    if (const auto span = time_span(*value)) return *span;
    child.complain("should be a duration with its unit: 250ms, 30s, 15m, 12h or 7d");
    return otherwise;
}

std::vector<std::string> node::texts(std::string_view key) const {
    std::vector<std::string> out;
    for (const auto& item : at(key).items()) {
        if (!item.exists()) item.complain("is empty");
        if (auto value = item.scalar()) out.push_back(std::move(*value));
    }
    return out;
}

std::size_t node::choice(std::string_view key, const std::vector<std::string_view>& choices,
                         std::size_t otherwise) const {
    const auto child = at(key);
    const auto value = child.scalar();
    if (!value) return otherwise;
    const auto found = std::find(choices.begin(), choices.end(), *value);
    if (found != choices.end()) return static_cast<std::size_t>(found - choices.begin());
    std::string all;
    for (auto c : choices) all += (all.empty() ? "" : c == choices.back() ? " or " : ", ") + std::string(c);
    const auto meant = nearest(*value, choices);
    child.complain("should be " + all + (meant.empty() ? "" : "; did you mean " + std::string(meant) + "?"));
    return otherwise;
}

std::string node::secret(std::string_view key) const {
    const auto child = at(key);
    if (!child.exists()) return {};
    if (child.body_->is != body::form::scalar || !is_reference(child.body_->text)) {
        child.complain("is a secret: give it by reference, ${file:/run/secrets/NAME} or ${env:NAME}");
        return {};
    }
    auto value = resolve(child.body_->text, child.body_->from->folder, true);
    if (!value.trouble.empty()) {
        child.complain(value.trouble);
        return {};
    }
    if (value.text.empty()) child.complain("is empty");
    return std::move(value.text);
}

}  // namespace ota::config
