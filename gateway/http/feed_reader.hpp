#pragma once

#include "gateway/http/event_feed.hpp"

#include <atomic>
#include <chrono>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

/// The ring of a feed, and the place of one client in it: what the server writes to an event stream.
namespace ota::http {

/// Some events in a row as the clients get them: written once, whoever reads them.
class feed_block {
public:
    explicit feed_block(std::vector<feed_event> events) : events_(std::move(events)) {}
    [[nodiscard]] std::uint64_t first() const noexcept { return events_.front().id; }
    [[nodiscard]] std::uint64_t last() const noexcept { return events_.back().id; }
    [[nodiscard]] std::size_t size() const noexcept { return events_.size(); }
    /// The events after `after` that are wanted. The view lives as long as the block and `scratch`.
    [[nodiscard]] std::string_view text(std::uint64_t after, const std::function<bool(const feed_event&)>& wanted,
                                        std::string& scratch) const;

private:
    void write() const;

    std::vector<feed_event> events_;
    mutable std::once_flag writing_;
    mutable std::string text_;
    mutable std::vector<std::size_t> ends_;  ///< of each event in `text_`
};

struct event_feed::state {
    state(std::size_t kept_, std::uint64_t first_id) : kept(kept_), next(first_id) {}

    void publish(std::string_view type, std::string data);
    void seal();  ///< what was published since becomes a block
    /// Not more often than a client can make use of: 100 of them would else cut the ring into crumbs.
    void seal_now_and_then(std::chrono::steady_clock::time_point now);
    void forget_if_nobody_came();

    const std::size_t kept;
    std::atomic<bool> heard{false};
    std::atomic<std::size_t> clients{0};
    std::atomic<std::uint64_t> cut{0};
    std::mutex mutex;  ///< of what follows
    std::uint64_t next;
    std::vector<feed_event> fresh;
    std::deque<std::shared_ptr<const feed_block>> ring;
    std::size_t in_ring = 0;
    std::chrono::steady_clock::time_point sealed{};
    std::chrono::steady_clock::time_point left{};  ///< when the last client went
};

/// One client. Not thread-safe: it belongs to its connection.
class feed_reader {
public:
    explicit feed_reader(std::shared_ptr<const feed_subscription>);
    ~feed_reader();
    feed_reader(const feed_reader&) = delete;
    feed_reader& operator=(const feed_reader&) = delete;

    /// The next text for the client, at most one block; empty: nothing now. It lives until the next call.
    [[nodiscard]] std::string_view read(std::chrono::steady_clock::time_point now);
    /// It is too slow: what it would read next is no longer kept. Counted once.
    [[nodiscard]] bool cut();
    void give_up();  ///< it is too slow by another measure
    [[nodiscard]] bool allowed() const { return !what_->allowed || what_->allowed(); }

private:
    [[nodiscard]] std::string_view begin();
    void look_behind();

    std::shared_ptr<const feed_subscription> what_;
    std::uint64_t at_ = 0;  ///< the last event that it has
    std::shared_ptr<const feed_block> held_;
    std::string scratch_;
    bool begun_ = false, cut_ = false;
};

}  // namespace ota::http
