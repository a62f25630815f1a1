#pragma once

#include "gateway/api/book.hpp"

#include <map>
#include <string>

namespace ota::campaigns::testing {

struct entry_in_hand {
    http::role needs = http::role::read;
    api::answer does;
};
/// By "METHOD /path/{template}": what was added to any book.
std::map<std::string, entry_in_hand>& entries_in_hand();

}  // namespace ota::campaigns::testing
