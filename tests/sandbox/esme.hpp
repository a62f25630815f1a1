#pragma once

#include "gateway/smpp/client.hpp"

#include <condition_variable>
#include <mutex>

namespace ota::sandbox {

using namespace std::chrono_literals;

/// An ESME that writes down what it is told, and accepts every delivery.
class recorder final : public bearer::observer {
public:
    void on_submitted(std::vector<bearer::submitted> batch) override {
        const std::scoped_lock lock(mutex_);
        for (auto& one : batch) submitted.push_back(std::move(one));
        changed_.notify_all();
    }
    void on_delivered(std::vector<bearer::delivered> batch) override {
        std::vector<std::uint64_t> tokens;
        const std::scoped_lock lock(mutex_);
        for (auto& one : batch) {
            tokens.push_back(one.token);
            if (auto* message = std::get_if<bearer::inbound_message>(&one.what))
                proofs.push_back(*message);
            else
                receipts.push_back(std::get<bearer::receipt>(one.what));
        }
        if (sender) sender->answer(tokens, true);
        changed_.notify_all();
    }
    template <class Condition>
    bool wait(Condition met) {
        std::unique_lock lock(mutex_);
        for (int i = 0; i < 1000; ++i) {  // what the peers count changes without a word to us
            if (changed_.wait_for(lock, 20ms, met)) return true;
        }
        return false;
    }

    bearer::sender* sender = nullptr;
    std::vector<bearer::submitted> submitted;
    std::vector<bearer::inbound_message> proofs;
    std::vector<bearer::receipt> receipts;

private:
    std::mutex mutex_;
    std::condition_variable changed_;
};

inline smpp::client_settings settings_for(std::uint16_t port) {
    smpp::route_settings route;
    route.name = "sandbox";
    route.host = "127.0.0.1";
    route.port = port;
    route.system_id = "esme";
    route.password = "secret";
    route.source.digits = "12345";
    route.window = 50;
    route.reconnect_minimum = 20ms;
    smpp::client_settings out;
    out.routes.push_back(route);
    return out;
}

}  // namespace ota::sandbox
