#include "gateway/http/event_reader.hpp"

#include <charconv>

namespace ota::http {

void event_reader::begin() {
    line_.clear();
    type_.clear();
    data_.clear();
    id_ = last_id_;
    after_cr_ = has_data_ = false;
    first_ = true;
}

/// A line ends with CR LF, CR or LF.
std::vector<event_reader::event> event_reader::take(std::string_view text) {
    std::vector<event> out;
    for (const char c : text) {
        const bool second = after_cr_ && c == '\n';
        after_cr_ = c == '\r';
        if (second) continue;
        if (c != '\r' && c != '\n') {
            line_ += c;
            continue;
        }
        std::string_view line = line_;
        if (first_ && line.starts_with("\xEF\xBB\xBF")) line.remove_prefix(3);
        first_ = false;
        take_line(line, out);
        line_.clear();
    }
    return out;
}

void event_reader::take_line(std::string_view line, std::vector<event>& out) {
    if (line.empty()) {
        last_id_ = id_;
        if (has_data_) out.push_back({type_.empty() ? "message" : type_, data_});
        type_.clear();
        data_.clear();
        has_data_ = false;
        return;
    }
    const auto colon = line.find(':');
    if (colon == 0) return;  // a comment
    const auto field = line.substr(0, colon);
    auto value = colon == std::string_view::npos ? std::string_view() : line.substr(colon + 1);
    if (value.starts_with(' ')) value.remove_prefix(1);
    if (field == "event") {
        type_ = value;
    } else if (field == "data") {
        if (has_data_) data_ += '\n';
        data_ += value;
        has_data_ = true;
    } else if (field == "id") {
        if (value.find('\0') == std::string_view::npos) id_ = value;
    } else if (field == "retry") {
        long long ms = 0;
        const auto [end, fault] = std::from_chars(value.data(), value.data() + value.size(), ms);
        if (fault == std::errc() && end == value.data() + value.size() && ms >= 0)
            retry_ = std::chrono::milliseconds(ms);
    }
}

}  // namespace ota::http
