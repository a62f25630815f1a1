#pragma once

#include "management-object/card_image.hpp"
#include "sandbox/explorer/card_dialogue.hpp"
#include "sandbox/explorer/explored_card.hpp"
#include "sandbox/uicc/object_reader.hpp"

#include <iosfwd>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ota::sandbox {

/// A person's hand on a card: one line after the other, answered with text. What a reader could do is done by APDUs;
/// `tree` alone looks into the card.
class card_explorer {
public:
    enum class outcome : std::uint8_t { good, failed, wrong_usage, ended };

    /// out: answers; err: complaints. The card outlives this.
    card_explorer(explored_card& card, std::ostream& out, std::ostream& err);

    /// Commands separated by ';'. Stops at the first that is not good. An empty line is good.
    outcome run(std::string_view line);
    [[nodiscard]] static std::string help();

private:
    using words = std::span<const std::string>;
    struct command {
        std::string_view name, arguments, what;
        std::size_t least, most;  ///< words behind the name
        outcome (card_explorer::*run)(words);
    };
    static std::span<const command> commands();

    outcome run_one(std::string_view);
    outcome complain(const std::string& why, outcome = outcome::failed);

    // The card as files.
    outcome tree(words);
    outcome select(words);
    outcome read(words);
    outcome records(words);
    outcome apdu(words);
    outcome pin(words);
    outcome reset(words);
    // The card as management objects.
    outcome objects(words);
    outcome show(words);
    outcome xml(words);
    outcome device(words);
    outcome tell_help(words);
    outcome quit(words);

    /// The objects, read by APDUs in another terminal, after the PIN when it is known; complains when there is no
    /// directory.
    [[nodiscard]] std::optional<objects_on_card> look();
    /// The object that is named by address, label or file; complains when there is none, or it cannot be read.
    [[nodiscard]] std::optional<management_object::placed_node> find_object(words name);
    /// What the card writes of its device is not in the directory.
    [[nodiscard]] std::optional<wire::octets> read_mirror(const std::string& name);

    explored_card& card_;
    std::ostream& out_;
    std::ostream& err_;
    card_dialogue dialogue_;
    std::string pin_;  ///< that was right, until the power goes
};

}  // namespace ota::sandbox
