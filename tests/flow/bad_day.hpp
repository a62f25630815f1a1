#pragma once

#include "tests/flow/simulation.hpp"

namespace ota::simulation {

/// What goes wrong on a bad day, each with its chance.
inline constexpr mishaps bad_mishaps{.loss = 0.05,
                                     .answer_loss = 0.05,
                                     .duplicate = 0.05,
                                     .reorder = 0.05,
                                     .temporary = 0.03,
                                     .response_lost = 0.03,
                                     .receipt_lost = 0.05,
                                     .answer_twice = 0.05,
                                     .restart = 0.002,
                                     .power_cut = 0.02,
                                     .undelivered = 0.02,
                                     .forged = 0.05};

/// A run in which everything goes wrong now and then: several cards, waves of changes, gets, restarts.
inline std::unique_ptr<world> bad_day(std::uint64_t seed, std::uint8_t spi1 = 0x16, std::uint8_t spi2 = 0x19) {
    options o;
    o.seed = seed;
    o.cards = 6;
    o.profile = profile_with(spi1, spi2);
    o.with = bad_mishaps;
    auto w = std::make_unique<world>(std::move(o));
    std::mt19937_64 dice(seed ^ 0xBADDA1);
    static constexpr const char* nodes[] = {"./SC/USIM/ACC", "./SC/USIM/SPN", "./SC/USIM/OPLMNwAcT", "./SC/USIM/FPLMN"};
    for (int wave = 0; wave < 6; ++wave) {
        for (int i = 0; i < 12; ++i) {
            if (i == 6) (void)w->run(std::chrono::milliseconds(50));  // the rest meets packets in flight
            const auto card = dice() % 6;
            const auto* node = nodes[dice() % 4];
            if (dice() % 6 == 0) {
                queue::change_event get;
                get.subject = w->iccid(card);
                get.op = queue::operation::get;
                get.node = node;
                w->publish(std::move(get));
            } else {
                w->replace(card, node, std::to_string(dice()));
            }
        }
        (void)w->run(std::chrono::minutes(3));
    }
    (void)w->run(std::chrono::hours(24 * 3));
    return w;
}

/// Two files of one size, for a profile that has them the wrong way round, and a third one.
inline std::shared_ptr<card_profile> profile_with_a_pair() {
    auto p = profile_with();
    for (std::uint16_t i = 0; i < 3; ++i) {
        node_binding file;
        file.uri = i == 0 ? "./SC/USIM/Left" : i == 1 ? "./SC/USIM/Right" : "./SC/USIM/Other";
        file.path = {0x7FFF, static_cast<std::uint16_t>(0x6FE0 + i)};
        file.size = 40;
        p->nodes[file.uri] = file;
    }
    return p;
}

/// What a reload makes of it: other security and times, other limits, files changed round or elsewhere.
inline std::vector<std::shared_ptr<const card_profile>> other_versions_of(const card_profile& p) {
    const auto version = [&](std::uint64_t hash, auto&& change) {
        auto v = std::make_shared<card_profile>(p);
        v->hash = hash;
        change(*v);
        return std::shared_ptr<const card_profile>(std::move(v));
    };
    return {version(1, [](card_profile&) {}),
            version(2,
                    [](card_profile& v) {
                        v.spi.spi2 = 0x09;
                        v.validity = std::chrono::minutes(5);
                        v.repeats = 1;
                    }),
            version(3,
                    [](card_profile& v) {
                        v.spi.spi2 = 0x39;
                        v.max_segments = 1;
                        v.max_response = 60;
                        v.wide_reference = true;
                    }),
            version(4,
                    [](card_profile& v) {
                        std::swap(v.nodes.at("./SC/USIM/Left").path, v.nodes.at("./SC/USIM/Right").path);
                    }),
            version(5, [](card_profile& v) {
                v.nodes.at("./SC/USIM/Left").path = v.nodes.at("./SC/USIM/Other").path;
                v.attempts = 5;
            })};
}

/// A bad day on which somebody reloads the settings again and again; in the end they are what the cards are.
inline std::unique_ptr<world> day_of_reloads(std::uint64_t seed) {
    options o;
    o.seed = seed;
    o.cards = 4;
    o.profile = profile_with_a_pair();
    o.reloads = other_versions_of(*o.profile);
    o.with = bad_mishaps;
    o.with.reload = 0.02;
    auto w = std::make_unique<world>(std::move(o));
    std::mt19937_64 dice(seed ^ 0x4E10AD);
    static constexpr const char* nodes[] = {"./SC/USIM/ACC", "./SC/USIM/Left", "./SC/USIM/Right"};
    for (int wave = 0; wave < 5; ++wave) {
        for (int i = 0; i < 10; ++i) {
            if (i == 5) (void)w->run(std::chrono::milliseconds(50));
            const auto card = dice() % 4;
            const auto* node = nodes[dice() % 3];
            if (dice() % 8 == 0) {
                queue::change_event get;
                get.subject = w->iccid(card);
                get.op = queue::operation::get;
                get.node = node;
                w->publish(std::move(get));
            } else {
                w->replace(card, node, std::to_string(dice()));
            }
        }
        (void)w->run(std::chrono::minutes(3));
    }
    w->opts.with.reload = 0;
    w->reload(w->opts.profile);
    for (std::size_t card = 0; card < 4; ++card) {  // what was written while its file was another's is written anew
        for (const auto* node : nodes) w->replace(card, node, "last " + std::to_string(card));
    }
    (void)w->run(std::chrono::hours(24 * 3));
    return w;
}

/// The same for cards with data channels: large and small changes.
inline std::unique_ptr<world> channel_day(std::uint64_t seed) {
    options o;
    o.seed = seed;
    o.cards = 4;
    o.profile = profile_with_channels();
    o.with = bad_mishaps;
    o.with.push_ignored = 0.1;
    o.with.late_link = 0.05;
    o.with.link_cut = 0.15;
    o.with.link_silent = 0.05;
    auto w = std::make_unique<world>(std::move(o));
    std::mt19937_64 dice(seed ^ 0xC4A7);
    static constexpr const char* small[] = {"./SC/USIM/ACC", "./SC/USIM/SPN"};
    for (int wave = 0; wave < 4; ++wave) {
        for (int i = 0; i < 8; ++i) {
            if (i == 4) (void)w->run(std::chrono::milliseconds(50));
            const auto card = dice() % 4;
            if (dice() % 2 == 0) {
                w->replace(card, "./SC/USIM/Steering",
                           std::string(1000 + dice() % 3000, static_cast<char>('a' + dice() % 26)));
            } else {
                w->replace(card, small[dice() % 2], std::to_string(dice()));
            }
        }
        (void)w->run(std::chrono::minutes(5));
    }
    (void)w->run(std::chrono::hours(24 * 3));
    return w;
}

}  // namespace ota::simulation
