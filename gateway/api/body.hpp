#pragma once

#include "gateway/http/message.hpp"

#include <boost/json/fwd.hpp>

#include <memory>
#include <optional>
#include <string>
#include <string_view>

/// A JSON object as the body of a call.
namespace ota::api {

/// Null when the text is no JSON object, or one in which a member stands twice. An empty body is an object without
/// members.
[[nodiscard]] std::shared_ptr<const boost::json::object> object_of(std::string_view body);
[[nodiscard]] http::response not_an_object();

/// Nothing: absent, or no text.
[[nodiscard]] std::optional<std::string> text_member(const boost::json::object&, std::string_view name);
/// `absent` when it is absent or null; nothing when it is no boolean.
[[nodiscard]] std::optional<bool> flag_member(const boost::json::object&, std::string_view name, bool absent);

}  // namespace ota::api
