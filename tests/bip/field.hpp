#pragma once

#include "gateway/bip/exchange.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <memory>

/// Cards made of cat_tp::link in front of an exchange, on a virtual clock.
namespace ota::bip::testing {

using bearer::push_id;
using cat_tp::link;
using std::chrono::milliseconds;
using std::chrono::seconds;

inline constexpr std::uint16_t server_port = 8080, card_port = 8001;  // CAT_TP

inline secure_channel::key_encryption_key kek(std::uint8_t fill = 1) {
    return secure_channel::key_encryption_key::load(secure_channel::secret(wire::octets(32, fill))).value();
}

inline endpoint at(std::uint32_t host, std::uint16_t port) {
    endpoint out{.port = port};
    out.address = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
    for (std::size_t i = 0; i < 4; ++i) out.address[12 + i] = static_cast<std::uint8_t>(host >> (24 - 8 * i));
    return out;
}

inline exchange_settings few() {
    exchange_settings s;
    s.ports = {server_port};
    return s;
}

/// One card: what it was sent, and how its connection fares.
struct card {
    endpoint where;
    std::optional<link> machine;
    std::vector<wire::octets> got;
    bool open = false;
    std::optional<link::ended> end;
    std::vector<wire::octets> out;  ///< datagrams to go

    void take(link::actions& did) {
        for (auto& each : did) {
            if (auto* t = std::get_if<link::transmit>(&each)) out.push_back(std::move(t->datagram));
            if (std::holds_alternative<link::opened>(each)) open = true;
            if (auto* r = std::get_if<link::received>(&each)) got.push_back(std::move(r->sdu));
            if (auto* e = std::get_if<link::ended>(&each)) end = *e;
        }
        did.clear();
    }
};

class field {
public:
    explicit field(exchange_settings s = few(), used_pushes memory = {std::chrono::minutes(30), 40'000})
        : under(kek()), tokens(under), used(std::move(memory)), x(std::move(s), tokens, used, {11, 22}) {}

    /// A card begins; its SYN is on its way.
    card& begin(const endpoint& where, const push_id& push, std::uint16_t first = 100) {
        return begin(where, tokens.make(push), first);
    }
    card& begin(const endpoint& where, wire::octets identification, std::uint16_t first = 100) {
        auto& c = *cards.emplace_back(std::make_unique<card>());
        c.where = where;
        link::actions did;
        c.machine.emplace(card_settings, card_port, server_port, std::move(identification), first, 1, now, did);
        c.take(did);
        return c;
    }
    card& connected(const endpoint& where, const push_id& push) {
        auto& c = begin(where, push);
        settle();
        EXPECT_TRUE(c.open);
        return c;
    }

    void hear(const endpoint& from, wire::octet_view datagram) {
        x.on_datagram(from, datagram, now, did_);
        collect();
    }
    void hear(const endpoint& from, const cat_tp::pdu& p) { hear(from, cat_tp::serialize(p).value()); }

    void send(card& c, wire::octets sdu) {
        link::actions did;
        ASSERT_TRUE(c.machine->send(std::move(sdu), now, did));
        c.take(did);
    }
    void transmit(bearer::link_id id, bearer::submission_id s, wire::octets packet) {
        x.transmit(id, s, std::move(packet), now, did_);
        collect();
    }
    void keep(bearer::link_id id, bool work) {
        x.keep(id, work, now, did_);
        collect();
    }
    void close(bearer::link_id id) {
        x.close(id, now, did_);
        collect();
    }
    void drain() {
        x.drain(now, did_);
        collect();
    }
    void stop() {
        x.stop(now, did_);
        collect();
    }

    /// Carries datagrams both ways until all is quiet.
    void settle() {
        for (bool busy = true; busy;) {
            busy = false;
            for (auto& c : cards) {
                for (auto& each : std::exchange(c->out, {})) {
                    busy = true;
                    if (!lost || !lost()) hear(c->where, each);
                }
            }
            for (auto& each : std::exchange(sent, {})) {
                busy = true;
                if (!lost || !lost()) arrive(each);
            }
        }
    }
    /// Time passes; whatever is due happens.
    void pass(milliseconds span) {
        const auto end = now + span;
        for (;;) {
            auto next = x.due().value_or(end);
            for (auto& c : cards) next = std::min(next, c->machine->due().value_or(end));
            if (next > end) break;
            now = std::max(now, next);
            tick();
            settle();
            if (next == end) break;
        }
        now = end;
        tick();
        settle();
    }

    template <class T>
    [[nodiscard]] std::vector<T> told_of() const {
        std::vector<T> out;
        for (const auto& each : told) {
            if (const auto* t = std::get_if<T>(&each.what)) out.push_back(*t);
        }
        return out;
    }
    [[nodiscard]] bearer::link_id last_link() const { return told.empty() ? bearer::link_id{} : told.back().link; }

    secure_channel::key_encryption_key under;
    bearer::push_tokens tokens;
    used_pushes used;
    exchange x;
    cat_tp::link_settings card_settings;
    time_point now{std::chrono::hours(1)};
    std::vector<std::unique_ptr<card>> cards;
    std::vector<exchange::datagram> sent;  ///< by the exchange, not yet carried
    std::vector<bearer::link_event> told;
    std::function<bool()> lost;

private:
    void tick() {
        x.on_tick(now, did_);
        collect();
        for (auto& c : cards) {
            link::actions did;
            c->machine->on_tick(now, did);
            c->take(did);
        }
    }
    void arrive(const exchange::datagram& d) {
        const auto parsed = cat_tp::parse(d.octets);
        ASSERT_TRUE(parsed);
        for (auto& c : cards) {
            if (c->where != d.to) continue;
            link::actions did;
            c->machine->on_pdu(parsed.value(), now, did);
            c->take(did);
        }
    }
    void collect() {
        for (auto& each : did_.send) sent.push_back(std::move(each));
        for (auto& each : did_.tell) told.push_back(std::move(each));
        did_ = {};
    }
    exchange::actions did_;
};

/// The reason of the RST that a datagram is; none when it is something else.
inline std::optional<cat_tp::reset_reason> reset_in(const exchange::datagram& d) {
    const auto parsed = cat_tp::parse(d.octets);
    if (!parsed) return std::nullopt;
    const auto* const r = std::get_if<cat_tp::reset>(&parsed.value().body);
    return r == nullptr ? std::nullopt : std::optional(r->reason);
}

}  // namespace ota::bip::testing
