#pragma once

#include "gateway/bip/answer_limit.hpp"
#include "gateway/bip/counts.hpp"
#include "gateway/bip/endpoint.hpp"
#include "gateway/bip/exchange_settings.hpp"
#include "gateway/bip/used_pushes.hpp"
#include "gateway/push_token.hpp"

#include <deque>
#include <memory>
#include <optional>
#include <set>
#include <unordered_map>
#include <unordered_set>
#include <vector>

/// The BIP server: cards that were asked by a PUSH open a CAT_TP connection or a TCP connection, and packets travel
/// both ways.
namespace ota::bip {

/// All CAT_TP connections of one UDP port, as a machine. A record of a connection is made for who shows an
/// identification of a PUSH of ours, and for nobody else.
class exchange {
public:
    struct datagram {
        endpoint to;
        wire::octets octets;
    };
    struct actions {
        std::vector<datagram> send;
        std::vector<bearer::link_event> tell;
    };

    /// `dice`: random, secret; first sequence numbers come of it. Tokens and used PUSHes must outlive the exchange.
    /// Numbers of links are even.
    exchange(exchange_settings, const bearer::push_tokens&, used_pushes&, wire::sip_key dice);
    ~exchange();

    void on_datagram(const endpoint& from, wire::octet_view, time_point now, actions&);
    void on_tick(time_point now, actions&);

    void transmit(bearer::link_id, bearer::submission_id, wire::octets packet, time_point now, actions&);
    void keep(bearer::link_id, bool work, time_point now, actions&);
    void close(bearer::link_id, time_point now, actions&);

    /// No new links from now on; those without work close, the others once their work is done.
    void drain(time_point now, actions&);
    /// Every link ends now.
    void stop(time_point now, actions&);

    [[nodiscard]] std::optional<time_point> due() const;
    [[nodiscard]] const bip::counts& tally() const noexcept { return counts_; }
    [[nodiscard]] bip::figures figures() const noexcept;

private:
    struct card_link;
    using links = std::unordered_map<std::uint64_t, std::unique_ptr<card_link>>;

    // Datagrams of no connection (exchange_set_up.cpp).
    void on_syn(const path&, const cat_tp::pdu&, time_point now, actions&);
    void on_claim(card_link& older, const path&, const cat_tp::pdu& syn, time_point now, actions&);
    void set_up(const path&, const bearer::push_id&, const cat_tp::pdu& syn, time_point now, actions&);
    [[nodiscard]] std::optional<refusal> no_room(const path&) const;
    void refuse(refusal, const path&, const cat_tp::pdu&, cat_tp::reset_reason, time_point now, actions&);
    void answer_as_stranger(refusal, const path&, wire::octets answer, time_point now, actions&);
    void on_stray(const path&, const cat_tp::pdu&, time_point now, actions&);

    // Another address for a link (exchange_move.cpp).
    [[nodiscard]] card_link* only_candidate(const path&, const cat_tp::pdu&, bool& several) const;
    void on_other_port(card_link&, const path&, const cat_tp::pdu&, time_point now, actions&);
    void challenge(card_link&, const endpoint& by, bool by_syn, time_point now, actions&);
    void dismiss_claim(card_link&, time_point now);
    void move_if_proved(card_link&, time_point now);

    // Links that stand (exchange.cpp).
    void on_known(card_link&, const cat_tp::pdu&, time_point now, actions&);
    void apply(card_link&, time_point now, actions&);
    void on_sdu(card_link&, wire::octets sdu, time_point now, actions&);
    void on_end(card_link&, bearer::link_down::cause, actions&);
    void settle(card_link&, time_point now);
    void replace(card_link&, actions&);
    void erase(card_link&);
    void send(const endpoint& to, wire::octets, actions&);
    void tell(const card_link&, decltype(bearer::link_event::what), actions&);
    [[nodiscard]] card_link* find(bearer::link_id) const;
    [[nodiscard]] std::uint64_t throw_dice();

    exchange_settings settings_;
    const bearer::push_tokens& tokens_;
    wire::sip_key dice_;
    std::uint64_t throws_ = 0;
    std::uint64_t last_link_ = 0;
    bool draining_ = false;
    bool stopping_ = false;

    links links_;
    std::unordered_map<path, card_link*, path_hash> by_path_;
    std::unordered_map<bearer::push_id, card_link*, push_hash> by_push_;  ///< links that have not ended
    std::unordered_map<ip_address, std::unordered_set<card_link*>, ip_hash> by_source_;
    std::set<std::pair<time_point, std::uint64_t>> timers_;
    std::size_t open_ = 0, half_open_ = 0;
    used_pushes& used_;
    answer_limit answers_;
    answer_limit searches_;
    cat_tp::link::actions scratch_;
    bip::counts counts_;
};

}  // namespace ota::bip
