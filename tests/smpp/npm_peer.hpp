#pragma once

#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <system_error>

/// The npm `smpp` library as a peer of the tests and the benchmark: tests/smpp/npm/peer.js, run by node.
namespace ota::smpp::npm {

/// Copies the project to `target` and installs its one dependency there, unless that has been done. False: node or npm
/// is missing, or the registry cannot be reached. Several processes may ask at once.
inline bool install(const std::filesystem::path& sources, const std::filesystem::path& target) {
    namespace fs = std::filesystem;
    std::error_code ec;
    fs::create_directories(target, ec);
    const int lock = ::open((target / "lock").c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600);
    if (lock < 0) return false;
    ::flock(lock, LOCK_EX);
    for (const auto* file : {"package.json", "package-lock.json", "peer.js"})
        fs::copy_file(sources / file, target / file, fs::copy_options::overwrite_existing, ec);
    bool there = !ec && fs::exists(target / "node_modules/smpp/package.json");
    if (!ec && !there) {
        const auto command = "cd '" + target.string() + "' && npm ci --silent --no-audit --no-fund >/dev/null 2>&1";
        there = std::system(command.c_str()) == 0 && fs::exists(target / "node_modules/smpp/package.json");
    }
    ::close(lock);
    return there;
}

/// peer.js as a process; killed when this goes.
class peer {
public:
    peer(const std::filesystem::path& project, const std::string& arguments) {
        const auto command = "cd '" + project.string() + "' && exec node peer.js " + arguments;
        std::array<int, 2> ends{};
        if (pipe(ends.data()) != 0) return;
        child_ = fork();
        if (child_ == 0) {
            dup2(ends[1], 1);
            ::close(ends[0]);
            ::close(ends[1]);
            execl("/bin/sh", "sh", "-c", command.c_str(), nullptr);
            _exit(127);
        }
        ::close(ends[1]);
        out_ = fdopen(ends[0], "r");
    }
    ~peer() {
        if (child_ > 0) {
            kill(child_, SIGTERM);
            waitpid(child_, nullptr, 0);
        }
        if (out_ != nullptr) fclose(out_);
    }
    peer(const peer&) = delete;
    peer& operator=(const peer&) = delete;

    /// Its next line of output; empty when it ended.
    std::string line() {
        std::string out;
        for (int c = 0; out_ != nullptr && (c = std::fgetc(out_)) != EOF && c != '\n';)
            out.push_back(static_cast<char>(c));
        return out;
    }

private:
    pid_t child_ = -1;
    std::FILE* out_ = nullptr;
};

}  // namespace ota::smpp::npm
