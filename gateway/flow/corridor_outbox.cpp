#include "gateway/flow/batch.hpp"
#include "gateway/store/tools_instance.hpp"
#include "queue/status_reader.hpp"

#include <algorithm>

namespace ota::flow {

namespace {

constexpr auto longest_pause = std::chrono::seconds(60);

/// A sink may take seconds to say no: it is asked less and less often, and cards go on meanwhile.
std::chrono::milliseconds pause_after(unsigned failures) {
    return std::min<std::chrono::milliseconds>(longest_pause, std::chrono::seconds(1) * (1 << std::min(failures, 6u)));
}

/// What tools, the API and DM sessions ended passed no batch: its statuses tell of it, here, where they are published.
std::optional<commit_report> ended_elsewhere(const std::vector<queue::message>& messages,
                                             const std::vector<std::int64_t>& seqs, event_notes wanted) {
    std::optional<commit_report> out;
    for (std::size_t i = 0; i < messages.size(); ++i) {
        if (messages[i].topic != queue::topic_status) return out;
        if (store::id_source::instance_of(seqs[i]) != store::tools_instance) continue;
        const auto status = queue::parse_status(messages[i].value);
        const auto state = status && status->final ? queue::state_named(status->state) : std::nullopt;
        if (!state) continue;
        if (!out) out.emplace();
        ++out->closed[static_cast<std::size_t>(*state)];
        if (!status->reason.empty()) ++out->reasons[status->reason];
        if (wanted >= event_notes::ends || state == queue::event_state::rejected)
            out->ended.push_back(
                {status->event_source, status->event_id, status->subject, status->node, status->reason, *state});
    }
    return out;
}

}  // namespace

std::size_t corridor::unpublished() const noexcept {
    std::size_t n = 0;
    for (const auto& [topic, of] : outgoing_) n += of.rows.size();
    return n;
}

void corridor::hold(std::int64_t order, std::int64_t seq, queue::message&& message) {
    auto& rows = outgoing_[message.topic].rows;
    rows.try_emplace(order, outgoing::row{seq, std::move(message)});
}

/// With other instances: what this one publishes, whoever put it there. The order of the store is kept, so that the
/// last word of a key is the last one on its topic. A topic that still has rows here is not read on: then memory has a
/// bound.
void corridor::look_around(batch_input& in) {
    if (!parts_.neighbours) return;
    // Said before it is looked at again: a share that is told in between is the smaller one, or its giver saw what is
    // used here.
    const auto left = unpublished() > 0 ? publishing_.load() : 0;
    publishing_ = left | parts_.neighbours().outbox;
    in.neighbours = parts_.neighbours();
    if (in.neighbours->epoch != read_under_) forget_read();
    read_under_ = in.neighbours->epoch;
    in.publish = in.reads_outbox ? publishing_ & in.neighbours->outbox : 0;
    publishing_ = in.publish | (unpublished() > 0 ? left : 0);
    in.not_topics.clear();
    for (const auto& [topic, of] : outgoing_)
        if (!of.rows.empty()) in.not_topics.push_back(topic);
}

void corridor::forget_read() noexcept {
    for (auto& [topic, of] : outgoing_) of = {};
}

/// Rows are this instance's to say only under the lease under which it read them: behind its end another one says them,
/// and newer words behind them. And what cannot be said from here is left to whoever gets the shard.
bool corridor::may_publish() {
    if (!parts_.neighbours || unpublished() == 0) return true;
    const auto as_of = parts_.neighbours();
    const bool asked_back = (publishing_ & ~as_of.outbox) != 0;
    const bool refused =
        asked_back && std::ranges::any_of(outgoing_, [](const auto& each) { return each.second.failing(); });
    if (as_of.epoch != 0 && as_of.epoch == read_under_ && !refused) return true;
    forget_read();
    return false;
}

void corridor::hold_read(std::vector<store::outbox_row>&& rows) {
    for (auto& r : rows)
        hold(++rows_read_, r.seq, queue::message{std::move(r.topic), std::move(r.key), std::move(r.value), {}});
}

/// Rows of earlier runs, and of tools.
void corridor::take_outbox(std::vector<store::outbox_row>&& rows, const std::vector<std::int64_t>& being_removed) {
    const std::set<std::int64_t> leaving(being_removed.begin(), being_removed.end());
    for (auto& r : rows) {
        if (leaving.count(r.seq) != 0) continue;
        hold(r.seq, r.seq, queue::message{std::move(r.topic), std::move(r.key), std::move(r.value), {}});
    }
}

/// Dead letters, statuses and card states go out from the outbox, each topic in order and for itself: one that the sink
/// refuses holds up no other. They are removed from the outbox in the next transaction.
bool corridor::publish(wall_time now) {
    bool did = false;
    for (auto& [topic, of] : outgoing_) {
        if (of.rows.empty()) continue;
        if (!may_publish()) break;
        if (now < of.at) continue;
        if (publish(of, now)) {
            did = true;
        } else {
            break;  // it may have taken its time: the others have the next step
        }
    }
    const auto left = unpublished();
    const bool good = std::ranges::none_of(outgoing_, [](const auto& each) { return each.second.failing(); });
    std::lock_guard lock(mutex_);
    status_.sink_ok = good;
    status_.unpublished = std::max(left, static_cast<std::size_t>(stored_unpublished_));
    return did;
}

/// One page of one topic.
bool corridor::publish(outgoing& of, wall_time now) {
    std::vector<queue::message> messages;
    std::vector<std::int64_t> seqs;
    messages.reserve(std::min(of.rows.size(), outbox_page));
    seqs.reserve(messages.capacity());
    auto end = of.rows.begin();
    for (; end != of.rows.end() && messages.size() < outbox_page; ++end) {
        seqs.push_back(end->second.seq);
        messages.push_back(std::move(end->second.message));
    }
    const auto sent = parts_.sink.publish(messages);
    if (!sent) {
        auto message = messages.begin();
        for (auto at = of.rows.begin(); at != end; ++at) at->second.message = std::move(*message++);
        of.at = now + pause_after(of.failures++);
        std::lock_guard lock(mutex_);
        status_.why = "event sink: " + sent.error().message();
        status_.last_publication_worked = false;
        return false;
    }
    of.failures = 0;
    {
        std::lock_guard lock(mutex_);
        status_.last_publication_worked = true;
    }
    if (parts_.on_commit) {
        const auto notes = parts_.heard && parts_.heard() ? event_notes::all : settings_.notes;
        if (const auto report = ended_elsewhere(messages, seqs, notes)) parts_.on_commit(*report);
    }
    of.rows.erase(of.rows.begin(), end);
    published_.insert(published_.end(), seqs.begin(), seqs.end());
    return true;
}

}  // namespace ota::flow
