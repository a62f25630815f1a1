#include "gateway/http/router.hpp"

#include <exception>

namespace ota::http {
namespace {

response call(const handler& answer, const request& asked) {
    try {
        return answer(asked);
    } catch (const std::exception&) {
        return problem(500, "the request could not be served");  // what() may name secrets: it stays inside
    }
}

}  // namespace

void router::add(std::string method, std::string path, handler answer) {
    routes_.push_back({std::move(method), std::move(path), true, std::move(answer)});
}

void router::add_prefix(std::string method, std::string prefix, handler answer) {
    routes_.push_back({std::move(method), std::move(prefix), false, std::move(answer)});
}

std::string_view router::matching_path(std::string_view path) const {
    std::string_view longest;
    for (const auto& each : routes_) {
        if (each.exact && each.path == path) return each.path;
        if (!each.exact && path.starts_with(each.path) && each.path.size() > longest.size()) longest = each.path;
    }
    return longest;
}

router::answered router::answer(const request& asked) const {
    const auto path = matching_path(asked.path);
    if (path.empty()) return {problem(404, "nothing is served at this path"), {}};
    std::string allowed;
    for (const auto& each : routes_) {
        if (each.path != path) continue;
        if (each.method == asked.method) return {call(each.answer, asked), each.path};
        allowed += (allowed.empty() ? "" : ", ") + each.method + (each.method == "GET" ? ", HEAD" : "");
    }
    auto refused = problem(405, "this path does not serve the method");
    refused.headers.emplace_back("Allow", std::move(allowed));
    return {std::move(refused), path};
}

}  // namespace ota::http
