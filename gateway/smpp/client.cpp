#include "gateway/smpp/client.hpp"

#include "gateway/smpp/switchboard.hpp"
#include "gateway/smpp/transport.hpp"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <utility>

namespace ota::smpp {
namespace {

constexpr std::size_t most_output_waiting = 1 << 20;  ///< a peer that does not read its answers is not read either
constexpr milliseconds goodbye{1'000};                ///< for unbind_resp, after the deadline of `shutdown`

}  // namespace

/// Feeds the switchboard from the transport and performs its turns; decides nothing.
class client::shell final : public transport_observer {
public:
    shell(client_settings settings, bearer::observer& told)
        : board_(std::move(settings)), observer_(told), net_(*this) {}

    void start() {
        thread_ = std::thread([this] { net_.run(); });
        net_.post([this] { feed([&](const moment& at) { board_.start(at, turn_); }); });
    }

    void submit(std::vector<bearer::submission> messages) {
        const std::scoped_lock lock(inbox_mutex_);
        auto& to = inbox_.messages;
        if (to.empty()) {
            to = std::move(messages);
        } else {
            to.insert(to.end(), std::move_iterator(messages.begin()), std::move_iterator(messages.end()));
        }
        wake();
    }

    void answer(const std::vector<std::uint64_t>& tokens, bool accepted) {
        const std::scoped_lock lock(inbox_mutex_);
        auto& to = accepted ? inbox_.accepted : inbox_.refused;
        to.insert(to.end(), tokens.begin(), tokens.end());
        wake();
    }

    void set_routes(std::vector<route_settings> routes) {
        if (shared_) all_ours_until_ = time_point::min();
        net_.post([this, routes = std::move(routes)] {
            feed([&](const moment& at) { board_.set_routes(routes, at, turn_); });
        });
    }

    void set_shares(std::vector<route_share> shares) {
        shared_ = true;
        auto all_until = time_point::max();
        for (const auto& each : shares)
            all_until = std::min(all_until, each.binds > 0 ? each.until : time_point::min());
        all_ours_until_ = all_until;
        none_ours_ =
            !shares.empty() && std::ranges::none_of(shares, [](const route_share& each) { return each.binds > 0; });
        net_.post([this, shares = std::move(shares)] {
            feed([&](const moment& at) { board_.set_shares(shares, at, turn_); });
        });
    }

    /// Asked for every packet that is planned: mostly all routes are ours.
    bool serves(std::string_view destination) {
        const auto at = now();
        if (at.now < all_ours_until_.load()) return true;
        const std::scoped_lock lock(board_mutex_);
        return board_.serves(destination, at);
    }
    bool serves_nobody() const noexcept { return none_ours_; }

    std::vector<route_status> status() {
        const std::scoped_lock lock(board_mutex_);
        return board_.status(now());
    }

    void shutdown(milliseconds deadline) {
        if (!thread_.joinable()) thread_ = std::thread([this] { net_.run(); });
        net_.post([this, deadline] {
            deadline_ = std::chrono::steady_clock::now() + deadline;
            read_inbox();
            feed([&](const moment& at) { board_.shut_down(at, turn_); });
            conclude();
        });
        {
            std::unique_lock lock(finished_mutex_);
            finished_cv_.wait(lock, [this] { return finished_; });
        }
        stop();
    }

    void stop() {
        if (!thread_.joinable()) return;
        net_.stop();
        thread_.join();
    }

    void on_open(stream_id s) override {
        const auto id = link_of_.at(s);
        feed([&](const moment& at) { board_.on_connected(id, at, turn_); });
    }

    bool on_octets(stream_id s, wire::octet_view octets) override {
        const auto id = link_of_.at(s);
        feed([&](const moment& at) { board_.on_octets(id, octets, at, turn_); });
        if (board_.output_waiting(id) >= most_output_waiting) return false;
        if (!board_.gathering(id, std::chrono::steady_clock::now())) return true;
        unread_.push_back(
            s);  // the answers to come are read together as well: a read of many costs little more than of one
        return false;
    }

    void on_written(stream_id s) override {
        const auto id = link_of_.at(s);
        feed([&](const moment& at) { board_.on_written(id, at, turn_); });
        if (board_.output_waiting(id) < most_output_waiting) net_.resume(s);
    }

    void on_closed(stream_id s, const std::string& why) override {
        const auto id = link_of_.at(s);
        link_of_.erase(s);
        stream_of_.erase(id);
        feed([&](const moment& at) { board_.on_disconnected(id, why, at, turn_); });
        conclude();
    }

    void on_timer() override {
        armed_ = time_point::max();
        if (unread_.empty()) return tick();
        for (auto s : std::exchange(unread_, {})) {
            const auto link = link_of_.find(s);
            if (link != link_of_.end() && board_.output_waiting(link->second) < most_output_waiting) net_.resume(s);
        }
        net_.post([this] { tick(); });  // behind what was read: it makes room in the windows
    }

private:
    void tick() {
        next_tick_ = std::chrono::steady_clock::now() + milliseconds(100);
        feed([&](const moment& at) { board_.on_tick(at, turn_); });
        conclude();
    }

    static moment now() {
        return {std::chrono::steady_clock::now(),
                std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now())};
    }

    /// With `inbox_mutex_` held.
    void wake() {
        if (std::exchange(woken_, true) || in_turn_ == std::this_thread::get_id()) return;
        net_.post([this] { read_inbox(); });
    }

    struct inbox {
        std::vector<bearer::submission> messages;
        std::vector<std::uint64_t> accepted;
        std::vector<std::uint64_t> refused;
    };

    /// What other threads and the observer left, or nothing.
    std::optional<inbox> take_inbox(bool later) {
        const std::scoped_lock lock(inbox_mutex_);
        if (!woken_) return std::nullopt;
        if (later) {
            net_.post([this] { read_inbox(); });
            return std::nullopt;
        }
        woken_ = false;
        return std::exchange(inbox_, {});
    }

    void read_inbox() {
        feed([](const moment&) {});
    }

    /// One turn, and those that the observer's own calls ask for.
    template <class F>
    void feed(F&& input) {
        const auto at = now();
        in_turn_ = std::this_thread::get_id();
        turn_once([&] { input(at); });
        constexpr int most_rounds = 8;  // then the sockets have their turn
        for (int round = 0; auto more = take_inbox(round == most_rounds); ++round) {
            turn_once([&] {
                if (!more->accepted.empty()) board_.answer(more->accepted, true, at, turn_);
                if (!more->refused.empty()) board_.answer(more->refused, false, at, turn_);
                if (!more->messages.empty()) board_.submit(std::move(more->messages), at, turn_);
            });
        }
        const auto wake = std::min(next_tick_, board_.wake_at(at.now));
        if (wake >= armed_) return;
        armed_ = wake;
        net_.wake_at(wake);
    }

    template <class F>
    void turn_once(F&& input) {
        {
            const std::scoped_lock lock(board_mutex_);
            turn_.clear();
            input();
        }
        perform();
    }

    void perform() {
        for (auto id : turn_.connect) {
            const auto& s = board_.settings_of(id);
            const auto stream = net_.connect(s.host, s.port, s.tls, s.connect_timeout);
            link_of_[stream] = id;
            stream_of_[id] = stream;
        }
        for (auto id : turn_.write) {
            board_.take_output(id, buffer_);
            net_.write(stream_of_.at(id), buffer_);
        }
        for (auto id : turn_.close)
            if (const auto found = stream_of_.find(id); found != stream_of_.end()) net_.close(found->second);
        if (!turn_.submitted.empty()) observer_.on_submitted(std::exchange(turn_.submitted, {}));
        if (!turn_.delivered.empty()) observer_.on_delivered(std::exchange(turn_.delivered, {}));
    }

    /// After each turn of a shutdown: is it over, or overdue?
    void conclude() {
        if (!deadline_ || done_) return;
        const auto at = std::chrono::steady_clock::now();
        if (at >= *deadline_ && !std::exchange(given_up_, true))
            feed([&](const moment& m) { board_.give_up(m, turn_); });
        if (at >= *deadline_ + goodbye)
            for (const auto& [stream, id] : link_of_) net_.cut(stream);
        if (!board_.finished()) return;
        done_ = true;
        const std::scoped_lock lock(finished_mutex_);
        finished_ = true;
        finished_cv_.notify_all();
    }

    std::mutex board_mutex_;  ///< `status` and `serves` read from other threads
    std::atomic<time_point> all_ours_until_{time_point::max()};
    std::atomic<bool> none_ours_{false};
    std::atomic<bool> shared_{false};
    switchboard board_;
    bearer::observer& observer_;
    transport net_;
    std::thread thread_;

    turn turn_;
    wire::octets buffer_;
    std::unordered_map<stream_id, link_id> link_of_;
    std::unordered_map<link_id, stream_id> stream_of_;
    std::vector<stream_id> unread_;  ///< left alone until the timer, within a fraction of a millisecond
    time_point next_tick_{};
    time_point armed_ = time_point::max();
    bool given_up_ = false;
    bool done_ = false;
    std::optional<time_point> deadline_;

    std::mutex inbox_mutex_;
    inbox inbox_;
    bool woken_ = false;
    std::atomic<std::thread::id> in_turn_{};  ///< the client's thread: its own calls are read at the end of the turn

    std::mutex finished_mutex_;
    std::condition_variable finished_cv_;
    bool finished_ = false;
};

client::client(client_settings settings, bearer::observer& told)
    : shell_(std::make_unique<shell>(std::move(settings), told)) {}

client::~client() { shell_->stop(); }

void client::start() { shell_->start(); }

void client::submit(std::vector<bearer::submission> messages) { shell_->submit(std::move(messages)); }

void client::set_shares(std::vector<route_share> shares) { shell_->set_shares(std::move(shares)); }

void client::set_routes(std::vector<route_settings> routes) { shell_->set_routes(std::move(routes)); }

bool client::serves(std::string_view destination) const { return shell_->serves(destination); }

bool client::serves_nobody() const { return shell_->serves_nobody(); }

void client::answer(const std::vector<std::uint64_t>& tokens, bool accepted) { shell_->answer(tokens, accepted); }

std::vector<route_status> client::status() const { return shell_->status(); }

void client::shutdown(std::chrono::milliseconds deadline) { shell_->shutdown(deadline); }

}  // namespace ota::smpp
