#include "bench/grown_site.hpp"

#include "queue/base64.hpp"
#include "queue/event.hpp"
#include "secure-channel/wire/octets.hpp"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <fstream>
#include <stdexcept>

namespace ota::bench {
namespace {

using std::chrono::seconds;

constexpr int partitions = 12;

/// One node of 20 octets: every event is one packet of one SMS. The timers are those of the sample profiles.
constexpr const char* profile = R"(profiles:
  - name: bench
    spi: "1619"
    kic: aes
    kid: aes-cmac
    answer_timeout: 15m
    validity: 24h
    margin: 10m
    applications:
      - {name: USIM, tar: b00011, format: compact, class: "00", directory: [7fff]}
    nodes:
      - {uri: ./SC/USIM/Bench, path: [7fff, 6fee], size: 20}
)";

/// A server of this size for this machine: 512 MiB of buffers, and no checkpoint within a measurement.
std::vector<std::string> server_settings() {
    return {"shared_buffers=512MB", "max_wal_size=8GB", "checkpoint_timeout=30min"};
}

[[noreturn]] void fail(const std::string& what, const std::string& words) {
    throw std::runtime_error(what + ": " + words);
}

std::uint64_t now_us() {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::microseconds>(now).count());
}

}  // namespace

grown_site::grown_site(std::size_t cards, std::size_t binds, bool journal)
    : place_("bench"),
      cluster_(server_settings()),
      database_(cluster_.make_database()),
      events_(broker_.address(), {{"linger.ms", "1"}}) {
    events_.create("dm.mo.changes", partitions);
    events_.create("dm.mo.status", partitions);
    events_.create("dm.mo.changes.dlq", 1);
    events_.create("dm.card.state", partitions, {{"cleanup.policy", "compact"}});
    place_.write("profile.yaml", profile);
    start_peers(cards, journal);
    write_settings(binds);
    import_cards();
}

void grown_site::start_peers(std::size_t cards, bool journal) {
    // An SMSC that does not hold deliveries back.
    std::vector<std::string> command{
        system_test::otagw(),  "sandbox",      "--peers-only", "--profile-file", "profile.yaml", "--cards",
        std::to_string(cards), "--cards-file", "cards.csv",    "--window",       "20000"};
    if (journal) command.insert(command.end(), {"--journal", "journal"});
    peers_ = std::make_unique<system_test::program>(command, place_.path(), place_.path() / "peers.out");
    const auto line = peers_->wait_for("listening on ", seconds(60));
    if (line.empty()) fail("SMSC and cards do not start", peers_->output());
    smsc_port_ = line.substr(line.rfind(':') + 1);
}

void grown_site::write_settings(std::size_t binds) {
    place_.write("gateway.yaml",
                 "data_directory: data\nhttp: {port: 0}\nlog: {level: error}\nprofile_files: [profile.yaml]\nroutes:\n"
                 "  - {name: smsc, host: 127.0.0.1, port: " +
                     smsc_port_ + ", system_id: otagw, binds: " + std::to_string(binds) +
                     ", window: 1000, source: {address: \"4900\"}, reconnect: {min: 100ms, max: 500ms}}\n"
                     "store: {kind: postgres, connection: \"" +
                     cluster_.options(database_).connection +
                     "\"}\n"
                     "queue: {kind: kafka, bootstrap_servers: \"" +
                     broker_.address() + "\"}\n");
    std::filesystem::create_directories(place_.path() / "data");
}

void grown_site::import_cards() {
    for (const auto& arguments : {std::vector<std::string>{"keys", "generate", "data/kek"},
                                  {"cards", "import", "cards.csv", "--config", "gateway.yaml"}}) {
        std::vector<std::string> command{system_test::otagw()};
        command.insert(command.end(), arguments.begin(), arguments.end());
        int code = 0;
        const auto words = system_test::run(command, place_.path(), code, seconds(600));
        if (code != 0) fail("cards", words);
    }
    std::ifstream rows(place_.path() / "cards.csv");
    std::string row;
    for (std::getline(rows, row); std::getline(rows, row);) iccids_.push_back(row.substr(0, row.find(',')));
    std::ranges::shuffle(iccids_, dice_);  // as a DM server names them: a random row each time
}

void grown_site::add_gateway() {
    const auto number = std::to_string(gateways_.size());
    const auto file = place_.path() / ("gateway-" + number + ".yaml");
    std::ifstream all(place_.path() / "gateway.yaml");
    std::ofstream own(file);
    for (std::string line; std::getline(all, line);) {
        if (line.starts_with("queue:")) line.insert(line.size() - 1, ", instance_id: instance-" + number);
        own << (line.starts_with("log:") ? "log: {level: info}" : line) << '\n';
    }
    own.close();
    gateways_.push_back(std::make_unique<system_test::program>(
        std::vector<std::string>{system_test::otagw(), "run", "--config", file.filename(), "--instance", number},
        place_.path(), place_.path() / ("gateway-" + number + ".out")));
    if (gateways_.back()->wait_for("\"started\"", seconds(60)).empty())
        fail("gateway " + number + " does not start", gateways_.back()->output());
}

void grown_site::produce(std::size_t count) {
    constexpr std::size_t lump = 20'000;
    wire::octets octets(20);
    for (std::size_t left = count; left > 0;) {
        std::vector<kafka_rig::sent> records;
        for (std::size_t i = std::min(left, lump); i > 0; --i, --left) {
            for (auto& o : octets) o = static_cast<std::uint8_t>(dice_());
            queue::change_event e;
            e.source = "urn:otagw:bench";
            e.id = "bench-" + std::to_string(produced_at_.size() + records.size());
            e.subject = card_of(produced_at_.size() + records.size());
            e.node = "./SC/USIM/Bench";
            e.format = "bin";
            e.value = {queue::node_value::kind::text, queue::to_base64(octets)};
            records.push_back({.key = e.subject, .payload = queue::serialize_event(e), .headers = {}});
        }
        produced_at_.insert(produced_at_.end(), records.size(), now_us());
        events_.produce("dm.mo.changes", records);
    }
}

double grown_site::number(const std::string& sql) {
    const auto said = cluster_.run(database_, sql);
    return said.empty() ? 0 : std::stod(said);
}

std::size_t grown_site::closed() {
    return static_cast<std::size_t>(number("SELECT count(*) FROM otagw.event_end WHERE state = 1"));
}

void grown_site::stop_gateways() {
    for (const auto& each : gateways_) each->signal(SIGTERM);
    for (const auto& each : gateways_)
        if (each->wait(seconds(60)) != 0) fail("a gateway does not end well", each->output());
    gateways_.clear();
}

void grown_site::stop_peers() {
    peers_->signal(SIGTERM);
    if (peers_->wait(seconds(60)) != 0) fail("the peers do not end well", peers_->output());
}

grown_site::usage grown_site::used() const {
    usage out;
    for (const auto& each : gateways_) {
        const auto of_one = times_of(each->pid());
        out.gateways.whole += of_one.whole;
        out.busiest_gateway_thread = std::max(out.busiest_gateway_thread, of_one.busiest);
    }
    out.broker = times_of(broker_.pid());
    out.database = times_of(cluster_.pid());
    out.peers = times_of(peers_->pid());
    return out;
}

grown_site::usage grown_site::usage::operator-(const usage& before) const {
    return {gateways - before.gateways, broker - before.broker, database - before.database, peers - before.peers,
            busiest_gateway_thread - before.busiest_gateway_thread};
}

double grown_site::gateway_mebibytes() const {
    double most = 0;
    for (const auto& each : gateways_) most = std::max(most, resident_mebibytes(each->pid()));
    return most;
}

}  // namespace ota::bench
