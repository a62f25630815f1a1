#pragma once

#include "gateway/http/connection.hpp"
#include "gateway/http/feed_reader.hpp"

#include <array>
#include <chrono>
#include <memory>
#include <string>

namespace ota::http {

/// A connection that gets the events of a feed until it ends. On the strand of its link.
class event_stream {
public:
    /// Nothing: as many are open as the server takes.
    [[nodiscard]] static std::unique_ptr<event_stream> open(std::shared_ptr<link>, exchange&,
                                                            std::shared_ptr<const feed_subscription>);
    ~event_stream() { --shared_.streams; }
    event_stream(const event_stream&) = delete;
    event_stream& operator=(const event_stream&) = delete;

    /// `owner` owns this; it is kept alive until the stream has ended.
    void start(response, std::shared_ptr<void> owner);
    /// Tells the client that nothing more comes.
    void end();

private:
    event_stream(std::shared_ptr<link> with, exchange& shared, std::shared_ptr<const feed_subscription> what)
        : link_(std::move(with)), shared_(shared), reader_(std::move(what)) {}

    void send(std::string_view text);
    void look_after();
    void go_on();
    void watch();
    [[nodiscard]] std::string_view next_text();

    std::shared_ptr<link> link_;
    exchange& shared_;
    feed_reader reader_;
    std::weak_ptr<void> owner_;
    std::string head_;
    std::chrono::steady_clock::time_point said_{}, asked_{};  ///< last octets to the client; last look at `allowed`
    std::array<char, 512> unread_{};                          ///< what the client still sends means nothing
    bool sending_ = false, ending_ = false;
};

}  // namespace ota::http
