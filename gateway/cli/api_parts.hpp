#pragma once

#include "gateway/api/calls.hpp"
#include "gateway/http/event_feed.hpp"
#include "gateway/profile/gateway_settings.hpp"

#include <memory>

namespace ota::cli {

/// Functions of the process that the API calls on the server's threads.
struct api_sources {
    std::function<cards::gateway_voice()> voice;
    std::function<flow::corridor_status()> flow;
    std::function<std::vector<smpp::route_status>()> routes;
    std::function<api::channel_figures()> channels;     ///< empty: there are no data channels
    std::function<std::vector<std::string>()> sources;  ///< of events, as the settings of the moment have them
};

/// What the HTTP API works with in a running gateway. The settings, store and key outlive it.
class api_parts {
public:
    api_parts(const gateway_settings&, const current_profiles&, store::store&,
              const secure_channel::key_encryption_key&, std::uint16_t instance);

    /// The corridor's thread.
    void on_commit(const flow::commit_report& r) { activity_.on_commit(r); }
    /// Somebody listens to the events. Any thread.
    [[nodiscard]] bool heard() const noexcept { return feed_.heard(); }
    /// Once a second.
    void tick() { activity_.tick(std::chrono::steady_clock::now()); }

    /// Adds every call but those of campaigns and settings.
    void add_to(api::book&, const http::token_table&, api_sources);

    [[nodiscard]] const cards::desk& desk() const noexcept { return desk_; }
    [[nodiscard]] http::event_feed& feed() noexcept { return feed_; }

private:
    [[nodiscard]] api::letter_room letters() const;

    const gateway_settings& settings_;
    cards::desk desk_;
    http::event_feed feed_;
    api::activity activity_{feed_};
    api::change_intake intake_;
    std::uint16_t instance_;
    store::wall_time started_at_;
};

}  // namespace ota::cli
