#include "management-object/typed_files.hpp"

#include "management-object/alpha_identifier.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <array>
#include <initializer_list>

namespace ota::management_object {
namespace {

namespace json = boost::json;

wire::result<json::value> parse_json(std::string_view text) {
    json::error_code ec;
    auto value = json::parse({text.data(), text.size()}, ec);
    if (ec) return errc::value_malformed;
    return value;
}

bool has_only(const json::object& object, std::initializer_list<std::string_view> names) {
    return std::all_of(object.begin(), object.end(), [&](const auto& member) {
        const std::string_view name(member.key().data(), member.key().size());
        return std::find(names.begin(), names.end(), name) != names.end();
    });
}

std::string_view view(const json::string& s) { return {s.data(), s.size()}; }

/// A member that is an octet: absent is `otherwise`, anything but a whole number up to `high` is an error.
wire::result<std::optional<std::uint8_t>> octet_member(const json::object& object, std::string_view name, int high) {
    const auto* member = object.if_contains({name.data(), name.size()});
    if (member == nullptr) return std::optional<std::uint8_t>();
    json::error_code ec;
    const auto number = member->is_number() ? member->to_number<std::int64_t>(ec) : -1;
    if (ec || number < 0 || number > high) return errc::value_malformed;
    return std::optional(static_cast<std::uint8_t>(number));
}

wire::result<std::string_view> text_member(const json::object& object, std::string_view name) {
    const auto* member = object.if_contains({name.data(), name.size()});
    if (member == nullptr) return std::string_view();
    if (!member->is_string()) return errc::value_malformed;
    return view(member->get_string());
}

bool all_digits(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

/// MCC and MNC, three octets [TS 24.008, 10.5.1.13]; a two-digit MNC has F for its third digit.
wire::result<std::array<std::uint8_t, 3>> plmn(const json::value& from) {
    if (!from.is_string()) return errc::value_malformed;
    const auto digits = view(from.get_string());
    if ((digits.size() != 5 && digits.size() != 6) || !all_digits(digits)) return errc::value_malformed;
    const auto digit = [&](std::size_t i) { return i < digits.size() ? digits[i] - '0' : 0xF; };
    return std::array<std::uint8_t, 3>{static_cast<std::uint8_t>(digit(1) << 4 | digit(0)),
                                       static_cast<std::uint8_t>(digit(5) << 4 | digit(2)),
                                       static_cast<std::uint8_t>(digit(4) << 4 | digit(3))};
}

// Access technology identifier [TS 31.102, 4.2.5].
wire::result<std::uint16_t> access_technologies(const json::value& from) {
    if (!from.is_array()) return errc::value_malformed;
    std::uint16_t bits = 0;
    for (const auto& item : from.get_array()) {
        if (item == "utran")
            bits |= 0x8000;
        else if (item == "eutran")
            bits |= 0x4000;
        else if (item == "ngran")
            bits |= 0x0800;
        else if (item == "gsm")
            bits |= 0x0080;
        else
            return errc::value_malformed;
    }
    return bits;
}

// Twelve octets: length of what follows, TON/NPI, digits in swapped nibbles [TS 31.102, 4.2.27; TS 24.011, 8.2.5.2].
wire::result<wire::octets> address(std::string_view number) {
    const bool international = number.starts_with('+');
    if (international) number.remove_prefix(1);
    if (number.empty() || !all_digits(number)) return errc::value_malformed;
    if (number.size() > 20) return errc::value_too_long;
    wire::writer out(12);
    out.u8(1 + (number.size() + 1) / 2).u8(international ? 0x91 : 0x81);
    for (std::size_t i = 0; i < number.size(); i += 2) {
        const int high = i + 1 < number.size() ? number[i + 1] - '0' : 0xF;
        out.u8(static_cast<std::uint8_t>(high << 4 | (number[i] - '0')));
    }
    out.fill(12 - out.size(), 0xFF);
    return out.take();
}

}  // namespace

wire::result<std::string> text_of(const image_request& request) {
    if (!request.value_is_json) return std::string(request.value);
    OTA_TRY(auto value, parse_json(request.value));
    if (!value.is_string()) return errc::value_malformed;
    return std::string(view(value.get_string()));
}

// | display condition 1 | name, size - 1 |
wire::result<wire::octets> make_spn(const image_request& request) {
    if (request.size == 0) return errc::value_too_long;
    std::string name(request.value);
    std::uint8_t display = 0;
    if (request.value_is_json) {
        OTA_TRY(auto value, parse_json(request.value));
        const auto* object = value.if_object();
        if (object != nullptr) {
            if (!has_only(*object, {"name", "display"})) return errc::value_malformed;
            if (!object->contains("name")) return errc::value_missing;
            OTA_TRY(auto condition, octet_member(*object, "display", 3));
            display = condition.value_or(0);
        }
        const auto& text = object != nullptr ? object->at("name") : value;
        if (!text.is_string()) return errc::value_malformed;
        name = view(text.get_string());
    }
    OTA_TRY(auto coded, make_alpha_identifier(name, request.size - 1));
    coded.insert(coded.begin(), display);
    return coded;
}

// Entries of | PLMN 3 | access technologies 2 |
wire::result<wire::octets> make_oplmn_wact(const image_request& request) {
    OTA_TRY(auto value, parse_json(request.value));
    if (!value.is_array()) return errc::value_malformed;
    wire::writer out;
    for (const auto& item : value.get_array()) {
        const auto* entry = item.if_object();
        if (entry == nullptr || !has_only(*entry, {"plmn", "act"})) return errc::value_malformed;
        if (!entry->contains("plmn") || !entry->contains("act")) return errc::value_missing;
        OTA_TRY(auto network, plmn(entry->at("plmn")));
        OTA_TRY(auto technologies, access_technologies(entry->at("act")));
        out.put(network).u16(technologies);
    }
    return out.take();
}

wire::result<wire::octets> make_plmn_list(const image_request& request) {
    OTA_TRY(auto value, parse_json(request.value));
    if (!value.is_array()) return errc::value_malformed;
    wire::writer out;
    for (const auto& item : value.get_array()) {
        OTA_TRY(auto network, plmn(item));
        out.put(network);
    }
    return out.take();
}

// | alpha identifier Y | parameter indicators 1 | TP-Destination 12 | TS-Service Centre 12 | TP-PID 1 | TP-DCS 1 |
// TP-VP 1 | An indicator bit is 0 where its parameter is present [TS 31.102, 4.2.27].
wire::result<wire::octets> make_smsp(const image_request& request) {
    constexpr std::size_t fixed = 28;
    if (request.size < fixed) return errc::value_too_long;
    OTA_TRY(auto value, parse_json(request.value));
    const auto* object = value.if_object();
    if (object == nullptr || !has_only(*object, {"alpha", "service_centre", "pid", "dcs", "validity"})) {
        return errc::value_malformed;
    }
    OTA_TRY(auto alpha, text_member(*object, "alpha"));
    OTA_TRY(auto out, make_alpha_identifier(alpha, request.size - fixed));
    std::uint8_t indicators = 0xFF;
    wire::octets centre(12, 0xFF);
    if (object->contains("service_centre")) {
        OTA_TRY(auto number, text_member(*object, "service_centre"));
        OTA_TRY(auto coded, address(number));
        centre = std::move(coded);
        indicators &= 0xFD;
    }
    OTA_TRY(auto pid, octet_member(*object, "pid", 255));
    OTA_TRY(auto dcs, octet_member(*object, "dcs", 255));
    OTA_TRY(auto validity, octet_member(*object, "validity", 255));
    if (pid) indicators &= 0xFB;
    if (dcs) indicators &= 0xF7;
    if (validity) indicators &= 0xEF;
    out.push_back(indicators);
    out.insert(out.end(), 12, 0xFF);
    out.insert(out.end(), centre.begin(), centre.end());
    for (auto octet : {pid, dcs, validity}) out.push_back(octet.value_or(0xFF));
    return out;
}

}  // namespace ota::management_object
