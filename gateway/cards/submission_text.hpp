#pragma once

#include "gateway/cards/json.hpp"
#include "gateway/store/store.hpp"

#include <iosfwd>
#include <vector>

/// The short messages of a packet: which route took them, and what the receipts said.
namespace ota::cards {

/// A JSON array of {segment, sending, route, message_id, at[, receipt, receipt_at]}; segments and sendings from 1.
void put_submissions(json_writer&, const std::vector<store::submission_row>&);
/// A line each, indented.
void print_submissions(const std::vector<store::submission_row>&, std::ostream&);

}  // namespace ota::cards
