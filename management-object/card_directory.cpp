#include "management-object/card_directory.hpp"

#include "management-object/der.hpp"
#include "management-object/fault.hpp"

#include <algorithm>

namespace ota::management_object {
namespace {

namespace tag = der_tag;
using BOOST_OUTCOME_V2_NAMESPACE::success;

constexpr std::uint8_t application_entry = 0x61, application_identifier = 0x4F, application_label = 0x50,
                       application_path = 0x51;
constexpr std::uint8_t data_objects = 0xA7, type_attributes = 0xA1, token_label = 0x80, path_length = 0x80;

wire::octets path_octets(const file_path& path) {
    wire::writer out;
    for (const auto identifier : path) out.u16(identifier);
    return out.take();
}

wire::result<file_path> path_of(wire::octet_view octets) {
    if (octets.size() % 2 != 0) return document_errc::bad_value;
    file_path out;
    for (wire::reader in(octets); in.remaining() != 0;) out.push_back(in.u16());
    return out;
}

void put_text(wire::writer& out, std::uint8_t tag, std::string_view text) {
    if (!text.empty()) wire::write_ber_tlv(out, tag, wire::as_octets(text));
}

/// Path ::= SEQUENCE { path OCTET STRING, index INTEGER OPTIONAL, length [0] INTEGER OPTIONAL }
struct located {
    file_path path;
    std::optional<std::uint32_t> index, length;
};

void put_path(wire::writer& out, const located& where) {
    wire::writer body;
    wire::write_ber_tlv(body, tag::octet_string, path_octets(where.path));
    if (where.index && where.length) {
        put_der_integer(body, tag::integer, *where.index);
        put_der_integer(body, path_length, *where.length);
    }
    wire::write_ber_tlv(out, tag::sequence, body.buffer());
}

wire::result<located> parse_path(wire::octet_view body) {
    located out;
    der_reader in(body);
    while (const auto object = in.next()) {
        if (object->tag == tag::octet_string) {
            OTA_TRY(out.path, path_of(object->value));
        } else if (object->tag == tag::integer) {
            out.index = der_integer(object->value);
        } else if (object->tag == path_length) {
            out.length = der_integer(object->value);
        }
    }
    OTA_TRY(in.finish());
    return out;
}

wire::result<void> parse_common_attributes(wire::octet_view body, data_object& out) {
    der_reader in(body);
    while (const auto object = in.next()) {
        switch (object->tag) {
            case tag::utf8_string: out.label = wire::as_text(object->value); break;
            case tag::bit_string:
                out.is_private = der_bit(object->value, 0);
                out.modifiable = der_bit(object->value, 1);
                break;
            case tag::octet_string: out.auth_id.assign(object->value.begin(), object->value.end()); break;
            case tag::integer: {
                const auto times = der_integer(object->value);
                if (!times || *times < 1 || *times > 15) return document_errc::bad_value;
                out.user_consent = static_cast<std::uint8_t>(*times);
                break;
            }
            default: break;
        }
    }
    return in.finish();
}

/// Some cards wrap the identifier in an object identifier once more.
wire::octets unwrapped(wire::octet_view oid) {
    if (oid.size() > 2 && oid[0] == tag::object_identifier && oid[1] == oid.size() - 2) oid = oid.subspan(2);
    return {oid.begin(), oid.end()};
}

wire::result<void> parse_class_attributes(wire::octet_view body, data_object& out) {
    der_reader in(body);
    while (const auto object = in.next()) {
        if (object->tag == tag::utf8_string) out.application_name = wire::as_text(object->value);
        if (object->tag == tag::object_identifier) out.oid = unwrapped(object->value);
    }
    return in.finish();
}

wire::result<void> take_path(wire::octet_view body, data_object& out) {
    OTA_TRY(auto where, parse_path(body));
    out.path = std::move(where.path);
    out.index = where.index;
    out.length = where.length;
    return success();
}

/// opaqueDO: a Path. oidDO: SEQUENCE { OBJECT IDENTIFIER, Path }.
wire::result<void> parse_type_attributes(wire::octet_view body, data_object& out) {
    der_reader in(body);
    while (const auto object = in.next()) {
        if (object->tag != tag::sequence) continue;
        if (object->value.empty() || object->value[0] != tag::object_identifier) {
            OTA_TRY(take_path(object->value, out));
            continue;
        }
        der_reader inner(object->value);
        while (const auto part = inner.next()) {
            if (part->tag == tag::object_identifier) out.oid = unwrapped(part->value);
            if (part->tag == tag::sequence) {
                OTA_TRY(take_path(part->value, out));
            }
        }
        OTA_TRY(inner.finish());
    }
    return in.finish();
}

wire::result<data_object> parse_data_object(wire::octet_view body) {
    data_object out;
    der_reader in(body);
    for (std::size_t sequences = 0; const auto object = in.next();) {
        if (object->tag == type_attributes) {
            OTA_TRY(parse_type_attributes(object->value, out));
        } else if (object->tag == tag::sequence) {
            if (++sequences == 1) {
                OTA_TRY(parse_common_attributes(object->value, out));
            } else {
                OTA_TRY(parse_class_attributes(object->value, out));
            }
        }
    }
    OTA_TRY(in.finish());
    return out;
}

void put_data_object(wire::writer& out, const data_object& object) {
    wire::writer common, of_class, where, body;
    put_text(common, tag::utf8_string, object.label);
    put_der_bits(common, {object.is_private, object.modifiable});
    if (!object.auth_id.empty()) wire::write_ber_tlv(common, tag::octet_string, object.auth_id);
    if (object.user_consent) put_der_integer(common, tag::integer, *object.user_consent);
    put_text(of_class, tag::utf8_string, object.application_name);
    if (!object.oid.empty()) wire::write_ber_tlv(of_class, tag::object_identifier, object.oid);
    put_path(where, {object.path, object.index, object.length});
    wire::write_ber_tlv(body, tag::sequence, common.buffer());
    wire::write_ber_tlv(body, tag::sequence, of_class.buffer());
    wire::write_ber_tlv(body, type_attributes, where.buffer());
    wire::write_ber_tlv(out, tag::sequence, body.buffer());
}

}  // namespace

wire::octets serialize_application(const application_template& application) {
    wire::writer body, out;
    wire::write_ber_tlv(body, application_identifier, application.aid);
    put_text(body, application_label, application.label);
    if (!application.path.empty()) wire::write_ber_tlv(body, application_path, path_octets(application.path));
    wire::write_ber_tlv(out, application_entry, body.buffer());
    return out.take();
}

wire::result<application_template> parse_application(wire::octet_view record) {
    application_template out;
    der_reader file(record);
    const auto entry = file.next();
    OTA_TRY(file.finish());
    if (!entry || entry->tag != application_entry) return document_errc::bad_value;
    der_reader in(entry->value);
    while (const auto object = in.next()) {
        if (object->tag == application_identifier) out.aid.assign(object->value.begin(), object->value.end());
        if (object->tag == application_label) out.label = wire::as_text(object->value);
        if (object->tag == application_path) {
            OTA_TRY(out.path, path_of(object->value));
        }
    }
    OTA_TRY(in.finish());
    if (out.aid.empty()) return document_errc::bad_value;
    return out;
}

wire::octets serialize_object_directory(const std::vector<file_path>& directories) {
    wire::writer out;
    for (const auto& path : directories) {
        wire::writer body;
        put_path(body, {path, {}, {}});
        wire::write_ber_tlv(out, data_objects, body.buffer());
    }
    return out.take();
}

wire::result<std::vector<file_path>> parse_object_directory(wire::octet_view file) {
    std::vector<file_path> out;
    der_reader in(file);
    while (const auto object = in.next()) {
        if (object->tag != data_objects) continue;
        der_reader inner(object->value);
        while (const auto part = inner.next()) {
            if (part->tag != tag::sequence) continue;
            OTA_TRY(auto where, parse_path(part->value));
            if (!where.path.empty()) out.push_back(std::move(where.path));
        }
        OTA_TRY(inner.finish());
    }
    OTA_TRY(in.finish());
    return out;
}

wire::octets serialize_token_info(const token_info& info) {
    wire::writer body, out;
    put_der_integer(body, tag::integer, 0);  // v1
    wire::write_ber_tlv(body, tag::octet_string, info.serial_number);
    put_text(body, tag::utf8_string, info.manufacturer);
    put_text(body, token_label, info.label);
    // TokenFlags are required, even when none is set.
    const bool any = put_der_bits(body, {info.read_only, info.login_required});
    if (!any) wire::write_ber_tlv(body, tag::bit_string, wire::octets{0x00});
    wire::write_ber_tlv(out, tag::sequence, body.buffer());
    return out.take();
}

wire::result<token_info> parse_token_info(wire::octet_view file) {
    token_info out;
    der_reader whole(file);
    const auto info = whole.next();
    OTA_TRY(whole.finish());
    if (!info || info->tag != tag::sequence) return document_errc::bad_value;
    der_reader in(info->value);
    while (const auto object = in.next()) {
        if (object->tag == tag::octet_string) out.serial_number.assign(object->value.begin(), object->value.end());
        if (object->tag == tag::utf8_string) out.manufacturer = wire::as_text(object->value);
        if (object->tag == token_label) out.label = wire::as_text(object->value);
        if (object->tag == tag::bit_string) {
            out.read_only = der_bit(object->value, 0);
            out.login_required = der_bit(object->value, 1);
        }
    }
    OTA_TRY(in.finish());
    return out;
}

wire::octets serialize_data_objects(const std::vector<data_object>& objects) {
    wire::writer out;
    for (const auto& object : objects) put_data_object(out, object);
    return out.take();
}

wire::result<std::vector<data_object>> parse_data_objects(wire::octet_view file) {
    std::vector<data_object> out;
    der_reader in(file);
    while (const auto object = in.next()) {
        if (object->tag != tag::sequence && object->tag != type_attributes) continue;  // [1] is oidDO
        OTA_TRY(auto read, parse_data_object(object->value));
        if (!read.path.empty()) out.push_back(std::move(read));
    }
    OTA_TRY(in.finish());
    return out;
}

}  // namespace ota::management_object
