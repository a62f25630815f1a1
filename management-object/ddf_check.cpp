#include "management-object/ddf_check.hpp"

#include <algorithm>
#include <map>
#include <set>

namespace ota::management_object::ddf {
namespace {

using BOOST_OUTCOME_V2_NAMESPACE::success;

/// Below a node of this name makers put what they like [DM StdObj 1.2].
constexpr std::string_view extension_point = "Ext";

/// A-Z and a-z are the same; other letters are not folded.
bool same_but_case(std::string_view a, std::string_view b) noexcept {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; };
    return std::ranges::equal(a, b, {}, lower, lower);
}

bool has_name(const description& d, std::string_view name) noexcept {
    return d.name == name || (!d.case_sensitive && same_but_case(d.name, name));
}

/// Among siblings: the named description, else the first nameless one of this format, else any nameless one.
const description* match(const std::vector<description>& among, std::string_view name,
                         const node_format* format) noexcept {
    const description* nameless = nullptr;
    for (const auto& each : among) {
        if (!each.name.empty() && has_name(each, name)) return &each;
        if (!each.name.empty()) continue;
        const bool better =
            format != nullptr && each.format == *format && (nameless == nullptr || nameless->format != *format);
        if (nameless == nullptr || better) nameless = &each;
    }
    return nameless;
}

class checker {
public:
    void check(const node& n, const description& d, const uri& at) {
        if (n.format != d.format) return tell(at, flaw::other_format);
        if (n.is_leaf()) return check_leaf(n, d, at);
        check_children(n, d, at);
    }
    std::vector<finding> take() { return std::move(found_); }

private:
    void tell(const uri& at, flaw what) { found_.push_back({at, what}); }

    void check_leaf(const node& n, const description& d, const uri& at) {
        if (n.value && !is_value_of(n.format, *n.value)) tell(at, flaw::malformed_value);
        if (!n.type.empty() && !d.mime_types.empty() && std::ranges::find(d.mime_types, n.type) == d.mime_types.end())
            tell(at, flaw::other_type);
    }

    void check_children(const node& n, const description& d, const uri& at) {
        std::map<const description*, std::uint32_t> counts;
        std::set<std::string_view> names;
        for (const auto& child : n.children) {
            const bool again = !names.insert(child.name).second;
            const auto* described = match(d.children, child.name, &child.format);
            if (described == nullptr) {
                if (d.name != extension_point) tell(at / child.name, flaw::unknown_node);
                continue;
            }
            const auto count = ++counts[described];
            if (again || (!described->name.empty() && count > 1)) {
                tell(at / child.name, flaw::same_name);
            } else if (described->occurs.at_most && count > *described->occurs.at_most) {
                tell(at / child.name, flaw::too_many);
            }
            check(child, *described, at / child.name);
        }
        for (const auto& described : d.children) {
            if (described.occurs.required && !counts.contains(&described))
                tell(described.name.empty() ? at / "<x>" : at / described.name, flaw::missing_node);
        }
    }

    std::vector<finding> found_;
};

}  // namespace

std::string_view to_string(flaw f) noexcept {
    switch (f) {
        case flaw::unknown_node: return "the description has no such node";
        case flaw::missing_node: return "a required node is missing";
        case flaw::too_many: return "there are more nodes of this kind than allowed";
        case flaw::other_format: return "the node has another format than described";
        case flaw::other_type: return "the node has another type than described";
        case flaw::malformed_value: return "the value is not of the node's format";
        case flaw::same_name: return "the name is there twice";
    }
    return "";
}

std::vector<finding> check(const node& top, const description& described, const uri& at) {
    checker all;
    all.check(top, described, at);
    return all.take();
}

const description* find(const description& top, const uri& relative) noexcept {
    const auto* here = &top;
    for (const auto& name : relative.segments) {
        here = match(here->children, name, nullptr);
        if (here == nullptr) return nullptr;
    }
    return here;
}

wire::result<void> allows(const description& top, const uri& relative, command what) {
    const auto* described = find(top, relative);
    if (described == nullptr) return dm_status::not_found;
    const bool creates = what == command::add, ends = what == command::del;
    if ((creates || ends) && described->scope == scope::permanent) return dm_status::command_not_allowed;
    if (described->access.has(what)) return success();
    if (creates && !relative.is_root() && find(top, relative.parent())->access.has(what)) return success();
    return dm_status::command_not_allowed;
}

}  // namespace ota::management_object::ddf
