#include "gateway/smpp/receipt.hpp"

#include "gateway/smpp/tables.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace ota::smpp {
namespace {

using bearer::receipt_state;

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

bool same(std::string_view a, std::string_view b) {
    return std::ranges::equal(a, b, [](char x, char y) { return lower(x) == lower(y); });
}

/// Where the value of `key` begins, or npos. A key starts the text or follows a blank.
std::size_t value_of(std::string_view text, std::string_view key) {
    for (std::size_t at = 0; at + key.size() <= text.size(); ++at) {
        const bool starts = at == 0 || static_cast<unsigned char>(text[at - 1]) <= ' ';
        if (starts && same(text.substr(at, key.size()), key)) return at + key.size();
    }
    return std::string_view::npos;
}

std::string_view word_at(std::string_view text, std::size_t at) {
    if (at == std::string_view::npos) return {};
    const auto end = std::find_if(text.begin() + at, text.end(), [](unsigned char c) { return c <= ' '; });
    return text.substr(at, static_cast<std::size_t>(end - text.begin()) - at);
}

std::optional<receipt_state> state_of_word(std::string_view word) {
    struct entry {
        std::string_view word;
        receipt_state state;
    };
    static constexpr auto words = std::to_array<entry>({
        {"delivrd", receipt_state::delivered},
        {"delivered", receipt_state::delivered},
        {"expired", receipt_state::expired},
        {"deleted", receipt_state::deleted},
        {"undeliv", receipt_state::undeliverable},
        {"undelivered", receipt_state::undeliverable},
        {"undeliverable", receipt_state::undeliverable},
        {"failed", receipt_state::undeliverable},
        {"acceptd", receipt_state::accepted},
        {"accepted", receipt_state::accepted},
        {"rejectd", receipt_state::rejected},
        {"rejected", receipt_state::rejected},
        {"enroute", receipt_state::enroute},
        {"buffered", receipt_state::enroute},
    });
    if (word.empty()) return std::nullopt;
    const auto* found = std::ranges::find_if(words, [&](const entry& e) { return same(e.word, word); });
    return found == words.end() ? receipt_state::unknown : found->state;
}

/// err is decimal at most SMSCs; some write the GSM cause in hex.
std::optional<std::uint32_t> error_of_word(std::string_view word) {
    for (int base : {10, 16}) {
        std::uint32_t number = 0;
        const auto [at, error] = std::from_chars(word.data(), word.data() + word.size(), number, base);
        if (!word.empty() && error == std::errc{} && at == word.data() + word.size()) return number;
    }
    return std::nullopt;
}

/// How bad a state is; of two the higher is believed.
int severity(receipt_state state) {
    switch (state) {
        case receipt_state::delivered: return 0;
        case receipt_state::accepted: return 1;
        case receipt_state::enroute: return 2;
        case receipt_state::unknown: return 3;
        case receipt_state::deleted: return 4;
        case receipt_state::expired: return 5;
        case receipt_state::undeliverable: return 6;
        case receipt_state::rejected: return 7;
    }
    return 3;
}

}  // namespace

receipt_text parse_receipt_text(std::string_view in) {
    receipt_text out;
    const auto text_at = value_of(in, "text:");
    const auto fields = text_at == std::string_view::npos ? in : in.substr(0, text_at);
    out.id = word_at(fields, value_of(fields, "id:"));
    out.state = state_of_word(word_at(fields, value_of(fields, "stat:")));
    out.network_error = error_of_word(word_at(fields, value_of(fields, "err:")));
    if (text_at != std::string_view::npos) out.text = in.substr(text_at);
    return out;
}

receipt_state state_of(std::uint8_t message_state) noexcept {
    switch (message_state) {
        case 0:
        case 1: return receipt_state::enroute;
        case 2: return receipt_state::delivered;
        case 3: return receipt_state::expired;
        case 4: return receipt_state::deleted;
        case 5: return receipt_state::undeliverable;
        case 6: return receipt_state::accepted;
        case 8:
        case 9: return receipt_state::rejected;
        default: return receipt_state::unknown;
    }
}

std::optional<std::uint32_t> parse_network_error(wire::octet_view in) noexcept {
    if (in.size() < 3) return std::nullopt;
    if (std::ranges::all_of(in, [](std::uint8_t c) { return c >= '0' && c <= '9'; })) {
        std::uint32_t number = 0;
        for (auto c : in.first(std::min<std::size_t>(in.size(), 9))) number = number * 10 + (c - '0');
        return number;
    }
    if (in.size() != 3) return std::nullopt;
    return static_cast<std::uint32_t>(in[1] << 8 | in[2]);
}

receipt_report read_receipt(const tlv_list& tlvs, const receipt_text& text, const id_forms& forms) {
    receipt_report out;
    const auto id = find_text(tlvs, tag::receipted_message_id);
    const bool by_tlv = id && !id->empty();
    out.id_known = by_tlv || !text.id.empty();
    out.id = normalise_id(by_tlv ? std::string_view(*id) : std::string_view(text.id), forms.in_receipt, forms);

    const auto number = find_number(tlvs, tag::message_state, 1);
    std::optional<receipt_state> state;
    if (number) state = state_of(static_cast<std::uint8_t>(*number));
    out.contradiction = state && text.state && *state != *text.state;
    if (!state || (text.state && severity(*text.state) > severity(*state))) state = text.state;
    out.state_known = state.has_value();
    out.state = state.value_or(receipt_state::unknown);

    const auto* error = find(tlvs, tag::network_error_code);
    const auto by_code = error == nullptr ? std::nullopt : parse_network_error(error->value);
    out.network_error = by_code.value_or(text.network_error.value_or(0));
    return out;
}

}  // namespace ota::smpp
