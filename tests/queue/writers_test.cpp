#include "queue/embedded/embedded_log.hpp"

#include "tests/queue/scratch.hpp"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <map>
#include <random>

namespace ota::queue {
namespace {

using namespace testing;

constexpr std::int64_t segment_octets = 20'000;

embedded_log::options small_segments() {
    embedded_log::options o;
    o.segment_octets = segment_octets;
    return o;
}

/// Appends batches "<name>:<number>" of growing length until it is killed or has done them; tells the pipe each durable
/// number.
[[noreturn]] void write_until_killed(const std::filesystem::path& directory, const std::string& name, int from, int to,
                                     int tell) {
    auto log = embedded_log::open(directory, small_segments());
    if (!log) ::_exit(1);
    for (int i = from; i < to; i += 3) {
        std::vector<std::string> texts;
        for (int k = i; k < std::min(i + 3, to); ++k)
            texts.push_back(name + ":" + std::to_string(k) + ":" + std::string(static_cast<std::size_t>(k % 700), 'x'));
        std::vector<embedded::entry> batch;
        for (const auto& text : texts) batch.push_back({name, text});
        if (!log.value().append(batch, {})) ::_exit(1);
        const int durable = std::min(i + 3, to);
        if (::write(tell, &durable, sizeof durable) != sizeof durable) ::_exit(1);
    }
    ::_exit(0);
}

struct writer {
    pid_t pid = -1;
    int told = -1;

    writer(const std::filesystem::path& directory, const std::string& name, int from, int to) {
        int ends[2];
        if (::pipe(ends) != 0) throw std::runtime_error("pipe");
        pid = ::fork();
        if (pid == 0) {
            ::close(ends[0]);
            write_until_killed(directory, name, from, to, ends[1]);
        }
        ::close(ends[1]);
        told = ends[0];
    }
    /// Waits until so many batches are durable: a slow machine changes nothing in what a test sees.
    int wait_for(int batches, int otherwise) {
        int number = otherwise, next = 0;
        for (int i = 0; i < batches && ::read(told, &next, sizeof next) == sizeof next; ++i) number = next;
        return number;
    }
    /// The last number that the writer was told is durable, or `otherwise`; waits for its end.
    int join(int otherwise) {
        int number = otherwise, next = 0;
        while (::read(told, &next, sizeof next) == sizeof next) number = next;
        ::close(told);
        int status = 0;
        ::waitpid(pid, &status, 0);
        exit_status = status;
        return number;
    }
    int exit_status = -1;
};

/// Numbers seen of each writer; they must come in order, without a gap. Repeats are allowed where a writer was killed.
std::map<std::string, int> check_order(log_reader& reader, std::map<std::string, int> next) {
    for (const auto& text : read_all(reader)) {
        const auto colon = text.find(':');
        const auto name = text.substr(0, colon);
        const int number = std::stoi(text.substr(colon + 1));
        EXPECT_NE(text[0], '!') << "a damaged record";
        EXPECT_LE(number, next[name]) << name << " lost a record";
        next[name] = std::max(next[name], number + 1);
    }
    return next;
}

TEST(writers, two_processes_at_once_lose_nothing_and_a_reader_sees_only_whole_records) {
    scratch s;
    (void)open_log(s.path, small_segments());
    writer a(s.path, "a", 0, 600), b(s.path, "b", 0, 600);
    auto reader = log_reader::open(s.path).value();
    std::map<std::string, int> seen;
    for (int status = 0; ::waitpid(a.pid, &status, WNOHANG) == 0;) seen = check_order(reader, seen);
    EXPECT_EQ(a.join(0), 600);
    EXPECT_EQ(b.join(0), 600);
    EXPECT_EQ(b.exit_status, 0);
    seen = check_order(reader, seen);
    EXPECT_EQ(seen, (std::map<std::string, int>{{"a", 600}, {"b", 600}}));
    EXPECT_EQ(read_log(s.path).size(), 1200u);
}

TEST(writers, killed_again_and_again_keep_every_record_that_they_were_told_is_durable) {
    scratch s;
    (void)open_log(s.path, small_segments());
    std::mt19937 random(4711);
    auto reader = log_reader::open(s.path).value();
    std::map<std::string, int> seen;
    int durable = 0, killed_in_flight = 0;
    for (int round = 0; round < 60; ++round) {
        writer w(s.path, "w", durable, 1'000'000);
        durable = w.wait_for(static_cast<int>(random() % 12), durable);
        ::usleep(static_cast<useconds_t>(random() % 2'000));  // somewhere in the next batch
        ::kill(w.pid, SIGKILL);
        durable = w.join(durable);
        if (WIFSIGNALED(w.exit_status)) ++killed_in_flight;
        (void)open_log(s.path, small_segments());  // repairs the end
        seen = check_order(reader, seen);
        ASSERT_GE(seen["w"], durable) << "round " << round;
    }
    EXPECT_EQ(killed_in_flight, 60);
    EXPECT_GT(durable, 60);
    EXPECT_GT(embedded::list_segments(s.path).value().size(), 1u);
}

}  // namespace
}  // namespace ota::queue
