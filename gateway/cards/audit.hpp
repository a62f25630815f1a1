#pragma once

#include "gateway/cards/desk.hpp"

#include <iosfwd>
#include <optional>
#include <string>
#include <vector>

/// What is really on a card, beside what the gateway thinks of it (flow/audit.hpp). Values of secret nodes are left out
/// (R24).
namespace ota::cards {

/// A leaf whose value is not the same everywhere. Nothing: the object has no such leaf there, or it is not known.
struct leaf_difference {
    std::string address;
    bool secret = false;  ///< then the values are empty
    std::optional<std::string> there, reported, desired;
};

struct audited_sheet {
    enum class finding : std::uint8_t { as_reported, differs, not_known_before, refused, torn };
    std::string uri;    ///< of the node; of the files around the objects "directory" and "control file"
    std::string label;  ///< of a management object
    std::string file;   ///< path, in hexadecimal
    finding found = finding::as_reported;
    bool as_desired = true;                   ///< or nothing is desired there
    std::uint16_t refusal = 0;                ///< status word
    std::size_t octets = 0;                   ///< that were read
    std::optional<std::uint16_t> generation;  ///< of an object, as the card's control file tells it
    std::vector<leaf_difference> differences;
};

struct audit_sheet {
    flow::card_audit::phase is = flow::card_audit::phase::asked;
    bool repair = false;
    std::string why;   ///< of a failure
    std::string hold;  ///< the card is suspended or in quarantine: nothing is sent to it
    std::size_t files = 0, read = 0;
    std::vector<audited_sheet> sheets;          ///< when it is done
    [[nodiscard]] bool clean() const noexcept;  ///< all is as reported, and as desired
};

/// The gateway reads the card as soon as it has nothing else to do. `errc::unknown_card`, `errc::card_is_replaced`.
[[nodiscard]] wire::result<void> ask_for_audit(const desk&, const std::string& iccid, bool repair);
/// How it stands. Nothing: none was asked for.
[[nodiscard]] wire::result<std::optional<audit_sheet>> look_at_audit(const desk&, const std::string& iccid);

[[nodiscard]] std::string serialize_audit(const audit_sheet&, const std::string& iccid);  ///< one JSON object
void print_audit(const audit_sheet&, std::ostream&);

}  // namespace ota::cards
