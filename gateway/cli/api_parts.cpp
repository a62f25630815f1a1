#include "gateway/cli/api_parts.hpp"

#include "gateway/cards/vault.hpp"
#include "gateway/cli/backends.hpp"
#include "gateway/version.hpp"

namespace ota::cli {

namespace {

store::wall_time wall_now() { return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now()); }

/// A client of the API waits for the answer of a broker: less long than a tool does.
constexpr std::chrono::milliseconds broker_patience{8000};

queue::tools::cluster cluster_of(const gateway_settings& s) { return {properties_of(s.queue.kafka), broker_patience}; }

api::change_intake::opener opener_of(const gateway_settings& s) {
    if (s.queue.kind == queue_kind::kafka) return [&s] { return queue::tools::open_change_topic(cluster_of(s)); };
    return [&s] { return queue::tools::open_change_log(s.queue_directory()); };
}

}  // namespace

api_parts::api_parts(const gateway_settings& settings, const current_profiles& profiles, store::store& state,
                     const secure_channel::key_encryption_key& kek, std::uint16_t instance)
    : settings_(settings),
      desk_{state, profiles, kek, cards::system_random, wall_now, settings.queue.kind == queue_kind::kafka},
      intake_(opener_of(settings)),
      instance_(instance),
      started_at_(wall_now()) {}

api::letter_room api_parts::letters() const {
    api::letter_room room;
    if (settings_.queue.kind == queue_kind::kafka)
        room.open = [this] { return queue::tools::open_letter_topic(cluster_of(settings_)); };
    else
        room.open = [this] { return queue::tools::open_letter_log(settings_.queue_directory()); };
    room.around.now = wall_now;
    room.around.open_payload = [this](const queue::dead_letter& letter) -> wire::result<std::string> {
        OTA_TRY(auto clear, desk_.kek.open(letter.sealed, wire::as_octets("dead-letter")));
        return std::string(wire::as_text(clear.view()));
    };
    return room;
}

void api_parts::add_to(api::book& to, const http::token_table& tokens, api_sources from) {
    api::add_me(to);
    api::add_cards(to, desk_, from.voice);
    api::add_card_deeds(to, desk_);
    api::add_packets(to, desk_);
    api::add_nodes(to, desk_);
    api::add_inspector(to, desk_);
    api::add_dead_letters(to, letters());
    api::add_changes(to, desk_, intake_, std::move(from.sources));
    api::add_routes(to, desk_, from.routes);
    api::add_events(to, feed_, tokens);
    api::add_overview(to,
                      {instance_, std::string(program_version()), started_at_, desk_, activity_, std::move(from.voice),
                       std::move(from.flow), std::move(from.routes), std::move(from.channels)});
}

}  // namespace ota::cli
