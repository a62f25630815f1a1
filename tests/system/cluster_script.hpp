#pragma once

#include "tests/system/program.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace ota::system_test {

/// `./dev cluster` as a person uses it: by what it prints, and by the files that it says.
class cluster_script : public testing::Test {
protected:
    explicit cluster_script(const std::string& program = otagw())
        : script_(command(program, here()), place_.path(), place_.path() / "script.out") {}
    static std::vector<std::string> command(const std::string& program, const std::filesystem::path& directory) {
        return {OTA_SOURCE_DIR "/sandbox/cluster.sh", program, OTA_KAFKA_LIB, directory.string()};
    }

    /// Until it says what there is; false with the test failed when it never does.
    [[nodiscard]] bool comes_up();
    /// The printed line that begins so, after spaces.
    [[nodiscard]] std::string line(const std::string& beginning) const;
    /// What a person types in another terminal, once the script has said where.
    std::string type(const std::string& command, int& code);
    /// The cluster's own directory.
    [[nodiscard]] std::filesystem::path here() const { return place_.path() / "cluster"; }

    workplace place_{"cluster"};
    program script_;
};

}  // namespace ota::system_test
