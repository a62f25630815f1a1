#include "gateway/flow/oldest_open.hpp"

#include <algorithm>
#include <charconv>

namespace ota::flow {

namespace {

constexpr std::size_t most_rows = 20'000;  ///< of a look, some milliseconds: as many as a gateway finishes in a second
constexpr auto clocks_differ = std::chrono::seconds(5);
constexpr auto keep_interval = std::chrono::minutes(1);

}  // namespace

wire::result<void> oldest_open::look(store::transaction& tx, wall_time now) {
    if (!begun_) {
        OTA_TRY(const auto kept, tx.values(mark_name));  // `value` would lock it
        if (!kept.empty())
            std::from_chars(kept.front().second.data(), kept.front().second.data() + kept.front().second.size(), kept_);
        from_ = kept_;
        begun_ = true;
    }
    OTA_TRY(const auto found, tx.first_open(from_, most_rows));
    using verdict = store::open_search::verdict;
    accepted_at_ = found.is == verdict::none ? std::nullopt : std::optional(found.accepted_at);
    if (found.seq == 0) return BOOST_OUTCOME_V2_NAMESPACE::success();
    const auto next = found.is == verdict::open ? found.seq : found.seq + 1;
    from_ = std::max(from_, others_ ? std::min(next, store::id_source::first_at(now - clocks_differ)) : next);
    return BOOST_OUTCOME_V2_NAMESPACE::success();
}

std::optional<store::event_seq> oldest_open::mark_to_keep(wall_time now) noexcept {
    if (now < keep_at_ || from_ == kept_) return std::nullopt;
    keep_at_ = now + keep_interval;
    kept_ = from_;
    return kept_;
}

}  // namespace ota::flow
