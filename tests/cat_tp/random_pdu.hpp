#pragma once

#include "secure-channel/cat_tp/pdu.hpp"

#include <random>

/// PDUs of every kind, for properties and for judges.
namespace ota::cat_tp {

class random_pdus {
public:
    explicit random_pdus(std::uint32_t seed) : random_(seed) {}

    pdu next() {
        pdu p{.source_port = u16(), .destination_port = u16(), .sequence = u16(), .window = u16()};
        const auto kind = random_() % 5;
        if (kind >= 2 || random_() % 2 == 0) p.acknowledgement = u16();
        if (kind == 0) {
            p.body = set_up{u16(), u16(), some_octets(longest_identification)};
        } else if (kind == 1) {
            p.body = reset{static_cast<reset_reason>(random_() % 7)};
        } else {
            p.body = some_traffic();
        }
        return p;
    }

private:
    std::uint16_t u16() { return static_cast<std::uint16_t>(random_()); }

    /// Half of the strings are short: lengths at the edges matter.
    wire::octets some_octets(std::size_t most) {
        wire::octets out(random_() % 2 == 0 ? random_() % 5 : random_() % (most + 1));
        for (auto& octet : out) octet = random_() % 4 == 0 ? 0xFF : static_cast<std::uint8_t>(random_());
        return out;
    }

    traffic some_traffic() {
        traffic t{.nul = random_() % 4 == 0, .more = random_() % 4 == 0};
        if (random_() % 3 == 0)
            for (auto left = random_() % (most_held + 1); left > 0; --left) t.held.push_back(u16());
        if (!t.nul) t.data = some_octets(1400);
        return t;
    }

    std::mt19937 random_;
};

}  // namespace ota::cat_tp
