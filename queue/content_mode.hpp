#pragma once

#include "queue/event.hpp"

#include <string>
#include <string_view>

/// The two content modes of a CloudEvent in a Kafka record [CloudEvents Kafka protocol binding 1.0.2, 3].
namespace ota::queue {

/// Attributes in headers `ce_<name>`, data in the payload: there is a header ce_specversion, and content-type is no
/// CloudEvents media type. Anything else is structured mode: the payload is the whole event.
[[nodiscard]] bool in_binary_mode(const record_headers&) noexcept;

/// A record in binary mode as the JSON of structured mode: what is stored or sealed of it needs no headers any more. A
/// payload that is no JSON value becomes `data_base64`. Header values are UTF-8 and are taken as they are (the binding
/// of Kafka encodes nothing, unlike that of HTTP); one that is not UTF-8 is left out, so its attribute is missing.
/// An attribute whose header stands twice stands twice.
[[nodiscard]] std::string to_structured_mode(std::string_view payload, const record_headers&);
/// The headers of such a record that its structured mode does not hold: neither `ce_<name>` nor content-type.
[[nodiscard]] record_headers beside_the_event(const record_headers&);

}  // namespace ota::queue
