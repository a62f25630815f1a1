#include "gateway/audit/trail.hpp"
#include "gateway/audit/verify.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>
#include <vector>

namespace ota::audit {
namespace {

using ::testing::HasSubstr;

class trails : public ::testing::Test {
protected:
    ~trails() override { std::filesystem::remove_all(folder_); }

    std::unique_ptr<trail> open(const std::string& name = "audit-0", std::size_t full_at = 64 * 1024 * 1024) {
        std::string why;
        auto made = trail::open(
            {folder_, name, full_at}, [] { return std::chrono::sys_time<std::chrono::milliseconds>(); }, why);
        EXPECT_TRUE(made) << why;
        return made;
    }
    std::string refusal() {
        std::string why;
        EXPECT_FALSE(trail::open(
            {folder_, "audit-0"}, [] { return std::chrono::sys_time<std::chrono::milliseconds>(); }, why));
        return why;
    }
    static void add(trail& to, int n, const std::string& who = "desk") {
        std::string why;
        for (int i = 0; i < n; ++i)
            ASSERT_TRUE(to.append({who, "operate", "::1", "POST", "/api/v1/changes", 202}, why)) << why;
    }
    std::string verdict(const std::vector<std::string>& names, int expected, std::optional<std::string> head = {}) {
        std::vector<std::string> files;
        for (const auto& name : names) files.push_back(folder_ + "/" + name);
        std::ostringstream said;
        EXPECT_EQ(verify(files, head, said), expected) << said.str();
        return said.str();
    }
    [[nodiscard]] std::string text(const std::string& name = "audit-0.jsonl") const {
        std::ifstream in(folder_ + "/" + name, std::ios::binary);
        return {std::istreambuf_iterator<char>(in), {}};
    }
    void put(const std::string& octets, const std::string& name = "audit-0.jsonl") const {
        std::ofstream(folder_ + "/" + name, std::ios::binary | std::ios::trunc) << octets;
    }

    const std::string folder_ = ::testing::TempDir() + "audit-" + std::to_string(::getpid());
};

TEST_F(trails, what_was_done_stands_in_a_file_for_its_owner_alone) {
    const auto one = open();
    EXPECT_TRUE(one->ready());
    add(*one, 3);
    EXPECT_THAT(verdict({"audit-0.jsonl"}, 0), HasSubstr("good: 3 records, 1 to 3; head " + one->at().hash));
    struct stat about {};
    ASSERT_EQ(::stat((folder_ + "/audit-0.jsonl").c_str(), &about), 0);
    EXPECT_EQ(about.st_mode & 0777U, 0600U);
    EXPECT_EQ(static_cast<std::size_t>(about.st_size), text().size()) << "the reserve is no part of the file";
}

TEST_F(trails, the_chain_goes_on_after_a_restart) {
    add(*open(), 2);
    add(*open(), 2);
    EXPECT_THAT(verdict({"audit-0.jsonl"}, 0), HasSubstr("4 records, 1 to 4"));
}

TEST_F(trails, any_altered_octet_and_any_missing_line_is_told_with_its_place) {
    add(*open(), 3);
    const auto whole = text();
    const auto second = whole.find('\n') + 1;
    const auto third = whole.find('\n', second) + 1;
    for (std::size_t i = 0; i < whole.size(); i += 7) {
        auto altered = whole;
        altered[i] = static_cast<char>(altered[i] ^ 1);
        put(altered);
        verdict({"audit-0.jsonl"}, 1);
    }
    auto altered = whole;
    altered[second + 20] = 'x';
    put(altered);
    EXPECT_THAT(verdict({"audit-0.jsonl"}, 1), HasSubstr("audit-0.jsonl:2: is no record, or was altered"));
    put(whole.substr(0, second) + whole.substr(third));
    EXPECT_THAT(verdict({"audit-0.jsonl"}, 1), HasSubstr("audit-0.jsonl:2: is record 3 where 2 should stand"));
    put(whole.substr(0, whole.size() - 1));
    EXPECT_THAT(verdict({"audit-0.jsonl"}, 1), HasSubstr("audit-0.jsonl:3: is torn"));
    EXPECT_THAT(verdict({"none"}, 1), HasSubstr("cannot be read"));
}

TEST_F(trails, what_was_cut_off_the_end_is_found_with_the_head_that_was_noted) {
    std::string noted;
    {
        const auto one = open();
        add(*one, 3);
        noted = one->at().hash;
    }
    verdict({"audit-0.jsonl"}, 0, noted);
    const auto whole = text();
    put(whole.substr(0, whole.rfind('\n', whole.size() - 2) + 1));
    EXPECT_THAT(verdict({"audit-0.jsonl"}, 0), HasSubstr("2 records")) << "the chain alone cannot tell";
    EXPECT_THAT(verdict({"audit-0.jsonl"}, 1, noted), HasSubstr("is missing: the chain ends with record 2"));
    put("");
    EXPECT_THAT(verdict({"audit-0.jsonl"}, 1, noted), HasSubstr("is missing: there is none"));
}

TEST_F(trails, a_torn_last_line_is_kept_aside_and_told) {
    add(*open(), 2);
    const auto whole = text();
    const auto second = whole.find('\n') + 1;
    for (const std::size_t cut : {second + 1, second + 50, whole.size() - 1}) {
        std::filesystem::remove(folder_ + "/audit-0.torn");
        put(whole.substr(0, cut));
        {
            const auto again = open();
            ASSERT_TRUE(again->torn());
            add(*again, 1);
        }
        EXPECT_EQ(text("audit-0.torn"), whole.substr(second, cut - second) + "\n");
        EXPECT_THAT(verdict({"audit-0.jsonl"}, 0), HasSubstr("3 records"));
        EXPECT_THAT(text(), HasSubstr(R"("method":"recover","path":")" + folder_ + "/audit-0.torn"));
    }
    put(whole.substr(0, 10));
    EXPECT_TRUE(open()->torn()) << "also where it is all there is";
}

TEST_F(trails, a_file_that_does_not_end_in_a_record_is_not_gone_on_with) {
    add(*open(), 1);
    put(text() + "{\"seq\":2}\n");
    EXPECT_THAT(refusal(), HasSubstr("does not end in a record: look at it with `otagw audit verify`"));
}

TEST_F(trails, goes_on_in_the_next_file_when_one_is_full) {
    {
        const auto one = open("audit-0", 2000);
        add(*one, 20);
    }
    std::vector<std::string> files;
    for (const auto& each : std::filesystem::directory_iterator(folder_)) files.push_back(each.path().filename());
    std::ranges::sort(files);
    ASSERT_GE(files.size(), 3U);
    EXPECT_EQ(files.back(), "audit-0.jsonl") << "names sort in the order of the chain";
    EXPECT_THAT(verdict(files, 0), HasSubstr("20 records, 1 to 20"));
    EXPECT_THAT(verdict({files[1], files[0]}, 1), HasSubstr(files[0] + ":1: "));
    std::filesystem::remove(folder_ + "/audit-0.jsonl");
    files.pop_back();
    add(*open("audit-0", 2000), 1);
    files.emplace_back("audit-0.jsonl");
    verdict(files, 0);
}

TEST_F(trails, instances_have_chains_of_their_own_and_one_is_open_once) {
    const auto one = open("audit-0"), two = open("audit-1");
    add(*one, 2);
    add(*two, 3, "other");
    verdict({"audit-0.jsonl"}, 0);
    verdict({"audit-1.jsonl"}, 0);
    verdict({"audit-0.jsonl", "audit-1.jsonl"}, 1);
    EXPECT_THAT(refusal(), HasSubstr("is open in another process"));
}

TEST_F(trails, many_threads_write_one_chain) {
    const auto one = open("audit-0", 20'000);
    {
        std::vector<std::jthread> threads;
        for (int t = 0; t < 4; ++t) threads.emplace_back([&] { add(*one, 50); });
    }
    EXPECT_EQ(one->at().seq, 200U);
    std::vector<std::string> files;
    for (const auto& each : std::filesystem::directory_iterator(folder_)) files.push_back(each.path().filename());
    std::ranges::sort(files);
    EXPECT_THAT(verdict(files, 0), HasSubstr("200 records, 1 to 200"));
}

TEST_F(trails, a_write_that_fails_half_way_leaves_no_torn_line) {
    const auto one = open();
    add(*one, 1);
    const auto before = text();
    std::signal(SIGXFSZ, SIG_IGN);
    rlimit was{};
    ::getrlimit(RLIMIT_FSIZE, &was);
    const rlimit tight{before.size() + 100, was.rlim_max};  // as if the disk ended in the middle of the next record
    ::setrlimit(RLIMIT_FSIZE, &tight);
    std::string why;
    const bool kept = one->append({"desk", "operate", "::1", "POST", "/", 200}, why);
    ::setrlimit(RLIMIT_FSIZE, &was);
    EXPECT_FALSE(kept);
    EXPECT_THAT(why, HasSubstr("cannot be written: File too large"));
    EXPECT_EQ(text(), before);
    add(*one, 1);
    EXPECT_THAT(verdict({"audit-0.jsonl"}, 0), HasSubstr("2 records"));
}

TEST_F(trails, a_disk_that_fills_up_is_told_before_a_record_is_lost) {
    std::filesystem::create_directories(folder_);
    ASSERT_EQ(::mount("otagw-test", folder_.c_str(), "tmpfs", 0, "size=3m"), 0)
        << "the test mounts a small disk: run it as root";
    {
        const auto one = open();
        ASSERT_TRUE(one->ready());
        {
            std::ofstream rest(folder_ + "/rest");
            const std::string some(4096, 'x');
            while (rest << some << std::flush) {
            }
        }
        int recorded = 0;
        for (; one->ready() && recorded < 10'000; ++recorded) add(*one, 1);
        EXPECT_GT(recorded, 1000) << "there was room in reserve";
        EXPECT_LT(recorded, 10'000);
        add(*one, 100);  // of calls that were under way when it was told
        std::filesystem::remove(folder_ + "/rest");
        EXPECT_TRUE(one->ready());
        verdict({"audit-0.jsonl"}, 0);
    }
    EXPECT_EQ(::umount(folder_.c_str()), 0);
}

}  // namespace
}  // namespace ota::audit
