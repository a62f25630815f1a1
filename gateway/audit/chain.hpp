#pragma once

#include "gateway/audit/record.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace ota::audit {

/// Follows a chain line by line. Pure.
class chain {
public:
    /// `expected`: a hash that must come; what was cut off the end took it along.
    explicit chain(std::optional<std::string> expected = {}) : expected_(std::move(expected)) {}

    /// Nothing when the line follows on the one before; else a sentence. The first line may be any record of a longer
    /// chain.
    [[nodiscard]] std::optional<std::string> follow(std::string_view line);
    [[nodiscard]] std::uint64_t records() const noexcept { return records_; }
    [[nodiscard]] std::uint64_t first() const noexcept { return first_; }
    [[nodiscard]] const head& at() const noexcept { return at_; }
    /// False: the expected hash did not come.
    [[nodiscard]] bool whole() const noexcept { return !expected_ || found_; }

private:
    std::optional<std::string> expected_;
    head at_;
    std::uint64_t records_ = 0, first_ = 0;
    bool found_ = false;
};

}  // namespace ota::audit
