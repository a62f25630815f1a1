#include "sandbox/uicc/file_store.hpp"

namespace ota::sandbox {

namespace {

constexpr std::uint16_t deactivated_mark = 0x8000, deleted_mark = 0xC000, created_mark = 0xD000, sized_mark = 0xE000,
                        tries_mark = 0xF000;
constexpr std::size_t mark_octets = 2, number_octets = 2;

std::uint16_t number_at(wire::octet_view in, std::size_t at) noexcept {
    return static_cast<std::uint16_t>(in[at] << 8 | in[at + 1]);
}

constexpr std::uint16_t mark_of(unsigned kind, std::uint16_t number) noexcept {
    return static_cast<std::uint16_t>(kind | number);
}

}  // namespace

file_store::entry file_store::entry_at(const file_tree& tree, std::size_t at) const noexcept {
    const auto mark = number_at(changed_, at);
    const auto content = at + mark_octets;
    if (mark < deactivated_mark) return {at, content, tree.initial(mark).size()};
    if (mark < created_mark) return {at, content, 0};
    if (mark < sized_mark || mark == tries_mark) return {at, content, number_octets};
    return {at, content + number_octets, number_at(changed_, content)};
}

std::optional<file_store::entry> file_store::locate(const file_tree& tree, std::uint16_t wanted) const noexcept {
    for (std::size_t at = 0; at < changed_.size();) {
        const auto found = entry_at(tree, at);
        if (number_at(changed_, at) == wanted) return found;
        at = found.content + found.length;
    }
    return std::nullopt;
}

std::optional<file_store::entry> file_store::locate_slot(const file_tree& tree, slot_id slot) const noexcept {
    if (const auto found = locate(tree, slot)) return found;
    return locate(tree, mark_of(sized_mark, slot));
}

void file_store::append(std::uint16_t mark, wire::octet_view rest) {
    changed_.reserve(changed_.size() + mark_octets + rest.size());
    changed_.push_back(static_cast<std::uint8_t>(mark >> 8));
    changed_.push_back(static_cast<std::uint8_t>(mark));
    changed_.insert(changed_.end(), rest.begin(), rest.end());
}

void file_store::erase(const file_tree& tree, std::uint16_t mark) {
    const auto found = locate(tree, mark);
    if (!found) return;
    changed_.erase(changed_.begin() + static_cast<std::ptrdiff_t>(found->at),
                   changed_.begin() + static_cast<std::ptrdiff_t>(found->content + found->length));
}

void file_store::set(const file_tree& tree, std::uint16_t mark, bool on) {
    if (!on) return erase(tree, mark);
    if (!locate(tree, mark)) append(mark);
}

wire::octet_view file_store::find(const file_tree& tree, slot_id slot) const noexcept {
    const auto found = locate_slot(tree, slot);
    if (!found) return {};
    return wire::octet_view(changed_).subspan(found->content, found->length);
}

std::span<std::uint8_t> file_store::own(const file_tree& tree, slot_id slot, wire::octet_view initial) {
    if (!locate_slot(tree, slot)) append(slot, initial);
    const auto found = locate_slot(tree, slot);
    return std::span(changed_).subspan(found->content, found->length);
}

void file_store::assign(const file_tree& tree, slot_id slot, wire::octet_view content) {
    const wire::octets kept(content.begin(), content.end());  // it may be a view of our own
    forget(tree, slot);
    if (kept.size() == tree.initial(slot).size()) return append(slot, kept);
    wire::writer rest;
    rest.u16(kept.size()).put(kept);
    append(mark_of(sized_mark, slot), rest.buffer());
}

void file_store::forget(const file_tree& tree, slot_id slot) {
    erase(tree, slot);
    erase(tree, mark_of(sized_mark, slot));
}

bool file_store::deactivated(const file_tree& tree, file_id id) const noexcept {
    return !changed_.empty() && locate(tree, mark_of(deactivated_mark, id));
}
void file_store::set_deactivated(const file_tree& tree, file_id id, bool on) {
    set(tree, mark_of(deactivated_mark, id), on);
}

bool file_store::deleted(const file_tree& tree, file_id id) const noexcept {
    return !changed_.empty() && locate(tree, mark_of(deleted_mark, id));
}
void file_store::set_deleted(const file_tree& tree, file_id id, bool on) { set(tree, mark_of(deleted_mark, id), on); }

std::optional<std::uint16_t> file_store::created(const file_tree& tree, file_id id) const noexcept {
    const auto found = locate(tree, mark_of(created_mark, id));
    if (!found) return std::nullopt;
    return number_at(changed_, found->content);
}

void file_store::set_created(const file_tree& tree, file_id id, std::optional<std::uint16_t> identifier) {
    erase(tree, mark_of(created_mark, id));
    if (!identifier) return;
    wire::writer rest;
    append(mark_of(created_mark, id), rest.u16(*identifier).buffer());
}

unsigned file_store::wrong_tries(const file_tree& tree) const noexcept {
    const auto found = changed_.empty() ? std::nullopt : locate(tree, tries_mark);
    return found ? number_at(changed_, found->content) : 0;
}

void file_store::set_wrong_tries(const file_tree& tree, unsigned tries) {
    erase(tree, tries_mark);
    if (tries == 0) return;
    wire::writer rest;
    append(tries_mark, rest.u16(tries).buffer());
}

}  // namespace ota::sandbox
