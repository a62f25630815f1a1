#include "gateway/smpp/transport.hpp"

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>

#include <type_traits>
#include <unordered_map>
#include <utility>

namespace ota::smpp {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using tls_stream = asio::ssl::stream<tcp::socket>;
using std::chrono::milliseconds;

constexpr std::size_t read_octets = 64 * 1024;
constexpr milliseconds linger{1'000};

/// A sentence: the library's words, with what OpenSSL found about a certificate.
std::string sentence_of(const error_code& ec) {
    return ec == asio::error::eof ? "the peer closed the connection" : ec.message();
}

}  // namespace

class transport::loop {
public:
    explicit loop(transport_observer& told) : observer(told), timer(context) {}

    /// A connection of either kind, as its owner sees it.
    class stream : public std::enable_shared_from_this<stream> {
    public:
        virtual ~stream() = default;
        virtual void write(wire::octets&) = 0;
        virtual void resume() = 0;
        virtual void close() = 0;
        virtual void cut(std::string why) = 0;
    };
    template <class S>
    class stream_over;
    class listener;

    void forget(stream_id id, const std::string& why) {
        if (streams.erase(id) != 0) observer.on_closed(id, why);
    }

    transport_observer& observer;
    asio::io_context context{1};
    asio::steady_timer timer;
    std::unordered_map<stream_id, std::shared_ptr<stream>> streams;
    std::shared_ptr<listener> accepting;
    stream_id last_id = 0;
};

template <class S>
class transport::loop::stream_over final : public stream {
public:
    static constexpr bool secure = std::is_same_v<S, tls_stream>;

    /// `keep`: the TLS context, which must outlive the socket.
    stream_over(loop& owner, stream_id id, S socket, std::shared_ptr<asio::ssl::context> keep)
        : owner_(owner),
          id_(id),
          keep_(std::move(keep)),
          socket_(std::move(socket)),
          deadline_(owner.context),
          resolver_(owner.context),
          in_(read_octets) {}

    void connect(const std::string& host, std::uint16_t port, milliseconds timeout) {
        expect_within(timeout, "no connection in time");
        resolver_.async_resolve(host, std::to_string(port), [self = me()](const error_code& ec, const auto& found) {
            if (ec) return self->cut(sentence_of(ec));
            if (self->closed_) return;
            asio::async_connect(self->socket_.lowest_layer(), found,
                                [self](const error_code& failed, const tcp::endpoint&) {
                                    if (failed) return self->cut(sentence_of(failed));
                                    if (!self->closed_) self->shake_hands(asio::ssl::stream_base::client);
                                });
        });
    }

    void accept() {
        expect_within(milliseconds(10'000), "no TLS handshake in time");
        shake_hands(asio::ssl::stream_base::server);
    }

    void write(wire::octets& octets) override {
        out_.swap(octets);
        octets.clear();
        writing_ = true;
        asio::async_write(socket_, asio::buffer(out_), [self = me()](const error_code& ec, std::size_t) {
            self->writing_ = false;
            if (ec) return self->cut(sentence_of(ec));
            if (self->closed_) return;
            if (self->closing_) return self->say_goodbye();
            self->owner_.observer.on_written(self->id_);
        });
    }

    void resume() override {
        if (paused_ && !closed_) read();
    }

    void close() override {
        if (closing_ || closed_) return;
        closing_ = true;
        if (!open_) return cut("closed");
        expect_within(linger, "closed");
        if (paused_) read();
        if (!writing_) say_goodbye();
    }

    void cut(std::string why) override {
        if (std::exchange(closed_, true)) return;
        error_code ignored;
        resolver_.cancel();
        deadline_.cancel();
        socket_.lowest_layer().close(ignored);
        asio::post(owner_.context, [self = me(), why = std::move(why)] { self->owner_.forget(self->id_, why); });
    }

private:
    std::shared_ptr<stream_over> me() { return std::static_pointer_cast<stream_over>(shared_from_this()); }

    void expect_within(milliseconds timeout, const char* why) {
        deadline_.expires_after(timeout);
        deadline_.async_wait([self = me(), why](const error_code& ec) {
            if (!ec) self->cut(why);
        });
    }

    void shake_hands(asio::ssl::stream_base::handshake_type side) {
        error_code ignored;
        socket_.lowest_layer().set_option(tcp::no_delay(true), ignored);
        if constexpr (secure) {
            socket_.async_handshake(side, [self = me()](const error_code& ec) {
                if (ec) return self->cut("TLS: " + sentence_of(ec));
                self->opened();
            });
        } else {
            opened();
        }
    }

    void opened() {
        if (closed_) return;
        deadline_.cancel();
        open_ = true;
        owner_.observer.on_open(id_);
        if (!closed_) read();
    }

    void read() {
        paused_ = false;
        socket_.async_read_some(asio::buffer(in_), [self = me()](const error_code& ec, std::size_t got) {
            if (ec) return self->cut(sentence_of(ec));
            if (self->closed_) return;
            // Pitfall 15: what comes after our goodbye is read and dropped, for a socket closed with unread octets
            // resets the connection, and the peer would lose our last PDU.
            if (!self->closing_ && !self->owner_.observer.on_octets(self->id_, {self->in_.data(), got})) {
                self->paused_ = true;
                return;
            }
            if (!self->closed_) self->read();
        });
    }

    void say_goodbye() {
        if constexpr (secure) {
            socket_.async_shutdown([self = me()](const error_code&) { self->cut("closed"); });
        } else {
            error_code ignored;
            socket_.shutdown(tcp::socket::shutdown_send, ignored);
        }
    }

    loop& owner_;
    stream_id id_;
    std::shared_ptr<asio::ssl::context> keep_;
    S socket_;
    asio::steady_timer deadline_;
    tcp::resolver resolver_;
    wire::octets in_;
    wire::octets out_;
    bool open_ = false;
    bool writing_ = false;
    bool paused_ = false;
    bool closing_ = false;
    bool closed_ = false;
};

class transport::loop::listener : public std::enable_shared_from_this<listener> {
public:
    listener(loop& owner, std::shared_ptr<asio::ssl::context> tls)
        : owner_(owner), acceptor_(owner.context), tls_(std::move(tls)) {}

    std::uint16_t open(const std::string& address, std::uint16_t port, std::string& error) {
        error_code ec;
        const auto ip = asio::ip::make_address(address, ec);
        const tcp::endpoint where(ip, port);
        if (!ec) acceptor_.open(where.protocol(), ec);
        if (!ec) acceptor_.set_option(tcp::acceptor::reuse_address(true), ec);
        if (!ec) acceptor_.bind(where, ec);
        if (!ec) acceptor_.listen(asio::socket_base::max_listen_connections, ec);
        if (ec) {
            error = "cannot listen on " + address + ":" + std::to_string(port) + ": " + ec.message();
            return 0;
        }
        accept();
        return acceptor_.local_endpoint().port();
    }

private:
    void accept() {
        acceptor_.async_accept([self = shared_from_this()](const error_code& ec, tcp::socket socket) {
            if (ec == asio::error::operation_aborted) return;
            if (!ec) self->take(std::move(socket));
            self->accept();
        });
    }

    void take(tcp::socket socket) {
        const auto id = ++owner_.last_id;
        if (tls_) {
            start(std::make_shared<stream_over<tls_stream>>(owner_, id, tls_stream(std::move(socket), *tls_), tls_),
                  id);
        } else {
            start(std::make_shared<stream_over<tcp::socket>>(owner_, id, std::move(socket), nullptr), id);
        }
    }

    template <class S>
    void start(std::shared_ptr<S> made, stream_id id) {
        owner_.streams.emplace(id, made);
        made->accept();
    }

    loop& owner_;
    tcp::acceptor acceptor_;
    std::shared_ptr<asio::ssl::context> tls_;
};

transport::transport(transport_observer& told) : loop_(std::make_unique<loop>(told)) {}

transport::~transport() {
    loop_->streams.clear();
    loop_->accepting.reset();
}

void transport::run() {
    const auto busy = asio::make_work_guard(loop_->context);
    loop_->context.run();
}

void transport::stop() { loop_->context.stop(); }

void transport::post(std::function<void()> what) { asio::post(loop_->context, std::move(what)); }

stream_id transport::connect(const std::string& host, std::uint16_t port, const tls_settings& tls,
                             milliseconds timeout) {
    const auto id = ++loop_->last_id;
    if (!tls.on) {
        auto made = std::make_shared<loop::stream_over<tcp::socket>>(*loop_, id, tcp::socket(loop_->context), nullptr);
        loop_->streams.emplace(id, made);
        made->connect(host, port, timeout);
        return id;
    }
    auto context = std::make_shared<asio::ssl::context>(asio::ssl::context::tls_client);
    error_code ec;
    const auto& name = tls.server_name.empty() ? host : tls.server_name;
    SSL_CTX_set_min_proto_version(context->native_handle(), TLS1_2_VERSION);
    context->set_verify_mode(tls.verify ? asio::ssl::verify_peer : asio::ssl::verify_none, ec);
    if (!tls.ca_file.empty()) {
        context->load_verify_file(tls.ca_file, ec);
    } else {
        context->set_default_verify_paths(ec);
    }
    auto made = std::make_shared<loop::stream_over<tls_stream>>(
        *loop_, id,
        [&] {
            tls_stream socket(loop_->context, *context);
            SSL_set_tlsext_host_name(socket.native_handle(), name.c_str());
            error_code failed;
            if (tls.verify) socket.set_verify_callback(asio::ssl::host_name_verification(name), failed);
            return socket;
        }(),
        context);
    loop_->streams.emplace(id, made);
    if (ec) {
        made->cut("the CA file cannot be read: " + ec.message());
    } else {
        made->connect(host, port, timeout);
    }
    return id;
}

std::uint16_t transport::listen(const std::string& address, std::uint16_t port, const certificate& own,
                                std::string& error) {
    std::shared_ptr<asio::ssl::context> tls;
    if (!own.certificate_file.empty() || !own.private_key_file.empty()) {
        tls = std::make_shared<asio::ssl::context>(asio::ssl::context::tls_server);
        error_code ec;
        SSL_CTX_set_min_proto_version(tls->native_handle(), TLS1_2_VERSION);
        tls->use_certificate_chain_file(own.certificate_file, ec);
        if (!ec) tls->use_private_key_file(own.private_key_file, asio::ssl::context::pem, ec);
        if (ec) {
            error = "cannot read the certificate or its key: " + ec.message();
            return 0;
        }
    }
    loop_->accepting = std::make_shared<loop::listener>(*loop_, std::move(tls));
    return loop_->accepting->open(address, port, error);
}

void transport::write(stream_id id, wire::octets& octets) {
    if (const auto found = loop_->streams.find(id); found != loop_->streams.end()) found->second->write(octets);
}

void transport::resume(stream_id id) {
    if (const auto found = loop_->streams.find(id); found != loop_->streams.end()) found->second->resume();
}

void transport::close(stream_id id) {
    if (const auto found = loop_->streams.find(id); found != loop_->streams.end()) found->second->close();
}

void transport::cut(stream_id id) {
    if (const auto found = loop_->streams.find(id); found != loop_->streams.end()) found->second->cut("closed");
}

void transport::wake_at(std::chrono::steady_clock::time_point when) {
    loop_->timer.expires_at(when);
    loop_->timer.async_wait([this](const error_code& ec) {
        if (!ec) loop_->observer.on_timer();
    });
}

}  // namespace ota::smpp
