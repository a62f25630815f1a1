#include "secure-channel/cat_tp/first_look.hpp"

#include "secure-channel/cat_tp/serial.hpp"

namespace ota::cat_tp {

namespace {

using verdict = first_look_result::verdict;

first_look_result refused(const pdu& p, reset_reason reason) {
    pdu answer{.source_port = p.destination_port, .destination_port = p.source_port, .body = reset{reason}};
    if (p.acknowledgement)
        answer.sequence = moved(*p.acknowledgement, 1);  // what its sender takes for ours in sequence
    else
        answer.acknowledgement = p.sequence;  // tells a SYN-SENT which of its SYNs is meant
    auto octets = serialize(answer);
    if (!octets) return {};
    return {verdict::answer, std::move(octets).value()};
}

}  // namespace

first_look_result first_look(const pdu& p, std::uint16_t port, bool room) {
    if (std::holds_alternative<reset>(p.body)) return {};  // an RST that were answered could be answered for ever
    if (p.version != 0) return refused(p, reset_reason::version_not_supported);
    const auto* const syn = std::get_if<set_up>(&p.body);
    if (syn == nullptr || p.acknowledgement) return refused(p, reset_reason::unexpected_pdu);
    if (p.destination_port != port) return refused(p, reset_reason::port_not_available);
    if (syn->max_pdu < least_max_pdu) return refused(p, reset_reason::set_up_failed);
    if (!room) return refused(p, reset_reason::temporarily_unable);
    return {verdict::set_up, {}};
}

}  // namespace ota::cat_tp
