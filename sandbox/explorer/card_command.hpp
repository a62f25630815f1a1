#pragma once

#include <iosfwd>
#include <string>
#include <vector>

/// `otagw sandbox card`: a virtual card in a person's hand, or in a reader of the PC/SC daemon.
namespace ota::sandbox {

struct explorer_streams {
    std::istream& in;  ///< commands, when the arguments have none
    std::ostream& out;
    std::ostream& err;
    bool terminal = false;  ///< somebody types: a prompt, and an error ends nothing
};

/// arguments: those after `sandbox card`. Exit status: 0 good, 1 failed, 2 wrong usage. A script ends at its first
/// error.
[[nodiscard]] int run_card(const std::vector<std::string>& arguments, const explorer_streams&);

}  // namespace ota::sandbox
