#include "gateway/cli/reload.hpp"

#include "gateway/profile/settings_difference.hpp"

#include <algorithm>

namespace ota::cli {
namespace {

std::string joined(const std::vector<std::string>& list) {
    std::string out;
    for (const auto& each : list) out += (out.empty() ? "" : "; ") + each;
    return out;
}

double seconds_of(std::chrono::system_clock::time_point at) {
    return std::chrono::duration<double>(std::chrono::floor<std::chrono::seconds>(at.time_since_epoch())).count();
}

}  // namespace

reloader::reloader(gateway_settings running, std::string file, ops::metrics& metrics, ops::log& log)
    : file_(std::move(file)),
      log_(log),
      done_(metrics.make_counter("otagw_reloads_total", "Reloads of the settings, by what came of them.",
                                 {{"state", "done"}})),
      refused_(metrics.make_counter("otagw_reloads_total", "Reloads of the settings, by what came of them.",
                                    {{"state", "refused"}})),
      generation_(metrics.make_gauge("otagw_settings_generation",
                                     "Generation of the settings that run; 1: those of the start.")),
      last_(metrics.make_gauge("otagw_settings_last_reload_timestamp_seconds",
                               "When the settings that run were taken over.")) {
    running_ = {1, std::chrono::system_clock::now(), file_,
                std::make_shared<const gateway_settings>(std::move(running))};
    generation_.set(1);
    last_.set(seconds_of(running_.loaded_at));
}

api::running_settings reloader::running() const {
    const std::lock_guard lock(mutex_);
    return running_;
}

api::reload_result reloader::refuse(std::vector<std::string> faults) {
    refused_.add();
    const auto generation = running().generation;
    log_.error("settings not reloaded: nothing was taken over",
               {{"generation", generation}, {"faults", joined(faults)}});
    return {false, generation, {}, std::move(faults)};
}

api::reload_result reloader::reload() {
    const std::lock_guard alone(reloading_);
    if (file_.empty())
        return refuse({"this gateway was started without a settings file: there is nothing to read again"});
    config::faults told;
    auto fresh = load_gateway_settings(file_, told);
    if (!told.any_error()) return reload(std::move(fresh));
    std::vector<std::string> faults;
    for (const auto& f : told.list())
        if (f.is == config::fault::severity::error) faults.push_back(to_string(f));
    return refuse(std::move(faults));
}

api::reload_result reloader::reload(gateway_settings fresh) {
    const std::lock_guard alone(reloading_);
    const auto before = running().settings;
    auto [fixed, changed] = difference_between(*before, fresh);
    std::vector<std::string> faults;
    for (const auto& name : fixed)
        faults.push_back(name + " is another one now, which a running gateway does not take over: restart it");
    std::vector<take_over> steps;
    for (const auto& part : parts_) steps.push_back(part(*before, fresh, changed, faults));
    if (!faults.empty()) return refuse(std::move(faults));
    for (const auto& step : steps)
        if (step) step();
    std::uint64_t generation = 0;
    {
        const std::lock_guard lock(mutex_);
        running_.settings = std::make_shared<const gateway_settings>(std::move(fresh));
        running_.loaded_at = std::chrono::system_clock::now();
        generation = ++running_.generation;
        last_.set(seconds_of(running_.loaded_at));
    }
    generation_.set(static_cast<double>(generation));
    done_.add();
    log_.info("settings reloaded",
              {{"generation", generation}, {"changed", changed.empty() ? std::string("nothing") : joined(changed)}});
    return {true, generation, std::move(changed), {}};
}

}  // namespace ota::cli
