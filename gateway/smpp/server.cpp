#include "gateway/smpp/server.hpp"

#include "gateway/smpp/session.hpp"
#include "gateway/smpp/transport.hpp"

#include <atomic>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <type_traits>
#include <unordered_map>
#include <utility>

namespace ota::smpp {
namespace {

constexpr std::size_t most_output_waiting = 4 << 20;

/// One ESME.
struct guest {
    session machine;
    actions out;
    std::deque<delivery> waiting;  ///< for room in the window
    bool writing = false;
    bool closing = false;
};

session_settings settings_of(const server_settings& s) {
    session_settings out;
    out.side = role::smsc;
    out.window = s.window;
    out.open_requests = 1'000'000;
    out.response_timeout = s.response_timeout;
    out.enquire_interval = s.enquire_interval;
    return out;
}

}  // namespace

/// Feeds one session machine per connection. A session is named by its stream.
class server::shell final : public transport_observer {
public:
    shell(server_settings settings, server_observer& told)
        : settings_(std::move(settings)), observer_(told), net_(*this) {}

    bool start(std::string& error) {
        port_ = net_.listen(settings_.address, settings_.port, {settings_.certificate_file, settings_.private_key_file},
                            error);
        if (port_ == 0) return false;
        net_.wake_at(std::chrono::steady_clock::now());
        thread_ = std::thread([this] { net_.run(); });
        return true;
    }

    std::uint16_t port() const noexcept { return port_; }

    void stop() {
        if (!thread_.joinable()) return;
        net_.stop();
        thread_.join();
    }

    void respond(std::vector<response> what) { put(std::move(what)); }
    void deliver(std::vector<delivery> what) { put(std::move(what)); }

    void unbind(session_id id) {
        net_.post([this, id] {
            with(id, [](guest& g) { g.machine.unbind(std::chrono::steady_clock::now(), g.out); });
            flush();
        });
    }

    void write_raw(session_id id, wire::octets octets) {
        net_.post([this, id, octets = std::move(octets)] {
            with(id, [&](guest& g) { g.out.write.put(octets); });
            flush();
        });
    }

    void close(session_id id) {
        net_.post([this, id] { net_.cut(id); });
    }

    void close_all() {
        net_.post([this] {
            for (const auto& [id, g] : guests_) net_.cut(id);
        });
    }

    void on_open(stream_id id) override {
        auto& g = guests_.emplace(id, guest{session(settings_of(settings_)), {}, {}, false, false}).first->second;
        g.machine.on_connected(std::chrono::steady_clock::now(), g.out);
    }

    bool on_octets(stream_id id, wire::octet_view octets) override {
        auto& g = guests_.at(id);
        g.machine.on_octets(octets, std::chrono::steady_clock::now(), g.out);
        hear(id, g);
        flush();
        const auto found = guests_.find(id);
        return found == guests_.end() || found->second.out.write.size() < most_output_waiting;
    }

    void on_written(stream_id id) override {
        with(id, [&](guest& g) { g.writing = false; });
        flush();
        net_.resume(id);
    }

    void on_closed(stream_id id, const std::string&) override {
        const auto found = guests_.find(id);
        if (found == guests_.end()) return;
        found->second.machine.on_disconnected(found->second.out);
        hear(id, found->second);
        for (const auto& d : found->second.waiting) answered_.push_back({id, d.token, std::nullopt});
        guests_.erase(found);
        flush();
        observer_.on_closed(id);
    }

    void on_timer() override {
        const auto now = std::chrono::steady_clock::now();
        for (auto& [id, g] : guests_) {
            g.machine.on_tick(now, g.out);
            hear(id, g);
        }
        flush();
        net_.wake_at(now + milliseconds(100));
    }

private:
    /// What the observer gives back is done in the order of its calls: a receipt may overtake a response.
    using inbox = std::vector<std::variant<std::vector<response>, std::vector<delivery>>>;

    template <class T>
    void put(std::vector<T> what) {
        const std::scoped_lock lock(inbox_mutex_);
        inbox_.emplace_back(std::move(what));
        // What the observer answers on the spot is read at the end of this very turn.
        if (in_turn_ == std::this_thread::get_id() || std::exchange(woken_, true)) return;
        net_.post([this] { flush(); });
    }

    template <class F>
    void with(session_id id, F&& act) {
        const auto found = guests_.find(id);
        if (found == guests_.end()) return;
        act(found->second);
        hear(id, found->second);
    }

    /// Sorts what a session told.
    void hear(session_id id, guest& g) {
        for (auto& each : g.out.events) {
            if (auto* r = std::get_if<received>(&each)) {
                take(id, g, *r);
            } else if (auto* a = std::get_if<answered>(&each)) {
                answered_.push_back({id, a->token, a->command_status});
            } else if (auto* u = std::get_if<unanswered>(&each)) {
                answered_.push_back({id, u->token, std::nullopt});
            } else if (auto* b = std::get_if<bind_asked>(&each)) {
                asked_.emplace_back(id, std::move(b->what));
            } else if (std::holds_alternative<ended>(each)) {
                g.closing = true;
            }
        }
        g.out.events.clear();
    }

    void take(session_id id, guest& g, received& r) {
        if (auto* m = std::get_if<submit_sm>(&r.message)) {
            submits_.push_back({id, r.request, std::move(*m)});
        } else {
            g.machine.answer(r.request, status::invalid_command_id, {}, true, g.out);
        }
    }

    /// Tells the observer, takes its answers in, writes.
    void flush() {
        in_turn_ = std::this_thread::get_id();
        for (;;) {
            tell();
            if (!read_inbox()) break;
        }
        in_turn_ = std::thread::id();
        for (auto& [id, g] : guests_) {
            if (!g.writing && g.out.write.size() != 0) {
                g.writing = true;
                buffer_.clear();
                buffer_.swap(g.out.write.buffer());
                net_.write(id, buffer_);
            }
            if (g.closing && g.out.write.size() == 0) net_.close(id);  // nothing of our last words is lost
        }
    }

    void tell() {
        for (auto& [id, what] : std::exchange(asked_, {})) {
            const auto decided = observer_.on_bind(id, what);
            if (decided.answer)
                with(id, [&](guest& g) { g.machine.answer_bind(decided.command_status, decided.system_id, g.out); });
        }
        if (!submits_.empty()) observer_.on_submit(std::exchange(submits_, {}));
        if (!answered_.empty()) observer_.on_deliver_answered(std::exchange(answered_, {}));
    }

    /// False: there was nothing, and nothing to tell came of it.
    bool read_inbox() {
        inbox taken;
        {
            const std::scoped_lock lock(inbox_mutex_);
            taken.swap(inbox_);
            woken_ = false;
        }
        for (auto& each : taken) std::visit([&](auto& what) { act(what); }, each);
        const auto now = std::chrono::steady_clock::now();
        for (auto& [id, g] : guests_) send_waiting(g, now);
        return !taken.empty() || !answered_.empty();
    }

    void act(std::vector<response>& responses) {
        for (auto& r : responses) {
            const auto found = guests_.find(r.session);
            if (found == guests_.end()) continue;
            const message_resp what{std::move(r.message_id), std::move(r.tlvs)};
            found->second.machine.answer(r.request, r.command_status, what, r.with_body, found->second.out);
        }
    }

    void act(std::vector<delivery>& deliveries) {
        const auto now = std::chrono::steady_clock::now();
        for (auto& d : deliveries) {
            const auto found = guests_.find(d.session);
            if (found == guests_.end()) {
                answered_.push_back({d.session, d.token, std::nullopt});
                continue;
            }
            auto& g = found->second;
            if (g.waiting.empty() && g.machine.deliver(d.message, d.token, now, g.out)) continue;
            g.waiting.push_back(std::move(d));
        }
    }

    static void send_waiting(guest& g, time_point now) {
        while (!g.waiting.empty() && g.machine.deliver(g.waiting.front().message, g.waiting.front().token, now, g.out))
            g.waiting.pop_front();
    }

    server_settings settings_;
    server_observer& observer_;
    transport net_;
    std::thread thread_;
    std::uint16_t port_ = 0;

    std::unordered_map<session_id, guest> guests_;
    std::vector<std::pair<session_id, bind>> asked_;
    std::vector<received_submit> submits_;
    std::vector<delivery_answered> answered_;
    wire::octets buffer_;

    std::mutex inbox_mutex_;
    std::atomic<std::thread::id> in_turn_{};
    inbox inbox_;
    bool woken_ = false;
};

server::server(server_settings settings, server_observer& told)
    : shell_(std::make_unique<shell>(std::move(settings), told)) {}

server::~server() { shell_->stop(); }

bool server::start(std::string& error) { return shell_->start(error); }
std::uint16_t server::port() const noexcept { return shell_->port(); }
void server::respond(std::vector<response> what) { shell_->respond(std::move(what)); }
void server::deliver(std::vector<delivery> what) { shell_->deliver(std::move(what)); }
void server::unbind(session_id id) { shell_->unbind(id); }
void server::close(session_id id) { shell_->close(id); }
void server::close_all() { shell_->close_all(); }
void server::write_raw(session_id id, wire::octets octets) { shell_->write_raw(id, std::move(octets)); }
void server::stop() { shell_->stop(); }

}  // namespace ota::smpp
