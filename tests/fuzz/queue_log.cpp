// The octets of a segment file and of its mark from anyone (as they come, or as edits of a good log): a reader gets
// through them in steps that move forward, and a writer repairs the end and appends a record that is read back last.

#include "queue/embedded/embedded_log.hpp"
#include "queue/embedded/log_reader.hpp"
#include "queue/embedded/segments.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <string>

namespace {

using namespace ota::queue;

struct place {
    place() {
        // A memory file system where there is one: a run is all system calls.
        std::string pattern =
            std::filesystem::is_directory("/dev/shm") ? "/dev/shm/otagw-fuzz-XXXXXX" : "/tmp/otagw-fuzz-XXXXXX";
        if (::mkdtemp(pattern.data()) == nullptr) std::abort();
        path = pattern;
    }
    ~place() {
        std::error_code ignored;
        std::filesystem::remove_all(path, ignored);
    }
    std::filesystem::path path;
};

const std::filesystem::path& directory() {
    static const place here;
    return here.path;
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

embedded_log::options without_sync() {
    embedded_log::options o;
    o.disk.sync = [](int) { return 0; };
    return o;
}

void clear() {
    for (const auto& entry : std::filesystem::directory_iterator(directory())) std::filesystem::remove(entry);
}

std::string slurp(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

struct files {
    std::string mark, segment;
};

const files& good_log() {
    static const files made = [] {
        clear();
        auto log = embedded_log::open(directory(), without_sync());
        if (!log) std::abort();
        for (const auto* text : {"first", "", "the third record", "4"}) {
            const embedded::entry e{"key", text};
            if (!log.value().append({&e, 1}, {})) std::abort();
        }
        return files{slurp(directory() / embedded::end_file), slurp(embedded::segment_path(directory(), 0))};
    }();
    return made;
}

/// Edits of three octets each: place, and what is XORed there; then the segment is cut or grown by the first octet.
files edited(std::string_view edits) {
    auto out = good_log();
    const auto octet = [&](std::size_t i) { return static_cast<unsigned char>(edits[i]); };
    for (std::size_t i = 1; i + 2 < edits.size(); i += 3) {
        const std::size_t at = (octet(i) * 256u + octet(i + 1)) % (out.mark.size() + out.segment.size());
        auto& c = at < out.mark.size() ? out.mark[at] : out.segment[at - out.mark.size()];
        c = static_cast<char>(c ^ edits[i + 2]);
    }
    const std::size_t change = edits.empty() ? 0 : octet(0);
    if (change < 128)
        out.segment.resize(out.segment.size() - std::min(out.segment.size(), change));
    else
        out.segment.append(change - 128, '\0');
    return out;
}

files as_they_come(std::string_view input) {
    const auto mark = input.substr(0, std::min<std::size_t>(input.size(), 32));
    return {std::string(mark), std::string("OTAGWLOG\0\0\0\0\0\0\0\0", 16).append(input.substr(mark.size()))};
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    if (size == 0) return 0;
    const std::string_view input(reinterpret_cast<const char*>(data + 1), size - 1);
    (void)embedded::look_at({data, size}, 0);
    (void)embedded::read_headers({data, size});
    const auto found = (data[0] & 1) != 0 ? edited(input) : as_they_come(input);
    clear();
    spill(directory() / embedded::end_file, found.mark);
    spill(embedded::segment_path(directory(), 0), found.segment);
    (void)read_to_end();
    auto log = embedded_log::open(directory(), without_sync());
    if (!log) return 0;
    const embedded::entry record{"key", "the last one"};
    if (log.value().append({&record, 1}, {}) && read_to_end() != "the last one") std::abort();
    return 0;
}
