#include "gateway/audit/record.hpp"

#include "queue/json_text.hpp"
#include "queue/timestamp.hpp"
#include "secure-channel/crypto.hpp"

#include <charconv>

namespace ota::audit {
namespace {

constexpr std::string_view begin = "{\"seq\":", before_previous = ",\"previous\":\"", before_hash = "\",\"hash\":\"",
                           end = "\"}";
constexpr std::size_t digits = 64, longest_path = 1024;
constexpr std::size_t tail_size = before_previous.size() + digits + before_hash.size() + digits + end.size();

std::string hash_of(std::string_view text) { return wire::to_hex(secure_channel::sha256(wire::as_octets(text))); }

bool take(std::string_view& from, std::string_view expected) {
    if (!from.starts_with(expected)) return false;
    from.remove_prefix(expected.size());
    return true;
}

}  // namespace

std::string serialize(const deed& what, std::chrono::sys_time<std::chrono::milliseconds> time, head& at) {
    std::string line(begin);
    line += std::to_string(++at.seq);
    const auto add = [&line](std::string_view name, std::string_view value) {
        line.append(",\"").append(name).append("\":");
        queue::append_json_string(line, value);
    };
    add("time", queue::serialize_timestamp(time));
    add("who", what.who);
    add("role", what.role);
    add("peer", what.peer);
    add("method", what.method);
    add("path", std::string_view(what.path).substr(0, longest_path));
    line += ",\"status\":" + std::to_string(what.status);
    line.append(before_previous).append(at.hash).append("\"");
    at.hash = hash_of(line);
    line.append(before_hash.substr(1)).append(at.hash).append(end).append("\n");
    return line;
}

std::optional<chained> parse(std::string_view line) {
    if (line.size() < begin.size() + tail_size || !line.starts_with(begin)) return std::nullopt;
    chained out;
    const auto number = line.substr(begin.size());
    const auto read = std::from_chars(number.data(), number.data() + number.size(), out.at.seq);
    if (read.ec != std::errc() || *read.ptr != ',' || out.at.seq == 0) return std::nullopt;
    auto tail = line.substr(line.size() - tail_size);
    if (!take(tail, before_previous)) return std::nullopt;
    out.previous = tail.substr(0, digits);
    tail.remove_prefix(digits);
    if (!take(tail, before_hash)) return std::nullopt;
    out.at.hash = tail.substr(0, digits);
    const auto hashed =
        line.substr(0, line.size() - digits - end.size() - before_hash.size() + 1);  // with the quotation mark
    if (tail.substr(digits) != end || hash_of(hashed) != out.at.hash) return std::nullopt;
    return out;
}

}  // namespace ota::audit
