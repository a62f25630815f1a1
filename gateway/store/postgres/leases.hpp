#pragma once

#include "gateway/store/leases.hpp"
#include "gateway/store/postgres/pool.hpp"

namespace ota::store::postgres {

/// The table `lease`, over a connection of its own: a renewal does not wait for the work of the others.
class leases final : public lease_table {
public:
    leases(const postgres_options&, std::shared_ptr<pool> fenced);

    wire::result<std::vector<std::string>> hold(std::string_view holder, std::chrono::milliseconds life,
                                                const chooser& choose) override;
    void require(std::string_view name, std::string_view holder) override;

private:
    [[nodiscard]] wire::result<std::vector<std::string>> change(std::string_view holder, std::chrono::milliseconds life,
                                                                const chooser& choose);

    postgres_options options_;
    std::shared_ptr<pool> fenced_;
    std::unique_ptr<connection> db_;
};

}  // namespace ota::store::postgres
