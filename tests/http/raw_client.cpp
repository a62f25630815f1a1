#include "tests/http/raw_client.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <array>
#include <charconv>
#include <stdexcept>

namespace ota::http::testing {

raw_client::raw_client(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(socket_, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0)
        throw std::runtime_error("no server");
}

raw_client::~raw_client() { ::close(socket_); }

bool raw_client::send(std::string_view octets) {
    while (!octets.empty()) {
        const auto sent = ::send(socket_, octets.data(), octets.size(), MSG_NOSIGNAL);
        if (sent <= 0) return false;
        octets.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
}

bool raw_client::receive_some(std::chrono::milliseconds at_most) {
    pollfd wanted{socket_, POLLIN, 0};
    if (::poll(&wanted, 1, static_cast<int>(at_most.count())) <= 0) return false;
    std::array<char, 65536> octets{};
    const auto got = ::recv(socket_, octets.data(), octets.size(), 0);
    if (got <= 0) return false;
    received_.append(octets.data(), static_cast<std::size_t>(got));
    return true;
}

std::string raw_client::receive(bool head) {
    for (;;) {
        const auto end = received_.find("\r\n\r\n");
        if (end != std::string::npos) {
            std::size_t length = 0;
            const auto field = received_.find("Content-Length: ");
            if (!head && field < end) std::from_chars(&received_[field + 16], received_.data() + end, length);
            if (received_.size() >= end + 4 + length) {
                auto answer = received_.substr(0, end + 4 + length);
                received_.erase(0, answer.size());
                return answer;
            }
        }
        if (!receive_some(std::chrono::seconds(20))) return std::move(received_);
    }
}

std::string raw_client::receive_until(std::string_view end) {
    auto at = received_.find(end);
    for (; at == std::string::npos; at = received_.find(end)) {
        if (!receive_some(std::chrono::seconds(20))) return std::move(received_);
    }
    auto text = received_.substr(0, at + end.size());
    received_.erase(0, text.size());
    return text;
}

std::string raw_client::receive_until_closed(std::chrono::milliseconds at_most) {
    const auto deadline = std::chrono::steady_clock::now() + at_most;
    for (;;) {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
        if (left.count() <= 0) return received_ + "<open>";
        if (!receive_some(left) && std::chrono::steady_clock::now() < deadline) return std::move(received_);
    }
}

std::string ask_raw(std::uint16_t port, std::string_view octets) {
    raw_client client(port);
    client.send(octets);
    return client.receive_until_closed();
}

unsigned status_of(std::string_view answer) {
    unsigned status = 0;
    if (answer.starts_with("HTTP/1.1 ")) std::from_chars(answer.data() + 9, answer.data() + answer.size(), status);
    return status;
}

std::string_view body_of(std::string_view answer) {
    const auto end = answer.find("\r\n\r\n");
    return end == std::string_view::npos ? std::string_view{} : answer.substr(end + 4);
}

}  // namespace ota::http::testing
