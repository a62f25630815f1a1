#pragma once

#include "management-object/ddf.hpp"
#include "management-object/dm_content.hpp"
#include "management-object/tree.hpp"

#include <functional>

/// What a DM command does to the device's tree.
namespace ota::sandbox {

/// A change that a server made, for whoever must act on it (or owns the node: the card).
struct dm_change {
    management_object::dm::verb what = management_object::dm::verb::replace;
    management_object::uri node;
    auto operator<=>(const dm_change&) const = default;
};

struct dm_tree_settings {
    std::string server;  ///< its identifier, as access control lists name it
    management_object::uri_limits limits;
    std::size_t capacity = 1024 * 1024;  ///< octets of all values together; beyond: 420
    /// What the device itself forbids (permanent nodes, AccessType), whatever the lists say: the status, or nothing.
    std::function<std::optional<management_object::dm_status>(const management_object::uri&,
                                                              management_object::ddf::command)>
        forbids;
    /// Runs what an Exec starts: 200, 202 when a generic alert follows, or an error. None: nothing can be executed.
    std::function<std::uint16_t(const management_object::uri&, const std::string& correlator, const std::string& data)>
        exec;
    std::function<std::string()> tstamp;  ///< "YYYYMMDDThhmmssZ"; none: nodes keep theirs
};

/// What came of one item of a command.
struct dm_item_outcome {
    std::uint16_t code = 200;
    std::vector<management_object::dm::item> read;  ///< of a Get
};

class dm_tree {
public:
    dm_tree(management_object::node& root, dm_tree_settings s) : root_(root), settings_(std::move(s)) {}

    [[nodiscard]] dm_item_outcome run(const management_object::dm::operation&, const management_object::dm::item&,
                                      management_object::dm::encoding);

    [[nodiscard]] const management_object::node& root() const noexcept { return root_; }
    [[nodiscard]] std::vector<dm_change> take_changes() { return std::exchange(changes_, {}); }

    /// For all or nothing: the tree and its changes as they are, to come back to.
    struct memory {
        management_object::node tree;
        std::size_t changes = 0;
    };
    [[nodiscard]] memory remember() const { return {root_, changes_.size()}; }
    void go_back(memory m);

private:
    using status = management_object::dm_status;
    [[nodiscard]] status get(const management_object::dm::item&, management_object::dm::encoding,
                             std::vector<management_object::dm::item>& read) const;
    [[nodiscard]] status list(const management_object::target&, management_object::dm::encoding,
                              std::vector<management_object::dm::item>& read) const;
    [[nodiscard]] status add(const management_object::dm::operation&, const management_object::dm::item&);
    [[nodiscard]] status add_document(const management_object::target&, const management_object::dm::item&);
    [[nodiscard]] status replace(const management_object::dm::operation&, const management_object::dm::item&);
    [[nodiscard]] status remove(const management_object::dm::item&);
    [[nodiscard]] status copy(const management_object::dm::item&);
    [[nodiscard]] std::uint16_t exec(const management_object::dm::operation&, const management_object::dm::item&);

    [[nodiscard]] wire::result<management_object::target> address(
        const std::optional<management_object::dm::location>&) const;
    [[nodiscard]] bool may(const management_object::uri&, management_object::access) const;
    [[nodiscard]] std::optional<status> forbidden(const management_object::uri&, management_object::ddf::command) const;
    [[nodiscard]] bool has_room_for(std::size_t octets) const;
    [[nodiscard]] status done(management_object::dm::verb, const management_object::uri&);

    management_object::node& root_;
    dm_tree_settings settings_;
    std::vector<dm_change> changes_;
    std::string now_;
};

}  // namespace ota::sandbox
