#pragma once

#include "gateway/api/book.hpp"
#include "gateway/campaigns/operate.hpp"

/// Campaigns in the HTTP API: /api/v1/campaigns.
namespace ota::campaigns {

/// `office` and what it names outlive the book.
void add_calls(api::book&, const office&);

}  // namespace ota::campaigns
