#include "sandbox/uicc/sms_download.hpp"
#include "sandbox/uicc/toolkit.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>

using namespace ota;
using namespace ota::sandbox;

namespace {

void require(bool holds) {
    if (!holds) std::abort();
}

}  // namespace

/// What a terminal may say to a card: read without harm, and a message that was read is written and read again.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const wire::octet_view in(data, size);
    if (const auto read = parse_download(in)) require(parse_download(serialize_download(*read)) == read);
    if (const auto read = parse_submit(in))
        require(parse_submit(serialize_submit(read->sender, read->user_data)) == read);
    toolkit asking;
    asking.on_terminal_profile(in, true);
    for (int command = 0; command < 3 && asking.fetch(); ++command)
        if (!asking.on_terminal_response(in)) break;
    require(asking.facts().imei.empty() || asking.facts().imei.size() == 15);
    return 0;
}
