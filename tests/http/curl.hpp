#pragma once

#include <array>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>

namespace ota::http::testing {

/// What a command prints.
inline std::string printed_by(const std::string& command) {
    std::unique_ptr<FILE, int (*)(FILE*)> pipe(::popen((command + " 2>&1").c_str(), "r"), ::pclose);
    std::string printed;
    std::array<char, 4096> some{};
    while (const auto read = std::fread(some.data(), 1, some.size(), pipe.get())) printed.append(some.data(), read);
    return printed;
}

/// What curl, a client that is not ours, prints.
inline std::string curl(const std::string& arguments) {
    return printed_by("curl --silent --show-error --noproxy '*' --max-time 30 " + arguments);
}

}  // namespace ota::http::testing
