#include "gateway/http/server.hpp"

#include "gateway/http/open_connections.hpp"

#include <boost/asio/dispatch.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>

#include <pthread.h>
#include <array>
#include <csignal>
#include <optional>
#include <thread>
#include <vector>

namespace ota::http {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
using asio::ip::tcp;
using boost::system::error_code;

struct what_to_serve {
    server_settings settings;
    router routes;
};

// The path and query of a request target in origin form or absolute form [RFC 9112, 3.2]; nothing for other forms.
std::optional<std::pair<std::string, std::string>> split_target(std::string_view target) {
    for (const std::string_view scheme : {"http://", "https://"}) {
        if (!target.starts_with(scheme)) continue;
        const auto path = target.find('/', scheme.size());
        target = path == std::string_view::npos ? "/" : target.substr(path);
    }
    if (!target.starts_with('/')) return std::nullopt;
    const auto query = target.find('?');
    if (query == std::string_view::npos) return {{std::string(target), {}}};
    return {{std::string(target.substr(0, query)), std::string(target.substr(query + 1))}};
}

// One client from accept to close: header, body, answer, and again. All on the strand of its socket.
class connection : public std::enable_shared_from_this<connection> {
public:
    connection(tcp::socket socket, const what_to_serve& serve, open_connections& open)
        : stream_(std::move(socket)),
          serve_(serve),
          open_(open),
          buffer_(serve.settings.header_limit_in_octets + 65536) {
        error_code unknown;
        peer_ = stream_.socket().remote_endpoint(unknown).address().to_string();
    }
    ~connection() { open_.remove(this); }
    connection(const connection&) = delete;
    connection& operator=(const connection&) = delete;

    void start() {
        open_.add(this, [weak = weak_from_this()] {
            const auto self = weak.lock();
            if (self) asio::post(self->stream_.get_executor(), [self] { self->drain(); });
        });
        asio::dispatch(stream_.get_executor(), [self = shared_from_this()] { self->read_header(); });
    }

private:
    using parser = beast::http::request_parser<beast::http::string_body>;
    using step = void (connection::*)(error_code);

    // The completion handler that goes on with `next`.
    auto then(step next) {
        return [self = shared_from_this(), next](error_code failed, std::size_t) { (self.get()->*next)(failed); };
    }

    void drain() {
        if (waiting_) stream_.close();  // no whole header yet: nothing was begun
    }

    void read_header() {
        if (open_.draining()) return;
        parser_.emplace();
        parser_->header_limit(static_cast<std::uint32_t>(serve_.settings.header_limit_in_octets));
        parser_->body_limit(serve_.settings.body_limit_in_octets);
        waiting_ = true;
        stream_.expires_after(serve_.settings.header_timeout);  // for the whole header, however slowly it drips
        beast::http::async_read_header(stream_, buffer_, *parser_, then(&connection::on_header));
    }

    void on_header(error_code failed) {
        waiting_ = false;
        if (failed) return refuse(failed);
        stream_.expires_after(serve_.settings.body_timeout);
        const auto& header = parser_->get();
        if (!parser_->is_done() && header.version() == 11 && header[beast::http::field::expect] == "100-continue") {
            interim_ = {beast::http::status::continue_, 11};
            return beast::http::async_write(stream_, interim_, then(&connection::read_body));
        }
        read_body({});
    }

    void read_body(error_code failed) {
        if (failed) return;
        if (parser_->is_done()) return on_request({});
        beast::http::async_read(stream_, buffer_, *parser_, then(&connection::on_request));
    }

    void on_request(error_code failed) {
        if (failed) return refuse(failed);
        const auto received = parser_->release();
        // [RFC 9112, 3.2]: a request without a Host, or with two, is answered 400.
        if (received.version() == 11 && received.count(beast::http::field::host) != 1) {
            return send(problem(400, "the request needs one Host field"), false, false);
        }
        auto target = split_target({received.target().data(), received.target().size()});
        if (!target) return send(problem(400, "the request target is not a path"), false, false);
        const bool head = received.method() == beast::http::verb::head;
        request asked{.method = head ? "GET" : std::string(received.method_string()),
                      .path = std::move(target->first),
                      .query = std::move(target->second),
                      .headers = {},
                      .body = received.body(),
                      .peer = peer_};
        for (const auto& field : received) asked.headers.emplace_back(field.name_string(), field.value());
        send(answer(asked), head, received.keep_alive());
    }

    response answer(const request& asked) {
        const auto begun = std::chrono::steady_clock::now();
        auto [answer, route] = serve_.routes.answer(asked);
        if (serve_.settings.observer) {
            const auto took = std::chrono::steady_clock::now() - begun;
            serve_.settings.observer(
                {asked.method, route, answer.status, std::chrono::duration_cast<std::chrono::microseconds>(took)});
        }
        return std::move(answer);
    }

    // A request that cannot be read. What still arrives is not looked at: the connection ends.
    void refuse(error_code why) {
        using beast::http::error;
        if (why.category() != make_error_code(error::end_of_stream).category()) return;  // gone, or too slow
        if (why == error::end_of_stream || why == error::partial_message) return;
        refused_ = true;
        if (why == error::header_limit || why == error::buffer_overflow) {
            return send(problem(431, "the header is longer than this server takes"), false, false);
        }
        if (why == error::body_limit)
            return send(problem(413, "the body is longer than this server takes"), false, false);
        send(problem(400, "malformed request: " + why.message()), false, false);
    }

    void send(response answer, bool head, bool keep) {
        message_ = {};
        message_.version(11);
        message_.result(answer.status);
        message_.reason(reason_phrase(answer.status));
        message_.set(beast::http::field::server, "otagw");
        message_.set("X-Content-Type-Options", "nosniff");
        if (!answer.body.empty()) message_.set(beast::http::field::content_type, answer.content_type);
        for (const auto& [name, value] : answer.headers) message_.set(name, value);
        message_.keep_alive(keep && !open_.draining());
        // [RFC 9110, 8.6]: no length with 204; with HEAD, that of the body which a GET would get.
        if (answer.status != 204) message_.content_length(answer.body.size());
        if (answer.status != 204 && !head) message_.body() = std::move(answer.body);
        stream_.expires_after(serve_.settings.write_timeout);
        beast::http::async_write(stream_, message_, then(&connection::on_sent));
    }

    void on_sent(error_code failed) {
        if (failed) return;
        if (message_.keep_alive()) return read_header();
        error_code ignored;
        stream_.socket().shutdown(tcp::socket::shutdown_send, ignored);
        if (!refused_ || open_.draining()) return;
        // Closing with unread octets resets the connection and can destroy the answer: take them in for a moment.
        stream_.expires_after(std::chrono::seconds(1));
        discard({}, 0);
    }

    void discard(error_code failed, std::size_t) {
        if (failed) return;
        stream_.async_read_some(
            asio::buffer(discarded_),
            [self = shared_from_this()](error_code ended, std::size_t read) { self->discard(ended, read); });
    }

    beast::tcp_stream stream_;
    const what_to_serve& serve_;
    open_connections& open_;
    std::string peer_;
    beast::flat_buffer buffer_;
    std::optional<parser> parser_;
    beast::http::response<beast::http::empty_body> interim_;
    beast::http::response<beast::http::string_body> message_;
    std::array<char, 4096> discarded_{};
    bool waiting_ = false;
    bool refused_ = false;
};

// Threads inherit the signal mask: those of the server leave SIGTERM and its like to the main thread.
class signals_blocked {
public:
    signals_blocked() {
        sigset_t all;
        ::sigfillset(&all);
        ::pthread_sigmask(SIG_SETMASK, &all, &before_);
    }
    ~signals_blocked() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
    signals_blocked(const signals_blocked&) = delete;
    signals_blocked& operator=(const signals_blocked&) = delete;

private:
    sigset_t before_{};
};

}  // namespace

struct server::shell {
    shell(server_settings with, router routes)
        : to_serve{std::move(with), std::move(routes)}, context(static_cast<int>(to_serve.settings.threads)) {}

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
            if (connections.size() < to_serve.settings.connection_limit) {
                std::make_shared<connection>(std::move(socket), to_serve, connections)->start();
            }
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

    open_connections connections;  // outlives the context, whose end closes what is left
    what_to_serve to_serve;
    asio::io_context context;
    tcp::acceptor acceptor{asio::make_strand(context)};
    asio::steady_timer pause{acceptor.get_executor()};
    std::vector<std::thread> threads;
};

server::server(server_settings with, router routes)
    : shell_(std::make_unique<shell>(std::move(with), std::move(routes))) {}

server::~server() { stop(); }

wire::result<std::uint16_t> server::start() {
    const auto& settings = shell_->to_serve.settings;
    std::uint16_t port = 0;
    try {
        shell_->listen({asio::ip::make_address(settings.address), settings.port});
        port = shell_->acceptor.local_endpoint().port();
    } catch (const boost::system::system_error& failed) {
        return std::error_code(failed.code());
    }
    shell_->accept();
    const signals_blocked quiet;
    for (unsigned i = 0; i < settings.threads; ++i) {
        shell_->threads.emplace_back([&context = shell_->context] { context.run(); });
    }
    return port;
}

void server::stop() {
    if (shell_->threads.empty()) return;
    asio::post(shell_->acceptor.get_executor(), [shell = shell_.get()] {
        error_code closing;
        shell->acceptor.close(closing);
        shell->pause.cancel();
        shell->connections.drain();
    });
    shell_->connections.wait_until_none(shell_->to_serve.settings.stop_deadline);
    shell_->context.stop();
    for (auto& thread : shell_->threads) thread.join();
    shell_->threads.clear();
    error_code ignored;
    shell_->acceptor.close(ignored);
}

}  // namespace ota::http
