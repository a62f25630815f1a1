#include "gateway/cards/open_store.hpp"
#include "gateway/cli/backends.hpp"
#include "gateway/cli/commands.hpp"
#include "queue/kafka/topics.hpp"

#include <CLI/CLI.hpp>

#include <charconv>
#include <iostream>

namespace ota::cli {

namespace kafka = queue::kafka;

namespace {

constexpr std::chrono::seconds patience{15};

struct topics_call {
    std::string config;
    kafka::topic_wishes wishes;
    unsigned days = 7;
    bool one_broker = false;
};

/// What was found, a line each; the exit code.
int tell(const wire::result<std::vector<kafka::finding>>& found) {
    if (!found) {
        std::cerr << "otagw topics: " << found.error().message() << '\n';
        return failed;
    }
    int code = good;
    for (const auto& f : found.value()) {
        const bool fault = f.is == kafka::finding::kind::fault;
        (fault ? std::cerr : std::cout) << f.topic << ": " << (f.is == kafka::finding::kind::warning ? "warning: " : "") << f.sentence << '\n';
        if (fault) code = failed;
    }
    return code;
}

/// As the store remembers it; nothing when there is none yet, or it does not answer.
std::optional<std::int32_t> remembered_partitions(const gateway_settings& settings) {
    std::string ignored;
    const auto state = cards::open_store(settings, {}, ignored);
    auto tx = state ? state.value()->begin() : wire::result<std::unique_ptr<store::transaction>>(state.error());
    const auto kept = tx ? tx.value()->value(partitions_value) : wire::result<std::optional<std::string>>(tx.error());
    if (!kept || !kept.value()) return std::nullopt;
    std::int32_t n = 0;
    std::from_chars(kept.value()->data(), kept.value()->data() + kept.value()->size(), n);
    return n;
}

int create(const topics_call& c, const gateway_settings& settings) {
    auto wishes = c.wishes;
    wishes.retention = std::chrono::days(c.days);
    if (c.one_broker) wishes.replication = 1, wishes.in_sync = 1;
    return tell(kafka::create_topics(properties_of(settings.queue.kafka), kafka::plan_topics(wishes), patience));
}

int check(const gateway_settings& settings) {
    kafka::topic_needs needs;
    needs.dedupe_retention = settings.store.retention;
    needs.partitions = remembered_partitions(settings);
    return tell(kafka::check_topics(properties_of(settings.queue.kafka), needs, patience));
}

}  // namespace

int run_topics_command(const arguments& args) {
    CLI::App app("The topics of Apache Kafka that the gateway reads and writes", "otagw topics");
    app.require_subcommand(1);
    app.footer("Exit status: 0 good; 1 a fault, or no broker answers; 2 wrong usage; 78 bad configuration.");
    topics_call c;
    auto* creating = app.add_subcommand("create", "make those that are missing; the others are left as they are");
    auto* checking = app.add_subcommand("check", "tell what is wrong with them, and what to do about it");
    for (auto* sub : {creating, checking}) sub->add_option("--config,-c", c.config, "settings file (YAML)")->required();
    creating->add_option("--partitions", c.wishes.partitions, "of changes, statuses and card states (12); it cannot be changed later")
        ->check(CLI::Range(1, 10'000));
    creating->add_option("--days", c.days, "retention of changes and statuses in days (7)")->check(CLI::Range(1, 3650));
    creating->add_flag("--one-broker", c.one_broker, "one copy of each record: for a cluster of one broker");
    try {
        app.parse(std::vector<std::string>(args.rbegin(), args.rend()));
    } catch (const CLI::ParseError& e) {
        return app.exit(e) == 0 ? good : wrong_usage;
    }
    config::faults faults;
    const auto settings = load_gateway_settings(c.config, faults);
    for (const auto& f : faults.list()) {
        if (f.is == config::fault::severity::error) std::cerr << to_string(f) << '\n';
    }
    if (faults.any_error()) return bad_configuration;
    if (settings.queue.kind != queue_kind::kafka) {
        std::cerr << "otagw topics: queue.kind is not kafka: there are no topics\n";
        return wrong_usage;
    }
    return creating->parsed() ? create(c, settings) : check(settings);
}

}  // namespace ota::cli
