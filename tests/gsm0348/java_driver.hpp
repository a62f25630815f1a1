#pragma once

#include <sys/types.h>
#include <cstdio>
#include <string>
#include <string_view>

namespace ota::gsm0348 {

/// A process of the Java driver: one line in, one line out.
class java_driver {
public:
    /// mode: `batch` (packets made and opened) or `card` (live cards). Throws when it cannot be started.
    explicit java_driver(const std::string& mode);
    ~java_driver();
    java_driver(const java_driver&) = delete;
    java_driver& operator=(const java_driver&) = delete;

    /// The line that answers `line`. Throws when the process has ended.
    [[nodiscard]] std::string ask(std::string_view line);

private:
    ::pid_t process_ = -1;
    std::FILE* to_ = nullptr;
    std::FILE* from_ = nullptr;
};

}  // namespace ota::gsm0348
