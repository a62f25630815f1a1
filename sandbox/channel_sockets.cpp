#include "sandbox/channel_sockets.hpp"

#include "gateway/quiet_thread.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/udp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>

#include <algorithm>
#include <array>
#include <deque>
#include <unordered_map>

namespace ota::sandbox {

namespace asio = boost::asio;
using asio::ip::tcp;
using asio::ip::udp;
using boost::system::error_code;

namespace {

constexpr std::size_t largest_datagram = 65536;
constexpr int most_datagrams_at_once = 64;

template <std::size_t Octets>
auto bytes_of(const wire::octets& address) {
    std::array<std::uint8_t, Octets> out{};
    std::copy_n(address.begin(), Octets, out.begin());
    return out;
}

/// address: 4 or 16 octets, as `read_channel_request` grants.
asio::ip::address address_of(const wire::octets& address) {
    constexpr std::size_t ipv4_octets = 4, ipv6_octets = 16;
    if (address.size() == ipv4_octets) return asio::ip::address_v4(bytes_of<ipv4_octets>(address));
    return asio::ip::address_v6(bytes_of<ipv6_octets>(address));
}

}  // namespace

struct channel_sockets::shell {
    explicit shell(receivers r) : receive(std::move(r)) {}

    struct channel;
    struct datagrams;
    struct stream;
    void obey(socket_order);

    receivers receive;
    asio::io_context context{1};
    std::optional<asio::executor_work_guard<asio::io_context::executor_type>> work;
    std::thread thread;
    std::unordered_map<channel_id, std::shared_ptr<channel>> channels;
    std::array<std::uint8_t, largest_datagram> buffer{};  ///< for all: it is read at once
};

struct channel_sockets::shell::channel : std::enable_shared_from_this<channel> {
    channel(shell& of, channel_id i) : shell_(of), id(i) {}
    virtual ~channel() = default;
    virtual void open(const remote_port&) = 0;
    virtual void send(wire::octets) = 0;
    virtual void close() = 0;

    shell& shell_;
    channel_id id;
};

/// Waits for data and reads what is there, so that a channel that lies idle holds no buffer.
struct channel_sockets::shell::datagrams final : channel {
    datagrams(shell& of, channel_id i) : channel(of, i), socket(of.context) {}

    void open(const remote_port& to) override {
        const udp::endpoint at(address_of(to.address), to.port);
        error_code failed;
        socket.open(at.protocol(), failed);
        if (!failed) socket.connect(at, failed);
        if (!failed) socket.non_blocking(true, failed);
        if (failed) return shell_.receive.link(id, false);
        wait();
    }
    void wait() {
        socket.async_wait(udp::socket::wait_read, [this, self = shared_from_this()](error_code failed) {
            if (failed) return;
            for (int i = 0; i < most_datagrams_at_once; ++i) {
                error_code none;
                const auto length = socket.receive(asio::buffer(shell_.buffer), 0, none);
                if (none == asio::error::would_block || none == asio::error::bad_descriptor) break;
                if (none) continue;  // nobody listens there: UDP does not know
                const auto end = shell_.buffer.begin() + static_cast<std::ptrdiff_t>(length);
                shell_.receive.data(id, {shell_.buffer.begin(), end});
            }
            if (socket.is_open()) wait();
        });
    }
    void send(wire::octets data) override {
        error_code lost;  // as on the way
        socket.send(asio::buffer(data), 0, lost);
    }
    void close() override {
        error_code none;
        socket.close(none);
    }
    udp::socket socket;
};

struct channel_sockets::shell::stream final : channel {
    stream(shell& of, channel_id i) : channel(of, i), socket(of.context) {}

    void open(const remote_port& to) override {
        socket.async_connect({address_of(to.address), to.port}, [this, self = shared_from_this()](error_code failed) {
            if (failed == asio::error::operation_aborted) return;
            if (failed) return shell_.receive.link(id, false);
            shell_.receive.link(id, true);
            read();
        });
    }
    void read() {
        socket.async_wait(tcp::socket::wait_read, [this, self = shared_from_this()](error_code failed) {
            if (failed) return;
            const auto length = socket.read_some(asio::buffer(shell_.buffer), failed);
            if (failed) return shell_.receive.link(id, false);
            const auto end = shell_.buffer.begin() + static_cast<std::ptrdiff_t>(length);
            shell_.receive.data(id, {shell_.buffer.begin(), end});
            if (socket.is_open()) read();
        });
    }
    void send(wire::octets data) override {
        waiting.push_back(std::move(data));
        if (waiting.size() == 1) write();
    }
    void write() {
        const auto octets = asio::buffer(waiting.front());
        asio::async_write(socket, octets, [this, self = shared_from_this()](error_code failed, std::size_t) {
            if (failed) return;  // reading tells
            waiting.pop_front();
            if (!waiting.empty()) return write();
            if (closing) shut();
        });
    }
    void close() override {
        closing = true;
        if (waiting.empty()) shut();
    }
    void shut() {
        error_code none;
        socket.close(none);
    }
    tcp::socket socket;
    std::deque<wire::octets> waiting;
    bool closing = false;
};

void channel_sockets::shell::obey(socket_order order) {
    if (order.what == socket_order::kind::open) {
        std::shared_ptr<channel> made;
        if (order.to.tcp) {
            made = std::make_shared<stream>(*this, order.channel);
        } else {
            made = std::make_shared<datagrams>(*this, order.channel);
        }
        channels[order.channel] = made;
        return made->open(order.to);
    }
    const auto it = channels.find(order.channel);
    if (it == channels.end()) return;
    if (order.what == socket_order::kind::send) return it->second->send(std::move(order.data));
    const auto gone = it->second;
    channels.erase(it);
    gone->close();
}

channel_sockets::channel_sockets(receivers r) : shell_(std::make_unique<shell>(std::move(r))) {}
channel_sockets::~channel_sockets() { stop(); }

void channel_sockets::start() {
    auto& s = *shell_;
    s.work.emplace(s.context.get_executor());
    s.thread = quiet_thread([&s] { s.context.run(); });
}

void channel_sockets::post(socket_order order) {
    asio::post(shell_->context, [s = shell_.get(), o = std::move(order)]() mutable { s->obey(std::move(o)); });
}

void channel_sockets::stop() {
    shell_->context.stop();
    if (shell_->thread.joinable()) shell_->thread.join();
}

}  // namespace ota::sandbox
