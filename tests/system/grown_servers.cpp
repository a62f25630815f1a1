#include "tests/system/grown_servers.hpp"

#include <sstream>
#include <stdexcept>

namespace ota::system_test {

grown_servers::grown_servers(kafka_rig::broker_options options)
    : database(store::postgres_cluster::shared().make_database()), kafka(std::move(options)), events(kafka.address()) {
    events.create("dm.mo.changes", partitions, {{"max.message.bytes", "8388608"}});
    events.create("dm.mo.status", partitions);
    events.create("dm.mo.changes.dlq", 1);
    events.create("dm.card.state", partitions, {{"cleanup.policy", "compact"}});
}

grown_servers::~grown_servers() { store::postgres_cluster::shared().drop_database(database); }

site_options grown_servers::site(std::vector<std::string> peer_options, const std::string& more,
                                 const std::string& of_store) {
    site_options out;
    out.peers = std::move(peer_options);
    const auto connection = cluster().options(database).connection;
    out.settings = "store: {kind: postgres, connection: \"" + connection + "\", migrate: true" + of_store +
                   "}\nqueue: {kind: kafka, bootstrap_servers: \"" + kafka.address() + "\"" + more + "}\n";
    out.queue.publish = [this](const std::vector<keyed_event>& all) {
        std::vector<kafka_rig::sent> records;
        for (const auto& [key, json] : all) records.push_back({.key = key, .payload = json, .headers = {}});
        events.produce("dm.mo.changes", records);
    };
    out.queue.statuses = [this] { return payloads("dm.mo.status"); };
    return out;
}

std::vector<std::string> grown_servers::payloads(const std::string& topic) {
    std::vector<std::string> out;
    for (auto& r : events.read(topic)) out.push_back(std::move(r.payload).value_or(""));
    return out;
}

std::string grown_servers::ask(const std::string& sql) { return cluster().run(database, sql); }

std::size_t grown_servers::closed() {
    try {
        return std::stoul(ask("SELECT count(*) FROM otagw.event_end"));
    } catch (const std::runtime_error&) {  // it is being restarted
        return 0;
    }
}

std::map<std::string, int> grown_servers::states() {
    std::istringstream all(ask("SELECT string_agg(id || ' ' || coalesce(state, 0), E'\\n') FROM otagw.readable_event"));
    std::map<std::string, int> out;
    std::string id;
    for (int state = 0; all >> id >> state;) out[id] = state;
    return out;
}

}  // namespace ota::system_test
