#include "sandbox/explorer/file_description.hpp"

#include "sandbox/explorer/printed_text.hpp"
#include "secure-channel/wire/ber_tlv.hpp"

namespace ota::sandbox {

namespace {

constexpr std::uint8_t fcp_template = 0x62, descriptor = 0x82, identifier = 0x83, name = 0x84, life_cycle = 0x8A,
                       size = 0x80, rules = 0xAB, access_mode = 0x80, always = 0x90, never = 0x97, key = 0xA4,
                       key_reference = 0x83;
constexpr std::uint8_t structure_mask = 0x3F, directory = 0x38, ber_tlv_file = 0x39, linear_fixed = 0x02,
                       activated = 0x05;
constexpr std::uint8_t sim_elementary = 0x04;
constexpr std::size_t sim_header = 7;

std::string condition_of(const wire::ber_tlv& rule) {
    if (rule.tag == always) return "always";
    if (rule.tag == never) return "never";
    wire::reader in(rule.value);
    while (rule.tag == key && in.remaining() != 0) {
        const auto part = wire::read_ber_tlv(in);
        if (part.tag == key_reference && part.value.size() == 1)
            return part.value[0] == 0x01                            ? "after the PIN"
                   : part.value[0] >= 0x0A && part.value[0] <= 0x0E ? "by the issuer"
                                                                    : "after another PIN";
    }
    return "otherwise";
}

std::string mode_of(std::uint8_t bits) {
    switch (bits) {
        case 0x01: return "read";
        case 0x02: return "update";
        case 0x18: return "activate and deactivate";
        default: return "access " + wire::to_hex(wire::octets{bits});
    }
}

std::string describe_rules(wire::octet_view value) {
    std::string out, mode;
    wire::reader in(value);
    while (in.remaining() != 0) {
        const auto part = wire::read_ber_tlv(in);
        if (in.failed()) return out;
        if (part.tag == access_mode && part.value.size() == 1) {
            mode = mode_of(part.value[0]);
        } else {
            out += "  " + mode + " " + condition_of(part) + "\n";
        }
    }
    return out;
}

std::string structure_of(wire::octet_view value) {
    if (value.empty()) return "file";
    const auto bits = static_cast<std::uint8_t>(value[0] & structure_mask);
    if (bits == directory) return "directory";
    if (bits == ber_tlv_file) return "BER-TLV file";
    if ((bits & 0x07) != linear_fixed || value.size() < 5) return "transparent file";
    const unsigned length = value[2] << 8 | value[3];
    return "file of " + std::to_string(value[4]) + " records of " + std::to_string(length) + " octets:";
}

std::string describe_template(wire::octet_view body) {
    std::string head, tail;
    wire::reader in(body);
    while (in.remaining() != 0) {
        const auto part = wire::read_ber_tlv(in);
        wire::reader value(part.value);
        switch (part.tag) {
            case descriptor: head += structure_of(part.value); break;
            case identifier: head += " " + wire::to_hex(part.value); break;
            case name: head += ", AID " + wire::to_hex(part.value); break;
            case size: head += ", " + std::to_string(value.u16()) + " octets"; break;
            case life_cycle: head += value.u8() == activated ? "" : ", deactivated"; break;
            case rules: tail += describe_rules(part.value); break;
            default: break;
        }
    }
    return head + "\n" + tail;
}

std::string describe_sim(wire::octet_view answer) {
    wire::reader in(answer);
    (void)in.u16();
    const auto octets = in.u16();
    const auto file = in.u16();
    const bool elementary = in.u8() == sim_elementary;
    const auto what = elementary ? "file " + file_text(file) + ", " + std::to_string(octets) + " octets"
                                 : "directory " + file_text(file);
    return what + "\n";
}

}  // namespace

std::string describe_file(wire::octet_view answer) {
    if (answer.empty()) return {};
    wire::reader whole(answer);
    const auto outer = wire::read_ber_tlv(whole);
    if (!whole.failed() && whole.remaining() == 0 && outer.tag == fcp_template) return describe_template(outer.value);
    if (answer.size() > sim_header && answer[0] == 0) return describe_sim(answer);
    return wire::to_hex(answer) + "\n";
}

}  // namespace ota::sandbox
