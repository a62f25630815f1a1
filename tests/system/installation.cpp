#include "tests/system/installation.hpp"

#include "gateway/http/ask.hpp"
#include "queue/base64.hpp"
#include "queue/event_sink.hpp"
#include "tests/published/published.hpp"

#include <gtest/gtest.h>
#include <boost/json.hpp>

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <random>
#include <sstream>
#include <thread>

namespace ota::system_test {

namespace {

constexpr const char* profile = R"(profiles:
  - name: tested
    spi: "1619"
    kic: aes
    kid: aes-cmac
    answer_timeout: 1s
    validity: 60s
    margin: 2s
    repeats: 5
    attempts: 10
    retry_backoff: 300ms
    applications:
      - {name: USIM, tar: b00011, format: compact, class: "00", directory: [7fff]}
    nodes:
      - {uri: ./SC/USIM/A, path: [7fff, 6f01], size: 20}
      - {uri: ./SC/USIM/B, path: [7fff, 6f02], size: 40}
)";

constexpr const char* profile_of_channels = R"(      - {uri: ./SC/USIM/C, path: [7fff, 6f03], size: 4096}
    bip:
      push_application: USIM
      connect_timeout: 20s
      answer_timeout: 15s
      retries: 8
      back_off: 1s
      rest: 1m
)";

constexpr const char* nodes[] = {"./SC/USIM/A", "./SC/USIM/B", "./SC/USIM/C"};
constexpr std::size_t sizes[] = {20, 40, 4096};

/// A port that nobody has now: a PUSH must name it before anybody listens.
std::uint16_t free_port(int kind) {
    const int s = ::socket(AF_INET, kind, 0);
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof at;
    const bool found = s >= 0 && ::bind(s, reinterpret_cast<sockaddr*>(&at), size) == 0 &&
                       ::getsockname(s, reinterpret_cast<sockaddr*>(&at), &size) == 0;
    if (s >= 0) ::close(s);
    if (!found) throw std::runtime_error("no free port");
    return ntohs(at.sin_port);
}

std::string settings_of_channels(bool by_tcp) {
    const auto udp = std::to_string(free_port(SOCK_DGRAM)), tcp = std::to_string(free_port(SOCK_STREAM));
    const std::string variant = by_tcp ? ", tcp: {port: " + tcp + ", identification_tag: 3}" : "";
    return "bip: {address: 127.0.0.1, port: " + udp + variant + ", public: {address: 127.0.0.1, port: " + udp +
           ", tcp_port: " + tcp + "}}\n";
}

}  // namespace

installation::installation(const std::string& name, std::size_t cards, const site_options& site)
    : place_(name), queue_(site.queue) {
    place_.write("profile.yaml", std::string(profile) + (site.channels ? profile_of_channels : "") +
                                     (site.by_tcp ? "      protocol: tcp\n" : ""));
    std::vector<std::string> command{
        otagw(),        "sandbox",   "--peers-only", "--profile-file", "profile.yaml", "--cards", std::to_string(cards),
        "--cards-file", "cards.csv", "--journal",    "journal"};
    command.insert(command.end(), site.peers.begin(), site.peers.end());
    peers_ = std::make_unique<program>(command, path(), path() / "peers.out");
    const auto line = peers_->wait_for("listening on ", std::chrono::seconds(30));
    if (line.empty()) throw std::runtime_error("the peers do not start: " + peers_->output());
    const auto port = line.substr(line.rfind(':') + 1);
    place_.write("gateway.yaml",
                 "data_directory: data\nhttp: {port: 0" + site.http +
                     "}\nprofile_files: [profile.yaml]\nroutes:\n  - {name: smsc, host: 127.0.0.1, port: " + port +
                     ", system_id: otagw, source: {address: \"4900\"}, response_timeout: 2s, reconnect: {min: 100ms, "
                     "max: 500ms}" +
                     site.route + "}\n" + site.settings +
                     (site.channels ? settings_of_channels(site.by_tcp) : std::string()));
    std::filesystem::create_directories(path() / "data");
    if (site.prepare_data) site.prepare_data(path() / "data");
    std::ifstream csv(path() / "cards.csv");
    std::ofstream imported(path() / "imported.csv");
    std::string row;
    std::getline(csv, row);
    imported << row << '\n';
    while (std::getline(csv, row)) {
        iccids_.push_back(row.substr(0, row.find(',')));
        imported << (site.alter_card ? site.alter_card(iccids_.size() - 1, row) : row) << '\n';
    }
    imported.close();
    tool({"keys", "generate", "data/kek"});
    tool({"cards", "import", "imported.csv", "--config", "gateway.yaml"});
    std::filesystem::remove(path() / "imported.csv");
}

std::unique_ptr<program> installation::start_gateway(program::environment env, std::vector<std::string> more) const {
    static int number = 0;
    more.insert(more.begin(), {otagw(), "run", "--config", "gateway.yaml"});
    return std::make_unique<program>(std::move(more), path(), path() / ("gateway-" + std::to_string(++number) + ".out"),
                                     std::move(env));
}

std::string installation::tool(std::vector<std::string> arguments) const {
    int code = 0;
    arguments.insert(arguments.begin(), otagw());
    auto out = run(arguments, path(), code);
    EXPECT_EQ(code, 0) << out;
    return out;
}

void installation::publish(std::size_t count) {
    static std::mt19937_64 dice(2);
    std::vector<std::pair<std::string, std::size_t>> chosen;
    for (std::size_t i = 0; i < count; ++i) {
        const auto which = dice() % 2;
        chosen.emplace_back(iccids_[dice() % iccids_.size()], which);
    }
    publish_all(chosen);
}

void installation::publish_large() {
    std::vector<std::pair<std::string, std::size_t>> chosen;
    for (const auto& iccid : iccids_) chosen.emplace_back(iccid, 2);
    publish_all(chosen);
}

void installation::publish_to(const std::string& iccid) { publish_all({{iccid, 0}}); }

void installation::publish_all(const std::vector<std::pair<std::string, std::size_t>>& cards_and_nodes) {
    static std::mt19937_64 dice(1);
    std::ofstream out(path() / "events.ndjson", std::ios::trunc);
    std::vector<keyed_event> events;
    for (const auto& [iccid, which] : cards_and_nodes) {
        wire::octets value(sizes[which]);
        for (auto& o : value) o = static_cast<std::uint8_t>(dice());
        boost::json::object event{
            {"specversion", "1.0"},
            {"type", "dm.mo.change.v1"},
            {"source", "urn:test"},
            {"id", "e" + std::to_string(published_++)},
            {"subject", iccid},
            {"datacontenttype", "application/json"},
            {"data",
             {{"op", "replace"}, {"node", nodes[which]}, {"format", "bin"}, {"value", queue::to_base64(value)}}}};
        events.emplace_back(iccid, boost::json::serialize(event));
        out << events.back().second << '\n';
        desired_[{iccid, nodes[which]}] = wire::to_hex(value);
    }
    out.close();
    if (queue_.publish) return queue_.publish(events);
    tool({"publish", "--config", "gateway.yaml", "events.ndjson"});
}

void installation::expect_everywhere(const std::string& hex) {
    for (const auto& iccid : iccids_) desired_[{iccid, nodes[0]}] = hex;
    published_ += iccids_.size();
}

std::map<std::string, std::map<std::string, int>> installation::finals() const {
    std::map<std::string, std::map<std::string, int>> states;
    for (const auto& line : statuses()) {
        boost::system::error_code ec;
        const auto v = boost::json::parse(line, ec);
        if (ec || !v.is_object()) continue;
        const auto& data = v.at("data").as_object();
        if (data.at("final").as_bool())
            ++states[std::string(data.at("event_id").as_string())][std::string(data.at("state").as_string())];
    }
    return states;
}

std::vector<std::string> installation::statuses() const {
    if (queue_.statuses) return queue_.statuses();
    int code = 0;  // 1 as long as nothing was published yet: there is no log
    std::istringstream lines(run(
        {otagw(), "events", "tail", "--config", "gateway.yaml", "--topic", "status", "--from", "start"}, path(), code));
    std::vector<std::string> out;
    for (std::string line; std::getline(lines, line);) out.push_back(line);
    return out;
}

std::size_t installation::wait_until_final(std::chrono::seconds at_most) const {
    const auto until = std::chrono::steady_clock::now() + at_most;
    std::size_t n = 0;
    while ((n = finals().size()) < published_ && std::chrono::steady_clock::now() < until) {
        std::this_thread::sleep_for(std::chrono::milliseconds(300));
    }
    return n;
}

void installation::expect_one_final_state_each() const {
    published::records all;
    for (const auto& status : statuses()) all.add(queue::topic_status, std::nullopt, status);
    EXPECT_EQ(all.breaches(), "");
    const auto states = finals();
    EXPECT_EQ(states.size(), published_);
    for (const auto& [id, by_state] : states) {
        EXPECT_EQ(by_state.size(), 1u) << id;
        for (const auto& [state, n] : by_state)
            EXPECT_TRUE(state == "applied" || state == "superseded") << id << ' ' << state;
    }
}

std::string installation::ask(program& gateway, std::string_view path) {
    const auto line = gateway.wait_for("\"started\"", std::chrono::seconds(30));
    boost::system::error_code ec;
    const auto started = boost::json::parse(line, ec);
    if (ec || !started.is_object()) return {};
    const auto port = started.at("http_port").to_number<std::uint16_t>();
    const auto said = http::ask("127.0.0.1", port, path, std::chrono::seconds(10));
    return said ? said->body : std::string();
}

std::string installation::stop_peers() {
    if (peers_->running()) peers_->signal(SIGTERM);
    EXPECT_EQ(peers_->wait(std::chrono::seconds(20)), 0) << peers_->output();
    const auto out = peers_->output();
    return out.substr(out.find('{'));
}

void installation::expect_good_verdict() {
    (void)stop_peers();
    std::ofstream out(path() / "desired.ndjson");
    for (const auto& [where, hex] : desired_) {
        out << R"({"iccid":")" << where.first << R"(","node":")" << where.second << R"(","hex":")" << hex << "\"}\n";
    }
    out.close();
    int code = 0;
    const auto verdict = run({otagw(), "sandbox", "--judge", "journal", "--desired", "desired.ndjson"}, path(), code);
    EXPECT_EQ(code, 0) << verdict;
    EXPECT_NE(verdict.find(R"("counters_reused":0)"), std::string::npos) << verdict;
    EXPECT_NE(verdict.find(R"("files_compared":)" + std::to_string(desired_.size())), std::string::npos) << verdict;
}

}  // namespace ota::system_test
