#include "gateway/store/witness.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cinttypes>
#include <cstdio>
#include <filesystem>

namespace ota::store {

namespace {

wire::result<void> sync_and_close(int fd, bool good) {
    good = good && ::fsync(fd) == 0;
    const int why = errno;
    ::close(fd);
    if (!good) return why == ENOSPC ? errc::full : errc::io;
    return wire::result<void>(boost::outcome_v2::in_place_type<void>);
}

wire::result<void> sync_folder(const std::string& of) {
    auto folder = std::filesystem::path(of).parent_path();
    if (folder.empty()) folder = ".";
    const int fd = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return errc::io;
    return sync_and_close(fd, true);
}

}  // namespace

wire::result<std::optional<witness>> witness::load(const std::string& path) {
    const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        if (errno == ENOENT) return std::optional<witness>();
        return errc::io;
    }
    char text[128] = {};
    const auto got = ::read(fd, text, sizeof text - 1);
    ::close(fd);
    if (got < 0) return errc::io;
    char uuid[33] = {};
    std::uint64_t commits = 0;
    if (std::sscanf(text, "otagw-witness 1 %32[0-9a-f] %" SCNu64, uuid, &commits) != 2) return errc::corrupt;
    return witness{uuid, commits};
}

wire::result<void> witness::save(const std::string& path) const {
    const auto fresh = path + "." + std::to_string(::getpid());
    const int fd = ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0) return errno == ENOSPC ? errc::full : errc::io;
    const auto text = "otagw-witness 1 " + uuid + " " + std::to_string(commits) + "\n";
    const auto put = ::write(fd, text.data(), text.size());
    if (auto saved = sync_and_close(fd, put == static_cast<ssize_t>(text.size())); !saved) {
        ::unlink(fresh.c_str());
        return saved;
    }
    if (::rename(fresh.c_str(), path.c_str()) != 0) return errc::io;
    return sync_folder(path);
}

}  // namespace ota::store
