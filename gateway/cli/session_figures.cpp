#include "gateway/cli/session_figures.hpp"

namespace ota::cli {

namespace {

class totals {
public:
    explicit totals(ops::metrics& m) : metrics_(m) {}
    void operator()(const char* name, const char* help, std::uint64_t value, const ops::labels& with = {}) {
        metrics_.make_counter(name, help, with).raise_to(static_cast<double>(value));
    }

private:
    ops::metrics& metrics_;
};

void put(ops::metrics& metrics, const sessions::counts& c) {
    totals total(metrics);
    total("otagw_dm_sessions_total", "DM sessions of devices that proved themselves.", c.sessions);
    for (std::size_t i = 0; i < c.ended.size(); ++i) {
        total("otagw_dm_sessions_ended_total", "DM sessions by how they ended.", c.ended[i],
              {{"reason", std::string(dm::to_string(static_cast<dm::ending>(i)))}});
    }
    const auto objects = [&](const char* state, std::uint64_t n) {
        total("otagw_dm_objects_total", "Management objects by what devices told of them.", n, {{"state", state}});
    };
    objects("incorporated", c.confirmed);
    objects("differing", c.differing);
    objects("missing", c.missing);
    objects("declined", c.declined);
    objects("purged", c.purged);
    objects("drift", c.drifts);
    const auto execs = [&](const char* state, std::uint64_t n) {
        total("otagw_dm_execs_total", "Exec events by how far they came in sessions.", n, {{"state", state}});
    };
    execs("sent", c.execs_sent);
    execs("applied", c.execs_applied);
    execs("failed", c.execs_failed);
    total("otagw_dm_changes_total", "Change events made of what a session changed.", c.changes);
    total("otagw_dm_store_failures_total", "What a device said and could not be stored.", c.store_failures);
    const auto refused = [&](const char* reason, std::uint64_t n) {
        total("otagw_dm_clients_refused_total", "Callers without an account of their own.", n, {{"reason", reason}});
    };
    refused("unknown", c.unknown_clients);
    refused("ambiguous", c.ambiguous_clients);
}

void put(ops::metrics& metrics, const dm::counts& c, const dm::table_counts& table) {
    totals total(metrics);
    total("otagw_dm_messages_total", "DM messages taken.", c.messages);
    total("otagw_dm_messages_repeated_total", "DM messages that came again and were answered as before.", c.repeated);
    const auto refused = [&](const char* reason, std::uint64_t n) {
        total("otagw_dm_messages_refused_total", "DM messages that were refused.", n, {{"reason", reason}});
    };
    refused("too-large", c.too_large);
    refused("other-type", c.other_type);
    refused("malformed", c.malformed);
    refused("other-version", c.other_version);
    refused("other-session", c.other_session);
    refused("out-of-order", c.out_of_order);
    refused("too-many-commands", c.too_many_commands);
    refused("after-end", c.after_end);
    refused("no-credentials", c.no_credentials);
    refused("wrong-credentials", c.wrong_credentials);
    refused("no-room", table.full);
    total("otagw_dm_commands_refused_total", "Commands that a device may not send.", c.commands_refused);
    total("otagw_dm_server_refused_total", "Times that a device did not take our credentials.", c.refused_by_device);
}

}  // namespace

void refresh_from(ops::metrics& metrics, const sessions::device_sessions& devices, http::dm_sessions& served) {
    auto open = metrics.make_gauge("otagw_dm_sessions_open", "DM sessions that are kept, ended ones for a while.");
    metrics.on_render([&metrics, &devices, &served, open]() mutable {
        open.set(static_cast<double>(served.size()));
        put(metrics, devices.tally());
        put(metrics, served.met(), served.tally());
    });
}

void tell(ops::log& log, const sessions::note& n) {
    log.info(n.what, {{"card", n.card}, {"device", n.device}, {"node", n.node}});
}

}  // namespace ota::cli
