#include "management-object/acl.hpp"

#include <algorithm>

namespace ota::management_object {
namespace {

constexpr std::array<std::string_view, access_count> names{"Add", "Delete", "Exec", "Get", "Replace"};
constexpr std::string_view everybody = "*";

bool is_identifier(std::string_view id) noexcept {
    return !id.empty() && std::ranges::all_of(id, [](char c) {
        return static_cast<unsigned char>(c) > ' ' && c != 0x7F &&
               std::string_view("=&*+").find(c) == std::string_view::npos;
    });
}

/// The part up to the separator; the rest stays in `text`. Nothing when there is no more.
std::optional<std::string_view> next_part(std::optional<std::string_view>& text, char separator) {
    if (!text) return std::nullopt;
    const auto end = text->find(separator);
    const auto part = text->substr(0, end);
    if (end == std::string_view::npos)
        text.reset();
    else
        text->remove_prefix(end + 1);
    return part;
}

}  // namespace

std::string_view to_string(access a) noexcept { return names[static_cast<std::size_t>(a)]; }

std::optional<access> access_named(std::string_view name) noexcept {
    const auto found = std::ranges::find(names, name);
    if (found == names.end()) return std::nullopt;
    return static_cast<access>(found - names.begin());
}

bool access_control_list::empty() const noexcept {
    return std::ranges::all_of(may_, [](const auto& servers) { return servers.empty(); });
}

bool access_control_list::allows(access a, std::string_view server) const noexcept {
    const auto& who = servers(a);
    return (!who.empty() && who.front() == everybody) || std::ranges::find(who, server) != who.end();
}

void access_control_list::allow(access a, std::string server) {
    auto& who = may_[static_cast<std::size_t>(a)];
    if (server == everybody) who.clear();
    if (allows(a, server)) return;
    who.insert(std::ranges::upper_bound(who, server), std::move(server));
}

wire::result<access_control_list> parse_acl(std::string_view text) {
    access_control_list out;
    if (text.empty()) return out;
    std::optional<std::string_view> rest = text;
    while (const auto entry = next_part(rest, '&')) {
        const auto equals = entry->find('=');
        const auto command = access_named(entry->substr(0, equals));
        if (!command || equals == std::string_view::npos || !out.servers(*command).empty())
            return document_errc::bad_value;
        std::optional<std::string_view> ids = entry->substr(equals + 1);
        while (const auto id = next_part(ids, '+')) {
            if (*id != everybody && !is_identifier(*id)) return document_errc::bad_value;
            out.allow(*command, std::string(*id));
        }
    }
    return out;
}

std::string serialize_acl(const access_control_list& list) {
    std::string out;
    for (std::size_t i = 0; i < access_count; ++i) {
        const auto& who = list.servers(static_cast<access>(i));
        if (who.empty()) continue;
        if (!out.empty()) out += '&';
        (out += names[i]) += '=';
        for (const auto& id : who) {
            if (&id != &who.front()) out += '+';
            out += id;
        }
    }
    return out;
}

access_control_list default_acl() {
    access_control_list out;
    out.allow(access::add, std::string(everybody));
    out.allow(access::get, std::string(everybody));
    return out;
}

}  // namespace ota::management_object
