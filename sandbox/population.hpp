#pragma once

#include "gateway/profile/card_profile.hpp"
#include "secure-channel/crypto.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

/// Who the simulated cards are. Everything about a card follows from the seed and its index, so that a million of them
/// take no memory, and the CSV that the gateway imports can be written at any time.
namespace ota::sandbox {

struct population_settings {
    std::uint64_t seed = 1;
    std::size_t count = 1000;
    std::size_t first_index = 0;     ///< of the first card: two populations with disjoint ranges share no card
    std::string profile = "demo";    ///< name, as it goes into the CSV
    std::uint8_t key_version = 1;    ///< KVN, 1 to 15
    std::uint8_t kic_algorithm = 2;  ///< low nibbles of KIc and KID: they give the keys' lengths
    std::uint8_t kid_algorithm = 2;
    std::size_t aes_key_length = 16;  ///< octets: 16, 24 or 32
    std::uint8_t mac_length = 8;
    std::uint64_t highest_first_counter = 1000;  ///< cards start with a counter of 0 to this
};

/// What of a profile concerns the identity of cards.
[[nodiscard]] population_settings population_for(const card_profile&, std::uint64_t seed, std::size_t count);

class population {
public:
    explicit population(population_settings settings) : settings_(std::move(settings)) {}

    [[nodiscard]] const population_settings& settings() const noexcept { return settings_; }
    [[nodiscard]] std::size_t size() const noexcept { return settings_.count; }

    /// 20 digits: 8988211, the number of the card, check digit of Luhn [ITU-T E.118].
    [[nodiscard]] std::string iccid(std::size_t card) const;
    /// 14 digits, international.
    [[nodiscard]] std::string msisdn(std::size_t card) const;
    /// The card that has this number or identity, if one of ours.
    [[nodiscard]] std::optional<std::size_t> find_msisdn(std::string_view digits) const noexcept;
    [[nodiscard]] std::optional<std::size_t> find_iccid(std::string_view digits) const noexcept;

    [[nodiscard]] secure_channel::key_set keys(std::size_t card) const;
    /// The highest counter that the card has seen before it leaves the factory; the next packet must be above it.
    [[nodiscard]] std::uint64_t first_counter(std::size_t card) const;

    /// The rows that `otagw cards import` reads, header first: `iccid,msisdn,profile,kvn,kic_key,kid_key,mac_length,
    /// counter,labels`. `write` gets some kilobytes at a time and says whether to go on.
    /// The file holds keys in clear: whoever writes it keeps it from others.
    bool write_csv(const std::function<bool(std::string_view)>& write) const;

private:
    [[nodiscard]] wire::octets key(std::size_t card, std::string_view purpose, std::uint8_t algorithm) const;
    void append_row(std::string& out, std::size_t card) const;

    population_settings settings_;
};

/// The check digit that completes these digits. [ISO/IEC 7812-1, annex B]
[[nodiscard]] char luhn_digit(std::string_view digits) noexcept;

}  // namespace ota::sandbox
