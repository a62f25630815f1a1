#include "gateway/store/lock_file.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>

namespace ota::store {

lock_file::~lock_file() {
    if (fd_ >= 0) ::close(fd_);
}

wire::result<lock_file> lock_file::take(const std::string& path) {
    lock_file lock;
    lock.fd_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (lock.fd_ < 0) return errc::io;
    if (::flock(lock.fd_, LOCK_EX | LOCK_NB) != 0) return errno == EWOULDBLOCK ? errc::locked : errc::io;
    return lock;
}

}  // namespace ota::store
