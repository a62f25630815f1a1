#pragma once

#include "tests/flow/simulation.hpp"

#include <gtest/gtest.h>

/// What the tests of the rules share: calm worlds of a few cards.
namespace ota::simulation {

using flow::wall_time;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

inline constexpr const char* acc = "./SC/USIM/ACC";
inline constexpr const char* spn = "./SC/USIM/SPN";
inline constexpr const char* plmn = "./SC/USIM/OPLMNwAcT";

inline options calm(std::size_t cards = 1, std::shared_ptr<card_profile> profile = profile_with()) {
    options o;
    o.cards = cards;
    o.profile = std::move(profile);
    return o;
}

inline void expect_no_violation(world& w) {
    for (const auto& v : w.violations()) ADD_FAILURE() << v;
}

inline queue::change_event event_for(world& w, queue::operation op, const char* node) {
    queue::change_event e;
    e.subject = w.iccid(0);
    e.op = op;
    e.node = node;
    return e;
}

}  // namespace ota::simulation
