#include "gateway/cards/errc.hpp"
#include "gateway/cards/key_check.hpp"
#include "gateway/cards/open_store.hpp"
#include "gateway/cards/vault.hpp"
#include "gateway/cli/process_parts.hpp"
#include "gateway/cli/routes.hpp"

#include <filesystem>

namespace ota::cli {

namespace {

/// What the queue's library says, by syslog levels.
void tell_of_queue(ops::log& log, int level, std::string_view line) {
    constexpr int error = 3, notice = 5;
    if (level <= error) return log.warning("queue", {{"words", line}});
    if (level <= notice) return log.info("queue", {{"words", line}});
    log.debug("queue", {{"words", line}});
}

}  // namespace

gateway_process::gateway_process(gateway_settings settings, process_options options)
    : parts_(std::make_unique<parts>(std::move(settings), std::move(options))) {}

gateway_process::~gateway_process() { stop(std::chrono::milliseconds(0)); }

bool gateway_process::parts::open(std::string& why) {
    std::error_code ec;
    std::filesystem::create_directories(settings.data_directory, ec);
    auto key = cards::load_key_encryption_key(settings.key_encryption_key_path());
    if (!key) {
        why = "the key-encryption key " + settings.key_encryption_key_path() +
              " cannot be used: " + key.error().message() + " (make one with `otagw keys generate`)";
        return false;
    }
    kek = std::move(key.value());
    backend_fault fault;
    const auto tell = [&] {
        why = fault.sentence;
        misconfigured = fault.misconfigured;
        passing = fault.passing;
        return false;
    };
    if (!open_store(settings, behind, fault)) return tell();
    auto* const state = behind.state.get();
    auto mark = mark_of_tools(*state);
    if (!mark) {
        why = cards::name_of_store(settings) + ": " + mark.error().message();
        passing = mark.error() == store::errc::unreachable || mark.error() == store::errc::busy;
        return false;
    }
    if (auto checked = cards::check_key(*state, *kek, cards::system_random); !checked) {
        why = "the key-encryption key " + settings.key_encryption_key_path() +
              " cannot be used: " + checked.error().message();
        misconfigured = checked.error() == cards::errc::wrong_key;
        passing = checked.error() == store::errc::unreachable;
        return false;
    }
    client = std::make_unique<smpp::client>(client_settings_of(settings.routes), link);
    if (!join(std::move(mark.value()), why)) return false;
    if (!open_channels(why)) return false;
    if (!open_queue(
            settings, behind, [this](int level, std::string_view line) { tell_of_queue(log, level, line); }, fault))
        return tell();

    api = std::make_unique<api_parts>(settings, profiles, *state, *kek, options.instance);
    campaigns = std::make_unique<campaign_parts>(
        campaign_parts::surroundings{*state, settings, profiles, [this] { return reloads.running().settings; }, *kek,
                                     metrics, log, options.instance, membership != nullptr});
    corridor = std::make_unique<flow::corridor>(
        corridor_settings_of(settings, options.instance),
        flow::corridor_parts{*state, *behind.source, *behind.sink, *client, profiles, *kek, cards::system_random,
                             [this](const flow::commit_report& r) {
                                 figures_.on_commit(r);
                                 api->on_commit(r);
                                 if (options.on_commit) options.on_commit(r);
                             },
                             membership ? [this] { return neighbours(); } : std::function<flow::neighbourhood()>(),
                             channels(), [this] { return api->heard(); }});
    link_events.pass_to(*corridor);
    link.to = corridor.get();
    publisher = corridor.get();
    accept_reloads();
    return true;
}

/// Settings that change while it runs: the order is that of what depends on what.
void gateway_process::parts::accept_reloads() {
    using texts = std::vector<std::string>;
    reloads.add([this](const auto&, const gateway_settings& fresh, texts&, texts&) -> take_over {
        return [this, set = fresh.profiles] { profiles.replace(set); };
    });
    reloads.add([this](const auto& running, const auto& fresh, texts&, texts& faults) {
        return prepare_routes(running, fresh, faults);
    });
    reloads.add([this](const auto&, const gateway_settings& fresh, texts&, texts&) -> take_over {
        return [this, how = corridor_settings_of(fresh, options.instance), level = level_of(fresh.log),
                mask = fresh.mask_cards] {
            log.set_level(level);
            log.set_mask_cards(mask);
            corridor->change(how);
        };
    });
}

bool gateway_process::parts::open_channels(std::string& why) {
    if (!settings.bip.enabled) return true;
    wire::sip_key dice;
    cards::system_random({reinterpret_cast<std::uint8_t*>(&dice), sizeof dice});
    tokens.emplace(*kek);
    data_channels = std::make_unique<bip::server>(bip_server_settings_of(settings, dice), *kek, link_events);
    std::string fault;
    if (data_channels->start(fault)) return true;
    why = "bip: " + fault;
    return false;
}

std::optional<flow::channel_parts> gateway_process::parts::channels() const {
    if (!data_channels) return std::nullopt;
    return flow::channel_parts{*data_channels, *tokens,
                               push_target_of(settings.bip, data_channels->udp_port(), data_channels->tcp_port())};
}

bool gateway_process::start(std::string& why) {
    auto& p = *parts_;
    if (!p.open(why)) return false;
    p.figures_.refresh_from([&p] { return p.corridor->status(); }, [&p] { return p.client->status(); });
    if (p.options.http && !p.serve(why)) return false;
    p.thread = std::make_unique<flow::flow>(*p.corridor, *p.behind.source, p.settings.flow.commit_window);
    if (auto started = p.thread->start(); !started) {
        why = "the flow cannot start: " + started.error().message();
        return false;
    }
    p.client->start();
    p.campaigns->start();
    p.health.mark_started();
    p.log.info("started",
               {{"http_port", static_cast<std::uint64_t>(http_port())},
                {"routes", static_cast<std::uint64_t>(p.settings.routes.size())},
                {"profiles", static_cast<std::uint64_t>(p.settings.profiles.size())},
                {"bip_port", static_cast<std::uint64_t>(p.data_channels ? p.data_channels->udp_port() : 0)}});
    return true;
}

bool gateway_process::stop(std::chrono::milliseconds deadline) {
    auto& p = *parts_;
    if (!p.thread) return true;
    p.health.mark_draining();
    if (p.campaigns) p.campaigns->stop();
    const auto half = deadline / 2;
    if (p.data_channels) p.data_channels->drain();
    bool settled = p.thread->drain(half);
    if (p.data_channels)
        p.data_channels->shutdown(half);  // what has no proof by then is read back after the next start
    // What the routes still hold comes back as `not sent`: it is recorded and goes out after the next start, octet for
    // octet.
    p.client->shutdown(half);
    settled = p.thread->drain(std::chrono::milliseconds(500)) || settled;
    p.thread->stop();
    if (p.door) p.door->stop();
    p.dm_clock = {};
    if (p.devices) p.devices->finish_all();
    p.membership.reset();  // before the parts that it asks
    p.thread.reset();
    p.data_channels.reset();
    p.corridor.reset();
    p.client.reset();
    p.door.reset();
    p.campaigns.reset();
    p.dm.reset();
    p.devices.reset();
    p.notifier.reset();
    p.api.reset();
    p.behind = {};
    p.log.info("stopped", {{"settled", settled}});
    return settled;
}

bool gateway_process::outdated() const noexcept { return parts_->membership && parts_->membership->outdated(); }
bool gateway_process::misconfigured() const noexcept { return parts_->misconfigured; }
bool gateway_process::passing() const noexcept { return parts_->passing; }
std::uint16_t gateway_process::http_port() const noexcept {
    return parts_->door ? parts_->door->port() : std::uint16_t{0};
}
api::reload_result gateway_process::reload() { return parts_->reloads.reload(); }
api::reload_result gateway_process::reload(gateway_settings fresh) { return parts_->reloads.reload(std::move(fresh)); }
api::running_settings gateway_process::settings() const { return parts_->reloads.running(); }
std::vector<smpp::route_status> gateway_process::routes() const { return parts_->client->status(); }
flow::corridor_status gateway_process::status() const { return parts_->corridor->status(); }

}  // namespace ota::cli
