#pragma once

#include "sandbox/explorer/card_command.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>
#include <string>
#include <vector>

/// Calls of `otagw sandbox card`.
namespace ota::sandbox {

struct called {
    int status;
    std::string out, err;
};

inline called call_card(std::vector<std::string> arguments, const std::string& typed = {}, bool terminal = false) {
    std::istringstream in(typed);
    std::ostringstream out, err;
    const auto status = run_card(arguments, {in, out, err, terminal});
    return {status, out.str(), err.str()};
}

inline std::string profile_file(const std::string& name) {
    return std::string(OTA_SOURCE_DIR) + "/config/profiles/" + name + ".yaml";
}

/// A command on a new card of the sample profile.
inline called on_card(const std::string& command) {
    return call_card({"--profile-file", profile_file("usim-aes-dm"), command});
}

/// The line that has the text; empty when none has.
inline std::string line_with(const std::string& text, const std::string& part) {
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);)
        if (line.find(part) != std::string::npos) return line;
    return {};
}

}  // namespace ota::sandbox
