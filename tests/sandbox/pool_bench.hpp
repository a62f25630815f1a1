#pragma once

#include "sandbox/device_models.hpp"
#include "sandbox/device_pool.hpp"
#include "tests/sandbox/uicc/object_card.hpp"

/// Cards of the sample profile, and who writes to them over the air: the images that they should hold by now.
namespace ota::sandbox {

/// The sender's side of a population: what each card holds, as far as this sender changed it.
class object_sender {
public:
    explicit object_sender(const card_profile& p) : profile_(p) {}

    /// The secured packet that gives a leaf of an object another value, segment by segment.
    std::vector<wire::octets> change(const population& who, std::size_t card, std::string_view object_uri,
                                     std::string_view leaf, std::string value) {
        const auto& object = *profile_.find_object(object_uri);
        auto& state = cards_[card];
        if (state.images.empty()) state.control = factory_control(profile_);
        auto& image = state.images.emplace(object.uri, object.factory_image).first->second;
        const auto* entry = entry_of(object, state.control);
        const auto file = entry->file;
        auto after = mo::change_image(image, {.at = mo::parse_uri(leaf).value(), .value = std::move(value)},
                                      mo::parse_uri(object.uri).value(), form_of(object))
                         .value();
        const auto next = mo::with_image(state.control, file, file, after).value();
        const auto script = object_card::script_of(mo::plan_script(
            {{file, image, after}, {0x6440, control_image(profile_, state.control), control_image(profile_, next)}},
            {.select_first = 9}));
        image = std::move(after);
        state.control = next;
        const auto kvn = static_cast<std::uint8_t>(who.settings().key_version << 4);
        const sc::command_header header{profile_.spi,
                                        {static_cast<std::uint8_t>(kvn | profile_.kic_algorithm)},
                                        {static_cast<std::uint8_t>(kvn | profile_.kid_algorithm)},
                                        profile_.applications[profile_.objects_at->application].tar,
                                        {who.first_counter(card) + ++state.sent}};
        return sc::split_packet(sc::seal_command(header, hex(script), who.keys(card)).value(), sc::packet_kind::command,
                                static_cast<std::uint8_t>(state.sent))
            .value();
    }

private:
    struct card_state {
        mo::control_file control;
        std::map<std::string, wire::octets> images;
        std::uint64_t sent = 0;
    };
    const card_profile& profile_;
    std::map<std::size_t, card_state> cards_;
};

/// A pool of devices without sockets: messages to servers are collected.
struct pool_bench {
    explicit pool_bench(device_options o = {.share = 1}, const mishap_shares& shares = {}, std::size_t count = 20)
        : profile(sample_profile()),
          cards(profile, population_for(profile, 7, count), {}, shares, diary),
          pool(cards, o, 7, [this](device_message m) { posted.push_back(std::move(m)); }),
          sender(profile) {
        pool.switch_on(now);
    }

    /// By short messages to the card's number; how the last was acknowledged.
    acknowledgement change(std::size_t card, std::string_view object, std::string_view leaf, std::string value) {
        const auto number = cards.who().msisdn(card);
        auto how = acknowledgement::none;
        for (const auto& part : sender.change(cards.who(), card, object, leaf, std::move(value)))
            how = pool.deliver({++submitted, number, part, now}).how;
        return how;
    }
    [[nodiscard]] std::string value(std::size_t device, std::string_view uri) const {
        const auto read = mo::get(pool.find(device)->tree(), mo::parse_uri(uri).value());
        return read ? read.value() : "<none>";
    }
    [[nodiscard]] object_sight sight(std::size_t device, std::string_view uri) const {
        return pool.sight(device, mo::parse_uri(uri).value());
    }
    /// A device that knows mail, or one that does not.
    [[nodiscard]] std::size_t device_with_mail(bool yes = true) const {
        for (std::size_t i = 0; i < cards.who().size(); ++i)
            if (pool.find(i) != nullptr && pool.find(i)->who().knows("org.otagw/1.0/EmailSmtp") == yes) return i;
        ADD_FAILURE() << "no such device among the cards";
        return 0;
    }
    /// What waits for an answer gets none, and time goes on, until nothing is due any more; all messages that were
    /// tried.
    std::size_t nobody_answers() {
        std::size_t tried = 0;
        for (;;) {
            for (auto& m : std::exchange(posted, {})) {
                ++tried;
                pool.on_answer(m.device, m.exchange, std::nullopt, now);
            }
            if (!posted.empty()) continue;
            const auto due = pool.next_due();
            if (!due) return tried;
            now = std::max(now, *due);
            pool.on_tick(now);
        }
    }

    card_profile profile;
    journal diary;
    card_network cards;
    std::vector<device_message> posted;
    instant now{std::chrono::hours(1)};
    device_pool pool;
    object_sender sender;
    std::uint64_t submitted = 0;
};

inline constexpr const char* leaf_address = "AppAddr/x/Addr";

}  // namespace ota::sandbox
