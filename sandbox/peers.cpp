#include "sandbox/peers.hpp"

#include "sandbox/channel_sockets.hpp"
#include "sandbox/device_http.hpp"
#include "sandbox/external_network.hpp"
#include "sandbox/modem_pool.hpp"
#include "sandbox/smsc.hpp"

#include <atomic>
#include <mutex>
#include <thread>

namespace ota::sandbox {

namespace {

constexpr std::chrono::milliseconds tick{2};
constexpr std::chrono::milliseconds journal_flush{100};

instant clock_now() { return std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now()); }

}  // namespace

/// Binds the machines to the server's thread, to that of the devices' connections and to a clock of its own. One lock
/// holds SMSC, cards, devices and journal together.
class peers::world final : public smpp::server_observer {
public:
    explicit world(peers_options o)
        : options_(with_profile(std::move(o))),
          cards_(*options_.profile, population_of(options_), options_.quirks, options_.mishaps, journal_),
          sockets_({[this](channel_id channel, wire::octets data) { on_data(channel, std::move(data)); },
                    [this](channel_id channel, bool up) { on_link(channel, up); }}),
          radio_(options_.radio, options_.seed, [this](socket_order order) { sockets_.post(std::move(order)); }),
          modems_(cards_, radio_, options_.radio.share, options_.seed),
          devices_(pool_of(options_)),
          smsc_(options_.smsc, foreign()  ? external_
                               : devices_ ? *devices_
                                          : static_cast<network&>(modems_)),
          server_(server_settings_of(options_), *this),
          http_({options_.devices.connections, options_.devices.server_patience},
                [this](std::size_t device, std::uint64_t exchange, const http_outcome& out) {
                    on_http(device, exchange, out);
                }) {}

    bool start(std::string& error) {
        if (foreign() && !external_.start(options_.external_card, error)) return false;
        if (!foreign() && !options_.journal_file.empty() && !open_journal(error)) return false;
        if (!foreign()) sockets_.start();
        if (devices_) {
            http_.start();
            const std::scoped_lock lock(mutex_);
            devices_->switch_on(clock_now());
        }
        if (!server_.start(error)) return false;
        ticker_ = std::thread([this] { run_clock(); });
        return true;
    }

    void stop() {
        server_.stop();
        ending_ = true;
        if (ticker_.joinable()) ticker_.join();
        http_.stop();
        sockets_.stop();
        const std::scoped_lock lock(mutex_);
        journal_.flush();
    }

    smpp::bind_decision on_bind(smpp::session_id id, const smpp::bind& request) override {
        const std::scoped_lock lock(mutex_);
        return smsc_.on_bind(id, request);
    }
    void on_submit(std::vector<smpp::received_submit> batch) override {
        const std::scoped_lock lock(mutex_);
        perform(smsc_.on_submit(std::move(batch), clock_now()));
    }
    void on_deliver_answered(std::vector<smpp::delivery_answered> batch) override {
        const std::scoped_lock lock(mutex_);
        perform(smsc_.on_deliver_answered(std::move(batch), clock_now()));
    }
    void on_closed(smpp::session_id id) override {
        const std::scoped_lock lock(mutex_);
        smsc_.on_closed(id);
    }

    [[nodiscard]] peers_snapshot snapshot() const {
        const std::scoped_lock lock(mutex_);
        peers_snapshot out;
        out.smsc = smsc_.counts();
        out.cards = cards_.counts();
        out.radio = radio_.counts();
        if (devices_) {
            out.devices = devices_->counts();
            out.devices.connections = http_.connections();
            out.devices.beyond = http_.beyond();
            out.devices_busy = devices_->busy(clock_now());
        }
        out.waiting = smsc_.waiting();
        out.peak_submits = smsc_.submits().peak();
        out.peak_of_any_second = smsc_.submits().peak_of_any_second();
        out.peak_sessions = smsc_.peak_sessions();
        out.submits_by_second.assign(smsc_.submits().buckets().begin(), smsc_.submits().buckets().end());
        out.card_memory = ending_ ? cards_.memory() : 0;
        out.journal_records = journal_.records();
        out.journal_failure = journal_.failure();
        return out;
    }

    peers_options options_;
    mutable std::mutex mutex_;
    journal journal_;
    external_network external_;
    card_network cards_;
    channel_sockets sockets_;  // outlives those who close channels at their end
    radio_network radio_;
    modem_pool modems_;
    std::unique_ptr<device_pool> devices_;  // none when no card is in a device
    smsc smsc_;
    smpp::server server_;
    device_http http_;

private:
    static peers_options with_profile(peers_options o) {
        if (!o.profile) o.profile = demo_profile();
        return o;
    }
    static smpp::server_settings server_settings_of(const peers_options& o) {
        smpp::server_settings out;
        out.address = o.address;
        out.port = o.port;
        out.window = o.window;
        return out;
    }
    [[nodiscard]] bool foreign() const noexcept { return !options_.external_card.empty(); }

    std::unique_ptr<device_pool> pool_of(const peers_options& o) {
        if (o.devices.share <= 0 || foreign()) return nullptr;
        return std::make_unique<device_pool>(
            cards_, o.devices, o.seed, [this](device_message m) { http_.post(std::move(m)); }, &modems_,
            o.radio.share > 0 ? &radio_ : nullptr);
    }
    void on_http(std::size_t device, std::uint64_t exchange, const http_outcome& out) {
        const std::scoped_lock lock(mutex_);
        std::optional<dm_response> answer;
        if (out.answered) answer = {out.status, out.content_type, out.body, out.hmac};
        devices_->on_answer(device, exchange, answer, clock_now());
    }

    void on_data(channel_id channel, wire::octets data) {
        const std::scoped_lock lock(mutex_);
        radio_.on_data(channel, std::move(data), clock_now());
    }
    void on_link(channel_id channel, bool up) {
        const std::scoped_lock lock(mutex_);
        radio_.on_link(channel, up, clock_now());
    }

    bool open_journal(std::string& error) {
        if (!journal_.open(options_.journal_file, error)) return false;
        journal_extent known;
        if (!read_journal(
                options_.journal_file, [this](const auto& r) { cards_.restore(r); }, known, error))
            return false;
        cards_.open_journal(clock_now());
        journal_.flush();
        return true;
    }

    void perform(smsc::output out) {
        if (!out.responses.empty()) server_.respond(std::move(out.responses));
        if (!out.deliveries.empty()) server_.deliver(std::move(out.deliveries));
        if (out.cut_all) server_.close_all();
    }

    void run_clock() {
        auto flushed = std::chrono::steady_clock::now();
        while (!ending_) {
            std::this_thread::sleep_for(tick);
            const std::scoped_lock lock(mutex_);
            const auto now = clock_now();
            if (const auto due = smsc_.next_due(now); due && *due <= now + tick) perform(smsc_.on_tick(now));
            if (const auto due = radio_.next_due(); due && *due <= now) radio_.on_tick(now);
            if (const auto due = modems_.next_due(); due && *due <= now) modems_.on_tick(now);
            if (devices_)
                if (const auto due = devices_->next_due(); due && *due <= now) devices_->on_tick(now);
            const auto at = std::chrono::steady_clock::now();
            if (at - flushed < journal_flush) continue;
            flushed = at;
            journal_.flush();
        }
    }

    std::atomic<bool> ending_{false};
    std::thread ticker_;
};

peers::peers(peers_options o) : world_(std::make_unique<world>(std::move(o))) {}
peers::~peers() { world_->stop(); }

bool peers::start(std::string& error) { return world_->start(error); }
std::uint16_t peers::port() const noexcept { return world_->server_.port(); }
void peers::stop() { world_->stop(); }
const population& peers::who() const noexcept { return world_->cards_.who(); }
const card_profile& peers::profile() const noexcept { return *world_->options_.profile; }
peers_snapshot peers::snapshot() const { return world_->snapshot(); }
void peers::cut_connections() { world_->server_.close_all(); }

std::optional<wire::octets> peers::content(std::size_t card, std::string_view node) const {
    const std::scoped_lock lock(world_->mutex_);
    return world_->cards_.content(card, node);
}

bool peers::with_devices(const std::function<void(device_pool&, instant)>& look) {
    const std::scoped_lock lock(world_->mutex_);
    if (!world_->devices_) return false;
    look(*world_->devices_, clock_now());
    return true;
}

void peers::change(const smsc_settings& settings) {
    const std::scoped_lock lock(world_->mutex_);
    world_->smsc_.change(settings);
}

void peers::flush_journal() {
    const std::scoped_lock lock(world_->mutex_);
    world_->journal_.flush();
}

}  // namespace ota::sandbox
