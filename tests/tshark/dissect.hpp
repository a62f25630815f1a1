#pragma once

#include "secure-channel/wire/octets.hpp"

#include <map>
#include <span>
#include <string>
#include <vector>

/// Octets of ours as Wireshark's dissectors read them. Nothing comes back where tshark or text2pcap cannot be run: a
/// test asserts on the number of rows, so that it fails then.
namespace ota::tshark {

/// By name of the field; a field that the frame does not have is empty, several values stand behind commas.
using row = std::map<std::string, std::string>;

struct carriage {
    std::string ports;    ///< of text2pcap: `-u 40000,9000` for UDP, `-T 40000,2775` for TCP
    std::string options;  ///< of tshark: what is decoded as what
};

/// A row per frame.
[[nodiscard]] std::vector<row> dissect(const std::vector<wire::octets>& frames, const carriage&,
                                       std::span<const char* const> fields);

/// All that tshark says of the frames, a line each, without white space in front.
[[nodiscard]] std::vector<std::string> describe(const std::vector<wire::octets>& frames, const carriage&);

}  // namespace ota::tshark
