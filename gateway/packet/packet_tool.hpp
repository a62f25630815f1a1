#pragma once

#include <iosfwd>
#include <string>
#include <vector>

/// `otagw packet seal|open|open-response|decode-cat-tp|batch`: secured packets and CAT_TP PDUs by hand, and by the line
/// for other programs.
namespace ota::packet_tool {

/// arguments: those after `packet`. Packets and JSON go to `out`, one a line, complaints to `err`; `in` is read by
/// `batch`. Gives the exit status: 0 good; 1 failed (a malformed packet, keys wrong or missing, a check that does not
/// hold); 2 wrong usage. `batch` answers every line with a line and ends with 0 at the end of its input.
[[nodiscard]] int run(const std::vector<std::string>& arguments, std::istream& in, std::ostream& out,
                      std::ostream& err);

}  // namespace ota::packet_tool
