#pragma once

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

/// Runs the real program as its users do.
namespace ota::system_test {

/// A process of the program, or another one; killed when it goes out of scope, or with the thread that made it.
class program {
public:
    using environment = std::map<std::string, std::string>;
    /// Output of both streams goes to `output_file`.
    program(std::vector<std::string> command, std::filesystem::path directory, std::filesystem::path output_file,
            environment = {});
    ~program();
    program(const program&) = delete;
    program& operator=(const program&) = delete;

    static constexpr int no_end = -1000;
    /// Exit code, or -signal; `no_end` when it still runs after so long.
    int wait(std::chrono::seconds at_most);
    [[nodiscard]] bool running();
    void signal(int number) const;
    [[nodiscard]] pid_t pid() const { return pid_; }
    [[nodiscard]] std::string output() const;
    /// Waits for a text in the output; the line that holds it, or empty.
    [[nodiscard]] std::string wait_for(const std::string& text, std::chrono::seconds at_most);

private:
    pid_t pid_ = -1;
    int status_ = 0;
    bool ended_ = false;
    std::filesystem::path output_;
};

/// The program under test: the build's own, or $OTAGW_UNDER_TEST.
[[nodiscard]] std::string otagw();

/// Runs to the end; exit code in `code`, the output returned.
std::string run(std::vector<std::string> command, const std::filesystem::path& directory, int& code,
                std::chrono::seconds at_most = std::chrono::seconds(120));

/// Asks every tenth of a second until it is so; false when it never was.
bool wait_until(const std::function<bool()>& so, std::chrono::seconds at_most);

/// A directory of the test's own, gone afterwards.
class workplace {
public:
    explicit workplace(const std::string& name);
    ~workplace();
    [[nodiscard]] const std::filesystem::path& path() const { return path_; }
    void write(const std::string& file, const std::string& text) const;

private:
    std::filesystem::path path_;
};

}  // namespace ota::system_test
