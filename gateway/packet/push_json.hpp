#pragma once

#include "secure-channel/wire/octets.hpp"

#include <boost/json/fwd.hpp>

#include <vector>

namespace ota::packet_tool {

/// The PUSHes among the commands of a script [TS 102 226, 9], an object each: which command it is (from 0), what it
/// asks, and its fields;
/// `{"command":0,"error":".."}` for one that a card would answer with 6A80. A password is told of, not shown by name.
[[nodiscard]] boost::json::array describe_pushes(const std::vector<wire::octets>& commands);

}  // namespace ota::packet_tool
