#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace ota::cli {

/// Who was turned away over HTTP, for the log: a line for each address, and no more than one a minute. Any thread.
class turned_away {
public:
    using time_point = std::chrono::steady_clock::time_point;

    struct line {
        std::string address;         ///< or "others"
        std::string reasons;         ///< since the line before: "failures 3, unknown-token 63"
        std::uint64_t refusals = 0;  ///< all of them
    };

    /// Beyond so many addresses within a minute, the others share a line.
    explicit turned_away(std::size_t addresses = 1000) : addresses_(addresses) {}

    void add(std::string_view address, std::string_view reason);
    /// To be told now: of addresses that came for the first time, or whose last line is a minute old.
    [[nodiscard]] std::vector<line> due(time_point now);

private:
    struct account {
        std::map<std::string, std::uint64_t, std::less<>> by_reason;
        time_point next;  ///< not before
    };

    const std::size_t addresses_;
    std::mutex mutex_;
    std::map<std::string, account, std::less<>> by_address_;
};

}  // namespace ota::cli
