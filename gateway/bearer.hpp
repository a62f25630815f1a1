#pragma once

#include "secure-channel/wire/octets.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

/// What the corridor and a bearer say to each other. SMS today; the octets of a packet never change bearer (R7).
namespace ota::bearer {

using wall_time = std::chrono::sys_time<std::chrono::milliseconds>;

/// Names one segment of one recorded packet. Opaque to the bearer.
struct submission_id {
    std::int64_t packet = 0;
    std::int64_t card = 0;
    std::uint8_t segment = 0;  ///< from 0
    std::uint8_t attempt = 0;
    auto operator<=>(const submission_id&) const = default;
};

/// Whom a short message is for: the card (SIM data download, as the route says), or the terminal itself (8-bit data to
/// a port).
enum class addressee : std::uint8_t { card, terminal };

/// One short message to send.
struct submission {
    submission_id id;
    std::string destination;   ///< MSISDN, digits
    wire::octets user_data;    ///< from UDHL on, at most 140 octets
    wall_time expires;         ///< end of the validity period
    std::int8_t priority = 0;  ///< higher goes first within a route
    addressee to = addressee::card;
};

enum class submit_outcome : std::uint8_t {
    accepted,
    temporary,  ///< retry later, same octets
    permanent,  ///< this message will never be taken
    unknown,    ///< no answer: it may have been taken
    no_route,   ///< no route serves the destination
    not_sent,   ///< handed back unsent: shutdown, or expired in the route's own queue
    elsewhere,  ///< handed back unsent: this instance has no bind of the route now, another one has
};

struct submitted {
    submission_id id;
    submit_outcome outcome = submit_outcome::accepted;
    std::string route;
    std::string message_id;  ///< normalised by the route's id form; may be empty
    std::uint32_t command_status = 0;
};

enum class receipt_state : std::uint8_t {
    enroute,
    delivered,
    expired,
    deleted,
    undeliverable,
    accepted,
    unknown,
    rejected
};

/// A delivery receipt: a hint (R8).
struct receipt {
    std::string source;      ///< MSISDN that it is about, digits
    std::string message_id;  ///< normalised as in `submitted`
    receipt_state state = receipt_state::unknown;
    std::uint32_t network_error = 0;
    wire::octets user_data;  ///< a response packet that rode in the receipt, from UDHL on, if any
};

/// A mobile-originated message or deliver report with a user data header: perhaps (a part of) a proof of receipt.
struct inbound_message {
    std::string source;      ///< MSISDN, digits
    wire::octets user_data;  ///< from UDHL on
};

/// Something arrived and waits for its answer: `answer(token, ..)` after the commit of what it changed (R4).
struct delivered {
    std::uint64_t token = 0;
    std::string route;
    std::variant<receipt, inbound_message> what;
};

/// What the corridor needs of a bearer. All calls are thread-safe and never block.
class sender {
public:
    virtual ~sender() = default;
    /// Each submission is answered by exactly one `submitted`.
    virtual void submit(std::vector<submission>) = 0;
    /// Whether this instance is one that sends there; if not, `submit` would hand it back as `elsewhere`.
    [[nodiscard]] virtual bool serves(std::string_view /*destination*/) const { return true; }
    /// Nowhere at all: what is due is left to other instances.
    [[nodiscard]] virtual bool serves_nobody() const { return false; }
    /// accepted = false asks the peer to deliver again later (ESME_RX_T_APPN, 0x64).
    virtual void answer(const std::vector<std::uint64_t>& tokens, bool accepted) = 0;
};

/// What a bearer tells. Called from the bearer's thread; must not block.
class observer {
public:
    virtual ~observer() = default;
    virtual void on_submitted(std::vector<submitted>) = 0;
    virtual void on_delivered(std::vector<delivered>) = 0;
};

}  // namespace ota::bearer
