#pragma once

#include "gateway/audit/record.hpp"

#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

namespace ota::audit {

struct trail_settings {
    std::string directory;
    std::string name;  ///< "audit-0": the file NAME.jsonl, and NAME.<last seq>.jsonl for those that are full
    std::size_t full_at_octets = 64 * 1024 * 1024;  ///< then the next file begins; the chain goes on
};

/// One chain that grows, in files of 0600. One process at a time has it open. Any thread.
class trail {
public:
    using clock = std::function<std::chrono::sys_time<std::chrono::milliseconds>()>;

    /// Goes on where the files end. A last line without its end (a crash cut it off) is kept aside in NAME.torn, and a
    /// record tells of it; a last line that is no record, or a file that another process has: nothing, with `why`, a
    /// sentence.
    [[nodiscard]] static std::unique_ptr<trail> open(trail_settings, clock, std::string& why);
    ~trail();
    trail(const trail&) = delete;
    trail& operator=(const trail&) = delete;

    /// Whether there is room for the records of the calls that are under way: to be asked before something is done.
    /// Room is kept in reserve, so that a disk that fills up takes none of them.
    [[nodiscard]] bool ready();
    /// The record is on the disk when this returns true. False: `why` says what failed, and nothing of it is left in
    /// the file.
    [[nodiscard]] bool append(const deed&, std::string& why);
    [[nodiscard]] head at() const;
    [[nodiscard]] std::optional<std::string> torn() const {
        return torn_;
    }  ///< where a torn line was put at the opening

private:
    trail(trail_settings, clock);
    bool take_up(std::string& why);
    bool open_file(std::string& why);
    bool set_torn_aside(std::size_t whole, std::string_view rest, std::string& why);
    bool reserve();
    bool begin_next_file(std::string& why);
    bool sync(std::uint64_t seq, std::string& why);
    [[nodiscard]] std::string path(std::string_view ending) const {
        return settings_.directory + "/" + settings_.name + std::string(ending);
    }

    const trail_settings settings_;
    const clock now_;
    std::optional<std::string> torn_;
    mutable std::mutex writing_;  ///< of what follows
    int file_ = -1;
    head at_;
    std::size_t size_ = 0, reserved_ = 0;
    std::mutex syncing_;  ///< who waits for it finds its record synced by who had it
    std::atomic<std::uint64_t> synced_{0};
};

}  // namespace ota::audit
