#pragma once

#include "management-object/tnds.hpp"

#include <random>
#include <string>

/// Random trees from a seed: every format, every property, names and values in several scripts.
namespace ota::management_object::randomly {

using dice = std::mt19937_64;

inline std::size_t below(dice& d, std::size_t n) { return static_cast<std::size_t>(d() % n); }

inline std::string text(dice& d, std::size_t longest) {
    static const std::string pieces[] = {"a", "Z", "7", " ",  ".",  "&",   "<",   ">",   "\"",
                                         "'", "é", "Ω", "日", "😀", "]]>", "%2F", "imps"};
    std::string out;
    for (auto n = below(d, longest + 1); n > 0; --n) out += pieces[below(d, std::size(pieces))];
    return out;
}

inline std::string octets(dice& d, std::size_t longest) {
    std::string out(below(d, longest + 1), '\0');
    for (auto& c : out) c = static_cast<char>(below(d, 256));
    return out;
}

inline std::string value(dice& d, node_format format) {
    const auto number = [&d](std::size_t n) { return std::to_string(below(d, n)); };
    switch (format) {
        case node_format::integer: return (below(d, 2) ? "-" : "") + number(100000);
        case node_format::boolean: return below(d, 2) ? "true" : "false";
        case node_format::floating: return number(100) + "." + number(1000) + (below(d, 2) ? "e-5" : "");
        case node_format::date: return "2026-0" + std::to_string(1 + below(d, 9)) + "-1" + number(10);
        case node_format::time: return "1" + number(10) + ":00:5" + number(10);
        case node_format::b64:
        case node_format::bin: return octets(d, 40);
        case node_format::chr:
        case node_format::xml: return text(d, 30);
        case node_format::null:
        case node_format::node: break;
    }
    return {};
}

inline access_control_list acl_of(dice& d) {
    access_control_list list;
    for (std::size_t i = 0; i < access_count; ++i) {
        if (below(d, 2)) list.allow(static_cast<access>(i), below(d, 3) ? "server" + std::to_string(below(d, 9)) : "*");
    }
    return list;
}

inline node tree(dice& d, std::string name, std::size_t depth) {
    node out{.name = std::move(name)};
    if (below(d, 4) == 0) out.acl = acl_of(d);
    if (below(d, 4) == 0) out.ver_no = static_cast<std::uint16_t>(below(d, 65536));
    if (below(d, 4) == 0) out.tstamp = "20261122T1012" + std::to_string(10 + below(d, 50)) + "Z";
    if (below(d, 4) == 0) out.title = "Title " + text(d, 6);
    if (depth > 0 && below(d, 3) != 0) {
        if (below(d, 3) == 0) out.type = "urn:oma:mo:example-" + std::to_string(below(d, 5)) + ":1.0";
        for (auto n = below(d, 5); n > 0; --n) {
            out.children.push_back(tree(d, "n" + std::to_string(n) + (below(d, 5) ? "" : "é x"), depth - 1));
        }
        return out;
    }
    out.format = static_cast<node_format>(1 + below(d, 10));
    out.type = below(d, 4) ? "text/plain" : "application/octet-stream";
    if (below(d, 8) != 0) out.value = value(d, out.format);
    return out;
}

inline tnds_document document(dice& d) {
    tnds_document out;
    if (below(d, 3) == 0) out.man = "Maker & Sons";
    if (below(d, 3) == 0) out.mod = "Model <1>";
    for (auto n = 1 + below(d, 2); n > 0; --n) {
        placed_node placed{.top = tree(d, "Top" + std::to_string(n), 5)};
        if (below(d, 2)) placed.path = uri{{"A b", "ü"}};
        if (below(d, 4) == 0) placed.path = uri{};
        out.nodes.push_back(std::move(placed));
    }
    return out;
}

}  // namespace ota::management_object::randomly
