#pragma once

#include "gateway/http/message.hpp"

#include <cstddef>
#include <cstdint>
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
    /// `path` exactly; `method` in upper case. GET answers HEAD too. A step `{name}` of the path stands for any one
    /// step, and goes percent-decoded into the request's parameters; of several such paths the one with more steps
    /// spelt out wins. Methods of one resource share one path: the same names in braces.
    void add(std::string method, std::string path, handler answer);
    /// Every path that begins with `prefix`; the longest prefix wins; an exact path wins over a template, and that over
    /// a prefix.
    void add_prefix(std::string method, std::string prefix, handler answer);

    struct answered {
        response answer;
        std::string_view route;  ///< the registered path or prefix; empty when nothing matched. Lives with the router
    };
    /// Nothing there: 404. There, but not with this method: 405 with Allow. A wrong %-escape where a parameter stands:
    /// 400. All as problem details.
    [[nodiscard]] answered answer(request asked) const;

private:
    enum class kind : std::uint8_t { exact, pattern, prefix };
    struct route {
        std::string method;
        std::string path;
        kind is;
        std::size_t spelt_out;  ///< steps of a pattern that are no parameter
        handler answer;
    };
    [[nodiscard]] const route* match(std::string_view path) const;

    std::vector<route> routes_;
};

}  // namespace ota::http
