#include "sandbox/journal.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace ota::sandbox {

namespace {

constexpr std::size_t flush_at = 256 * 1024;
constexpr std::size_t read_chunk = 1024 * 1024;

std::string system_error(const std::string& file) { return file + ": " + std::strerror(errno); }

struct closing {
    int descriptor;
    ~closing() { ::close(descriptor); }
};

bool read_more(int descriptor, wire::octets& buffer, std::string& error, const std::string& file) {
    const auto used = buffer.size();
    buffer.resize(used + read_chunk);
    ssize_t got = 0;
    do got = ::read(descriptor, buffer.data() + used, read_chunk);
    while (got < 0 && errno == EINTR);
    buffer.resize(used + static_cast<std::size_t>(got < 0 ? 0 : got));
    if (got < 0) error = system_error(file);
    return got > 0;
}

}  // namespace

journal::~journal() {
    flush();
    if (descriptor_ >= 0) ::close(descriptor_);
}

bool journal::open(const std::string& file, std::string& error) {
    journal_extent known;
    std::string unreadable;
    const bool exists = ::access(file.c_str(), F_OK) == 0;
    if (exists && !read_journal(
                      file, [](const journal_record&) {}, known, unreadable)) {
        error = unreadable;
        return false;
    }
    descriptor_ = ::open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (descriptor_ < 0 || (exists && ::ftruncate(descriptor_, static_cast<off_t>(known.octets)) != 0)) {
        error = system_error(file);
        return false;
    }
    buffer_.buffer().reserve(flush_at + 0x10000);
    return true;
}

template <class Record>
void journal::append(const Record& record) {
    if (descriptor_ < 0) return;
    serialize(record, buffer_);
    ++records_;
    if (buffer_.size() >= flush_at) flush();
}

void journal::write(const journal_record& r) { append(r); }
void journal::write(const journal_packet& r) { append(r); }
void journal::write(const journal_write& r) { append(r); }

void journal::flush() {
    if (descriptor_ < 0) return;
    auto& buffer = buffer_.buffer();
    std::size_t at = 0;
    while (failure_.empty() && at < buffer.size()) {
        const auto written = ::write(descriptor_, buffer.data() + at, buffer.size() - at);
        if (written > 0)
            at += static_cast<std::size_t>(written);
        else if (errno != EINTR)
            failure_ = std::strerror(errno);
    }
    buffer.clear();
}

bool read_journal(const std::string& file, const std::function<void(const journal_record&)>& visit,
                  journal_extent& extent, std::string& error) {
    const closing source{::open(file.c_str(), O_RDONLY | O_CLOEXEC)};
    if (source.descriptor < 0) {
        error = system_error(file);
        return false;
    }
    wire::octets buffer;
    bool whole = true;
    while (read_more(source.descriptor, buffer, error, file)) {
        std::size_t at = 0;
        while (whole) {
            const auto length = whole_record(wire::octet_view(buffer).subspan(at));
            // A record that is not whole may only wait for the rest of its octets.
            if (length == 0) {
                whole = buffer.size() - at < 0x10000 + 7;
                break;
            }
            const auto record = parse_journal_record(wire::octet_view(buffer).subspan(at, length));
            whole = record.has_value();
            if (!whole) break;
            visit(record.value());
            ++extent.records;
            extent.octets += length;
            at += length;
        }
        if (!whole) {
            extent.torn += buffer.size() - at;
            at = buffer.size();
        }
        buffer.erase(buffer.begin(), buffer.begin() + static_cast<std::ptrdiff_t>(at));
    }
    extent.torn += buffer.size();
    return error.empty();
}

}  // namespace ota::sandbox
