#include "management-object/dm_content.hpp"

#include "management-object/base64.hpp"
#include "management-object/xml.hpp"

namespace ota::management_object::dm {
namespace {

std::string text_of(const item& i, const std::optional<meta>& of_command, std::string meta::*field) {
    if (i.about && !((*i.about).*field).empty()) return (*i.about).*field;
    return of_command ? (*of_command).*field : std::string();
}

}  // namespace

node_format format_of(const item& i, const std::optional<meta>& of_command) {
    return format_named(text_of(i, of_command, &meta::format)).value_or(node_format::chr);
}

std::string type_of(const item& i, const std::optional<meta>& of_command) {
    auto type = text_of(i, of_command, &meta::type);
    return type.empty() ? "text/plain" : type;
}

wire::result<std::string> value_of(const item& i, const std::optional<meta>& of_command) {
    const auto format = format_of(i, of_command);
    const bool base64 = format == node_format::b64 || (format == node_format::bin && !i.opaque);
    auto data = i.data.value_or("");
    if (!base64) return data;
    auto octets = from_base64(data);
    if (!octets) return document_errc::bad_value;
    return *std::move(octets);
}

item value_item(std::string target, node_format format, std::string type, std::string_view value, encoding as) {
    item out{.target = location{std::move(target), {}},
             .about = meta{.format = std::string(to_string(format)), .type = std::move(type)}};
    out.opaque = format == node_format::bin && as == encoding::wbxml;
    const bool base64 = format == node_format::b64 || (format == node_format::bin && !out.opaque);
    out.data = base64 ? to_base64(value) : std::string(value);
    return out;
}

bool is_tnds(const item& i, const std::optional<meta>& of_command) {
    const auto type = type_of(i, of_command);
    return type == type_tnds_xml || type == type_tnds_wbxml;
}

parsed<tnds_document> tnds_of(const item& i, const document_limits& limits) {
    if (i.tree) return parse_tnds(*i.tree);
    const auto data = i.data.value_or("");
    if (i.opaque && !data.starts_with('<')) return parse_tnds_wbxml(wire::as_octets(data), limits);
    if (trimmed(data).starts_with('<')) return parse_tnds_xml(trimmed(data), limits);
    // WBXML inside XML travels in Base64.
    const auto octets = from_base64(data);
    if (!octets) return fault{document_errc::bad_value, 0};
    return parse_tnds_wbxml(wire::as_octets(*octets), limits);
}

wire::result<item> tnds_item(std::string target, const tnds_document& document, encoding as) {
    item out{.target = location{std::move(target), {}}, .about = meta{.format = "xml"}};
    if (as == encoding::wbxml) {
        OTA_TRY(auto octets, serialize_tnds_wbxml(document));
        out.about->type = type_tnds_wbxml;
        out.data = std::string(wire::as_text(octets));
        out.opaque = true;
    } else {
        OTA_TRY(out.data, serialize_xml(management_object::to_element(document)));
        out.about->type = type_tnds_xml;
    }
    return out;
}

}  // namespace ota::management_object::dm
