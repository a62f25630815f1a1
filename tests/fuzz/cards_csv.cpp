// CSV of cards from anyone: read line by line to the end, whatever it holds; a field never holds the end of a line.

#include "gateway/cards/csv.hpp"
#include "gateway/cards/import_row.hpp"
#include "gateway/cards/labels.hpp"

#include <cstdlib>
#include <memory>
#include <sstream>

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    using namespace ota::cards;
    const std::string text(reinterpret_cast<const char*>(data), size);
    std::istringstream in(text);
    csv_reader csv(in);
    import_columns columns;
    static const ota::profile_set profiles = [] {
        auto p = std::make_shared<ota::card_profile>();
        p->name = "p";
        return ota::profile_set{{"p", p}};
    }();
    import_row_reader reader(columns, profiles, [](const row_fault& f) {
        if (f.row == 0 || f.what.empty()) std::abort();
    });
    bool header = false;
    std::size_t before = 0;
    for (auto said = csv.next(); said != csv_reader::outcome::end; said = csv.next()) {
        if (csv.line() <= before) std::abort();
        before = csv.line();
        if (csv.fields().empty()) std::abort();
        for (const auto& field : csv.fields()) {
            if (field.find('\n') != std::string::npos || field.size() > size) std::abort();
            if (auto labels = parse_labels(field)) {
                if (!parse_labels(serialize_labels(labels.value()))) std::abort();
            }
        }
        if (said == csv_reader::outcome::malformed) continue;
        if (!header) {
            if (columns.read(csv.fields())) return 0;
            header = true;
        } else if (csv.fields().size() == columns.width()) {
            import_card card;
            (void)reader.read(csv.fields(), csv.line(), card);
        }
    }
    csv.wipe();
    return 0;
}
