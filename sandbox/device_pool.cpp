#include "sandbox/device_pool.hpp"

#include "sandbox/device/account_object.hpp"
#include "sandbox/device/push_receiver.hpp"
#include "sandbox/device_models.hpp"
#include "sandbox/dice.hpp"

#include <array>

namespace ota::sandbox {

namespace mo = management_object;
using kind = device_event::kind;

namespace {

constexpr std::size_t by_itself = SIZE_MAX, on_the_table = SIZE_MAX - 1;
constexpr std::chrono::milliseconds least_rest{1};  // of a card that wants to be spoken to
constexpr std::uint64_t share_stream = 0x736861, user_stream = 0x757365;

dice dice_of(std::uint64_t seed, std::uint64_t stream, std::size_t number) {
    return dice(seed ^ stream ^ number * 0x9E3779B97F4A7C15);
}

}  // namespace

std::string_view to_string(object_sight s) noexcept {
    constexpr std::array<std::string_view, 5> names{"unseen", "held", "refused", "unanswered", "unsupported"};
    return names[static_cast<std::size_t>(s)];
}

/// A device and its user. The hooks know it by address.
struct device_pool::holder {
    holder(device_model who, std::size_t n, device_hooks hooks, device_settings s, std::unique_ptr<data_channels> c)
        : number(n), channels(std::move(c)), it(std::move(who), std::move(hooks), std::move(s)) {}

    std::size_t number;
    bool refuses = false, late = false;
    std::optional<std::size_t> card;
    std::unique_ptr<terminal_channel> terminal;
    push_receiver pushes;
    std::string server;                  // of the session
    std::uint64_t exchange = 0;          // that it waits for
    std::optional<dm_request> outgoing;  // not posted yet
    std::vector<mo::uri> put_off;        // asked, to be answered later
    std::map<mo::uri, object_sight> sights;
    std::optional<instant> wakes;  // its place in the calendar
    std::unique_ptr<data_channels> channels;
    device it;
};

device_pool::device_pool(card_network& cards, const device_options& o, std::uint64_t seed, poster post, network* others,
                         radio_network* radio)
    : cards_(cards),
      others_(others != nullptr ? *others : cards),
      radio_(radio),
      options_(o),
      seed_(seed),
      post_(std::move(post)),
      place_(cards.who().size(), by_itself) {
    devices_.resize(place_.size());
    for (std::size_t card = 0; card < place_.size(); ++card) {
        if (!dice_of(seed, share_stream, card).strikes(options_.share)) continue;
        (void)make(make_device(model_of(seed, card), card), card);
        place_[card] = card;
    }
}

device_pool::~device_pool() {
    for (const auto& h : devices_)
        if (h) h->it.remove_card();  // it refers to the terminal
}

device_pool::holder& device_pool::make(device_model who, std::size_t number) {
    auto& place = devices_.at(number);
    device_settings how;
    how.retry = options_.retry;
    device_hooks hooks;
    hooks.ask = [this, number](const offered_object& o) { return ask(*devices_[number], o); };
    hooks.connect = [this, number](const std::string& uri, dm_request first) {
        devices_[number]->server = uri;
        devices_[number]->outgoing = std::move(first);
    };
    hooks.send = [](wire::octet_view) { return true; };  // `card_network::deliver` brings it to the network
    hooks.agree = [this, number] { return !devices_[number]->refuses; };
    std::unique_ptr<data_channels> channels;
    const auto wake = [this, number](instant now) { on_channel(number, now); };
    if (radio_ != nullptr) channels = std::make_unique<data_channels>(*radio_, wake);
    hooks.channels = channels.get();
    place = std::make_unique<holder>(std::move(who), number, std::move(hooks), std::move(how), std::move(channels));
    auto user = dice_of(seed_, user_stream, number);
    place->refuses = user.strikes(options_.refusals);
    place->late = user.strikes(options_.late_answers);
    ++counts_.devices;
    return *place;
}

void device_pool::switch_on(instant now) {
    for (std::size_t card = 0; card < place_.size(); ++card) {
        auto* h = at(place_[card]);
        if (h == nullptr) continue;
        if (radio_ != nullptr) radio_->clock(now);
        put_in(*h, card, now);
        h->it.switch_on(now);
        settle(*h, now);
    }
}

device_pool::holder* device_pool::at(std::size_t device) const {
    return device < devices_.size() ? devices_[device].get() : nullptr;
}

void device_pool::put_in(holder& h, std::size_t card, instant now) {
    h.card = card;
    h.terminal.reset(new terminal_channel(cards_.terminal(card)));
    place_[card] = h.number;
    auto* terminal = h.terminal.get();
    h.it.insert({.transmit = [terminal](wire::octet_view command) { return terminal->transmit(command); },
                 .reset = [terminal] { terminal->reset(); },
                 .pin = {}},
                now);
}

void device_pool::take_out(holder& h) {
    if (!h.card) return;
    h.it.remove_card();
    h.terminal.reset();
    place_[*h.card] = on_the_table;
    h.card.reset();
}

sms_report device_pool::deliver(const sms_deliver& sms) {
    const auto card = cards_.who().find_msisdn(sms.msisdn);
    if (!card || place_[*card] == by_itself) return others_.deliver(sms);
    auto* h = at(place_[*card]);
    if (h == nullptr) return {acknowledgement::none, 0, {}, {}};  // absent subscriber
    set_clock(*h, sms.now);
    auto report = cards_.deliver(sms, *h->terminal);
    h->it.poll(sms.now);
    settle(*h, sms.now);
    return report;
}

sms_report device_pool::deliver_to_terminal(const sms_deliver& sms) {
    const auto card = cards_.who().find_msisdn(sms.msisdn);
    auto* h = card ? at(place_[*card]) : nullptr;
    if (h == nullptr || !h->it.is_on()) return {acknowledgement::none, 0, {}, {}};  // absent subscriber
    const auto push = h->pushes.on_message(sms.user_data);
    if (!push || push->content_type != push_of_notification || push->application.value_or(push_for_dm) != push_for_dm)
        return {};
    const bool genuine = h->it.on_push(push->body, sms.now);
    ++(genuine ? counts_.notified : counts_.notifications_refused);
    settle(*h, sms.now);
    return {};
}

void device_pool::set_clock(holder& h, instant now) {
    if (radio_ != nullptr) radio_->clock(now);
    if (h.terminal) h.terminal->clock(link_time(now.time_since_epoch()));
}

/// The card hears of what befell its data channel, or that its time has come.
void device_pool::on_channel(std::size_t device, instant now) {
    auto& h = *devices_[device];
    set_clock(h, now);
    h.it.poll(now);
    settle(h, now);
}

consent device_pool::ask(holder& h, const offered_object& offered) {
    ++counts_.asked;
    if (h.late) {
        h.put_off.push_back(offered.at);
        return consent::later;
    }
    return h.refuses ? consent::no : consent::yes;
}

void device_pool::settle(holder& h, instant now) {
    for (const auto& event : h.it.take_events()) note(h, event);
    for (auto& object : std::exchange(h.put_off, {}))
        answers_.emplace(now + options_.answer_delay, question{h.number, std::move(object)});
    if (h.outgoing) {
        h.exchange = ++exchanges_;
        ++counts_.messages;
        post_({h.number, h.exchange, h.server, *std::exchange(h.outgoing, std::nullopt)});
    }
    auto next = h.it.next();
    if (const auto card = h.terminal ? h.terminal->due() : std::nullopt) {
        const instant at(std::chrono::ceil<std::chrono::microseconds>(card->time_since_epoch()));
        if (!next || at < *next) next = std::max(at, now + least_rest);
    }
    if (next == h.wakes) return;
    if (h.wakes) calendar_.erase({*h.wakes, h.number});
    h.wakes = next;
    if (next) calendar_.emplace(*next, h.number);
}

void device_pool::note(holder& h, const device_event& e) {
    const auto sees = [&](object_sight s) { h.sights[e.at] = s; };
    switch (e.what) {
        case kind::incorporated: ++counts_.taken_over; return sees(object_sight::held);
        case kind::declined: ++counts_.refused; return sees(object_sight::refused);
        case kind::deferred: ++counts_.put_off; return sees(object_sight::unanswered);
        case kind::unsupported: ++counts_.unsupported; return sees(object_sight::unsupported);
        case kind::purged:
            ++counts_.purged;
            h.sights.erase(e.at);
            return;
        case kind::kept_old_copy:
        case kind::absent: ++counts_.torn; return;
        case kind::place_taken: ++counts_.place_taken; return;
        case kind::unreadable: ++counts_.unreadable; return;
        case kind::drift: ++counts_.drift; return;
        case kind::session_started: ++counts_.sessions_begun; return;
        case kind::session_finished: ++counts_.sessions_ended; return;
        case kind::session_failed:
            ++counts_.sessions_failed;
            counts_.not_let_in += e.detail == to_string(dm_finish::not_let_in);
            return;
        case kind::given_up: ++counts_.given_up; return;
        case kind::card_silent: ++counts_.card_silent; return;
    }
}

void device_pool::on_answer(std::size_t device, std::uint64_t exchange, const std::optional<dm_response>& answer,
                            instant now) {
    auto* h = at(device);
    if (h == nullptr || h->exchange != exchange) return;
    h->exchange = 0;
    counts_.unanswered += !answer;
    auto next = answer ? h->it.on_response(*answer, now) : h->it.on_no_response(now);
    if (next) h->outgoing = std::move(next);
    h->it.tick(now);
    settle(*h, now);
}

void device_pool::on_tick(instant now) {
    while (!answers_.empty() && answers_.begin()->first <= now) {
        const auto due = answers_.extract(answers_.begin()).mapped();
        auto& h = *devices_[due.device];
        (void)h.it.on_answer(due.object, !h.refuses, now);
        settle(h, now);
    }
    while (!calendar_.empty() && calendar_.begin()->first <= now) {
        auto& h = *devices_[calendar_.begin()->second];
        calendar_.erase(calendar_.begin());
        h.wakes.reset();
        set_clock(h, now);
        if (const auto card = h.terminal ? h.terminal->due() : std::nullopt;
            card && *card <= link_time(now.time_since_epoch()))
            h.it.poll(now);
        h.it.tick(now);
        settle(h, now);
    }
}

std::optional<instant> device_pool::next_due() const {
    std::optional<instant> out;
    if (!answers_.empty()) out = answers_.begin()->first;
    if (!calendar_.empty() && (!out || calendar_.begin()->first < *out)) out = calendar_.begin()->first;
    return out;
}

std::size_t device_pool::add_device(device_model who, instant now) {
    devices_.emplace_back();
    auto& h = make(std::move(who), devices_.size() - 1);
    h.it.switch_on(now);
    settle(h, now);
    return h.number;
}

bool device_pool::insert(std::size_t card, std::size_t device, instant now) {
    auto* to = at(device);
    if (to == nullptr || card >= place_.size()) return false;
    if (auto* from = at(place_[card])) {
        take_out(*from);
        settle(*from, now);
    }
    take_out(*to);
    put_in(*to, card, now);
    settle(*to, now);
    return true;
}

bool device_pool::edit(std::size_t device, const mo::uri& node, std::string value, instant now) {
    auto* h = at(device);
    if (h == nullptr || !h->it.edit(node, std::move(value))) return false;
    settle(*h, now);
    return true;
}

bool device_pool::call(std::size_t device, instant now) {
    auto* h = at(device);
    if (h == nullptr) return false;
    for (const auto& object : h->it.objects()) {
        const auto* top = mo::find(h->it.tree(), object.at);
        const auto account = top != nullptr ? account_of(*top) : std::nullopt;
        if (!account) continue;
        auto first = h->it.start_session(object.at, now);
        if (!first) return false;
        h->server = account->server_uri;
        h->outgoing = std::move(first);
        settle(*h, now);
        return true;
    }
    return false;
}

std::optional<std::size_t> device_pool::device_of(std::size_t card) const {
    if (card >= place_.size() || at(place_[card]) == nullptr) return std::nullopt;
    return place_[card];
}

const device* device_pool::find(std::size_t device) const {
    const auto* h = at(device);
    return h == nullptr ? nullptr : &h->it;
}

object_sight device_pool::sight(std::size_t device, const mo::uri& object) const {
    const auto* h = at(device);
    if (h == nullptr) return object_sight::unseen;
    const auto it = h->sights.find(object);
    return it == h->sights.end() ? object_sight::unseen : it->second;
}

bool device_pool::busy(instant now) const {
    if (!answers_.empty() || (!calendar_.empty() && calendar_.begin()->first <= now)) return true;
    for (const auto& h : devices_)
        if (h && h->it.in_session()) return true;
    return false;
}

}  // namespace ota::sandbox
