#pragma once

#include "sandbox/uicc/file_store.hpp"

#include <optional>
#include <string_view>

namespace ota::sandbox {

/// The files of one card as it has them now: the tree that all cards share, with what this card changed.
class card_files {
public:
    card_files(const file_tree& tree, file_store& store, std::string_view iccid) noexcept
        : tree_(tree), store_(store), iccid_(iccid) {}

    /// Properties that no card changes: kind, place, access.
    [[nodiscard]] const file& at(file_id id) const noexcept { return tree_.at(id); }
    [[nodiscard]] std::uint16_t identifier(file_id) const noexcept;
    /// Octets of the file, or of one record.
    [[nodiscard]] std::size_t size(file_id) const noexcept;
    [[nodiscard]] std::optional<file_id> child(file_id directory, std::uint16_t identifier) const noexcept;
    [[nodiscard]] std::optional<file_id> application(wire::octet_view partial_aid) const noexcept {
        return tree_.application(partial_aid);
    }

    /// Of the file that the slot belongs to, from below the MF on. Empty: none.
    [[nodiscard]] std::vector<std::uint16_t> path_of(slot_id) const;
    /// It was not deleted, and the place is not empty.
    [[nodiscard]] bool exists(file_id) const noexcept;

    [[nodiscard]] wire::octets content(slot_id) const;
    void write(slot_id, std::size_t offset, wire::octet_view);

    [[nodiscard]] bool deactivated(file_id id) const noexcept { return store_.deactivated(tree_, id); }
    void set_deactivated(file_id id, bool on) { store_.set_deactivated(tree_, id, on); }

    /// A transparent file full of FF. Nothing when the directory has no place left.
    [[nodiscard]] std::optional<file_id> create(file_id directory, std::uint16_t identifier, std::size_t size);
    void remove(file_id);
    /// Cuts the content, or fills it up with FF.
    void resize(file_id, std::size_t size);

private:
    const file_tree& tree_;
    file_store& store_;
    std::string_view iccid_;
};

}  // namespace ota::sandbox
