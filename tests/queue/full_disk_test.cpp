#include "queue/embedded/embedded_log.hpp"

#include "queue/errc.hpp"
#include "tests/queue/scratch.hpp"

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

namespace ota::queue {
namespace {

using namespace testing;

/// A disk that can be told to fail.
struct fault {
    int fail_write_after = -1;  ///< octets that are still written, then `error`
    int error = ENOSPC;
    bool fail_sync = false;
    int failures = 0;
};

embedded_log::options on(fault& f) {
    embedded_log::options o;
    o.disk.write_at = [&f](int descriptor, const void* octets, std::size_t n, off_t at) -> ssize_t {
        if (f.fail_write_after < 0) return ::pwrite(descriptor, octets, n, at);
        if (f.fail_write_after == 0) {
            ++f.failures;
            errno = f.error;
            return -1;
        }
        const auto some = std::min<std::size_t>(n, static_cast<std::size_t>(f.fail_write_after));
        f.fail_write_after -= static_cast<int>(some);
        return ::pwrite(descriptor, octets, some, at);
    };
    o.disk.sync = [&f](int descriptor) {
        if (!f.fail_sync) return ::fdatasync(descriptor);
        ++f.failures;
        errno = EIO;
        return -1;
    };
    return o;
}

wire::result<embedded_log::appended> append_one(embedded_log& log, std::string_view text) {
    const embedded::entry e{"key", text};
    return log.append({&e, 1}, {});
}

TEST(full_disk, is_an_error_that_leaves_the_log_as_it_was_and_ends_with_the_shortage) {
    scratch s;
    fault f;
    auto log = open_log(s.path, on(f));
    ASSERT_TRUE(append_one(log, "first"));
    const auto before = slurp(embedded::segment_path(s.path, 0));
    for (int octets = 0; octets < 50; ++octets) {
        f.fail_write_after = octets;
        EXPECT_EQ(append_one(log, "a record of more than fifty octets").error(), errc::no_space) << octets;
        EXPECT_EQ(slurp(embedded::segment_path(s.path, 0)), before) << octets;
    }
    EXPECT_EQ(f.failures, 50);
    f.fail_write_after = -1;
    ASSERT_TRUE(append_one(log, "second"));
    EXPECT_EQ(read_log(s.path), (std::vector<std::string>{"first", "second"}));
}

TEST(full_disk, is_told_from_a_broken_one) {
    scratch s;
    fault f;
    auto log = open_log(s.path, on(f));
    f.fail_write_after = 0;
    f.error = EIO;
    EXPECT_EQ(append_one(log, "first").error(), errc::write_failed);
}

TEST(full_disk, when_a_new_segment_is_due_loses_nothing) {
    scratch s;
    fault f;
    auto o = on(f);
    o.segment_octets = 10;
    auto log = open_log(s.path, o);
    ASSERT_TRUE(append_one(log, "first"));
    for (int octets = 0; octets < 130; octets += 3) {
        f.fail_write_after = octets;
        (void)append_one(log, std::string(100, 'x'));
        f.fail_write_after = -1;
        (void)open_log(s.path, o);  // a mark that was half written is found again
        EXPECT_EQ(read_log(s.path), std::vector<std::string>{"first"}) << octets;
    }
    ASSERT_TRUE(append_one(log, "second"));
    EXPECT_EQ(read_log(s.path), (std::vector<std::string>{"first", "second"}));
}

TEST(failing_sync, takes_nothing_in_and_closes_the_log_until_it_is_opened_again) {
    scratch s;
    fault f;
    auto log = open_log(s.path, on(f));
    ASSERT_TRUE(append_one(log, "first"));
    f.fail_sync = true;
    EXPECT_EQ(append_one(log, "lost").error(), errc::sync_failed);
    f.fail_sync = false;
    EXPECT_EQ(append_one(log, "refused").error(), errc::sync_failed);
    EXPECT_EQ(read_log(s.path), std::vector<std::string>{"first"});
    auto again = open_log(s.path, on(f));
    ASSERT_TRUE(append_one(again, "second"));
    EXPECT_EQ(read_log(s.path), (std::vector<std::string>{"first", "second"}));
}

TEST(full_disk, of_the_real_system_is_an_error_too) {
    scratch s;
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
        std::signal(SIGXFSZ, SIG_IGN);
        const rlimit limit{4096, 4096};
        ::setrlimit(RLIMIT_FSIZE, &limit);
        auto log = embedded_log::open(s.path);
        if (!log) ::_exit(10);
        int good = 0;
        const std::string text(1000, 'x');
        while (append_one(log.value(), text)) ++good;
        const bool full = append_one(log.value(), text).error() == errc::no_space;
        const bool small_fits = append_one(log.value(), "small").has_value();
        ::_exit(good == 3 && full && small_fits ? 0 : 1);
    }
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
    const auto seen = read_log(s.path);
    ASSERT_EQ(seen.size(), 4u);
    EXPECT_EQ(seen.back(), "small");
}

}  // namespace
}  // namespace ota::queue
