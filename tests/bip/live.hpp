#pragma once

#include "gateway/bip/server.hpp"
#include "secure-channel/cat_tp/link.hpp"

#include <gtest/gtest.h>

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <condition_variable>
#include <functional>
#include <mutex>

/// A server on loopback, what it tells, and the cards' ends of sockets.
namespace ota::bip::testing_live {

using std::chrono::seconds;

/// What the server tells, and what it is answered on the spot.
class ear final : public bearer::link_observer {
public:
    void on_links(std::vector<bearer::link_event> what) override {
        const std::scoped_lock lock(mutex_);
        for (auto& each : what) {
            if (answer) answer(each);
            told_.push_back(std::move(each));
        }
        changed_.notify_all();
    }
    /// Waits until so many of a kind were told; all of them.
    template <class T>
    std::vector<std::pair<bearer::link_id, T>> wait(std::size_t count) {
        std::unique_lock lock(mutex_);
        std::vector<std::pair<bearer::link_id, T>> found;
        changed_.wait_for(lock, seconds(30), [&] {
            found.clear();
            for (const auto& each : told_) {
                if (const auto* t = std::get_if<T>(&each.what)) found.emplace_back(each.link, *t);
            }
            return found.size() >= count;
        });
        return found;
    }
    std::function<void(const bearer::link_event&)> answer;  ///< set before the server starts

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<bearer::link_event> told_;
};

inline secure_channel::key_encryption_key kek() {
    return secure_channel::key_encryption_key::load(secure_channel::secret(wire::octets(32, 1))).value();
}

inline server_settings on_loopback() {
    server_settings s;
    s.exchange.ports = {8080};
    s.callers.tags.identification = 0x36;
    s.tcp_port = 0;
    s.dice = {3, 4};
    return s;
}

class descriptor {
public:
    descriptor(int type, std::uint16_t port) : fd_(::socket(AF_INET, type, 0)) {
        sockaddr_in to{};
        to.sin_family = AF_INET;
        to.sin_port = htons(port);
        ::inet_pton(AF_INET, "127.0.0.1", &to.sin_addr);
        EXPECT_EQ(::connect(fd_, reinterpret_cast<sockaddr*>(&to), sizeof to), 0);
    }
    ~descriptor() { ::close(fd_); }
    descriptor(const descriptor&) = delete;
    descriptor& operator=(const descriptor&) = delete;

    void send(wire::octet_view octets) const {
        EXPECT_EQ(::send(fd_, octets.data(), octets.size(), MSG_NOSIGNAL), static_cast<ssize_t>(octets.size()));
    }
    /// What came within the time; nothing at the end of a stream.
    [[nodiscard]] std::optional<wire::octets> receive(int wait_in_ms) const {
        pollfd p{fd_, POLLIN, 0};
        if (::poll(&p, 1, wait_in_ms) <= 0) return std::nullopt;
        wire::octets out(65536);
        const auto size = ::recv(fd_, out.data(), out.size(), 0);
        out.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
        return out;
    }

private:
    int fd_;
};

/// A card with a real UDP socket.
class udp_card {
public:
    using link = cat_tp::link;

    udp_card(std::uint16_t port, wire::octets identification) : socket_(SOCK_DGRAM, port) {
        link::actions did;
        machine.emplace(cat_tp::link_settings{}, 8001, 8080, std::move(identification), 7, 1, now(), did);
        take(did);
    }
    /// Runs until it holds, for so long at most.
    bool run(const std::function<bool()>& holds) {
        const auto last = now() + seconds(30);
        while (!holds() && now() < last) {
            link::actions did;
            if (const auto datagram = socket_.receive(20); datagram && !datagram->empty()) {
                const auto p = cat_tp::parse(*datagram);
                if (p) machine->on_pdu(p.value(), now(), did);
            }
            machine->on_tick(now(), did);
            take(did);
        }
        return holds();
    }
    void send(wire::octets sdu) {
        link::actions did;
        EXPECT_TRUE(machine->send(std::move(sdu), now(), did));
        take(did);
    }

    std::optional<link> machine;
    bool open = false;
    std::vector<wire::octets> got;
    std::optional<link::ended> end;

private:
    static cat_tp::time_point now() { return std::chrono::steady_clock::now(); }
    void take(link::actions& did) {
        for (auto& each : did) {
            if (const auto* t = std::get_if<link::transmit>(&each)) socket_.send(t->datagram);
            if (std::holds_alternative<link::opened>(each)) open = true;
            if (auto* r = std::get_if<link::received>(&each)) got.push_back(std::move(r->sdu));
            if (const auto* e = std::get_if<link::ended>(&each)) end = *e;
        }
    }
    descriptor socket_;
};

}  // namespace ota::bip::testing_live
