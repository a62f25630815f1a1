#include "gateway/cli/bench_channels.hpp"

#include "gateway/cli/sandbox_run.hpp"

#include <algorithm>
#include <memory>

namespace ota::cli {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr auto round_trip = milliseconds(100);
constexpr double lost = 0.01;

/// One file of that size, and a channel if wanted; a packet whose proof does not come is repeated after a second, so
/// that what a lost short message costs is a repeat, not the patience of a real profile.
std::shared_ptr<const card_profile> profile_for(const channel_bench_options& o) {
    auto profile = std::make_shared<card_profile>(*sandbox::demo_profile());
    profile->name = "bench";
    node_binding node;
    node.uri = "./SC/" + profile->applications.front().name + "/Bench";
    node.path = profile->applications.front().directory;
    node.path.push_back(0x6FEE);
    node.size = o.octets;
    node.readable = false;  // no gets among the changes
    profile->nodes.clear();
    profile->nodes.emplace(node.uri, node);
    profile->answer_timeout = seconds(1);
    profile->repeats = 10;
    if (o.way == bench_way::channel) profile->bip = bip_channel{.push_application = 1, .threshold = 1};
    return profile;
}

sandbox_options options_for(const channel_bench_options& o) {
    sandbox_options out;
    out.peers.cards = out.changes = o.cards;
    out.peers.profile = profile_for(o);
    out.peers.smsc.delay_min = out.peers.smsc.delay_max = round_trip;  // an answer takes none of its own
    if (o.way == bench_way::lossy_short_messages) out.peers.smsc.loss = out.peers.smsc.answer_loss = lost;
    out.peers.radio.loss = lost;
    out.peers.radio.delay_min = out.peers.radio.delay_max = round_trip / 2;
    out.quiet = true;
    return out;
}

double share_of(const std::vector<double>& sorted, double share) {
    if (sorted.empty()) return 0;
    return sorted[std::min(sorted.size() - 1, static_cast<std::size_t>(share * static_cast<double>(sorted.size())))];
}

}  // namespace

bool run_channel_bench(const channel_bench_options& options, channel_bench_outcome& out, std::string& why) {
    sandbox_outcome run;
    if (!run_in_sandbox(options_for(options), run, why)) return false;
    std::ranges::sort(run.latencies_in_ms);
    out.p50_ms = share_of(run.latencies_in_ms, 0.5);
    out.p99_ms = share_of(run.latencies_in_ms, 0.99);
    const auto octets = static_cast<double>(options.octets), cards = static_cast<double>(options.cards);
    out.kb_per_s_card = octets / std::max(out.p50_ms, 1.0);  // octets per ms are kB per s
    out.kb_per_s_all = octets * cards / std::max(run.seconds, 0.001) / 1000;
    out.sms_per_card = static_cast<double>(run.sms) / cards;
    out.not_applied = run.published - run.by_state["applied"];
    out.files_wrong = run.files_wrong;
    return true;
}

}  // namespace ota::cli
