#include "gateway/cluster/alone.hpp"

#include "gateway/cluster/member.hpp"

#include <algorithm>
#include <array>
#include <condition_variable>
#include <mutex>

namespace ota::cluster {

namespace {

constexpr std::chrono::milliseconds life{30'000};

}  // namespace

wire::result<void> alone::hold() {
    OTA_TRY(const auto names, table_.hold(holder_, life, [](const store::lease_scene& scene) {
        const bool busy = std::ranges::any_of(scene.others, [](const store::lease& l) {
            return l.left.count() > 0 && (l.name == alone_lease || l.name.starts_with("instance/"));
        });
        return busy ? std::vector<std::string>{} : std::vector{std::string(alone_lease)};
    }));
    if (names.empty()) return store::errc::locked;
    held_ = true;
    return BOOST_OUTCOME_V2_NAMESPACE::success();
}

wire::result<std::unique_ptr<alone>> alone::take(store::store& state,
                                                 const std::function<void(std::span<std::uint8_t>)>& random,
                                                 purpose why) {
    std::array<std::uint8_t, 16> octets{};
    random(octets);
    auto* const table = state.leases();
    if (table == nullptr) return nullptr;
    std::unique_ptr<alone> out(new alone(*table, wire::to_hex(octets)));
    OTA_TRY(out->hold());
    table->require(alone_lease, out->holder_);  // a tool that was paused for too long changes nothing more
    if (why == purpose::changes) {
        OTA_TRY(auto tx, state.begin());
        OTA_TRY(tx->set_value(store::tool_mark, out->holder_));
        OTA_TRY(tx->commit());
    }
    out->keeper_ = std::jthread([self = out.get()](const std::stop_token& stop) {
        std::mutex own;
        std::condition_variable_any until;
        std::unique_lock lock(own);
        while (!until.wait_for(lock, stop, life / 5, [] { return false; }) && !stop.stop_requested())
            (void)self->hold();
    });
    return out;
}

alone::~alone() {
    if (keeper_.joinable()) {
        keeper_.request_stop();
        keeper_.join();
    }
    if (held_) (void)table_.hold(holder_, life, [](auto) { return std::vector<std::string>{}; });
}

}  // namespace ota::cluster
