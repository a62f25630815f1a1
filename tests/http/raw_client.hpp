#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace ota::http::testing {

/// A TCP client of plain system calls: it sends any octets, also wrong ones.
class raw_client {
public:
    explicit raw_client(std::uint16_t port);
    ~raw_client();
    raw_client(const raw_client&) = delete;
    raw_client& operator=(const raw_client&) = delete;

    /// False when the server has closed.
    bool send(std::string_view octets);
    /// One answer: header and as many octets of body as Content-Length says; what came until then if the server closes.
    std::string receive(bool head = false);
    /// What comes up to and with `end`; what came until then if the server closes.
    std::string receive_until(std::string_view end);
    /// All that comes until the server closes, or `at_most` passes (then it ends in "<open>").
    std::string receive_until_closed(std::chrono::milliseconds at_most = std::chrono::seconds(20));

private:
    bool receive_some(std::chrono::milliseconds at_most);
    int socket_ = -1;
    std::string received_;
};

/// Sends `octets` over a new connection and gives all that comes until the server closes.
std::string ask_raw(std::uint16_t port, std::string_view octets);

/// The status code of an answer; 0 when there is none.
unsigned status_of(std::string_view answer);
/// The body of an answer.
std::string_view body_of(std::string_view answer);

}  // namespace ota::http::testing
