#include "management-object/elementary_file.hpp"

#include "management-object/alpha_identifier.hpp"
#include "management-object/typed_files.hpp"

#include <array>

namespace ota::management_object {
namespace {

class management_object_category : public std::error_category {
public:
    [[nodiscard]] const char* name() const noexcept override { return "management-object"; }
    [[nodiscard]] std::string message(int code) const override {
        switch (static_cast<errc>(code)) {
            case errc::value_missing: return "the value, or a required member of it, is missing";
            case errc::value_malformed: return "the value does not have the form that the file wants";
            case errc::value_too_long: return "the value does not fit the file";
            case errc::value_not_for_format: return "the node's format or type does not suit the file";
        }
        return "unknown management object error";
    }
};

std::optional<std::uint8_t> sextet(char c) noexcept {
    if (c >= 'A' && c <= 'Z') return static_cast<std::uint8_t>(c - 'A');
    if (c >= 'a' && c <= 'z') return static_cast<std::uint8_t>(c - 'a' + 26);
    if (c >= '0' && c <= '9') return static_cast<std::uint8_t>(c - '0' + 52);
    if (c == '+') return 62;
    if (c == '/') return 63;
    return std::nullopt;
}

/// RFC 4648 clause 4, strict: whole quartets, padding only at the end, unused bits zero.
wire::result<wire::octets> from_base64(std::string_view text) {
    if (text.size() % 4 != 0) return errc::value_malformed;
    const std::size_t padding = text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0;
    text.remove_suffix(padding);
    wire::octets out;
    out.reserve(text.size() * 3 / 4);
    std::uint32_t bits = 0;
    unsigned held = 0;
    for (char c : text) {
        const auto six = sextet(c);
        if (!six) return errc::value_malformed;
        bits = bits << 6 | *six;
        held += 6;
        if (held < 8) continue;
        held -= 8;
        out.push_back(static_cast<std::uint8_t>(bits >> held));
        bits &= (1u << held) - 1;
    }
    if (bits != 0) return errc::value_malformed;
    return out;
}

wire::result<wire::octets> make_raw(const image_request& request) {
    OTA_TRY(auto text, text_of(request));
    if (request.type == "application/x-hex") {
        if (auto octets = wire::from_hex(text)) return std::move(octets).value();
        return errc::value_malformed;
    }
    if (request.format.empty() || request.format == "bin" || request.format == "b64") return from_base64(text);
    return errc::value_not_for_format;
}

wire::result<wire::octets> make_text(const image_request& request) {
    OTA_TRY(auto text, text_of(request));
    if (!code_points(text)) return errc::value_malformed;
    return wire::octets(text.begin(), text.end());
}

wire::result<wire::octets> make_unpadded(const image_request& request) {
    if (request.form == file_form::raw) return make_raw(request);
    // The typed forms are texts or JSON; a value in another DM format (bin, int, node..) was meant for another file.
    if (!request.format.empty() && request.format != "chr") return errc::value_not_for_format;
    switch (request.form) {
        case file_form::spn: return make_spn(request);
        case file_form::oplmn_wact: return make_oplmn_wact(request);
        case file_form::plmn_list: return make_plmn_list(request);
        case file_form::smsp: return make_smsp(request);
        case file_form::text_utf8: return make_text(request);
        case file_form::raw: break;
    }
    return errc::value_not_for_format;
}

}  // namespace

const std::error_category& category() noexcept {
    static const management_object_category instance;
    return instance;
}

std::optional<file_form> form_named(std::string_view name) noexcept {
    struct named {
        std::string_view name;
        file_form form;
    };
    static constexpr std::array<named, 6> forms{{{"raw", file_form::raw},
                                                 {"spn", file_form::spn},
                                                 {"oplmn_wact", file_form::oplmn_wact},
                                                 {"plmn_list", file_form::plmn_list},
                                                 {"smsp", file_form::smsp},
                                                 {"text_utf8", file_form::text_utf8}}};
    for (const auto& form : forms) {
        if (form.name == name) return form.form;
    }
    return std::nullopt;
}

wire::result<wire::octets> make_image(const image_request& request) {
    if (request.value.empty()) return errc::value_missing;
    OTA_TRY(auto image, make_unpadded(request));
    if (image.size() > request.size) return errc::value_too_long;
    image.resize(request.size, 0xFF);
    return image;
}

}  // namespace ota::management_object
