#include "queue/embedded/retention.hpp"

#include "queue/embedded/log_end.hpp"
#include "queue/embedded/segments.hpp"
#include "queue/errc.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace ota::queue {

using namespace embedded;

namespace {

wire::result<wall_time> last_written(const std::filesystem::path& path) {
    struct ::stat status {};
    if (::stat(path.c_str(), &status) != 0) return errc::read_failed;
    return wall_time(std::chrono::seconds(status.st_mtim.tv_sec) +
                     std::chrono::milliseconds(status.st_mtim.tv_nsec / 1'000'000));
}

}  // namespace

wire::result<std::int64_t> remove_segments(const std::filesystem::path& directory, std::int64_t before,
                                           wall_time older_than) {
    OTA_TRY(auto end, open_file(directory / end_file, O_RDWR));
    OTA_TRY(auto lock, writer_lock::take(end));
    OTA_TRY(const auto bases, list_segments(directory));
    if (bases.empty()) return errc::no_log;
    std::size_t kept = 0;
    for (; kept + 1 < bases.size() && bases[kept + 1] <= before; ++kept) {
        const auto path = segment_path(directory, bases[kept]);
        OTA_TRY(const auto written, last_written(path));
        if (written >= older_than) break;
        if (::unlink(path.c_str()) != 0) return errc::write_failed;
    }
    if (kept != 0) {
        OTA_TRY(sync_directory(disk_calls::of_the_system(), directory));
    }
    return bases[kept];
}

}  // namespace ota::queue
