#include "tests/system/program.hpp"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <thread>

namespace ota::system_test {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

program::program(std::vector<std::string> command, std::filesystem::path directory, std::filesystem::path output_file,
                 environment env)
    : output_(std::move(output_file)) {
    std::vector<char*> argv;
    for (auto& c : command) argv.push_back(c.data());
    argv.push_back(nullptr);
    const pid_t parent = ::getpid();
    pid_ = ::fork();
    if (pid_ < 0) throw std::runtime_error("fork");
    if (pid_ != 0) return;
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    ::signal(SIGINT, SIG_DFL);  // a shell that runs the tests beside itself has it ignored
    if (::getppid() != parent) ::_exit(126);
    if (::chdir(directory.c_str()) != 0) ::_exit(126);
    const int out = ::open(output_.c_str(), O_CREAT | O_TRUNC | O_WRONLY, 0600);
    ::dup2(out, 1);
    ::dup2(out, 2);
    for (const auto& [name, value] : env) ::setenv(name.c_str(), value.c_str(), 1);
    ::execvp(argv[0], argv.data());
    ::_exit(127);
}

program::~program() {
    if (!running()) return;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
}

bool program::running() {
    if (!ended_ && ::waitpid(pid_, &status_, WNOHANG) == pid_) ended_ = true;
    return !ended_;
}

int program::wait(std::chrono::seconds at_most) {
    const auto until = steady_clock::now() + at_most;
    while (running()) {
        if (steady_clock::now() > until) return no_end;
        std::this_thread::sleep_for(milliseconds(5));
    }
    return WIFSIGNALED(status_) ? -WTERMSIG(status_) : WEXITSTATUS(status_);
}

void program::signal(int number) const { ::kill(pid_, number); }

std::string program::output() const {
    std::ifstream in(output_);
    std::stringstream text;
    text << in.rdbuf();
    return text.str();
}

std::string program::wait_for(const std::string& text, std::chrono::seconds at_most) {
    const auto until = steady_clock::now() + at_most;
    while (steady_clock::now() < until) {
        std::istringstream lines(output());
        for (std::string line; std::getline(lines, line);) {
            if (line.find(text) != std::string::npos) return line;
        }
        if (!running()) break;
        std::this_thread::sleep_for(milliseconds(10));
    }
    return {};
}

std::string otagw() {
    const char* other = std::getenv("OTAGW_UNDER_TEST");
    return other != nullptr ? other : OTAGW_PROGRAM;
}

std::string run(std::vector<std::string> command, const std::filesystem::path& directory, int& code,
                std::chrono::seconds at_most) {
    program p(std::move(command), directory, directory / "last-run.out");
    code = p.wait(at_most);
    return p.output();
}

bool wait_until(const std::function<bool()>& so, std::chrono::seconds at_most) {
    const auto until = steady_clock::now() + at_most;
    while (!so()) {
        if (steady_clock::now() > until) return false;
        std::this_thread::sleep_for(milliseconds(100));
    }
    return true;
}

workplace::workplace(const std::string& name)
    : path_(std::filesystem::temp_directory_path() / ("otagw-test-" + name + "-" + std::to_string(::getpid()))) {
    std::filesystem::remove_all(path_);
    std::filesystem::create_directories(path_);
}

workplace::~workplace() {
    std::error_code ec;
    std::filesystem::remove_all(path_, ec);
}

void workplace::write(const std::string& file, const std::string& text) const { std::ofstream(path_ / file) << text; }

}  // namespace ota::system_test
