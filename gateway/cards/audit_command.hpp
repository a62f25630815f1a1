#pragma once

#include "gateway/cards/commands.hpp"
#include "gateway/cards/desk.hpp"

/// `otagw cards audit`: asks, shows progress, and prints what was found.
namespace ota::cards {

struct audit_call {
    bool repair = false, last = false, json = false;
    unsigned wait = 3600;  ///< seconds
};

/// Exit code: 0 the card holds what it should (or, with --wait 0, the audit was asked for), 1 it does not, or nothing
/// was found out.
[[nodiscard]] int perform_audit(const audit_call&, const std::string& iccid, streams, const desk&);

}  // namespace ota::cards
