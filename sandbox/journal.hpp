#pragma once

#include "sandbox/journal_record.hpp"

#include <cstdint>
#include <functional>
#include <string>

/// The cards' own diary: a file that outlives whatever happens to the gateway, and that the judge reads.
namespace ota::sandbox {

/// Appends records through a buffer. Not thread-safe.
class journal {
public:
    journal() = default;
    journal(const journal&) = delete;
    journal& operator=(const journal&) = delete;
    ~journal();

    /// Opens or creates; cuts off a torn tail. false with `error` filled when that fails.
    [[nodiscard]] bool open(const std::string& file, std::string& error);
    [[nodiscard]] bool is_open() const noexcept { return descriptor_ >= 0; }

    void write(const journal_record&);
    void write(const journal_packet&);
    void write(const journal_write&);
    /// Hands everything to the operating system.
    void flush();

    [[nodiscard]] std::uint64_t records() const noexcept { return records_; }
    /// A write that failed; nothing was written after it.
    [[nodiscard]] const std::string& failure() const noexcept { return failure_; }

private:
    template <class Record>
    void append(const Record&);

    int descriptor_ = -1;
    wire::writer buffer_;
    std::uint64_t records_ = 0;
    std::string failure_;
};

struct journal_extent {
    std::uint64_t records = 0;
    std::uint64_t octets = 0;  ///< of whole records
    std::uint64_t torn = 0;    ///< octets behind the last whole record
};

/// Reads a journal from its start to the first record that is not whole. false when the file cannot be read.
[[nodiscard]] bool read_journal(const std::string& file, const std::function<void(const journal_record&)>&,
                                journal_extent&, std::string& error);

}  // namespace ota::sandbox
