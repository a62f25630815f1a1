#include "tests/store/conformance.hpp"
#include "tests/store/sqlite_home.hpp"

namespace ota::store {

namespace {

class sqlite_home final : public home {
public:
    explicit sqlite_home(const sqlite_tuning& tuning = {}) : tuning_(tuning) {}

    wire::result<std::unique_ptr<store>> open() override {
        return open_sqlite(
            {.path = folder_.path("store.db"), .cache_bytes = 8u << 20, .exclusive = true, .tuning = tuning_});
    }

private:
    sqlite_tuning tuning_;
    folder folder_;
};

/// Sizes so small that cards move, rows are swept, indices are written on and checkpoints run all the time.
constexpr sqlite_tuning restless{
    .page_size = 1024, .checkpoint_pages = 5, .held_back_entries = 7, .in_place_cards = 3, .left_behind_cards = 2};

}  // namespace

INSTANTIATE_TEST_SUITE_P(sqlite, store_conformance,
                         testing::Values(store_under_test{"sqlite", [] { return std::make_unique<sqlite_home>(); }},
                                         store_under_test{"restless",
                                                          [] { return std::make_unique<sqlite_home>(restless); }}),
                         [](const auto& of) { return of.param.name; });

}  // namespace ota::store
