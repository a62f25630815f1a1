#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

/// One Apache Kafka broker (KRaft, its own controller) on loopback ports, in a directory of its own below the temporary
/// one.
namespace ota::kafka_rig {

struct broker_options {
    std::vector<std::string> properties;  ///< more lines for server.properties
    /// A second listener with SASL: PLAIN and SCRAM-SHA-256, user "gateway", password "correct". Only who comes over
    /// the other listener may do anything, until ACLs say more.
    bool sasl = false;
    /// Of the broker: the newest of the rig, or the one before Kafka 4.
    enum class generation : std::uint8_t { newest, before_4 } version = generation::newest;
};

/// The process dies with the thread that started it. Every member that can fail throws std::runtime_error with the
/// broker's last words.
class broker {
public:
    explicit broker(broker_options = {});
    ~broker();
    broker(const broker&) = delete;
    broker& operator=(const broker&) = delete;

    [[nodiscard]] std::string address() const;       ///< bootstrap.servers
    [[nodiscard]] std::string sasl_address() const;  ///< of the second listener
    [[nodiscard]] pid_t pid() const { return pid_; }
    /// On the same ports and directory as before; returns when it answers.
    void start();
    void kill();    ///< SIGKILL, as a power cut is to the process
    void stop();    ///< SIGTERM, and SIGKILL when that takes longer than 20 s
    void wipe();    ///< of a broker that stands: forgets every topic
    void freeze();  ///< SIGSTOP
    void thaw();    ///< SIGCONT

private:
    void choose_ports();
    void format();
    void spawn();
    [[nodiscard]] bool await();
    [[nodiscard]] std::string last_words() const;

    broker_options options_;
    std::filesystem::path directory_;
    std::uint16_t port_ = 0, controller_port_ = 0, sasl_port_ = 0;
    pid_t pid_ = 0;
};

}  // namespace ota::kafka_rig
