#include "gateway/audit/trail.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <utility>

namespace ota::audit {
namespace {

constexpr std::size_t reserve_octets = 1024 * 1024, reserve_at_least = 128 * 1024;  // a record holds 8 KiB at most
constexpr std::size_t longest_record = 16 * 1024;

std::string words_of(int error) { return std::generic_category().message(error); }

bool write_all(int file, std::string_view text, std::size_t at) {
    while (!text.empty()) {
        const auto put = ::pwrite(file, text.data(), text.size(), static_cast<off_t>(at));
        if (put < 0 && errno == EINTR) continue;
        if (put <= 0) return false;
        text.remove_prefix(static_cast<std::size_t>(put));
        at += static_cast<std::size_t>(put);
    }
    return true;
}

/// The last octets of a file, at most two records.
std::optional<std::string> tail_of(int file, std::size_t size) {
    std::string tail(std::min(size, 2 * longest_record), '\0');
    const auto got = ::pread(file, tail.data(), tail.size(), static_cast<off_t>(size - tail.size()));
    if (got != static_cast<ssize_t>(tail.size())) return std::nullopt;
    return tail;
}

bool sync_folder(const std::string& folder) {
    const int fd = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const bool good = fd >= 0 && ::fsync(fd) == 0;
    if (fd >= 0) ::close(fd);
    return good;
}

std::string number(std::uint64_t seq) {
    std::array<char, 24> text{};
    std::snprintf(text.data(), text.size(), ".%012llu", static_cast<unsigned long long>(seq));
    return text.data();
}

/// The newest of the files that are full: that with the highest number.
std::string newest_full(const std::string& folder, const std::string& name) {
    std::string newest;
    std::error_code ignored;
    for (const auto& each : std::filesystem::directory_iterator(folder, ignored)) {
        const auto file = each.path().filename().string();
        const bool ours = file.size() == name.size() + 19 && file.starts_with(name + '.') && file.ends_with(".jsonl");
        if (ours && file > newest) newest = file;
    }
    return newest;
}

}  // namespace

trail::trail(trail_settings settings, clock now) : settings_(std::move(settings)), now_(std::move(now)) {}

trail::~trail() {
    if (file_ >= 0) ::close(file_);
}

std::unique_ptr<trail> trail::open(trail_settings settings, clock now, std::string& why) {
    std::unique_ptr<trail> made(new trail(std::move(settings), std::move(now)));
    std::error_code failed;
    std::filesystem::create_directories(made->settings_.directory, failed);
    if (!made->open_file(why) || !made->take_up(why)) return nullptr;
    if (!made->torn_) return made;
    const deed note{.who = "otagw", .role = "", .peer = "", .method = "recover", .path = *made->torn_};
    return made->append(note, why) ? std::move(made) : nullptr;
}

bool trail::open_file(std::string& why) {
    const auto file = path(".jsonl");
    const int fd = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    struct stat about {};
    if (fd < 0 || ::fstat(fd, &about) != 0) {
        why = "the audit log " + file + " cannot be opened: " + words_of(errno);
        if (fd >= 0) ::close(fd);
        return false;
    }
    if (::flock(fd, LOCK_EX | LOCK_NB) != 0) {
        why = "the audit log " + file + " is open in another process (give each instance its own --instance)";
        ::close(fd);
        return false;
    }
    if (file_ >= 0) ::close(file_);
    file_ = fd;
    size_ = static_cast<std::size_t>(about.st_size);
    reserved_ = 0;
    if (sync_folder(settings_.directory)) return true;
    why = "the folder " + settings_.directory + " of the audit log cannot be written: " + words_of(errno);
    return false;
}

// The end of the chain is the last line of the open file; of a file just begun, that of the last full one.
bool trail::take_up(std::string& why) {
    auto tail = tail_of(file_, size_);
    const auto whole = tail ? tail->rfind('\n') + 1 : 0;
    const std::size_t rest = tail ? tail->size() - whole : 0;
    if (rest != 0 && !set_torn_aside(size_ - rest, std::string_view(*tail).substr(whole), why)) return false;
    if (tail) tail->resize(whole);
    auto file = path(".jsonl");
    if (tail && tail->empty() && size_ == 0) {
        const auto full = newest_full(settings_.directory, settings_.name);
        if (full.empty()) return true;
        file = settings_.directory + "/" + full;
        const int before = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
        struct stat about {};
        tail = before >= 0 && ::fstat(before, &about) == 0 ? tail_of(before, static_cast<std::size_t>(about.st_size))
                                                           : std::nullopt;
        if (before >= 0) ::close(before);
    }
    if (tail && tail->ends_with('\n')) {
        tail->pop_back();
        const auto last = parse(std::string_view(*tail).substr(tail->rfind('\n') + 1));
        if (last) return at_ = last->at, true;
    }
    why = "the audit log " + file + " does not end in a record: look at it with `otagw audit verify`, and move it away";
    return false;
}

bool trail::set_torn_aside(std::size_t whole, std::string_view rest, std::string& why) {
    const auto aside = path(".torn");
    const int fd = ::open(aside.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
    const auto line = std::string(rest) + '\n';
    const bool kept =
        fd >= 0 && ::write(fd, line.data(), line.size()) == static_cast<ssize_t>(line.size()) && ::fsync(fd) == 0;
    const bool cut = kept && ::ftruncate(file_, static_cast<off_t>(whole)) == 0;
    if (!cut)
        why = "the last line of the audit log, which is torn, cannot be put into " + aside + ": " + words_of(errno);
    if (fd >= 0) ::close(fd);
    if (!cut) return false;
    size_ = whole;
    torn_ = aside;
    return true;
}

// Blocks behind the end of the file, which stays where it is. File systems without them go without a reserve.
bool trail::reserve() {
    if (size_ + reserve_at_least <= reserved_) return true;
    if (::fallocate(file_, FALLOC_FL_KEEP_SIZE, static_cast<off_t>(size_), static_cast<off_t>(reserve_octets)) != 0 &&
        errno != EOPNOTSUPP)
        return false;
    reserved_ = size_ + reserve_octets;
    return true;
}

bool trail::ready() {
    const std::lock_guard lock(writing_);
    return reserve();
}

head trail::at() const {
    const std::lock_guard lock(writing_);
    return at_;
}

bool trail::begin_next_file(std::string& why) {
    const std::scoped_lock lock(syncing_, writing_);
    if (size_ < settings_.full_at_octets) return true;  // somebody else did it
    const auto full = path(number(at_.seq) + ".jsonl");
    if (::fdatasync(file_) != 0 || std::rename(path(".jsonl").c_str(), full.c_str()) != 0) {
        why = "the audit log cannot be renamed to " + full + ": " + words_of(errno);
        return false;
    }
    synced_ = at_.seq;
    return open_file(why);
}

bool trail::append(const deed& what, std::string& why) {
    std::uint64_t seq = 0;
    bool full = false;
    {
        const std::lock_guard lock(writing_);
        full = size_ >= settings_.full_at_octets;
    }
    if (full && !begin_next_file(why)) return false;
    {
        const std::lock_guard lock(writing_);
        auto next = at_;
        const auto line = serialize(what, now_(), next);
        (void)reserve();  // without it the write itself tells
        if (!write_all(file_, line, size_)) {
            why = "the audit log " + path(".jsonl") + " cannot be written: " + words_of(errno);
            if (::ftruncate(file_, static_cast<off_t>(size_)) != 0) why += "; its last line is torn";
            reserved_ = 0;
            return false;
        }
        size_ += line.size();
        at_ = std::move(next);
        seq = at_.seq;
    }
    return sync(seq, why);
}

bool trail::sync(std::uint64_t seq, std::string& why) {
    const std::lock_guard lock(syncing_);
    if (synced_ >= seq) return true;
    std::uint64_t written = 0;
    {
        const std::lock_guard looking(writing_);
        written = at_.seq;
    }
    if (::fdatasync(file_) != 0) {
        why = "the audit log " + path(".jsonl") + " cannot be brought to the disk: " + words_of(errno);
        return false;
    }
    synced_ = written;
    return true;
}

}  // namespace ota::audit
