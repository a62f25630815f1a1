#pragma once

#include "secure-channel/wire/octets.hpp"
#include "secure-channel/wire/result.hpp"

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <utility>

/// Files by descriptor, with errors as values of `queue::errc`.
namespace ota::queue::embedded {

/// The system calls that make octets durable. Tests put a failing disk here; everyone else leaves it as it is.
struct disk_calls {
    std::function<ssize_t(int, const void*, std::size_t, off_t)> write_at;
    std::function<int(int)> sync;
    [[nodiscard]] static disk_calls of_the_system();
};

/// An open file; closes it when it goes.
class file {
public:
    file() = default;
    explicit file(int descriptor) noexcept : descriptor_(descriptor) {}
    file(file&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
    file& operator=(file&& other) noexcept {
        std::swap(descriptor_, other.descriptor_);
        return *this;
    }
    ~file();

    [[nodiscard]] int descriptor() const noexcept { return descriptor_; }
    [[nodiscard]] bool is_open() const noexcept { return descriptor_ >= 0; }

private:
    int descriptor_ = -1;
};

/// flags as of open(2). `errc::no_log` when there is no such file, `no_permission`, `no_space`, `read_failed`.
[[nodiscard]] wire::result<file> open_file(const std::filesystem::path&, int flags);
[[nodiscard]] wire::result<std::int64_t> size_of(const file&);
/// Fills as much of `into` as the file has at `at`; the number of octets read.
[[nodiscard]] wire::result<std::size_t> read_at(const file&, std::span<std::uint8_t> into, std::int64_t at);
/// Writes all of it, or fails with `no_space` or `write_failed` having written some of it.
[[nodiscard]] wire::result<void> write_at(const disk_calls&, const file&, wire::octet_view, std::int64_t at);
[[nodiscard]] wire::result<void> sync(const disk_calls&, const file&);
[[nodiscard]] wire::result<void> cut(const file&, std::int64_t size);
/// Makes names that were added to or removed from a directory durable.
[[nodiscard]] wire::result<void> sync_directory(const disk_calls&, const std::filesystem::path&);

}  // namespace ota::queue::embedded
