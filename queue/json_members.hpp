#pragma once

#include <boost/json/fwd.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace ota::queue {

/// A member name that stands twice in one object of a JSON text.
struct repeated_member {
    std::string name;
    bool outermost = false;  ///< in the outermost object
    std::size_t offset = 0;  ///< of the second one
};

/// The first member name that stands twice, if any. JSON leaves open which one counts [RFC 8259, 4], and readers
/// differ: whoever signs an event off and whoever acts on it must not read two different ones. `text` is valid JSON,
/// `parsed` what became of it.
[[nodiscard]] std::optional<repeated_member> find_repeated_member(std::string_view text,
                                                                  const boost::json::value& parsed);

}  // namespace ota::queue
