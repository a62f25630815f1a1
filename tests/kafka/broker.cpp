#include "tests/kafka/broker.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <librdkafka/rdkafka.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <memory>
#include <random>
#include <sstream>
#include <stdexcept>
#include <thread>

namespace ota::kafka_rig {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

constexpr auto patience = 120s;  // until a broker answers, on a machine that does much else

std::string classpath(broker_options::generation version) {
    const fs::path lib = version == broker_options::generation::newest ? OTA_KAFKA_LIB : OTA_KAFKA_LIB_BEFORE_4;
    if (!fs::exists(lib / "complete"))
        throw std::runtime_error("no broker in " + lib.string() +
                                 ": tests/kafka/fetch_broker.sh fetches it (test kafka.fetch_broker)");
    return lib.string() + "/*";
}

bool is_free(std::uint16_t port) {
    const int s = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_port = htons(port);
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const bool bound = ::bind(s, reinterpret_cast<const sockaddr*>(&at), sizeof at) == 0;
    ::close(s);
    return bound;
}

/// Below the range that the system gives to outgoing connections: the port is still free when a killed broker comes
/// back.
std::uint16_t free_port() {
    static std::mt19937 random{std::random_device{}()};
    std::uniform_int_distribution<int> any(15000, 32000);
    for (int i = 0; i < 1000; ++i)
        if (const auto port = static_cast<std::uint16_t>(any(random)); is_free(port)) return port;
    throw std::runtime_error("no free port on loopback");
}

/// Runs java with its output in `log`; the child's own pid.
pid_t run_java(broker_options::generation version, const std::vector<std::string>& arguments, const fs::path& log) {
    std::vector<std::string> words{"java",
                                   "-Xmx384m",
                                   "-XX:TieredStopAtLevel=1",
                                   "-XX:+UseSerialGC",
                                   "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
                                   "-cp",
                                   classpath(version)};
    words.insert(words.end(), arguments.begin(), arguments.end());
    std::vector<char*> argv;
    for (auto& w : words) argv.push_back(w.data());
    argv.push_back(nullptr);
    const int out = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    const int in = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    const pid_t parent = ::getpid();
    const pid_t child = ::fork();
    if (child == 0) {  // only what a child of many threads may call
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (::getppid() != parent) ::_exit(1);
        ::dup2(in, 0), ::dup2(out, 1), ::dup2(out, 2);
        ::execvp(argv[0], argv.data());
        ::_exit(127);
    }
    ::close(out), ::close(in);
    if (child < 0) throw std::runtime_error("fork failed");
    return child;
}

}  // namespace

broker::broker(broker_options options) : options_(std::move(options)) {
    std::string name = (fs::temp_directory_path() / "otagw-kafka-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary directory");
    directory_ = name;
    for (int tries = 0;; ++tries) {  // another process may take a port first
        choose_ports();
        format();
        spawn();
        if (await()) return;
        const auto words = last_words();
        kill();
        if (tries == 2) {
            fs::remove_all(directory_);
            throw std::runtime_error("the broker does not start: " + words);
        }
    }
}

broker::~broker() {
    if (pid_ != 0) {
        thaw();
        kill();
    }
    std::error_code ignored;
    fs::remove_all(directory_, ignored);
}

std::string broker::address() const { return "127.0.0.1:" + std::to_string(port_); }
std::string broker::sasl_address() const { return "127.0.0.1:" + std::to_string(sasl_port_); }

void broker::choose_ports() {
    port_ = free_port();
    do controller_port_ = free_port();
    while (controller_port_ == port_);
    do sasl_port_ = free_port();
    while (sasl_port_ == port_ || sasl_port_ == controller_port_);
}

void broker::format() {
    fs::remove_all(directory_ / "data");
    const auto here = "PLAINTEXT://127.0.0.1:" + std::to_string(port_);
    const auto with_password = options_.sasl ? ",SASL_PLAINTEXT://" + sasl_address() : std::string();
    std::ofstream file(directory_ / "server.properties");
    file << "process.roles=broker,controller\nnode.id=1\ncontroller.quorum.voters=1@127.0.0.1:" << controller_port_
         << "\nlisteners=" << here << with_password << ",CONTROLLER://127.0.0.1:" << controller_port_
         << "\nadvertised.listeners=" << here << with_password
         << "\ncontroller.listener.names=CONTROLLER\ninter.broker.listener.name=PLAINTEXT\n"
            "listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SASL_PLAINTEXT:SASL_PLAINTEXT\n"
            "log.dirs="
         << (directory_ / "data").string()
         << "\noffsets.topic.replication.factor=1\ntransaction.state.log.replication.factor=1\n"
            "transaction.state.log.min.isr=1\noffsets.topic.num.partitions=1\ntransaction.state.log.num.partitions=1\n"
            "group.initial.rebalance.delay.ms=0\ngroup.min.session.timeout.ms=1000\nauto.create.topics.enable=false\n"
            "message.max.bytes=8388608\nfile.delete.delay.ms=1000\n";
    if (options_.sasl)
        file << "sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-256\n"
                "listener.name.sasl_plaintext.plain.sasl.jaas.config=org.apache.kafka.common.security.plain."
                "PlainLoginModule required user_gateway=\"correct\";\n"
                "listener.name.sasl_plaintext.scram-sha-256.sasl.jaas.config=org.apache.kafka.common.security.scram."
                "ScramLoginModule required;\n"
                "authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer\n"
                "super.users=User:ANONYMOUS\n";
    for (const auto& line : options_.properties) file << line << '\n';
    file.close();
    std::vector<std::string> words{"kafka.tools.StorageTool", "format", "-t",
                                   "4L6g3nShT-eMCtK--X86sw",  "-c",     (directory_ / "server.properties").string()};
    if (options_.sasl) {
        words.emplace_back("--add-scram");
        words.emplace_back("SCRAM-SHA-256=[name=gateway,password=correct]");
    }
    int status = 0;
    ::waitpid(run_java(options_.version, words, directory_ / "log"), &status, 0);
    if (status != 0) throw std::runtime_error("the broker's storage cannot be formatted: " + last_words());
}

void broker::spawn() {
    pid_ = run_java(options_.version, {"kafka.Kafka", (directory_ / "server.properties").string()}, directory_ / "log");
}

/// By a metadata request, not by a line in a log. False when the process ended or stays silent.
bool broker::await() {
    char words[256];
    auto* conf = rd_kafka_conf_new();
    rd_kafka_conf_set(conf, "bootstrap.servers", address().c_str(), words, sizeof words);
    rd_kafka_conf_set(conf, "reconnect.backoff.max.ms", "200", words, sizeof words);
    rd_kafka_conf_set(conf, "log_level", "0", words, sizeof words);
    const std::unique_ptr<rd_kafka_t, void (*)(rd_kafka_t*)> client(
        rd_kafka_new(RD_KAFKA_PRODUCER, conf, words, sizeof words), &rd_kafka_destroy);
    for (const auto until = std::chrono::steady_clock::now() + patience; std::chrono::steady_clock::now() < until;) {
        if (::waitpid(pid_, nullptr, WNOHANG) == pid_) {
            pid_ = 0;
            return false;
        }
        const rd_kafka_metadata_t* seen = nullptr;
        const auto error = rd_kafka_metadata(client.get(), 0, nullptr, &seen, 500);
        const bool answers = error == RD_KAFKA_RESP_ERR_NO_ERROR && seen->broker_cnt == 1;
        if (seen != nullptr) rd_kafka_metadata_destroy(seen);
        if (answers) return true;
        std::this_thread::sleep_for(50ms);
    }
    return false;
}

std::string broker::last_words() const {
    std::ifstream file(directory_ / "log");
    std::stringstream all;
    all << file.rdbuf();
    const auto text = all.str();
    return text.size() > 2000 ? text.substr(text.size() - 2000) : text;
}

void broker::start() {
    spawn();
    if (!await()) throw std::runtime_error("the broker does not come back: " + last_words());
}

void broker::kill() {
    if (pid_ == 0) return;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
    pid_ = 0;
}

void broker::stop() {
    if (pid_ == 0) return;
    ::kill(pid_, SIGTERM);
    for (const auto until = std::chrono::steady_clock::now() + 20s; std::chrono::steady_clock::now() < until;) {
        if (::waitpid(pid_, nullptr, WNOHANG) == pid_) {
            pid_ = 0;
            return;
        }
        std::this_thread::sleep_for(20ms);
    }
    kill();
}

void broker::wipe() { format(); }
void broker::freeze() { ::kill(pid_, SIGSTOP); }
void broker::thaw() { ::kill(pid_, SIGCONT); }

}  // namespace ota::kafka_rig
