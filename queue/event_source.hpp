#pragma once

#include "secure-channel/wire/result.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace ota::queue {

/// One record of a source, as it lies there.
struct record {
    std::int32_t partition = 0;
    std::int64_t offset = 0;
    std::int64_t next_offset = 0;  ///< where the reader stands after this record
    std::string key;
    std::string payload;
    std::vector<std::pair<std::string, std::string>> headers;  ///< of a CloudEvent in binary mode, for example
    /// Of the record's time and content, by which a stored position recognises the topic that it was read from; 0 where
    /// an offset cannot come to mean another record.
    std::uint64_t mark = 0;
    /// The octets at this offset fail their checksum: the payload is what lies there, as it lies there. It starts with
    /// the log's own mark or is no JSON at all, so even a reader that ignores this flag makes a dead letter of it, and
    /// nothing is lost silently.
    bool damaged = false;
};

/// How far a partition was read: everything before `offset`; `mark` is of the record before it.
struct position {
    std::int64_t offset = 0;
    std::uint64_t mark = 0;
};

/// Partitions that a reader was given and that it lost, since it was last asked.
struct reassignment {
    std::vector<std::int32_t> gained, lost;
};

/// Where change events come from. The consumed offset lives in the store and moves in the transaction that takes the
/// events in; the source only seeks there and is told afterwards.
class event_source {
public:
    virtual ~event_source() = default;
    [[nodiscard]] virtual std::string name() const = 0;
    /// Readers share the partitions: a gained one yields nothing until `seek`, a lost one nothing more.
    [[nodiscard]] virtual reassignment reassigned() = 0;
    /// Next pull of the partition starts here; nothing: it was never read, and starts where the source's settings say.
    /// An error when what lies there is not what was read before (removed, or another topic of the same name), or when
    /// others have read further than this position (R3); std::errc::resource_unavailable_try_again while nothing speaks
    /// against it: ask again.
    [[nodiscard]] virtual wire::result<void> seek(std::int32_t partition, std::optional<position>) = 0;
    /// Up to `limit` records that are there now; never waits. Order within a partition is kept.
    [[nodiscard]] virtual wire::result<std::vector<record>> pull(std::size_t limit) = 0;
    /// True as soon as a pull may yield something; waits at most `milliseconds`. May be called from another thread than
    /// the one that pulls.
    [[nodiscard]] virtual bool wait(int milliseconds) = 0;
    /// What is before `next_offset` has been taken in and committed.
    virtual void commit(std::int32_t partition, std::int64_t next_offset) = 0;
    /// Records between the reader's position and the end, all partitions; -1 when unknown.
    [[nodiscard]] virtual std::int64_t lag() const = 0;
};

}  // namespace ota::queue
