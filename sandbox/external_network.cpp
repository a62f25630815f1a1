#include "sandbox/external_network.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

extern char** environ;  // NOLINT: POSIX declares it nowhere

namespace ota::sandbox {

namespace {

constexpr std::string_view no_report = "-";
constexpr std::string_view refusal = "!";

std::string_view next_word(std::string_view& line) {
    while (line.starts_with(' ')) line.remove_prefix(1);
    const auto end = line.find(' ');
    const auto word = line.substr(0, end);
    line.remove_prefix(word.size());
    return word;
}

}  // namespace

std::optional<sms_report> parse_external_answer(std::string_view line) {
    sms_report out;
    if (line.ends_with('\r')) line.remove_suffix(1);
    const auto first = next_word(line);
    if (first == refusal) {
        out.how = acknowledgement::refused;
        out.failure_cause = toolkit_busy;
        return out;
    }
    if (first != no_report) {
        auto report = wire::from_hex(first);
        if (!report || report.value().empty()) return std::nullopt;
        out.report = std::move(report).value();
    }
    for (auto word = next_word(line); !word.empty(); word = next_word(line)) {
        auto sent = wire::from_hex(word);
        if (!sent) return std::nullopt;
        out.submitted.push_back(std::move(sent).value());
    }
    return out;
}

bool external_network::start(const std::string& command, std::string& error) {
    std::array<int, 2> in{}, out{};
    if (::pipe2(in.data(), O_CLOEXEC) != 0 || ::pipe2(out.data(), O_CLOEXEC) != 0) {
        error = std::strerror(errno);
        return false;
    }
    posix_spawn_file_actions_t files;
    ::posix_spawn_file_actions_init(&files);
    ::posix_spawn_file_actions_adddup2(&files, in[0], STDIN_FILENO);
    ::posix_spawn_file_actions_adddup2(&files, out[1], STDOUT_FILENO);
    std::string shell = "sh", option = "-c", text = command;
    const std::array<char*, 4> arguments{shell.data(), option.data(), text.data(), nullptr};
    const auto fault = ::posix_spawn(&process_, "/bin/sh", &files, nullptr, arguments.data(), environ);
    ::posix_spawn_file_actions_destroy(&files);
    ::close(in[0]);
    ::close(out[1]);
    to_ = in[1];
    from_ = out[0];
    if (fault != 0) {
        process_ = -1;
        error = std::strerror(fault);
    }
    return fault == 0;
}

/// The program sees the end of its input, and is waited for.
external_network::~external_network() {
    if (to_ >= 0) ::close(to_);
    if (from_ >= 0) ::close(from_);
    if (process_ > 0) ::waitpid(process_, nullptr, 0);
}

bool external_network::send(std::string_view line) {
    while (!line.empty()) {
        const auto written = ::write(to_, line.data(), line.size());
        if (written < 0 && errno != EINTR) return false;
        if (written > 0) line.remove_prefix(static_cast<std::size_t>(written));
    }
    return true;
}

bool external_network::receive(std::string& line) {
    for (;;) {
        const auto end = received_.find('\n');
        if (end != std::string::npos) {
            line = received_.substr(0, end);
            received_.erase(0, end + 1);
            return true;
        }
        std::array<char, 4096> chunk;
        const auto got = ::read(from_, chunk.data(), chunk.size());
        if (got == 0 || (got < 0 && errno != EINTR)) return false;
        if (got > 0) received_.append(chunk.data(), static_cast<std::size_t>(got));
    }
}

sms_report external_network::deliver(const sms_deliver& sms) {
    std::string line(sms.msisdn);
    line.append(" ").append(wire::to_hex(sms.user_data)).append("\n");
    sms_report gone;
    gone.how = acknowledgement::none;
    if (to_ < 0 || !send(line) || !receive(line)) return gone;
    return parse_external_answer(line).value_or(gone);
}

}  // namespace ota::sandbox
