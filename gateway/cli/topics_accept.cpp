#include "gateway/cli/topics_accept.hpp"

#include "gateway/cards/open_store.hpp"
#include "gateway/cards/vault.hpp"
#include "gateway/cli/backends.hpp"
#include "gateway/cli/commands.hpp"
#include "gateway/cluster/alone.hpp"
#include "queue/kafka/errc.hpp"
#include "queue/kafka/position_check.hpp"

#include <ostream>

namespace ota::cli {

namespace kafka = queue::kafka;

namespace {

const std::string topic = queue::topic_changes;
const std::string source = "kafka:" + topic;

/// One partition: as the store has it, as the topic has it, and where it goes on.
struct partition_stand {
    std::optional<store::source_position> stored;
    std::int64_t low = 0, high = 0;  ///< of the topic; both 0 when it has no such partition any more
    std::error_code why;             ///< why it cannot go on from where the store stands
    std::error_code group;           ///< why the group speaks against it
    std::int64_t from = 0;           ///< where it goes on
};

class acceptance {
public:
    acceptance(const gateway_settings& settings, const accept_call& call, std::ostream& out, std::ostream& err)
        : settings_(settings), call_(call), properties_(properties_of(settings.queue.kafka)), out_(out), err_(err) {}

    int run() {
        std::string why;
        auto opened = cards::open_store(settings_, {.exclusive = true}, why);
        if (!opened) return say(why, opened.error());
        state_ = std::move(opened.value());
        auto alone = cluster::alone::take(*state_, cards::system_random, cluster::alone::purpose::changes);
        if (!alone)
            return say(alone.error() == store::errc::locked ? "gateways run on the store: stop them first"
                                                            : alone.error().message(),
                       alone.error());
        alone_ = std::move(alone.value());
        if (const auto looked = look(); !looked) return say(looked.error().message(), looked.error());
        const auto members = view_->members(call_.patience);
        if (!members) return say(members.error().message(), members.error());
        if (members.value() != 0)
            return say(
                "group " + view_->name() + " has " + std::to_string(members.value()) +
                " members: stop every gateway first (one that was killed counts until session.timeout.ms is over)");
        if (nothing_to_do()) {
            out_ << topic << ": " << now_
                 << " partitions, all read on from where the store stands: nothing to accept\n";
            return good;
        }
        if (!find_objections() && !call_.force) {
            err_ << "Nothing was changed. `otagw topics accept --force` goes on regardless.\n";
            return failed;
        }
        if (const auto done = accept(); !done) return say(done.error().message(), done.error());
        tell();
        return good;
    }

private:
    int say(const std::string& why, std::error_code error = {}) {
        err_ << "otagw topics accept: " << why << '\n';
        return error == kafka::errc::bad_setting || cards::is_misconfigured(error) ? bad_configuration : failed;
    }

    wire::result<void> look() {
        OTA_TRY(reader_, kafka::topic_reader::open({topic, properties_, {}}));
        OTA_TRY(view_, kafka::group_view::open(properties_, settings_.queue.kafka.group));
        OTA_TRY(now_, reader_->partition_count(call_.patience));
        OTA_TRY(read_store());
        std::vector<std::int32_t> all;
        for (std::int32_t p = 0; p < now_; ++p) all.push_back(p);
        OTA_TRY(const auto places, view_->places(topic, all, call_.patience));
        for (std::int32_t p = 0; p < now_; ++p) {
            OTA_TRY(look_at(p, places));
        }
        return BOOST_OUTCOME_V2_NAMESPACE::success();
    }
    wire::result<void> read_store() {
        OTA_TRY(auto tx, state_->begin());
        OTA_TRY(before_, remembered(*tx));
        partitions_.resize(static_cast<std::size_t>(std::max(now_, before_.partitions)));
        for (std::size_t p = 0; p < partitions_.size(); ++p) {
            OTA_TRY(partitions_[p].stored, tx->source_offset(source, static_cast<std::int32_t>(p)));
        }
        return BOOST_OUTCOME_V2_NAMESPACE::success();
    }
    wire::result<void> look_at(std::int32_t number, const kafka::group_places& places) {
        auto& p = partitions_[static_cast<std::size_t>(number)];
        OTA_TRY(const auto there, reader_->extent_of(number, call_.patience));
        p.low = there.low, p.high = there.high, p.from = there.low;
        std::optional<queue::position> at;
        if (p.stored) at = queue::position{p.stored->offset, p.stored->mark};
        const auto found = kafka::find_position(*reader_, topic, number, at, false, call_.patience);
        if (!found && !(found.error() == kafka::errc::topic_recreated) &&
            !(found.error() == kafka::errc::offset_removed))
            return found.error();
        if (found) p.from = found.value().next;
        p.why = found ? std::error_code() : found.error();
        p.group = kafka::compare_with_group(topic, view_->name(), number, at, places, before_.epoch);
        return BOOST_OUTCOME_V2_NAMESPACE::success();
    }

    [[nodiscard]] bool grown() const { return before_.partitions != 0 && before_.partitions != now_; }
    [[nodiscard]] bool recreated() const {
        for (const auto& p : partitions_)
            if (p.why == kafka::errc::topic_recreated) return true;
        return before_.partitions > now_;  // no topic loses partitions
    }
    [[nodiscard]] bool nothing_to_do() const {
        if (grown()) return false;
        for (const auto& p : partitions_)
            if (p.why || p.group) return false;
        return true;
    }

    /// Says what would be lost or come out of order; true when nothing would.
    bool find_objections() {
        bool fine = true;
        const auto object = [&](const std::string& what) {
            err_ << what << '\n';
            fine = false;
        };
        if (recreated())
            object(
                topic +
                " is another topic than the one that was read: what lay in that one and was not taken in is lost, and "
                "nobody can say any more whether there was something. If this is the wrong cluster, mend "
                "queue.kafka.bootstrap_servers");
        for (std::size_t n = 0; n < partitions_.size(); ++n) {
            const auto& p = partitions_[n];
            const auto where = "partition " + std::to_string(n) + ": ";
            if (p.why == kafka::errc::offset_removed)
                object(where + "the records from " + std::to_string(p.stored->offset) + " to " +
                       std::to_string(p.low - 1) + " were removed before they were taken in: they are lost");
            if (p.group && !recreated()) object(p.group.message());
            const bool old = static_cast<std::int32_t>(n) < before_.partitions;
            if (grown() && !recreated() && old && p.high > p.from)
                object(where + std::to_string(p.high - p.from) +
                       " records are not taken in yet: events of the same cards that now go to other partitions may "
                       "overtake "
                       "them (those with a revision are safe)");
        }
        return fine;
    }

    wire::result<void> accept() {
        OTA_TRY(auto tx, state_->begin());
        kafka::group_places places;
        for (std::size_t n = 0; n < partitions_.size(); ++n) {
            auto& p = partitions_[n];
            const auto number = static_cast<std::int32_t>(n);
            if (recreated()) p.from = p.low;  // all of it: equal marks by chance prove nothing
            if (p.stored && (p.why || recreated())) {
                OTA_TRY(tx->move_offset(source, number, p.stored->offset, {p.from, 0}));
            }
            if (number < now_ && (p.why || p.group || recreated())) places[number] = {p.from, before_.epoch};
        }
        OTA_TRY(tx->set_value(partitions_value, std::to_string(now_)));
        OTA_TRY(tx->commit());
        return view_->set(topic, places, call_.patience);
    }

    void tell() const {
        out_ << topic << ": accepted with " << now_ << " partitions";
        if (grown()) out_ << " (" << before_.partitions << " before)";
        out_ << '\n';
        for (std::int32_t n = 0; n < now_; ++n) {
            const auto& p = partitions_[static_cast<std::size_t>(n)];
            out_ << "partition " << n << ": " << (p.stored && !p.why && !recreated() ? "goes on at " : "begins at ")
                 << p.from << ", " << p.high - p.from << " records to be taken in\n";
        }
        if (recreated())
            out_ << "Events that were taken in before are known by their ids as long as store.retention says, and not "
                    "taken in twice.\n";
    }

    const gateway_settings& settings_;
    const accept_call& call_;
    kafka::properties properties_;
    std::ostream& out_;
    std::ostream& err_;
    std::unique_ptr<store::store> state_;
    std::unique_ptr<cluster::alone> alone_;
    std::unique_ptr<kafka::topic_reader> reader_;
    std::unique_ptr<kafka::group_view> view_;
    source_memory before_;
    std::int32_t now_ = 0;
    std::vector<partition_stand> partitions_;
};

}  // namespace

int accept_topic(const gateway_settings& settings, const accept_call& call, std::ostream& out, std::ostream& err) {
    return acceptance(settings, call, out, err).run();
}

}  // namespace ota::cli
