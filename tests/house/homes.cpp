#include "tests/house/checks.hpp"

#include <algorithm>
#include <initializer_list>

namespace ota::house {
namespace {

struct library {
    std::string_view include;                       ///< prefix of what is included
    std::initializer_list<std::string_view> homes;  ///< prefixes of the paths that may
    bool in_headers;                                ///< may a header of the home include it
};

// The first that fits decides. Tests and benchmarks may use any: they are judges.
const std::initializer_list<library> libraries{
    {"cryptopp/", {"secure-channel/crypto.cpp"}, false},
    {"crypto++/", {"secure-channel/crypto.cpp"}, false},
    {"yaml-cpp/", {"config/"}, false},
    {"prometheus/", {"gateway/ops/"}, false},
    {"sqlite3.h", {"gateway/store/sqlite/", "queue/embedded/"}, false},
    {"libpq", {"gateway/store/postgres/"}, false},
    {"librdkafka/", {"queue/kafka"}, false},
    {"pugixml", {"management-object/"}, false},
    {"date/", {"gateway/campaigns/calendar.cpp"}, false},
    {"openssl/", {"gateway/http/", "gateway/smpp/"}, false},
    {"boost/asio/ssl", {"gateway/http/", "gateway/smpp/"}, false},
    {"boost/asio",
     {"gateway/http/", "gateway/smpp/", "gateway/bip/sockets", "gateway/cli/", "gateway/main", "sandbox/"},
     false},
    {"boost/beast", {"gateway/http/", "sandbox/device_http"}, false},
    {"boost/json/fwd.hpp", {""}, true},
    {"boost/json", {""}, false},
    {"CLI/",
     {"gateway/cli/", "gateway/main", "gateway/packet/", "gateway/object-tool/", "gateway/cards/", "gateway/campaigns/",
      "queue/tools/", "sandbox/"},
     false},
};

}  // namespace

faults strangers(const source_tree& tree) {
    faults found;
    for (const auto& file : tree) {
        if (!is_cpp(file.path) || !is_product(file.path)) continue;
        for (const auto& each : includes_of(file)) {
            const auto* const known =
                std::ranges::find_if(libraries, [&](const auto& l) { return each.path.starts_with(l.include); });
            if (known == libraries.end()) continue;
            const auto where = file.path + ':' + std::to_string(each.line) + ": " + each.path;
            const bool home =
                std::ranges::any_of(known->homes, [&](auto prefix) { return file.path.starts_with(prefix); });
            if (!home)
                found.push_back(where + " outside its home");
            else if (is_header(file.path) && !known->in_headers)
                found.push_back(where + " in a header");
        }
    }
    return found;
}

}  // namespace ota::house
