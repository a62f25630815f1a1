#include "gateway/http/ask.hpp"

#include <netdb.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <memory>

namespace ota::http {

namespace {

constexpr std::size_t longest_answer = 64 * 1024;

class peer {
public:
    peer(const addrinfo& to, std::chrono::milliseconds patience)
        : fd_(::socket(to.ai_family, to.ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC, to.ai_protocol)),
          patience_(patience) {
        if (fd_ < 0) return;
        if (::connect(fd_, to.ai_addr, to.ai_addrlen) == 0) connected_ = true;
        if (connected_ || errno != EINPROGRESS || !wait(POLLOUT)) return;
        int fault = 0;
        socklen_t size = sizeof fault;
        connected_ = ::getsockopt(fd_, SOL_SOCKET, SO_ERROR, &fault, &size) == 0 && fault == 0;
    }
    peer(const peer&) = delete;
    peer& operator=(const peer&) = delete;
    ~peer() {
        if (fd_ >= 0) ::close(fd_);
    }

    [[nodiscard]] bool connected() const noexcept { return connected_; }
    /// False: it shows another certificate, or speaks no TLS.
    bool secure(const std::string& certificate) {
        context_.reset(::SSL_CTX_new(::TLS_client_method()));
        if (!context_ || ::SSL_CTX_load_verify_file(context_.get(), certificate.c_str()) != 1) return false;
        ::X509_VERIFY_PARAM_set_flags(::SSL_CTX_get0_param(context_.get()), X509_V_FLAG_PARTIAL_CHAIN);
        ::SSL_CTX_set_verify(context_.get(), SSL_VERIFY_PEER, nullptr);
        tls_.reset(::SSL_new(context_.get()));
        return tls_ && ::SSL_set_fd(tls_.get(), fd_) == 1 && repeat([this] { return ::SSL_connect(tls_.get()); }) == 1;
    }
    bool send(std::string_view text) {
        if (tls_) return repeat([&] { return ::SSL_write(tls_.get(), text.data(), static_cast<int>(text.size())); }) == static_cast<int>(text.size());
        while (!text.empty()) {
            const auto put = ::send(fd_, text.data(), text.size(), MSG_NOSIGNAL);
            if (put < 0 && errno == EAGAIN && wait(POLLOUT)) continue;
            if (put <= 0) return false;
            text.remove_prefix(static_cast<std::size_t>(put));
        }
        return true;
    }
    /// Up to the end of the connection.
    std::optional<std::string> receive() {
        std::string text;
        char piece[4096];
        while (text.size() < longest_answer && (tls_ || wait(POLLIN))) {
            const auto got = tls_ ? repeat([&] { return ::SSL_read(tls_.get(), piece, sizeof piece); }) : ::recv(fd_, piece, sizeof piece, 0);
            if (tls_ && got <= 0) return ::SSL_get_error(tls_.get(), static_cast<int>(got)) == SSL_ERROR_ZERO_RETURN ? std::optional(text) : std::nullopt;
            if (got < 0 && (errno == EAGAIN || errno == EINTR)) continue;
            if (got < 0) break;
            if (got == 0) return text;
            text.append(piece, static_cast<std::size_t>(got));
        }
        return std::nullopt;
    }

private:
    bool wait(short what) {
        pollfd p{fd_, what, 0};
        return ::poll(&p, 1, static_cast<int>(patience_.count())) == 1;
    }

    // A step of TLS, which may want to read or write first.
    template <class Step>
    int repeat(Step step) {
        for (;;) {
            const int done = step();
            const int why = done > 0 ? SSL_ERROR_NONE : ::SSL_get_error(tls_.get(), done);
            const bool again = (why == SSL_ERROR_WANT_READ && wait(POLLIN)) || (why == SSL_ERROR_WANT_WRITE && wait(POLLOUT));
            if (!again) return done;
        }
    }

    template <auto Free>
    struct freed {
        void operator()(auto* it) const { Free(it); }
    };

    int fd_;
    std::unique_ptr<SSL_CTX, freed<&::SSL_CTX_free>> context_;
    std::unique_ptr<SSL, freed<&::SSL_free>> tls_;
    std::chrono::milliseconds patience_;
    bool connected_ = false;
};

/// "HTTP/1.1 200 OK", headers, an empty line, the body.
std::optional<answer> parse(std::string_view text) {
    constexpr std::string_view version = "HTTP/1.1 ";
    const auto head = text.find("\r\n\r\n");
    if (!text.starts_with(version) || head == std::string_view::npos) return std::nullopt;
    answer a;
    const auto* digits = text.data() + version.size();
    if (std::from_chars(digits, digits + 3, a.status).ptr != digits + 3) return std::nullopt;
    a.body = text.substr(head + 4);
    return a;
}

}  // namespace

std::optional<answer> ask(const std::string& address, std::uint16_t port, std::string_view path,
                          std::chrono::milliseconds patience, const std::string& certificate) {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    if (::getaddrinfo(address.c_str(), std::to_string(port).c_str(), &hints, &found) != 0) return std::nullopt;
    const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> all(found, ::freeaddrinfo);
    for (const auto* to = found; to != nullptr; to = to->ai_next) {
        peer gateway(*to, patience);
        if (!gateway.connected()) continue;
        if (!certificate.empty() && !gateway.secure(certificate)) return std::nullopt;
        std::string question = "GET ";
        question.append(path).append(" HTTP/1.1\r\nHost: ").append(address).append("\r\nConnection: close\r\n\r\n");
        if (!gateway.send(question)) return std::nullopt;
        const auto text = gateway.receive();
        return text ? parse(*text) : std::nullopt;
    }
    return std::nullopt;
}

}  // namespace ota::http
