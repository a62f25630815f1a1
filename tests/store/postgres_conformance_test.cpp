#include "tests/store/conformance.hpp"
#include "tests/store/postgres_cluster.hpp"

namespace ota::store {

namespace {

class database final : public home {
public:
    wire::result<std::unique_ptr<store>> open() override { return open_postgres(at_.options()); }

private:
    postgres_home at_;
};

}  // namespace

INSTANTIATE_TEST_SUITE_P(postgres, store_conformance,
                         testing::Values(store_under_test{"postgres", [] { return std::make_unique<database>(); }}),
                         [](const auto& of) { return of.param.name; });

}  // namespace ota::store
