#include "gateway/ops/hardening.hpp"

#include <gtest/gtest.h>

#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <string>

namespace ota::ops {
namespace {

// Runs `body` in a child, so that its limits do not stay with the other tests.
template <class Body>
int status_of_child(Body body) {
    const auto child = ::fork();
    if (child == 0) ::_exit(body());
    int status = -1;
    ::waitpid(child, &status, 0);
    return status;
}

// VmFlags of the mapping that holds `address`, from /proc/self/smaps.
std::string mapping_flags(const void* address) {
    std::ifstream smaps("/proc/self/smaps");
    const auto wanted = reinterpret_cast<std::uintptr_t>(address);
    bool inside = false;
    for (std::string line; std::getline(smaps, line);) {
        std::uintptr_t begin = 0, end = 0;
        if (std::sscanf(line.c_str(), "%lx-%lx ", &begin, &end) == 2)
            inside = begin <= wanted && wanted < end;
        else if (inside && line.starts_with("VmFlags:"))
            return line + ' ';
    }
    return {};
}

TEST(hardening, forbids_core_files_and_dumps) {  // R24
    const auto status = status_of_child([] {
        if (forbid_core_dumps()) return 1;
        rlimit limit{1, 1};
        ::getrlimit(RLIMIT_CORE, &limit);
        if (limit.rlim_cur != 0 || limit.rlim_max != 0) return 2;
        return ::prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 0 ? 0 : 3;
    });
    ASSERT_TRUE(WIFEXITED(status));
    EXPECT_EQ(WEXITSTATUS(status), 0);
}

TEST(hardening, a_crash_leaves_no_core) {  // R24
    const auto status = status_of_child([]() -> int {
        if (forbid_core_dumps()) return 1;
        std::signal(SIGABRT, SIG_DFL);
        ::kill(::getpid(), SIGABRT);
        return 2;
    });
    ASSERT_TRUE(WIFSIGNALED(status));
    EXPECT_EQ(WTERMSIG(status), SIGABRT);
    EXPECT_FALSE(WCOREDUMP(status));
}

TEST(hardening, excludes_the_pages_of_a_key_from_dumps) {  // R24
    const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
    auto* const pages =
        static_cast<char*>(::mmap(nullptr, 3 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    ASSERT_NE(pages, MAP_FAILED);
    char* const key = pages + page + page / 2;
    EXPECT_EQ(mapping_flags(key).find(" dd "), std::string::npos);
    EXPECT_FALSE(exclude_from_dumps(key, 16));
    EXPECT_NE(mapping_flags(key).find(" dd "), std::string::npos);
    EXPECT_EQ(mapping_flags(pages).find(" dd "), std::string::npos);
    EXPECT_FALSE(exclude_from_dumps(key, 0));
    ::munmap(pages, 3 * page);
    EXPECT_TRUE(exclude_from_dumps(pages + page, 16)) << "no such memory is an error";
}

}  // namespace
}  // namespace ota::ops
