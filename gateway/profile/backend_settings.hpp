#pragma once

#include "gateway/profile/gateway_settings.hpp"

namespace ota {

/// Read `store` and `queue`; relative file names start at `folder`.
void read_store(const config::node&, const std::string& folder, store_settings&);
void read_queue(const config::node&, const std::string& folder, queue_settings&);

}  // namespace ota
