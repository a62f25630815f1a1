#include "queue/content_hash.hpp"

#include <boost/json/value.hpp>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <vector>

namespace ota::queue {
namespace {

namespace json = boost::json;

struct sip_state {
    std::uint64_t v0, v1, v2, v3;

    void round() noexcept {
        v0 += v1, v1 = std::rotl(v1, 13), v1 ^= v0, v0 = std::rotl(v0, 32);
        v2 += v3, v3 = std::rotl(v3, 16), v3 ^= v2;
        v0 += v3, v3 = std::rotl(v3, 21), v3 ^= v0;
        v2 += v1, v1 = std::rotl(v1, 17), v1 ^= v2, v2 = std::rotl(v2, 32);
    }
    void compress(std::uint64_t word) noexcept {
        v3 ^= word;
        round(), round();
        v0 ^= word;
    }
};

std::uint64_t little_endian(const char* octets, std::size_t n) noexcept {
    std::uint64_t word = 0;
    std::memcpy(&word, octets, n);
    static_assert(std::endian::native == std::endian::little);
    return word;
}

/// Appends a value so that no two different values give the same octets: a tag, then a length or a fixed width.
class canonical_form {
public:
    explicit canonical_form(std::string& out) noexcept : out_(out) {}

    void text(std::string_view s) {
        out_ += 's';
        word(s.size());
        out_.append(s);
    }
    void value(const json::value& v) {
        switch (v.kind()) {
            case json::kind::null: out_ += 'n'; return;
            case json::kind::bool_: out_ += v.get_bool() ? 't' : 'f'; return;
            case json::kind::int64: return integer(v.get_int64());
            case json::kind::uint64: out_ += 'u', word(v.get_uint64()); return;
            case json::kind::double_: return number(v.get_double());
            case json::kind::string: return text({v.get_string().data(), v.get_string().size()});
            case json::kind::array: return array(v.get_array());
            case json::kind::object: return object(v.get_object());
        }
    }

private:
    void word(std::uint64_t w) {
        char octets[8];
        std::memcpy(octets, &w, 8);
        out_.append(octets, 8);
    }
    void integer(std::int64_t i) { out_ += 'i', word(static_cast<std::uint64_t>(i)); }
    void number(double d) {
        // 1.0 and 1e0 are the number 1 [RFC 8259, 6].
        if (std::nearbyint(d) == d && std::fabs(d) < 9.0e15) return integer(static_cast<std::int64_t>(d));
        out_ += 'd', word(std::bit_cast<std::uint64_t>(d));
    }
    void array(const json::array& a) {
        out_ += '[', word(a.size());
        for (const auto& element : a) value(element);
    }
    void object(const json::object& o) {
        out_ += '{', word(o.size());
        std::vector<const json::key_value_pair*> members;
        members.reserve(o.size());
        for (const auto& member : o) members.push_back(&member);
        std::sort(members.begin(), members.end(), [](auto* a, auto* b) { return a->key() < b->key(); });
        for (const auto* member : members) {
            text({member->key().data(), member->key().size()});
            value(member->value());
        }
    }

    std::string& out_;
};

}  // namespace

std::uint64_t sip_hash(std::uint64_t k0, std::uint64_t k1, std::string_view octets) noexcept {
    sip_state s{k0 ^ 0x736f6d6570736575, k1 ^ 0x646f72616e646f6d, k0 ^ 0x6c7967656e657261, k1 ^ 0x7465646279746573};
    std::size_t at = 0;
    for (; octets.size() - at >= 8; at += 8) s.compress(little_endian(octets.data() + at, 8));
    const auto rest = octets.size() - at;
    s.compress((rest == 0 ? 0 : little_endian(octets.data() + at, rest)) | std::uint64_t{octets.size()} << 56);
    s.v2 ^= 0xff;
    for (int i = 0; i < 4; ++i) s.round();
    return s.v0 ^ s.v1 ^ s.v2 ^ s.v3;
}

std::uint64_t content_hash(std::string_view subject, const json::value& data) {
    std::string canonical;
    canonical.reserve(512);
    canonical_form form(canonical);
    form.text(subject);
    form.value(data);
    return sip_hash(0x6f746167772d6576, 0x656e742d68617368, canonical);
}

}  // namespace ota::queue
