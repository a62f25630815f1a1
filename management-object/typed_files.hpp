#pragma once

#include "management-object/elementary_file.hpp"

/// The files with a well-known form. Each makes the image without its padding to the size where the form itself leaves
/// the rest open; the value is JSON text when `value_is_json`, else the text itself.
namespace ota::management_object {

[[nodiscard]] wire::result<wire::octets> make_spn(const image_request&);
[[nodiscard]] wire::result<wire::octets> make_oplmn_wact(const image_request&);
[[nodiscard]] wire::result<wire::octets> make_plmn_list(const image_request&);
[[nodiscard]] wire::result<wire::octets> make_smsp(const image_request&);
/// The text of a value that is a plain text or a JSON string.
[[nodiscard]] wire::result<std::string> text_of(const image_request&);

}  // namespace ota::management_object
