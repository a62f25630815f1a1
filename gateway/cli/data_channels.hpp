#pragma once

#include "gateway/bip/server.hpp"
#include "gateway/ops/metrics.hpp"
#include "gateway/profile/gateway_settings.hpp"

#include <functional>

namespace ota::cli {

/// The section `bip` as the server wants it, with the CAT_TP ports that the profiles name. dice: random octets of this start.
[[nodiscard]] bip::server_settings bip_server_settings_of(const gateway_settings&, wire::sip_key dice);

/// Brings the figures of the server, `otagw_bip_*`, up to date at each scrape.
void show_data_channels(ops::metrics&, std::function<bip::server_status()>);

}  // namespace ota::cli
