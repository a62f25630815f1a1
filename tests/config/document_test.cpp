#include "config/settings.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

using namespace ota::config;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

namespace {

std::vector<std::string> told(const faults& f) {
    std::vector<std::string> out;
    for (const auto& fault : f.list()) out.push_back(to_string(fault));
    return out;
}

}  // namespace

TEST(document, reads_values_with_their_lines_and_paths) {
    faults f;
    const auto root = document::parse("a: 1\nlist:\n  - x: one\n  - x: two\n", "t.yaml", f).root();
    const auto second = root.at("list").items().at(1);
    EXPECT_EQ(second.text("x", ""), "two");
    EXPECT_EQ(second.at("x").line(), 4);
    EXPECT_EQ(second.at("x").path(), "list[1].x");
    EXPECT_THAT(told(f), IsEmpty());
}

TEST(document, reports_a_key_that_is_written_twice_and_keeps_the_first) {
    faults f;
    const auto root = document::parse("port: 1\nhost: h\nport: 2\n", "t.yaml", f).root();
    EXPECT_EQ(root.integer("port", 0, 0, 9), 1);
    EXPECT_THAT(told(f), ElementsAre("t.yaml:3: error: port: written twice (first in line 1): keep one"));
}

TEST(document, reports_text_that_is_no_yaml_as_one_fault_with_its_line) {
    faults f;
    const auto root = document::parse("a: 1\nb: [1, 2\nc: 3\n", "t.yaml", f).root();
    ASSERT_EQ(f.list().size(), 1u);
    EXPECT_THAT(told(f).front(), HasSubstr("not YAML"));
    EXPECT_GE(f.list().front().line, 2);
    EXPECT_FALSE(root.exists());
}

TEST(document, reports_a_file_that_cannot_be_read) {
    faults f;
    EXPECT_FALSE(document::load("/no/such/file.yaml", f).root().exists());
    EXPECT_THAT(told(f), ElementsAre("/no/such/file.yaml: error: cannot be read"));
}

TEST(document, refuses_aliases_because_they_would_merge_silently) {
    faults f;
    const auto root = document::parse("a: &x {k: v}\nb: *x\n", "t.yaml", f).root();
    EXPECT_EQ(root.at("a").text("k", ""), "v");
    EXPECT_FALSE(root.at("b").exists());
    EXPECT_THAT(told(f), ElementsAre("t.yaml:2: error: aliases (*name) are not read: write the value out"));
}

TEST(document, refuses_keys_that_are_not_texts) {
    faults f;
    const auto root = document::parse("? [a, b]\n: 1\nc: 2\n", "t.yaml", f).root();
    EXPECT_EQ(root.integer("c", 0, 0, 9), 2);
    EXPECT_THAT(told(f), ElementsAre("t.yaml:1: error: a key must be a text"));
}

TEST(document, refuses_a_second_document) {
    faults f;
    const auto root = document::parse("a: 1\n---\na: 2\n", "t.yaml", f).root();
    EXPECT_EQ(root.integer("a", 0, 0, 9), 1);
    EXPECT_THAT(told(f), ElementsAre("t.yaml: error: more than one document: write one"));
}

TEST(document, is_empty_and_without_fault_when_the_text_is_empty) {
    faults f;
    EXPECT_FALSE(document::parse("", "t.yaml", f).root().exists());
    EXPECT_FALSE(document::parse("# only a comment\n", "t.yaml", f).root().exists());
    EXPECT_THAT(told(f), IsEmpty());
}

TEST(document, takes_a_key_without_a_value_as_absent) {
    faults f;
    const auto root = document::parse("a:\nb: ~\nc: ''\n", "t.yaml", f).root();
    EXPECT_FALSE(root.at("a").exists());
    EXPECT_FALSE(root.at("b").exists());
    EXPECT_TRUE(root.at("c").exists());
    root.finish();
    EXPECT_THAT(told(f), IsEmpty());
}
