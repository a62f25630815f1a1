#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ota::http {

struct answer {
    unsigned status = 0;
    std::string body;
};

/// One GET, for a command that asks a running gateway how it is. Waits `patience` for each step and reads 64 KiB at
/// most; nothing when nobody answers, or not with HTTP/1.1. `certificate`: a file; then under TLS, with the server that shows this very
/// certificate, or one of an authority in the file.
[[nodiscard]] std::optional<answer> ask(const std::string& address, std::uint16_t port, std::string_view path,
                                        std::chrono::milliseconds patience, const std::string& certificate = {});

}  // namespace ota::http
