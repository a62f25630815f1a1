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
        kafka::membership::join({settings.topic, settings.group, settings.properties, settings.log, settings.epoch,
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
                                   "the number is as it was, or `otagw topics accept` has accepted the new one");
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
    wanted_positions wanted;
    std::vector<std::int32_t> partitions_wanted;
    {
        std::lock_guard lock(mutex);
        if (topic_fault || !looked || !member) return;
        for (const auto& [partition, state] : partitions) {
            if (state.is != phase::wanted) continue;
            wanted.emplace(partition, state.wanted);
            partitions_wanted.push_back(partition);
        }
    }
    if (wanted.empty()) return;
    const auto places = member->places(partitions_wanted, settings.answer_time);
    std::error_code away = places ? std::error_code() : places.error();
    for (const auto& [partition, to] : wanted) {
        // Brokers that do not answer for one partition are not asked for each: shutdown waits for one answer, not for
        // all.
        if (stopping) return;
        const auto start = away ? wire::result<kafka::beginning>(away) : verify(partition, to, places.value());
        if (!start && start.error() == errc::unreachable) away = start.error();
        settle(wanted, partition, start);
    }
}

/// Where to start, once what was read before is found there.
wire::result<kafka::beginning> kafka_source::attendant::verify(std::int32_t partition,
                                                               const std::optional<position>& to,
                                                               const kafka::group_places& places) {
    OTA_TRY(const auto there,
            kafka::find_position(*records, settings.topic, partition, to, settings.from_end, settings.answer_time));
    if (const auto why =
            kafka::compare_with_group(settings.topic, member->group(), partition, to, places, settings.epoch))
        return why;
    if (const auto known = places.find(partition); known != places.end() && known->second.epoch < settings.epoch) {
        std::lock_guard lock(
            mutex);  // the group is told where its recovered store stands, also where nothing is left to be read
        commits.try_emplace(partition, there.next);
    }
    return there;
}

void kafka_source::attendant::settle(const wanted_positions& asked, std::int32_t partition,
                                     const wire::result<kafka::beginning>& start) {
    std::lock_guard lock(mutex);
    const auto at = partitions.find(partition);
    const auto& to = asked.at(partition);
    const auto same = [&] {
        const auto& now = at->second.wanted;
        return now.has_value() == to.has_value() && (!to || (now->offset == to->offset && now->mark == to->mark));
    };
    if (at == partitions.end() || at->second.is != phase::wanted || !same()) return;
    at->second.is = start ? phase::verified : phase::refused;
    if (start) at->second.next = start.value().next, at->second.end = start.value().end;
    at->second.why = start ? std::error_code() : start.error();
    verified.notify_all();
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
