#include "gateway/profile/gateway_settings.hpp"

#include "gateway/profile/backend_settings.hpp"
#include "gateway/profile/load_profiles.hpp"
#include "gateway/profile/route_settings.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <filesystem>

namespace ota {
namespace {

using config::fault;

void read_key_file(const config::node& root, const std::string& folder, gateway_settings& s) {
    const auto at = root.at("key_encryption_key_file");
    s.key_encryption_key_file = below(folder, root.text("key_encryption_key_file", ""));
    const auto file = s.key_encryption_key_path();
    struct stat about {};
    if (::stat(file.c_str(), &about) != 0) {
        if (at.exists()) at.complain("names a file that cannot be read");
        return;
    }
    // R24: the key that wraps all others.
    if (!S_ISREG(about.st_mode)) return at.complain("names something that is not a regular file");
    if ((about.st_mode & (S_IRWXG | S_IRWXO)) != 0) at.complain(file + " may be read by others: chmod 600 it");
    const bool sized = about.st_size == 32 || (about.st_size >= 64 && about.st_size <= 66);
    if (!sized) at.complain(file + " should hold 32 octets, or 64 hexadecimal digits");
}

void read_dm(const config::node& at, dm_settings& dm) {
    dm.sessions =
        static_cast<std::size_t>(at.integer("sessions", static_cast<std::int64_t>(dm.sessions), 1, 1'000'000));
    dm.max_message =
        static_cast<std::size_t>(at.integer("max_message", static_cast<std::int64_t>(dm.max_message), 512, 1'000'000));
    dm.silence = at.duration("silence", dm.silence);
    dm.allow_basic = at.flag("allow_basic", dm.allow_basic);
    at.finish();
    if (dm.silence < std::chrono::seconds(1)) at.at("silence").complain("should be a second or more");
}

void read_flow(const config::node& at, flow_settings& flow) {
    flow.batch = static_cast<std::size_t>(at.integer("batch", static_cast<std::int64_t>(flow.batch), 1, 100'000));
    flow.commit_window = at.duration("commit_window", flow.commit_window);
    flow.submissions_in_flight = static_cast<std::size_t>(
        at.integer("submissions_in_flight", static_cast<std::int64_t>(flow.submissions_in_flight), 1, 10'000'000));
    flow.event_life = at.duration("event_life", flow.event_life);
    flow.unknown_card = static_cast<unknown_card_policy>(at.choice("unknown_card", {"reject", "park"}, 0));
    flow.drain_deadline = at.duration("drain_deadline", flow.drain_deadline);
    at.finish();
    // R4: a deliver_sm is answered after the commit, at most 5 s after it came.
    if (flow.commit_window > std::chrono::seconds(1)) at.at("commit_window").complain("should be a second at most");
    if (flow.event_life < std::chrono::minutes(1)) at.at("event_life").complain("should be a minute or more");
}

std::vector<source_rule> read_sources(const config::node& list) {
    std::vector<source_rule> out;
    for (const auto& item : list.items()) {
        source_rule rule{item.required_text("name"), item.texts("nodes")};
        if (rule.nodes.empty()) item.at("nodes").complain("should list the URI prefixes that the source may touch");
        for (const auto& prefix : item.at("nodes").items()) {
            const auto text = prefix.scalar().value_or("");
            if (text != "." && !text.starts_with("./")) prefix.complain("should be a URI that begins with ./");
        }
        item.finish();
        out.push_back(std::move(rule));
    }
    return out;
}

void read_profiles(const config::node& root, const std::string& folder, config::faults& told, profile_set& into) {
    load_profiles(root.at("profiles"), into);
    std::vector<std::string> seen;
    for (const auto& item : root.at("profile_files").items()) {
        const auto file = below(folder, item.scalar().value_or(""));
        if (file.empty()) continue;
        if (std::find(seen.begin(), seen.end(), file) != seen.end()) {
            item.complain("is named twice");
            continue;
        }
        seen.push_back(file);
        std::error_code ignored;
        if (!std::filesystem::is_regular_file(file, ignored)) {
            item.complain("names a file that cannot be read");
            continue;
        }
        const auto faults_before = told.list().size();
        const auto document = config::document::load(file, told);
        const auto list = document.root().at("profiles");
        if (!list.exists() && told.list().size() == faults_before)
            list.complain("is missing: a profile file holds a list of profiles");
        load_profiles(list, into);
        document.root().finish();
    }
}

/// A profile that asks cards to come needs a place for them to come to.
void check_bip(const config::node& root, const gateway_settings& s) {
    const auto at = root.at("bip");
    for (const auto& [name, profile] : s.profiles) {
        if (!profile->bip) continue;
        const bool tcp = profile->bip->protocol == bip_protocol::tcp;
        if (!s.bip.enabled) {
            at.complain((at.exists() ? "is not enabled" : "is missing") + std::string(": profile ") + name +
                        " has data channels (its own section bip)");
        } else if (tcp && !s.bip.tcp) {
            at.at("tcp").complain("is missing: profile " + name + " has bip.protocol: tcp");
        } else if (tcp && s.bip.public_address.empty()) {
            at.at("public").at("address").complain("is missing: profile " + name +
                                                   " has bip.protocol: tcp, whose PUSH must name it");
        }
    }
}

void check_together(const config::node& root, const gateway_settings& s) {
    // R22: an event that the queue can still bring again must still be known.
    if (s.store.retention < s.queue.retention) {
        root.at("store")
            .at("retention")
            .complain("is shorter than the queue's: an event that is read again would run again");
    }
    if (s.queue.kind == queue_kind::kafka && s.store.kind == store_kind::sqlite)
        root.at("store").complain("is a file of this machine: instances that share a Kafka group need kind: postgres",
                                  fault::severity::warning);
    check_bip(root, s);
    for (const auto& [name, profile] : s.profiles) {
        // R18: a sending never outlives its event.
        if (profile->validity > s.flow.event_life) {
            root.at("flow")
                .at("event_life")
                .complain("is shorter than the validity of profile " + name + ", which it cuts",
                          fault::severity::warning);
        }
    }
    if (s.routes.empty()) root.at("routes").complain("no route: nothing can be sent", fault::severity::warning);
    if (s.profiles.empty())
        root.at("profiles").complain("no card profile: no card can be served", fault::severity::warning);
}

}  // namespace

std::string gateway_settings::store_path() const {
    return store.path.empty() ? data_directory + "/otagw.db" : store.path;
}
std::string gateway_settings::queue_directory() const {
    return queue.directory.empty() ? data_directory + "/queue" : queue.directory;
}
std::string gateway_settings::key_encryption_key_path() const {
    return key_encryption_key_file.empty() ? data_directory + "/kek" : key_encryption_key_file;
}
std::string gateway_settings::audit_directory() const {
    return http.audit_directory.empty() ? data_directory + "/audit" : http.audit_directory;
}

gateway_settings read_gateway_settings(const config::node& root, const std::string& folder, config::faults& told) {
    gateway_settings s;
    s.data_directory = below(folder, root.text("data_directory", s.data_directory));
    read_key_file(root, folder, s);
    read_store(root.at("store"), folder, s.store);
    read_queue(root.at("queue"), folder, s.queue);
    s.http = read_http(root.at("http"), folder);
    read_dm(root.at("dm"), s.dm);
    s.bip = read_bip(root.at("bip"));
    const auto log = root.at("log");
    s.log = static_cast<log_level>(log.choice("level", {"debug", "info", "warning", "error"}, 1));
    s.mask_cards = log.flag("mask_cards", s.mask_cards);
    log.finish();
    read_flow(root.at("flow"), s.flow);
    s.routes = read_routes(root.at("routes"), folder);
    s.sources = read_sources(root.at("sources"));
    read_profiles(root, folder, told, s.profiles);
    root.finish();
    check_together(root, s);
    return s;
}

gateway_settings load_gateway_settings(const std::string& file, config::faults& told) {
    const auto document = config::document::load(file, told);
    if (!document.root().exists() && told.any_error()) return {};
    const auto folder = std::filesystem::path(file).parent_path().string();
    return read_gateway_settings(document.root(), folder, told);
}

}  // namespace ota
