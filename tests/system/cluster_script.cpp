#include "tests/system/cluster_script.hpp"

#include <sstream>

namespace ota::system_test {

bool cluster_script::comes_up() {
    const bool up = !script_.wait_for("Ctrl-C stops everything", std::chrono::seconds(240)).empty();
    EXPECT_TRUE(up) << script_.output();
    return up;
}

std::string cluster_script::line(const std::string& beginning) const {
    std::istringstream lines(script_.output());
    for (std::string line; std::getline(lines, line);) {
        const auto at = line.find_first_not_of(' ');
        if (at != std::string::npos && line.compare(at, beginning.size(), beginning) == 0) return line.substr(at);
    }
    return {};
}

std::string cluster_script::type(const std::string& command, int& code) {
    return run({"bash", "-c", line("cd ") + '\n' + command}, place_.path(), code);
}

}  // namespace ota::system_test
