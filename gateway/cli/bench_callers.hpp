#pragma once

#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace ota::cli {

/// Clients of the HTTP API: some follow the events, others ask at a fixed rate, over connections that stay open.
struct callers_plan {
    unsigned streams = 100;
    unsigned connections = 8;
    double calls_per_s = 200;
    std::string token;
    std::vector<std::string> paths;  ///< asked in turn
};

struct callers_report {
    std::uint64_t calls = 0, refused = 0;  ///< answered 200; answered otherwise, or not at all
    std::uint64_t stream_octets = 0, streams_lost = 0;
};

/// The clients in a child process, so that their CPU is counted apart. Made before the caller has threads.
class callers_process {
public:
    [[nodiscard]] static std::unique_ptr<callers_process> start(const callers_plan&, std::string& why);
    ~callers_process();
    callers_process(const callers_process&) = delete;
    callers_process& operator=(const callers_process&) = delete;

    /// They begin, at a server on this machine; once.
    [[nodiscard]] bool begin(std::uint16_t port) const;
    /// They end; what they met.
    callers_report stop();

private:
    callers_process() = default;
    pid_t pid_ = -1;
    int control_ = -1, report_ = -1;
};

}  // namespace ota::cli
