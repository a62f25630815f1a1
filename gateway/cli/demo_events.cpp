#include "gateway/cli/sandbox_run.hpp"
#include "queue/base64.hpp"
#include "sandbox/population.hpp"

#include <random>

namespace ota::cli {

namespace {

using queue::change_event;
using queue::node_value;

/// A value that fits the node's file, another one each time.
void give_value(change_event& event, const node_binding& node, std::mt19937_64& dice) {
    using management_object::file_form;
    const auto text = [&](std::string value) { event.value = {node_value::kind::text, std::move(value)}; };
    const auto json = [&](std::string value) { event.value = {node_value::kind::json, std::move(value)}; };
    const auto network = [&] { return std::to_string(20000 + dice() % 60000); };
    switch (node.form) {
        case file_form::spn:
            event.format = "chr";
            text("Operator " + std::to_string(dice() % 10000));
            return;
        case file_form::text_utf8:
            event.format = "chr";
            text("value " + std::to_string(dice()));
            return;
        case file_form::oplmn_wact:
            json(R"([{"plmn":")" + network() + R"(","act":["eutran","utran"]},{"plmn":")" + network() +
                 R"(","act":["eutran"]}])");
            return;
        case file_form::plmn_list: json(R"([")" + network() + R"(",")" + network() + R"("])"); return;
        case file_form::smsp:
            json(R"({"alpha":"SMS","service_centre":"+4917)" + std::to_string(10000000 + dice() % 80000000) + R"("})");
            return;
        case file_form::raw: break;
    }
    wire::octets octets(node.size);
    for (auto& o : octets) o = static_cast<std::uint8_t>(dice());
    event.format = "bin";
    text(queue::to_base64(octets));
}

}  // namespace

std::vector<change_event> demo_events(const sandbox::population& who, const card_profile& profile, std::size_t count,
                                      std::uint64_t seed, bool with_gets, queue::wall_time now) {
    std::mt19937_64 dice(seed);
    std::vector<const node_binding*> writable, readable;
    for (const auto& [uri, node] : profile.nodes) {
        if (node.is != node_binding::kind::file) continue;
        if (node.writable) writable.push_back(&node);
        if (node.readable) readable.push_back(&node);
    }
    std::vector<change_event> events(count);
    const auto run = std::to_string(now.time_since_epoch().count());
    for (std::size_t i = 0; i < count; ++i) {
        auto& e = events[i];
        e.source = "urn:otagw:sandbox";
        e.id = "sandbox-" + run + "-" + std::to_string(i);
        e.subject = who.iccid(i < who.size() ? i : dice() % who.size());
        const bool get = with_gets && !readable.empty() && i % 20 == 19;
        const auto& nodes = get ? readable : writable;
        const auto& node = *nodes[dice() % nodes.size()];
        e.node = node.uri;
        e.op = get ? queue::operation::get : queue::operation::replace;
        if (!get) give_value(e, node, dice);
    }
    return events;
}

}  // namespace ota::cli
