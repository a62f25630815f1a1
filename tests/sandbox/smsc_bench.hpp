#pragma once

#include "gateway/smpp/tables.hpp"
#include "sandbox/smsc.hpp"

#include <gtest/gtest.h>

/// An SMSC on the table, with one ESME bound and a card that answers as it is told.
namespace ota::sandbox {
using namespace std::chrono_literals;

inline const instant start = std::chrono::sys_days(std::chrono::year(2026) / 11 / 22) + 12h;

/// A card that answers as it is told.
struct told_network final : network {
    sms_report deliver(const sms_deliver& sms) override {
        arrived.push_back(wire::octets(sms.user_data.begin(), sms.user_data.end()));
        if (failures > 0) {
            --failures;
            return {acknowledgement::refused, toolkit_busy, {}, {}};
        }
        return {acknowledgement::accepted, 0, report, originated};
    }
    void on_lost(const sms_deliver&) override { ++lost; }

    std::vector<wire::octets> arrived;
    std::optional<wire::octets> report = wire::octets{0x02, 0x71, 0x00, 0xAA};
    std::vector<wire::octets> originated;
    int failures = 0;
    int lost = 0;
};

class smsc_machine : public ::testing::Test {
protected:
    smsc& made(const smsc_settings& settings = {}) {
        machine_.emplace(settings, cards_);
        bind(1, smpp::bind_kind::transceiver);
        return *machine_;
    }
    std::uint32_t bind(smpp::session_id id, smpp::bind_kind kind, std::string who = "esme",
                       std::string password = "pw") {
        smpp::bind request;
        request.kind = kind;
        request.system_id = std::move(who);
        request.password = std::move(password);
        return machine_->on_bind(id, request).command_status;
    }
    static smpp::received_submit submit(std::uint32_t request, std::uint8_t registered = 0,
                                        smpp::session_id session = 1) {
        smpp::received_submit out;
        out.session = session;
        out.request = request;
        out.message.source.digits = "12345";
        out.message.destination.digits = "49155000000001";
        out.message.esm_class = 0x40;
        out.message.protocol_id = 0x7F;
        out.message.data_coding = 0xF6;
        out.message.registered_delivery = registered;
        out.message.short_message = {0x02, 0x70, 0x00, static_cast<std::uint8_t>(request)};
        return out;
    }
    smsc::output send(std::uint32_t request, std::uint8_t registered = 0) {
        return machine_->on_submit({submit(request, registered)}, now_);
    }
    smsc::output later(std::chrono::microseconds by) {
        now_ += by;
        return machine_->on_tick(now_);
    }
    static const smpp::deliver_sm& deliver(const smsc::output& out, std::size_t at) {
        return std::get<smpp::deliver_sm>(out.deliveries.at(at).message);
    }
    static bool is_receipt(const smpp::delivery& d) {
        const auto* sm = std::get_if<smpp::deliver_sm>(&d.message);
        return sm && sm->esm_class == smpp::esm::delivery_receipt;
    }

    told_network cards_;
    std::optional<smsc> machine_;
    instant now_ = start;
};

}  // namespace ota::sandbox
