#include "gateway/sessions/device_sessions.hpp"
#include "gateway/sessions/device_word.hpp"

#include <algorithm>

/// A device reads its card at once and calls at once; the card's proof takes seconds to get here. What such a device
/// tells waits for the proof.
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
    constexpr std::size_t at_once = 50;
    const auto now = with_.now();
    (void)store_left_over(nullptr);
    const auto same = [](const ahead& a, const ahead& b) {
        return a.card == b.card && a.object == b.object && a.image_crc == b.image_crc && a.word == b.word;
    };
    const auto due = [&] {
        const std::lock_guard lock(mutex_);
        std::erase_if(ahead_, [&](const ahead& word) { return word.until <= now; });
        std::vector<ahead> out;
        for (const auto& word : ahead_) {
            if (word.next <= now && out.size() < at_once) out.push_back(word);
        }
        return out;
    }();
    for (const auto& word : due) {
        const std::lock_guard alone(storing_);
        const auto find = [&] {
            return std::ranges::find_if(ahead_, [&](const ahead& each) { return same(each, word); });
        };
        {
            const std::lock_guard lock(mutex_);
            if (find() == ahead_.end()) continue;  // the device said something else meanwhile
        }
        counts news;
        bool proven = false;
        const auto stored = in_transaction(with_.state, [&](store::transaction& tx) -> wire::result<bool> {
            news = {};
            OTA_TRY(proven, put_down_proven(tx, word, news));
            return proven;
        });
        if (!stored) failed(nullptr, stored.error());
        const std::lock_guard lock(mutex_);
        const auto at = find();
        if (stored && proven) {
            tally_.confirmed += news.confirmed;
            tally_.declined += news.declined;
            if (at != ahead_.end()) ahead_.erase(at);
        } else if (at != ahead_.end()) {
            at->next = now + at->pause;
            at->pause = std::min<std::chrono::milliseconds>(at->pause * 2, longest_pause);
        }
        if (!stored) return;  // the others the next time
    }
}

}  // namespace ota::sessions
