#pragma once

#include "gateway/api/settings_calls.hpp"
#include "gateway/ops/log.hpp"
#include "gateway/ops/metrics.hpp"

#include <functional>
#include <mutex>

/// Settings that change while the gateway runs: all of them at once, or none.
namespace ota::cli {

/// One part of the process that takes settings over: it checks all that it can, adds a sentence for each fault, and
/// gives what takes them over, which cannot fail any more. Empty: there is nothing to do.
using take_over = std::function<void()>;
using reload_part = std::function<take_over(const gateway_settings& running, const gateway_settings& fresh,
                                            std::vector<std::string>& changed, std::vector<std::string>& faults)>;

class reloader {
public:
    /// `file`: the settings file; empty: there is none, and every reload of it is refused.
    reloader(gateway_settings running, std::string file, ops::metrics&, ops::log&);

    /// Before the first reload.
    void add(reload_part part) { parts_.push_back(std::move(part)); }
    /// Reads the file again with everything that it names, and takes it over. Any thread.
    api::reload_result reload();
    /// The same with settings that somebody has read.
    api::reload_result reload(gateway_settings fresh);
    [[nodiscard]] api::running_settings running() const;

private:
    api::reload_result refuse(std::vector<std::string> faults);

    std::string file_;
    ops::log& log_;
    ops::counter done_, refused_;
    ops::gauge generation_, last_;
    std::vector<reload_part> parts_;
    std::recursive_mutex reloading_;  ///< one after the other; taken before the other one
    mutable std::mutex mutex_;        ///< of running_
    api::running_settings running_;
};

}  // namespace ota::cli
