#include "queue/content_hash.hpp"

#include "secure-channel/wire/sip_hash.hpp"

#include <boost/json/value.hpp>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <vector>

namespace ota::queue {
namespace {

namespace json = boost::json;

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

std::uint64_t content_hash(std::string_view subject, const json::value& data) {
    std::string canonical;
    canonical.reserve(512);
    canonical_form form(canonical);
    form.text(subject);
    form.value(data);
    return wire::sip_hash({0x6f746167772d6576, 0x656e742d68617368}, canonical);
}

}  // namespace ota::queue
