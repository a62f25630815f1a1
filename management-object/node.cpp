#include "management-object/node.hpp"

#include "management-object/element.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <unordered_set>

namespace ota::management_object {
namespace {

constexpr std::array<std::string_view, 11> names{"node", "chr", "int",   "bool", "b64", "bin",
                                                 "null", "xml", "float", "date", "time"};

/// 9 stands for any digit, all else for itself.
bool has_form(std::string_view text, std::string_view form) noexcept {
    return std::ranges::equal(text, form, [](char c, char f) { return f == '9' ? c >= '0' && c <= '9' : c == f; });
}

bool is_integer(std::string_view text) noexcept {
    if (text.starts_with('+') || text.starts_with('-')) text.remove_prefix(1);
    return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

bool is_float(std::string_view text) noexcept {
    if (text == "INF" || text == "-INF" || text == "NaN") return true;
    if (text.starts_with('+')) text.remove_prefix(1);
    if (text.empty() || text.find_first_not_of("0123456789.eE+-") != std::string_view::npos) return false;
    double value = 0;
    const auto* end = text.data() + text.size();
    const auto read = std::from_chars(text.data(), end, value);
    return read.ec != std::errc::invalid_argument && read.ptr == end;
}

bool is_date(std::string_view text) noexcept { return has_form(text, "9999-99-99") || has_form(text, "99999999"); }

bool is_time(std::string_view text) noexcept {
    if (text.ends_with('Z')) text.remove_suffix(1);
    return has_form(text, "99:99:99") || has_form(text, "999999");
}

}  // namespace

std::string_view to_string(node_format format) noexcept { return names[static_cast<std::size_t>(format)]; }

std::optional<node_format> format_named(std::string_view name) noexcept {
    const auto found = std::ranges::find(names, name);
    if (found == names.end()) return std::nullopt;
    return static_cast<node_format>(found - names.begin());
}

bool is_value_of(node_format format, std::string_view value) noexcept {
    switch (format) {
        case node_format::node:
        case node_format::null: return value.empty();
        case node_format::integer: return is_integer(value);
        case node_format::boolean: return value == "true" || value == "false";
        case node_format::floating: return is_float(value);
        case node_format::date: return is_date(value);
        case node_format::time: return is_time(value);
        case node_format::chr:
        case node_format::xml: return is_xml_text(value);
        case node_format::b64:
        case node_format::bin: return true;
    }
    return false;
}

bool is_time_stamp(std::string_view text) noexcept {
    return has_form(text, "99999999T999999Z") || has_form(text, "99999999T999999");
}

const node* node::child(std::string_view child_name) const noexcept {
    const auto found = std::ranges::find(children, child_name, &node::name);
    return found == children.end() ? nullptr : &*found;
}

node* node::child(std::string_view child_name) noexcept {
    const auto found = std::ranges::find(children, child_name, &node::name);
    return found == children.end() ? nullptr : &*found;
}

node interior(std::string name, std::vector<node> children, std::string ddf_name) {
    return {.name = std::move(name), .type = std::move(ddf_name), .children = std::move(children)};
}

node text_leaf(std::string name, std::string value) {
    return leaf(std::move(name), node_format::chr, std::move(value));
}

node leaf(std::string name, node_format format, std::string value, std::string mime) {
    return {.name = std::move(name), .format = format, .type = std::move(mime), .value = std::move(value)};
}

std::optional<std::size_t> name_twice(const std::vector<node>& nodes) {
    std::unordered_set<std::string_view> seen;
    for (std::size_t i = 0; i < nodes.size(); ++i) {
        if (!nodes[i].name.empty() && !seen.insert(nodes[i].name).second) return i;
    }
    return std::nullopt;
}

std::size_t depth_of(const node& top) noexcept {
    std::size_t below = 0;
    for (const auto& child : top.children) below = std::max(below, depth_of(child));
    return below + 1;
}

}  // namespace ota::management_object
