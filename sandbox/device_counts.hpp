#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <utility>

namespace ota::sandbox {

/// What befell the devices of a pool.
struct device_counts {
    std::uint64_t devices = 0;
    std::uint64_t taken_over = 0;   ///< objects of cards, each generation
    std::uint64_t asked = 0;        ///< users, about an object
    std::uint64_t refused = 0;      ///< objects, by users
    std::uint64_t put_off = 0;      ///< questions answered later
    std::uint64_t purged = 0;       ///< objects that left with a card, or were taken from it
    std::uint64_t unsupported = 0;  ///< objects of a kind that the device does not know
    std::uint64_t torn = 0;         ///< objects met between two commands of a script
    std::uint64_t unreadable = 0;
    std::uint64_t place_taken = 0;
    std::uint64_t drift = 0;                  ///< nodes of cards edited at the device
    std::uint64_t card_silent = 0;            ///< cards that lost their power and were switched on again
    std::uint64_t notified = 0;               ///< notifications that were genuine, and wanted where the user was asked
    std::uint64_t notifications_refused = 0;  ///< forged, replayed, for nobody here, or not wanted by the user
    std::uint64_t sessions_begun = 0;
    std::uint64_t sessions_ended = 0;
    std::uint64_t sessions_failed = 0;
    std::uint64_t not_let_in = 0;   ///< of them: the server did not know the account, or not by this secret
    std::uint64_t given_up = 0;     ///< servers that were tried as often as the device tries
    std::uint64_t messages = 0;     ///< of sessions, handed to the transport
    std::uint64_t unanswered = 0;   ///< of them
    std::uint64_t connections = 0;  ///< opened
    std::uint64_t beyond = 0;       ///< messages for servers that the sandbox does not reach

    using entry = std::pair<std::string_view, std::uint64_t device_counts::*>;
    static const std::array<entry, 23> names;  ///< in the order above
};

inline constexpr std::array<device_counts::entry, 23> device_counts::names{{
    {"devices", &device_counts::devices},
    {"taken_over", &device_counts::taken_over},
    {"asked", &device_counts::asked},
    {"refused", &device_counts::refused},
    {"put_off", &device_counts::put_off},
    {"purged", &device_counts::purged},
    {"unsupported", &device_counts::unsupported},
    {"torn", &device_counts::torn},
    {"unreadable", &device_counts::unreadable},
    {"place_taken", &device_counts::place_taken},
    {"drift", &device_counts::drift},
    {"card_silent", &device_counts::card_silent},
    {"notified", &device_counts::notified},
    {"notifications_refused", &device_counts::notifications_refused},
    {"sessions_begun", &device_counts::sessions_begun},
    {"sessions_ended", &device_counts::sessions_ended},
    {"sessions_failed", &device_counts::sessions_failed},
    {"not_let_in", &device_counts::not_let_in},
    {"given_up", &device_counts::given_up},
    {"messages", &device_counts::messages},
    {"unanswered", &device_counts::unanswered},
    {"connections", &device_counts::connections},
    {"beyond", &device_counts::beyond},
}};

}  // namespace ota::sandbox
