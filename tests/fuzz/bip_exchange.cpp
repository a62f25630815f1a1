#include "gateway/bip/callers.hpp"
#include "gateway/bip/exchange.hpp"

#include <algorithm>
#include <cstdlib>
#include <map>

using namespace ota;
using namespace ota::bip;

namespace {

const secure_channel::key_encryption_key kek =
    secure_channel::key_encryption_key::load(secure_channel::secret(wire::octets(32, 1))).value();
const bearer::push_tokens tokens(kek);

void must(bool holds) {
    if (!holds) std::abort();
}

/// A link that was told ends at most once and says nothing afterwards.
void follow(const std::vector<bearer::link_event>& told, std::map<std::uint64_t, bool>& open) {
    for (const auto& each : told) {
        if (std::holds_alternative<bearer::link_up>(each.what)) {
            must(open.emplace(each.link.value, true).second);
        } else {
            const auto found = open.find(each.link.value);
            must(found != open.end() && found->second);
            if (std::holds_alternative<bearer::link_down>(each.what)) found->second = false;
        }
    }
}

/// Hostile peers: PDUs of any fields, with good checksums and often with a good identification or with numbers that
/// were seen.
class peers {
public:
    explicit peers(wire::octet_view script)
        : in_(script), used_(std::chrono::minutes(1), 8), x_(few(), tokens, used_, {1, 2}) {}

    void run() {
        while (in_.remaining() > 0) {
            step(in_.u8());
            follow(did_.tell, open_);
            for (auto& each : did_.send) {
                const auto p = cat_tp::parse(each.octets);
                must(p.has_value());
                seen_ = p.value();
            }
            for (const auto& each : did_.tell) last_ = each.link;
            did_ = {};
            const auto f = x_.figures();
            must(f.records <= 6 && f.half_open <= 3 && f.links + f.half_open <= f.records && f.remembered <= 8);
        }
        x_.stop(now_, did_);
        follow(did_.tell, open_);
        for (const auto& [link, still] : open_) must(!still);
    }

private:
    static exchange_settings few() {
        exchange_settings s;
        s.ports = {1};
        s.max_links = 6;
        s.half_open = 3;
        s.per_source = 4;
        s.link.max_sdu = 600;
        s.link.window = 4;
        return s;
    }
    endpoint from() {
        endpoint out;
        const auto where = in_.u8();
        out.address[15] = where & 1;
        out.address[0] = where >> 1 & 1;
        out.port = where >> 2 & 3;
        return out;
    }
    std::uint16_t near(std::uint16_t number) { return static_cast<std::uint16_t>(number + in_.u8() - 8); }

    void step(std::uint8_t what) {
        const auto size = std::min<std::size_t>(what >> 4, in_.remaining());
        switch (what % 12) {
            case 0:
                x_.on_datagram(from(), in_.take(std::min<std::size_t>(in_.u8(), in_.remaining())), now_, did_);
                break;
            case 1: now_ += std::chrono::milliseconds(in_.u8() * 50); [[fallthrough]];
            case 2: x_.on_tick(now_, did_); break;
            case 3: x_.transmit(last_, {}, wire::octets(in_.u8() * 8u), now_, did_); break;
            case 4: x_.keep(last_, (what & 0x10) != 0, now_, did_); break;
            case 5: x_.close(last_, now_, did_); break;
            case 6:
                if (in_.u8() == 0xDD) x_.drain(now_, did_);
                break;
            case 7: hear(cat_tp::set_up{1400, 1400, tokens.make({what >> 4, 1})}, false); break;
            case 8: hear(cat_tp::reset{static_cast<cat_tp::reset_reason>(what >> 4)}, (what & 0x10) != 0); break;
            case 9: hear(cat_tp::traffic{.nul = true}, true); break;
            case 10:
                hear(cat_tp::traffic{.more = (what & 0x10) != 0, .data = wire::octets(in_.u8() + 1u)}, true);
                break;
            case 11: {
                cat_tp::traffic t;
                for (std::size_t i = 0; i < size; ++i) t.held.push_back(near(seen_.sequence));
                hear(std::move(t), true);
            }
        }
    }
    template <class Body>
    void hear(Body body, bool acknowledged) {
        const auto where = from();
        cat_tp::pdu p{.source_port = 2, .destination_port = 1, .window = in_.u8()};
        p.sequence = near(seen_.acknowledgement.value_or(100));
        if (acknowledged) p.acknowledgement = near(seen_.sequence);
        p.body = std::move(body);
        const auto octets = cat_tp::serialize(p);
        if (octets) x_.on_datagram(where, octets.value(), now_, did_);
    }

    wire::reader in_;
    used_pushes used_;
    exchange x_;
    exchange::actions did_;
    time_point now_{std::chrono::hours(1)};
    cat_tp::pdu seen_;
    bearer::link_id last_;
    std::map<std::uint64_t, bool> open_;
};

/// The TCP variant: any octets in any pieces, now and then behind a good identification.
void call(wire::octet_view script) {
    callers_settings s;
    s.tags.identification = 0x36;
    s.max_packet = 300;
    s.max_links = 4;
    s.unidentified = 3;
    used_pushes used(std::chrono::minutes(1), 8);
    callers x(s, tokens, used);
    callers::actions did;
    time_point now{std::chrono::hours(1)};
    std::map<std::uint64_t, bool> open;
    std::uint64_t connections = 0;
    wire::reader in(script);
    while (in.remaining() > 0) {
        const auto what = in.u8();
        const std::uint64_t one = connections - (connections == 0 ? 0 : what % std::min<std::uint64_t>(connections, 4));
        const bearer::link_id link{3u + 2u * (what >> 4u)};
        switch (what % 8) {
            case 0: x.on_connected(++connections, {}, now, did); break;
            case 1: x.on_octets(one, in.take(std::min<std::size_t>(in.u8(), in.remaining())), now, did); break;
            case 2:
                x.on_octets(one, wire::writer().u8(0x36).u8(24).put(tokens.make({what >> 4, 1})).take(), now, did);
                break;
            case 3: x.on_closed(one, did); break;
            case 4: now += std::chrono::milliseconds(in.u8() * 100), x.on_tick(now, did); break;
            case 5: x.transmit(link, wire::octets(in.u8()), now, did); break;
            case 6: x.keep(link, (what & 8) != 0, now, did); break;
            case 7: x.close(link, did); break;
        }
        follow(did.tell, open);
        did = {};
        must(x.links() + x.unidentified() <= 4 && x.unidentified() <= 3);
    }
    x.stop(did);
    follow(did.tell, open);
    for (const auto& [link, still] : open) must(!still);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const wire::octet_view script(data, size);
    peers(script).run();
    call(script);
    return 0;
}
