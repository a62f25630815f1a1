#pragma once

#include "sandbox/network.hpp"

#include <sys/types.h>

#include <string>

namespace ota::sandbox {

/// A foreign program in the cards' place. It reads one line per SMS-DELIVER from its standard input and answers each
/// with one line on its standard output:
///     <MSISDN> <user data in hex>
///     <user data of the deliver report in hex, or -> [<user data of a message that the card sends, in hex> ...]
/// An answer that is `!` refuses the message. When the program ends, every card is out of reach.
class external_network final : public network {
public:
    external_network() = default;
    external_network(const external_network&) = delete;
    external_network& operator=(const external_network&) = delete;
    ~external_network() override;

    /// Starts the program (a command for the shell); false with `error` filled when that fails.
    [[nodiscard]] bool start(const std::string& command, std::string& error);
    sms_report deliver(const sms_deliver&) override;

private:
    [[nodiscard]] bool send(std::string_view line);
    [[nodiscard]] bool receive(std::string& line);

    pid_t process_ = -1;
    int to_ = -1;
    int from_ = -1;
    std::string received_;
};

/// One line of the program's answer; nothing when it does not keep to the form.
[[nodiscard]] std::optional<sms_report> parse_external_answer(std::string_view line);

}  // namespace ota::sandbox
