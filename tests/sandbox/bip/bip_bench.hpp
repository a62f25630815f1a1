#pragma once

#include "sandbox/demo_profile.hpp"
#include "sandbox/judge.hpp"
#include "sandbox/modem_pool.hpp"
#include "secure-channel/cat_tp/link.hpp"
#include "secure-channel/command_packet.hpp"
#include "secure-channel/response_packet.hpp"
#include "secure-channel/short_message.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <deque>
#include <filesystem>
#include <map>

namespace ota::sandbox {

namespace sc = secure_channel;

/// A server of CAT_TP as a value: what it has for a card goes out when the card's connection stands, one packet after
/// the answer to the one before; then it closes the connection.
class bip_server {
public:
    static constexpr std::uint16_t port = 8080;

    /// For the card that identifies itself so; an empty one takes every card.
    std::vector<wire::octets> jobs;
    std::vector<wire::octets> answers, identifications;
    unsigned closed_well = 0, closed_ill = 0, connections = 0;
    bool answers_nothing = false;
    cat_tp::link_settings settings{.first_rto = cat_tp::milliseconds(500), .min_rto = cat_tp::milliseconds(300)};

    struct datagram {
        channel_id to = 0;
        wire::octets data;
    };
    std::vector<datagram> out;

    void on_datagram(channel_id from, wire::octet_view data, instant now) {
        const auto pdu = cat_tp::parse(data);
        ASSERT_TRUE(pdu) << wire::to_hex(data);
        if (answers_nothing) return;
        auto it = peers_.find(from);
        cat_tp::link::actions actions;
        if (it == peers_.end()) {
            const auto look = cat_tp::first_look(pdu.value(), port, true);
            if (look.is == cat_tp::first_look_result::verdict::answer) out.push_back({from, look.answer});
            if (look.is != cat_tp::first_look_result::verdict::set_up) return;
            identifications.push_back(std::get<cat_tp::set_up>(pdu.value().body).identification);
            ++connections;
            it = peers_.try_emplace(from).first;
            it->second.link = std::make_unique<cat_tp::link>(
                settings, pdu.value(), static_cast<std::uint16_t>(0xFFF0 + from), from, time(now), actions);
        } else {
            it->second.link->on_pdu(pdu.value(), time(now), actions);
        }
        perform(from, it->second, std::move(actions), now);
    }
    void on_tick(instant now) {
        for (auto& [id, peer] : peers_) {
            if (!peer.link || !peer.link->due() || *peer.link->due() > time(now)) continue;
            cat_tp::link::actions actions;
            peer.link->on_tick(time(now), actions);
            perform(id, peer, std::move(actions), now);
        }
    }
    [[nodiscard]] std::optional<instant> next_due() const {
        std::optional<instant> first;
        for (const auto& [id, peer] : peers_) {
            const auto due = peer.link ? peer.link->due() : std::nullopt;
            if (!due) continue;
            const instant at(std::chrono::ceil<std::chrono::microseconds>(due->time_since_epoch()));
            if (!first || at < *first) first = at;
        }
        return first;
    }
    [[nodiscard]] bool anyone() const {
        for (const auto& [id, peer] : peers_)
            if (!peer.over) return true;
        return false;
    }

private:
    struct peer_state {
        std::unique_ptr<cat_tp::link> link;
        std::size_t next = 0;
        bool over = false;
    };
    static cat_tp::time_point time(instant now) { return cat_tp::time_point(now.time_since_epoch()); }

    void go_on(peer_state& p, instant now, cat_tp::link::actions& more) {
        if (p.next == jobs.size()) return p.link->close(time(now), more);
        p.link->work_pending(true, time(now));
        EXPECT_TRUE(p.link->send(jobs[p.next++], time(now), more));
    }
    void perform(channel_id id, peer_state& p, cat_tp::link::actions actions, instant now) {
        for (std::size_t i = 0; i < actions.size(); ++i) {
            const auto action = actions[i];
            if (const auto* t = std::get_if<cat_tp::link::transmit>(&action)) out.push_back({id, t->datagram});
            if (std::holds_alternative<cat_tp::link::opened>(action)) go_on(p, now, actions);
            if (const auto* r = std::get_if<cat_tp::link::received>(&action)) {
                answers.push_back(r->sdu);
                go_on(p, now, actions);
            }
            if (const auto* e = std::get_if<cat_tp::link::ended>(&action)) {
                p.over = true;
                ++(e->why == cat_tp::close_cause::by_us ? closed_well : closed_ill);
            }
        }
    }
    std::map<channel_id, peer_state> peers_;
};

/// Cards without devices, their radio, and the server, on a clock of their own and without sockets.
struct bip_bench {
    explicit bip_bench(const radio_options& how = {}, std::size_t count = 4, std::uint64_t seed = 7,
                       const mishap_shares& mishaps = {})
        : file(std::filesystem::temp_directory_path() /
               ("otagw-bip-" + std::to_string(::getpid()) + "-" + std::to_string(seed))),
          cards(*profile, population_for(*profile, seed, count), {}, mishaps, journal_at(file)),
          radio(how, seed, [this](socket_order o) { orders.push_back(std::move(o)); }),
          modems(cards, radio, how.share, seed) {
        cards.open_journal(now);
    }
    ~bip_bench() { std::filesystem::remove(file); }

    journal& journal_at(const std::string& name) {
        std::filesystem::remove(name);
        std::string error;
        EXPECT_TRUE(diary.open(name, error)) << error;
        return diary;
    }

    [[nodiscard]] sc::command_header header(std::size_t card) {
        const auto counter = cards.who().first_counter(card) + ++sent[card];
        return {{0x16, 0x19}, {0x12}, {0x12}, {{0xB0, 0x00, 0x11}}, {counter}};
    }
    [[nodiscard]] wire::octets data_packet(std::size_t card, wire::octet_view script) {
        return sc::seal_command(header(card), script, cards.who().keys(card), sc::framing::data).value();
    }
    /// A short message; the additional data of the proof of receipt, in hex.
    std::string by_sms(std::size_t card, std::string_view script) {
        const auto h = header(card);
        const auto packet = sc::seal_command(h, wire::from_hex(script).value(), cards.who().keys(card)).value();
        const auto parts = sc::split_packet(packet, sc::packet_kind::command, 1).value();
        const auto number = cards.who().msisdn(card);
        const auto report = net().deliver({++submitted, number, parts.at(0), now});
        if (!report.report) return "no report";
        const auto opened = sc::open_response(wire::octet_view(*report.report).subspan(3), *report.report,
                                              {h.spi, h.kic, h.kid, true}, cards.who().keys(card));
        return opened ? wire::to_hex(opened.value().value.data) : opened.error().message();
    }
    [[nodiscard]] network& net() { return other != nullptr ? *other : modems; }
    static std::string push_of(const std::string& address = "7f000001") {
        return "80ec01011335010339020578"
               "3c03012328"
               "3e0521" +
               address + "80ec0102053c03001f90";
    }
    /// SPN gets this octet, written so often that the script has at least so many octets.
    static wire::octets spn_script(std::uint8_t octet, std::size_t least = 0) {
        auto out = wire::from_hex("00a4000c026f46").value();
        do {
            wire::writer w;
            w.put(wire::from_hex("00d6000011").value()).u8(octet).fill(16, 0xFF);
            const auto command = w.take();
            out.insert(out.end(), command.begin(), command.end());
        } while (out.size() < least);
        return out;
    }
    static wire::octets spn_image(std::uint8_t first) {
        wire::octets out(17, 0xFF);
        out[0] = first;
        return out;
    }

    /// What was ordered reaches the server, what the server says reaches the cards, until both are silent.
    void exchange() {
        for (bool going = true; going;) {
            going = !orders.empty() || !server.out.empty();
            for (auto& order : std::exchange(orders, {})) {
                if (order.what == socket_order::kind::open) ++open;
                if (order.what == socket_order::kind::close) --open;
                if (order.what == socket_order::kind::send) server.on_datagram(order.channel, order.data, now);
            }
            for (auto& one : std::exchange(server.out, {})) radio.on_data(one.to, std::move(one.data), now);
        }
    }
    /// Time goes on until nothing is due, or so much time has passed.
    void run(std::chrono::seconds most = std::chrono::seconds(600)) {
        const auto end = now + most;
        exchange();
        for (;;) {
            std::optional<instant> due;
            for (const auto& next : {radio.next_due(), modems.next_due(), server.next_due()})
                if (next && (!due || *next < *due)) due = next;
            if (!due || *due > end) return;
            now = std::max(now, *due);
            radio.on_tick(now);
            modems.on_tick(now);
            server.on_tick(now);
            exchange();
        }
    }
    verdict judged() {
        diary.flush();
        verdict out;
        std::string error;
        EXPECT_TRUE(judge(file, {}, out, error)) << error;
        return out;
    }
    /// The answer to a data packet, opened: its data in hex.
    std::string answer(std::size_t card, const wire::octets& sdu) {
        const auto opened = sc::open_response_sdu(sdu, {{0x16, 0x19}, {0x12}, {0x12}, true}, cards.who().keys(card));
        if (!opened) return opened.error().message();
        EXPECT_EQ(opened.value().integrity, sc::verification::verified);
        return wire::to_hex(wire::octets{static_cast<std::uint8_t>(opened.value().value.status)}) + " " +
               wire::to_hex(opened.value().value.data);
    }

    std::shared_ptr<const card_profile> profile = demo_profile();
    std::string file;
    journal diary;
    instant now{std::chrono::hours(1)};
    card_network cards;
    std::vector<socket_order> orders;
    radio_network radio;
    modem_pool modems;
    network* other = nullptr;
    bip_server server;
    std::map<std::size_t, std::uint64_t> sent;
    std::uint64_t submitted = 0;
    int open = 0;  ///< sockets
};

}  // namespace ota::sandbox
