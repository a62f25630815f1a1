#include "gateway/cards/import_command.hpp"

#include "gateway/cards/errc.hpp"
#include "gateway/cards/import.hpp"
#include "gateway/cards/json.hpp"
#include "gateway/cards/place.hpp"

#include <fstream>
#include <iostream>

namespace ota::cards {

namespace {

constexpr std::size_t most_warnings = 20;

std::string line_of(const std::string& file, const row_fault& f) {
    return file + ":" + std::to_string(f.row) + ": " + (f.warning ? "warning: " : "") + f.field + ": " + f.what;
}

/// Tells faults on the error stream and in the file of rejects; warnings only as long as they are few.
class teller {
public:
    teller(const import_call& call, streams s) : name_(call.file == "-" ? "stdin" : call.file), s_(s) {
        if (!call.rejects.empty()) rejects_.open(call.rejects, std::ios::trunc);
        wanted_ = !call.rejects.empty();
    }
    [[nodiscard]] bool ready() const { return !wanted_ || rejects_.is_open(); }
    void operator()(const row_fault& f) {
        if (f.warning && ++warnings_ > most_warnings) return;
        const auto line = line_of(name_, f);
        s_.err << line << '\n';
        if (wanted_ && !f.warning) rejects_ << line << '\n';
    }
    /// False when the file of rejects could not be written whole.
    bool finish() {
        if (warnings_ > most_warnings) s_.err << name_ << ": " << warnings_ - most_warnings << " more warnings\n";
        if (!wanted_) return true;
        rejects_.close();
        return !rejects_.fail();
    }

private:
    std::string name_;
    streams s_;
    std::ofstream rejects_;
    bool wanted_ = false;
    std::size_t warnings_ = 0;
};

std::string serialize_report(const import_report& r) {
    const auto n = [](std::size_t v) { return static_cast<std::int64_t>(v); };
    json_writer j;
    j.open('{').number("rows", n(r.rows)).number("added", n(r.added)).number("changed", n(r.changed));
    j.number("unchanged", n(r.unchanged)).number("rejected_rows", n(r.rejected)).number("warnings", n(r.warnings));
    j.number("parked_events_released", n(r.released)).number("resumed_after_row", n(r.resumed_at));
    return j.close('}').str();
}

void print_report(const import_report& r, std::ostream& out) {
    out << r.rows << " rows: " << r.added << " cards added, " << r.changed << " changed, " << r.unchanged
        << " unchanged; " << r.rejected << " rows rejected";
    if (r.released > 0) out << "; " << r.released << " parked events released";
    out << '\n';
}

}  // namespace

int perform_import(const import_call& call, streams s, const surroundings& around) {
    int code = good;
    place_needs needs;
    needs.key = call.create_key ? key_need::create : key_need::load;
    needs.make_folders = true;
    const auto p = open_place(call.config.empty() ? around.config : call.config, needs, s, around, code);
    if (!p) return code;
    teller tell(call, s);
    if (!tell.ready()) {
        s.err << call.rejects << ": cannot be written\n";
        return failed;
    }
    std::ifstream file;
    import_options options;
    if (call.file != "-") {
        file.open(call.file, std::ios::binary);
        if (!file) {
            s.err << call.file << ": cannot be read\n";
            return failed;
        }
        if (!call.from_start) options.fingerprint = fingerprint_of(file);
        file.clear();
        file.seekg(0);
    }
    std::size_t last_rows = 0;
    const import_parts parts{*p->state,
                             p->settings.profiles,
                             *p->kek,
                             around.random,
                             around.now,
                             [&](const row_fault& f) { tell(f); },
                             [&](const import_report& r) {
                                 s.err << r.rows << " rows, " << r.rows - last_rows << " more, " << r.rejected
                                       << " rejected\n";
                                 last_rows = r.rows;
                             },
                             around.stopped};
    const auto said = import_cards(call.file == "-" ? s.in : file, parts, options);
    const bool told = tell.finish();
    if (!said) return fail(s, call.file, said.error());
    if (said.value().resumed_at > 0)
        s.err << "went on after row " << said.value().resumed_at << ", where an earlier run was cut off\n";
    if (call.json) {
        s.out << serialize_report(said.value()) << '\n';
    } else {
        print_report(said.value(), s.out);
    }
    if (!told) s.err << call.rejects << ": could not be written whole\n";
    return said.value().rejected == 0 && told ? good : failed;
}

}  // namespace ota::cards
