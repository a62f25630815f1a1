#pragma once

#include "gateway/profile/object_files.hpp"
#include "management-object/card_script.hpp"

/// How a card of a profile is brought from one content of a management object to the next: which commands go to which
/// files. Who sends them selects the files.
namespace ota {

/// What is known of a card (R19): confirmed by the control file, or read back just now, be it torn. The control file is always
/// needed: without it, it is read back first.
struct object_state {
    wire::octet_view image;  ///< of the file that the control file names; empty: not known, all of it is written
    wire::octet_view spare;  ///< of the other file of a pair; empty: not known
    management_object::control_file control;
};

/// Commands to one file, without its SELECT: UPDATE BINARY, or SET DATA of a BER-TLV file.
struct object_step {
    const node_binding* file = nullptr;  ///< of the profile
    std::vector<wire::octets> commands;
    bool operator==(const object_step&) const = default;
};

struct object_script {
    enum class way : std::uint8_t { patch, rewrite, paired, data_objects };
    way how = way::patch;
    std::vector<object_step> steps;  ///< in this order: the object, the directory when it moves, the control file last
    std::size_t octets = 0;          ///< of script, SELECT by path included
    std::size_t messages = 0;
    management_object::control_file after;  ///< confirmed when the last command answered 9000
};

/// The way that takes the fewest messages; the shorter script when they are equal. An object with two files is always
/// written into the one that is not in use. Nothing to do: no steps. `command_not_allowed` for a mirror, `not_found` when the
/// control file does not have the object, `size_mismatch` when the image is not as large as the file, `not_executed` for a
/// BER-TLV file whose content is not known: which objects would have to go?
[[nodiscard]] wire::result<object_script> plan_object(const card_profile&, const management_object_binding&, const object_state&,
                                                      wire::octet_view next, const management_object::message_count&);

/// What a read-back of the card says of the object: its entry, when the control file is whole and confirms this image.
[[nodiscard]] std::optional<management_object::control_entry> confirmed_entry(const management_object_binding&,
                                                                              wire::octet_view control, wire::octet_view image);

}  // namespace ota
