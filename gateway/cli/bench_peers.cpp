#include "gateway/cli/bench_peers.hpp"

#include "sandbox/journal.hpp"
#include "sandbox/peers.hpp"

#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstring>
#include <variant>

namespace ota::cli {

namespace {

/// The child: peers until the other end of `control` is closed.
[[noreturn]] void be_peers(const sandbox::peers_options& options, int control, int port_out) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    sandbox::peers peers(options);
    std::string why;
    std::uint16_t port = peers.start(why) ? peers.port() : 0;
    (void)!write(port_out, &port, sizeof port);
    char byte = 0;
    (void)!read(control, &byte, 1);
    peers.stop();
    _exit(0);
}

}  // namespace

std::unique_ptr<peers_process> peers_process::start(const sandbox::peers_options& options, std::string& why) {
    int control[2], answer[2];
    if (pipe(control) != 0 || pipe(answer) != 0) {
        why = std::string("pipe: ") + std::strerror(errno);
        return nullptr;
    }
    std::unique_ptr<peers_process> p(new peers_process);
    p->pid_ = fork();
    if (p->pid_ == 0) {
        close(control[1]);
        close(answer[0]);
        be_peers(options, control[0], answer[1]);
    }
    close(control[0]);
    close(answer[1]);
    p->control_ = control[1];
    const auto got = read(answer[0], &p->port_, sizeof p->port_);
    close(answer[0]);
    if (got != sizeof p->port_ || p->port_ == 0) {
        why = "the SMSC and the cards do not start";
        return nullptr;
    }
    return p;
}

peers_process::~peers_process() { stop(); }

void peers_process::stop() {
    if (pid_ <= 0) return;
    close(control_);
    waitpid(pid_, nullptr, 0);
    pid_ = -1;
}

double peers_process::cpu_seconds() const {
    const auto file = "/proc/" + std::to_string(pid_) + "/stat";
    std::FILE* in = std::fopen(file.c_str(), "r");
    if (in == nullptr) return 0;
    unsigned long user = 0, system = 0;
    const int fields = std::fscanf(in, "%*d %*s %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &system);
    std::fclose(in);
    return fields == 2 ? static_cast<double>(user + system) / static_cast<double>(sysconf(_SC_CLK_TCK)) : 0;
}

std::vector<std::uint64_t> first_arrivals(const std::string& journal, const sandbox::population& who) {
    std::vector<std::uint64_t> out(who.size(), 0);
    sandbox::journal_extent extent;
    std::string error;
    (void)sandbox::read_journal(
        journal,
        [&](const sandbox::journal_record& record) {
            const auto* packet = std::get_if<sandbox::journal_packet>(&record);
            if (packet == nullptr) return;
            if (const auto card = who.find_iccid(packet->iccid); card && out[*card] == 0) out[*card] = packet->time_us;
        },
        extent, error);
    return out;
}

}  // namespace ota::cli
