#include "bench/process_times.hpp"

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

namespace ota::bench {
namespace {

namespace fs = std::filesystem;

struct stat_line {
    double own = 0, reaped_children = 0;
};

/// Fields 14 to 17 of /proc/PID/stat; the name in brackets may hold anything.
stat_line read_stat(const fs::path& file) {
    std::ifstream in(file);
    std::stringstream all;
    all << in.rdbuf();
    const auto text = all.str();
    const auto bracket = text.rfind(')');
    if (bracket == std::string::npos) return {};
    std::istringstream fields(text.substr(bracket + 1));
    std::string skipped;
    for (int i = 3; i < 14; ++i) fields >> skipped;
    double user = 0, system = 0, child_user = 0, child_system = 0;
    fields >> user >> system >> child_user >> child_system;
    const auto ticks = static_cast<double>(::sysconf(_SC_CLK_TCK));
    return {(user + system) / ticks, (child_user + child_system) / ticks};
}

}  // namespace

process_times times_of(pid_t pid) {
    const fs::path at = "/proc/" + std::to_string(pid);
    const auto of_all = read_stat(at / "stat");
    process_times out{of_all.own + of_all.reaped_children, 0};
    std::error_code gone;
    for (fs::directory_iterator task(at / "task", gone), end; !gone && task != end; task.increment(gone)) {
        out.busiest = std::max(out.busiest, read_stat(task->path() / "stat").own);
        std::ifstream children(task->path() / "children");
        for (pid_t child = 0; children >> child;) {
            const auto of_child = times_of(child);
            out.whole += of_child.whole;
            out.busiest = std::max(out.busiest, of_child.busiest);
        }
    }
    return out;
}

double resident_mebibytes(pid_t pid) {
    std::ifstream in("/proc/" + std::to_string(pid) + "/statm");
    double total = 0, resident = 0;
    in >> total >> resident;
    return resident * static_cast<double>(::sysconf(_SC_PAGESIZE)) / (1 << 20);
}

}  // namespace ota::bench
