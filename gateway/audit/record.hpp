#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// The audit trail: who operated the gateway, in files that only grow, each record chained to the one before by its
/// hash.
namespace ota::audit {

/// What somebody did.
struct deed {
    std::string who, role, peer, method, path;
    unsigned status = 0;  ///< of the answer; 0: none, a note of the gateway itself
};

/// The end of a chain: number and hash (SHA-256, 64 small hexadecimal digits) of its last record.
struct head {
    std::uint64_t seq = 0;
    std::string hash = std::string(64, '0');
    friend bool operator==(const head&, const head&) = default;
};

/// A record as it stands in a file, with the end of its line:
///     {"seq":7,"time":"2026-03-01T12:00:00.000Z","who":..,"role":..,"peer":..,"method":..,"path":..,"status":200,
///      "previous":"<hash of record 6>","hash":"<SHA-256 of all before this comma>"}
/// Of a path the first 1024 octets. `at` moves on to this record.
[[nodiscard]] std::string serialize(const deed&, std::chrono::sys_time<std::chrono::milliseconds>, head& at);

/// A line without its end whose hash is right.
struct chained {
    head at;
    std::string previous;
};
/// Nothing: the line is no record, or some octet of it was altered.
[[nodiscard]] std::optional<chained> parse(std::string_view line);

}  // namespace ota::audit
