#include "gateway/http/router.hpp"

#include <exception>
#include <utility>

namespace ota::http {
namespace {

response call(const handler& answer, const request& asked) {
    try {
        return answer(asked);
    } catch (const std::exception&) {
        return problem(500, "the request could not be served");  // what() may name secrets: it stays inside
    }
}

// Takes the first step off a path: "/a/b" gives "a" and leaves "/b".
std::string_view next_step(std::string_view& path) {
    if (path.starts_with('/')) path.remove_prefix(1);
    const auto step = path.substr(0, path.find('/'));
    path.remove_prefix(step.size());
    return step;
}

bool is_parameter(std::string_view step) { return step.size() > 2 && step.front() == '{' && step.back() == '}'; }

// Calls `take` with each step that stands for a parameter, as sent. False: another shape.
template <class Take>
bool walk(std::string_view pattern, std::string_view path, Take take) {
    while (!pattern.empty() && !path.empty()) {
        const auto expected = next_step(pattern);
        const auto step = next_step(path);
        if (is_parameter(expected) ? step.empty() : step != expected) return false;
        if (is_parameter(expected)) take(step);
    }
    return pattern.empty() && path.empty();
}

}  // namespace

void router::add(std::string method, std::string path, handler answer) {
    std::size_t parameters = 0, spelt_out = 0;
    for (std::string_view rest = path; !rest.empty();) ++(is_parameter(next_step(rest)) ? parameters : spelt_out);
    const auto is = parameters == 0 ? kind::exact : kind::pattern;
    routes_.push_back({std::move(method), std::move(path), is, spelt_out, std::move(answer)});
}

void router::add_prefix(std::string method, std::string prefix, handler answer) {
    routes_.push_back({std::move(method), std::move(prefix), kind::prefix, 0, std::move(answer)});
}

const router::route* router::match(std::string_view path) const {
    const route* pattern = nullptr;
    const route* prefix = nullptr;
    for (const auto& each : routes_) {
        switch (each.is) {
            case kind::exact:
                if (each.path == path) return &each;
                break;
            case kind::pattern:
                if (pattern != nullptr && each.spelt_out <= pattern->spelt_out) break;
                if (walk(each.path, path, [](std::string_view) {})) pattern = &each;
                break;
            case kind::prefix:
                if (path.starts_with(each.path) && (prefix == nullptr || each.path.size() > prefix->path.size()))
                    prefix = &each;
                break;
        }
    }
    return pattern != nullptr ? pattern : prefix;
}

router::answered router::answer(request asked) const {
    const auto* const found = match(asked.path);
    if (found == nullptr) return {problem(404, "nothing is served at this path"), {}};
    bool readable = true;
    const auto take = [&](std::string_view step) {
        auto text = percent_decoded(step);
        readable = readable && text;
        asked.parameters.push_back(std::move(text).value_or(""));
    };
    if (found->is == kind::pattern) walk(found->path, asked.path, take);
    if (!readable) return {problem(400, "the path has a wrong %-escape"), found->path};
    std::string allowed;
    for (const auto& each : routes_) {
        if (each.path != found->path) continue;
        if (each.method == asked.method) return {call(each.answer, asked), each.path};
        allowed += (allowed.empty() ? "" : ", ") + each.method + (each.method == "GET" ? ", HEAD" : "");
    }
    auto refused = problem(405, "this path does not serve the method");
    refused.headers.emplace_back("Allow", std::move(allowed));
    return {std::move(refused), found->path};
}

}  // namespace ota::http
