#include "sandbox/modem_pool.hpp"

#include "sandbox/device/device_terminal.hpp"

namespace ota::sandbox {

namespace {

constexpr std::uint64_t modem_stream = 0x6D6F64656D;
constexpr std::chrono::milliseconds least_rest{1};

link_time card_time(instant now) { return link_time(now.time_since_epoch()); }

/// A little later rather than a little too early: the card must find that its time has come.
instant wall_time(link_time at) { return instant(std::chrono::ceil<std::chrono::microseconds>(at.time_since_epoch())); }

}  // namespace

/// A card in a terminal that is nothing but a modem.
struct modem_pool::modem {
    modem(modem_pool& of, std::size_t n)
        : card(n),
          slot(of.cards_.terminal(n)),
          channels(of.radio_, [this, &of](instant now) { of.settle(*this, now); }),
          terminal({}, {.send = [](wire::octet_view) { return true; }, .refresh = {}, .channels = &channels}) {
        terminal.insert({.transmit =
                             [this, &of](wire::octet_view command) {
                                 auto answer = slot.transmit(command);
                                 if (of.watch_) of.watch_(card, command, answer);
                                 return answer;
                             },
                         .reset = [this] { slot.reset(); },
                         .pin = {}});
    }

    std::size_t card;
    terminal_channel slot;
    data_channels channels;
    device_terminal terminal;
    std::optional<instant> wakes;
    bool over = false;
};

/// Takes the PUSH commands of one message: a terminal is there when the first one comes.
class modem_pool::on_demand final : public push_taker {
public:
    on_demand(modem_pool& of, std::size_t card, instant now) : of_(of), card_(card), now_(now) {}

    apdu_answer on_push(const apdu& command) override {
        const bool able = dice(of_.seed_ ^ modem_stream ^ card_ * 0x9E3779B97F4A7C15).strikes(of_.share_);
        if (!able) return of_.cards_.terminal(card_).on_push(command);  // a terminal without channels
        if (made_ == nullptr) made_ = &of_.make(card_, now_);
        return made_->slot.on_push(command);
    }
    [[nodiscard]] modem* made() const noexcept { return made_; }

private:
    modem_pool& of_;
    std::size_t card_;
    instant now_;
    modem* made_ = nullptr;
};

modem_pool::modem_pool(card_network& cards, radio_network& radio, double share, std::uint64_t seed)
    : cards_(cards), radio_(radio), share_(share), seed_(seed) {}

modem_pool::~modem_pool() = default;

modem_pool::modem& modem_pool::make(std::size_t card, instant now) {
    auto& place = modems_[card];
    if (place && place->wakes) calendar_.erase({*place->wakes, card});
    place = std::make_unique<modem>(*this, card);
    place->slot.clock(card_time(now));
    (void)place->terminal.power_on();
    return *place;
}

sms_report modem_pool::deliver(const sms_deliver& sms) {
    const auto card = cards_.who().find_msisdn(sms.msisdn);
    if (!card) return cards_.deliver(sms);
    radio_.clock(sms.now);
    if (const auto it = modems_.find(*card); it != modems_.end() && !it->second->over) {
        auto report = cards_.deliver(sms, it->second->slot);
        settle(*it->second, sms.now);
        return report;
    }
    on_demand pushes(*this, *card, sms.now);
    auto report = cards_.deliver(sms, &pushes);
    if (pushes.made() != nullptr) settle(*pushes.made(), sms.now);
    return report;
}

/// The terminal serves the card. Without a channel it has nothing more to do and goes, at the next tick: it may be the
/// caller.
void modem_pool::settle(modem& m, instant now) {
    m.slot.clock(card_time(now));
    const bool answers = m.terminal.poll();
    m.over = !answers || m.slot.without_channel();
    const auto due = m.slot.due();
    std::optional<instant> next;
    if (due) next = std::max(wall_time(*due), now + least_rest);
    if (m.over) next = now;
    if (next == m.wakes) return;
    if (m.wakes) calendar_.erase({*m.wakes, m.card});
    m.wakes = next;
    if (next) calendar_.emplace(*next, m.card);
}

void modem_pool::on_tick(instant now) {
    radio_.clock(now);
    while (!calendar_.empty() && calendar_.begin()->first <= now) {
        const auto card = calendar_.begin()->second;
        calendar_.erase(calendar_.begin());
        auto& m = *modems_.at(card);
        m.wakes.reset();
        if (m.over) {
            modems_.erase(card);
        } else {
            settle(m, now);
        }
    }
}

std::optional<instant> modem_pool::next_due() const {
    if (calendar_.empty()) return std::nullopt;
    return calendar_.begin()->first;
}

}  // namespace ota::sandbox
