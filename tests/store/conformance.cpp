#include "tests/store/conformance.hpp"

namespace ota::store {

wire::octets octets(std::string_view text) {
    const auto v = wire::as_octets(text);
    return {v.begin(), v.end()};
}

card_row a_card(std::string iccid, std::string msisdn, wall_time since) {
    card_row card;
    card.iccid = std::move(iccid);
    card.msisdn = std::move(msisdn);
    card.msisdn_since = since;
    card.profile = "usim";
    card.labels = "fleet=north,tier=1";
    card.sealed_keys = octets(std::string_view("\0sealed\xFF", 8));
    card.twin = octets("twin");
    return card;
}

event_row an_event(event_seq seq, std::string id, card_id card) {
    event_row e;
    e.seq = seq;
    e.source = "urn:dm:a";
    e.id = std::move(id);
    e.card = card;
    e.previous = seq - 1;
    e.op = 2;
    e.node = "./SC/usim/spn";
    e.subject = "8988303000000000017";
    e.traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    e.content_hash = 0xFEDCBA9876543210;
    e.accepted_at = at(1000 + seq);
    return e;
}

card_row store_conformance::insert(card_row card) {
    committed([&](transaction& tx) { must(tx.insert_cards({&card, 1})); });
    return card;
}

card_row store_conformance::card(card_id id) {
    auto tx = begin();
    auto found = must(tx->cards_by_id({&id, 1}));
    return found.front().value();
}

}  // namespace ota::store
