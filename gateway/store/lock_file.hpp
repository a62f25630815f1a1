#pragma once

#include "gateway/store/store.hpp"

namespace ota::store {

/// Holds `flock` on a file for as long as it lives: one gateway per store. The kernel frees it when the process ends.
class lock_file {
public:
    lock_file() = default;
    lock_file(lock_file&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    lock_file& operator=(lock_file&& other) noexcept {
        std::swap(fd_, other.fd_);
        return *this;
    }
    ~lock_file();

    /// `locked` when another process (or another lock_file) holds it, `io` when the file cannot be made.
    [[nodiscard]] static wire::result<lock_file> take(const std::string& path);

private:
    int fd_ = -1;
};

}  // namespace ota::store
