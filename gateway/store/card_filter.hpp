#pragma once

#include "gateway/store/store.hpp"

namespace ota::store {

/// Everything of the filter but paging and limit. A label "key=value" names one label, "key" any value of it.
[[nodiscard]] bool passes(const card_row&, const card_filter&);

}  // namespace ota::store
