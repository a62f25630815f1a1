#include "sandbox/device_http.hpp"

#include "gateway/quiet_thread.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>

#include <atomic>
#include <charconv>
#include <deque>
#include <list>
#include <optional>

namespace ota::sandbox {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

constexpr std::uint16_t usual_port = 80;
constexpr std::size_t largest_answer = 1024 * 1024;
constexpr const char* hmac_field = "x-syncml-hmac";

/// A server on this machine.
struct local_server {
    tcp::endpoint at;
    std::string host, path;  ///< as the address tells them
};

std::optional<asio::ip::address> loopback(std::string_view host) {
    if (host == "localhost") return asio::ip::address_v4::loopback();
    if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
    error_code none;
    auto out = asio::ip::make_address(host, none);
    if (none || !out.is_loopback()) return std::nullopt;
    return out;
}

/// http://HOST[:PORT][/PATH]. Nothing: another scheme, or not on this machine.
std::optional<local_server> local_server_of(std::string_view uri) {
    constexpr std::string_view scheme = "http://";
    if (!uri.starts_with(scheme)) return std::nullopt;
    uri.remove_prefix(scheme.size());
    const auto path = std::min(uri.find_first_of("/?#"), uri.size());
    local_server out;
    out.host = uri.substr(0, path);
    out.path = uri.substr(path, uri.find('#', path) - path);
    if (!out.path.starts_with('/')) out.path.insert(0, "/");
    auto host = std::string_view(out.host);
    auto port = usual_port;
    const auto colon = host.rfind(':');
    if (colon != std::string_view::npos && host.find(']', colon) == std::string_view::npos) {
        const auto* const end = host.data() + host.size();
        const auto [at, fault] = std::from_chars(host.data() + colon + 1, end, port);
        if (fault != std::errc{} || at != end) return std::nullopt;
        host = host.substr(0, colon);
    }
    const auto address = loopback(host);
    if (!address) return std::nullopt;
    out.at = {*address, port};
    return out;
}

}  // namespace

/// All on one thread. Connections are counted: those in use and those that wait for the next message.
struct device_http::shell {
    shell(http_settings s, receiver r) : settings(s), receive(std::move(r)) {}

    struct idle_stream {
        idle_stream(const tcp::endpoint& e, beast::tcp_stream s) : to(e), stream(std::move(s)) {}
        tcp::endpoint to;
        beast::tcp_stream stream;
    };
    class exchange;

    void take(device_message);
    void begin(device_message, local_server);
    void finished(const device_message&, const http_outcome&);

    http_settings settings;
    receiver receive;
    std::atomic<std::uint64_t> opened{0}, beyond{0};
    asio::io_context context{1};
    std::optional<asio::executor_work_guard<asio::io_context::executor_type>> work;
    std::thread thread;
    unsigned busy = 0;
    std::deque<std::pair<device_message, local_server>> waiting;
    std::list<idle_stream> idle;
};

/// One message and its answer.
class device_http::shell::exchange : public std::enable_shared_from_this<exchange> {
public:
    exchange(shell& of, device_message m, local_server to) : shell_(of), message_(std::move(m)), to_(std::move(to)) {
        request_.version(11);
        request_.method(http::verb::post);
        request_.target(to_.path);
        request_.set(http::field::host, to_.host);
        request_.set(http::field::content_type, message_.what.content_type);
        request_.set(http::field::accept, message_.what.content_type);
        if (!message_.what.hmac.empty()) request_.set(hmac_field, message_.what.hmac);
        request_.body().assign(message_.what.body.begin(), message_.what.body.end());
        request_.prepare_payload();
    }

    void go_on(beast::tcp_stream stream) {
        stream_.emplace(std::move(stream));
        reused_ = true;
        write();
    }
    void connect() {
        reused_ = false;
        stream_.emplace(shell_.context);
        stream_->expires_after(shell_.settings.patience);
        stream_->async_connect(to_.at, [self = shared_from_this()](error_code failed) {
            if (failed) return self->end(false);
            ++self->shell_.opened;
            self->write();
        });
    }

private:
    void write() {
        stream_->expires_after(shell_.settings.patience);
        http::async_write(*stream_, request_, [self = shared_from_this()](error_code failed, std::size_t) {
            if (failed) return self->failed();
            self->parser_.emplace();
            self->parser_->body_limit(largest_answer);
            http::async_read(*self->stream_, self->buffer_, *self->parser_, [self](error_code not_read, std::size_t) {
                if (not_read) return self->failed();
                self->end(true);
            });
        });
    }

    /// The server may have closed a connection that lay idle: that is no answer missing.
    void failed() {
        if (!reused_) return end(false);
        buffer_.clear();
        connect();
    }

    void end(bool answered) {
        http_outcome out;
        out.answered = answered;
        if (answered) {
            const auto& got = parser_->get();
            out.status = got.result_int();
            out.content_type = std::string(got[http::field::content_type]);
            out.hmac = std::string(got[hmac_field]);
            out.body.assign(got.body().begin(), got.body().end());
            stream_->expires_never();
            if (got.keep_alive()) shell_.idle.emplace_back(to_.at, std::move(*stream_));
        }
        shell_.finished(message_, out);
    }

    shell& shell_;
    device_message message_;
    local_server to_;
    std::optional<beast::tcp_stream> stream_;
    beast::flat_buffer buffer_;
    http::request<http::string_body> request_;
    std::optional<http::response_parser<http::string_body>> parser_;
    bool reused_ = false;
};

void device_http::shell::take(device_message m) {
    auto to = local_server_of(m.server_uri);
    if (!to) {
        ++beyond;
        return receive(m.device, m.exchange, {});
    }
    if (busy >= settings.connections) return waiting.emplace_back(std::move(m), *std::move(to)), void();
    begin(std::move(m), *std::move(to));
}

void device_http::shell::begin(device_message m, local_server to) {
    ++busy;
    const auto at = to.at;
    const auto one = std::make_shared<exchange>(*this, std::move(m), std::move(to));
    for (auto it = idle.begin(); it != idle.end(); ++it) {
        if (it->to != at) continue;
        auto stream = std::move(it->stream);
        idle.erase(it);
        return one->go_on(std::move(stream));
    }
    if (busy + idle.size() > settings.connections) idle.pop_front();
    one->connect();
}

void device_http::shell::finished(const device_message& m, const http_outcome& out) {
    --busy;
    receive(m.device, m.exchange, out);
    if (waiting.empty() || busy >= settings.connections) return;
    auto next = std::move(waiting.front());
    waiting.pop_front();
    begin(std::move(next.first), std::move(next.second));
}

device_http::device_http(http_settings with, receiver to) : shell_(std::make_unique<shell>(with, std::move(to))) {}
device_http::~device_http() { stop(); }

void device_http::start() {
    auto& s = *shell_;
    s.work.emplace(s.context.get_executor());
    s.thread = quiet_thread([&s] { s.context.run(); });
}

void device_http::post(device_message m) {
    asio::post(shell_->context, [s = shell_.get(), m = std::move(m)]() mutable { s->take(std::move(m)); });
}

void device_http::stop() {
    shell_->context.stop();
    if (shell_->thread.joinable()) shell_->thread.join();
}

std::uint64_t device_http::connections() const noexcept { return shell_->opened; }
std::uint64_t device_http::beyond() const noexcept { return shell_->beyond; }

}  // namespace ota::sandbox
