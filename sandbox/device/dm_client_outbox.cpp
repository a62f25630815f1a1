#include "sandbox/device/dm_client_outbox.hpp"

#include <algorithm>

namespace ota::sandbox {

namespace syncml = management_object::dm;

namespace {

void number(syncml::command& c, std::uint32_t cmd_id) {
    std::visit([&](auto& is) { is.cmd_id = cmd_id; }, c.is);
}

}  // namespace

std::size_t dm_message_size(const syncml::message& m, syncml::encoding as) {
    if (as == syncml::encoding::wbxml) {
        const auto octets = syncml::serialize_wbxml(m);
        return octets ? octets.value().size() : 0;
    }
    const auto text = syncml::serialize_xml(m);
    return text ? text.value().size() : 0;
}

void dm_outbox::put(dm_answers more) { std::ranges::move(more, std::back_inserter(waiting_)); }

void dm_outbox::give_up_object() {
    if (gone_ > 0) waiting_.pop_front();
    gone_ = 0;
}

/// Three quarters, then three quarters of that, ... of what is left, until it fits.
bool dm_outbox::put_chunk(syncml::message& m, syncml::encoding as, std::size_t room) {
    const auto& whole = std::get<syncml::results>(waiting_.front().is);
    const auto& item = whole.items.front();
    if (!item.data || item.data->empty()) return false;
    const auto left = item.data->size() - gone_;
    for (auto n = std::min(left, room); n > 0; n = n * 3 / 4) {
        while (!item.opaque && n > 0 && gone_ + n < item.data->size() &&
               (static_cast<unsigned char>((*item.data)[gone_ + n]) & 0xC0) == 0x80)
            --n;  // not inside a character
        if (n == 0) break;
        auto piece = whole;
        auto& part = piece.items.front();
        part.data = item.data->substr(gone_, n);
        part.more_data = n < left;
        if (gone_ == 0) {
            if (!part.about) part.about.emplace();
            part.about->size = static_cast<std::uint32_t>(item.data->size());
        }
        m.body.push_back({std::move(piece)});
        number(m.body.back(), static_cast<std::uint32_t>(m.body.size()));
        if (dm_message_size(m, as) <= room) {
            gone_ += n;
            return true;
        }
        m.body.pop_back();
    }
    return false;
}

void dm_outbox::fill(syncml::message& m, syncml::encoding as, std::size_t room, std::size_t keep) {
    room -= std::min(room, keep);
    const auto before = m.body.size();
    while (!waiting_.empty()) {
        auto* read = std::get_if<syncml::results>(&waiting_.front().is);
        if (gone_ == 0) {
            m.body.push_back(waiting_.front());
            number(m.body.back(), static_cast<std::uint32_t>(m.body.size()));
            if (dm_message_size(m, as) <= room || (read == nullptr && m.body.size() == before + 1)) {
                waiting_.pop_front();
                continue;
            }
            m.body.pop_back();
            if (read != nullptr && read->items.size() > 1) {  // one by one
                auto first = *read;
                first.items.resize(1);
                read->items.erase(read->items.begin());
                waiting_.push_front({std::move(first)});
                continue;
            }
            if (read == nullptr || m.body.size() > before) return;  // the next message has more room
        }
        if (!put_chunk(m, as, room)) {
            waiting_.pop_front();  // no message of this server can hold it
            gone_ = 0;
            continue;
        }
        if (gone_ < std::get<syncml::results>(waiting_.front().is).items.front().data->size()) return;
        waiting_.pop_front();
        gone_ = 0;
    }
}

}  // namespace ota::sandbox
