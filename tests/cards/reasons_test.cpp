#include "gateway/flow/reasons.hpp"
#include "gateway/cards/explain.hpp"
#include "queue/reason.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <set>
#include <tuple>

namespace {

using namespace ota;
/// code, retryable, who acts, meaning
using line = std::tuple<std::string, std::string, std::string, std::string>;

std::vector<std::string> cells_of(const std::string& row) {
    std::vector<std::string> out;
    for (std::size_t at = row.find("| "); at != std::string::npos;) {
        const auto end = row.find(" |", at + 1);
        if (end == std::string::npos) break;
        out.push_back(row.substr(at + 2, end - at - 2));
        at = end + 1;
    }
    return out;
}

std::vector<line> documented() {
    std::ifstream file(std::string(OTA_SOURCE_DIR) + "/docs/reasons.md");
    std::vector<line> out;
    for (std::string row; std::getline(file, row);) {
        if (!row.starts_with("| `")) continue;
        const auto cells = cells_of(row);
        if (cells.size() != 4) {
            ADD_FAILURE() << row;
            continue;
        }
        out.emplace_back(cells[0].substr(1, cells[0].size() - 2), cells[1], cells[2], cells[3]);
    }
    return out;
}

std::vector<line> in_the_code() {
    std::vector<line> out;
    for (const auto& e : flow::reason::all()) {
        out.emplace_back(e.code, e.retryable ? "yes" : "no", cards::name_of(e.acts), e.meaning);
    }
    for (const auto& r : queue::reasons) {
        out.emplace_back(r.code, "no", "producer",
                         (r.dead_letter ? "dead letter: " : "rejected: ") + std::string(r.sentence));
    }
    return out;
}

TEST(reasons, are_documented_as_the_code_has_them) {
    EXPECT_THAT(documented(), testing::UnorderedElementsAreArray(in_the_code()));
}

TEST(reasons, that_reading_and_judging_an_event_share_mean_the_same_to_their_reader) {
    std::map<std::string, std::pair<std::string, std::string>> seen;
    std::set<std::string> shared;
    for (const auto& [code, retryable, acts, meaning] : in_the_code()) {
        const auto [at, fresh] = seen.try_emplace(code, retryable, acts);
        if (fresh) continue;
        shared.insert(code);
        EXPECT_EQ(at->second, std::pair(retryable, acts)) << code;
    }
    EXPECT_THAT(shared, testing::ElementsAre("bad-value"));
}

TEST(reasons, are_named_with_their_actor_and_meaning) {
    const auto* entry = cards::entry_of("no-keys");
    ASSERT_NE(entry, nullptr);
    EXPECT_EQ(cards::name_of(entry->acts), "operator");
    EXPECT_EQ(cards::entry_of("no-such-code"), nullptr);
}

}  // namespace
