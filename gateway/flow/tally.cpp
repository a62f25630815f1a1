#include "gateway/flow/tally.hpp"

#include <charconv>

namespace ota::flow {

wire::result<std::int64_t> read_tally(store::transaction& tx, const char* name) {
    OTA_TRY(const auto kept, tx.value(name));
    std::int64_t n = 0;
    if (kept) std::from_chars(kept->data(), kept->data() + kept->size(), n);
    return n;
}

wire::result<void> add_to_tally(store::transaction& tx, const char* name, std::int64_t more) {
    if (more == 0) return BOOST_OUTCOME_V2_NAMESPACE::success();
    OTA_TRY(const auto so_far, read_tally(tx, name));
    return tx.set_value(name, std::to_string(so_far + more));
}

}  // namespace ota::flow
