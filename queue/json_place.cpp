#include "queue/json_place.hpp"

namespace ota::queue {
namespace {

/// Walks valid JSON without building anything: only a refused event pays for it.
class walker {
public:
    explicit walker(std::string_view text) noexcept : text_(text) {}

    void space() noexcept {
        while (at < text_.size() && (here() == ' ' || here() == '\t' || here() == '\n' || here() == '\r')) ++at;
    }
    /// The string's text between its quotation marks, escapes as written.
    std::string_view string() noexcept {
        const auto begin = ++at;
        while (at < text_.size() && here() != '"') at += here() == '\\' ? 2 : 1;
        const auto end = at < text_.size() ? at : text_.size();
        ++at;
        return text_.substr(begin, end - begin);
    }
    void value() noexcept {
        if (here() == '"') {
            string();
            return;
        }
        int depth = 0;
        for (; at < text_.size(); ++at) {
            const char c = here();
            if (c == '"') {
                string();
                --at;
            } else if (c == '{' || c == '[') {
                ++depth;
            } else if (c == '}' || c == ']') {
                if (depth-- == 0) return;
                if (depth == 0) {
                    ++at;
                    return;
                }
            } else if (c == ',' && depth == 0) {
                return;
            }
        }
    }
    [[nodiscard]] char here() const noexcept { return at < text_.size() ? text_[at] : '\0'; }

    std::size_t at = 0;

private:
    std::string_view text_;
};

/// Offset of the member's value in the object that starts at `object`, or npos.
std::size_t member(std::string_view json, std::size_t object, std::string_view name) noexcept {
    std::size_t found = std::string_view::npos;
    walker w(json);
    w.at = object;
    if (w.here() != '{') return found;
    ++w.at;
    for (w.space(); w.here() == '"'; w.space()) {
        const bool match = w.string() == name;
        w.space();
        ++w.at;  // the colon
        w.space();
        if (match) found = w.at;
        w.value();
        w.space();
        if (w.here() != ',') break;
        ++w.at;
    }
    return found;
}

}  // namespace

std::size_t place_of(std::string_view json, std::string_view path) noexcept {
    walker w(json);
    w.space();
    std::size_t at = w.at;
    while (!path.empty()) {
        const auto dot = path.find('.');
        const auto next = member(json, at, path.substr(0, dot));
        if (next == std::string_view::npos) return at;
        at = next;
        if (dot == std::string_view::npos) break;
        path.remove_prefix(dot + 1);
    }
    return at;
}

}  // namespace ota::queue
