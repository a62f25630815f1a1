#include "gateway/http/ask_socket.hpp"

#include <netdb.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace ota::http {

namespace {

constexpr auto look_for_stop = std::chrono::milliseconds(100);

/// The peer has proven that it holds the key of the first certificate in this file.
bool shows(const SSL* session, const std::string& file) {
    const std::unique_ptr<BIO, decltype(&BIO_free)> in(BIO_new_file(file.c_str(), "r"), BIO_free);
    const std::unique_ptr<X509, decltype(&X509_free)> wanted(
        in ? PEM_read_bio_X509(in.get(), nullptr, nullptr, nullptr) : nullptr, X509_free);
    const std::unique_ptr<X509, decltype(&X509_free)> shown(SSL_get1_peer_certificate(session), X509_free);
    return wanted && shown && X509_cmp(wanted.get(), shown.get()) == 0;
}

}  // namespace

struct ask_socket::tls {
    std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context{SSL_CTX_new(TLS_client_method()), SSL_CTX_free};
    std::unique_ptr<SSL, decltype(&SSL_free)> session{nullptr, SSL_free};
};

ask_socket::ask_socket(const question& asked) : asked_(asked) {}

ask_socket::~ask_socket() {
    tls_.reset();
    if (fd_ >= 0) ::close(fd_);
}

std::optional<std::string> ask_socket::open() {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    const auto where = to_string(asked_.to);
    if (const int fault = ::getaddrinfo(asked_.to.host.c_str(), std::to_string(asked_.to.port).c_str(), &hints, &found);
        fault != 0) {
        return where + ": " + ::gai_strerror(fault);
    }
    const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> all(found, ::freeaddrinfo);
    for (const auto* to = found; to != nullptr; to = to->ai_next) {
        if (connect_to(*to)) return asked_.to.tls ? begin_tls() : std::nullopt;
    }
    return where + ": " + std::strerror(errno);
}

bool ask_socket::connect_to(const addrinfo& to) {
    if (fd_ >= 0) ::close(fd_);
    fd_ = ::socket(to.ai_family, to.ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC, to.ai_protocol);
    if (fd_ < 0) return false;
    if (::connect(fd_, to.ai_addr, to.ai_addrlen) == 0) return true;
    if (errno != EINPROGRESS) return false;
    if (!wait(POLLOUT)) {
        errno = ETIMEDOUT;
        return false;
    }
    int fault = 0;
    socklen_t size = sizeof fault;
    if (::getsockopt(fd_, SOL_SOCKET, SO_ERROR, &fault, &size) == 0 && fault == 0) return true;
    errno = fault;
    return false;
}

/// The server's certificate must be for the host that was asked for.
std::optional<std::string> ask_socket::begin_tls() {
    tls_ = std::make_unique<tls>();
    auto* const context = tls_->context.get();
    const bool pinned = !asked_.certificate.empty();
    const bool known = context != nullptr && (pinned || asked_.authorities.empty()
                                                  ? SSL_CTX_set_default_verify_paths(context) == 1
                                                  : SSL_CTX_load_verify_file(context, asked_.authorities.c_str()) == 1);
    if (!known) return "the authorities in " + asked_.authorities + " cannot be read";
    SSL_CTX_set_verify(context, pinned ? SSL_VERIFY_NONE : SSL_VERIFY_PEER, nullptr);
    SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
    tls_->session.reset(SSL_new(context));
    auto* const session = tls_->session.get();
    const auto& host = asked_.to.host;
    if (session == nullptr || SSL_set_fd(session, fd_) != 1) return "TLS cannot begin";
    if (pinned) {
        // What it shows is compared after the handshake.
    } else if (X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(session), host.c_str()) != 1) {
        ERR_clear_error();  // it is a name
        SSL_set_tlsext_host_name(session, host.c_str());
        if (SSL_set1_host(session, host.c_str()) != 1) return "TLS cannot begin";
    }
    for (;;) {
        ERR_clear_error();
        const int result = SSL_connect(session);
        if (result == 1 && (!pinned || shows(session, asked_.certificate))) return std::nullopt;
        if (result == 1)
            return to_string(asked_.to) + ": TLS: the server does not show the certificate in " + asked_.certificate;
        if (wait_for_tls(result)) continue;
        const auto verdict = SSL_get_verify_result(session);
        return to_string(asked_.to) + ": TLS: " +
               (verdict != X509_V_OK ? X509_verify_cert_error_string(verdict)
                                     : "the server does not answer with TLS, or refuses this client");
    }
}

/// Whether the last call may be made again.
bool ask_socket::wait_for_tls(int result) {
    switch (SSL_get_error(tls_->session.get(), result)) {
        case SSL_ERROR_WANT_READ: return wait(POLLIN);
        case SSL_ERROR_WANT_WRITE: return wait(POLLOUT);
        default: return false;
    }
}

bool ask_socket::send(std::string_view text) {
    while (!text.empty()) {
        if (tls_) {
            ERR_clear_error();
            const int put = SSL_write(tls_->session.get(), text.data(), static_cast<int>(text.size()));
            if (put <= 0 && wait_for_tls(put)) continue;
            if (put <= 0) return false;
            text.remove_prefix(static_cast<std::size_t>(put));
            continue;
        }
        const auto put = ::send(fd_, text.data(), text.size(), MSG_NOSIGNAL);
        if (put < 0 && (errno == EINTR || (errno == EAGAIN && wait(POLLOUT)))) continue;
        if (put <= 0) return false;
        text.remove_prefix(static_cast<std::size_t>(put));
    }
    return true;
}

ask_socket::state ask_socket::receive(std::string& octets) {
    octets.resize(64 * 1024);
    for (;;) {
        if (tls_) {
            ERR_clear_error();
            const int got = SSL_read(tls_->session.get(), octets.data(), static_cast<int>(octets.size()));
            if (got > 0) {
                octets.resize(static_cast<std::size_t>(got));
                return state::octets;
            }
            const int fault = SSL_get_error(tls_->session.get(), got);
            if (fault == SSL_ERROR_ZERO_RETURN) return state::closed;
            if (fault != SSL_ERROR_WANT_READ && fault != SSL_ERROR_WANT_WRITE) return state::broken;
            if (!wait(fault == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT))
                return stopped_ ? state::stopped : state::silent;
            continue;
        }
        const auto got = ::recv(fd_, octets.data(), octets.size(), 0);
        if (got > 0) {
            octets.resize(static_cast<std::size_t>(got));
            return state::octets;
        }
        if (got == 0) return state::closed;
        if (errno != EAGAIN && errno != EINTR) return state::broken;
        if (!wait(POLLIN)) return stopped_ ? state::stopped : state::silent;
    }
}

/// In short steps, as somebody may want to stop.
bool ask_socket::wait(short what) {
    const auto until = std::chrono::steady_clock::now() + asked_.patience;
    for (;;) {
        if (asked_.stopped && asked_.stopped()) {
            stopped_ = true;
            return false;
        }
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
        if (left.count() <= 0) return false;
        pollfd p{fd_, what, 0};
        const auto step = asked_.stopped ? std::min(left, look_for_stop) : left;
        if (::poll(&p, 1, static_cast<int>(step.count())) == 1) return true;
    }
}

}  // namespace ota::http
