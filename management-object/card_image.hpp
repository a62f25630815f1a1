#pragma once

#include "management-object/slotted.hpp"
#include "management-object/tnds.hpp"
#include "management-object/tree.hpp"

/// A management object as the octets of one file of a card: a TNDS document in WBXML, then FF up to the size of the
/// file. A file of nothing but FF holds no object. Failures are `dm_status` where a DM session would answer so,
/// `document_errc` where the file itself cannot be read.
namespace ota::management_object {

/// The form in which a new layout is made. The first two are plain WBXML for whoever reads.
enum class image_layout : std::uint8_t {
    slotted,  ///< values have slots: a change writes only its slot (slotted.hpp)
    plain,    ///< shortest
    ber_tlv,  ///< of a BER-TLV file, an object for each value (tlv_layout.hpp)
};

struct image_form {
    std::size_t size = 0;  ///< octets of the file
    image_layout layout = image_layout::slotted;
    slot_sizes slots;
};

/// The file's octets for an object that stands at `at` (its last name and value are the top node's). A slotted layout
/// that is too large gives up slack first, then its slots. `device_full` when not even the shortest form fits.
[[nodiscard]] wire::result<wire::octets> make_image(const node& top, const uri& at, const image_form&);
[[nodiscard]] wire::octets empty_image(std::size_t size);

/// The object in the file, whatever its layout, or nothing when it holds none. `other_structure` when there is more
/// than one.
[[nodiscard]] wire::result<std::optional<placed_node>> read_image(wire::octet_view image);

/// A command on a node of an object. Addresses are relative to the object's own node, which has the empty one.
struct node_change {
    enum class verb : std::uint8_t { add, replace, remove, copy };
    verb what = verb::replace;
    uri at;
    node_format format = node_format::chr;  ///< add: of the new node; `node` makes an interior one
    std::string type;                       ///< add: MIME type, or the identifier of an interior node
    std::string value;                      ///< octets, decoded
    std::optional<node> subtree;            ///< add, replace: a whole tree in place of a value
    uri from;                               ///< copy: what is copied to `at`
};

/// Applies the command to the object's tree, as DM 1.2 defines it: 404, 405, 414, 415, 418, ... (tree.hpp). Nothing: no
/// object. A subtree that replaces keeps the name of what it replaces; replacing the topmost node makes a missing
/// object.
[[nodiscard]] wire::result<void> apply(std::optional<node>& top, const node_change&, const uri& at,
                                       const editing& = {});

/// The image after the command: in the layout that it has when that holds it, so that little changes, else in a new
/// one. Removing the topmost node leaves an empty image.
[[nodiscard]] wire::result<wire::octets> change_image(wire::octet_view image, const node_change&, const uri& object,
                                                      const image_form&, const editing& = {});
/// The image for this tree, in the old image's layout when that holds it.
[[nodiscard]] wire::result<wire::octets> replace_image(wire::octet_view image, const node& top, const uri& object,
                                                       const image_form&);
/// The value of a leaf, or the names below an interior node joined by "/". 404.
[[nodiscard]] wire::result<std::string> get_from_image(wire::octet_view image, const uri& relative,
                                                       const editing& = {});

}  // namespace ota::management_object
