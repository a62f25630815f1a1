#pragma once

#include "queue/embedded/embedded_log.hpp"
#include "queue/embedded/log_reader.hpp"
#include "queue/embedded/segments.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace ota::queue::testing {

/// A new directory below the system's temporary one, removed at the end.
class scratch {
public:
    scratch() {
        std::string pattern = (std::filesystem::temp_directory_path() / "otagw-queue-XXXXXX").string();
        path = ::mkdtemp(pattern.data());
    }
    scratch(const scratch&) = delete;
    scratch& operator=(const scratch&) = delete;
    ~scratch() {
        std::error_code ignored;
        std::filesystem::remove_all(path, ignored);
    }
    std::filesystem::path path;
};

inline embedded_log open_log(const std::filesystem::path& directory, embedded_log::options o = {}) {
    auto log = embedded_log::open(directory, std::move(o));
    if (!log) throw std::runtime_error(log.error().message());
    return std::move(log).value();
}

/// Appends each text as a record of its own batch; offsets of the records.
inline std::vector<std::int64_t> append_all(embedded_log& log, const std::vector<std::string>& texts) {
    std::vector<std::int64_t> offsets;
    for (const auto& text : texts) {
        const embedded::entry e{"key", text};
        const auto at = log.append({&e, 1}, wall_time(std::chrono::milliseconds(1)));
        if (!at) throw std::runtime_error(at.error().message());
        offsets.push_back(at.value().begin);
    }
    return offsets;
}

/// Payloads of everything from the reader's position on; a damaged record reads "!" and the number of its octets.
inline std::vector<std::string> read_all(log_reader& reader) {
    std::vector<std::string> out;
    for (;;) {
        const auto next = reader.next();
        if (!next) throw std::runtime_error(next.error().message());
        if (!next.value()) return out;
        const auto& r = *next.value();
        EXPECT_GT(r.next_offset, r.offset);
        EXPECT_EQ(r.next_offset, reader.position());
        out.push_back(r.damaged ? "!" + std::to_string(r.next_offset - r.offset) : std::string(r.content.payload));
    }
}

inline std::vector<std::string> read_log(const std::filesystem::path& directory) {
    auto reader = log_reader::open(directory);
    if (!reader) throw std::runtime_error(reader.error().message());
    return read_all(reader.value());
}

inline std::string slurp(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}
inline void spill(const std::filesystem::path& file, const std::string& octets) {
    std::ofstream(file, std::ios::binary | std::ios::trunc) << octets;
}

}  // namespace ota::queue::testing
