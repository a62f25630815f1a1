#include "gateway/bip/server.hpp"

#include "gateway/bip/exchange.hpp"
#include "gateway/bip/sockets.hpp"
#include "gateway/quiet_thread.hpp"

#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>

namespace ota::bip {
namespace {

time_point now() { return std::chrono::steady_clock::now(); }
bool by_tcp(bearer::link_id id) noexcept { return id.value % 2 == 1; }

}  // namespace

/// Feeds the two machines and does what they say. A link's number tells whose it is.
class server::shell final : public sockets_observer {
public:
    shell(server_settings s, const secure_channel::key_encryption_key& kek, bearer::link_observer& told)
        : settings_(std::move(s)),
          observer_(told),
          tokens_(kek),
          used_(settings_.remember, settings_.remembered),
          exchange_(settings_.exchange, tokens_, used_, settings_.dice),
          callers_(settings_.callers, tokens_, used_),
          net_(*this) {}

    bool start(std::string& error) {
        udp_port_ = net_.open_udp(settings_.address, settings_.port, error);
        if (udp_port_ == 0) return false;
        if (settings_.tcp_port) {
            tcp_port_ = net_.listen_tcp(settings_.address, *settings_.tcp_port, settings_.tcp_keep_alive, error);
            if (tcp_port_ == 0) return false;
        }
        thread_ = quiet_thread([this] { net_.run(); });
        return true;
    }

    void shutdown(std::chrono::milliseconds at_most) {
        if (!thread_.joinable()) return;
        drain();
        {
            std::unique_lock lock(mutex_);
            changed_.wait_for(lock, at_most, [this] { return drained_; });
        }
        net_.post([this] {
            exchange_.stop(now(), cat_tp_);
            callers_.stop(tcp_);
            on_turn();
            net_.stop();
        });
        thread_.join();
    }

    void drain() {
        net_.post([this] {
            draining_ = true;
            net_.stop_listening();
            exchange_.drain(now(), cat_tp_);
            callers_.drain(tcp_);
            on_turn();
        });
    }

    void transmit(bearer::link_id id, bearer::submission_id submission, wire::octets packet) {
        net_.post([this, id, submission, packet = std::move(packet)]() mutable {
            if (by_tcp(id)) {
                callers_.transmit(id, std::move(packet), now(), tcp_);
            } else {
                exchange_.transmit(id, submission, std::move(packet), now(), cat_tp_);
            }
            on_turn();
        });
    }

    void keep(bearer::link_id id, bool work) {
        net_.post([this, id, work] {
            by_tcp(id) ? callers_.keep(id, work, now(), tcp_) : exchange_.keep(id, work, now(), cat_tp_);
            on_turn();
        });
    }

    void close(bearer::link_id id) {
        net_.post([this, id] {
            by_tcp(id) ? callers_.close(id, tcp_) : exchange_.close(id, now(), cat_tp_);
            on_turn();
        });
    }

    server_status status() const {
        const std::scoped_lock lock(mutex_);
        return status_;
    }

    void on_datagram(const endpoint& from, wire::octet_view octets) override {
        exchange_.on_datagram(from, octets, now(), cat_tp_);
    }
    void on_connected(std::uint64_t caller, const endpoint& from) override {
        callers_.on_connected(caller, from, now(), tcp_);
    }
    void on_octets(std::uint64_t caller, wire::octet_view octets) override {
        callers_.on_octets(caller, octets, now(), tcp_);
    }
    void on_written(std::uint64_t caller) override { callers_.on_written(caller, now()); }
    void on_closed(std::uint64_t caller) override { callers_.on_closed(caller, tcp_); }
    void on_timer() override {
        awake_.reset();
        exchange_.on_tick(now(), cat_tp_);
        callers_.on_tick(now(), tcp_);
    }

    /// Does what the machines said, tells the observer, and sets the clock.
    void on_turn() override {
        for (const auto& each : cat_tp_.send) {
            if (!net_.send(each.to, each.octets)) ++dropped_;
        }
        for (auto& each : tcp_.write) net_.write(each.to, std::move(each.octets));
        for (const auto each : tcp_.close) net_.close(each);
        for (const auto each : tcp_.cut) net_.cut(each);
        auto told = std::move(cat_tp_.tell);
        told.insert(told.end(), std::make_move_iterator(tcp_.tell.begin()), std::make_move_iterator(tcp_.tell.end()));
        cat_tp_ = {};
        tcp_ = {};
        if (!told.empty()) observer_.on_links(std::move(told));
        take_picture();
        set_clock();
    }

    std::uint16_t udp_port_ = 0, tcp_port_ = 0;

private:
    void take_picture() {
        const std::scoped_lock lock(mutex_);
        status_ = {exchange_.tally(), callers_.tally(), exchange_.figures()};
        status_.cat_tp.dropped = dropped_;
        status_.now.tcp_links = callers_.links();
        status_.now.tcp_unidentified = callers_.unidentified();
        drained_ = draining_ && exchange_.figures().links == 0 && callers_.links() == 0;
        if (drained_) changed_.notify_all();
    }

    void set_clock() {
        auto next = exchange_.due();
        const auto other = callers_.due();
        if (other && (!next || *other < *next)) next = other;
        if (!next || (awake_ && *awake_ <= *next)) return;
        awake_ = next;
        net_.wake_at(*next);
    }

    server_settings settings_;
    bearer::link_observer& observer_;
    bearer::push_tokens tokens_;
    used_pushes used_;
    exchange exchange_;
    callers callers_;
    exchange::actions cat_tp_;
    callers::actions tcp_;
    std::optional<time_point> awake_;  ///< when the clock rings
    std::uint64_t dropped_ = 0;
    bool draining_ = false;
    sockets net_;
    std::thread thread_;

    mutable std::mutex mutex_;
    std::condition_variable changed_;
    server_status status_;
    bool drained_ = false;
};

server::server(server_settings settings, const secure_channel::key_encryption_key& kek, bearer::link_observer& told)
    : shell_(std::make_unique<shell>(std::move(settings), kek, told)) {}

server::~server() { shell_->shutdown(std::chrono::milliseconds(0)); }

bool server::start(std::string& error) { return shell_->start(error); }
std::uint16_t server::udp_port() const noexcept { return shell_->udp_port_; }
std::uint16_t server::tcp_port() const noexcept { return shell_->tcp_port_; }
void server::transmit(bearer::link_id id, bearer::submission_id submission, wire::octets packet) {
    shell_->transmit(id, submission, std::move(packet));
}
void server::keep(bearer::link_id id, bool work) { shell_->keep(id, work); }
void server::close(bearer::link_id id) { shell_->close(id); }
void server::drain() { shell_->drain(); }
void server::shutdown(std::chrono::milliseconds at_most) { shell_->shutdown(at_most); }
server_status server::status() const { return shell_->status(); }

}  // namespace ota::bip
