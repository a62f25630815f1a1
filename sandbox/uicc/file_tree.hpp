#pragma once

#include "gateway/profile/card_profile.hpp"
#include "secure-channel/wire/octets.hpp"

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

/// The files that all cards of a profile have in common: where they are, how large, who may do what, and what they hold
/// when the card leaves the factory. One tree serves every card; a card keeps only what differs (file_store).
namespace ota::sandbox {

using file_id = std::uint16_t;  ///< index into the tree; the MF is 0
using slot_id = std::uint16_t;  ///< a transparent file, or one record of a linear fixed one

inline constexpr std::uint16_t master_file = 0x3F00;
inline constexpr std::uint16_t current_application = 0x7FFF;  ///< [TS 102 221, 8.4.1]

struct file {
    std::uint16_t identifier = 0;
    file_id parent = 0;
    bool directory = false;
    bool application = false;  ///< an ADF
    file_structure structure = file_structure::transparent;
    std::size_t size = 0;  ///< octets of the file, or of one record
    std::uint8_t records = 1;
    slot_id first_slot = 0;  ///< records follow one another
    bool readable = true;    ///< access conditions over the air: allowed or never
    bool writable = true;
    bool terminal_writable = false;  ///< by the terminal or its user, after the PIN where one is asked
    bool pin = false;                ///< the terminal reads it after the PIN of who holds the card
    bool resizable = false;          ///< may be resized and deleted over the air
    bool spare = false;              ///< no file yet: a place where a card may create one
    wire::octets aid;                ///< by which it can be selected
};

class file_tree {
public:
    explicit file_tree(const card_profile&);

    [[nodiscard]] const file& at(file_id id) const noexcept { return files_[id]; }
    [[nodiscard]] std::size_t size() const noexcept { return files_.size(); }
    [[nodiscard]] std::optional<file_id> child(file_id directory, std::uint16_t identifier) const noexcept;
    /// Identifiers from below the MF on.
    [[nodiscard]] std::optional<file_id> find(const std::vector<std::uint16_t>& path) const noexcept;
    /// The first ADF whose AID begins so.
    [[nodiscard]] std::optional<file_id> application(wire::octet_view partial_aid) const noexcept;

    [[nodiscard]] std::size_t slots() const noexcept { return initial_.size(); }
    [[nodiscard]] const wire::octets& initial(slot_id slot) const noexcept { return initial_[slot]; }
    /// EF.ICCID, whose content differs from card to card.
    [[nodiscard]] slot_id iccid_slot() const noexcept { return iccid_slot_; }
    /// Places where a card may create files.
    [[nodiscard]] const std::vector<file_id>& spare_places() const noexcept { return spare_places_; }
    /// As `initial`, for one card.
    [[nodiscard]] wire::octets factory_content(slot_id, std::string_view iccid) const;
    /// The slot that a node of the profile is.
    [[nodiscard]] std::optional<slot_id> slot_of(const node_binding&) const noexcept;

private:
    file_id make_directory(file_id parent, std::uint16_t identifier);
    file_id make_directories(const std::vector<std::uint16_t>& path, std::size_t depth);
    file_id make_file(file_id parent, file);
    void add_node(const node_binding&);
    void add_directory_records(const card_profile&);
    void add_management_objects(const card_profile&);
    file_id add_object_file(const node_binding&, wire::octets content);

    std::vector<file> files_;
    std::vector<wire::octets> initial_;  ///< by slot
    std::vector<file_id> spare_places_;
    slot_id iccid_slot_ = 0;
    std::optional<slot_id> token_slot_;  ///< EF.TokenInfo
};

}  // namespace ota::sandbox
