#pragma once

#include "secure-channel/wire/result.hpp"

#include <string>

namespace ota::object_tool {

inline constexpr int good = 0, failed = 1, wrong_usage = 2, bad_configuration = 78;

/// Why a call came to nothing, in a sentence that names the file and where in it. Never a value of a node (R24).
struct complaint {
    std::string text;
    int status = failed;
};

template <class T>
using answered = BOOST_OUTCOME_V2_NAMESPACE::basic_result<T, complaint, BOOST_OUTCOME_V2_NAMESPACE::policy::all_narrow>;

}  // namespace ota::object_tool
