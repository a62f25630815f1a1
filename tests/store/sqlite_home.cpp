#include "tests/store/sqlite_home.hpp"

#include <stdlib.h>

#include <stdexcept>

namespace ota::store {

folder::folder() {
    auto name = (std::filesystem::temp_directory_path() / "otagw-store-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no folder for the test");
    at_ = name;
}

folder::~folder() {
    std::error_code ignored;
    std::filesystem::remove_all(at_, ignored);
}

}  // namespace ota::store
