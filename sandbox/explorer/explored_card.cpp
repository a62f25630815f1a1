#include "sandbox/explorer/explored_card.hpp"

#include "sandbox/journal.hpp"

#include <charconv>

namespace ota::sandbox {

namespace {

constexpr std::size_t shortest_iccid = 18;

/// The card's number, or nothing when the population has no such card.
std::optional<std::size_t> index_of(const population& who, const std::string& which) {
    if (which.size() >= shortest_iccid) return who.find_iccid(which);
    std::size_t out = 0;
    const auto* end = which.data() + which.size();
    const auto [at, fault] = std::from_chars(which.data(), end, out);
    if (fault != std::errc{} || at != end || out >= who.size()) return std::nullopt;
    return out;
}

std::unique_ptr<explored_card> find_card(const peers_options& options, const std::string& which, std::string& error) {
    const population who(population_of(options));
    const auto index = index_of(who, which);
    if (index) return std::make_unique<explored_card>(options, *index);
    error = "no card " + which + ": there are " + std::to_string(who.size()) + ", from 0 on; --cards makes more";
    return nullptr;
}

}  // namespace

explored_card::explored_card(const peers_options& options, std::size_t which)
    : profile(options.profile),
      who(population_of(options)),
      index(which),
      iccid(who.iccid(index)),
      model(*profile, options.quirks),
      terminal(model, one, identity()) {}

card_identity explored_card::identity() const {
    return {iccid, who.settings().key_version, who.keys(index), who.first_counter(index)};
}

bool explored_card::restore(const journal_record& record) {
    if (const auto* node = std::get_if<journal_node>(&record)) {
        const auto* binding = profile->find(node->uri);
        const auto* object = binding == nullptr ? profile->object(node->uri) : nullptr;
        if (object != nullptr) binding = &object->file;
        return binding != nullptr && model.tree.slot_of(*binding) == node->slot;
    }
    const auto* write = std::get_if<journal_write>(&record);
    if (write != nullptr && write->iccid == iccid) {
        if (write->slot >= model.tree.slots()) return false;
        one.files.assign(model.tree, write->slot, write->content);
    }
    const auto* packet = std::get_if<journal_packet>(&record);
    if (packet != nullptr && packet->iccid == iccid && !packet->lost) {
        const auto& trace = packet->trace;
        if (trace.executed || trace.status == secure_channel::response_status::insufficient_memory)
            one.counters.accept(trace.counter_key, trace.spi.counter(), trace.counter, trace.hash);
    }
    return true;
}

std::unique_ptr<explored_card> open_card(peers_options options, const std::string& which, const std::string& journal,
                                         std::string& error) {
    if (journal.empty()) return find_card(options, which, error);
    std::unique_ptr<explored_card> out;
    bool fits = true;
    journal_extent extent;
    const auto take = [&](const journal_record& record) {
        if (const auto* opened = std::get_if<journal_opened>(&record); opened != nullptr && !out && error.empty()) {
            options.seed = opened->seed;
            options.cards = opened->cards;
            out = find_card(options, which, error);
        }
        if (out) fits = out->restore(record) && fits;
    };
    if (!read_journal(journal, take, extent, error)) return nullptr;
    if (error.empty() && !out) error = journal + ": is no journal of cards";
    if (error.empty() && !fits) error = journal + ": its cards are of another profile than " + options.profile->name;
    if (!error.empty()) return nullptr;
    return out;
}

}  // namespace ota::sandbox
