#include "queue/kafka/client.hpp"

#include "queue/kafka/errc.hpp"

#include <librdkafka/rdkafka.h>

#include <array>

namespace ota::queue::kafka {
namespace {

listener& of(void* opaque) { return *static_cast<listener*>(opaque); }

void error_of(rd_kafka_t*, int code, const char* words, void* opaque) { of(opaque).on_error(code, words); }

void log_of(const rd_kafka_t* client, int level, const char* facility, const char* line) {
    auto* opaque = rd_kafka_opaque(client);
    if (opaque != nullptr) of(opaque).on_log(level, std::string(facility) + ": " + line);
}

void rebalance_of(rd_kafka_t*, rd_kafka_resp_err_t what, rd_kafka_topic_partition_list_t* list, void* opaque) {
    of(opaque).on_rebalance(what, list);
}

void delivery_of(rd_kafka_t*, const rd_kafka_message_t* message, void* opaque) { of(opaque).on_delivery(message); }

bool may_be_secret(std::string_view name) {
    for (const std::string_view part : {"password", ".pem", "secret", "oauthbearer.config", "jaas", "key"})
        if (name.find(part) != std::string_view::npos) return true;
    return false;
}

/// "(after 3ms in state CONNECT, 1 identical error(s) suppressed)" differs every time and tells an operator nothing.
std::string without_timing(std::string_view words) {
    const auto at = words.find(" (after ");
    return std::string(words.substr(0, at));
}

wire::result<rd_kafka_conf_t*> configure(role as, const properties& given, listener& hears) {
    auto* conf = rd_kafka_conf_new();
    std::array<char, 512> words{};
    for (const auto& [name, value] : given) {
        if (rd_kafka_conf_set(conf, name.c_str(), value.c_str(), words.data(), words.size()) == RD_KAFKA_CONF_OK)
            continue;
        rd_kafka_conf_destroy(conf);
        return fault(errc::bad_setting,
                     "Kafka property " + name + ": " +
                         (may_be_secret(name) ? "is not known, or its value cannot be taken" : words.data()));
    }
    rd_kafka_conf_set_opaque(conf, &hears);
    rd_kafka_conf_set_error_cb(conf, error_of);
    rd_kafka_conf_set_log_cb(conf, log_of);
    if (as == role::member) rd_kafka_conf_set_rebalance_cb(conf, rebalance_of);
    if (as == role::producer) rd_kafka_conf_set_dr_msg_cb(conf, delivery_of);
    return conf;
}

}  // namespace

void closer::operator()(rd_kafka_s* c) const noexcept {
    rd_kafka_destroy_flags(c, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
}
void closer::operator()(rd_kafka_topic_s* t) const noexcept { rd_kafka_topic_destroy(t); }
void closer::operator()(rd_kafka_queue_s* q) const noexcept { rd_kafka_queue_destroy(q); }
void closer::operator()(rd_kafka_message_s* m) const noexcept { rd_kafka_message_destroy(m); }
void closer::operator()(rd_kafka_topic_partition_list_s* l) const noexcept { rd_kafka_topic_partition_list_destroy(l); }

void listener::on_error(int code, std::string_view words) {
    {
        std::lock_guard lock(mutex_);
        troubled_ = true;
        if (code != RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN) words_ = without_timing(words);
    }
    on_log(4, words);
}

void listener::on_log(int level, std::string_view line) const {
    if (log_) log_(level, line);
}

std::string listener::last_words() const {
    std::lock_guard lock(mutex_);
    return words_;
}

bool listener::troubled() {
    std::lock_guard lock(mutex_);
    return std::exchange(troubled_, false);
}

void listener::calm() {
    std::lock_guard lock(mutex_);
    words_.clear();
    troubled_ = false;
}

wire::result<handle<rd_kafka_s>> open_client(role as, const properties& given, listener& hears) {
    OTA_TRY(auto* const conf, configure(as, given, hears));
    std::array<char, 512> words{};
    auto* made =
        rd_kafka_new(as == role::producer ? RD_KAFKA_PRODUCER : RD_KAFKA_CONSUMER, conf, words.data(), words.size());
    if (made == nullptr) {
        rd_kafka_conf_destroy(conf);
        return fault(errc::bad_setting, std::string("Kafka properties: ") + words.data());
    }
    return handle<rd_kafka_s>(made);
}

properties with_defaults(properties defaults, const properties& given) {
    for (const auto& [name, value] : given) defaults.insert_or_assign(name, value);
    return defaults;
}

std::string connection_words(const properties& given, const listener& heard, int code) {
    const auto servers = given.find("bootstrap.servers");
    auto words = heard.last_words();
    if (words.empty()) words = rd_kafka_err2str(static_cast<rd_kafka_resp_err_t>(code));
    return "bootstrap.servers (" + (servers == given.end() ? std::string("not set") : servers->second) + "): " + words;
}

std::error_code connection_fault(const properties& given, const listener& heard, int code) {
    const auto words = connection_words(given, heard, code);
    const bool credentials =
        code == RD_KAFKA_RESP_ERR__AUTHENTICATION || words.find("uthentication") != std::string::npos;
    // Before 2.6.1 librdkafka repeats its own nonce, which brokers let pass until Kafka 4 [librdkafka pull request
    // 4895].
    const bool old_scram = words.find("SCRAM") != std::string::npos && rd_kafka_version() < 0x020601ff;
    if (credentials)
        return fault(errc::refused, words + " (look at sasl.mechanisms, sasl.username, sasl.password" +
                                        (old_scram ? "; SCRAM with Kafka 4 or newer needs librdkafka 2.6.1, this is " +
                                                         std::string(rd_kafka_version_str()) + ")"
                                                   : ")"));
    const bool tls = code == RD_KAFKA_RESP_ERR__SSL || words.find("SSL") != std::string::npos;
    if (tls) return fault(errc::refused, words + " (look at security.protocol, ssl.ca.location)");
    return fault(errc::unreachable, words);
}

}  // namespace ota::queue::kafka
