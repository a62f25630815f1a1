#include "queue/kafka/topics.hpp"

#include "queue/event_sink.hpp"
#include "queue/kafka/admin.hpp"
#include "queue/kafka/errc.hpp"

#include <charconv>

namespace ota::queue::kafka {
namespace {

using kind = finding::kind;

constexpr std::int64_t usual_lump = 1'000'000;  // octets that a producer sends at once

std::string days(std::int64_t ms) {
    if (ms < 0) return "for ever";
    const auto hours = ms / 3'600'000;
    return hours % 24 == 0 && hours != 0 ? std::to_string(hours / 24) + " days" : std::to_string(hours) + " hours";
}

class topic_check {
public:
    topic_check(const topic_facts& facts, std::vector<finding>& into)
        : facts_(facts), into_(into), before_(into.size()) {}
    ~topic_check() {
        if (into_.size() == before_)
            add(kind::good, "has " + std::to_string(facts_.partitions) + " partitions, " +
                                std::to_string(facts_.replication) + " replicas");
    }
    topic_check(const topic_check&) = delete;
    topic_check& operator=(const topic_check&) = delete;

    void add(kind is, std::string sentence) { into_.push_back({is, facts_.name, std::move(sentence)}); }
    [[nodiscard]] std::string text(std::string_view name) const {
        const auto found = facts_.settings.find(name);
        return found == facts_.settings.end() ? std::string() : found->second;
    }
    [[nodiscard]] std::optional<std::int64_t> number(std::string_view name) const {
        const auto value = text(name);
        std::int64_t out = 0;
        const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), out);
        return error == std::errc() && end == value.data() + value.size() ? std::optional(out) : std::nullopt;
    }

    void durability() {
        const auto in_sync = number("min.insync.replicas");
        if (facts_.replication < 2)
            add(kind::warning, "has one replica: a broker's disk that is lost takes the topic with it");
        else if (in_sync && *in_sync < 2)
            add(kind::warning, "min.insync.replicas is 1: what was acknowledged by one broker only may be lost; set 2");
        if (in_sync && *in_sync > facts_.replication)
            add(kind::fault, "min.insync.replicas is " + std::to_string(*in_sync) + ", and there are " +
                                 std::to_string(facts_.replication) + " replicas: nothing can be published");
        if (const auto longest = number("max.message.bytes"); longest && *longest < usual_lump)
            add(kind::warning, "max.message.bytes is " + std::to_string(*longest) +
                                   ": whole lumps of messages are refused and sent again one by one; set at least " +
                                   std::to_string(usual_lump));
    }

private:
    const topic_facts& facts_;
    std::vector<finding>& into_;
    std::size_t before_;
};

void check_changes(topic_check& check, const topic_facts& facts, const topic_needs& needs) {
    if (check.text("cleanup.policy").find("compact") != std::string::npos)
        check.add(kind::fault, "cleanup.policy is " + check.text("cleanup.policy") +
                                   ": older changes of a card vanish unread behind newer ones; set delete");
    if (needs.partitions && *needs.partitions != facts.partitions)
        check.add(kind::fault, "has " + std::to_string(facts.partitions) + " partitions and had " +
                                   std::to_string(*needs.partitions) +
                                   ": a card's events may now stand in another partition than before, out of order");
    const auto retention = check.number("retention.ms");
    if (!retention || needs.dedupe_retention.count() == 0) return;
    // R22: the dedupe key is kept at least as long as the topic's retention.
    if (*retention < 0 || *retention > needs.dedupe_retention.count())
        check.add(kind::fault,
                  "keeps its records " + days(*retention) + ", event ids are remembered " +
                      days(needs.dedupe_retention.count()) +
                      ": an event read again after that is done again; lower retention.ms or remember longer");
}

void check_one(const topic_facts& facts, const topic_needs& needs, std::vector<finding>& into) {
    topic_check check(facts, into);
    if (!facts.exists) return check.add(kind::fault, "does not exist; `otagw topics create` makes it");
    if (facts.why) return check.add(kind::fault, facts.why.message());
    if (facts.name == topic_changes) check_changes(check, facts, needs);
    if (facts.name == topic_card_state && check.text("cleanup.policy") != "compact")
        check.add(
            kind::fault,
            "cleanup.policy is " + check.text("cleanup.policy") +
                ": states older than its retention vanish, and who reads it from the start misses cards; set compact");
    if ((facts.name == topic_status || facts.name == topic_dead_letters) &&
        check.text("cleanup.policy").find("compact") != std::string::npos)
        check.add(kind::fault, "cleanup.policy is " + check.text("cleanup.policy") +
                                   ": all but a key's last message vanish; set delete");
    check.durability();
}

}  // namespace

std::vector<topic_plan> plan_topics(const topic_wishes& w) {
    const auto with = [&](const char* name, std::int32_t partitions, properties more) {
        more["min.insync.replicas"] = std::to_string(std::min<std::int32_t>(w.in_sync, w.replication));
        more["max.message.bytes"] = std::to_string(w.longest_message);
        return topic_plan{name, partitions, w.replication, std::move(more)};
    };
    const auto kept = [](std::chrono::milliseconds time) {
        return properties{{"cleanup.policy", "delete"}, {"retention.ms", std::to_string(time.count())}};
    };
    return {with(topic_changes, w.partitions, kept(w.retention)), with(topic_status, w.partitions, kept(w.retention)),
            with(topic_dead_letters, 1, kept(w.dead_letter_retention)),
            with(topic_card_state, w.partitions, {{"cleanup.policy", "compact"}})};
}

wire::result<std::vector<finding>> create_topics(const properties& given, const std::vector<topic_plan>& plans,
                                                 std::chrono::milliseconds patience) {
    OTA_TRY(const auto client, admin::open(given));
    std::vector<finding> out;
    for (const auto& plan : plans) {
        OTA_TRY(const auto made, client->create(plan.name, plan.partitions, plan.replication, plan.settings, patience));
        switch (made.is) {
            case admin::creation::kind::made:
                out.push_back({kind::good, plan.name, "made, with " + std::to_string(plan.partitions) + " partitions"});
                break;
            case admin::creation::kind::was_there:
                out.push_back({kind::good, plan.name, "was there and is left as it is"});
                break;
            case admin::creation::kind::refused:
                out.push_back({kind::fault, plan.name, "cannot be made: " + made.words});
                break;
        }
    }
    return out;
}

wire::result<std::vector<finding>> check_topics(const properties& given, const topic_needs& needs,
                                                std::chrono::milliseconds patience) {
    OTA_TRY(const auto client, admin::open(given));
    std::vector<finding> out;
    for (const auto* name : {topic_changes, topic_status, topic_dead_letters, topic_card_state}) {
        OTA_TRY(const auto facts, client->describe(name, patience));
        check_one(facts, needs, out);
    }
    return out;
}

}  // namespace ota::queue::kafka
