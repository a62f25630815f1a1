#pragma once

#include "gateway/http/message.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ota::http {

/// The client's side of an answer (RFC 9112), as its octets arrive: any cut between them gives the same body. Length by
/// Content-Length, by chunks, or by the end of the connection.
class answer_reader {
public:
    /// What of the body these octets bring; nothing: that is not HTTP/1.1, or a head above 64 KiB.
    [[nodiscard]] std::optional<std::string> take(std::string_view octets);

    [[nodiscard]] unsigned status() const noexcept { return status_; }  ///< 0: the head is not there yet
    [[nodiscard]] std::string_view header(std::string_view name) const noexcept;
    [[nodiscard]] bool complete() const noexcept { return at_ == place::end; }
    /// The connection was closed here, and that is where the answer ends.
    [[nodiscard]] bool ends_here() const noexcept { return at_ == place::end || (at_ == place::body && !left_); }

private:
    enum class place : std::uint8_t { head, body, chunk_size, chunk, chunk_end, trailer, end };
    bool take_head();
    bool step(std::string& body);
    bool take_body(std::string& body);
    bool take_chunk_size();

    place at_ = place::head;
    std::string waiting_;  ///< octets not understood yet
    unsigned status_ = 0;
    header_fields headers_;
    std::optional<std::uint64_t> left_;  ///< of the body or the chunk; nothing: up to the end of the connection
};

}  // namespace ota::http
