#include "queue/kafka/attendant.hpp"
#include "queue/kafka/errc.hpp"

namespace ota::queue {
namespace {

using BOOST_OUTCOME_V2_NAMESPACE::success;
using kafka::errc;

constexpr std::size_t most_octets = std::size_t{4} << 20;  // of one pull
constexpr auto seek_patience = std::chrono::milliseconds(250);

}  // namespace

kafka_source::kafka_source(std::shared_ptr<attendant> a) : attendant_(std::move(a)) {}

wire::result<std::unique_ptr<kafka_source>> kafka_source::open(options o) {
    OTA_TRY(auto reader, kafka::topic_reader::open({o.topic, o.properties, o.log}));
    // The group's own properties are refused here, not when it is joined.
    OTA_TRY(kafka::membership::check({o.topic, o.group, o.properties, o.log, o.epoch, {}, {}, {}}));
    auto behind = std::make_shared<attendant>(std::move(o), std::move(reader));
    behind->start();
    return std::unique_ptr<kafka_source>(new kafka_source(std::move(behind)));
}

kafka_source::~kafka_source() { attendant_->stop(); }

std::string kafka_source::name() const { return "kafka:" + attendant_->settings.topic; }
reassignment kafka_source::reassigned() { return attendant_->reassigned(); }
wire::result<void> kafka_source::seek(std::int32_t partition, std::optional<position> to) {
    return attendant_->seek(partition, to);
}
wire::result<std::vector<record>> kafka_source::pull(std::size_t limit) { return attendant_->pull(limit); }
bool kafka_source::wait(int milliseconds) { return attendant_->records->wait(std::chrono::milliseconds(milliseconds)); }
std::int64_t kafka_source::lag() const { return attendant_->lag(); }

void kafka_source::commit(std::int32_t partition, std::int64_t next_offset) {
    std::lock_guard lock(attendant_->mutex);
    attendant_->commits[partition] = next_offset;
}

std::int32_t kafka_source::partition_count() const {
    std::lock_guard lock(attendant_->mutex);
    return attendant_->count;
}

void kafka_source::expect_partitions(std::int32_t count) {
    std::lock_guard lock(attendant_->mutex);
    if (attendant_->count == count) return;
    attendant_->count = count;
    attendant_->looked = false;
    attendant_->look_now = true;
}

reassignment kafka_source::attendant::reassigned() {
    std::lock_guard lock(mutex);
    reassignment out{{gained.begin(), gained.end()}, {lost.begin(), lost.end()}};
    gained.clear();
    lost.clear();
    return out;
}

wire::result<void> kafka_source::attendant::seek(std::int32_t partition, const std::optional<position>& to) {
    std::unique_lock lock(mutex);
    const auto find = [&] { return partitions.find(partition); };
    auto at = find();
    if (at == partitions.end())
        return kafka::fault(errc::not_assigned,
                            "partition " + std::to_string(partition) + " belongs to another member of the group");
    const auto same = [&](const partition_state& p) {
        return p.wanted.has_value() == to.has_value() &&
               (!to || (p.wanted->offset == to->offset && p.wanted->mark == to->mark));
    };
    if (at->second.is == phase::flowing) records->stop(partition);
    if (at->second.is == phase::flowing || at->second.is == phase::gained || at->second.is == phase::refused ||
        !same(at->second)) {
        // Why it was refused stays what is told until it is known to be over.
        const auto before = at->second.is == phase::refused ? at->second.why : std::error_code();
        at->second = {phase::wanted, to, 0, 0, before};
    }
    const auto settled = [&] {
        at = find();
        return at == partitions.end() || at->second.is != phase::wanted || fault();
    };
    // One wait in vain a second: the caller has other things to do, and more partitions to seek.
    if (clock::now() < patient_at) {
        (void)settled();
    } else if (!verified.wait_for(lock, seek_patience, settled)) {
        patient_at = clock::now() + std::chrono::seconds(1);
    }
    if (at == partitions.end())
        return kafka::fault(errc::not_assigned, "the partition went to another member of the group");
    if (const auto why = fault()) return why;
    auto& state = at->second;
    if (state.is == phase::refused) return state.why;
    if (state.is != phase::verified && state.why) return state.why;
    if (state.is != phase::verified)
        return kafka::fault(errc::not_ready, "topic " + settings.topic + ": its positions are being verified");
    OTA_TRY(records->start(partition, state.next));
    state.is = phase::flowing;
    return success();
}

wire::result<std::vector<record>> kafka_source::attendant::pull(std::size_t limit) {
    std::lock_guard lock(mutex);
    const auto why = fault();
    // Behind another number of partitions a card's events may stand in another partition: no reading at all.
    if (why == errc::partitions_changed) return why;
    std::vector<record> out;
    std::error_code trouble;
    for (std::size_t octets = 0; out.size() < limit && octets < most_octets;) {
        auto item = records->next();
        if (std::holds_alternative<std::monostate>(item)) break;
        if (const auto* bad = std::get_if<reader::trouble>(&item)) {
            trouble = bad->why;
            regain(bad->partition);
            continue;
        }
        auto& next = std::get<record>(item);
        const auto at = partitions.find(next.partition);
        if (at == partitions.end() || at->second.is != phase::flowing || next.offset < at->second.next) continue;
        at->second.next = next.next_offset;
        octets += next.payload.size();
        out.push_back(std::move(next));
    }
    if (!out.empty()) return out;
    if (why) return why;
    if (trouble) return trouble;
    return out;
}

std::int64_t kafka_source::attendant::lag() {
    std::lock_guard lock(mutex);
    if (!joined) return -1;
    std::int64_t sum = 0;
    for (const auto& [partition, state] : partitions) {
        if (state.is != phase::flowing) return -1;
        const auto end = std::max(state.end, records->end_of(partition));
        sum += std::max<std::int64_t>(0, end - state.next);
    }
    return sum;
}

}  // namespace ota::queue
