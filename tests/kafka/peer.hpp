#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

struct rd_kafka_s;

/// The other side of the tests: an administrator, a producer and a reader that know nothing of the product. Members
/// throw std::runtime_error with the broker's words.
namespace ota::kafka_rig {

using names_and_values = std::map<std::string, std::string>;

struct sent {
    std::optional<std::string> key;
    std::optional<std::string> payload;
    std::vector<std::pair<std::string, std::string>> headers;
    std::int32_t partition = -1;  ///< -1: by the key
};

struct seen {
    std::int32_t partition = 0;
    std::int64_t offset = 0;
    std::optional<std::string> key, payload;
    std::vector<std::pair<std::string, std::string>> headers;
    /// Empty when there is none.
    [[nodiscard]] std::string header(const std::string& name) const;
};

class peer {
public:
    explicit peer(std::string address, names_and_values properties = {});
    ~peer();
    peer(const peer&) = delete;
    peer& operator=(const peer&) = delete;

    void create(const std::string& topic, int partitions, const names_and_values& settings = {});
    void remove(const std::string& topic);  ///< returns when the broker does not know it any more
    void grow(const std::string& topic, int partitions);
    void delete_records(const std::string& topic, std::int32_t partition, std::int64_t before);
    /// Offsets of the records, in their order.
    std::vector<std::int64_t> produce(const std::string& topic, const std::vector<sent>&);
    std::int64_t produce(const std::string& topic, std::int32_t partition, const std::string& key,
                         const std::string& payload);
    /// Everything that lies in the topic now.
    [[nodiscard]] std::vector<seen> read(const std::string& topic);
    /// -1001 (RD_KAFKA_OFFSET_INVALID) when the group has committed nothing.
    [[nodiscard]] std::int64_t committed(const std::string& group, const std::string& topic, std::int32_t partition);
    /// As an operator does it by hand, to a group without members.
    void commit(const std::string& group, const std::string& topic, std::int32_t partition, std::int64_t offset);

private:
    [[nodiscard]] int partitions_of(const std::string& topic);
    [[nodiscard]] std::unique_ptr<rd_kafka_s, void (*)(rd_kafka_s*)> client(bool producer,
                                                                            const names_and_values& more) const;

    std::string address_;
    names_and_values properties_;
    std::unique_ptr<rd_kafka_s, void (*)(rd_kafka_s*)> producer_;
};

/// Asks again and again until the answer is yes, for 60 s at most; the last answer.
[[nodiscard]] bool eventually(const std::function<bool()>&);

}  // namespace ota::kafka_rig
