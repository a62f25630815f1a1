#include "gateway/http/event_stream.hpp"

#include "gateway/http/head.hpp"

namespace ota::http {
namespace {

using namespace std::chrono_literals;

constexpr auto pause = 50ms;      // events that come meanwhile go out together
constexpr auto silence = 15s;     // then a comment, so that nobody on the way takes the connection for dead
constexpr auto patience = 500ms;  // then a look whether a client that does not read is still within the ring
constexpr auto still_allowed = 5s;

}  // namespace

std::unique_ptr<event_stream> event_stream::open(std::shared_ptr<link> with, exchange& shared,
                                                 std::shared_ptr<const feed_subscription> what) {
    if (++shared.streams > shared.settings.stream_limit) {
        --shared.streams;
        return nullptr;
    }
    return std::unique_ptr<event_stream>(new event_stream(std::move(with), shared, std::move(what)));
}

void event_stream::start(response answer, std::shared_ptr<void> owner) {
    owner_ = owner;
    answer.content_type = "text/event-stream";
    answer.headers.emplace_back("Cache-Control", "no-store");
    answer.headers.emplace_back("X-Accel-Buffering",
                                "no");  // a proxy before this server should pass each event on at once
    answer.stream = std::make_shared<feed_subscription>();
    head_ = head_of(answer, false);
    asked_ = std::chrono::steady_clock::now();
    watch();
    send(head_);
}

// A client that goes is noticed by the end of what it sends.
void event_stream::watch() {
    link_->read(unread_, [this, owner = owner_.lock()](std::error_code ended, std::size_t) {
        if (ended) return link_->close();
        watch();
    });
}

// Who does not read takes nothing any more: it is looked after while it gets something.
void event_stream::look_after() {
    link_->wake_after(patience, [this, owner = owner_.lock()] {
        if (!sending_) return;
        if (reader_.cut()) return link_->close();
        look_after();
    });
}

void event_stream::send(std::string_view text) {
    sending_ = true;
    said_ = std::chrono::steady_clock::now();
    link_->expires_after(shared_.settings.write_timeout);
    look_after();
    link_->write({text, {}}, [this, owner = owner_.lock()](std::error_code failed, std::size_t) {
        sending_ = false;
        if (link_->expired()) reader_.give_up();
        if (failed) return link_->close();
        link_->expires_never();
        if (ending_) return end();
        go_on();
    });
}

std::string_view event_stream::next_text() {
    const auto now = std::chrono::steady_clock::now();
    if (now - asked_ >= still_allowed) {
        asked_ = now;
        ending_ = !reader_.allowed();
        if (ending_) return {};
    }
    const auto text = reader_.read(now);
    if (!text.empty() || now - said_ < silence) return text;
    return ": nothing new\n\n";
}

void event_stream::go_on() {
    const auto text = next_text();
    if (ending_) return end();
    if (text.empty() && reader_.cut()) return link_->close();
    if (!text.empty()) return send(text);
    link_->wake_after(pause, [this, owner = owner_.lock()] {
        if (!ending_) go_on();
    });
}

void event_stream::end() {
    ending_ = true;
    if (sending_) return;  // after what is under way
    link_->expires_after(1s);
    link_->finish([this, owner = owner_.lock()] { link_->close(); });
}

}  // namespace ota::http
