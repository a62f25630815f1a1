#pragma once

#include "gateway/flow/twin.hpp"

/// The pieces that a twin is written in. Numbers are base-128 varints: a twin is read and written twice per event, and
/// most numbers are small.
namespace ota::flow {

class encoder {
public:
    void number(std::uint64_t v) {
        while (v >= 0x80) {
            out.push_back(static_cast<std::uint8_t>(v | 0x80));
            v >>= 7;
        }
        out.push_back(static_cast<std::uint8_t>(v));
    }
    void time(wall_time t) { number(static_cast<std::uint64_t>(t.time_since_epoch().count())); }
    void blob(wire::octet_view v) {
        number(v.size());
        out.insert(out.end(), v.begin(), v.end());
    }
    void text(std::string_view v) { blob(wire::as_octets(v)); }
    wire::octets out;
};

class decoder {
public:
    explicit decoder(wire::octet_view in) : in_(in) {}
    std::uint64_t number() {
        std::uint64_t v = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            const auto octet = in_.u8();
            v |= static_cast<std::uint64_t>(octet & 0x7F) << shift;
            if (octet < 0x80) return v;
        }
        in_.fail();
        return 0;
    }
    template <class T>
    T as() {
        return static_cast<T>(number());
    }
    wall_time time() { return wall_time(std::chrono::milliseconds(as<std::int64_t>())); }
    wire::octets blob() {
        auto v = in_.take(number());
        return {v.begin(), v.end()};
    }
    std::string text() { return std::string(wire::as_text(in_.take(number()))); }
    std::size_t count() {  // of elements that follow; never more than octets that are left
        const auto n = number();
        if (n > in_.remaining()) in_.fail();
        return in_.failed() ? 0 : n;
    }
    bool failed() const { return in_.failed(); }
    bool done() const { return !in_.failed() && in_.remaining() == 0; }

private:
    wire::reader in_;
};

void put_packet(encoder&, const packet&, const guard&);
[[nodiscard]] wire::result<packet> get_packet(decoder&, std::size_t nodes, const guard&);
void put_audit(encoder&, const card_audit&, const std::vector<node_state>&, const guard&);
[[nodiscard]] wire::result<card_audit> get_audit(decoder&, const std::vector<node_state>&, const guard&);

}  // namespace ota::flow
