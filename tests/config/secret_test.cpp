#include "config/settings.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

using namespace ota::config;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

namespace {

constexpr const char* canary = "canary-5Ecre7";

class secrets : public testing::Test {
protected:
    void SetUp() override {
        std::string pattern = (std::filesystem::temp_directory_path() / "otagw-secret-XXXXXX").string();
        ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
        folder = pattern;
        ::setenv("OTAGW_TEST_SECRET", canary, 1);
        ::unsetenv("OTAGW_TEST_ABSENT");
    }
    void TearDown() override { std::filesystem::remove_all(folder); }

    void write(const std::string& name, const std::string& text, mode_t mode) {
        std::ofstream(folder / name) << text;
        ASSERT_EQ(::chmod((folder / name).c_str(), mode), 0);
    }
    std::string read_secret(const std::string& value) {
        const auto root = document::parse("s: " + value + "\n", (folder / "t.yaml").string(), f).root();
        return root.secret("s");
    }
    std::string all_told() const {
        std::string out;
        for (const auto& fault : f.list()) out += to_string(fault) + "\n";
        return out;
    }

    std::filesystem::path folder;
    faults f;
};

}  // namespace

TEST_F(secrets, come_from_a_file_without_its_last_newline) {
    write("s", std::string(canary) + "\n", 0400);
    EXPECT_EQ(read_secret("${file:s}"), canary);
    EXPECT_EQ(read_secret("${file:" + (folder / "s").string() + "}"), canary);
    EXPECT_EQ(all_told(), "");
}

TEST_F(secrets, lose_only_one_newline) {
    write("s", "a\n\n", 0400);
    EXPECT_EQ(read_secret("${file:s}"), "a\n");
}

TEST_F(secrets, come_from_the_environment) {
    EXPECT_EQ(read_secret("${env:OTAGW_TEST_SECRET}"), canary);
    EXPECT_EQ(all_told(), "");
}

TEST_F(secrets, are_refused_as_literals_without_being_repeated) {
    EXPECT_EQ(read_secret(canary), "");
    EXPECT_EQ(read_secret("x${env:OTAGW_TEST_SECRET}"), "");
    EXPECT_EQ(read_secret("[" + std::string(canary) + "]"), "");
    EXPECT_EQ(f.list().size(), 3u);
    EXPECT_THAT(all_told(), HasSubstr("give it by reference"));
    EXPECT_THAT(all_told(), Not(HasSubstr(canary)));
}

TEST_F(secrets, are_refused_from_a_file_that_everybody_may_read) {
    write("s", canary, 0644);
    EXPECT_EQ(read_secret("${file:s}"), "");
    EXPECT_THAT(all_told(), HasSubstr("everybody may read it"));
    EXPECT_THAT(all_told(), Not(HasSubstr(canary)));
}

TEST_F(secrets, are_reported_when_missing_empty_or_no_file) {
    write("empty", "\n", 0400);
    EXPECT_EQ(read_secret("${env:OTAGW_TEST_ABSENT}"), "");
    EXPECT_EQ(read_secret("${file:absent}"), "");
    EXPECT_EQ(read_secret("${file:/}"), "");
    EXPECT_EQ(read_secret("${file:empty}"), "");
    ASSERT_EQ(f.list().size(), 4u);
    EXPECT_EQ(f.list()[0].what, "the environment has no variable OTAGW_TEST_ABSENT");
    EXPECT_THAT(f.list()[1].what, HasSubstr("cannot be opened"));
    EXPECT_THAT(f.list()[2].what, HasSubstr("is not a regular file"));
    EXPECT_EQ(f.list()[3].what, "is empty");
}

TEST_F(secrets, do_not_block_on_a_pipe) {
    ASSERT_EQ(::mkfifo((folder / "pipe").c_str(), 0600), 0);
    EXPECT_EQ(read_secret("${file:pipe}"), "");
    EXPECT_THAT(all_told(), HasSubstr("is not a regular file"));
}

TEST_F(secrets, that_stand_in_a_wrong_place_are_not_repeated) {
    const auto text = std::string("number: ") + canary + "\nchoice: ${env:OTAGW_TEST_SECRET}\nunknown: " + canary +
                      "\nduration: " + canary + "\nflag: " + canary + "\nlist: " + canary + "\n";
    const auto root = document::parse(text, "t", f).root();
    (void)root.integer("number", 0, 0, 1);
    (void)root.choice("choice", {"a", "b"}, 0);
    (void)root.duration("duration", std::chrono::seconds(1));
    (void)root.flag("flag", true);
    (void)root.texts("list");
    root.finish();
    EXPECT_EQ(f.list().size(), 6u);
    EXPECT_THAT(all_told(), Not(HasSubstr(canary)));
}

TEST_F(secrets, and_other_values_may_be_put_together_from_references) {
    ::setenv("OTAGW_TEST_HOST", "smsc", 1);
    write("domain", "example\n", 0644);
    const auto root =
        document::parse("h: '${env:OTAGW_TEST_HOST}.${file:domain}:2775'\nb: 'x${env:OTAGW'\nu: '${secret:x}'\n",
                        (folder / "t.yaml").string(), f)
            .root();
    EXPECT_EQ(root.text("h", ""), "smsc.example:2775");
    EXPECT_EQ(root.text("b", "d"), "d");
    EXPECT_EQ(root.text("u", "d"), "d");
    ASSERT_EQ(f.list().size(), 2u);
    EXPECT_EQ(f.list()[0].what, "a reference ${ has no closing brace");
    EXPECT_EQ(f.list()[1].what, "a reference is ${env:NAME} or ${file:PATH}");
}
