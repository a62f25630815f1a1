#pragma once

#include "queue/json_text.hpp"
#include "queue/timestamp.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace ota::queue {

/// Writes one JSON object, member by member.
class object_writer {
public:
    explicit object_writer(std::string& out) : out_(out) { out_ += '{'; }

    void raw(std::string_view name, std::string_view json) {
        this->name(name);
        out_.append(json);
    }
    void text(std::string_view name, std::string_view value) {
        this->name(name);
        append_json_string(out_, value);
    }
    void text_if_any(std::string_view name, std::string_view value) {
        if (!value.empty()) text(name, value);
    }
    void number(std::string_view name, std::int64_t value) { raw(name, std::to_string(value)); }
    void time(std::string_view name, const std::optional<wall_time>& at) {
        if (at) text(name, serialize_timestamp(*at));
    }
    void name(std::string_view name) {
        if (out_.back() != '{') out_ += ',';
        out_ += '"';
        out_.append(name).append("\":");
    }
    void close() { out_ += '}'; }

private:
    std::string& out_;
};

}  // namespace ota::queue
