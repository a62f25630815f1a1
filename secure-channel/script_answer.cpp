#include "secure-channel/remote_script.hpp"
#include "secure-channel/wire/ber_tlv.hpp"

#include <algorithm>

// Compact [TS 102 226, 5.2.2.1]:   | number of commands executed | SW of the last one | its data |
//                                  |             1               |        2           |          |
// Expanded [TS 102 226, 5.2.2.2]:  | AB | length | 80 len number | 23 len (data SW) | 23 len (data SW) | ... (definite)
//                                  | AF | 80 | 23 len (data SW) | 23 len (data SW) | ... | 00 00 | (indefinite)

namespace ota::secure_channel {

namespace {

constexpr std::uint8_t definite_answer = 0xAB;
constexpr std::uint8_t indefinite_answer = 0xAF;
constexpr std::uint8_t number_executed = 0x80;
constexpr std::uint8_t r_apdu = 0x23;
constexpr std::uint8_t bad_format = 0x90;
constexpr std::uint8_t immediate_action = 0x81;
constexpr std::uint8_t script_chaining = 0x83;

wire::result<script_answer> parse_compact(wire::octet_view in) {
    if (in.empty()) return errc::bad_script;
    script_answer out;
    out.executed = in[0];
    if (in.size() == 1) {
        // The answer to an empty script is its count alone.
        if (out.executed != 0) return errc::bad_script;
        return out;
    }
    if (in.size() < 3) return errc::bad_script;
    command_answer last;
    last.sw = wire::reader(in.subspan(1)).u16();
    last.data.assign(in.begin() + 3, in.end());
    out.answers.push_back(std::move(last));
    return out;
}

wire::result<void> take_object(const wire::ber_tlv& object, script_answer& out) {
    const auto value = object.value;
    switch (object.tag) {
        case r_apdu: {
            if (value.size() < 2) return errc::bad_script;
            command_answer one;
            one.sw = wire::reader(value.last(2)).u16();
            one.data.assign(value.begin(), value.end() - 2);
            out.answers.push_back(std::move(one));
            return BOOST_OUTCOME_V2_NAMESPACE::success();
        }
        case bad_format:
        case immediate_action:
        case script_chaining:
            if (value.size() != 1) return errc::bad_script;
            out.error = static_cast<std::uint16_t>(object.tag << 8 | value[0]);
            return BOOST_OUTCOME_V2_NAMESPACE::success();
        default: return errc::bad_script;
    }
}

wire::result<script_answer> parse_definite(wire::reader& in) {
    const auto length = wire::read_ber_length(in);
    if (in.failed() || length != in.remaining()) return errc::bad_script;
    const auto number = wire::read_ber_tlv(in);
    if (in.failed() || number.tag != number_executed || number.value.empty() || number.value.size() > 4)
        return errc::bad_script;
    script_answer out;
    for (const auto octet : number.value) out.executed = out.executed << 8 | octet;
    while (in.remaining() != 0) {
        const auto object = wire::read_ber_tlv(in);
        if (in.failed()) return errc::bad_script;
        OTA_TRY(take_object(object, out));
    }
    return out;
}

wire::result<script_answer> parse_indefinite(wire::reader& in) {
    if (in.u8() != 0x80) return errc::bad_script;
    script_answer out;
    while (in.remaining() != 0) {
        const auto object = wire::read_ber_tlv(in);
        if (in.failed()) return errc::bad_script;
        if (object.tag == 0 && object.value.empty()) {
            if (in.remaining() != 0) return errc::bad_script;
            out.executed = out.answers.size();
            return out;
        }
        OTA_TRY(take_object(object, out));
    }
    return errc::bad_script;  // the end mark 00 00 is missing
}

wire::result<wire::octets> serialize_compact(const script_answer& answer) {
    if (answer.executed > 0xFF) return errc::too_long;
    if (answer.answers.size() > 1 || answer.error) return errc::bad_script;
    if (answer.answers.empty() && answer.executed != 0) return errc::bad_script;
    wire::writer out;
    out.u8(answer.executed);
    if (!answer.answers.empty()) out.u16(answer.answers.front().sw).put(answer.answers.front().data);
    return out.take();
}

}  // namespace

wire::result<script_answer> parse_script_answer(wire::octet_view answer, script_format format) {
    if (format == script_format::compact) return parse_compact(answer);
    // Cards may answer either template with either.
    wire::reader in(answer);
    const auto tag = in.u8();
    if (tag == definite_answer) return parse_definite(in);
    if (tag == indefinite_answer) return parse_indefinite(in);
    return errc::bad_script;
}

wire::result<wire::octets> serialize_script_answer(const script_answer& answer, script_format format) {
    if (format == script_format::compact) return serialize_compact(answer);
    wire::writer objects;
    if (format == script_format::expanded) {
        if (answer.executed > 0xFFFF) return errc::too_long;
        wire::writer number;
        if (answer.executed > 0xFF) {
            number.u16(answer.executed);
        } else {
            number.u8(answer.executed);
        }
        wire::write_ber_tlv(objects, number_executed, number.buffer());
    } else if (answer.executed != answer.answers.size()) {
        return errc::bad_script;  // this template has no count of its own
    }
    for (const auto& one : answer.answers) {
        wire::writer body(one.data.size() + 2);
        body.put(one.data).u16(one.sw);
        wire::write_ber_tlv(objects, r_apdu, body.buffer());
    }
    if (answer.error) {
        const std::array<std::uint8_t, 1> reason{static_cast<std::uint8_t>(*answer.error)};
        wire::write_ber_tlv(objects, static_cast<std::uint8_t>(*answer.error >> 8), reason);
    }
    wire::writer out(objects.size() + 5);
    if (format == script_format::expanded) {
        if (objects.size() > 0xFFFF) return errc::too_long;
        wire::write_ber_tlv(out, definite_answer, objects.buffer());
    } else {
        out.u8(indefinite_answer).u8(0x80).put(objects.buffer()).u16(0);
    }
    return out.take();
}

}  // namespace ota::secure_channel
