#include "gateway/cards/csv.hpp"

#include <string.h>

namespace ota::cards {

namespace {

void wipe_text(std::string& text) noexcept {
    text.resize(text.capacity());
    ::explicit_bzero(text.data(), text.size());
    text.clear();
}

}  // namespace

bool csv_reader::read_line() {
    if (!std::getline(in_, text_)) return false;
    ++line_;
    if (line_ == 1 && text_.starts_with("\xEF\xBB\xBF")) text_.erase(0, 3);
    if (text_.ends_with('\r')) text_.pop_back();
    return true;
}

csv_reader::outcome csv_reader::next() {
    do {
        if (!read_line()) return outcome::end;
    } while (text_.empty());
    return split() ? outcome::line : outcome::malformed;
}

void csv_reader::skip_to(std::size_t line) {
    while (line_ < line && read_line()) continue;
}

bool csv_reader::split() {
    std::size_t used = 0;
    const auto field = [&]() -> std::string& {
        if (used == fields_.size()) fields_.emplace_back();
        auto& f = fields_[used++];
        f.clear();
        return f;
    };
    std::size_t at = 0;
    bool good = true;
    while (true) {
        auto& f = field();
        if (at < text_.size() && text_[at] == '"') {
            bool closed = false;
            for (++at; at < text_.size() && !closed; ++at) {
                if (text_[at] != '"') {
                    f += text_[at];
                } else if (at + 1 < text_.size() && text_[at + 1] == '"') {
                    f += text_[at++];
                } else {
                    closed = true;
                }
            }
            good = good && closed && (at == text_.size() || text_[at] == ',');
            at = std::min(text_.find(',', at), text_.size());
        } else {
            const auto end = std::min(text_.find(',', at), text_.size());
            f.assign(text_, at, end - at);
            at = end;
        }
        if (at == text_.size()) break;
        ++at;
    }
    fields_.resize(used);
    return good;
}

void csv_reader::wipe() noexcept {
    wipe_text(text_);
    for (auto& f : fields_) wipe_text(f);
}

}  // namespace ota::cards
