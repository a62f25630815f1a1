#include "management-object/element.hpp"

#include <algorithm>

namespace ota::management_object {
namespace {

/// Octets of the UTF-8 character at the front, 0 when it is none that XML allows.
std::size_t character(std::string_view text) noexcept {
    const auto at = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
    const std::uint32_t first = at(0);
    if (first < 0x80) return first >= 0x20 || first == '\t' || first == '\n' || first == '\r' ? 1 : 0;
    const std::size_t size = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
    if (first < 0xC2 || first > 0xF4 || text.size() < size) return 0;
    std::uint32_t code = first & (0x7Fu >> size);
    for (std::size_t i = 1; i < size; ++i) {
        if ((at(i) & 0xC0) != 0x80) return 0;
        code = code << 6 | (at(i) & 0x3Fu);
    }
    constexpr std::uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
    const bool surrogate = code >= 0xD800 && code < 0xE000;
    if (code < smallest[size] || code > 0x10FFFF || surrogate || code == 0xFFFE || code == 0xFFFF) return 0;
    return size;
}

}  // namespace

const element* element::child(std::string_view child_name) const noexcept {
    const auto found = std::ranges::find(children, child_name, &element::name);
    return found == children.end() ? nullptr : &*found;
}

std::string_view element::text_of(std::string_view child_name) const noexcept {
    const auto* found = child(child_name);
    return found == nullptr ? std::string_view() : std::string_view(found->text);
}

element& element::add(std::string_view child_name, std::string_view child_text) {
    children.push_back({.name = std::string(child_name), .xmlns = xmlns, .text = std::string(child_text)});
    return children.back();
}

bool same(const element& a, const element& b) {
    return a.name == b.name && a.text == b.text && std::ranges::equal(a.children, b.children, same);
}

std::string_view trimmed(std::string_view text) noexcept {
    constexpr std::string_view white = " \t\r\n";
    const auto first = text.find_first_not_of(white);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(white) - first + 1);
}

bool is_xml_text(std::string_view text) noexcept {
    while (!text.empty()) {
        const auto size = character(text);
        if (size == 0) return false;
        text.remove_prefix(size);
    }
    return true;
}

}  // namespace ota::management_object
