#pragma once

#include "management-object/dm_content.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

/// What the owner of a session has a device do, and what came of it.
namespace ota::dm {

/// One command on one node.
struct step {
    management_object::dm::verb what = management_object::dm::verb::get;
    std::string target;  ///< address, for Get with ?prop= or ?list= if wanted; for Copy: where to
    std::string source;  ///< Copy only: where from
    management_object::node_format format = management_object::node_format::chr;
    std::string type = "text/plain";
    std::optional<std::string>
        value;  ///< octets; of Replace, Add and Exec. None for Add: an interior node of format `node`
    std::optional<management_object::tnds_document> tree;  ///< of Add and Replace, in place of a value
    std::string correlator;                                ///< of Exec; comes back in the generic alert
};

enum class grouping : std::uint8_t { single, sequence, atomic };

/// Steps that go together: `single` has one, the others fit into one message of the device's size.
struct order {
    std::uint64_t id = 0;  ///< the owner's
    grouping as = grouping::single;
    std::vector<step> steps;
};

/// What came of a step: a status code of DM 1.2, and what a Get read (values decoded with management_object::dm).
struct step_answer {
    std::uint16_t code = 0;  ///< 0: the device told none
    std::vector<management_object::dm::item> items;
};

struct order_answer {
    std::uint64_t id = 0;
    /// Of the group, or of the single step. 0: none told. Of our own making: 413 does not fit the device's limits,
    /// 400 cannot be said in a message, 424 or 412 the object that was read came incomplete.
    std::uint16_t code = 0;
    std::vector<step_answer> steps;
};

}  // namespace ota::dm
