#include "gateway/smpp/client_settings.hpp"

#include <algorithm>
#include <set>
#include <string_view>

namespace ota::smpp {
namespace {

bool is_digits(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

void check(const route_settings& r, std::vector<std::string>& out) {
    const auto fault = [&](std::string_view field, std::string_view what) {
        out.push_back("route '" + r.name + "': " + std::string(field) + " " + std::string(what));
    };
    const auto at_most = [&](std::string_view field, const std::string& value, std::size_t longest) {
        if (value.size() > longest) fault(field, "has more than " + std::to_string(longest) + " characters");
        if (value.find('\0') != std::string::npos) fault(field, "contains a NUL");
    };
    if (r.name.empty()) fault("name", "is empty");
    if (r.host.empty()) fault("host", "is empty");
    if (r.port == 0) fault("port", "is 0");
    // [SMPP 3.4, 4.1.1] sizes there count the NUL
    at_most("system_id", r.system_id, 15);
    at_most("password", r.password, 8);
    at_most("system_type", r.system_type, 12);
    at_most("service_type", r.service_type, 5);
    at_most("source", r.source.digits, 20);
    if (r.binds == 0) fault("binds", "is 0");
    if (r.window == 0) fault("window", "is 0");
    if (!(r.rate_in_segments_per_s >= 0)) fault("rate_in_segments_per_s", "is negative");
    for (const auto& prefix : r.prefixes)
        if (!is_digits(prefix)) fault("prefixes", "has '" + prefix + "', which is not of digits");
    if (r.response_timeout.count() <= 0) fault("response_timeout", "is not positive");
    if (r.connect_timeout.count() <= 0) fault("connect_timeout", "is not positive");
    if (r.reconnect_minimum.count() <= 0) fault("reconnect_minimum", "is not positive");
    if (r.reconnect_maximum < r.reconnect_minimum) fault("reconnect_maximum", "is below reconnect_minimum");
    if (r.validity_maximum.count() <= 0) fault("validity_maximum", "is not positive");
    if (r.answer_within.count() <= 0) fault("answer_within", "is not positive");
    for (const auto& [code, kind] : r.vendor_statuses)
        if (code == status::ok || kind == status_class::success)
            fault("vendor_statuses", "makes an error a success, or success an error");
}

}  // namespace

std::vector<std::string> faults(const client_settings& settings) {
    std::vector<std::string> out;
    std::set<std::string> names;
    if (settings.routes.empty()) out.emplace_back("routes: there is none");
    for (const auto& r : settings.routes) {
        check(r, out);
        if (!names.insert(r.name).second) out.push_back("route '" + r.name + "': name is used twice");
    }
    return out;
}

}  // namespace ota::smpp
