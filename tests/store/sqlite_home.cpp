#include "tests/store/sqlite_home.hpp"

#include <stdlib.h>
#include <unistd.h>

#include <stdexcept>

namespace ota::store {

folder::folder() {
    // In memory where that is possible: the cases commit thousands of times, and none of them asks for a real disk.
    std::error_code ignored;
    const std::filesystem::path memory = "/dev/shm";
    const auto parent = std::filesystem::is_directory(memory, ignored) && ::access(memory.c_str(), W_OK) == 0
                            ? memory
                            : std::filesystem::temp_directory_path();
    auto name = (parent / "otagw-store-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no folder for the test");
    at_ = name;
}

folder::~folder() {
    std::error_code ignored;
    std::filesystem::remove_all(at_, ignored);
}

}  // namespace ota::store
