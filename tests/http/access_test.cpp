#include "gateway/http/access.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <thread>

namespace ota::http {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

const std::string first = "canary-aaaaaaaaaaaaaaaa", second = "canary-bbbbbbbbbbbbbbbb";

class tokens : public ::testing::Test {
protected:
    tokens() { std::filesystem::create_directories(folder_); }
    ~tokens() override { std::filesystem::remove_all(folder_); }

    token_file file(const std::string& name, const std::string& text, role may = role::read, mode_t mode = 0600) {
        const auto path = folder_ + "/" + name;
        std::ofstream(path) << text;
        ::chmod(path.c_str(), mode);
        return {name, may, path};
    }
    static request with(std::string authorization) {
        return {.headers = {{"Authorization", std::move(authorization)}}};
    }
    std::string refusal_of(const std::vector<token_file>& files) {
        std::string why;
        EXPECT_FALSE(table_.load(files, why));
        EXPECT_THAT(why, Not(HasSubstr("canary")));
        return why;
    }
    void loaded(const std::vector<token_file>& files) {
        std::string why;
        ASSERT_TRUE(table_.load(files, why)) << why;
    }

    const std::string folder_ = ::testing::TempDir() + "tokens-" + std::to_string(::getpid());
    token_table table_;
};

TEST_F(tokens, each_stands_for_a_caller_and_his_role) {
    loaded({file("watcher", first + "\n"), file("desk", second, role::operate, 0440)});
    EXPECT_EQ(table_.size(), 2U);
    const auto watcher = table_.find(with("Bearer " + first));
    ASSERT_TRUE(watcher);
    EXPECT_EQ(watcher->name, "watcher");
    EXPECT_EQ(watcher->may, role::read);
    const auto desk = table_.find(with("bearer  " + second));
    ASSERT_TRUE(desk) << "the scheme is of any case [RFC 9110, 11.1]";
    EXPECT_EQ(desk->may, role::operate);
    EXPECT_EQ(name_of(desk->may), "operate");
}

TEST_F(tokens, nobody_is_found_without_the_whole_token) {
    loaded({file("watcher", first)});
    EXPECT_FALSE(table_.find(request{}));
    for (const std::string& wrong : std::initializer_list<std::string>{
             "", "Bearer", "Bearer ", "Basic " + first, "Bearer" + first, "Bearer " + first + "a",
             "Bearer " + first.substr(1), "Bearer " + first.substr(0, first.size() - 1), "Bearer " + second, first}) {
        EXPECT_FALSE(table_.find(with(wrong))) << wrong;
    }
    EXPECT_FALSE(token_table().find(with("Bearer " + first)));
}

TEST_F(tokens, a_file_that_should_not_be_used_is_refused_by_its_name) {
    EXPECT_THAT(refusal_of({{"lost", role::read, folder_ + "/lost"}}), HasSubstr("/lost cannot be read"));
    EXPECT_THAT(refusal_of({file("open", first, role::read, 0644)}), HasSubstr("/open may be read by everybody"));
    EXPECT_THAT(refusal_of({file("empty", " \n\n")}), HasSubstr("/empty is empty"));
    EXPECT_THAT(refusal_of({file("short", "canary")}), HasSubstr("/short holds fewer than 16 octets"));
    EXPECT_THAT(refusal_of({file("long", std::string(2000, 'a'))}), HasSubstr("/long holds more than 1024 octets"));
    EXPECT_THAT(refusal_of({file("two", first + "\n" + second)}), HasSubstr("/two should hold one token"));
    EXPECT_THAT(refusal_of({{"folder", role::read, folder_}}), HasSubstr("is not a regular file"));
}

TEST_F(tokens, two_equal_ones_are_refused) {
    const auto why = refusal_of({file("one", first), file("other", first + "\n", role::keys)});
    EXPECT_THAT(why, HasSubstr("/other holds the same token as " + folder_ + "/one"));
}

TEST_F(tokens, a_fault_leaves_what_held_before) {
    loaded({file("watcher", first)});
    (void)refusal_of({file("desk", second), file("empty", "")});
    EXPECT_TRUE(table_.find(with("Bearer " + first)));
    EXPECT_FALSE(table_.find(with("Bearer " + second)));
}

TEST_F(tokens, are_changed_while_callers_come) {
    const auto one = file("one", first), other = file("other", second);
    loaded({one});
    std::jthread changes([&] {
        std::string why;
        for (int i = 0; i < 50; ++i) EXPECT_TRUE(table_.load(i % 2 == 0 ? std::vector{other} : std::vector{one}, why));
    });
    for (int i = 0; i < 200; ++i) {
        const auto who = table_.find(with("Bearer " + first));
        EXPECT_TRUE(!who || who->name == "one");
    }
    changes.join();
    EXPECT_TRUE(table_.find(with("Bearer " + first)));
    EXPECT_FALSE(table_.find(with("Bearer " + second)));
}

}  // namespace
}  // namespace ota::http
