#pragma once

#include "sandbox/peers_options.hpp"
#include "sandbox/population.hpp"

#include <sys/types.h>

#include <memory>
#include <string>
#include <vector>

namespace ota::cli {

/// SMSC and cards in a child process, so that their CPU is counted apart. Made before the caller has threads.
class peers_process {
public:
    [[nodiscard]] static std::unique_ptr<peers_process> start(const sandbox::peers_options&, std::string& why);
    ~peers_process();

    [[nodiscard]] std::uint16_t port() const noexcept { return port_; }
    [[nodiscard]] double cpu_seconds() const;
    void stop();

private:
    peers_process() = default;
    pid_t pid_ = -1;
    int control_ = -1;  ///< closing it ends the child
    std::uint16_t port_ = 0;
};

/// When the first packet reached each card, microseconds since 1970, 0 for never; by index in the population.
[[nodiscard]] std::vector<std::uint64_t> first_arrivals(const std::string& journal, const sandbox::population&);

}  // namespace ota::cli
