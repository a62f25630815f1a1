#pragma once

#include "config/settings.hpp"
#include "gateway/profile/load_profiles.hpp"

#include <string>
#include <vector>

/// A small profile whose lines a test can replace, and what loading it tells.
struct profile_text {
    std::string spi = "\"1619\"", kic = "aes", kid = "aes", more, allow = "[]", nodes;

    [[nodiscard]] std::string yaml() const {
        return "- name: p\n  spi: " + spi + "\n  kic: " + kic + "\n  kid: " + kid + "\n  allow: " + allow + "\n" +
               more +
               "  applications:\n    - {name: USIM, tar: b00011, directory: [7fff]}\n    - {name: SIM, tar: b00010, "
               "class: a0}\n" +
               (nodes.empty() ? "" : "  nodes:\n" + nodes);
    }
};

struct loaded {
    ota::profile_set profiles;
    std::vector<std::string> told;  ///< "12 error nodes[0].uri: what"

    [[nodiscard]] const ota::card_profile& only() const { return *profiles.begin()->second; }
    [[nodiscard]] std::string all() const {
        std::string out;
        for (const auto& line : told) out += line + "\n";
        return out;
    }
};

inline loaded load_yaml(const std::string& yaml) {
    ota::config::faults faults;
    loaded out;
    ota::load_profiles(ota::config::document::parse(yaml, "p.yaml", faults).root(), out.profiles);
    for (const auto& f : faults.list()) {
        out.told.push_back(std::to_string(f.line) +
                           (f.is == ota::config::fault::severity::error ? " error " : " warning ") + f.path + ": " +
                           f.what);
    }
    return out;
}
inline loaded load(const profile_text& text) { return load_yaml(text.yaml()); }
