#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace ota::http {

/// Threads of their own for the paths below a prefix: what waits there holds up nothing else.
struct lane {
    std::string prefix;
    unsigned threads = 1;
    std::size_t waiting = 64;  ///< requests that may wait for a thread; the next is answered 503
};

/// The lanes of a server. Any thread.
class lanes {
public:
    explicit lanes(const std::vector<lane>&);
    ~lanes();  ///< stops

    enum class verdict : std::uint8_t { none, taken, full };
    /// `none`: the path has no lane, or it has stopped; the caller runs `what` itself. `full`: nobody will run it.
    [[nodiscard]] verdict take(std::string_view path, std::function<void()> what);
    /// Runs what still waits, and ends the threads.
    void stop();

private:
    class crew;
    std::vector<std::unique_ptr<crew>> crews_;
};

}  // namespace ota::http
