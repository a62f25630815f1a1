#pragma once

#include "tests/sandbox/bip/bip_bench.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <atomic>
#include <mutex>
#include <thread>

namespace ota::sandbox {

inline instant wall_clock() { return std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now()); }

/// The server of the tests on a UDP socket of this machine.
class bip_socket_server {
public:
    bip_socket_server() : socket_(::socket(AF_INET, SOCK_DGRAM, 0)) {
        sockaddr_in at{};
        at.sin_family = AF_INET;
        at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t length = sizeof at;
        EXPECT_EQ(::bind(socket_, reinterpret_cast<sockaddr*>(&at), length), 0);
        EXPECT_EQ(::getsockname(socket_, reinterpret_cast<sockaddr*>(&at), &length), 0);
        port = ntohs(at.sin_port);
        thread_ = std::thread([this] { run(); });
    }
    ~bip_socket_server() {
        ending_ = true;
        thread_.join();
        ::close(socket_);
    }
    template <class Look>
    auto with(Look look) {
        const std::scoped_lock lock(mutex_);
        return look(server_);
    }
    std::uint16_t port = 0;

private:
    void run() {
        std::array<std::uint8_t, 4096> buffer{};
        while (!ending_) {
            pollfd waiting{socket_, POLLIN, 0};
            (void)::poll(&waiting, 1, 5);
            const std::scoped_lock lock(mutex_);
            for (;;) {
                sockaddr_in from{};
                socklen_t length = sizeof from;
                const auto got = ::recvfrom(socket_, buffer.data(), buffer.size(), MSG_DONTWAIT,
                                            reinterpret_cast<sockaddr*>(&from), &length);
                if (got < 0) break;
                const auto& known = ids_.try_emplace(ntohs(from.sin_port), ids_.size() + 1).first->second;
                addresses_[known] = from;
                server_.on_datagram(known, wire::octet_view(buffer).first(static_cast<std::size_t>(got)), wall_clock());
            }
            server_.on_tick(wall_clock());
            for (const auto& one : std::exchange(server_.out, {})) {
                const auto& to = addresses_.at(one.to);
                (void)::sendto(socket_, one.data.data(), one.data.size(), 0, reinterpret_cast<const sockaddr*>(&to),
                               sizeof to);
            }
        }
    }
    int socket_;
    std::atomic<bool> ending_{false};
    std::mutex mutex_;
    bip_server server_;
    std::map<std::uint16_t, channel_id> ids_;
    std::map<channel_id, sockaddr_in> addresses_;
    std::thread thread_;
};

}  // namespace ota::sandbox
