#include "queue/embedded/log_end.hpp"

#include "queue/embedded/crc32c.hpp"
#include "queue/errc.hpp"

#include <sys/file.h>

#include <array>
#include <cerrno>

namespace ota::queue::embedded {
namespace {

constexpr std::uint32_t mark = 0x4f544145;  // "OTAE"
constexpr std::size_t mark_octets = 32;

std::optional<log_end> parse_end(wire::octet_view in) noexcept {
    wire::reader r(in);
    const auto found = r.u32();
    log_end out;
    out.end = static_cast<std::int64_t>(r.u64());
    out.base = static_cast<std::int64_t>(r.u64());
    out.records = r.u64();
    const auto crc = r.u32();
    if (r.failed() || found != mark || crc != crc32c(in.first(mark_octets - 4))) return std::nullopt;
    if (out.base < 0 || out.end < out.base) return std::nullopt;
    return out;
}

}  // namespace

wire::result<std::optional<log_end>> read_end(const file& f) {
    // The mark is rewritten in place, so a reader without the lock may catch it half-way; the CRC tells, and the writer
    // is quick.
    std::optional<log_end> out;
    for (int attempt = 0; attempt < 100 && !out; ++attempt) {
        std::array<std::uint8_t, mark_octets> octets{};
        OTA_TRY(const auto n, read_at(f, octets, 0));
        if (n == 0) break;
        out = parse_end(wire::octet_view(octets).first(n));
    }
    return out;
}

wire::result<void> write_end(const disk_calls& calls, const file& f, const log_end& e) {
    wire::writer w(mark_octets);
    w.u32(mark).u64(static_cast<std::uint64_t>(e.end)).u64(static_cast<std::uint64_t>(e.base)).u64(e.records);
    w.u32(crc32c(w.buffer()));
    return write_at(calls, f, w.buffer(), 0);
}

wire::result<writer_lock> writer_lock::take(const file& f) {
    while (::flock(f.descriptor(), LOCK_EX) != 0)
        if (errno != EINTR) return errc::write_failed;
    return writer_lock(f.descriptor());
}

std::optional<writer_lock> writer_lock::try_to_take(const file& f) {
    if (::flock(f.descriptor(), LOCK_EX | LOCK_NB) != 0) return std::nullopt;
    return writer_lock(f.descriptor());
}

writer_lock::~writer_lock() {
    if (descriptor_ >= 0) ::flock(descriptor_, LOCK_UN);
}

}  // namespace ota::queue::embedded
