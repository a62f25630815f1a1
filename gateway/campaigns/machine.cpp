#include "gateway/campaigns/machine.hpp"

#include "gateway/campaigns/errc.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace ota::campaigns {

namespace {

auto success() { return BOOST_OUTCOME_V2_NAMESPACE::success(); }

std::string percent(double share) {
    char text[16];
    std::snprintf(text, sizeof text, "%.3g %%", share * 100);
    return text;
}

void stop(progress& p, std::string why) {
    p.halted = halt::stopped;
    p.why = std::move(why);
}

bool too_many(std::size_t failures, std::size_t of, const canary& c) {
    return static_cast<double>(failures) > c.failure_rate * static_cast<double>(of);
}

std::string failed_of(std::size_t failures, std::size_t of, const canary& c) {
    return std::to_string(failures) + " of " + std::to_string(of) + " cards failed: more than " +
           percent(c.failure_rate);
}

/// Before all canaries have ended: whether it is lost already. Afterwards, or when the wait is over: whether the others
/// may follow.
bool judge_canary(const campaign& c, progress& p, const scene& now_is, wall_time now) {
    const auto& canary = *c.canary;
    const auto failures = p.failures() - p.judged_failures, ended = p.ended() - p.judged_ended;
    const auto all = canaries_of(c, p.cards);
    if (too_many(failures, all, canary)) return stop(p, "canary: " + failed_of(failures, all, canary)), true;
    if (now_is.canaries_waiting) return false;
    const bool waited = p.of(outcome::open) > 0 && now >= p.issued_at + canary.wait;
    if (p.of(outcome::open) > 0 && !waited) return false;
    if (ended + p.of(outcome::open) == 0) {
        stop(p, "canary: every card was skipped, so nothing was learnt");
    } else if (p.of(outcome::open) > ended) {
        stop(p, "canary: only " + std::to_string(ended) + " of " + std::to_string(ended + p.of(outcome::open)) +
                    " cards have ended within the wait");
    } else if (too_many(failures, ended, canary)) {
        stop(p, "canary: " + failed_of(failures, ended, canary));
    } else {
        p.is = phase::running;
    }
    return true;
}

bool judge_running(const canary& canary, progress& p) {
    const auto failures = p.failures() - p.judged_failures, ended = p.ended() - p.judged_ended;
    if (ended < least_sample || !too_many(failures, ended, canary)) return false;
    stop(p, failed_of(failures, ended, canary));
    return true;
}

bool begin_ending(progress& p, std::string why) {
    p.is = phase::ending;
    p.halted = halt::none;
    if (!why.empty()) p.why = std::move(why);
    return true;
}

}  // namespace

std::size_t canaries_of(const campaign& c, std::size_t cards) noexcept {
    if (!c.canary) return 0;
    const auto n = c.canary->cards != 0
                       ? c.canary->cards
                       : static_cast<std::size_t>(std::ceil(c.canary->share * static_cast<double>(cards)));
    return std::min(cards, std::max<std::size_t>(1, n));
}

bool advance(const campaign& c, progress& p, const scene& now_is, wall_time now) {
    if (p.over() || p.is == phase::collecting) return false;
    if (p.is == phase::ending) {
        if (p.of(outcome::open) > 0) return false;
        p.is = p.cancelling ? phase::cancelled : phase::completed;
        p.ended_at = now;
        return true;
    }
    if (p.of(outcome::waiting) == 0) return begin_ending(p, "");
    if (c.end && now >= *c.end)
        return begin_ending(p,
                            "the end was reached; " + std::to_string(p.of(outcome::waiting)) + " cards got no change");
    if (p.halted != halt::none || !c.canary) return false;
    return p.is == phase::canary ? judge_canary(c, p, now_is, now) : judge_running(*c.canary, p);
}

double credit_at(const campaign& c, const progress& p, wall_time now) noexcept {
    if (c.pace <= 0) return most_per_step;
    const auto most = std::max(2.0, c.pace);  // more than one, or the time between two rounds would be lost
    if (p.credit_at == wall_time()) return std::max(1.0, c.pace);
    const auto seconds =
        std::chrono::duration<double>(std::max(now - p.credit_at, std::chrono::milliseconds(0))).count();
    return std::min(most, p.credit + seconds * c.pace);
}

void spend(const campaign& c, progress& p, std::size_t cards, wall_time now) noexcept {
    p.credit = std::max(0.0, credit_at(c, p, now) - static_cast<double>(cards));
    p.credit_at = now;
    p.issued_at = now;
}

step next_step(const campaign& c, const progress& p, const scene& now_is, wall_time now) {
    using kind = step::kind;
    if (p.over() || p.is == phase::ending || p.halted != halt::none) return {};
    if (p.is == phase::collecting) return {kind::collect, 0, std::nullopt};
    if (c.start && now < *c.start) return {kind::rest, 0, c.start};
    if (!now_is.next_due) return {kind::rest, 0, c.end};
    if (*now_is.next_due > now) return {kind::rest, 0, now_is.next_due};
    if (c.zone.label.empty()) {
        const auto opens = next_opening(c.hours, c.zone.name, now);
        if (!opens || *opens > now) return {kind::rest, 0, opens};
    }
    const auto credit = credit_at(c, p, now);
    const auto missing = std::chrono::duration<double>((1 - credit) / std::max(c.pace, 1e-9));
    if (credit < 1) return {kind::rest, 0, now + std::chrono::ceil<std::chrono::milliseconds>(missing)};
    const auto room = [](std::size_t most, std::size_t have) { return most > have ? most - have : 0; };
    const auto cards = std::min({static_cast<std::size_t>(credit), most_per_step, room(c.open, p.of(outcome::open)),
                                 room(most_untaken, now_is.untaken)});
    if (cards == 0) return {};
    return {kind::issue, cards, std::nullopt};
}

wire::result<void> pause(progress& p) {
    if (p.over() || p.is == phase::ending) return errc::over;
    if (p.halted != halt::none) return errc::halted_already;
    p.halted = halt::paused;
    return success();
}

wire::result<void> resume(progress& p) {
    if (p.over() || p.is == phase::ending) return errc::over;
    if (p.halted == halt::none) return errc::not_halted;
    if (p.halted == halt::stopped) {
        p.judged_ended = p.ended();
        p.judged_failures = p.failures();
        // Who has seen the canary fail and goes on has judged it himself.
        if (p.is == phase::canary) p.is = phase::running;
    }
    p.halted = halt::none;
    p.why.clear();
    return success();
}

wire::result<void> cancel(progress& p) {
    if (p.over() || p.cancelling) return errc::over;
    p.cancelling = true;
    p.halted = halt::none;
    p.is = phase::ending;
    p.why = "cancelled by an operator";
    return success();
}

}  // namespace ota::campaigns
