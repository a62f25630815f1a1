#include "gateway/cli/campaign_parts.hpp"

#include "gateway/campaigns/calls.hpp"
#include "gateway/campaigns/runner.hpp"
#include "gateway/cli/backends.hpp"
#include "queue/tools/change_writer.hpp"

namespace ota::cli {

namespace {

store::wall_time wall_now() { return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now()); }

}  // namespace

struct campaign_parts::works {
    explicit works(const surroundings& with)
        : settings(with.settings),
          desk{with.state,           with.profiles, with.kek,
               cards::system_random, wall_now,      with.settings.queue.kind == queue_kind::kafka},
          office{desk, with.in_force},
          runner({desk, [this](const std::vector<queue::message>& batch) { return publish(batch); },
                  "instance/" + std::to_string(with.instance), with.shared},
                 [&log = with.log](const std::string& fault) {
                     if (!fault.empty()) return log.warning("campaigns", {{"fault", fault}});
                     log.info("campaigns", {{"fault", "over"}});
                 }) {}

    [[nodiscard]] wire::result<void> publish(const std::vector<queue::message>&);
    void show(ops::metrics&);

    const gateway_settings& settings;
    cards::desk desk;
    campaigns::office office;
    std::unique_ptr<queue::tools::change_writer> writer;  ///< opened when it is first needed
    campaigns::runner runner;
};

wire::result<void> campaign_parts::works::publish(const std::vector<queue::message>& batch) {
    if (!writer && settings.queue.kind == queue_kind::kafka) {
        OTA_TRY(writer, queue::tools::open_change_topic(queue::tools::cluster{properties_of(settings.queue.kafka)}));
    } else if (!writer) {
        OTA_TRY(writer, queue::tools::open_change_log(settings.queue_directory()));
    }
    const auto did = writer->append(batch, wall_now());
    if (!did.why) return BOOST_OUTCOME_V2_NAMESPACE::success();
    writer.reset();
    return did.why;
}

void campaign_parts::works::show(ops::metrics& metrics) {
    metrics.on_render([this, &metrics] {
        const auto now = runner.figures();
        for (const auto state : campaigns::running_state_names) {
            const auto n = now.by_state.find(state);
            metrics.make_gauge("otagw_campaigns", "Campaigns by state.", {{"state", std::string(state)}})
                .set(n == now.by_state.end() ? 0 : static_cast<double>(n->second));
        }
        for (std::size_t i = 0; i < campaigns::outcomes; ++i) {
            metrics
                .make_gauge("otagw_campaign_cards",
                            "Cards of all campaigns that the store has, by what became of them.",
                            {{"state", std::string(campaigns::name_of(static_cast<campaigns::outcome>(i)))}})
                .set(static_cast<double>(now.cards[i]));
        }
    });
}

campaign_parts::campaign_parts(const surroundings& with) : works_(std::make_unique<works>(with)) {
    works_->show(with.metrics);
}
campaign_parts::~campaign_parts() = default;
void campaign_parts::add_to(api::book& to) { campaigns::add_calls(to, works_->office); }
void campaign_parts::start() { works_->runner.start(); }
void campaign_parts::stop() { works_->runner.stop(); }

}  // namespace ota::cli
