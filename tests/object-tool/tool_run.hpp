#pragma once

#include "gateway/object-tool/object_tool.hpp"
#include "secure-channel/wire/octets.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <sstream>

/// Calls of the tool, and the samples of the repository.
namespace ota::object_tool {

struct ran {
    int status;
    std::string out, err;
};

inline ran run_with(const std::vector<std::string>& arguments, const std::string& input = {}, bool terminal = false) {
    std::istringstream in(input);
    std::ostringstream out, err;
    const auto status = run(arguments, {in, out, err, terminal});
    return {status, out.str(), err.str()};
}

inline std::string source(const std::string& file) { return std::string(OTA_SOURCE_DIR) + "/" + file; }
inline std::string factory(const std::string& name) {
    return source("config/management-objects/factory/" + name + ".xml");
}

inline std::string contents(const std::string& file) {
    std::ifstream in(file, std::ios::binary);
    EXPECT_TRUE(in) << file;
    return {std::istreambuf_iterator<char>(in), {}};
}

/// A file of this test, by its name.
inline std::string written(const std::string& name, std::string_view octets) {
    const auto* test = testing::UnitTest::GetInstance()->current_test_info();
    const auto file = testing::TempDir() + "object-tool-" + test->name() + "-" + name;
    std::ofstream(file, std::ios::binary) << octets;
    return file;
}

inline std::string replaced(std::string text, std::string_view from, std::string_view to) {
    const auto at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return at == std::string::npos ? text : text.replace(at, from.size(), to);
}

inline std::vector<std::string> patching(const std::string& before, const std::string& after) {
    return {
        "patch", before, after, "--profile", "usim-aes-dm", "--profiles", source("config/profiles/usim-aes-dm.yaml")};
}

}  // namespace ota::object_tool
