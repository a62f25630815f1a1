#pragma once

#include "management-object/element.hpp"
#include "secure-channel/wire/octets.hpp"

#include <vector>

/// TNDS as WBXML in a layout that keeps still: one value changes with one small patch of the file that holds it.
///
/// Every Value (and VerNo, TStamp) is a reference into the string table, where its text has a slot of fixed size,
/// padded with NUL; every reference and the table's length have the same width whatever they say. The result is plain
/// WBXML 1.3, which any reader reads: octets of the table that nothing refers to are allowed (WBXML 1.3, clause 5.7).
///     | 03 | 00 00 | 6A | length, 2 or 3 | public id 00 | strings used twice or more | slot | slot | .. | body |
namespace ota::management_object {

struct slot_sizes {
    std::size_t least = 16;  ///< octets of a Value's slot at least
    std::size_t slack = 4;   ///< octets that a value may grow by at least
    std::size_t round = 8;   ///< a slot is a multiple of this
};

/// The place of one text, its NUL included.
struct slot {
    std::size_t offset = 0;    ///< from the start of the document
    std::size_t capacity = 0;  ///< octets; the text may have one less
    auto operator<=>(const slot&) const = default;
};

/// A new layout for this document. Errors: `not_text` when a slot's text holds NUL or is opaque, `unknown_document`
/// when the root is no MgmtTree, `unexpected_element` when a name is none of a code page, `too_large` beyond 2 MB of
/// strings.
[[nodiscard]] wire::result<wire::octets> serialize_slotted(const element&, const slot_sizes& = {});

/// The slots of a document in document order: one for each Value, VerNo and TStamp. `other_structure` when one of them
/// is not a reference of its own into the table, that is, when the document is not slotted.
[[nodiscard]] parsed<std::vector<slot>> slots_of(wire::octet_view document);

/// The document with the texts of `root`, in the layout that it has: as long as before, and different only in the slots
/// of the texts that changed. `slot_overflow` when a text outgrew its slot, `other_structure` when anything but the
/// texts of slots differs; then `serialize_slotted` makes a new layout.
[[nodiscard]] wire::result<wire::octets> update_slotted(wire::octet_view document, const element& root);

}  // namespace ota::management_object
