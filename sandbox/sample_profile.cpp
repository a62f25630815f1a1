#include "sandbox/sample_profile.hpp"

#include "config/settings.hpp"
#include "gateway/profile/load_profiles.hpp"

#include <stdlib.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

namespace ota::sandbox {

namespace fs = std::filesystem;

namespace {

/// The files as files, as long as they are read.
class unpacked {
public:
    explicit unpacked(std::string& error) {
        auto pattern = (fs::temp_directory_path() / "otagw-sample-XXXXXX").string();
        if (::mkdtemp(pattern.data()) == nullptr) {
            error = pattern + ": " + std::strerror(errno);
            return;
        }
        path_ = pattern;
        for (const auto& file : sample_files()) {
            std::error_code ec;
            fs::create_directories((path_ / file.name).parent_path(), ec);
            std::ofstream out(path_ / file.name, std::ios::binary);
            if (!(out << file.content) || !out.flush()) error = (path_ / file.name).string() + ": cannot be written";
        }
    }
    unpacked(const unpacked&) = delete;
    unpacked& operator=(const unpacked&) = delete;
    ~unpacked() {
        std::error_code ec;
        if (!path_.empty()) fs::remove_all(path_, ec);
    }
    [[nodiscard]] const fs::path& path() const noexcept { return path_; }

private:
    fs::path path_;
};

}  // namespace

std::shared_ptr<const card_profile> sample_profile(std::string& error) {
    const unpacked files(error);
    if (!error.empty()) return nullptr;
    config::faults faults;
    profile_set all;
    load_profiles(
        config::document::load((files.path() / "profiles/usim-aes-dm.yaml").string(), faults).root().at("profiles"),
        all);
    for (const auto& one : faults.list()) error += (error.empty() ? "" : "\n") + config::to_string(one);
    return error.empty() && !all.empty() ? all.begin()->second : nullptr;
}

}  // namespace ota::sandbox
