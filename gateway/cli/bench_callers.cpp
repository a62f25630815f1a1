#include "gateway/cli/bench_callers.hpp"

#include "gateway/http/answer_reader.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>

namespace ota::cli {

namespace {

using clock = std::chrono::steady_clock;

int connect_to(std::uint16_t port) {
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_port = htons(port);
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (fd < 0 || ::connect(fd, reinterpret_cast<sockaddr*>(&at), sizeof at) == 0) return fd;
    ::close(fd);
    return -1;
}

/// The child's work: one thread, one poll.
class callers {
public:
    callers(const callers_plan& plan, std::uint16_t port) : plan_(plan), port_(port) {
        for (unsigned i = 0; i < plan.streams; ++i) open_stream();
        asking_.resize(plan.connections);
    }

    /// Until `control` is closed.
    callers_report run(int control) {
        const auto period =
            std::chrono::duration_cast<clock::duration>(std::chrono::duration<double>(1 / plan_.calls_per_s));
        for (auto due = clock::now();;) {
            std::vector<pollfd> polled{{control, POLLIN, 0}};
            for (const int fd : streams_) polled.push_back({fd, POLLIN, 0});
            for (const auto& c : asking_) polled.push_back({c.fd, static_cast<short>(c.waits ? POLLIN : 0), 0});
            const auto left = std::chrono::ceil<std::chrono::milliseconds>(due - clock::now()).count();
            (void)::poll(polled.data(), polled.size(), static_cast<int>(std::max<std::int64_t>(left, 0)));
            if (polled[0].revents != 0) return report_;
            for (std::size_t i = 0; i < streams_.size(); ++i) {
                if (polled[1 + i].revents != 0) read_stream(streams_[i]);
            }
            for (std::size_t i = 0; i < asking_.size(); ++i) {
                if (asking_[i].waits && polled[1 + streams_.size() + i].revents != 0) read_answer(asking_[i]);
            }
            for (; due <= clock::now(); due += period) ask_one();
        }
    }

private:
    struct asker {
        int fd = -1;
        bool waits = false;
        http::answer_reader reader;
    };

    [[nodiscard]] std::string question(const std::string& path) const {
        return "GET " + path + " HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer " + plan_.token + "\r\n\r\n";
    }

    static bool send_all(int fd, const std::string& text) {
        return fd >= 0 && ::send(fd, text.data(), text.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(text.size());
    }

    void open_stream() {
        const int fd = connect_to(port_);
        if (send_all(fd, question("/api/v1/events"))) {
            streams_.push_back(fd);
        } else {
            ++report_.streams_lost;
        }
    }

    void read_stream(int& fd) {
        const auto got = ::recv(fd, piece_, sizeof piece_, MSG_DONTWAIT);
        if (got > 0) {
            report_.stream_octets += static_cast<std::uint64_t>(got);
        } else if (got == 0 || errno != EAGAIN) {
            ++report_.streams_lost;
            ::close(fd);
            fd = -1;  // poll passes over it
        }
    }

    void ask_one() {
        for (auto& c : asking_) {
            if (c.waits) continue;
            if (c.fd < 0) c.fd = connect_to(port_);
            c.reader = {};
            c.waits = send_all(c.fd, question(plan_.paths[asked_++ % plan_.paths.size()]));
            if (!c.waits) drop(c);
            return;
        }
        ++report_.refused;  // all connections wait: the server is behind
    }

    void read_answer(asker& c) {
        const auto got = ::recv(c.fd, piece_, sizeof piece_, MSG_DONTWAIT);
        if (got < 0 && errno == EAGAIN) return;
        if (got <= 0 || !c.reader.take({piece_, static_cast<std::size_t>(got)})) return drop(c);
        if (!c.reader.complete()) return;
        c.waits = false;
        ++(c.reader.status() == 200 ? report_.calls : report_.refused);
    }

    void drop(asker& c) {
        ++report_.refused;
        if (c.fd >= 0) ::close(c.fd);
        c = {};
    }

    const callers_plan& plan_;
    std::uint16_t port_;
    std::vector<int> streams_;
    std::vector<asker> asking_;
    std::size_t asked_ = 0;
    callers_report report_;
    char piece_[64 * 1024];
};

[[noreturn]] void be_callers(const callers_plan& plan, int control, int report) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    std::uint16_t port = 0;
    callers_report met;
    if (read(control, &port, sizeof port) == sizeof port) met = callers(plan, port).run(control);
    (void)!write(report, &met, sizeof met);
    _exit(0);
}

}  // namespace

std::unique_ptr<callers_process> callers_process::start(const callers_plan& plan, std::string& why) {
    int control[2], report[2];
    if (pipe2(control, O_CLOEXEC) != 0 || pipe2(report, O_CLOEXEC) != 0) {
        why = std::string("pipe: ") + std::strerror(errno);
        return nullptr;
    }
    std::unique_ptr<callers_process> p(new callers_process);
    p->pid_ = fork();
    if (p->pid_ == 0) {
        close(control[1]);
        close(report[0]);
        be_callers(plan, control[0], report[1]);
    }
    close(control[0]);
    close(report[1]);
    p->control_ = control[1];
    p->report_ = report[0];
    return p;
}

callers_process::~callers_process() {
    if (pid_ > 0) (void)stop();
}

bool callers_process::begin(std::uint16_t port) const { return write(control_, &port, sizeof port) == sizeof port; }

callers_report callers_process::stop() {
    callers_report met;
    close(control_);
    (void)!read(report_, &met, sizeof met);
    close(report_);
    waitpid(pid_, nullptr, 0);
    pid_ = -1;
    return met;
}

}  // namespace ota::cli
