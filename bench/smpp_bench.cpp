#include "bench/smpp_bench.hpp"

#include "gateway/smpp/client.hpp"
#include "gateway/smpp/server.hpp"
#include "tests/smpp/npm_peer.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <thread>
#include <utility>

namespace ota::bench {
namespace {

using namespace std::chrono_literals;

/// 140 octets of user data: a whole segment.
wire::octets segment() {
    wire::octets out{0x02, 0x70, 0x00};
    out.resize(140, 0xA5);
    return out;
}

bearer::submission message_of(std::int64_t number, const wire::octets& user_data, bearer::wall_time expires) {
    bearer::submission m;
    m.id.packet = number;
    m.destination = "4915100000000";
    m.user_data = user_data;
    m.expires = expires;
    return m;
}

/// Keeps a fixed number of messages in the client's hands, so that its window is always full.
class feeder final : public bearer::observer {
public:
    void on_submitted(std::vector<bearer::submitted> answers) override {
        std::size_t good = 0;
        for (const auto& a : answers) good += a.outcome == bearer::submit_outcome::accepted;
        accepted += good;
        if (running) feed(answers.size());
    }
    void on_delivered(std::vector<bearer::delivered>) override {}

    void feed(std::size_t count) {
        const auto expires = std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now()) + 1h;
        std::vector<bearer::submission> batch;
        batch.reserve(count);
        for (std::size_t i = 0; i < count; ++i) batch.push_back(message_of(++numbers_, user_data_, expires));
        sender->submit(std::move(batch));
    }

    smpp::client* sender = nullptr;
    std::atomic<std::uint64_t> accepted{0};
    std::atomic<bool> running{true};

private:
    wire::octets user_data_ = segment();
    std::int64_t numbers_ = 0;
};

/// Accepts everything at once.
class yes_sayer final : public smpp::server_observer {
public:
    void on_submit(std::vector<smpp::received_submit> submits) override {
        std::vector<smpp::response> answers;
        answers.reserve(submits.size());
        for (const auto& s : submits)
            answers.push_back({s.session, s.request, smpp::status::ok, std::to_string(++ids_), {}, true});
        target->respond(std::move(answers));
    }
    smpp::server* target = nullptr;

private:
    std::uint64_t ids_ = 0;
};

double seconds_of(const timeval& t) { return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6; }

double cpu_of_this_process() {
    rusage used{};
    getrusage(RUSAGE_SELF, &used);
    return seconds_of(used.ru_utime) + seconds_of(used.ru_stime);
}

struct run {
    double submits_per_s = 0;
    double cpu_us_per_submit = 0;
};

/// Submits for `seconds` to a server on this machine. CPU is of this whole process.
run drive(std::uint16_t port, unsigned window, double seconds) {
    smpp::client_settings settings;
    smpp::route_settings route;
    route.name = "bench";
    route.host = "127.0.0.1";
    route.port = port;
    route.system_id = "bench";
    route.password = "bench";
    route.window = window;
    route.reconnect_minimum = 50ms;
    settings.routes.push_back(route);
    feeder fed;
    smpp::client client(settings, fed);
    fed.sender = &client;
    client.start();
    fed.feed(window * 4);
    while (fed.accepted < window) std::this_thread::sleep_for(1ms);
    const auto before = fed.accepted.load();
    const auto cpu_before = cpu_of_this_process();
    const auto began = std::chrono::steady_clock::now();
    std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
    const auto done = static_cast<double>(fed.accepted.load() - before);
    const double cpu = cpu_of_this_process() - cpu_before;
    const double took = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
    fed.running = false;
    client.shutdown(5s);
    return {done / took, cpu * 1e6 / done};
}

/// What the system calls of one exchange cost by themselves: a process that answers 200 octets with 25 over loopback,
/// and here no more than send and recv. No client of any make uses less at window 1.
figure bare_exchange() {
    figure out{"smpp-cpu-per-bare-exchange", 0, "us", "send and recv only: the floor of window 1"};
    const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof at;
    auto* address = reinterpret_cast<sockaddr*>(&at);
    if (::bind(listener, address, length) != 0 || ::listen(listener, 1) != 0 ||
        ::getsockname(listener, address, &length) != 0) {
        ::close(listener);
        return out;
    }
    std::array<char, 4096> octets{};
    const int on = 1;
    const auto child = ::fork();
    if (child == 0) {
        const int served = ::accept(listener, nullptr, nullptr);
        ::setsockopt(served, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        while (::recv(served, octets.data(), octets.size(), 0) > 0 &&
               ::send(served, octets.data(), 25, MSG_NOSIGNAL) > 0) {
        }
        ::_exit(0);
    }
    const int client = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ::setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    constexpr int exchanges = 20'000;
    int done = 0;
    if (::connect(client, address, length) == 0) {
        const double before = cpu_of_this_process();
        while (done<exchanges&& ::send(client, octets.data(), 200, MSG_NOSIGNAL)> 0 &&
               ::recv(client, octets.data(), octets.size(), 0) > 0) {
            ++done;
        }
        if (done == exchanges) out.value = (cpu_of_this_process() - before) * 1e6 / exchanges;
    }
    ::close(client);
    ::close(listener);
    ::waitpid(child, nullptr, 0);
    return out;
}

figure own_rate(double seconds) {
    yes_sayer observer;
    smpp::server server({}, observer);
    observer.target = &server;
    std::string error;
    if (!server.start(error)) return {"smpp-submits", 0, "submits/s", error};
    const auto measured = drive(server.port(), 100, seconds);
    server.stop();
    return {"smpp-submits", measured.submits_per_s, "submits/s", ">= 300000"};
}

void compare(unsigned window, double seconds, const std::filesystem::path& project, std::vector<figure>& out) {
    const auto name = "smpp-cpu-per-submit-window-" + std::to_string(window);
    smpp::npm::peer smsc(project, "smsc 0");
    const auto port = std::atoi(smsc.line().c_str());
    if (port == 0) {
        out.push_back({name, 0, "us", "the npm server did not start"});
        return;
    }
    double theirs = 0;
    double their_rate = 0;
    {
        smpp::npm::peer esme(
            project, "bench " + std::to_string(port) + " " + std::to_string(window) + " " + std::to_string(seconds));
        if (std::sscanf(esme.line().c_str(), "%lf %lf", &their_rate, &theirs) != 2) their_rate = theirs = 0;
    }
    const auto ours = drive(static_cast<std::uint16_t>(port), window, seconds);
    out.push_back(
        {name, ours.cpu_us_per_submit, "us", "<= " + std::to_string(theirs / 4) + " (a quarter of npm smpp)"});
    out.push_back({name + "-npm", theirs, "us", ""});
    out.push_back({"smpp-submits-to-npm-window-" + std::to_string(window), ours.submits_per_s, "submits/s",
                   "npm smpp: " + std::to_string(their_rate)});
}

}  // namespace

std::vector<figure> smpp_figures(double seconds) {
    std::vector<figure> out{bare_exchange()};  // forks: before any thread is made
    out.push_back(own_rate(seconds));
    auto project = std::filesystem::temp_directory_path() / "otagw-smpp-npm";
    if (!smpp::npm::install(std::filesystem::path(OTA_SOURCE_DIR) / "tests/smpp/npm", project)) project.clear();
    for (unsigned window : {1U, 10U, 100U}) {
        if (project.empty()) {
            out.push_back({"smpp-cpu-per-submit-window-" + std::to_string(window), 0, "us",
                           "not compared: npm could not install smpp"});
            continue;
        }
        compare(window, seconds, project, out);
    }
    return out;
}

}  // namespace ota::bench
