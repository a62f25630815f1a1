#include "gateway/http/event_feed.hpp"

#include "gateway/http/feed_reader.hpp"

#include <algorithm>
#include <utility>

namespace ota::http {
namespace {

constexpr std::size_t block_size = 512;
constexpr std::chrono::milliseconds between_blocks{40};
constexpr std::chrono::minutes patience{1};

}  // namespace

event_feed::event_feed(std::size_t kept, std::uint64_t first_id) : state_(std::make_shared<state>(kept, first_id)) {}
event_feed::~event_feed() = default;

void event_feed::publish(std::string_view type, std::string data) {
    if (heard()) state_->publish(type, std::move(data));
}
bool event_feed::heard() const noexcept { return state_->heard.load(std::memory_order_relaxed); }
std::size_t event_feed::clients() const noexcept { return state_->clients; }
std::uint64_t event_feed::cut_clients() const noexcept { return state_->cut; }

void event_feed::state::publish(std::string_view type, std::string data) {
    const std::lock_guard lock(mutex);
    if (clients == 0) forget_if_nobody_came();
    if (!heard) return;
    fresh.push_back({next++, std::string(type), std::move(data)});
    if (fresh.size() >= block_size) seal();
}

void event_feed::state::seal() {
    if (fresh.empty()) return;
    in_ring += fresh.size();
    ring.push_back(std::make_shared<feed_block>(std::exchange(fresh, {})));
    fresh.reserve(block_size);
    while (in_ring - ring.front()->size() >= kept) {
        in_ring -= ring.front()->size();
        ring.pop_front();
    }
}

void event_feed::state::seal_now_and_then(std::chrono::steady_clock::time_point now) {
    if (now - sealed < between_blocks) return;
    sealed = now;
    seal();
}

// From here on events pass that nobody keeps: one id stands for them, so that who comes back later learns of the gap.
void event_feed::state::forget_if_nobody_came() {
    if (std::chrono::steady_clock::now() - left < patience) return;
    heard = false;
    fresh.clear();
    ring.clear();
    in_ring = 0;
    ++next;
}

void feed_block::write() const {
    for (const auto& each : events_) {
        text_ += "id: " + std::to_string(each.id) + "\nevent: ";
        text_ += each.type;
        text_ += "\ndata: ";
        text_ += each.data;
        text_ += "\n\n";
        ends_.push_back(text_.size());
    }
}

std::string_view feed_block::text(std::uint64_t after, const std::function<bool(const feed_event&)>& wanted,
                                  std::string& scratch) const {
    std::call_once(writing_, [this] { write(); });
    const auto skipped = after < first() ? 0 : static_cast<std::size_t>(after - first() + 1);
    const auto begin_of = [this](std::size_t i) { return i == 0 ? 0 : ends_[i - 1]; };
    if (!wanted) return std::string_view(text_).substr(begin_of(std::min(skipped, size())));
    scratch.clear();
    for (std::size_t i = skipped; i < size(); ++i) {
        if (wanted(events_[i])) scratch.append(text_, begin_of(i), ends_[i] - begin_of(i));
    }
    return scratch;
}

feed_reader::feed_reader(std::shared_ptr<const feed_subscription> what) : what_(std::move(what)) {
    auto& feed = *what_->feed;
    const std::lock_guard lock(feed.mutex);
    ++feed.clients;
    feed.heard = true;
    at_ = what_->after.value_or(feed.next - 1);
}

feed_reader::~feed_reader() {
    auto& feed = *what_->feed;
    const std::lock_guard lock(feed.mutex);
    if (--feed.clients == 0) feed.left = std::chrono::steady_clock::now();
}

// What a browser should do when the connection breaks; and whether the ring still has all that it missed.
std::string_view feed_reader::begin() {
    auto& feed = *what_->feed;
    scratch_ = "retry: 2000\n\n";
    const std::lock_guard lock(feed.mutex);
    const auto first_fresh = feed.fresh.empty() ? feed.next : feed.fresh.front().id;
    const auto oldest = feed.ring.empty() ? first_fresh : feed.ring.front()->first();
    if (at_ >= feed.next || at_ + 1 < oldest) {
        scratch_ += "id: " + std::to_string(oldest - 1) + "\nevent: gap\ndata: {\"after\":" + std::to_string(at_) +
                    ",\"next\":" + std::to_string(oldest) + "}\n\n";
        at_ = oldest - 1;
    }
    return scratch_;
}

void feed_reader::give_up() {
    if (!std::exchange(cut_, true)) ++what_->feed->cut;
}

// Under the feed's lock.
void feed_reader::look_behind() {
    const auto& ring = what_->feed->ring;
    if (!ring.empty() && at_ + 1 < ring.front()->first()) give_up();
}

bool feed_reader::cut() {
    const std::lock_guard lock(what_->feed->mutex);
    if (begun_) look_behind();
    return cut_;
}

std::string_view feed_reader::read(std::chrono::steady_clock::time_point now) {
    if (!std::exchange(begun_, true)) return begin();
    auto& feed = *what_->feed;
    for (;;) {
        {
            const std::lock_guard lock(feed.mutex);
            feed.seal_now_and_then(now);
            if (feed.ring.empty() || feed.ring.back()->last() <= at_) return {};
            look_behind();
            if (cut_) return {};
            const auto next =
                std::ranges::partition_point(feed.ring, [&](const auto& each) { return each->last() <= at_; });
            held_ = *next;
        }
        const auto text = held_->text(at_, what_->wanted, scratch_);
        at_ = held_->last();
        if (!text.empty()) return text;  // else nothing of this block is wanted
    }
}

}  // namespace ota::http
