#pragma once

#include "gateway/store/sqlite.hpp"

#include <filesystem>
#include <string>

namespace ota::store {

/// A folder of its own that vanishes with the test.
class folder {
public:
    folder();
    folder(const folder&) = delete;
    folder& operator=(const folder&) = delete;
    ~folder();
    [[nodiscard]] std::string path(const std::string& name) const { return (at_ / name).string(); }

private:
    std::filesystem::path at_;
};

}  // namespace ota::store
