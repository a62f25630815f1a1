#include "tests/house/checks.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ota::house {
namespace {

using testing::IsEmpty;

const source_tree& the_house() {
    static const source_tree tree = read_tree(OTA_SOURCE_DIR);
    return tree;
}

TEST(house, has_been_read) {
    const auto has = [](std::string_view path) {
        return std::ranges::any_of(the_house(),
                                   [&](const auto& file) { return file.path == path && !file.text.empty(); });
    };
    EXPECT_TRUE(has("dev") && has("CMakeLists.txt") && has("secure-channel/wire/octets.hpp") &&
                has("gateway/store/store.hpp"));
    EXPECT_GT(the_house().size(), 100U);
}

TEST(house, includes_go_downstairs_only) { EXPECT_THAT(floors_broken(the_house()), IsEmpty()); }
TEST(house, has_no_include_circles) { EXPECT_THAT(circles(the_house()), IsEmpty()); }
TEST(house, includes_are_paths_from_the_root) { EXPECT_THAT(includes_not_from_root(the_house()), IsEmpty()); }
TEST(house, third_party_libraries_stay_at_home) { EXPECT_THAT(strangers(the_house()), IsEmpty()); }
TEST(house, puts_no_work_off) { EXPECT_THAT(deferring_words(the_house()), IsEmpty()); }
TEST(house, has_no_file_over_400_lines) { EXPECT_THAT(long_files(the_house()), IsEmpty()); }
TEST(house, has_no_vague_names) { EXPECT_THAT(vague_names(the_house()), IsEmpty()); }
TEST(house, names_no_path_of_one_machine) { EXPECT_THAT(machine_paths(the_house()), IsEmpty()); }
TEST(house, guards_every_header) { EXPECT_THAT(unguarded_headers(the_house()), IsEmpty()); }
TEST(house, discovers_tests_with_all_their_properties) { EXPECT_THAT(lists_of_properties(the_house()), IsEmpty()); }
TEST(house, links_lead_somewhere) { EXPECT_THAT(broken_links(the_house()), IsEmpty()); }
TEST(house, tests_every_rule) { EXPECT_THAT(rules_without_test(the_house()), IsEmpty()); }
TEST(house, has_no_co_await_that_gcc_12_breaks) { EXPECT_THAT(dangerous_coroutines(the_house()), IsEmpty()); }

}  // namespace
}  // namespace ota::house
