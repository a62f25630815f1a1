#pragma once

#include "gateway/api/overview.hpp"
#include "gateway/bip/server.hpp"
#include "gateway/flow/channel.hpp"
#include "gateway/ops/metrics.hpp"
#include "gateway/profile/gateway_settings.hpp"

#include <functional>
#include <mutex>
#include <vector>

namespace ota::cli {

/// The section `bip` as the server wants it, with the CAT_TP ports that the profiles name. dice: random octets of this
/// start.
[[nodiscard]] bip::server_settings bip_server_settings_of(const gateway_settings&, wire::sip_key dice);

/// What a PUSH tells cards. The ports that are open count where none is named for the public.
[[nodiscard]] flow::push_target push_target_of(const bip_settings&, std::uint16_t udp_port, std::uint16_t tcp_port);

/// The server is made before the corridor that it tells; this keeps what comes until then.
class link_relay final : public bearer::link_observer {
public:
    void on_links(std::vector<bearer::link_event>) override;
    void pass_to(bearer::link_observer&);

private:
    std::mutex mutex_;
    bearer::link_observer* to_ = nullptr;
    std::vector<bearer::link_event> kept_;
};

/// What the API tells of it.
[[nodiscard]] api::channel_figures channel_figures_of(const bip::server_status&);

/// Brings the figures of the server, `otagw_bip_*`, up to date at each scrape.
void show_data_channels(ops::metrics&, std::function<bip::server_status()>);

}  // namespace ota::cli
