#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ota::http {

/// The client's side of server-sent events (WHATWG HTML, 9.2.6), as the text arrives: any cut gives the same events.
class event_reader {
public:
    struct event {
        std::string type;  ///< "message" where the server names none
        std::string data;
    };
    [[nodiscard]] std::vector<event> take(std::string_view text);

    /// Of the last event: what the next request says as Last-Event-ID.
    [[nodiscard]] const std::string& last_id() const noexcept { return last_id_; }
    /// How long the server wants a client to wait before it comes again.
    [[nodiscard]] std::optional<std::chrono::milliseconds> retry() const noexcept { return retry_; }
    /// A new connection begins: half an event of the last one is nothing.
    void begin();

private:
    void take_line(std::string_view line, std::vector<event>& out);

    std::string line_;
    bool after_cr_ = false, first_ = true;
    std::string type_, data_, id_, last_id_;
    bool has_data_ = false;
    std::optional<std::chrono::milliseconds> retry_;
};

}  // namespace ota::http
