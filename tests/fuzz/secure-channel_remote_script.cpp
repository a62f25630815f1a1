#include "secure-channel/remote_script.hpp"

#include <cstdlib>

using namespace ota;
using namespace ota::secure_channel;

/// | format 1 | octets |: as a script and as an answer; what parses must come back equal from what it serializes to.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* in, std::size_t size) {
    if (size == 0) return 0;
    const auto format = static_cast<script_format>(in[0] % 3);
    const wire::octet_view octets(in + 1, size - 1);
    if (const auto commands = parse_script(octets, format)) {
        const auto script = serialize_script(commands.value(), format);
        if (script) {
            const auto again = parse_script(script.value(), format);
            if (!again || again.value() != commands.value()) std::abort();
        }
    }
    if (const auto answer = parse_script_answer(octets, format)) {
        const auto text = serialize_script_answer(answer.value(), format);
        if (text) {
            const auto again = parse_script_answer(text.value(), format);
            if (!again || again.value() != answer.value()) std::abort();
        }
    }
    return 0;
}
