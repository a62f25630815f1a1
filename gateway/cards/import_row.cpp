#include "gateway/cards/import_row.hpp"

#include "secure-channel/security_header.hpp"

#include <algorithm>
#include <charconv>

namespace ota::cards {

namespace {

using secure_channel::integrity;
using secure_channel::key_identifier;
using secure_channel::por_request;
using column = import_columns;

bool all_digits(std::string_view text) noexcept {
    return std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

std::optional<std::uint64_t> number_in(std::string_view text, std::uint64_t highest) noexcept {
    const bool hex = text.starts_with("0x") || text.starts_with("0X");
    if (hex) text.remove_prefix(2);
    std::uint64_t value = 0;
    const auto [end, bad] = std::from_chars(text.data(), text.data() + text.size(), value, hex ? 16 : 10);
    if (bad != std::errc() || end != text.data() + text.size() || value > highest) return std::nullopt;
    return value;
}

bool ciphers(const card_profile& p) noexcept {
    return p.spi.command_ciphered() || (p.spi.por() != por_request::none && p.spi.por_ciphered());
}

bool checks(const card_profile& p) noexcept {
    return p.spi.command_integrity() == integrity::cryptographic_checksum ||
           (p.spi.por() != por_request::none && p.spi.por_integrity() == integrity::cryptographic_checksum);
}

/// Octets that a key of the profile may have; empty when the algorithm is unknown.
std::vector<std::size_t> key_lengths(const card_profile& p, bool kic) {
    using secure_channel::cipher;
    using secure_channel::mac;
    const auto by_family = [](int family) -> std::vector<std::size_t> {
        switch (family) {
            case 0: return {8};
            case 1: return {16};
            case 2: return {24};
            default: return {16, 24, 32};
        }
    };
    if (kic) {
        const auto c = secure_channel::cipher_of(key_identifier{p.kic_algorithm});
        if (!c) return {};
        return by_family(*c == cipher::triple_des_2_cbc   ? 1
                         : *c == cipher::triple_des_3_cbc ? 2
                         : *c == cipher::aes_cbc          ? 3
                                                          : 0);
    }
    const auto m = secure_channel::mac_of(key_identifier{p.kid_algorithm});
    if (!m) return {};
    return by_family(*m == mac::triple_des_2_cbc_mac   ? 1
                     : *m == mac::triple_des_3_cbc_mac ? 2
                     : *m == mac::aes_cmac             ? 3
                                                       : 0);
}

std::string in_words(const std::vector<std::size_t>& lengths) {
    std::string out;
    for (std::size_t i = 0; i < lengths.size(); ++i) {
        if (i > 0) out += i + 1 == lengths.size() ? " or " : ", ";
        out += std::to_string(lengths[i] * 2);
    }
    return out;
}

}  // namespace

std::optional<std::string> import_columns::read(const std::vector<std::string>& header) {
    width_ = header.size();
    for (std::size_t i = 0; i < header.size(); ++i) {
        const auto at = std::find(names.begin(), names.end(), header[i]);
        if (at == names.end()) {
            std::string known;
            for (auto name : names) known += (known.empty() ? "" : ", ") + std::string(name);
            return "column " + std::to_string(i + 1) + " is not known; the columns are " + known;
        }
        auto& place = at_[static_cast<std::size_t>(at - names.begin())];
        if (place) return "column " + std::string(*at) + " stands twice";
        place = i;
    }
    for (auto needed : {iccid, msisdn, profile, kvn, kic_key, kid_key}) {
        if (!at_[needed]) return "column " + std::string(names[needed]) + " is missing";
    }
    return std::nullopt;
}

std::string_view import_columns::of(const std::vector<std::string>& fields, column c) const noexcept {
    if (!at_[c]) return {};
    std::string_view text = fields[*at_[c]];
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
    return text;
}

std::optional<std::string> iccid_of(std::string_view field) {
    while (!field.empty() && (field.back() == 'F' || field.back() == 'f')) field.remove_suffix(1);
    if (field.size() < 18 || field.size() > 20 || !all_digits(field)) return std::nullopt;
    return std::string(field);
}

bool luhn_holds(std::string_view digits) noexcept {
    unsigned sum = 0;
    for (std::size_t i = 0; i < digits.size(); ++i) {
        auto d = static_cast<unsigned>(digits[digits.size() - 1 - i] - '0');
        if (i % 2 == 1) d = d * 2 > 9 ? d * 2 - 9 : d * 2;
        sum += d;
    }
    return sum % 10 == 0;
}

void import_row_reader::fault(column::column c, std::string what) {
    good_ = false;
    tell_({row_, false, std::string(column::names[c]), std::move(what)});
}

void import_row_reader::warn(column::column c, std::string what) {
    tell_({row_, true, std::string(column::names[c]), std::move(what)});
}

bool import_row_reader::read(const std::vector<std::string>& fields, std::size_t row, import_card& into) {
    fields_ = &fields;
    row_ = row;
    good_ = true;
    if (into.rows == 0) into.first_row = row;
    into.last_row = row;
    ++into.rows;
    read_identity(into);
    read_profile(into);
    read_labels(into);
    read_key(into);
    if (!good_) into.bad = true;
    return good_;
}

void import_row_reader::read_identity(import_card& into) {
    const auto iccid = iccid_of(of(column::iccid));
    if (!iccid) {
        fault(column::iccid, "should be 18 to 20 digits");
    } else if (into.iccid.empty()) {
        into.iccid = *iccid;
        // 18 digits are often given without their check digit.
        if (iccid->size() > 18 && !luhn_holds(*iccid)) warn(column::iccid, "its check digit does not fit (Luhn)");
    }
    auto msisdn = of(column::msisdn);
    if (msisdn.empty()) return;
    if (msisdn.front() == '+') msisdn.remove_prefix(1);
    if (msisdn.size() < 3 || msisdn.size() > 15 || !all_digits(msisdn)) {
        fault(column::msisdn, "should be 3 to 15 digits [E.164]");
    } else if (into.msisdn.empty()) {
        into.msisdn = msisdn;
    } else if (into.msisdn != msisdn) {
        fault(column::msisdn, "differs from an earlier row of the card");
    }
}

void import_row_reader::read_profile(import_card& into) {
    const auto name = of(column::profile);
    if (name.empty()) {
        if (into.profile == nullptr) fault(column::profile, "is empty");
        return;
    }
    const auto at = profiles_.find(name);
    if (at == profiles_.end()) {
        fault(column::profile, "names no configured profile");
    } else if (into.profile == nullptr) {
        into.profile = at->second.get();
    } else if (into.profile != at->second.get()) {
        fault(column::profile, "differs from an earlier row of the card");
    }
}

void import_row_reader::read_labels(import_card& into) {
    auto labels = parse_labels(of(column::labels), ",;");
    if (!labels) return fault(column::labels, labels.error().message());
    for (auto& [key, value] : labels.value()) {
        const auto [at, fresh] = into.labels.try_emplace(key, value);
        if (!fresh && at->second != value) fault(column::labels, "differ from an earlier row of the card");
    }
}

secure_channel::secret import_row_reader::read_key_field(const import_card& card, column::column c) {
    const bool kic = c == column::kic_key;
    const auto text = of(c);
    const bool needed = kic ? ciphers(*card.profile) : checks(*card.profile);
    if (text.empty()) {
        if (needed) fault(c, "is empty, and the card's profile needs it");
        return {};
    }
    auto lengths = key_lengths(*card.profile, kic);
    if (lengths.empty()) lengths = {8, 16, 24, 32};
    auto octets = wire::from_hex(text);
    secure_channel::secret key(octets ? std::move(octets.value()) : wire::octets{});
    if (key.empty()) {
        fault(c, "should be hexadecimal digits, an even number of them");
    } else if (std::find(lengths.begin(), lengths.end(), key.size()) == lengths.end()) {
        fault(c, "should have " + in_words(lengths) + " hexadecimal digits for the profile's algorithm, not " +
                     std::to_string(text.size()));
    }
    return key;
}

void import_row_reader::read_key(import_card& into) {
    flow::card_key key;
    const auto version = number_in(of(column::kvn), 15);
    if (!version || *version == 0) return fault(column::kvn, "should be a key version from 1 to 15");
    key.version = static_cast<std::uint8_t>(*version);
    const bool twice =
        std::any_of(into.keys.begin(), into.keys.end(), [&](const auto& k) { return k.version == key.version; });
    if (twice) return fault(column::kvn, "stands in an earlier row of the card");
    if (const auto text = of(column::mac_length); !text.empty()) {
        if (text != "4" && text != "8") return fault(column::mac_length, "should be 4 or 8");
        key.mac_length = static_cast<std::uint8_t>(text.front() - '0');
    }
    if (const auto text = of(column::counter); !text.empty()) {
        const auto value = number_in(text, secure_channel::replay_counter::highest);
        if (!value) return fault(column::counter, "should be a number below 2^40, decimal or with 0x");
        into.counters.emplace_back(key.version, *value);
    }
    if (into.profile == nullptr) return;  // told already
    key.kic = read_key_field(into, column::kic_key);
    key.kid = read_key_field(into, column::kid_key);
    if (good_) into.keys.push_back(std::move(key));
}

}  // namespace ota::cards
