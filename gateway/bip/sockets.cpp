#include "gateway/bip/sockets.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/udp.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>

#include <netinet/tcp.h>

#include <algorithm>
#include <array>
#include <unordered_map>
#include <utility>

namespace ota::bip {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using asio::ip::udp;
using boost::system::error_code;

constexpr std::size_t largest_datagram = 65'536;
constexpr int datagrams_in_a_turn = 64;  // then others have their turn
constexpr int kernel_buffer_in_octets = 4 << 20;
constexpr std::chrono::milliseconds breath{100};  // after an error of a socket that must go on

template <class Endpoint>
endpoint ours(const Endpoint& from) {
    endpoint out{.port = from.port()};
    const auto ip = from.address();
    out.address =
        ip.is_v6() ? ip.to_v6().to_bytes() : asio::ip::make_address_v6(asio::ip::v4_mapped, ip.to_v4()).to_bytes();
    return out;
}

udp::endpoint theirs(const endpoint& to, bool v6) {
    const asio::ip::address_v6 ip(to.address);
    if (v6) return {ip, to.port};
    asio::ip::address_v4::bytes_type octets{};
    std::copy(to.address.begin() + 12, to.address.end(), octets.begin());
    return {asio::ip::address_v4(octets), to.port};
}

std::string cannot(const char* what, const std::string& address, std::uint16_t port, const error_code& ec) {
    return std::string("cannot ") + what + " on " + address + ":" + std::to_string(port) + ": " + ec.message();
}

}  // namespace

class sockets::loop {
public:
    explicit loop(sockets_observer& told)
        : observer(told), udp_socket(context), acceptor(context), timer(context), pause(context) {}

    class connection;

    void receive();
    void accept();
    void forget(std::uint64_t id) {
        if (connections.erase(id) == 0) return;
        observer.on_closed(id);
        observer.on_turn();
    }

    sockets_observer& observer;
    asio::io_context context{1};
    udp::socket udp_socket;
    bool v6 = false;
    tcp::acceptor acceptor;
    int keep_alive_s = 20;
    asio::steady_timer timer, pause;
    std::array<std::uint8_t, largest_datagram> datagram;
    udp::endpoint sender;
    std::unordered_map<std::uint64_t, std::shared_ptr<connection>> connections;
    std::uint64_t last_id = 0;
};

class sockets::loop::connection : public std::enable_shared_from_this<connection> {
public:
    connection(loop& owner, std::uint64_t id, tcp::socket socket) : owner_(owner), id_(id), socket_(std::move(socket)) {
        error_code ignored;
        socket_.set_option(tcp::no_delay(true), ignored);
        // A card whose network went away says nothing: the system finds out.
        socket_.set_option(asio::socket_base::keep_alive(true), ignored);
        const int fd = socket_.native_handle(), tries = 3;
        ::setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &owner.keep_alive_s, sizeof owner.keep_alive_s);
        ::setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &owner.keep_alive_s, sizeof owner.keep_alive_s);
        ::setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &tries, sizeof tries);
    }

    void read() {
        socket_.async_read_some(asio::buffer(in_), [self = shared_from_this()](const error_code& ec, std::size_t size) {
            if (self->closed_) return;
            if (ec) return self->fail();
            self->owner_.observer.on_octets(self->id_, wire::octet_view(self->in_).first(size));
            self->owner_.observer.on_turn();
            if (!self->closed_) self->read();
        });
    }

    void write(wire::octets octets) {
        waiting_.insert(waiting_.end(), octets.begin(), octets.end());
        if (out_.empty()) flush();
    }

    void close() {
        closing_ = true;
        if (out_.empty()) fail();
    }

    void cut() {
        closed_ = true;
        error_code ignored;
        socket_.close(ignored);
    }

private:
    void flush() {
        out_.swap(waiting_);
        asio::async_write(socket_, asio::buffer(out_), [self = shared_from_this()](const error_code& ec, std::size_t) {
            self->out_.clear();
            if (self->closed_) return;
            if (ec) return self->fail();
            if (!self->waiting_.empty()) return self->flush();
            if (self->closing_) return self->fail();
            self->owner_.observer.on_written(self->id_);
            self->owner_.observer.on_turn();
        });
    }

    /// Over, and told: after the call that found out, since it may be the observer's own.
    void fail() {
        if (std::exchange(closed_, true)) return;
        error_code ignored;
        socket_.shutdown(tcp::socket::shutdown_both, ignored);
        socket_.close(ignored);
        asio::post(owner_.context, [self = shared_from_this()] { self->owner_.forget(self->id_); });
    }

    loop& owner_;
    std::uint64_t id_;
    tcp::socket socket_;
    std::array<std::uint8_t, 4096> in_{};
    wire::octets out_, waiting_;
    bool closing_ = false, closed_ = false;
};

void sockets::loop::receive() {
    udp_socket.async_receive_from(asio::buffer(datagram), sender, [this](error_code ec, std::size_t size) {
        if (ec == asio::error::operation_aborted) return;
        if (ec) {
            pause.expires_after(breath);
            return pause.async_wait([this](const error_code& ended) {
                if (!ended) receive();
            });
        }
        for (int i = 0; !ec && i < datagrams_in_a_turn; ++i) {
            observer.on_datagram(ours(sender), wire::octet_view(datagram).first(size));
            size = udp_socket.receive_from(asio::buffer(datagram), sender, 0, ec);
            if (!ec && i + 1 == datagrams_in_a_turn)
                observer.on_datagram(ours(sender), wire::octet_view(datagram).first(size));
        }
        observer.on_turn();
        receive();
    });
}

void sockets::loop::accept() {
    acceptor.async_accept([this](const error_code& ec, tcp::socket socket) {
        if (ec == asio::error::operation_aborted) return;
        error_code gone;
        const auto from = ec ? tcp::endpoint() : socket.remote_endpoint(gone);
        if (!ec && !gone) {
            const auto id = ++last_id;
            const auto made = std::make_shared<connection>(*this, id, std::move(socket));
            connections.emplace(id, made);
            observer.on_connected(id, ours(from));
            observer.on_turn();
            if (connections.contains(id)) made->read();
            return accept();
        }
        // Out of descriptors, or the caller has gone again: what goes on in between must not eat the processor.
        auto wait = std::make_shared<asio::steady_timer>(context, ec ? breath : std::chrono::milliseconds(0));
        wait->async_wait([this, wait](const error_code& ended) {
            if (!ended && acceptor.is_open()) accept();
        });
    });
}

sockets::sockets(sockets_observer& told) : loop_(std::make_unique<loop>(told)) {}
sockets::~sockets() = default;

void sockets::run() {
    const auto busy = asio::make_work_guard(loop_->context);
    loop_->context.run();
}
void sockets::stop() { loop_->context.stop(); }
void sockets::post(std::function<void()> what) { asio::post(loop_->context, std::move(what)); }

std::uint16_t sockets::open_udp(const std::string& address, std::uint16_t port, std::string& error) {
    error_code ec, ignored;
    auto& socket = loop_->udp_socket;
    const udp::endpoint where(asio::ip::make_address(address, ec), port);
    loop_->v6 = where.address().is_v6();
    if (!ec) socket.open(where.protocol(), ec);
    if (!ec && loop_->v6) socket.set_option(asio::ip::v6_only(false), ignored);
    if (!ec) socket.bind(where, ec);
    if (!ec) socket.non_blocking(true, ec);
    if (ec) {
        error = cannot("take datagrams", address, port, ec);
        return 0;
    }
    socket.set_option(asio::socket_base::receive_buffer_size(kernel_buffer_in_octets), ignored);
    socket.set_option(asio::socket_base::send_buffer_size(kernel_buffer_in_octets), ignored);
    loop_->receive();
    return socket.local_endpoint().port();
}

std::uint16_t sockets::listen_tcp(const std::string& address, std::uint16_t port, std::chrono::seconds keep_alive,
                                  std::string& error) {
    error_code ec;
    auto& acceptor = loop_->acceptor;
    const tcp::endpoint where(asio::ip::make_address(address, ec), port);
    if (!ec) acceptor.open(where.protocol(), ec);
    if (!ec) acceptor.set_option(tcp::acceptor::reuse_address(true), ec);
    if (!ec) acceptor.bind(where, ec);
    if (!ec) acceptor.listen(asio::socket_base::max_listen_connections, ec);
    if (ec) {
        error = cannot("listen", address, port, ec);
        return 0;
    }
    loop_->keep_alive_s = static_cast<int>(std::max<std::int64_t>(1, keep_alive.count()));
    loop_->accept();
    return acceptor.local_endpoint().port();
}

void sockets::stop_listening() {
    error_code ignored;
    loop_->acceptor.close(ignored);
}

bool sockets::send(const endpoint& to, wire::octet_view datagram) {
    error_code ec;
    loop_->udp_socket.send_to(asio::buffer(datagram.data(), datagram.size()), theirs(to, loop_->v6), 0, ec);
    return !ec;
}

void sockets::write(std::uint64_t caller, wire::octets octets) {
    const auto found = loop_->connections.find(caller);
    if (found != loop_->connections.end()) found->second->write(std::move(octets));
}

void sockets::close(std::uint64_t caller) {
    const auto found = loop_->connections.find(caller);
    if (found != loop_->connections.end()) found->second->close();
}

void sockets::cut(std::uint64_t caller) {
    const auto found = loop_->connections.find(caller);
    if (found == loop_->connections.end()) return;
    found->second->cut();
    loop_->connections.erase(found);
}

void sockets::wake_at(std::chrono::steady_clock::time_point when) {
    loop_->timer.expires_at(when);
    loop_->timer.async_wait([this](const error_code& ec) {
        if (ec) return;
        loop_->observer.on_timer();
        loop_->observer.on_turn();
    });
}

}  // namespace ota::bip
