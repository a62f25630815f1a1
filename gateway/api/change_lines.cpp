#include "gateway/api/change_lines.hpp"

#include "queue/json_text.hpp"

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>

namespace ota::api {

namespace {

/// The members that are absent, put behind the others: what parse_event says of offsets holds for the text that was
/// sent. What is no object stays as it is: parse_event says so.
std::string completed(std::string_view text, const change_defaults& defaults) {
    std::string out(text);
    boost::system::error_code fault;
    const auto value = boost::json::parse(text, fault);
    const auto* sent = fault ? nullptr : value.if_object();
    if (sent == nullptr) return out;
    std::string more;
    const auto add = [&](std::string_view name, const std::string& otherwise) {
        if (sent->contains(name)) return;
        if (!sent->empty() || !more.empty()) more += ',';
        queue::append_json_string(more, name);
        more += ':';
        queue::append_json_string(more, otherwise);
    };
    add("specversion", "1.0");
    add("type", "dm.mo.change.v1");
    add("source", defaults.source);
    if (!sent->contains("id")) add("id", defaults.new_id());
    out.insert(out.rfind('}'), more);
    return out;
}

void read_one(std::string_view text, std::size_t line, const change_defaults& defaults, read_changes& into) {
    auto whole = completed(text, defaults);
    auto event = queue::parse_event(whole, {});
    if (auto* bad = std::get_if<queue::unreadable>(&event)) {
        into.refused.push_back({line, std::move(bad->reason), std::move(bad->detail)});
        return;
    }
    auto& good = std::get<queue::change_event>(event);
    into.good.push_back({line,
                         std::move(good.id),
                         std::move(good.source),
                         {queue::topic_changes, std::move(good.subject), std::move(whole), {}}});
}

}  // namespace

read_changes read_change_lines(std::string_view body, bool by_line, const change_defaults& defaults) {
    read_changes out;
    if (!by_line) {
        read_one(body, 1, defaults, out);
        return out;
    }
    for (std::size_t line = 1; !body.empty(); ++line) {
        const auto text = body.substr(0, body.find('\n'));
        body.remove_prefix(std::min(body.size(), text.size() + 1));
        if (text.find_first_not_of(" \t\r") != std::string_view::npos) read_one(text, line, defaults, out);
    }
    return out;
}

}  // namespace ota::api
