#pragma once

#include "secure-channel/wire/octets.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Node values as octets of elementary files, and the difference between two images.
namespace ota::management_object {

enum class errc {
    value_missing = 1,
    value_malformed,  ///< not of the form that the file wants
    value_too_long,
    value_not_for_format,
};
const std::error_category& category() noexcept;
inline std::error_code make_error_code(errc e) noexcept { return {static_cast<int>(e), category()}; }

/// Well-known forms. `raw` takes octets as they are (format bin, base64; or a text in hexadecimal under type
/// "application/x-hex").
enum class file_form : std::uint8_t { raw, spn, oplmn_wact, plmn_list, smsp, text_utf8 };
[[nodiscard]] std::optional<file_form> form_named(std::string_view) noexcept;

struct image_request {
    file_form form = file_form::raw;
    std::size_t size = 0;     ///< octets of the file or record
    std::string_view format;  ///< DM format of the event: bin, chr, ...; may be empty
    std::string_view type;
    bool value_is_json = false;  ///< the value is JSON text (array, object, number), not a plain text
    std::string_view value;
};
/// The whole image, padded with FF to the size.
///   spn:        text, or {"name": "..", "display": 0..3}        EF.SPN, TS 31.102 4.2.12 (17 octets)
///   oplmn_wact: [{"plmn": "26201", "act": ["utran","eutran","gsm","ngran"]}]   EF.OPLMNwACT, 4.2.53 (5 octets each)
///   plmn_list:  ["26202", "310410"]                              EF.FPLMN, 4.2.16 (3 octets each)
///   smsp:       {"alpha": "..", "service_centre": "+49171..", "pid": 0, "dcs": 0, "validity": 0..255} EF.SMSP, 4.2.27
///   (28+Y)
[[nodiscard]] wire::result<wire::octets> make_image(const image_request&);

/// A run of octets to write.
struct patch {
    std::size_t offset = 0;
    wire::octets octets;
    auto operator<=>(const patch&) const = default;
};
/// Smallest set of runs that turns `from` into `to` (equal sizes), when every run costs `overhead` octets more (an
/// UPDATE BINARY header: 5) and holds at most `longest` octets.
[[nodiscard]] std::vector<patch> difference(wire::octet_view from, wire::octet_view to, std::size_t overhead,
                                            std::size_t longest);

}  // namespace ota::management_object

template <>
struct std::is_error_code_enum<ota::management_object::errc> : std::true_type {};
