#include "gateway/sessions/device_sessions.hpp"
#include "gateway/sessions/device_word.hpp"

#include <algorithm>

/// A device reads its card at once and calls at once; the card's proof takes seconds to get here. What such a device tells waits for
/// the proof.
namespace ota::sessions {

wire::result<bool> device_sessions::put_down_proven(store::transaction& tx, const ahead& word, counts& news) {
    OTA_TRY(auto card, take_card(tx, with_, word.card));
    const auto* object = card && card->profile != nullptr ? card->profile->object(word.object) : nullptr;
    const auto* node = object != nullptr ? card->state.find(word.object) : nullptr;
    if (node == nullptr || !node->confirmed || crc_of(*node) != word.image_crc) return false;
    OTA_TRY(put_down(tx, *card, *object, word.word, with_.now()));
    ++(word.word == flow::device_word::declined ? news.declined : news.confirmed);
    OTA_TRY(put_card(tx, with_, *card, ids_));
    return true;
}

void device_sessions::tick() {
    constexpr std::chrono::minutes longest_pause{5};
    constexpr std::size_t at_once = 50;  // the lock is held meanwhile, and sessions wait for it
    const std::lock_guard lock(mutex_);
    const auto now = with_.now();
    std::size_t looked = 0;
    std::erase_if(ahead_, [&](ahead& word) {
        if (word.until <= now) return true;
        if (word.next > now || looked == at_once) return false;
        ++looked;
        counts news;
        bool proven = false;
        const auto stored = in_transaction(with_.state, [&](store::transaction& tx) -> wire::result<bool> {
            news = {};
            OTA_TRY(proven, put_down_proven(tx, word, news));
            return proven;
        });
        if (!stored) failed(nullptr, stored.error());
        if (stored && proven) {
            tally_.confirmed += news.confirmed;
            tally_.declined += news.declined;
            return true;
        }
        word.next = now + word.pause;
        word.pause = std::min<std::chrono::milliseconds>(word.pause * 2, longest_pause);
        return false;
    });
}

}  // namespace ota::sessions
