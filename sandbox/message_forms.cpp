#include "sandbox/message_forms.hpp"

#include "gateway/smpp/tables.hpp"
#include "sandbox/dice.hpp"

#include <array>
#include <cstdio>

namespace ota::sandbox {

namespace {

constexpr std::uint8_t sim_data_download = 0x7F;
constexpr std::uint8_t gsm_network = 3;  ///< network type of network_error_code

std::string formatted(const char* form, std::uint64_t number) {
    std::array<char, 32> out{};
    const auto length = std::snprintf(out.data(), out.size(), form, static_cast<unsigned long long>(number));
    return {out.data(), static_cast<std::size_t>(length)};
}

/// Version 4 in its looks; the same number always gives the same one.
std::string uuid_of(std::uint64_t number) {
    dice d(number);
    wire::writer bits;
    bits.u64(d.next()).u64(d.next());
    auto hex = wire::to_hex(bits.buffer());
    hex[12] = '4';
    hex[16] = 'a';
    for (const std::size_t at : {20, 16, 12, 8}) hex.insert(at, 1, '-');
    return hex;
}

/// YYMMDDhhmm in UTC.
std::string minute_of(instant t) {
    using namespace std::chrono;
    const auto day = floor<days>(t);
    const year_month_day date(day);
    const hh_mm_ss time(floor<minutes>(t - day));
    std::array<char, 64> out{};
    std::snprintf(out.data(), out.size(), "%02d%02u%02u%02d%02d", static_cast<int>(date.year()) % 100,
                  static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                  static_cast<int>(time.hours().count()), static_cast<int>(time.minutes().count()));
    return out.data();
}

std::string_view word_of(final_state state) noexcept {
    switch (state) {
        case final_state::delivered: return "DELIVRD";
        case final_state::expired: return "EXPIRED";
        case final_state::undeliverable: return "UNDELIV";
    }
    return "UNKNOWN";
}

std::string receipt_text_of(const receipt_facts& f) {
    std::string out = "id:" + f.id + " sub:001 dlvrd:" + (f.state == final_state::delivered ? "001" : "000");
    out += " submit date:" + minute_of(f.submitted) + " done date:" + minute_of(f.done);
    out.append(" stat:")
        .append(word_of(f.state))
        .append(" err:")
        .append(formatted("%03llu", f.network_error))
        .append(" text:");
    return out;
}

smpp::tlv_list receipt_tlvs_of(const receipt_facts& f) {
    smpp::tlv_list out;
    const auto id = wire::as_octets(f.id);
    wire::octets with_nul(id.begin(), id.end());
    with_nul.push_back(0);
    out.push_back({smpp::tag::receipted_message_id, std::move(with_nul)});
    out.push_back({smpp::tag::message_state, {static_cast<std::uint8_t>(f.state)}});
    if (f.network_error != 0) out.push_back({smpp::tag::network_error_code, {gsm_network, 0, f.network_error}});
    return out;
}

}  // namespace

message_ids write_ids(id_form form, std::uint64_t number) {
    const auto decimal = [&] { return formatted("%llu", number); };
    const auto hexadecimal = [&] { return formatted("%llX", number); };
    const auto both = [](std::string id) { return message_ids{id, id}; };
    switch (form) {
        case id_form::hexadecimal: return both(hexadecimal());
        case id_form::padded: return both(formatted("%010llu", number));
        case id_form::uuid: return both(uuid_of(number));
        case id_form::hex_then_decimal: return {hexadecimal(), decimal()};
        case id_form::decimal_then_hex: return {decimal(), hexadecimal()};
        case id_form::empty: return {{}, decimal()};
        case id_form::decimal: break;
    }
    return both(decimal());
}

smpp::deliver_sm write_receipt(const smpp::submit_sm& of, const receipt_facts& facts, bool text, bool tlvs) {
    smpp::deliver_sm out;
    out.source = of.destination;
    out.destination = of.source;
    out.esm_class = smpp::esm::delivery_receipt;
    if (text) {
        const auto written = receipt_text_of(facts);
        const auto octets = wire::as_octets(written);
        out.short_message.assign(octets.begin(), octets.end());
    }
    if (tlvs) out.tlvs = receipt_tlvs_of(facts);
    return out;
}

bool receipt_wanted(std::uint8_t registered_delivery, final_state state) noexcept {
    switch (registered_delivery & 3) {
        case 1: return true;
        case 2: return state != final_state::delivered;
        case 3: return state == final_state::delivered;
        default: return false;
    }
}

std::optional<instant> end_of_validity(std::string_view text, instant now) {
    using namespace std::chrono;
    if (text.size() != 16) return std::nullopt;
    std::array<int, 6> fields{};  // YY MM DD hh mm ss; tenths and quarter-hours follow
    for (std::size_t i = 0; i < 6; ++i) {
        const auto high = text[i * 2], low = text[i * 2 + 1];
        if (high < '0' || high > '9' || low < '0' || low > '9') return std::nullopt;
        fields[i] = (high - '0') * 10 + (low - '0');
    }
    const auto& [yy, mm, dd, hh, mi, ss] = fields;
    if (text[15] == 'R') return now + days(yy * 365 + mm * 30 + dd) + hours(hh) + minutes(mi) + seconds(ss);
    const year_month_day date(year(2000 + yy), month(static_cast<unsigned>(mm)), day(static_cast<unsigned>(dd)));
    if (!date.ok() || (text[15] != '+' && text[15] != '-')) return std::nullopt;
    const auto quarters = minutes(15 * ((text[13] - '0') * 10 + (text[14] - '0')));
    const instant local = sys_days(date) + hours(hh) + minutes(mi) + seconds(ss) + milliseconds(100 * (text[12] - '0'));
    return text[15] == '+' ? local - quarters : local + quarters;
}

bool is_download(const smpp::submit_sm& sm) noexcept {
    if (!(sm.esm_class & smpp::esm::user_data_header) || sm.protocol_id != sim_data_download) return false;
    switch (sm.data_coding) {
        case 0x04:
        case 0x16:
        case 0xF5:
        case 0xF6: return true;
        default: return false;
    }
}

bool is_for_terminal(const smpp::submit_sm& sm) noexcept {
    if (!(sm.esm_class & smpp::esm::user_data_header) || sm.protocol_id != 0) return false;
    return sm.data_coding == 0x04 || sm.data_coding == 0xF5;
}

}  // namespace ota::sandbox
