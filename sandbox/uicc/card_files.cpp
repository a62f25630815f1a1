#include "sandbox/uicc/card_files.hpp"

#include <algorithm>

namespace ota::sandbox {

std::uint16_t card_files::identifier(file_id id) const noexcept {
    const auto& f = tree_.at(id);
    return f.spare ? store_.created(tree_, id).value_or(0) : f.identifier;
}

std::size_t card_files::size(file_id id) const noexcept {
    const auto& f = tree_.at(id);
    if (!f.resizable) return f.size;
    const auto own = store_.find(tree_, f.first_slot);
    return own.empty() ? f.size : own.size();
}

std::optional<file_id> card_files::child(file_id directory, std::uint16_t identifier) const noexcept {
    const auto known = tree_.child(directory, identifier);
    if (known && exists(*known)) return known;
    for (const auto place : tree_.spare_places())
        if (tree_.at(place).parent == directory && store_.created(tree_, place) == identifier) return place;
    return std::nullopt;
}

std::vector<std::uint16_t> card_files::path_of(slot_id slot) const {
    std::vector<std::uint16_t> out;
    for (std::size_t i = 1; i < tree_.size(); ++i) {
        auto id = static_cast<file_id>(i);
        const auto& f = tree_.at(id);
        if (f.directory || slot < f.first_slot || slot >= f.first_slot + f.records || !exists(id)) continue;
        for (; id != 0; id = tree_.at(id).parent) out.insert(out.begin(), identifier(id));
        break;
    }
    return out;
}

bool card_files::exists(file_id id) const noexcept {
    const auto& f = tree_.at(id);
    if (f.spare) return store_.created(tree_, id).has_value();
    return !f.resizable || !store_.deleted(tree_, id);
}

wire::octets card_files::content(slot_id slot) const {
    const auto own = store_.find(tree_, slot);
    return own.empty() ? tree_.factory_content(slot, iccid_) : wire::octets(own.begin(), own.end());
}

void card_files::write(slot_id slot, std::size_t offset, wire::octet_view data) {
    const auto own = store_.own(tree_, slot, tree_.initial(slot));
    std::copy(data.begin(), data.end(), own.begin() + static_cast<std::ptrdiff_t>(offset));
}

std::optional<file_id> card_files::create(file_id directory, std::uint16_t identifier, std::size_t size) {
    for (const auto place : tree_.spare_places()) {
        if (tree_.at(place).parent != directory || store_.created(tree_, place)) continue;
        store_.set_created(tree_, place, identifier);
        store_.assign(tree_, tree_.at(place).first_slot, wire::octets(size, 0xFF));
        return place;
    }
    return std::nullopt;
}

void card_files::remove(file_id id) {
    store_.forget(tree_, tree_.at(id).first_slot);
    store_.set_deactivated(tree_, id, false);
    if (tree_.at(id).spare) {
        store_.set_created(tree_, id, std::nullopt);
    } else {
        store_.set_deleted(tree_, id, true);
    }
}

void card_files::resize(file_id id, std::size_t size) {
    auto image = content(tree_.at(id).first_slot);
    image.resize(size, 0xFF);
    store_.assign(tree_, tree_.at(id).first_slot, image);
}

}  // namespace ota::sandbox
