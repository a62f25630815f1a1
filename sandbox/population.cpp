#include "sandbox/population.hpp"

#include <charconv>

namespace ota::sandbox {

namespace {

constexpr std::string_view issuer = "8988211";
constexpr std::string_view number_block = "49155";
constexpr std::size_t iccid_number_digits = 12;
constexpr std::size_t msisdn_number_digits = 9;
constexpr std::size_t csv_chunk = 60'000;

std::string numbered(std::string_view prefix, std::size_t number, std::size_t digits) {
    std::string out(prefix.size() + digits, '0');
    prefix.copy(out.data(), prefix.size());
    for (auto at = out.size(); number != 0 && at > prefix.size(); number /= 10)
        out[--at] = static_cast<char>('0' + number % 10);
    return out;
}

std::optional<std::size_t> number_of(std::string_view digits) noexcept {
    std::size_t value = 0;
    const auto* end = digits.data() + digits.size();
    const auto [at, fault] = std::from_chars(digits.data(), end, value);
    if (fault != std::errc{} || at != end) return std::nullopt;
    return value;
}

/// Octets of a key under an algorithm of KIc or KID.
std::size_t key_length(std::uint8_t algorithm, std::size_t aes_length) noexcept {
    switch (algorithm) {
        case 0x1:
        case 0xD: return 8;
        case 0x5: return 16;
        case 0x9: return 24;
        default: return aes_length;
    }
}

}  // namespace

char luhn_digit(std::string_view digits) noexcept {
    int sum = 0;
    bool doubled = true;
    for (auto at = digits.size(); at-- > 0; doubled = !doubled) {
        auto value = digits[at] - '0';
        if (doubled) value = value > 4 ? value * 2 - 9 : value * 2;
        sum += value;
    }
    return static_cast<char>('0' + (10 - sum % 10) % 10);
}

population_settings population_for(const card_profile& profile, std::uint64_t seed, std::size_t count) {
    population_settings out;
    out.seed = seed;
    out.count = count;
    out.profile = profile.name;
    out.kic_algorithm = profile.kic_algorithm;
    out.kid_algorithm = profile.kid_algorithm;
    return out;
}

std::string population::iccid(std::size_t card) const {
    auto out = numbered(issuer, settings_.first_index + card, iccid_number_digits);
    out += luhn_digit(out);
    return out;
}

std::string population::msisdn(std::size_t card) const {
    return numbered(number_block, settings_.first_index + card, msisdn_number_digits);
}

std::optional<std::size_t> population::find_msisdn(std::string_view digits) const noexcept {
    if (digits.starts_with('+')) digits.remove_prefix(1);
    if (digits.size() != number_block.size() + msisdn_number_digits || !digits.starts_with(number_block)) return {};
    const auto number = number_of(digits.substr(number_block.size()));
    if (!number || *number < settings_.first_index || *number - settings_.first_index >= settings_.count) return {};
    return *number - settings_.first_index;
}

std::optional<std::size_t> population::find_iccid(std::string_view digits) const noexcept {
    if (digits.size() != issuer.size() + iccid_number_digits + 1 || !digits.starts_with(issuer)) return {};
    const auto body = digits.substr(0, digits.size() - 1);
    const auto number = number_of(body.substr(issuer.size()));
    if (!number || *number < settings_.first_index || *number - settings_.first_index >= settings_.count) return {};
    if (luhn_digit(body) != digits.back()) return {};
    return *number - settings_.first_index;
}

wire::octets population::key(std::size_t card, std::string_view purpose, std::uint8_t algorithm) const {
    wire::writer input(32);
    input.u64(settings_.seed).u64(settings_.first_index + card).u8(settings_.key_version).put(wire::as_octets(purpose));
    const auto digest = secure_channel::sha256(input.buffer());
    const auto length = static_cast<std::ptrdiff_t>(key_length(algorithm, settings_.aes_key_length));
    return {digest.begin(), digest.begin() + length};
}

secure_channel::key_set population::keys(std::size_t card) const {
    return {secure_channel::secret(key(card, "KIc", settings_.kic_algorithm)),
            secure_channel::secret(key(card, "KID", settings_.kid_algorithm)), settings_.mac_length};
}

std::uint64_t population::first_counter(std::size_t card) const {
    wire::writer input(24);
    input.u64(settings_.seed).u64(settings_.first_index + card).put(wire::as_octets("counter"));
    const auto digest = secure_channel::sha256(input.buffer());
    return wire::reader(digest).u64() % (settings_.highest_first_counter + 1);
}

void population::append_row(std::string& out, std::size_t card) const {
    out.append(iccid(card)).append(",").append(msisdn(card)).append(",").append(settings_.profile).append(",");
    out.append(std::to_string(settings_.key_version)).append(",");
    out.append(wire::to_hex(key(card, "KIc", settings_.kic_algorithm))).append(",");
    out.append(wire::to_hex(key(card, "KID", settings_.kid_algorithm))).append(",");
    out.append(std::to_string(settings_.mac_length)).append(",");
    out.append(std::to_string(first_counter(card))).append(",fleet=sandbox\n");
}

bool population::write_csv(const std::function<bool(std::string_view)>& write) const {
    std::string out = "iccid,msisdn,profile,kvn,kic_key,kid_key,mac_length,counter,labels\n";
    for (std::size_t card = 0; card < settings_.count; ++card) {
        append_row(out, card);
        if (out.size() < csv_chunk) continue;
        if (!write(out)) return false;
        out.clear();
    }
    return out.empty() || write(out);
}

}  // namespace ota::sandbox
