#pragma once

#include "gateway/cards/desk.hpp"

#include <iosfwd>
#include <optional>
#include <string>
#include <utility>
#include <vector>

/// Everything that may be shown of a card. No key, and no value of a node without Get access, is in it (R24).
namespace ota::cards {

/// A node's image: its size and the first 8 octets of its SHA-256. Of a secret node the digest is left out: a short
/// secret can be found by trying.
struct image_sheet {
    std::size_t size = 0;
    std::string digest;
    store::event_seq version = 0;
};

struct node_sheet {
    std::string uri;
    bool secret = false, wanted = false, confirmed = false;
    bool in_step = false;  ///< the card is proven to hold what is desired
    flow::presence there = flow::presence::unknown;
    image_sheet desired, reported;
    std::optional<std::int64_t> revision;
    std::string blocked;
    flow::device_view device;  ///< what the device that has the card said of a management object
};

struct open_event_sheet {
    store::event_row row;  ///< only `seq` and `op` when the row is gone
    std::string phase;     ///< phase_of
    store::wall_time not_before{}, expires_at{};
    unsigned attempts = 0;
};

struct card_sheet {
    store::card_row row;      ///< without keys and twin
    bool configured = false;  ///< its profile is
    bool keys_readable = false;
    std::vector<std::pair<unsigned, unsigned>> keys;  ///< version, octets of a CC; the first is used to send
    std::vector<std::pair<std::string, std::uint64_t>>
        counters;  ///< "key version 1" or "TAR b00011", highest value used
    std::vector<node_sheet> nodes;
    std::vector<open_event_sheet> events;
    std::optional<flow::packet> in_flight, unknown, reserved;  ///< without their octets
    flow::twin state;                                          ///< for what is not above; images and packets removed
    std::optional<std::string> paused;                         ///< why its profile is
};

[[nodiscard]] node_sheet sheet_of(const flow::node_state&);

/// "waiting", "in-flight", "deferred"; of an Exec that a DM session runs "waits-for-session", "told-to-device" or
/// "accepted-by-device".
[[nodiscard]] std::string_view phase_of(const flow::twin&, const flow::open_event&);
/// "incorporated", "declined", "purged", "unconfirmed".
[[nodiscard]] std::string_view name_of(flow::device_word) noexcept;

/// `errc::unknown_card`, `errc::unreadable_card`, or the store's error.
[[nodiscard]] wire::result<card_sheet> look_up(const desk&, const std::string& iccid);
/// The card that has the number now. `errc::unknown_card` when none has.
[[nodiscard]] wire::result<std::string> holder_of(const desk&, const std::string& msisdn);
/// Cards that pass the filter, in the order of ICCIDs; keys and twins left out.
[[nodiscard]] wire::result<std::vector<store::card_row>> list(const desk&, const store::card_filter&);
/// The same, but looks at so many cards at most: a filter that fits few of a million must not keep its caller.
struct card_page {
    std::vector<store::card_row> cards;
    std::string next;  ///< ICCID that the next page goes on behind; empty: there are no more
};
[[nodiscard]] wire::result<card_page> list_page(const desk&, const store::card_filter&, std::size_t most_looked_at);

[[nodiscard]] std::string serialize_sheet(const card_sheet&);  ///< one JSON object
void print_sheet(const card_sheet&, std::ostream&);
[[nodiscard]] std::string serialize_row(const store::card_row&);  ///< one JSON object
class json_writer;
void put_node(json_writer&, const node_sheet&);  ///< the members of a node's object

}  // namespace ota::cards
