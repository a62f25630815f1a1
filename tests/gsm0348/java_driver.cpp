#include "tests/gsm0348/java_driver.hpp"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>

namespace ota::gsm0348 {

java_driver::java_driver(const std::string& mode) {
    const std::string folder = OTA_GSM0348_DRIVER;
    if (!std::filesystem::exists(folder + "/classes/otagw/Driver.class"))
        throw std::runtime_error(
            "the Java driver is not built: run the test gsm0348.build_driver (needs a JDK 17 and Maven)");
    const std::string classes = folder + "/classes:" + folder + "/lib/*";
    int in[2], out[2];
    if (::pipe2(in, O_CLOEXEC) != 0 || ::pipe2(out, O_CLOEXEC) != 0)
        throw std::runtime_error("no pipe for the Java driver");
    std::signal(SIGPIPE, SIG_IGN);
    process_ = ::fork();
    if (process_ == 0) {
        ::dup2(in[0], STDIN_FILENO);
        ::dup2(out[1], STDOUT_FILENO);
        ::execlp("java", "java", "-XX:+UseSerialGC", "-cp", classes.c_str(), "otagw.Driver", mode.c_str(), nullptr);
        ::_exit(127);
    }
    ::close(in[0]);
    ::close(out[1]);
    to_ = ::fdopen(in[1], "w");
    from_ = ::fdopen(out[0], "r");
    if (process_ < 0 || !to_ || !from_) throw std::runtime_error("the Java driver could not be started");
}

java_driver::~java_driver() {
    std::fclose(to_);  // the end of its input ends it
    std::fclose(from_);
    ::waitpid(process_, nullptr, 0);
}

std::string java_driver::ask(std::string_view line) {
    std::fwrite(line.data(), 1, line.size(), to_);
    std::fputc('\n', to_);
    std::fflush(to_);
    std::string answer;
    for (int c; (c = std::getc(from_)) != '\n'; answer.push_back(static_cast<char>(c)))
        if (c == EOF) throw std::runtime_error("the Java driver has ended (is java installed?)");
    return answer;
}

}  // namespace ota::gsm0348
