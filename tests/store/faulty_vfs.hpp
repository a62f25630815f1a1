#pragma once

/// A file system for sqlite3 that fails on demand. While it lives it is the library's default.
namespace ota::store {

class faulty_vfs {
public:
    enum class fault {
        disk_full,   ///< writes: ENOSPC
        disk_error,  ///< writes, truncations and fsyncs: EIO
    };

    faulty_vfs();
    faulty_vfs(const faulty_vfs&) = delete;
    faulty_vfs& operator=(const faulty_vfs&) = delete;
    ~faulty_vfs();

    /// The n-th operation from now that can fail this way fails, and each one after it until `heal`.
    void fail_from(int n, fault how);
    void heal();
    /// Whether anything has failed since `fail_from`.
    [[nodiscard]] bool struck() const;
};

}  // namespace ota::store
