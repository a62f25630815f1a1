#include "queue/embedded/disk.hpp"

#include "queue/errc.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace ota::queue::embedded {
namespace {

errc failure_of_write(int error) noexcept {
    return error == ENOSPC || error == EDQUOT || error == EFBIG ? errc::no_space : errc::write_failed;
}

}  // namespace

disk_calls disk_calls::of_the_system() { return {::pwrite, ::fdatasync}; }

file::~file() {
    if (descriptor_ >= 0) ::close(descriptor_);
}

wire::result<file> open_file(const std::filesystem::path& path, int flags) {
    for (;;) {
        const int descriptor = ::open(path.c_str(), flags | O_CLOEXEC, 0640);
        if (descriptor >= 0) return file(descriptor);
        if (errno == EINTR) continue;
        if (errno == ENOENT || errno == ENOTDIR) return errc::no_log;
        if (errno == EACCES || errno == EPERM || errno == EROFS) return errc::no_permission;
        return errno == ENOSPC || errno == EDQUOT ? errc::no_space : errc::read_failed;
    }
}

wire::result<std::int64_t> size_of(const file& f) {
    struct ::stat status {};
    if (::fstat(f.descriptor(), &status) != 0) return errc::read_failed;
    return std::int64_t{status.st_size};
}

wire::result<std::size_t> read_at(const file& f, std::span<std::uint8_t> into, std::int64_t at) {
    std::size_t read = 0;
    while (read < into.size()) {
        const auto n =
            ::pread(f.descriptor(), into.data() + read, into.size() - read, at + static_cast<std::int64_t>(read));
        if (n == 0) break;
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return errc::read_failed;
        read += static_cast<std::size_t>(n);
    }
    return read;
}

wire::result<void> write_at(const disk_calls& calls, const file& f, wire::octet_view in, std::int64_t at) {
    while (!in.empty()) {
        const auto n = calls.write_at(f.descriptor(), in.data(), in.size(), at);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return failure_of_write(errno);
        if (n == 0) return errc::no_space;
        in = in.subspan(static_cast<std::size_t>(n));
        at += n;
    }
    return BOOST_OUTCOME_V2_NAMESPACE::success();
}

wire::result<void> sync(const disk_calls& calls, const file& f) {
    if (calls.sync(f.descriptor()) != 0) return errc::sync_failed;
    return BOOST_OUTCOME_V2_NAMESPACE::success();
}

wire::result<void> cut(const file& f, std::int64_t size) {
    while (::ftruncate(f.descriptor(), size) != 0)
        if (errno != EINTR) return errc::write_failed;
    return BOOST_OUTCOME_V2_NAMESPACE::success();
}

wire::result<void> sync_directory(const disk_calls& calls, const std::filesystem::path& path) {
    OTA_TRY(auto directory, open_file(path, O_RDONLY | O_DIRECTORY));
    return sync(calls, directory);
}

}  // namespace ota::queue::embedded
