#pragma once

#include "gateway/api/settings_calls.hpp"
#include "gateway/flow/corridor.hpp"
#include "gateway/profile/gateway_settings.hpp"
#include "gateway/smpp/route_status.hpp"

#include <functional>
#include <memory>
#include <string>
#include <vector>

/// The whole gateway in one process: store, queue, bearer, corridor and HTTP, wired together. `run` and `sandbox` use
/// it.
namespace ota::cli {

struct process_options {
    bool http = true;
    std::uint16_t instance = 0;
    std::string settings_file;  ///< to be read again by `reload`
    /// Besides metrics and log, for a live view; called on the corridor's thread.
    std::function<void(const flow::commit_report&)> on_commit;
};

class gateway_process {
public:
    explicit gateway_process(gateway_settings, process_options);
    ~gateway_process();

    /// Opens everything and starts. False with `why` filled: a sentence that says what to do.
    [[nodiscard]] bool start(std::string& why);
    /// Why it did not start: the settings, not the surroundings.
    [[nodiscard]] bool misconfigured() const noexcept;
    /// A server does not answer now: another gateway_process may start later.
    [[nodiscard]] bool passing() const noexcept;
    /// A tool changed the store while this instance had no lease (R5): another gateway_process starts on what is there
    /// now.
    [[nodiscard]] bool outdated() const noexcept;
    /// Stops taking in, settles or leaves what is under way for the next start, unbinds, closes. False when the
    /// deadline came first (nothing is lost by that).
    bool stop(std::chrono::milliseconds deadline);

    /// Reads the settings file again and takes over what is new, all of it or nothing. Any thread, once it has started.
    api::reload_result reload();
    /// The same with settings that somebody has read.
    api::reload_result reload(gateway_settings);
    [[nodiscard]] api::running_settings settings() const;

    [[nodiscard]] std::uint16_t http_port() const noexcept;
    [[nodiscard]] std::vector<smpp::route_status> routes() const;
    [[nodiscard]] flow::corridor_status status() const;

private:
    struct parts;
    std::unique_ptr<parts> parts_;
};

}  // namespace ota::cli
