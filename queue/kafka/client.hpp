#pragma once

#include "secure-channel/wire/result.hpp"

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

// librdkafka's own types stay out of headers; these are their names.
struct rd_kafka_s;
struct rd_kafka_topic_s;
struct rd_kafka_queue_s;
struct rd_kafka_message_s;
struct rd_kafka_topic_partition_list_s;

/// A client of librdkafka, and what it says by itself.
namespace ota::queue::kafka {

/// librdkafka's configuration properties by name: "bootstrap.servers", "sasl.password", ...
using properties = std::map<std::string, std::string, std::less<>>;
using log_function = std::function<void(int level, std::string_view line)>;  ///< syslog levels; called from any thread

struct closer {
    void operator()(rd_kafka_s*) const noexcept;
    void operator()(rd_kafka_topic_s*) const noexcept;
    void operator()(rd_kafka_queue_s*) const noexcept;
    void operator()(rd_kafka_message_s*) const noexcept;
    void operator()(rd_kafka_topic_partition_list_s*) const noexcept;
};
template <class T>
using handle = std::unique_ptr<T, closer>;

/// Whoever owns a client hears from it: errors, rebalances and deliveries in the thread that polls, log lines in any.
class listener {
public:
    virtual ~listener() = default;
    virtual void on_rebalance(int /*what*/, rd_kafka_topic_partition_list_s*) {}
    virtual void on_delivery(const rd_kafka_message_s*) {}
    /// An error of the client as a whole; brokers come and go, so most of them pass.
    void on_error(int code, std::string_view words);
    void on_log(int level, std::string_view line) const;
    /// The last words that say more than that all brokers are down; empty when there were none.
    [[nodiscard]] std::string last_words() const;
    /// True once after errors that are worth a look.
    [[nodiscard]] bool troubled();
    /// Forgets what was said: the broker answers again.
    void calm();

protected:
    explicit listener(log_function log) : log_(std::move(log)) {}

private:
    log_function log_;
    mutable std::mutex mutex_;
    std::string words_;
    bool troubled_ = false;
};

enum class role { member, reader, producer };

/// `errc::bad_setting` with librdkafka's words, which never repeat the value of a property that may be a secret. The
/// listener outlives the client.
[[nodiscard]] wire::result<handle<rd_kafka_s>> open_client(role, const properties&, listener&);

/// The defaults of every client of ours, overridden by what is given.
[[nodiscard]] properties with_defaults(properties defaults, const properties& given);

/// "bootstrap.servers (kafka:9092): words", or what librdkafka calls the error when there are no words.
[[nodiscard]] std::string connection_words(const properties&, const listener&, int code);
/// The kind of a connection that fails with this code or these words.
[[nodiscard]] std::error_code connection_fault(const properties&, const listener&, int code);

}  // namespace ota::queue::kafka
