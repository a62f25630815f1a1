#include "tests/store/cutting_proxy.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <stdexcept>
#include <utility>

namespace ota::store {

namespace {

sockaddr_un address_of(const std::string& path) {
    sockaddr_un a{};
    a.sun_family = AF_UNIX;
    std::strncpy(a.sun_path, path.c_str(), sizeof a.sun_path - 1);
    return a;
}

void send_all(int to, std::string_view octets) {
    while (!octets.empty()) {
        const auto n = ::send(to, octets.data(), octets.size(), MSG_NOSIGNAL);
        if (n <= 0) return;  // the other side is gone: it is noticed when it is read from
        octets.remove_prefix(static_cast<std::size_t>(n));
    }
}

std::string receive(int from) {
    std::string octets(1 << 16, '\0');
    const auto n = ::recv(from, octets.data(), octets.size(), 0);
    octets.resize(n > 0 ? static_cast<std::size_t>(n) : 0);
    return octets;
}

/// Length of the first whole message, type and length field included; 0: not there yet.
std::size_t first_message(const std::string& octets) {
    if (octets.size() < 5) return 0;
    std::size_t length = 1;
    std::size_t said = 0;
    for (int i = 1; i < 5; ++i) said = said << 8 | static_cast<unsigned char>(octets[static_cast<std::size_t>(i)]);
    length += said;
    return octets.size() >= length ? length : 0;
}

bool is_commit(const std::string& octets) {
    return octets.front() == 'Q' && octets.find("; COMMIT") != std::string::npos;
}

}  // namespace

cutting_proxy::cutting_proxy(std::string server_socket, std::filesystem::path folder)
    : server_(std::move(server_socket)), folder_(std::move(folder)) {
    std::filesystem::create_directories(folder_);
    const auto at = address_of((folder_ / ".s.PGSQL.5432").string());
    listener_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (::bind(listener_, reinterpret_cast<const sockaddr*>(&at), sizeof at) != 0 || ::listen(listener_, 16) != 0)
        throw std::runtime_error("the proxy has no socket");
    worker_ = std::jthread([this] { work(); });
}

cutting_proxy::~cutting_proxy() {
    over_ = true;
    worker_.join();
    for (auto& p : pairs_) close(p);
    if (held_ >= 0) ::close(held_);
    ::close(listener_);
    std::error_code none;
    std::filesystem::remove_all(folder_, none);
}

void cutting_proxy::at_next_commit(cut how, int messages) {
    std::lock_guard guard(mutex_);
    plan_ = how;
    messages_ = messages;
    struck_ = false;
}

void cutting_proxy::close(pair& p) {
    ::close(p.client);
    if (p.server >= 0) ::close(p.server);
}

void cutting_proxy::welcome() {
    pair p;
    ++knocks_;
    p.client = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    const auto at = address_of(server_);
    p.server = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (refusing_ || ::connect(p.server, reinterpret_cast<const sockaddr*>(&at), sizeof at) != 0) return close(p);
    pairs_.push_back(std::move(p));
}

bool cutting_proxy::from_client(pair& p) {
    const auto octets = receive(p.client);
    if (octets.empty()) return false;
    std::lock_guard guard(mutex_);
    if (plan_ == cut::none || !is_commit(octets)) {
        send_all(p.server, octets);
        return true;
    }
    const auto plan = std::exchange(plan_, cut::none);
    struck_ = true;
    if (plan == cut::half) send_all(p.server, octets.substr(0, octets.size() / 2));
    if (plan == cut::held) {
        held_ = std::exchange(p.server, -1);
        held_octets_ = octets;
    }
    if (plan != cut::after) return false;
    p.messages_left = messages_;
    send_all(p.server, octets);
    return true;
}

bool cutting_proxy::from_server(pair& p) {
    const auto octets = receive(p.server);
    if (octets.empty()) return false;
    if (p.messages_left < 0) {
        send_all(p.client, octets);
        return true;
    }
    p.answer += octets;
    while (const auto length = first_message(p.answer)) {
        const bool ready = p.answer.front() == 'Z';  // the server has done all that it was told
        if (p.messages_left > 0) {
            --p.messages_left;
            send_all(p.client, p.answer.substr(0, length));
        }
        p.answer.erase(0, length);
        if (ready) return false;
    }
    return true;
}

void cutting_proxy::work() {
    while (!over_) {
        std::vector<pollfd> all{{listener_, POLLIN, 0}};
        for (const auto& p : pairs_) {
            all.push_back({p.client, POLLIN, 0});
            all.push_back({p.server, POLLIN, 0});
        }
        if (::poll(all.data(), all.size(), 20) <= 0) continue;
        std::vector<pair> going_on;
        for (std::size_t i = 0; i < pairs_.size(); ++i) {
            auto& p = pairs_[i];
            bool good = true;
            if (all[1 + 2 * i].revents != 0) good = from_client(p);
            if (good && all[2 + 2 * i].revents != 0) good = from_server(p);
            if (good)
                going_on.push_back(std::move(p));
            else
                close(p);
        }
        pairs_ = std::move(going_on);
        if (all.front().revents != 0) welcome();
    }
}

std::string cutting_proxy::release() {
    std::lock_guard guard(mutex_);
    send_all(held_, held_octets_);
    std::string said;
    for (;;) {
        const auto more = receive(held_);
        if (more.empty()) return said;
        said += more;
        auto rest = said;
        while (const auto length = first_message(rest)) {
            if (rest.front() == 'Z') return said;
            rest.erase(0, length);
        }
    }
}

}  // namespace ota::store
