#include "sandbox/uicc/card_link.hpp"

#include "sandbox/dice.hpp"
#include "secure-channel/packet_stream.hpp"
#include "secure-channel/wire/ber_tlv.hpp"

namespace ota::sandbox {

namespace {

std::uint16_t port_of(dice& lots) { return static_cast<std::uint16_t>(lots.between(0x4000, 0xFFFF)); }

class cat_tp_link final : public card_link {
public:
    cat_tp_link(cat_tp_order order, dice lots, link_time now, link_output& out)
        : link_{order.settings,
                port_of(lots),
                order.port,
                std::move(order.identification),
                static_cast<std::uint16_t>(lots.next()),
                lots.next(),
                now,
                pending_} {  // braces: left to right
        perform(out);
    }

    void on_octets(wire::octet_view datagram, link_time now, link_output& out) override {
        const auto pdu = cat_tp::parse(datagram);
        if (!pdu) return;  // as if it had been lost
        link_.on_pdu(pdu.value(), now, pending_);
        perform(out);
    }
    void on_tick(link_time now, link_output& out) override {
        link_.on_tick(now, pending_);
        perform(out);
    }
    [[nodiscard]] std::optional<link_time> due() const override { return link_.due(); }
    bool send(wire::octets sdu, link_time now, link_output& out) override {
        const bool taken = link_.send(std::move(sdu), now, pending_).has_value();
        perform(out);
        return taken;
    }

private:
    void perform(link_output& out) {
        for (auto& action : pending_) {
            if (auto* t = std::get_if<cat_tp::link::transmit>(&action)) out.sent.push_back(std::move(t->datagram));
            if (auto* r = std::get_if<cat_tp::link::received>(&action)) out.received.push_back(std::move(r->sdu));
            if (std::holds_alternative<cat_tp::link::ended>(action)) out.ended = true;
        }
        pending_.clear();
    }

    cat_tp::link::actions pending_;
    cat_tp::link link_;
};

class stream_link final : public card_link {
public:
    stream_link(std::chrono::milliseconds patience, link_time now) : patience_(patience), until_(now + patience) {}

    void on_octets(wire::octet_view octets, link_time now, link_output& out) override {
        until_ = now + patience_;
        stream_.on_octets(octets);
        for (;;) {
            auto next = stream_.next();
            if (!next) return void(out.ended = true);  // it cannot be followed any more
            if (!next.value()) return;
            if (next.value()->is == secure_channel::packet_stream::kind::command)
                out.received.push_back(std::move(next.value()->octets));
        }
    }
    void on_tick(link_time now, link_output& out) override { out.ended = now >= until_; }
    [[nodiscard]] std::optional<link_time> due() const override { return until_; }
    bool send(wire::octets sdu, link_time now, link_output& out) override {
        until_ = now + patience_;
        out.sent.push_back(std::move(sdu));
        return true;
    }

private:
    static constexpr std::size_t longest_packet = 16 * 1024;
    std::chrono::milliseconds patience_;
    link_time until_;
    secure_channel::packet_stream stream_{{}, longest_packet};
};

}  // namespace

std::unique_ptr<card_link> take_stream(std::chrono::milliseconds patience, link_time now) {
    return std::make_unique<stream_link>(patience, now);
}

wire::octets identification_packet(std::uint8_t tag, wire::octet_view identification) {
    wire::writer out;
    wire::write_ber_tlv(out, tag, identification);
    return out.take();
}

std::unique_ptr<card_link> open_cat_tp(cat_tp_order order, link_time now, link_output& out) {
    const dice lots(order.chance);
    return std::make_unique<cat_tp_link>(std::move(order), lots, now, out);
}

}  // namespace ota::sandbox
