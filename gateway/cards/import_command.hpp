#pragma once

#include "gateway/cards/commands.hpp"

namespace ota::cards {

struct import_call {
    std::string config;
    std::string file;     ///< "-" is standard input
    std::string rejects;  ///< file for the lines about rejected rows; may be empty
    bool create_key = false, from_start = false, json = false;
};

[[nodiscard]] int perform_import(const import_call&, streams, const surroundings&);

}  // namespace ota::cards
