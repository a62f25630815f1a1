#pragma once

#include "queue/json_text.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace ota::cards {

/// Writes JSON front to back; the commas are its own business.
class json_writer {
public:
    json_writer& open(char bracket) {
        comma();
        out_ += bracket;
        first_ = true;
        return *this;
    }
    json_writer& close(char bracket) {
        out_ += bracket;
        first_ = false;
        return *this;
    }
    json_writer& name(std::string_view n) {
        comma();
        queue::append_json_string(out_, n);
        out_ += ':';
        first_ = true;
        return *this;
    }
    json_writer& text(std::string_view v) {
        comma();
        queue::append_json_string(out_, v);
        return *this;
    }
    json_writer& number(std::int64_t v) { return raw(std::to_string(v)); }
    json_writer& flag(bool v) { return raw(v ? "true" : "false"); }
    /// Text that is JSON already.
    json_writer& raw(std::string_view v) {
        comma();
        out_ += v;
        return *this;
    }
    json_writer& text(std::string_view n, std::string_view v) { return name(n).text(v); }
    json_writer& number(std::string_view n, std::int64_t v) { return name(n).number(v); }
    json_writer& flag(std::string_view n, bool v) { return name(n).flag(v); }

    [[nodiscard]] const std::string& str() const noexcept { return out_; }

private:
    void comma() {
        if (!first_) out_ += ',';
        first_ = false;
    }
    std::string out_;
    bool first_ = true;
};

}  // namespace ota::cards
