#pragma once

#include "secure-channel/cat_tp/pdu.hpp"

namespace ota::cat_tp {

inline constexpr std::uint16_t least_max_pdu =
    23;  ///< octets: the shortest SYN; who announces less cannot open a connection

/// LISTEN keeps no record: what to do with a PDU of no known connection. [TS 102 127, 5.4]
struct first_look_result {
    enum class verdict : std::uint8_t { set_up, answer, ignore };
    verdict is = verdict::ignore;
    wire::octets answer;  ///< RST to send back, with verdict::answer
};

/// port: ours; room: whether another connection can be taken. Nothing that arrives here ends anything.
[[nodiscard]] first_look_result first_look(const pdu&, std::uint16_t port, bool room);

}  // namespace ota::cat_tp
