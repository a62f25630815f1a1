#pragma once

#include "gateway/bip/exchange.hpp"

/// The record of a connection. Seen only by the units of the exchange.
namespace ota::bip {

struct exchange::card_link {
    /// Another UDP address says that it is this card.
    struct claim {
        endpoint by;
        bool by_syn = false;  ///< it showed the identification; else it moved, and knows the numbers
        time_point since, asked;
        std::uint16_t number = 0;  ///< of the NUL that asks for a sign of life
        wire::octets challenge;    ///< that NUL
        bool proved = false;       ///< it has acknowledged the NUL
    };

    card_link(bearer::link_id name, const bearer::push_id& of, const path& where, cat_tp::link started)
        : id(name), push(of), at(where), machine(std::move(started)) {}

    bearer::link_id id;
    bearer::push_id push;
    path at;
    cat_tp::link machine;
    bool open = false;   ///< it was, and link_up was told
    bool ended = false;  ///< what is left waits for the close-wait time to pass
    bool work = false;
    std::optional<bearer::link_down::cause> why;                         ///< when it is ours to say
    std::deque<std::pair<std::uint64_t, bearer::submission_id>> handed;  ///< by the number of the SDU
    std::uint64_t packets_in = 0, packets_out = 0;
    std::optional<claim> claimed;
    time_point unclaimed_until{};  ///< the last claim was wrong: no other one before
    std::optional<time_point> timer;
};

}  // namespace ota::bip
