#include "sandbox/pcsc/vpcd_client.hpp"

#include <boost/asio/connect.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <csignal>

namespace ota::sandbox {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

std::optional<vpcd_address> parse_vpcd_address(std::string_view text) {
    vpcd_address out;
    auto host = text, port = std::string_view();
    if (const auto colon = text.rfind(':'); colon != std::string_view::npos && !text.ends_with(']')) {
        host = text.substr(0, colon);
        port = text.substr(colon + 1);
        const auto [at, fault] = std::from_chars(port.data(), port.data() + port.size(), out.port);
        if (fault != std::errc{} || at != port.data() + port.size() || out.port == 0) return std::nullopt;
    }
    if (host.starts_with('[') && host.ends_with(']')) {
        host = host.substr(1, host.size() - 2);
        if (host.empty()) return std::nullopt;
    } else if (host.find(':') != std::string_view::npos) {
        return std::nullopt;
    }
    if (!host.empty()) out.host = host;
    return host.empty() && port.empty() ? std::nullopt : std::optional(out);
}

struct vpcd_client::shell {
    shell(terminal_channel& card, vpcd_address to, std::function<void(std::string_view)> say, vpcd_waits how_long)
        : slot(card), address(std::move(to)), tell(std::move(say)), wait(how_long), next_wait(how_long.first) {}

    [[nodiscard]] std::string where() const { return address.host + ":" + std::to_string(address.port); }

    void connect() {
        resolver.async_resolve(address.host, std::to_string(address.port), [this](error_code fault, const auto& found) {
            if (fault) return lost(fault);
            asio::async_connect(socket, found,
                                [this](error_code ec, const tcp::endpoint&) { ec ? lost(ec) : connected(); });
        });
    }

    void connected() {
        error_code ignored, fault;
        // Where nobody listens on a port of the range that connections come from, one can meet itself.
        if (socket.local_endpoint(fault) == socket.remote_endpoint(ignored))
            return lost(asio::error::connection_refused);
        if (fault) return lost(fault);
        socket.set_option(tcp::no_delay(true), ignored);
        slot.on_connected();
        in_reader = true;
        complained = false;
        tell("the card is in the reader of vpcd at " + where());
        read();
    }

    void read() {
        socket.async_read_some(asio::buffer(in), [this](error_code ec, std::size_t n) {
            if (ec) return lost(ec);
            next_wait = wait.first;  // it is the driver: it asks
            out = slot.on_octets(wire::octet_view(in).first(n));
            if (out.empty()) return read();
            asio::async_write(socket, asio::buffer(out),
                              [this](error_code fault, std::size_t) { fault ? lost(fault) : read(); });
        });
    }

    /// Tries again after a while. A daemon that is not there is complained of once.
    void lost(error_code why) {
        if (stopping) return;
        error_code ignored;
        socket.close(ignored);
        if (in_reader) {
            tell("vpcd at " + where() + " has gone; connecting again");
        } else if (!complained) {
            tell("no vpcd at " + where() + " (" + why.message() + "); is pcscd running? Trying on");
            complained = true;
        }
        in_reader = false;
        timer.expires_after(next_wait);
        next_wait = std::min(next_wait * 2, wait.longest);
        timer.async_wait([this](error_code ec) {
            if (!ec && !stopping) connect();
        });
    }

    void stop() {
        stopping = true;
        error_code ignored;
        signals.cancel(ignored);
        timer.cancel();
        resolver.cancel();
        socket.close(ignored);
    }

    asio::io_context io{1};
    tcp::resolver resolver{io};
    tcp::socket socket{io};
    asio::steady_timer timer{io};
    asio::signal_set signals{io};
    virtual_slot slot;
    vpcd_address address;
    std::function<void(std::string_view)> tell;
    vpcd_waits wait;
    std::chrono::milliseconds next_wait;
    std::array<std::uint8_t, 4096> in{};
    wire::octets out;
    bool in_reader = false, complained = false, stopping = false;
};

vpcd_client::vpcd_client(terminal_channel& card, vpcd_address to, std::function<void(std::string_view)> tell,
                         vpcd_waits how_long)
    : shell_(std::make_unique<shell>(card, std::move(to), std::move(tell), how_long)) {}

vpcd_client::~vpcd_client() = default;

void vpcd_client::run() {
    shell_->signals.add(SIGTERM);
    shell_->signals.add(SIGINT);
    shell_->signals.async_wait([s = shell_.get()](error_code ec, int) {
        if (!ec) s->stop();
    });
    if (!shell_->stopping) shell_->connect();
    shell_->io.run();
}

void vpcd_client::stop() {
    asio::post(shell_->io, [s = shell_.get()] { s->stop(); });
}

std::uint64_t vpcd_client::commands() const noexcept { return shell_->slot.commands(); }

}  // namespace ota::sandbox
