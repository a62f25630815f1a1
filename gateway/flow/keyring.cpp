#include "gateway/flow/keyring.hpp"

#include <algorithm>

namespace ota::flow {

using secure_channel::secret;

// | format 1 | count 1 | { KVN 1 | MAC length 1 | KIc length 1 | KIc | KID length 1 | KID } .. |
secret serialize_keys(const std::vector<card_key>& keys) {
    wire::writer out(2 + keys.size() * 68);
    out.u8(1).u8(keys.size());
    for (const auto& k : keys) {
        out.u8(k.version).u8(k.mac_length);
        out.u8(k.kic.size()).put(k.kic.view());
        out.u8(k.kid.size()).put(k.kid.view());
    }
    return secret(out.take());
}

wire::result<std::vector<card_key>> parse_keys(wire::octet_view in) {
    wire::reader r(in);
    if (r.u8() != 1) r.fail();
    std::vector<card_key> keys(std::min<std::size_t>(r.u8(), 15));
    for (auto& k : keys) {
        k.version = r.u8();
        k.mac_length = r.u8();
        const auto kic = r.take(r.u8());
        k.kic = secret(wire::octets(kic.begin(), kic.end()));
        const auto kid = r.take(r.u8());
        k.kid = secret(wire::octets(kid.begin(), kid.end()));
    }
    return r.finish(std::move(keys));
}

std::string keys_purpose(std::string_view iccid) { return "keys:" + std::string(iccid); }

wire::result<card_keys*> key_cache::keys_of(std::int64_t card, std::string_view iccid, wire::octet_view sealed) {
    const auto tag = sealed.last(std::min<std::size_t>(16, sealed.size()));
    if (auto found = at_.find(card); found != at_.end()) {
        if (std::equal(tag.begin(), tag.end(), found->second->sealed_tag.begin(), found->second->sealed_tag.end())) {
            slots_.splice(slots_.begin(), slots_, found->second);
            return &found->second->keys;
        }
        slots_.erase(found->second);
        at_.erase(found);
    }
    const auto purpose = keys_purpose(iccid);
    OTA_TRY(auto clear, kek_.open(sealed, wire::as_octets(purpose)));
    OTA_TRY(auto parsed, parse_keys(clear.view()));
    slot fresh{card, {tag.begin(), tag.end()}, {}};
    for (auto& k : parsed) {
        fresh.keys.sets.push_back(
            {k.version, secure_channel::key_set(std::move(k.kic), std::move(k.kid), k.mac_length)});
    }
    slots_.push_front(std::move(fresh));
    at_[card] = slots_.begin();
    if (slots_.size() > capacity_) {
        at_.erase(slots_.back().card);
        slots_.pop_back();
    }
    return &slots_.front().keys;
}

}  // namespace ota::flow
