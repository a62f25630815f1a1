#include "sandbox/explorer/card_explorer.hpp"
#include "sandbox/explorer/file_description.hpp"
#include "sandbox/explorer/printed_text.hpp"
#include "sandbox/uicc/status_word.hpp"

#include <charconv>
#include <ostream>

// select, read, records, apdu, pin, reset.

namespace ota::sandbox {

namespace {

constexpr std::size_t shortest_aid = 5, longest_aid = 16, longest_pin = 8, shortest_pin = 4;
constexpr std::size_t shortest_command = 4, longest_command = 261, last_offset = 0x7FFF, most_records = 254;
constexpr std::string_view aid_prefix = "aid:";

/// "7f50/6432", "3f00". Nothing when it is no path.
std::optional<std::vector<std::uint16_t>> path_of(std::string_view text) {
    std::vector<std::uint16_t> out;
    for (;;) {
        const auto step = text.substr(0, text.find('/'));
        std::uint16_t identifier = 0;
        const auto [at, fault] = std::from_chars(step.data(), step.data() + step.size(), identifier, 16);
        if (step.size() != 4 || fault != std::errc{} || at != step.data() + step.size()) return std::nullopt;
        out.push_back(identifier);
        if (step.size() == text.size()) return out;
        text.remove_prefix(step.size() + 1);
    }
}

/// Decimal, or hexadecimal behind 0x.
std::optional<std::size_t> number_of(std::string_view text) {
    const int base = text.starts_with("0x") ? 16 : 10;
    if (base == 16) text.remove_prefix(2);
    std::size_t out = 0;
    const auto [at, fault] = std::from_chars(text.data(), text.data() + text.size(), out, base);
    if (fault != std::errc{} || at != text.data() + text.size()) return std::nullopt;
    return out;
}

}  // namespace

card_explorer::outcome card_explorer::select(words said) {
    std::string_view name = said[0];
    card_reply reply;
    if (name.starts_with(aid_prefix)) {
        const auto aid = wire::from_hex(name.substr(aid_prefix.size()));
        if (!aid || aid.value().size() < shortest_aid || aid.value().size() > longest_aid)
            return complain("select: an AID has 5 to 16 octets", outcome::wrong_usage);
        reply = dialogue_.select_name(aid.value());
    } else {
        const auto path = path_of(name);
        if (!path) return complain("select: wants a path such as 7f50/6432, or aid:..", outcome::wrong_usage);
        reply = dialogue_.select(*path);
    }
    if (!reply.good()) return complain("select: " + meaning_of(reply.status));
    if (reply.status == status_word::deactivated_warning) out_ << meaning_of(reply.status) << '\n';
    out_ << describe_file(reply.data);
    return outcome::good;
}

card_explorer::outcome card_explorer::read(words said) {
    std::size_t offset = 0;
    std::optional<std::size_t> length;
    if (!said.empty()) {
        const auto given = number_of(said[0]);
        if (!given || *given > last_offset)
            return complain("read: an offset is 0 to 32767 (0x7fff)", outcome::wrong_usage);
        offset = *given;
    }
    if (said.size() > 1) {
        length = number_of(said[1]);
        if (!length || *length == 0) return complain("read: a length is a number above 0", outcome::wrong_usage);
    }
    const auto reply = dialogue_.read(offset, length);
    out_ << hex_lines(reply.data, offset);
    if (!reply.good()) return complain("read: " + meaning_of(reply.status));
    return outcome::good;
}

card_explorer::outcome card_explorer::records(words) {
    for (std::size_t number = 1; number <= most_records; ++number) {
        const auto reply = dialogue_.read_record(static_cast<std::uint8_t>(number));
        const bool end = reply.status == status_word::record_not_found ||
                         reply.status == status_word::in_class_a0(status_word::record_not_found);
        if (end && number > 1) break;
        if (!reply.good()) return complain("records: " + meaning_of(reply.status));
        out_ << number << ": " << wire::to_hex(reply.data) << '\n';
    }
    return outcome::good;
}

card_explorer::outcome card_explorer::apdu(words said) {
    std::string digits;
    for (const auto& each : said) digits += each;
    const auto given = wire::from_hex(digits);
    if (!given || given.value().size() < shortest_command || given.value().size() > longest_command)
        return complain("apdu: wants 4 to 261 octets in hexadecimal digits", outcome::wrong_usage);
    const auto reply = dialogue_.send(given.value());
    if (!reply.data.empty()) out_ << wire::to_hex(reply.data) << '\n';
    out_ << meaning_of(reply.status) << '\n';
    return outcome::good;
}

card_explorer::outcome card_explorer::pin(words said) {
    const auto& digits = said[0];
    const bool fits = digits.size() >= shortest_pin && digits.size() <= longest_pin &&
                      digits.find_first_not_of("0123456789") == std::string::npos;
    if (!fits) return complain("pin: wants 4 to 8 digits", outcome::wrong_usage);
    const auto reply = dialogue_.verify(digits);
    if (!reply.good()) return complain("pin: " + meaning_of(reply.status));
    pin_ = digits;
    return outcome::good;
}

card_explorer::outcome card_explorer::reset(words) {
    card_.terminal.reset();
    pin_.clear();
    return outcome::good;
}

}  // namespace ota::sandbox
