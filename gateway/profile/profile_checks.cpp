#include "gateway/profile/profile_reader.hpp"

namespace ota::profile_reader {
namespace {

using config::fault;
using secure_channel::counter_mode;
using secure_channel::integrity;
using secure_channel::key_identifier;
using secure_channel::por_request;

constexpr std::uint8_t single_des = 0x1;
constexpr std::uint8_t des_ecb = 0xD;

struct weakness {
    bool present;
    bool permitted;
    std::string_view permission;
    std::string_view what;     ///< why it is refused
    std::string_view warning;  ///< what it means once it is let through
};

void judge(const config::node& at, const weakness& w) {
    const auto allow = std::string(w.permission);
    if (w.present && !w.permitted) at.complain(std::string(w.what) + "; refused unless `allow` lists " + allow);
    if (w.present && w.permitted)
        at.complain(std::string(w.what) + ": " + std::string(w.warning), fault::severity::warning);
    if (!w.present && w.permitted) at.complain("`allow` lists " + allow + " without need", fault::severity::warning);
}

void check_algorithms(const config::node& at, const card_profile& p) {
    const key_identifier kic{p.kic_algorithm}, kid{p.kid_algorithm};
    const auto command = p.spi.command_integrity(), answer = p.spi.por_integrity();
    const bool answered = p.spi.por() != por_request::none;
    const auto asks = [&](integrity i) { return command == i || (answered && answer == i); };
    if ((p.spi.command_ciphered() || (answered && p.spi.por_ciphered())) && !secure_channel::cipher_of(kic)) {
        at.at("kic").complain("names no cipher, and the SPI asks for ciphering");
    }
    if (asks(integrity::cryptographic_checksum) && !secure_channel::mac_of(kid)) {
        at.at("kid").complain("names no checksum algorithm, and the SPI asks for a cryptographic checksum");
    }
    if (asks(integrity::redundancy_check) && !secure_channel::redundancy_check_length(kid)) {
        at.at("kid").complain("names no redundancy check, and the SPI asks for one");
    }
    if (asks(integrity::digital_signature)) at.at("spi").complain("asks for a digital signature, which is not offered");
    if ((p.spi.spi1 & 0xE0) != 0 || (p.spi.spi2 & 0xC0) != 0) at.at("spi").complain("has reserved bits set");
    if (p.spi.por() == por_request::reserved) at.at("spi").complain("asks for a proof of receipt by a reserved code");
}

// R3, R10, R11: what the counter mode means for the store and for the order of packets.
void warn_of_counter(const config::node& at, const card_profile& p) {
    if (p.spi.counter() != counter_mode::exactly_one_higher) return;
    at.complain(
        "the counter must rise by exactly one: it is lost with the store. A store restored from an older copy starts "
        "only by `otagw store recover`, and its cards may stay unreachable; a reserved packet is always sent as it "
        "was recorded, even if superseded; no fall-back to another bearer and no leap brings such a card back",
        fault::severity::warning);
}

}  // namespace

void check_security(const config::node& at, const card_profile& p, const permissions& allow) {
    check_algorithms(at, p);
    const bool ciphered = p.spi.command_ciphered() || p.spi.por_ciphered();
    const bool cc = p.spi.command_integrity() == integrity::cryptographic_checksum;
    const bool answered = p.spi.por() == por_request::always;
    const bool signed_answer = p.spi.por_integrity() == integrity::cryptographic_checksum;
    const bool weak_cipher = ciphered && (p.kic_algorithm == single_des || p.kic_algorithm == des_ecb);
    const bool weak_mac = (cc || signed_answer) && p.kid_algorithm == single_des;
    const bool unchecked = p.spi.counter() == counter_mode::ignored || p.spi.counter() == counter_mode::not_checked;

    judge(at, {weak_cipher || weak_mac, allow.single_des, "single-des", "single DES or DES in ECB mode can be broken",
               "whoever breaks the key can write to the card"});
    judge(at.at("spi"), {!cc, allow.no_cc, "no-cc", "commands carry no cryptographic checksum",
                         "anybody who can send a short message can write to the card"});
    // R11
    judge(at.at("spi"),
          {unchecked, allow.no_counter, "no-counter", "the card does not check the counter",
           "an old packet can be played again; one packet to a card waits for the earlier one's validity and "
           "margin, then for a read-back, and exec is refused"});
    // R25
    judge(at.at("spi"), {!answered && p.spi.por() != por_request::reserved, allow.no_por, "no-por",
                         "a proof of receipt is not always asked for",
                         "success needs a read-back, or is told as `unverified` (without_proof: unverified)"});
    judge(at.at("spi"), {answered && !signed_answer, allow.unsigned_por, "unsigned-por",
                         "the proof of receipt carries no cryptographic checksum",
                         "anybody can forge it: success needs a read-back, or is told as `unverified` "
                         "(without_proof: unverified)"});
    if (p.allow_unverified && answered && signed_answer) {
        at.at("without_proof").complain("has no effect: every proof of receipt is signed", fault::severity::warning);
    }
    warn_of_counter(at.at("spi"), p);
}

std::size_t script_room(const card_profile& p) noexcept {
    // 140 octets less the user data header: command identifier 3, concatenation 5 or 6 more, then 6 or 7
    // [TS 31.115, 4.1].
    const std::size_t first = p.wide_reference ? 131 : 132, later = p.wide_reference ? 133 : 134;
    const auto packet = p.max_segments <= 1 ? 137 : first + later * (p.max_segments - 1);
    const std::size_t check = p.spi.command_integrity() == integrity::none               ? 0
                              : p.spi.command_integrity() == integrity::redundancy_check ? 4
                                                                                         : 8;
    if (!p.spi.command_ciphered()) return packet - 16 - check;
    const auto kic = secure_channel::cipher_of({p.kic_algorithm});
    const auto block = kic ? secure_channel::block_size(*kic) : 16;
    return (packet - 10) / block * block - 6 - check;
}

}  // namespace ota::profile_reader
