#include "secure-channel/cat_tp/link.hpp"

#include <algorithm>
#include <cstdlib>

namespace ota::cat_tp {  // not imported: POSIX has a function `link`
namespace {

void must(bool held) {
    if (!held) std::abort();
}

/// Feeds one link PDUs near what it expects, ticks, SDUs and closings, and checks that it keeps its limits, speaks in
/// PDUs that can be read, tells its end once and says nothing after it.
class exercise {
public:
    exercise(std::uint8_t kind, wire::reader& in) : sound_(settings(in)), machine_(begin((kind & 1) != 0, in)) {
        look();
    }

    void step(std::uint8_t choice, wire::reader& in) {
        now_ += milliseconds((choice >> 4) * 70);
        switch (choice & 15) {
            case 0: machine_.work_pending(in.u8() % 2 == 0, now_); break;
            case 1: say(in.u16()); break;
            case 2:
                if (in.u8() < 16) machine_.close(now_, out_, static_cast<reset_reason>(in.u8() % 3));
                break;
            case 3:
            case 4: tick(); break;
            case 5: raw(in); break;
            default: machine_.on_pdu(near(choice, in), now_, out_); break;
        }
        look();
    }

    /// Nothing holds a link for ever, whatever was said to it.
    void finish() {
        machine_.work_pending(false, now_);
        machine_.close(now_, out_);
        look();
        for (int ticks = 0; machine_.now_in() != link::state::closed; ++ticks) {
            must(ticks < 3000 && machine_.due().has_value());
            tick();
            look();
        }
        must(ended_ && !machine_.due());
    }

private:
    static link_settings settings(wire::reader& in) {
        link_settings s;
        s.max_pdu = static_cast<std::uint16_t>(23 + in.u8());
        s.max_sdu = static_cast<std::uint16_t>(in.u8() * 4);
        s.window = static_cast<std::uint16_t>(1 + in.u8() % 12);
        s.under_way = 16;
        s.backlog = 4000;
        return s;
    }

    link begin(bool opens, wire::reader& in) {
        const auto first = in.u16();
        expected_ = first;
        if (opens) return {sound_, 200, 100, wire::octets(3), first, 5, now_, out_};
        pdu syn{.source_port = 100, .destination_port = 200, .sequence = in.u16(), .window = in.u8()};
        current_ = syn.sequence;
        syn.body = set_up{static_cast<std::uint16_t>(peer_max_pdu_ = 23u + in.u8()), 500, {}};
        must(first_look(syn, 200, true).is == first_look_result::verdict::set_up);
        return {sound_, syn, first, 5, now_, out_};
    }

    void say(std::uint16_t length) {
        const auto number = machine_.send(wire::octets(length % 600, 7), now_, out_);
        if (number) must(number.value() == ++said_);
    }

    void tick() {
        now_ = std::max(now_, machine_.due().value_or(now_));
        machine_.on_tick(now_, out_);
        must(!machine_.due() || *machine_.due() > now_);
    }

    void raw(wire::reader& in) {
        const auto p = parse(in.take(std::min<std::size_t>(in.u8(), in.remaining())));
        if (p) machine_.on_pdu(p.value(), now_, out_);
    }

    /// | sequence, from what the link awaits 1 | acknowledgement, from what it sent last 1 | window 1 | length 1 |
    pdu near(std::uint8_t choice, wire::reader& in) {
        pdu p{.source_port = 100, .destination_port = 200};
        p.sequence = static_cast<std::uint16_t>(current_ + static_cast<std::int8_t>(in.u8()) / 8 + 1);
        p.acknowledgement = static_cast<std::uint16_t>(expected_ + static_cast<std::int8_t>(in.u8()) / 8);
        p.window = in.u8();
        const auto length = in.u8();
        if (p.window == 255) p.window = 65535;
        const int kind = choice & 15;
        if (kind == 6 && length < 64) {
            p.body = reset{static_cast<reset_reason>(length)};
            if (length % 2 == 0) p.acknowledgement.reset();
        } else if (kind == 7) {
            p.body = set_up{static_cast<std::uint16_t>(23 + length), 500, {}};
            if (length % 2 == 0) p.acknowledgement.reset();
            peer_max_pdu_ = std::max<std::size_t>(peer_max_pdu_, 23u + length);
        } else {
            traffic t{.nul = kind == 8, .more = length % 3 == 0};
            if (kind > 9) t.data.assign(length, 9);
            if (kind < 12)
                for (int i = 0; i < length % 5; ++i)
                    t.held.push_back(static_cast<std::uint16_t>(*p.acknowledgement + 2 + i));
            p.body = std::move(t);
        }
        return p;
    }

    void look() {
        must(out_.size() <= 64);
        for (const auto& each : out_) {
            must(!ended_);
            if (const auto* t = std::get_if<link::transmit>(&each)) look(*t);
            if (const auto* r = std::get_if<link::received>(&each))
                must(!r->sdu.empty() && r->sdu.size() <= sound_.max_sdu);
            if (const auto* k = std::get_if<link::acknowledged>(&each)) must(k->sdu == ++through_ && through_ <= said_);
            if (std::holds_alternative<link::opened>(each)) must(!std::exchange(opened_, true));
            if (std::holds_alternative<link::ended>(each)) ended_ = true;
        }
        out_.clear();
        must(machine_.held() <= sound_.window);
        must(machine_.under_way() <= 18u);  // and a probe, and a keep-alive
        must(machine_.backlog() <= sound_.backlog);
        must(machine_.memory() <= 40000u);
        must(ended_ == (machine_.now_in() >= link::state::close_wait));
    }

    void look(const link::transmit& t) {
        const auto read = parse(t.datagram);
        must(read.has_value());
        const auto& p = read.value();
        must(p.source_port == 200 && p.destination_port == 100);
        if (std::holds_alternative<traffic>(p.body))
            must(t.datagram.size() <= std::min<std::size_t>(sound_.max_pdu, peer_max_pdu_));
        if (std::holds_alternative<reset>(p.body)) return;
        if (p.acknowledgement) current_ = *p.acknowledgement;
        const auto* body = std::get_if<traffic>(&p.body);
        const bool numbered = body == nullptr || body->nul || !body->data.empty();
        expected_ = numbered ? p.sequence : static_cast<std::uint16_t>(p.sequence - 1);
    }

    link_settings sound_;
    time_point now_{std::chrono::hours(1)};
    link::actions out_;
    std::uint16_t expected_ = 0, current_ = 0;  ///< what the link sent last, and what it acknowledged last
    std::size_t peer_max_pdu_ = 23;
    link machine_;
    std::uint64_t said_ = 0, through_ = 0;
    bool opened_ = false, ended_ = false;
};

}  // namespace
}  // namespace ota::cat_tp

/// | kind 1 | settings 3 | numbers, limits | (choice 1 | its octets)... |
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    ota::wire::reader in({data, size});
    const auto kind = in.u8();
    ota::cat_tp::exercise run(kind, in);
    while (in.remaining() > 1) {
        const auto choice = in.u8();
        run.step(choice, in);
    }
    run.finish();
    return 0;
}
