#include "gateway/cli/sandbox_desired.hpp"

#include "management-object/elementary_file.hpp"
#include "sandbox/peers.hpp"

#include <fstream>
#include <iostream>

namespace ota::cli {

bool read_events(const std::string& file, std::vector<queue::change_event>& events, std::string& why) {
    std::ifstream opened;
    if (file != "-") opened.open(file);
    std::istream& in = file == "-" ? std::cin : opened;
    if (!in) {
        why = "cannot read " + file;
        return false;
    }
    std::string line;
    for (std::size_t number = 1; std::getline(in, line); ++number) {
        if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
        auto parsed = queue::parse_event(line, {});
        if (const auto* bad = std::get_if<queue::unreadable>(&parsed)) {
            why = file + ":" + std::to_string(number) + ": " + bad->reason + ": " + bad->detail;
            return false;
        }
        events.push_back(std::move(std::get<queue::change_event>(parsed)));
    }
    return true;
}

void compare_files(const sandbox::peers& peers, const std::vector<queue::change_event>& events,
                   const std::unordered_map<std::string, std::string>& state_by_id, sandbox_outcome& out) {
    std::map<std::pair<std::string_view, std::string_view>, const queue::change_event*> last;
    for (const auto& e : events) {
        if (e.op == queue::operation::add || e.op == queue::operation::replace) last[{e.subject, e.node}] = &e;
    }
    for (const auto& [where, event] : last) {
        const auto state = state_by_id.find(event->id);
        if (state == state_by_id.end() || state->second != "applied") continue;
        const auto card = peers.who().find_iccid(event->subject);
        const auto* node = peers.profile().find(event->node);
        if (!card || node == nullptr) continue;
        management_object::image_request request;
        request.form = node->form;
        request.size = node->size;
        request.format = event->format;
        request.type = event->type;
        request.value_is_json = event->value.is == queue::node_value::kind::json;
        request.value = event->value.text;
        const auto image = management_object::make_image(request);
        const auto held = peers.content(*card, event->node);
        ++out.files_compared;
        if (!image || !held || *held != image.value()) ++out.files_wrong;
    }
}

}  // namespace ota::cli
