#pragma once

#include "gateway/smpp/client.hpp"
#include "gateway/smpp/server.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

/// A client and a server on loopback, and what each was told.
namespace ota::smpp::testing_live {

using namespace std::chrono_literals;

/// Waits until something told from another thread holds.
class told {
public:
    template <class F>
    void note(F&& change) {
        const std::scoped_lock lock(mutex_);
        change();
        changed_.notify_all();
    }
    template <class F>
    [[nodiscard]] bool wait(F&& holds, std::chrono::seconds at_most = 20s) {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, at_most, holds);
    }
    template <class F>
    [[nodiscard]] auto read(F&& what) {
        const std::scoped_lock lock(mutex_);
        return what();
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
};

/// What the client tells.
class ear final : public bearer::observer, public told {
public:
    void on_submitted(std::vector<bearer::submitted> what) override {
        note([&] { submitted.insert(submitted.end(), what.begin(), what.end()); });
    }
    void on_delivered(std::vector<bearer::delivered> what) override {
        note([&] { delivered.insert(delivered.end(), what.begin(), what.end()); });
    }
    [[nodiscard]] bool wait_submitted(std::size_t count) {
        return wait([&] { return submitted.size() >= count; });
    }
    [[nodiscard]] bool wait_delivered(std::size_t count) {
        return wait([&] { return delivered.size() >= count; });
    }
    [[nodiscard]] std::size_t count(bearer::submit_outcome outcome) {
        return read([&] {
            return static_cast<std::size_t>(std::ranges::count(submitted, outcome, &bearer::submitted::outcome));
        });
    }

    std::vector<bearer::submitted> submitted;
    std::vector<bearer::delivered> delivered;
};

/// An SMSC that accepts everything, unless told otherwise.
class smsc final : public server_observer, public told {
public:
    explicit smsc(server_settings settings = {}) : machine(std::move(settings), *this) {
        std::string error;
        EXPECT_TRUE(machine.start(error)) << error;
    }
    ~smsc() override { machine.stop(); }

    bind_decision on_bind(session_id id, const bind& what) override {
        bind_decision decision;
        note([&] {
            binds.emplace_back(id, what);
            decision.command_status = bind_status;
        });
        return decision;
    }
    void on_submit(std::vector<received_submit> what) override {
        std::vector<response> answers;
        note([&] {
            for (auto& s : what) {
                if (mute == 0)
                    answers.push_back({s.session, s.request, next_status(), std::to_string(++ids), {}, true});
                if (mute > 0) --mute;
                submits.push_back(std::move(s));
            }
        });
        machine.respond(std::move(answers));
    }
    void on_deliver_answered(std::vector<delivery_answered> what) override {
        note([&] { answered.insert(answered.end(), what.begin(), what.end()); });
    }
    void on_closed(session_id id) override {
        note([&] { closed.push_back(id); });
    }

    [[nodiscard]] bool wait_binds(std::size_t count) {
        return wait([&] { return binds.size() >= count; });
    }
    [[nodiscard]] session_id last_session() {
        return read([&] { return binds.back().first; });
    }

    std::vector<std::pair<session_id, bind>> binds;
    std::vector<received_submit> submits;
    std::vector<delivery_answered> answered;
    std::vector<session_id> closed;
    std::vector<std::uint32_t> statuses;  ///< of the next answers; then 0
    std::uint32_t bind_status = 0;
    int mute = 0;  ///< so many submits get no answer
    std::uint64_t ids = 0;
    server machine;

private:
    std::uint32_t next_status() {
        if (statuses.empty()) return status::ok;
        const auto next = statuses.front();
        statuses.erase(statuses.begin());
        return next;
    }
};

inline route_settings route_to(const smsc& target, std::string name = "a") {
    route_settings r;
    r.name = std::move(name);
    r.host = "127.0.0.1";
    r.port = target.machine.port();
    r.system_id = "gateway";
    r.password = "secret";
    r.source = {2, 1, "1234"};
    r.reconnect_minimum = 20ms;
    r.reconnect_maximum = 50ms;
    return r;
}

inline bearer::submission message(std::int64_t packet, std::string destination = "491512345678") {
    bearer::submission m;
    m.id.packet = packet;
    m.destination = std::move(destination);
    m.user_data = {0x02, 0x70, 0x00, 0x00, 0x05, 1, 2, 3, 4, 5};
    m.expires = std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now()) + 1h;
    return m;
}

inline std::vector<bearer::submission> messages(std::size_t count) {
    std::vector<bearer::submission> out;
    for (std::size_t i = 1; i <= count; ++i) out.push_back(message(static_cast<std::int64_t>(i)));
    return out;
}

/// Polls the status of a client until it holds.
[[nodiscard]] inline bool wait_status(const client& c,
                                      const std::function<bool(const std::vector<route_status>&)>& holds) {
    for (int i = 0; i < 2000; ++i) {
        if (holds(c.status())) return true;
        std::this_thread::sleep_for(10ms);
    }
    return false;
}

}  // namespace ota::smpp::testing_live
