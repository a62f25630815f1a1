#include "gateway/cli/campaign_parts.hpp"

#include "gateway/cli/backends.hpp"

namespace ota::cli {

namespace {

store::wall_time wall_now() { return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now()); }

}  // namespace

campaign_parts::campaign_parts(const surroundings& with)
    : settings_(with.settings),
      desk_{with.state, with.settings.profiles, with.kek, cards::system_random, wall_now, with.settings.queue.kind == queue_kind::kafka},
      runner_({desk_, [this](const std::vector<queue::message>& batch) { return publish(batch); }, "instance/" + std::to_string(with.instance), with.shared},
              [&log = with.log](const std::string& fault) {
                  if (!fault.empty()) return log.warning("campaigns", {{"fault", fault}});
                  log.info("campaigns", {{"fault", "over"}});
              }) {
    show(with.metrics);
}

wire::result<void> campaign_parts::publish(const std::vector<queue::message>& batch) {
    if (!writer_ && settings_.queue.kind == queue_kind::kafka) {
        OTA_TRY(writer_, queue::tools::open_change_topic(queue::tools::cluster{properties_of(settings_.queue.kafka)}));
    } else if (!writer_) {
        OTA_TRY(writer_, queue::tools::open_change_log(settings_.queue_directory()));
    }
    const auto did = writer_->append(batch, wall_now());
    if (!did.why) return BOOST_OUTCOME_V2_NAMESPACE::success();
    writer_.reset();
    return did.why;
}

void campaign_parts::show(ops::metrics& metrics) {
    metrics.on_render([this, &metrics] {
        const auto now = runner_.figures();
        for (const auto state : campaigns::running_state_names) {
            const auto n = now.by_state.find(state);
            metrics.make_gauge("otagw_campaigns", "Campaigns by state.", {{"state", std::string(state)}})
                .set(n == now.by_state.end() ? 0 : static_cast<double>(n->second));
        }
        for (std::size_t i = 0; i < campaigns::outcomes; ++i) {
            metrics.make_gauge("otagw_campaign_cards", "Cards of all campaigns that the store has, by what became of them.",
                               {{"outcome", std::string(campaigns::name_of(static_cast<campaigns::outcome>(i)))}})
                .set(static_cast<double>(now.cards[i]));
        }
    });
}

}  // namespace ota::cli
