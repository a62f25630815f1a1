#include "gateway/cards/key_check.hpp"

#include "gateway/cards/errc.hpp"
#include "gateway/flow/keyring.hpp"

#include <thread>

namespace ota::cards {

namespace {

using secure_channel::key_encryption_key;

auto success() { return BOOST_OUTCOME_V2_NAMESPACE::success(); }

constexpr const char* name = "kek_check";
constexpr const char* purpose = "kek-check";
constexpr std::string_view constant = "otagw key-encryption key";
constexpr std::string_view between_keys = "rewrap";  ///< no hexadecimal digits: never a sealed value
constexpr int most_tries = 10;
constexpr std::chrono::milliseconds retry_pause{2};

bool opens_constant(const key_encryption_key& kek, std::string_view kept) {
    const auto sealed = wire::from_hex(kept);
    if (!sealed) return false;
    const auto clear = kek.open(sealed.value(), wire::as_octets(std::string_view(purpose)));
    return clear && wire::as_text(clear.value().view()) == constant;
}

/// A store from before the check value: its cards say under which key they are. True as well when there are none.
wire::result<bool> opens_first_card(store::transaction& tx, const key_encryption_key& kek) {
    store::card_filter filter;
    filter.limit = 1;
    OTA_TRY(const auto cards, tx.list_cards(filter));
    if (cards.empty() || cards.front().sealed_keys.empty()) return true;
    return kek.open(cards.front().sealed_keys, wire::as_octets(flow::keys_purpose(cards.front().iccid))).has_value();
}

wire::result<void> keep(store::transaction& tx, const key_encryption_key& kek, const random_octets& random) {
    OTA_TRY(tx.set_value(name, wire::to_hex(wrap(kek, wire::as_octets(constant), purpose, random))));
    return tx.commit();
}

wire::result<void> check_once(store::store& state, const key_encryption_key& kek, const random_octets& random,
                              keep_check how) {
    OTA_TRY(auto tx, state.begin());
    OTA_TRY(const auto kept, tx->value(name));
    if (kept && *kept == between_keys) return errc::rewrap_cut_off;
    if (kept) return opens_constant(kek, *kept) ? wire::result<void>(success()) : errc::wrong_key;
    OTA_TRY(const bool fits, opens_first_card(*tx, kek));
    if (!fits) return errc::wrong_key;
    return how == keep_check::yes ? keep(*tx, kek, random) : wire::result<void>(success());
}

}  // namespace

wire::result<void> check_key(store::store& state, const key_encryption_key& kek, const random_octets& random,
                             keep_check how) {
    for (int tries = 1;; ++tries) {
        auto done = check_once(state, kek, random, how);
        if (done || tries == most_tries || (done.error() != store::errc::busy && done.error() != store::errc::conflict))
            return done;
        std::this_thread::sleep_for(retry_pause);
    }
}

wire::result<void> begin_rewrap(store::store& state, const key_encryption_key& from, const key_encryption_key& to) {
    OTA_TRY(auto tx, state.begin());
    OTA_TRY(const auto kept, tx->value(name));
    if (kept && *kept != between_keys && !opens_constant(from, *kept) && !opens_constant(to, *kept))
        return errc::wrong_key;
    OTA_TRY(tx->set_value(name, between_keys));
    return tx->commit();
}

wire::result<void> end_rewrap(store::store& state, const key_encryption_key& to, const random_octets& random,
                              bool any_card_readable) {
    OTA_TRY(auto tx, state.begin());
    if (any_card_readable) return keep(*tx, to, random);
    OTA_TRY(tx->set_value(name, std::nullopt));
    return tx->commit();
}

}  // namespace ota::cards
