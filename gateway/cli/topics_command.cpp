#include "gateway/cards/open_store.hpp"
#include "gateway/cli/backends.hpp"
#include "gateway/cli/commands.hpp"
#include "gateway/cli/topics_accept.hpp"
#include "queue/kafka/topics.hpp"

#include <CLI/CLI.hpp>

#include <iostream>

namespace ota::cli {

namespace kafka = queue::kafka;

namespace {

constexpr std::chrono::seconds patience{15};

struct topics_call {
    std::string config;
    kafka::topic_wishes wishes;
    unsigned days = 7;
    bool one_broker = false, force = false;
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
        (fault ? std::cerr : std::cout) << f.topic << ": " << (f.is == kafka::finding::kind::warning ? "warning: " : "")
                                        << f.sentence << '\n';
        if (fault) code = failed;
    }
    return code;
}

/// As the store remembers it; nothing when there is none yet, or it does not answer.
std::optional<std::int32_t> remembered_partitions(const gateway_settings& settings) {
    std::string ignored;
    const auto state = cards::open_store(settings, {}, ignored);
    const auto known = state ? remembered(*state.value()) : wire::result<source_memory>(state.error());
    return known && known.value().partitions != 0 ? std::optional(known.value().partitions) : std::nullopt;
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
    auto* accepting = app.add_subcommand(
        "accept",
        "go on with a topic of changes that has another number of partitions or was made anew; no gateway may run");
    accepting->add_flag("--force", c.force, "also where records were not taken in, or the store is behind its group");
    for (auto* sub : {creating, checking, accepting})
        sub->add_option("--config,-c", c.config, "settings file (YAML)")->required();
    creating
        ->add_option("--partitions", c.wishes.partitions,
                     "of changes, statuses and card states (12); it cannot be changed later")
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
    if (accepting->parsed())
        return accept_topic(settings, {.force = c.force, .patience = patience}, std::cout, std::cerr);
    return creating->parsed() ? create(c, settings) : check(settings);
}

}  // namespace ota::cli
