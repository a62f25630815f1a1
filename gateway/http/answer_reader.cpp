#include "gateway/http/answer_reader.hpp"

#include <algorithm>
#include <charconv>

namespace ota::http {

namespace {

constexpr std::size_t longest_head = 64 * 1024;
constexpr std::size_t longest_line = 4096;  ///< of a chunk's size, or a trailer

char lower(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }
bool same_name(std::string_view a, std::string_view b) noexcept {
    return std::ranges::equal(a, b, [](char x, char y) { return lower(x) == lower(y); });
}

std::string_view trimmed(std::string_view text) noexcept {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
    return text;
}

template <class Number>
bool read_number(std::string_view text, Number& out, int base = 10) noexcept {
    const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), out, base);
    return fault == std::errc() && end == text.data() + text.size() && !text.empty();
}

}  // namespace

std::string_view answer_reader::header(std::string_view name) const noexcept {
    const auto found = std::ranges::find_if(headers_, [&](const auto& h) { return same_name(h.first, name); });
    return found == headers_.end() ? std::string_view() : std::string_view(found->second);
}

std::optional<std::string> answer_reader::take(std::string_view octets) {
    waiting_ += octets;
    std::string body;
    for (;;) {
        const auto before = at_;
        const auto had = waiting_.size();
        if (!step(body)) return std::nullopt;
        if (at_ == place::end || (at_ == before && waiting_.size() == had)) return body;
    }
}

/// One step from place to place; false: nonsense. Where more octets are needed nothing moves.
bool answer_reader::step(std::string& body) {
    switch (at_) {
        case place::head: return take_head();
        case place::body:
        case place::chunk: return take_body(body);
        case place::chunk_size: return take_chunk_size();
        case place::chunk_end:
            if (waiting_.size() < 2) return true;
            if (!waiting_.starts_with("\r\n")) return false;
            waiting_.erase(0, 2);
            at_ = place::chunk_size;
            return true;
        case place::trailer: {
            const auto end = waiting_.find("\r\n");
            if (end == std::string::npos) return waiting_.size() < longest_line;
            waiting_.erase(0, end + 2);
            if (end == 0) at_ = place::end;
            return true;
        }
        case place::end: return true;
    }
    return false;
}

/// "HTTP/1.1 200 OK", fields, an empty line.
bool answer_reader::take_head() {
    constexpr std::string_view version = "HTTP/1.1 ";
    const auto known = std::min(waiting_.size(), version.size());
    if (waiting_.compare(0, known, version.substr(0, known)) != 0) return false;
    const auto end = waiting_.find("\r\n\r\n");
    if (end == std::string::npos) return waiting_.size() < longest_head;
    const std::string_view head(waiting_.data(), end);
    if (head.size() < version.size() + 3 || !read_number(head.substr(version.size(), 3), status_)) return false;
    for (auto at = head.find("\r\n"); at != std::string_view::npos;) {
        const auto next = head.find("\r\n", at + 2);
        const auto line = head.substr(at + 2, next == std::string_view::npos ? next : next - at - 2);
        const auto colon = line.find(':');
        if (colon == std::string_view::npos) return false;
        headers_.emplace_back(line.substr(0, colon), trimmed(line.substr(colon + 1)));
        at = next;
    }
    waiting_.erase(0, end + 4);
    at_ = place::body;
    if (same_name(header("Transfer-Encoding"), "chunked")) {
        at_ = place::chunk_size;
    } else if (const auto length = header("Content-Length"); !length.empty()) {
        std::uint64_t octets = 0;
        if (!read_number(length, octets)) return false;
        left_ = octets;
        if (octets == 0) at_ = place::end;
    }
    if (status_ == 204 || status_ == 304) at_ = place::end;
    return true;
}

bool answer_reader::take_body(std::string& body) {
    const auto n = left_ ? static_cast<std::size_t>(std::min<std::uint64_t>(*left_, waiting_.size())) : waiting_.size();
    body.append(waiting_, 0, n);
    waiting_.erase(0, n);
    if (!left_) return true;
    *left_ -= n;
    if (*left_ == 0) at_ = at_ == place::chunk ? place::chunk_end : place::end;
    return true;
}

/// "1a;extension" in hexadecimal; 0 is the last one.
bool answer_reader::take_chunk_size() {
    const auto end = waiting_.find("\r\n");
    if (end == std::string::npos) return waiting_.size() < longest_line;
    const std::string_view line(waiting_.data(), end);
    std::uint64_t octets = 0;
    if (!read_number(trimmed(line.substr(0, line.find(';'))), octets, 16)) return false;
    waiting_.erase(0, end + 2);
    left_ = octets;
    at_ = octets == 0 ? place::trailer : place::chunk;
    return true;
}

}  // namespace ota::http
