#pragma once

#include "gateway/campaigns/progress.hpp"
#include "gateway/flow/twin.hpp"
#include "gateway/store/store.hpp"

/// Campaigns in the store, as named values: an older program leaves them alone, and `store copy` takes them along.
///     campaign/NAME             the record: how far it came
///     campaign-order/NAME       the document, without value and list; never changed
///     campaign-value/NAME       the value that every card gets, wrapped under the key-encryption key (R24),
///     hexadecimal campaign-cards/NAME/N     what became of cards 500 N to 500 N + 499, in the order of ICCIDs
namespace ota::campaigns {

inline constexpr std::string_view value_prefix = "campaign-value/";

/// Everything of a new campaign. `errc::name_taken`.
[[nodiscard]] wire::result<void> create(store::transaction&, const campaign&, const std::string& created_by,
                                        wall_time now, const flow::guard&);

struct record {
    std::string name;
    campaigns::progress progress;
};
/// By name. One that cannot be read is `unreadable`.
[[nodiscard]] wire::result<std::vector<record>> list(store::transaction&);
/// `errc::unknown_campaign`. The record is locked in this transaction (R5).
[[nodiscard]] wire::result<progress> find_progress(store::transaction&, const std::string& name);
/// Without its list of cards.
[[nodiscard]] wire::result<campaign> find_campaign(store::transaction&, const std::string& name, const flow::guard&);
/// Compare-and-set: `errc::moved` when the stored record is another than this one was read from.
[[nodiscard]] wire::result<void> save(store::transaction&, const std::string& name, progress&);

[[nodiscard]] wire::result<chunk> find_chunk(store::transaction&, const std::string& name, std::size_t number);
[[nodiscard]] wire::result<void> save_chunk(store::transaction&, const std::string& name, std::size_t number,
                                            const chunk&);

/// `errc::not_over`, `errc::remembered` until `retention` after its end.
[[nodiscard]] wire::result<void> forget(store::transaction&, const std::string& name, wall_time now,
                                        std::chrono::milliseconds retention);

}  // namespace ota::campaigns
