#include "sandbox/uicc/file_store.hpp"

namespace ota::sandbox {

namespace {

constexpr std::uint16_t deactivated_mark = 0x8000;
constexpr std::size_t mark_octets = 2;

std::size_t content_octets(const file_tree& tree, std::uint16_t mark) noexcept {
    return mark & deactivated_mark ? 0 : tree.initial(mark).size();
}

std::uint16_t mark_at(wire::octet_view in, std::size_t at) noexcept {
    return static_cast<std::uint16_t>(in[at] << 8 | in[at + 1]);
}

}  // namespace

/// Offset of the entry, or the end.
std::size_t file_store::locate(const file_tree& tree, std::uint16_t wanted) const noexcept {
    std::size_t at = 0;
    while (at < changed_.size()) {
        const auto mark = mark_at(changed_, at);
        if (mark == wanted) break;
        at += mark_octets + content_octets(tree, mark);
    }
    return at;
}

wire::octet_view file_store::find(const file_tree& tree, slot_id slot) const noexcept {
    const auto at = locate(tree, slot);
    if (at >= changed_.size()) return {};
    return wire::octet_view(changed_).subspan(at + mark_octets, content_octets(tree, slot));
}

std::span<std::uint8_t> file_store::own(const file_tree& tree, slot_id slot, wire::octet_view initial) {
    const auto at = locate(tree, slot);
    if (at >= changed_.size()) {
        changed_.reserve(changed_.size() + mark_octets + initial.size());
        changed_.push_back(static_cast<std::uint8_t>(slot >> 8));
        changed_.push_back(static_cast<std::uint8_t>(slot));
        changed_.insert(changed_.end(), initial.begin(), initial.end());
    }
    return std::span(changed_).subspan(at + mark_octets, content_octets(tree, slot));
}

bool file_store::deactivated(const file_tree& tree, file_id id) const noexcept {
    return !changed_.empty() && locate(tree, deactivated_mark | id) < changed_.size();
}

void file_store::set_deactivated(const file_tree& tree, file_id id, bool on) {
    const std::uint16_t mark = deactivated_mark | id;
    const auto at = locate(tree, mark);
    const bool is = at < changed_.size();
    if (is == on) return;
    if (on) {
        changed_.push_back(static_cast<std::uint8_t>(mark >> 8));
        changed_.push_back(static_cast<std::uint8_t>(mark));
    } else {
        const auto from = changed_.begin() + static_cast<std::ptrdiff_t>(at);
        changed_.erase(from, from + mark_octets);
    }
}

}  // namespace ota::sandbox
