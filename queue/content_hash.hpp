#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace boost::json {
class value;
}

namespace ota::queue {

/// SipHash, under a fixed key, of a subject and its data in canonical form: members sorted by name, no white space, one
/// form per number.
///
/// Why 64 bits are enough: hashes are compared only between two events of one source with one id, never across a table,
/// so a repeat that is no repeat stays unseen with a chance of 2^-64. Whoever searches for two contents with one hash
/// (the key is public) must publish both under an id of his own source, and gains that his second one is ignored.
/// SipHash, not FNV: every bit of the input must reach every bit of the result, since typical events differ in one
/// digit of a value.
[[nodiscard]] std::uint64_t content_hash(std::string_view subject, const boost::json::value& data);

}  // namespace ota::queue
