#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

/// Server-sent events (WHATWG HTML, 9.2): one feed, any number of clients.
namespace ota::http {

struct feed_event {
    std::uint64_t id = 0;  ///< grows by one; the client's Last-Event-ID
    std::string type;      ///< the `event` field
    std::string data;      ///< one line of JSON
};

/// What happened, told to everybody who listens. The last events are kept in a ring, for clients that come back. Any
/// thread. A client reads on from its place in the ring: nothing is copied for it, and one that lags by a whole ring is
/// cut.
class event_feed {
public:
    /// `first_id`: later than any id of the run before, so that who comes back after a restart learns of the gap.
    explicit event_feed(std::size_t kept = 4096, std::uint64_t first_id = 1);
    ~event_feed();
    event_feed(const event_feed&) = delete;
    event_feed& operator=(const event_feed&) = delete;

    /// Never waits for a client, nor wakes a thread. While nobody listens it does nothing.
    void publish(std::string_view type, std::string data);
    /// Whether anybody listens, or left less than a minute ago: what nobody hears need not be written.
    [[nodiscard]] bool heard() const noexcept;
    [[nodiscard]] std::size_t clients() const noexcept;
    [[nodiscard]] std::uint64_t cut_clients() const noexcept;

    struct state;
    [[nodiscard]] const std::shared_ptr<state>& shared() const noexcept { return state_; }  ///< for the server

private:
    std::shared_ptr<state> state_;
};

/// As a response: the connection stays open and gets the events that pass, a comment every 15 s, and an `event: gap`
/// where the ring no longer had what the client missed.
struct feed_subscription {
    std::shared_ptr<event_feed::state> feed;
    std::optional<std::uint64_t> after;             ///< Last-Event-ID; nothing: from now on
    std::function<bool(const feed_event&)> wanted;  ///< empty: all
    std::function<bool()> allowed;  ///< asked now and then: false ends it (the token was taken away); may be empty
};

}  // namespace ota::http
