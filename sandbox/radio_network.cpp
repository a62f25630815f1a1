#include "sandbox/radio_network.hpp"

#include "sandbox/uicc/channel_objects.hpp"

#include <algorithm>

namespace ota::sandbox {

namespace {

constexpr std::uint64_t radio_stream = 0x726164696F;
constexpr std::uint8_t loopback_net = 127;

bool on_this_machine(const wire::octets& address) noexcept {
    constexpr std::size_t ipv4_octets = 4, ipv6_octets = 16;
    if (address.size() == ipv4_octets) return address[0] == loopback_net;
    if (address.size() != ipv6_octets || address.back() != 1) return false;
    return std::all_of(address.begin(), address.end() - 1, [](auto octet) { return octet == 0; });
}

}  // namespace

radio_network::radio_network(const radio_options& options, std::uint64_t seed, poster post)
    : options_(options), dice_(seed ^ radio_stream), post_(std::move(post)) {}

std::variant<channel_id, channel_refusal> radio_network::open(channel_owner& owner, const remote_port& to) {
    if (!on_this_machine(to.address)) {
        ++counts_.beyond;
        return channel_refusal{toolkit_result::bearer_protocol_error, {channel_error::not_reachable}};
    }
    if (dice_.strikes(options_.refusals)) {
        ++counts_.refused;
        if (dice_.next() % 2 == 0) return channel_refusal{toolkit_result::currently_unable, {0x00}};
        return channel_refusal{toolkit_result::bearer_protocol_error, {channel_error::no_channel_free}};
    }
    ++counts_.opened;
    const auto id = ++last_;
    links_[id] = {&owner, to.tcp, false, 0};
    post_({socket_order::kind::open, id, to, {}});
    return id;
}

radio_network::link* radio_network::find(channel_id id) {
    const auto it = links_.find(id);
    return it == links_.end() || it->second.cut || it->second.owner == nullptr ? nullptr : &it->second;
}

std::chrono::milliseconds radio_network::travel() {
    return std::chrono::milliseconds(dice_.between(options_.delay_min.count(), options_.delay_max.count()));
}

/// What chance makes of a datagram that sets out.
void radio_network::carry(channel_id id, passage::kind what, wire::octets data) {
    auto* over = find(id);
    if (over == nullptr) return;
    if (dice_.strikes(options_.cuts)) {
        ++counts_.cut;
        over->cut = true;
        calendar_.emplace(now_, passage{id, passage::kind::cut, {}});
        return;
    }
    if (over->tcp) return pass({id, what, std::move(data)}, now_);
    if (dice_.strikes(options_.loss)) return void(++counts_.lost);
    const bool twice = dice_.strikes(options_.duplicates);
    counts_.duplicated += twice;
    for (int copy = 0; copy <= (twice ? 1 : 0); ++copy) {
        over = find(id);  // what the first copy brought may have closed the channel
        if (over == nullptr) return;
        auto at = now_ + travel();
        if (dice_.strikes(options_.reordering)) {
            ++counts_.reordered;
            at += options_.reordering_delay;
        }
        if (at > now_) {
            over->under_way += what == passage::kind::to_server;
            calendar_.emplace(at, passage{id, what, data});
        } else {
            pass({id, what, data}, now_);
        }
    }
}

void radio_network::pass(passage p, instant now) {
    const auto it = links_.find(p.channel);
    if (it == links_.end()) return;
    auto& over = it->second;
    if (p.what == passage::kind::cut) {
        auto* owner = over.owner;
        forget(it);
        if (owner != nullptr) owner->on_link(p.channel, false, now);
    } else if (p.what == passage::kind::to_server) {
        if (over.cut) return;
        ++counts_.sent;
        post_({socket_order::kind::send, p.channel, {}, std::move(p.data)});
    } else if (!over.cut && over.owner != nullptr) {
        ++counts_.received;
        over.owner->on_data(p.channel, std::move(p.data), now);
    }
}

void radio_network::send(channel_id id, wire::octets data) { carry(id, passage::kind::to_server, std::move(data)); }

void radio_network::close(channel_id id) {
    const auto it = links_.find(id);
    if (it == links_.end()) return;
    it->second.owner = nullptr;
    if (it->second.under_way == 0 || it->second.cut) forget(it);
}

void radio_network::forget(std::map<channel_id, link>::iterator it) {
    const auto id = it->first;
    links_.erase(it);
    post_({socket_order::kind::close, id, {}, {}});
}

void radio_network::on_data(channel_id id, wire::octets data, instant now) {
    clock(now);
    carry(id, passage::kind::to_terminal, std::move(data));
}

void radio_network::on_link(channel_id id, bool up, instant now) {
    clock(now);
    const auto it = links_.find(id);
    if (it == links_.end()) return;
    auto* owner = it->second.owner;
    if (!up) {
        ++counts_.failed;
        forget(it);
    }
    if (owner != nullptr) owner->on_link(id, up, now);
}

void radio_network::on_tick(instant now) {
    clock(now);
    while (!calendar_.empty() && calendar_.begin()->first <= now) {
        auto due = calendar_.extract(calendar_.begin());
        const auto id = due.mapped().channel;
        const bool was_counted = due.mapped().what == passage::kind::to_server;
        pass(std::move(due.mapped()), now);
        const auto it = links_.find(id);
        if (it == links_.end() || !was_counted) continue;
        if (--it->second.under_way == 0 && it->second.owner == nullptr) forget(it);
    }
}

std::optional<instant> radio_network::next_due() const {
    if (calendar_.empty()) return std::nullopt;
    return calendar_.begin()->first;
}

}  // namespace ota::sandbox
