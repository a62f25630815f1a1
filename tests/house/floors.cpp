#include "tests/house/checks.hpp"

#include <array>
#include <functional>
#include <map>
#include <optional>
#include <set>

namespace ota::house {
namespace {

struct place {
    std::string_view prefix;  ///< of the path
    std::string_view room;
    int floor;
};

// The first prefix that fits decides. A room includes rooms on floors below its own, and itself downwards.
constexpr std::array places{
    place{"secure-channel/wire/", "secure-channel/wire", 0},
    place{"config/", "config", 0},

    place{"secure-channel/cat_tp/", "secure-channel/cat_tp", 1},
    place{"secure-channel/", "secure-channel", 1},
    place{"management-object/", "management-object", 1},
    place{"queue/tools/", "queue/tools", 5},
    place{"queue/", "queue", 1},

    place{"gateway/bearer.hpp", "gateway/bearer", 2},
    place{"gateway/data_bearer.hpp", "gateway/bearer", 2},
    place{"gateway/push_token", "gateway/bearer", 2},
    place{"gateway/embedded_file.hpp", "gateway/embedded", 2},
    place{"gateway/version", "gateway/version", 2},
    place{"gateway/profile/", "gateway/profile", 2},
    place{"gateway/store/sqlite", "gateway/store", 3},
    place{"gateway/store/postgres", "gateway/store", 3},
    place{"gateway/store/life_cycles", "gateway/store", 3},
    place{"gateway/store/", "gateway/store", 2},

    place{"gateway/cluster/membership", "gateway/cluster", 4},
    place{"gateway/cluster/alone", "gateway/cluster", 4},
    place{"gateway/cluster/", "gateway/cluster", 3},

    place{"gateway/flow/flow", "gateway/flow", 4},
    place{"gateway/flow/corridor", "gateway/flow", 4},
    place{"gateway/flow/batch", "gateway/flow", 4},
    place{"gateway/flow/", "gateway/flow", 3},
    place{"gateway/smpp/client_settings", "gateway/smpp", 3},
    place{"gateway/smpp/client", "gateway/smpp", 4},
    place{"gateway/smpp/server", "gateway/smpp", 4},
    place{"gateway/smpp/switchboard", "gateway/smpp", 4},
    place{"gateway/smpp/transport", "gateway/smpp", 4},
    place{"gateway/smpp/", "gateway/smpp", 3},

    place{"gateway/bip/server", "gateway/bip", 4},
    place{"gateway/bip/sockets", "gateway/bip", 4},
    place{"gateway/bip/", "gateway/bip", 3},

    place{"gateway/dm/", "gateway/dm", 3},

    place{"gateway/sessions/", "gateway/sessions", 4},

    place{"gateway/http/", "gateway/http", 4},
    place{"gateway/ops/", "gateway/ops", 4},
    place{"gateway/audit/", "gateway/audit", 4},
    place{"sandbox/", "sandbox", 4},

    place{"gateway/packet/", "gateway/packet", 5},
    place{"gateway/object-tool/", "gateway/object-tool", 5},
    place{"gateway/cards/", "gateway/cards", 5},
    place{"gateway/api/", "gateway/api", 5},
    place{"gateway/campaigns/", "gateway/campaigns", 5},
    place{"gateway/console/", "gateway/console", 5},
    place{"gateway/cli/", "gateway/cli", 5},
    place{"gateway/main", "gateway/main", 5},
};
constexpr int top_floor = 5;  // composes: its rooms may know each other

struct door {
    std::string_view from_room;
    std::string_view to_prefix;
};
// Doors that the floors alone would not open, each with its reason.
constexpr std::array doors{
    door{"config", "secure-channel/wire/"},  // result<T> is what every room fails with
    door{"sandbox", "gateway/smpp/server"},  // the simulated SMSC is the other side of the same session machine
};

// The corridor, left to right.
constexpr std::array<std::string_view, 4> stages{"plan", "secure", "send", "receipt"};

const place* place_of(std::string_view path) {
    for (const auto& each : places) {
        if (path.starts_with(each.prefix)) return &each;
    }
    return nullptr;
}

std::optional<std::size_t> stage_of(std::string_view path) {
    constexpr std::string_view corridor = "gateway/flow/";
    if (!path.starts_with(corridor)) return std::nullopt;
    const auto stem = path.substr(corridor.size(), path.find_last_of('.') - corridor.size());
    for (std::size_t i = 0; i < stages.size(); ++i) {
        if (stem == stages[i] || stem.starts_with(std::string(stages[i]) + '_')) return i;
    }
    return std::nullopt;
}

bool may_include(const place& from, const place& to, std::string_view to_path) {
    if (from.room == to.room) return to.floor <= from.floor;
    if (to.floor < from.floor || (from.floor == top_floor && to.floor == top_floor)) return true;
    for (const auto& each : doors) {
        if (each.from_room == from.room && to_path.starts_with(each.to_prefix)) return true;
    }
    return false;
}

std::string at(const source_file& file, const include& each) {
    return file.path + ':' + std::to_string(each.line) + ": ";
}

}  // namespace

faults floors_broken(const source_tree& tree) {
    faults found;
    for (const auto& file : tree) {
        if (!is_cpp(file.path) || !is_product(file.path)) continue;
        const auto* from = place_of(file.path);
        if (from == nullptr) {
            found.push_back(file.path + ": belongs to no room");
            continue;
        }
        for (const auto& each : includes_of(file)) {
            if (!each.quoted) continue;
            const auto* to = place_of(each.path);
            if (to == nullptr) {
                found.push_back(at(file, each) + "includes " + each.path + ", which belongs to no room");
            } else if (!may_include(*from, *to, each.path)) {
                found.push_back(at(file, each) + std::string(from->room) + " (floor " + std::to_string(from->floor) +
                                ") includes " + each.path + " (floor " + std::to_string(to->floor) + ")");
            }
            const auto stage = stage_of(file.path);
            const auto other = stage_of(each.path);
            if (stage && other && *other > *stage)
                found.push_back(at(file, each) + "a stage includes " + each.path + " to its right");
        }
    }
    return found;
}

faults circles(const source_tree& tree) {
    std::map<std::string, std::vector<std::string>> included;
    for (const auto& file : tree) {
        if (!is_header(file.path)) continue;
        for (const auto& each : includes_of(file)) {
            if (each.quoted) included[file.path].push_back(each.path);
        }
    }
    faults found;
    std::set<std::string> finished;
    std::vector<std::string> way;
    const std::function<void(const std::string&)> walk = [&](const std::string& header) {
        if (finished.contains(header)) return;
        for (std::size_t i = 0; i < way.size(); ++i) {
            if (way[i] != header) continue;
            std::string circle = header + ": includes itself by way of";
            for (std::size_t step = i + 1; step < way.size(); ++step) circle += ' ' + way[step];
            found.push_back(circle);
            return;
        }
        way.push_back(header);
        for (const auto& next : included[header]) walk(next);
        way.pop_back();
        finished.insert(header);
    };
    for (const auto& file : tree) {
        if (is_header(file.path)) walk(file.path);
    }
    return found;
}

faults includes_not_from_root(const source_tree& tree) {
    std::set<std::string_view> known;
    for (const auto& file : tree) known.insert(file.path);
    faults found;
    for (const auto& file : tree) {
        if (!is_cpp(file.path)) continue;
        for (const auto& each : includes_of(file)) {
            const bool outside = is_product(file.path) && !is_product(each.path);
            if (each.quoted && !known.contains(each.path))
                found.push_back(at(file, each) + each.path + " is no file from the root");
            if (each.quoted && outside) found.push_back(at(file, each) + "the product includes a test: " + each.path);
        }
    }
    return found;
}

}  // namespace ota::house
