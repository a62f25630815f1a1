#include "gateway/http/listener.hpp"

#include <pthread.h>

#include "gateway/quiet_thread.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/write.hpp>

#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

namespace ota::http {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using tls_stream = asio::ssl::stream<tcp::socket>;

template <class Stream>
class link_over final : public link, public std::enable_shared_from_this<link_over<Stream>> {
public:
    static constexpr bool secure = std::is_same_v<Stream, tls_stream>;

    template <class... More>
    explicit link_over(tcp::socket socket, More... more)
        : peer_(address_of(socket)),
          deadline_(socket.get_executor()),
          alarm_(socket.get_executor()),
          stream_(std::move(socket), more...) {
        error_code ignored;
        lowest().set_option(tcp::no_delay(true), ignored);
    }

    void open(std::function<void(std::error_code)> then) override {
        if constexpr (secure) {
            stream_.async_handshake(asio::ssl::stream_base::server,
                                    [then = std::move(then)](const error_code& failed) { then(failed); });
        } else {
            asio::post(stream_.get_executor(), [then = std::move(then)] { then({}); });
        }
    }
    void read(std::span<char> into, done then) override {
        stream_.async_read_some(
            asio::buffer(into.data(), into.size()),
            [then = std::move(then)](const error_code& failed, std::size_t got) { then(failed, got); });
    }
    void write(std::array<std::string_view, 2> parts, done then) override {
        const std::array buffers{asio::buffer(parts[0]), asio::buffer(parts[1])};
        asio::async_write(stream_, buffers,
                          [then = std::move(then)](const error_code& failed, std::size_t sent) { then(failed, sent); });
    }
    void finish(std::function<void()> then) override {
        error_code ignored;
        if constexpr (secure) {
            stream_.async_shutdown([then = std::move(then)](const error_code&) { then(); });
        } else {
            lowest().shutdown(tcp::socket::shutdown_send, ignored);
            asio::post(stream_.get_executor(), std::move(then));
        }
    }
    void close() override {
        error_code ignored;
        deadline_.cancel();
        alarm_.cancel();
        lowest().close(ignored);
    }
    void expires_after(std::chrono::milliseconds time) override {
        deadline_.expires_after(time);
        deadline_.async_wait([weak = this->weak_from_this()](const error_code& cancelled) {
            const auto self = weak.lock();
            if (cancelled || !self || self->deadline_.expiry() > std::chrono::steady_clock::now()) return;
            self->expired_ = true;
            self->close();
        });
    }
    void expires_never() override { deadline_.expires_at(std::chrono::steady_clock::time_point::max()); }
    [[nodiscard]] bool expired() const override { return expired_; }
    void wake_after(std::chrono::milliseconds time, std::function<void()> then) override {
        alarm_.expires_after(time);
        alarm_.async_wait([then = std::move(then)](const error_code& cancelled) {
            if (!cancelled) then();
        });
    }
    void post(std::function<void()> what) override { asio::post(stream_.get_executor(), std::move(what)); }
    [[nodiscard]] const std::string& peer() const override { return peer_; }
    [[nodiscard]] bool certified() const override {
        if constexpr (secure)
            return ::SSL_get0_peer_certificate(const_cast<Stream&>(stream_).native_handle()) != nullptr;
        return false;
    }

private:
    static std::string address_of(const tcp::socket& socket) {
        error_code unknown;
        return socket.remote_endpoint(unknown).address().to_string();
    }
    auto& lowest() { return stream_.lowest_layer(); }

    std::string peer_;
    asio::steady_timer deadline_;
    asio::steady_timer alarm_;
    Stream stream_;
    bool expired_ = false;
};

std::shared_ptr<link> make_link(tcp::socket socket, const std::shared_ptr<SSL_CTX>& context) {
    if (!context) return std::make_shared<link_over<tcp::socket>>(std::move(socket));
    auto* const session = ::SSL_new(context.get());  // holds the context
    if (session == nullptr) return nullptr;
    return std::make_shared<link_over<tls_stream>>(std::move(socket), session);
}

}  // namespace

struct listener::shell {
    shell(unsigned threads_, const tls_identity* identity_, taken on_taken)
        : wanted_threads(threads_),
          identity(identity_),
          taken_(std::move(on_taken)),
          context(static_cast<int>(threads_)) {}

    void listen(const tcp::endpoint& at) {
        acceptor.open(at.protocol());
        acceptor.set_option(tcp::acceptor::reuse_address(true));
        acceptor.bind(at);
        acceptor.listen();
    }

    void accept() {
        acceptor.async_accept(asio::make_strand(context), [this](error_code failed, tcp::socket socket) {
            if (!acceptor.is_open()) return;
            if (failed) return accept_later();
            if (auto made = make_link(std::move(socket), identity != nullptr ? identity->current() : nullptr))
                taken_(std::move(made));
            accept();
        });
    }

    // No descriptor is free, or the like: trying at once would only spin.
    void accept_later() {
        pause.expires_after(std::chrono::milliseconds(100));
        pause.async_wait([this](error_code) {
            if (acceptor.is_open()) accept();
        });
    }

    unsigned wanted_threads;
    const tls_identity* identity;
    taken taken_;
    asio::io_context context;
    tcp::acceptor acceptor{asio::make_strand(context)};
    asio::steady_timer pause{acceptor.get_executor()};
    std::vector<std::thread> threads;
};

listener::listener(unsigned threads, const tls_identity* identity, taken on_taken)
    : shell_(std::make_unique<shell>(threads, identity, std::move(on_taken))) {}

listener::~listener() { stop(); }

wire::result<std::uint16_t> listener::start(const std::string& address, std::uint16_t port) {
    try {
        shell_->listen({asio::ip::make_address(address), port});
        port = shell_->acceptor.local_endpoint().port();
    } catch (const boost::system::system_error& failed) {
        return std::error_code(failed.code());
    }
    shell_->accept();
    for (unsigned i = 0; i < shell_->wanted_threads; ++i) {
        shell_->threads.push_back(quiet_thread([&context = shell_->context] {
            ::pthread_setname_np(::pthread_self(), "http");
            context.run();
        }));
    }
    return port;
}

void listener::refuse_more(std::function<void()> then) {
    asio::post(shell_->acceptor.get_executor(), [shell = shell_.get(), then = std::move(then)] {
        error_code closing;
        shell->acceptor.close(closing);
        shell->pause.cancel();
        then();
    });
}

void listener::stop() {
    shell_->context.stop();
    for (auto& thread : shell_->threads) thread.join();
    shell_->threads.clear();
    error_code ignored;
    shell_->acceptor.close(ignored);
}

}  // namespace ota::http
