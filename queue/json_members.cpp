#include "queue/json_members.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <set>

namespace ota::queue {
namespace {

namespace json = boost::json;

/// Colons outside of strings: one for each member that was written.
std::size_t written_members(std::string_view text) noexcept {
    std::size_t n = 0;
    bool inside = false;
    for (std::size_t at = 0; at < text.size(); ++at) {
        const char c = text[at];
        if (inside && c == '\\') {
            ++at;
        } else if (c == '"') {
            inside = !inside;
        } else if (c == ':' && !inside) {
            ++n;
        }
    }
    return n;
}

/// Members that were kept: the parser keeps one of each name.
std::size_t kept_members(const json::value& v) noexcept {
    std::size_t n = 0;
    if (const auto* object = v.if_object()) {
        n = object->size();
        for (const auto& member : *object) n += kept_members(member.value());
    } else if (const auto* array = v.if_array()) {
        for (const auto& element : *array) n += kept_members(element);
    }
    return n;
}

/// Walks valid JSON for the place; only a refused event pays for it. No deeper than the parser went.
class walker {
public:
    explicit walker(std::string_view text) noexcept : text_(text) {}

    void value(bool outermost) {
        space();
        if (here() == '{') return object(outermost);
        if (here() == '[') return array();
        if (here() == '"') return void(string());
        while (at_ < text_.size() && std::string_view(",]} \t\r\n").find(here()) == std::string_view::npos) ++at_;
    }

    std::optional<repeated_member> found;

private:
    [[nodiscard]] char here() const noexcept { return at_ < text_.size() ? text_[at_] : '\0'; }
    void space() noexcept {
        while (here() == ' ' || here() == '\t' || here() == '\n' || here() == '\r') ++at_;
    }
    /// With its quotation marks.
    std::string_view string() noexcept {
        const auto begin = at_++;
        while (at_ < text_.size() && here() != '"') at_ += here() == '\\' ? 2 : 1;
        ++at_;
        return text_.substr(begin, at_ - begin);
    }
    void object(bool outermost) {
        std::set<std::string> names;
        for (++at_, space(); here() == '"' && !found; space()) {
            const auto offset = at_;
            json::error_code error;
            const auto name =
                json::parse({text_.data() + offset, string().size()}, error);  // "a" and "\u0061" are one name
            if (error || !name.is_string()) return;
            std::string text(name.get_string());
            if (!names.insert(text).second) {
                found = repeated_member{std::move(text), outermost, offset};
                return;
            }
            space();
            ++at_;  // the colon
            value(false);
            space();
            if (here() == ',') ++at_;
        }
        ++at_;
    }
    void array() {
        for (++at_, space(); at_ < text_.size() && here() != ']' && !found; space()) {
            value(false);
            space();
            if (here() == ',') ++at_;
        }
        ++at_;
    }

    std::string_view text_;
    std::size_t at_ = 0;
};

}  // namespace

std::optional<repeated_member> find_repeated_member(std::string_view text, const json::value& parsed) {
    if (written_members(text) == kept_members(parsed)) return std::nullopt;
    walker w(text);
    w.value(true);
    return std::move(w.found);
}

}  // namespace ota::queue
