// The octets of a segment file and of its mark from anyone: a reader gets through them in steps that move forward, and a writer
// repairs the end and appends a record that is read back last.

#include "queue/embedded/embedded_log.hpp"
#include "queue/embedded/log_reader.hpp"
#include "queue/embedded/segments.hpp"

#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <string>

namespace {

using namespace ota::queue;

std::filesystem::path directory() {
    static const std::filesystem::path path = [] {
        // A memory file system where there is one: a run is all system calls.
        std::string pattern = std::filesystem::is_directory("/dev/shm") ? "/dev/shm/otagw-fuzz-XXXXXX" : "/tmp/otagw-fuzz-XXXXXX";
        if (::mkdtemp(pattern.data()) == nullptr) std::abort();
        std::atexit([] { std::filesystem::remove_all(directory()); });
        return std::filesystem::path(pattern);
    }();
    return path;
}

void spill(const std::filesystem::path& file, std::string_view octets) {
    std::ofstream(file, std::ios::binary | std::ios::trunc) << octets;
}

std::string read_to_end() {
    auto reader = log_reader::open(directory(), 4096);
    if (!reader) return {};
    std::string last;
    for (auto before = reader.value().position();; before = reader.value().position()) {
        const auto next = reader.value().next();
        if (!next || !next.value()) return last;
        if (next.value()->next_offset <= before) std::abort();
        last = next.value()->content.payload;
        (void)reader.value().lag();
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    const std::string_view input(reinterpret_cast<const char*>(data), size);
    (void)embedded::look_at({data, size}, 0);
    (void)embedded::read_headers({data, size});
    std::filesystem::create_directories(directory());
    for (const auto& entry : std::filesystem::directory_iterator(directory())) std::filesystem::remove(entry);
    const auto mark = input.substr(0, std::min<std::size_t>(input.size(), 32));
    spill(directory() / embedded::end_file, mark);
    spill(embedded::segment_path(directory(), 0), std::string("OTAGWLOG\0\0\0\0\0\0\0\0", 16).append(input.substr(mark.size())));
    (void)read_to_end();
    embedded_log::options fast;
    fast.disk.sync = [](int) { return 0; };
    auto log = embedded_log::open(directory(), fast);
    if (!log) return 0;
    const embedded::entry record{"key", "the last one"};
    if (log.value().append({&record, 1}, {}) && read_to_end() != "the last one") std::abort();
    return 0;
}
