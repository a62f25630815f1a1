#pragma once

#include "gateway/store/store.hpp"

/// The parts of a row that never change after it was written, as one octet string: SQLite then handles a few columns
/// instead of a dozen. Integers are big endian; a text is two octets of length (four for the keys) and its octets.
namespace ota::store::sqlite {

/// id | iccid | msisdn | since | profile | labels | sealed keys
[[nodiscard]] wire::result<wire::octets> pack(const card_row&);
/// Fills those fields of the row.
[[nodiscard]] wire::result<void> unpack(wire::octet_view, card_row&);

/// source | id | card | previous | op | content hash | revision? | node | subject | traceparent
[[nodiscard]] wire::result<wire::octets> pack(const event_row&);
[[nodiscard]] wire::result<void> unpack(wire::octet_view, event_row&);

/// Whether the packed event has this source and id, without unpacking it.
[[nodiscard]] bool has_key(wire::octet_view packed, const event_key&);

}  // namespace ota::store::sqlite
