#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ota::http {

using header_fields = std::vector<std::pair<std::string, std::string>>;

struct feed_subscription;

struct request {
    std::string method;  ///< upper case; a HEAD arrives as GET, its answer loses the body
    std::string path;    ///< as sent (percent-encoded), without the query
    std::string query;   ///< as sent, without the '?'
    header_fields headers;
    std::string body;
    std::string peer;                     ///< address of the client
    std::vector<std::string> parameters;  ///< what stood for each {name} of the route, percent-decoded
    bool certified = false;               ///< the client showed a certificate that the server's client_ca vouches for

    /// Value of the first field of that name (any case); empty when there is none.
    [[nodiscard]] std::string_view header(std::string_view name) const;
};

struct response {
    unsigned status = 200;
    std::string content_type = "application/json";
    std::string body;
    header_fields headers;
    std::shared_ptr<const feed_subscription> stream;  ///< a body without end: server-sent events (event_feed.hpp)
};

/// A failure as problem details (RFC 9457): application/problem+json with type, title, status, detail.
response problem(unsigned status, std::string_view detail);

/// The text behind %-escapes; nothing where an escape is wrong or stands for NUL.
std::optional<std::string> percent_decoded(std::string_view text);

/// "Not Found" for 404; "Unknown" where the registry has nothing.
std::string_view reason_phrase(unsigned status);

}  // namespace ota::http
