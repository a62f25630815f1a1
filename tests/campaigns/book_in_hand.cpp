#include "tests/campaigns/book_in_hand.hpp"

/// A book that keeps its entries where a test can open them. The real one asks for tokens, and is tested in its own
/// room.
namespace ota::api {

book::book(surroundings with) : with_(std::move(with)) {}

void book::add(std::string method, std::string path, http::role needs, answer does, std::vector<std::string>,
               condition) {
    campaigns::testing::entries_in_hand()[method + " " + path] = {needs, std::move(does)};
}

std::optional<std::string> call::query(std::string_view name) const {
    std::string_view all = asked.query;
    while (!all.empty()) {
        const auto pair = all.substr(0, all.find('&'));
        if (pair.substr(0, pair.find('=')) == name)
            return std::string(pair.substr(std::min(pair.size(), name.size() + 1)));
        all.remove_prefix(std::min(all.size(), pair.size() + 1));
    }
    return std::nullopt;
}

http::response json(std::string body, unsigned status) {
    return {status, "application/json", std::move(body), {}, nullptr};
}

}  // namespace ota::api

namespace ota::campaigns::testing {

std::map<std::string, entry_in_hand>& entries_in_hand() {
    static std::map<std::string, entry_in_hand> all;
    return all;
}

}  // namespace ota::campaigns::testing
