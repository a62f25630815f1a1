#pragma once

#include "sandbox/device/dm_client_tree.hpp"

#include <deque>

/// Runs the commands of one server message and makes the Status and Results for them.
namespace ota::sandbox {

/// Answers that wait for a message; their command numbers are given when they go.
using dm_answers = std::deque<management_object::dm::command>;

class dm_commands {
public:
    /// `largest`: octets of an object put together from chunks (MaxObjSize).
    dm_commands(dm_tree& tree, std::size_t largest) : tree_(tree), largest_(largest) {}

    struct context {
        std::uint32_t msg_ref = 0;
        management_object::dm::encoding as = management_object::dm::encoding::xml;
        std::size_t room = 0;    ///< octets that the answers of an Atomic may take
        std::size_t object = 0;  ///< octets of one value read; 0: any
    };
    void run(const management_object::dm::command&, const context&, dm_answers&);
    /// The same Status for the command and all within, nothing done: the server did not prove who it is.
    static void refuse(const management_object::dm::command&, std::uint32_t msg_ref, std::uint16_t code, dm_answers&);
    /// A chunk was taken and others must follow.
    [[nodiscard]] bool mid_object() const noexcept { return object_.has_value(); }

private:
    void run_operation(const management_object::dm::operation&, const context&, dm_answers&);
    void run_sequence(const management_object::dm::group&, const context&, dm_answers&);
    void run_atomic(const management_object::dm::group&, const context&, dm_answers&);
    /// The item whole, or the status of what is missing.
    [[nodiscard]] std::optional<std::uint16_t> gather(const management_object::dm::operation&,
                                                      management_object::dm::item&, dm_answers&);
    void missing_end(dm_answers&);

    struct object {
        management_object::dm::verb what{};
        std::string address;
        management_object::dm::item so_far;
        std::uint32_t size = 0;
    };
    dm_tree& tree_;
    std::size_t largest_;
    std::optional<object> object_;
};

}  // namespace ota::sandbox
