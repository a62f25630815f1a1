#pragma once

#include <iosfwd>
#include <string>
#include <vector>

/// `otagw mo encode|decode|patch`: management objects as the files of cards, by hand.
namespace ota::object_tool {

struct streams {
    std::istream& in;       ///< read where a file is named "-"
    std::ostream& out;      ///< documents, octets of files, JSON
    std::ostream& err;      ///< complaints
    bool terminal = false;  ///< somebody looks at `out`: no octets go there
};

/// arguments: those after `mo`. Gives the exit status: 0 good; 1 failed (a document that cannot be read, an object that
/// does not fit); 2 wrong usage; 78 faults in the file of profiles.
[[nodiscard]] int run(const std::vector<std::string>& arguments, const streams&);

}  // namespace ota::object_tool
