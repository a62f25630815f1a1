#include "gateway/smpp/inbound.hpp"

#include "gateway/smpp/receipt.hpp"
#include "gateway/smpp/tables.hpp"
#include "gateway/smpp/user_data.hpp"

#include <algorithm>

namespace ota::smpp {
namespace {

std::string digits_of(std::string_view text) {
    std::string out;
    std::ranges::copy_if(text, std::back_inserter(out), [](char c) { return c >= '0' && c <= '9'; });
    return out;
}

/// A response packet in a place of a receipt that was not made for it: payload beside the text, vendor TLV, after
/// `text:` as octets or as hexadecimal. [TS 23.040 has a place for it, SMPP 3.4 has none]
wire::octets response_in_receipt(const tlv_list& tlvs, const receipt_text& text) {
    for (const auto& one : tlvs) {
        const bool likely = one.tag == tag::message_payload || one.tag == tag::additional_status_info_text ||
                            (one.tag >= tag::first_vendor && one.tag <= tag::last_vendor);
        if (likely && is_response_packet(one.value)) return one.value;
    }
    const auto raw = wire::as_octets(text.text);
    if (is_response_packet(raw)) return {raw.begin(), raw.end()};
    const auto end = text.text.find_first_of(std::string_view(" \0", 2));
    if (auto hex = wire::from_hex(std::string_view(text.text).substr(0, end)); hex && is_response_packet(hex.value()))
        return std::move(hex).value();
    return {};
}

inbound classify(const address& source, std::uint8_t esm_class, wire::octet_view said, const tlv_list& tlvs,
                 const id_forms& forms) {
    // Bits are tested, never the whole octet (pitfall 14): 0x48 is an acknowledgement with a header.
    const bool has_header = (esm_class & esm::user_data_header) != 0;
    const auto type = esm_class & esm::type_mask;
    const auto elements = has_header ? read_user_data_header(said) : header_elements{};
    const bool ours = elements.well_formed && (elements.response_packet || elements.concatenation);
    const auto text = has_header ? receipt_text{} : parse_receipt_text(wire::as_text(said));
    auto report = read_receipt(tlvs, text, forms);

    const bool typed = type == esm::delivery_receipt || type == esm::intermediate_notification;
    const bool by_tlv = report.id_known && find(tlvs, tag::receipted_message_id) != nullptr;
    const bool by_text = !text.id.empty() && text.state.has_value();
    inbound out;
    // Without id and state, and with a header of ours, the type bits only say how the packet travelled.
    if ((typed || by_tlv || by_text) && (report.id_known || report.state_known || !ours)) {
        if (type == esm::intermediate_notification && !report.state_known)
            report.state = bearer::receipt_state::enroute;
        bearer::receipt told;
        told.source = digits_of(source.digits);
        told.message_id = std::move(report.id);
        told.state = report.state;
        told.network_error = report.network_error;
        told.user_data = ours ? with_concatenation(said, true, tlvs) : response_in_receipt(tlvs, text);
        out.what = std::move(told);
        out.contradiction = report.contradiction;
    } else if (ours || has_sar(tlvs)) {
        out.what = bearer::inbound_message{digits_of(source.digits), with_concatenation(said, has_header, tlvs)};
    }
    return out;
}

}  // namespace

inbound classify(const deliver_sm& m, const id_forms& forms) {
    return classify(m.source, m.esm_class, content(m), m.tlvs, forms);
}

inbound classify(const data_sm& m, const id_forms& forms) {
    return classify(m.source, m.esm_class, content(m), m.tlvs, forms);
}

}  // namespace ota::smpp
