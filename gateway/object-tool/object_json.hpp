#pragma once

#include "gateway/object-tool/object_patch.hpp"

#include <string>

namespace ota::object_tool {

/// One object:
///     {"profile":"usim-aes-dm","object":"./IMPS","tar":"b00000","layout":"slotted","way":"patch","slack":true,
///      "ranges":[{"file":"6432","offset":98,"length":20},..],"packets":[{"script":"00a4..","octets":61,"sms":1}],
///      "octets":61,"sms":1,"rewrite":{"ranges":..,"packets":..,"octets":..,"sms":..}}
/// Objects of BER-TLV files have a "tag" in place of the offset, and "deleted":true when they go; slack is told of
/// slotted layouts.
[[nodiscard]] std::string serialize_patch(const object_patch&);

}  // namespace ota::object_tool
