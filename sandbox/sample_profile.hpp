#pragma once

#include "gateway/profile/card_profile.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace ota::sandbox {

/// A file of config/ as it was when the program was built.
struct sample_file {
    std::string_view name;  ///< below config/
    std::string_view content;
};
[[nodiscard]] const std::vector<sample_file>& sample_files();

/// The profile usim-aes-dm of config/profiles, with its management objects. Null with `error` filled when the system
/// has no room for temporary files.
[[nodiscard]] std::shared_ptr<const card_profile> sample_profile(std::string& error);

}  // namespace ota::sandbox
