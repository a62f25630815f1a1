#include "queue/kafka/attendant.hpp"

#include "queue/kafka/errc.hpp"

namespace ota::queue {
namespace {

using kafka::errc;
using std::chrono::milliseconds;

constexpr auto group_turn =
    milliseconds(20);  // how long the thread listens to the group before it looks after the rest
constexpr auto troubled_interval = milliseconds(1000);  // between looks while something is wrong
constexpr auto farewell = milliseconds(3000);

std::string of(const std::string& topic, std::int32_t partition) {
    return "topic " + topic + ", partition " + std::to_string(partition) + ": ";
}

}  // namespace

kafka_source::attendant::attendant(options o, std::unique_ptr<reader> r)
    : settings(std::move(o)), records(std::move(r)), count(settings.partitions) {}

void kafka_source::attendant::start() {
    thread = std::thread([this] { run(); });
}

void kafka_source::attendant::stop() {
    stopping = true;
    verified.notify_all();
    records->wake();
    if (thread.joinable()) thread.join();
}

void kafka_source::attendant::run() {
    while (!stopping) {
        keep_member();
        if (member) {
            member->poll(group_turn);
        } else {
            std::this_thread::sleep_for(group_turn);
        }
        records->serve();
        if (records->troubled() || look_now.exchange(false) || clock::now() >= look_at) look();
        verify_wanted();
        if (clock::now() >= commit_at) commit_due();
    }
    if (!member) return;
    std::map<std::int32_t, std::int64_t> last;
    {
        std::lock_guard lock(mutex);
        std::vector<std::int32_t> ours;
        for (const auto& each : partitions) ours.push_back(each.first);
        last = commits_of(ours);
    }
    member->leave(last, farewell);
    member.reset();
}

/// The group is joined when the topic is known to be there, and joined anew when it has put this member out for good.
void kafka_source::attendant::keep_member() {
    if (member && member->dead()) {
        std::vector<std::int32_t> ours;
        {
            std::lock_guard lock(mutex);
            for (const auto& each : partitions) ours.push_back(each.first);
            group_fault = member->why_not();
            joined = false;
        }
        drop(ours);
        member.reset();
        join_at = clock::now() + settings.rejoin_pause;
    }
    if (member) {
        std::lock_guard lock(mutex);
        if (member->joined() || member->why_not()) group_fault = member->why_not();
        joined = member->joined();
        return;
    }
    {
        std::lock_guard lock(mutex);
        if (!looked || topic_fault || clock::now() < join_at) return;
    }
    auto made =
        kafka::membership::join({settings.topic, settings.group, settings.properties, settings.log,
                                 [this](const auto& these) { take(these); }, [this](const auto& these) { drop(these); },
                                 [this](const auto& these) {
                                     std::lock_guard lock(mutex);
                                     return commits_of(these);
                                 }});
    if (made) {
        member = std::move(made.value());
        return;
    }
    join_at = clock::now() + settings.rejoin_pause;
    std::lock_guard lock(mutex);
    group_fault = made.error();
}

void kafka_source::attendant::look() {
    const auto seen = records->partition_count(settings.answer_time);
    std::error_code why = seen ? std::error_code() : seen.error();
    {
        std::lock_guard lock(mutex);
        if (seen && count == 0) count = seen.value();
        if (seen && seen.value() != count)
            why = kafka::fault(errc::partitions_changed,
                               "topic " + settings.topic + " has " + std::to_string(seen.value()) +
                                   " partitions and had " + std::to_string(count) +
                                   ": a card's events may now stand in another partition than before, out of order. "
                                   "Nothing is read until "
                                   "the number is as it was, or the new one is accepted");
        const bool came_back = topic_fault && !why;
        if (came_back) regain_all();
        topic_fault = why;
        looked = true;
    }
    if (!why) records->calm();
    look_at = clock::now() + (why ? std::min(troubled_interval, settings.look_interval) : settings.look_interval);
    verified.notify_all();
    if (why) records->wake();
}

void kafka_source::attendant::verify_wanted() {
    std::map<std::int32_t, std::optional<position>> wanted;
    {
        std::lock_guard lock(mutex);
        if (topic_fault || !looked) return;
        for (const auto& [partition, state] : partitions)
            if (state.is == phase::wanted) wanted.emplace(partition, state.wanted);
    }
    for (const auto& [partition, to] : wanted) {
        const auto start = verify(partition, to);
        std::lock_guard lock(mutex);
        const auto at = partitions.find(partition);
        const auto same = [&] {
            const auto& now = at->second.wanted;
            return now.has_value() == to.has_value() && (!to || (now->offset == to->offset && now->mark == to->mark));
        };
        if (at == partitions.end() || at->second.is != phase::wanted || !same()) continue;
        at->second.is = start ? phase::verified : phase::refused;
        if (start) at->second.next = start.value().next, at->second.end = start.value().end;
        if (!start) at->second.why = start.error();
        verified.notify_all();
    }
}

/// Where to start, once what was read before is found there.
wire::result<kafka_source::attendant::beginning> kafka_source::attendant::verify(std::int32_t partition,
                                                                                 const std::optional<position>& to) {
    OTA_TRY(const auto there, records->extent_of(partition, settings.answer_time));
    if (!to) return beginning{settings.from_end ? there.high : there.low, there.high};
    const auto where = of(settings.topic, partition);
    const auto recreated = [&](const std::string& what) {
        return kafka::fault(errc::topic_recreated,
                            where + what +
                                ": this is another topic than the one that was read before. If that is wanted, remove "
                                "the stored positions "
                                "of the topic, so that it is read from the start");
    };
    if (to->offset > there.high)
        return recreated("it ends at " + std::to_string(there.high) + ", and was read up to " +
                         std::to_string(to->offset));
    if (to->offset < there.low)
        return kafka::fault(
            errc::offset_removed,
            where + "retention has removed the records from " + std::to_string(to->offset) + " to " +
                std::to_string(there.low - 1) +
                " before they were read: they are lost here. Raise the topic's retention.ms; to go on without them, "
                "remove the stored position of the partition");
    if (to->mark == 0 || to->offset - 1 < there.low) return beginning{to->offset, there.high};
    OTA_TRY(const auto before, records->read_one(partition, to->offset - 1, settings.answer_time));
    if (before.offset == to->offset - 1 && before.mark != to->mark)
        return recreated("the record at " + std::to_string(before.offset) + " is not the one that was read there");
    return beginning{to->offset, there.high};
}

void kafka_source::attendant::commit_due() {
    commit_at = clock::now() + settings.commit_interval;
    if (!member) return;
    std::map<std::int32_t, std::int64_t> due;
    {
        std::lock_guard lock(mutex);
        std::vector<std::int32_t> ours;
        for (const auto& each : partitions) ours.push_back(each.first);
        due = commits_of(ours);
        commits.clear();  // what belongs to others by now is theirs to commit
    }
    if (member->commit(due)) return;
    std::lock_guard lock(mutex);
    commits.merge(due);  // newer ones win
}

std::map<std::int32_t, std::int64_t> kafka_source::attendant::commits_of(const std::vector<std::int32_t>& these) {
    std::map<std::int32_t, std::int64_t> out;
    for (const auto partition : these)
        if (auto known = commits.extract(partition)) out.insert(std::move(known));
    return out;
}

void kafka_source::attendant::take(const std::vector<std::int32_t>& these) {
    std::lock_guard lock(mutex);
    joined = true;
    for (const auto partition : these) {
        partitions[partition] = {};
        gained.insert(partition);
    }
    look_at = {};  // has their number changed?
    records->wake();
}

void kafka_source::attendant::drop(const std::vector<std::int32_t>& these) {
    std::lock_guard lock(mutex);
    for (const auto partition : these) {
        records->stop(partition);
        partitions.erase(partition);
        gained.erase(partition);
        lost.insert(partition);
        commits.erase(partition);
    }
    records->wake();
}

std::error_code kafka_source::attendant::fault() const {
    if (topic_fault) return topic_fault;
    if (group_fault) return group_fault;
    if (!looked) return kafka::fault(errc::not_ready, "connecting to Kafka");
    if (!joined) return kafka::fault(errc::not_ready, "joining consumer group " + settings.group);
    return {};
}

/// To its reader the partition is lost and gained: the reader seeks again, and its position is verified again.
void kafka_source::attendant::regain(std::int32_t partition) {
    const auto at = partitions.find(partition);
    if (at == partitions.end()) return;
    records->stop(partition);
    at->second = {};
    lost.insert(partition);
    gained.insert(partition);
}

void kafka_source::attendant::regain_all() {
    std::vector<std::int32_t> all;
    for (const auto& each : partitions) all.push_back(each.first);
    for (const auto partition : all) regain(partition);
}

}  // namespace ota::queue
