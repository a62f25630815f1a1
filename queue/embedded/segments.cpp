#include "queue/embedded/segments.hpp"

#include "queue/errc.hpp"

#include <fcntl.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>

namespace ota::queue::embedded {
namespace {

constexpr std::string_view suffix = ".log";
constexpr std::size_t digits = 20;

wire::octets header_of(std::int64_t base) {
    wire::writer w(segment_header);
    w.put(wire::as_octets("OTAGWLOG")).u64(static_cast<std::uint64_t>(base));
    return w.take();
}

}  // namespace

std::filesystem::path segment_path(const std::filesystem::path& directory, std::int64_t base) {
    char name[32];
    std::snprintf(name, sizeof name, "%020lld.log", static_cast<long long>(base));
    return directory / name;
}

wire::result<std::vector<std::int64_t>> list_segments(const std::filesystem::path& directory) {
    std::vector<std::int64_t> out;
    std::error_code error;
    for (std::filesystem::directory_iterator it(directory, error), end; !error && it != end; it.increment(error)) {
        const auto name = it->path().filename().string();
        std::int64_t base = 0;
        if (name.size() != digits + suffix.size() || !name.ends_with(suffix)) continue;
        const auto [stop, bad] = std::from_chars(name.data(), name.data() + digits, base);
        if (bad == std::errc() && stop == name.data() + digits && base >= 0) out.push_back(base);
    }
    if (error == std::errc::no_such_file_or_directory || error == std::errc::not_a_directory) return errc::no_log;
    if (error) return error == std::errc::permission_denied ? errc::no_permission : errc::read_failed;
    std::sort(out.begin(), out.end());
    return out;
}

wire::result<file> open_segment(const std::filesystem::path& directory, std::int64_t base, int flags) {
    OTA_TRY(auto f, open_file(segment_path(directory, base), flags));
    std::array<std::uint8_t, segment_header> found{};
    OTA_TRY(const auto n, read_at(f, found, 0));
    if (n != found.size() || !std::ranges::equal(found, header_of(base))) return errc::not_a_log;
    return f;
}

wire::result<file> create_segment(const disk_calls& calls, const std::filesystem::path& directory, std::int64_t base) {
    OTA_TRY(auto f, open_file(segment_path(directory, base), O_RDWR | O_CREAT));
    OTA_TRY(const auto size, size_of(f));
    if (size >= segment_header) return open_segment(directory, base, O_RDWR);
    OTA_TRY(write_at(calls, f, header_of(base), 0));
    OTA_TRY(sync(calls, f));
    OTA_TRY(sync_directory(calls, directory));
    return f;
}

}  // namespace ota::queue::embedded
