#pragma once

#include "gateway/http/message.hpp"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace ota::http {

/// Called on a thread of the server: it must be thread-safe and return soon. What it throws becomes a bare 500.
using handler = std::function<response(const request&)>;

/// Which handler answers which request. Filled before the server starts, only read afterwards.
class router {
public:
    /// `path` exactly; `method` in upper case. GET answers HEAD too.
    void add(std::string method, std::string path, handler answer);
    /// Every path that begins with `prefix`; the longest prefix wins, an exact path wins over any.
    void add_prefix(std::string method, std::string prefix, handler answer);

    struct answered {
        response answer;
        std::string_view route;  ///< the registered path or prefix; empty when nothing matched. Lives with the router
    };
    /// Nothing there: 404. There, but not with this method: 405 with Allow. Both as problem details.
    [[nodiscard]] answered answer(const request& asked) const;

private:
    struct route {
        std::string method;
        std::string path;
        bool exact;
        handler answer;
    };
    [[nodiscard]] std::string_view matching_path(std::string_view path) const;

    std::vector<route> routes_;
};

}  // namespace ota::http
