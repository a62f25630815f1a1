#pragma once

#include "gateway/cards/vault.hpp"
#include "gateway/profile/card_profile.hpp"
#include "gateway/store/store.hpp"

#include <functional>
#include <iosfwd>
#include <string>

namespace ota::cards {

/// What is wrong with a row. Never holds a key, nor any part of one.
struct row_fault {
    std::size_t row = 0;   ///< line of the file, from 1
    bool warning = false;  ///< told, and imported all the same
    std::string field;     ///< name of the column
    std::string what;
};

struct import_report {
    std::size_t rows = 0;     ///< data rows read (of this run)
    std::size_t added = 0;    ///< cards
    std::size_t changed = 0;  ///< known cards that got something new
    std::size_t unchanged = 0;
    std::size_t rejected = 0;  ///< rows
    std::size_t warnings = 0;
    std::size_t released = 0;    ///< parked events whose card came (R23)
    std::size_t resumed_at = 0;  ///< row after which this run went on; 0: from the front
};

/// What an import works with; everything outlives it.
struct import_parts {
    store::store& state;
    const profile_set& profiles;
    const secure_channel::key_encryption_key& kek;
    random_octets random;  ///< nonces: never the same twice
    std::function<store::wall_time()> now;
    std::function<void(const row_fault&)> on_fault;         ///< may be empty
    std::function<void(const import_report&)> on_progress;  ///< once a second; may be empty
    std::function<bool()> stopped;                          ///< asked between batches; may be empty
};

struct import_options {
    std::size_t batch = 5000;  ///< cards in one transaction
    /// Names the file's content. An import that was cut off goes on after its last transaction when the same content
    /// comes again; empty: always from the front.
    std::string fingerprint;
};

/// Imports cards from CSV text. The header names the columns, in any order:
///
///     iccid        18 to 20 digits, the filler F is removed (R21)
///     msisdn       digits, may be empty
///     profile      name of a configured profile
///     kvn          key version, 1 to 15; the first row of a card has the one that is used to send
///     kic_key      hexadecimal, as long as the profile's algorithm asks; empty when the profile never ciphers
///     kid_key      the same for the checksum
///     mac_length   4 or 8 octets of a CC; optional, 8
///     counter      highest replay counter used so far, decimal or 0x..; optional, 0
///     labels       key=value, several with ; (or , in quotes) between; optional
///
/// A card with several key versions has a row for each, one after the other. Importing a known card brings it to what
/// the rows say, but never lowers a counter (R3) and never drops a key version. A card with a bad row is rejected
/// whole. Importing the same text again changes nothing.
///
/// `errc::bad_header`, `errc::stopped` (what was done so far is kept), or the store's error.
[[nodiscard]] wire::result<import_report> import_cards(std::istream&, const import_parts&, const import_options& = {});

/// A name for the content of a file: 64 hexadecimal digits. The stream is left at its end.
[[nodiscard]] std::string fingerprint_of(std::istream&);

}  // namespace ota::cards
