#pragma once

#include "gateway/smpp/switchboard.hpp"
#include "tests/smpp/samples.hpp"
#include "tests/smpp/wire_log.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <map>
#include <string>
#include <vector>

/// A switchboard on a virtual clock, with SMSCs whose every PDU the test decides.
namespace ota::smpp::testing_session {

inline route_settings route_named(std::string name) {
    route_settings r;
    r.name = std::move(name);
    r.host = "smsc.example";
    r.system_id = "gateway";
    r.password = "secret";
    r.window = 4;
    r.source = {2, 1, "1234"};
    r.reconnect_minimum = 1s;
    r.reconnect_maximum = 60s;
    return r;
}

class board {
public:
    explicit board(std::vector<route_settings> routes) : machine({std::move(routes), 42}) {}

    moment at() const { return {now, wall}; }

    /// Does what the last turn asks for, as the shell would; writes are done at once.
    void perform() {
        auto done = std::exchange(turn_, {});
        connects.insert(connects.end(), done.connect.begin(), done.connect.end());
        submitted.insert(submitted.end(), done.submitted.begin(), done.submitted.end());
        delivered.insert(delivered.end(), done.delivered.begin(), done.delivered.end());
        for (auto id : done.write) {
            wire::octets octets;
            machine.take_output(id, octets);
            for (auto& p : pdus_of(octets)) sent[id].push_back(std::move(p));
            machine.on_written(id, at(), turn_);
            perform();
        }
        for (auto id : done.close) {
            closed.push_back(id);
            machine.on_disconnected(id, "closed", at(), turn_);
            perform();
        }
    }

    void start() {
        machine.start(at(), turn_);
        perform();
    }
    void connect(link_id id) {
        machine.on_connected(id, at(), turn_);
        perform();
    }
    void disconnect(link_id id) {
        machine.on_disconnected(id, "connection reset", at(), turn_);
        perform();
    }
    void hear(link_id id, const body& what, std::uint32_t status, std::uint32_t sequence) {
        machine.on_octets(id, serialize({status, sequence, what}), at(), turn_);
        perform();
    }
    /// Connects a link and answers its bind.
    void bind_link(link_id id) {
        connect(id);
        ASSERT_FALSE(sent[id].empty());
        const auto asked = std::exchange(sent[id], {}).front();
        hear(id, bind_resp{std::get<bind>(asked.what).kind, "smsc", {}}, 0, asked.sequence_number);
    }
    void submit(std::vector<bearer::submission> messages) {
        machine.submit(std::move(messages), at(), turn_);
        perform();
    }
    void submit(std::int64_t packet, std::string destination = "491512345678") {
        submit({message(packet, std::move(destination))});
    }
    bearer::submission message(std::int64_t packet, std::string destination = "491512345678") const {
        bearer::submission m;
        m.id.packet = packet;
        m.destination = std::move(destination);
        m.user_data = samples::hex("02700000381516192222b00000");
        m.expires = wall + 1h;
        return m;
    }
    void share(std::vector<route_share> shares) {
        machine.set_shares(shares, at(), turn_);
        perform();
    }
    void set_routes(std::vector<route_settings> routes) {
        machine.set_routes(std::move(routes), at(), turn_);
        perform();
    }
    void answer(std::uint64_t token, bool accepted) {
        machine.answer({token}, accepted, at(), turn_);
        perform();
    }
    void pass(std::chrono::milliseconds time) {
        for (const auto end = now + time; now < end;) {
            const auto step = std::min<std::chrono::milliseconds>(
                100ms, std::chrono::duration_cast<std::chrono::milliseconds>(end - now));
            now += step;
            wall += step;
            machine.on_tick(at(), turn_);
            perform();
        }
    }
    void shut_down() {
        machine.shut_down(at(), turn_);
        perform();
    }
    void give_up() {
        machine.give_up(at(), turn_);
        perform();
    }
    void answer_all(link_id id, std::uint32_t status = 0) {
        for (const auto& p : std::exchange(sent[id], {}))
            if (std::holds_alternative<submit_sm>(p.what))
                hear(id, submit_sm_resp{{"id", {}}}, status, p.sequence_number);
    }
    /// The submit_sm sent on a link since they were last taken.
    std::vector<pdu> submits(link_id id) {
        std::vector<pdu> out;
        for (auto& p : std::exchange(sent[id], {}))
            if (std::holds_alternative<submit_sm>(p.what)) out.push_back(std::move(p));
        return out;
    }
    std::vector<std::int64_t> outcomes(bearer::submit_outcome outcome) const {
        std::vector<std::int64_t> out;
        for (const auto& s : submitted)
            if (s.outcome == outcome) out.push_back(s.id.packet);
        return out;
    }
    route_status status(std::size_t route = 0) const { return machine.status(at()).at(route); }

    switchboard machine;
    time_point now = epoch;
    bearer::wall_time wall = std::chrono::sys_days(std::chrono::year(2026) / 11 / 22);
    std::map<link_id, std::vector<pdu>> sent;
    std::vector<link_id> connects;
    std::vector<link_id> closed;
    std::vector<bearer::submitted> submitted;
    std::vector<bearer::delivered> delivered;

private:
    turn turn_;
};

}  // namespace ota::smpp::testing_session
