#pragma once

#include "gateway/api/book.hpp"

#include <cstddef>
#include <cstdint>
#include <variant>

/// What stands behind the '?' of a call.
namespace ota::api {

/// The first value of that name, percent-decoded; a name alone has the empty value.
[[nodiscard]] std::optional<std::string> query_value(std::string_view query, std::string_view name);

/// The first name that is not among the known ones, percent-decoded.
[[nodiscard]] std::optional<std::string> unknown_parameter(std::string_view query,
                                                           const std::vector<std::string>& known);

/// One page of a list: `limit` (1 to 1000, 100 when absent) and `after`, what the page before said in `next`.
struct page {
    std::size_t limit = 100;
    std::string after;
};
/// A problem (400) when the limit is none.
[[nodiscard]] std::variant<page, http::response> page_of(const call&);

/// `after` as a number: 0 when absent; nothing when it is none.
[[nodiscard]] std::optional<std::int64_t> number_of(const std::string& after);
[[nodiscard]] http::response bad_after();

/// `true` or `1`, `false` or `0` or absent; nothing for anything else.
[[nodiscard]] std::optional<bool> flag_of(const call&, std::string_view name);

}  // namespace ota::api
