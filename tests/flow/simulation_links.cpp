// Data channels of the simulated cards: links as reliable pipes that break now and then.
#include "tests/flow/simulation.hpp"

namespace ota::simulation {

std::shared_ptr<card_profile> profile_with_channels() {
    auto p = profile_with();
    node_binding steering;
    steering.uri = "./SC/USIM/Steering";
    steering.path = {0x7FFF, 0x6F61};
    steering.size = 4000;
    p->nodes.erase("./SC/USIM/OPLMNwAcT");
    p->nodes[steering.uri] = steering;
    auto& bip = p->bip.emplace();
    bip.connect_timeout = std::chrono::minutes(3);
    bip.answer_timeout = std::chrono::minutes(1);
    bip.back_off = std::chrono::seconds(30);
    return p;
}

void world::tell(
    std::uint64_t link,
    std::variant<bearer::link_up, bearer::link_packet, bearer::link_acknowledged, bearer::link_down> what) {
    const auto at = links_.find(link);
    if (at == links_.end()) return;
    const auto card = row_of(at->second.card).id;
    if (std::holds_alternative<bearer::link_down>(what)) links_.erase(at);
    corridor_->on_links({{{link}, card, std::move(what)}});
}

/// One channel per card: a new one ends the one before.
void world::card_opens_link(std::size_t card, bearer::push_id push) {
    for (auto at = links_.begin(); at != links_.end();) {
        const auto link = at++;
        if (link->second.card == card) tell(link->first, bearer::link_down{bearer::link_down::cause::by_card});
    }
    const auto link = next_link_++;
    links_[link] = {card, 0};
    tell(link, bearer::link_up{push, 2000});
}

void world::cut(std::uint64_t link, bearer::link_down::cause why) {
    later(milliseconds(dice_() % 5000), [this, link, why, generation = generation_] {
        if (generation == generation_) tell(link, bearer::link_down{why});
    });
}

void world::transmit(bearer::link_id link, bearer::submission_id id, wire::octets packet) {
    sent_by_channel.push_back({id.packet, packet});
    if (!links_.contains(link.value)) return;
    ++links_[link.value].change;
    const bool dies = chance(opts.with.link_cut, "link_cut"), arrives = !dies || dice_() % 2 == 0;
    if (dies) cut(link.value, bearer::link_down::cause::timed_out);
    if (!arrives) return;
    const bool silent = !dies && chance(opts.with.link_silent, "link_silent");
    later(milliseconds(50 + dice_() % 500),
          [this, link, id, dies, silent, packet = std::move(packet), generation = generation_] {
              const auto at = links_.find(link.value);
              if (generation != generation_ || at == links_.end()) return;
              auto answer = network_->deliver_sdu(at->second.card, packet, 2000, now);
              tell(link.value, bearer::link_acknowledged{id});
              if (dies || silent || !answer) return;
              later(milliseconds(50 + dice_() % 500), [this, link, octets = std::move(*answer), generation] {
                  if (generation == generation_) tell(link.value, bearer::link_packet{octets});
              });
          });
}

void world::keep(bearer::link_id link, bool work) {
    const auto at = links_.find(link.value);
    if (at == links_.end()) return;
    const auto change = ++at->second.change;
    if (work) return;
    later(std::chrono::seconds(30), [this, link, change, generation = generation_] {
        const auto still = links_.find(link.value);
        if (generation != generation_) return;
        if (still != links_.end() && still->second.change == change)
            tell(link.value, bearer::link_down{bearer::link_down::cause::idle});
    });
}

void world::close(bearer::link_id link) { cut(link.value, bearer::link_down::cause::by_us); }

std::vector<std::string> world::timeline(std::size_t card) {
    std::vector<std::string> out;
    const auto newest = twin_of(card).last_history;
    auto tx = store_->begin();
    const auto rows = tx.value()->history(newest, 100);
    for (const auto& row : rows.value()) out.push_back(row.what);
    return out;
}

}  // namespace ota::simulation
