#include "sandbox/device/card_objects.hpp"

#include "management-object/card_image.hpp"
#include "sandbox/uicc/apdu.hpp"
#include "secure-channel/wire/crc.hpp"

#include <algorithm>

namespace ota::sandbox {

namespace mo = management_object;
using kind = device_event::kind;

namespace {

constexpr std::string_view account_id = "urn:oma:mo:oma-dm-dmacc:1.0";

/// What says in the object itself that the device shall connect: for cards without a control file.
bool asks_to_connect(const mo::node& top) {
    const auto* init = mo::find(top, mo::uri{{"Ext", "DMSC", "Init"}});
    return init != nullptr && init->value == "true";
}

std::string key_of(const mo::data_object& entry) {
    wire::writer path;
    for (const auto identifier : entry.path) path.u16(identifier);
    return wire::to_hex(path.buffer());
}

/// The octets of an image that say something.
std::uint32_t sum_of(wire::octet_view image) { return wire::crc32(image.first(mo::used_length(image))); }

}  // namespace

void card_objects::tell(kind what, const mo::uri& at, const std::string& label, std::uint16_t generation,
                        std::string_view detail) {
    if (handlers_.tell) handlers_.tell({what, iccid_, at, label, generation, std::string(detail)});
}

const card_object* card_objects::owner_of(const mo::uri& at) const noexcept {
    const auto it = std::ranges::find_if(taken_, [&](const auto& o) { return at.is_within(o.at); });
    return it == taken_.end() ? nullptr : &*it;
}

/// By its file; else by its label, when its file is listed no more: an object with two files moves between them.
const card_object* card_objects::find_known(const mo::data_object& entry, const objects_on_card& seen) const {
    auto it = std::ranges::find_if(taken_, [&](const auto& o) { return o.entry.path == entry.path; });
    const auto listed = [&](const mo::file_path& path) {
        return std::ranges::any_of(seen.objects, [&](const auto& o) { return o.entry.path == path; });
    };
    if (it == taken_.end())
        it = std::ranges::find_if(taken_,
                                  [&](const auto& o) { return o.entry.label == entry.label && !listed(o.entry.path); });
    return it == taken_.end() ? nullptr : &*it;
}

void card_objects::purge(mo::uri at, std::string_view why) {
    const auto it = std::ranges::find(taken_, at, &card_object::at);
    if (it == taken_.end()) return;
    const auto gone = std::move(*it);
    taken_.erase(it);
    take_away(tree_, at);
    tell(kind::purged, at, gone.entry.label, gone.generation, why);
}

void card_objects::purge_all(std::string_view why) {
    while (!taken_.empty()) purge(taken_.back().at, why);
    seen_.reset();
    had_control_ = false;
    wishes_.clear();
}

void card_objects::disown(const mo::uri& at) {
    std::erase_if(taken_, [&](const auto& o) { return o.at.is_within(at); });
}

bool card_objects::answer(const mo::uri& at, bool yes) {
    const auto it = answers_.find({iccid_, at});
    if (it == answers_.end() || it->second.what != consent::later) return false;
    it->second.what = yes ? consent::yes : consent::no;
    const auto& offered = it->second.offered;
    if (!yes) tell(kind::declined, at, offered.label, offered.generation);
    return true;
}

consent card_objects::ask(const offered_object& offered, std::uint32_t content) {
    auto& remembered = answers_[{iccid_, offered.at}];
    const bool answered = remembered.what != consent::later;
    if (answered && remembered.content == content) return remembered.what;
    remembered = {content, handlers_.ask ? handlers_.ask(offered) : consent::later, offered};
    if (remembered.what == consent::no) tell(kind::declined, offered.at, offered.label, offered.generation);
    if (remembered.what == consent::later) tell(kind::deferred, offered.at, offered.label, offered.generation);
    return remembered.what;
}

card_objects::verdict card_objects::torn(const object_on_card& object, const card_object* known) {
    const auto generation = object.control ? object.control->generation : std::uint16_t{0};
    tell(known != nullptr ? kind::kept_old_copy : kind::absent, known != nullptr ? known->at : mo::uri{},
         object.entry.label, generation);
    return verdict::look_again;
}

card_objects::verdict card_objects::consider(const object_on_card& object, const objects_on_card& seen,
                                             std::vector<std::string>& matched) {
    const auto* known = find_known(object.entry, seen);
    if (known != nullptr) matched.push_back(key_of(known->entry));
    const auto generation = object.control ? object.control->generation : std::uint16_t{0};
    if (object.control && !object.control->active) {
        if (known != nullptr) purge(known->at, "inactive");
        return verdict::settled;
    }
    if (object.unchanged) return verdict::settled;
    // What the control file does not confirm is the state between two commands of a script.
    if (known != nullptr && seen.control && !object.control) return torn(object, known);
    if (!object.whole()) {
        if (object.image || object.doubtful || object.entry.is_private) return torn(object, known);
        if (known != nullptr) purge(known->at, "inactive");  // listed, but its file cannot be read: deactivated
        return verdict::look_again;
    }
    auto read = mo::read_image(*object.image);
    if (!read) {
        tell(kind::unreadable, known != nullptr ? known->at : mo::uri{}, object.entry.label, generation);
        return verdict::settled;
    }
    if (!read.value()) {
        if (known != nullptr) purge(known->at, "left");
        return verdict::settled;
    }
    return take(object, *read.value(), known);
}

card_objects::verdict card_objects::take(const object_on_card& object, const mo::placed_node& placed,
                                         const card_object* known) {
    card_object next{.entry = object.entry,
                     .at = placed.path.value_or(mo::uri{}) / placed.top.name,
                     .id = placed.top.type,
                     .content = sum_of(*object.image),
                     .autonomous = asks_to_connect(placed.top),
                     .has_own_list = !placed.top.acl.empty()};
    bool must_ask = object.entry.user_consent.has_value();
    if (object.control) {
        next.generation = object.control->generation;
        next.autonomous |= object.control->autonomous;
        must_ask |= object.control->ask;  // where the two differ, asking is the safe side
    }
    if (!who_.knows(next.id)) {
        tell(kind::unsupported, next.at, object.entry.label, next.generation, next.id);
        if (known != nullptr) purge(known->at, "unsupported");
        return verdict::settled;
    }
    const bool stays = known != nullptr && known->at == next.at;
    if (!may_stand(tree_, next.at, stays)) {
        tell(kind::place_taken, next.at, object.entry.label, next.generation);
        return verdict::look_again;  // until it is free
    }
    const bool same = stays && known->content == next.content;
    const offered_object offered{next.at, object.entry.label, next.id, next.generation, known != nullptr};
    if (must_ask && !same) {
        const auto what = ask(offered, next.content);
        if (what != consent::yes) return what == consent::no ? verdict::settled : verdict::look_again;
    }
    if (!same && !put_object(tree_, next.at, placed.top)) {
        tell(kind::unreadable, next.at, object.entry.label, next.generation, "the tree does not take it");
        return verdict::settled;
    }
    const bool connects = next.autonomous && (!same || known->generation != next.generation || !known->autonomous);
    next.granted = same && known->granted;
    const bool told = !same || known->generation != next.generation;
    if (known != nullptr && !stays) purge(known->at, "moved");
    std::erase_if(taken_, [&](const auto& o) { return o.at == next.at; });
    if (connects) wishes_.push_back(next.at);
    if (told) tell(kind::incorporated, next.at, object.entry.label, next.generation);
    taken_.push_back(std::move(next));
    return verdict::settled;
}

/// Objects that the directory lists no more leave the tree, unless the directory itself is torn: the control file still
/// has them active.
void card_objects::sort_out(const objects_on_card& seen, const std::vector<std::string>& matched) {
    auto before = taken_;
    std::erase_if(before, [&](const auto& o) {
        const bool listed =
            std::ranges::any_of(seen.objects, [&](const auto& on_card) { return on_card.entry.path == o.entry.path; });
        return listed || std::ranges::find(matched, key_of(o.entry)) != matched.end();
    });
    const bool control_missing = seen.control_is_torn || (had_control_ && !seen.control);
    for (const auto& object : before) {
        const auto it = std::ranges::find(taken_, object.at, &card_object::at);
        if (it == taken_.end() || key_of(it->entry) != key_of(object.entry)) continue;
        const auto* entry = seen.control ? seen.control->find(object.entry.path.back()) : nullptr;
        if (control_missing || (entry != nullptr && entry->active)) {
            tell(kind::kept_old_copy, object.at, object.entry.label, object.generation);
        } else {
            purge(object.at, entry != nullptr ? "inactive" : "left");
        }
    }
}

/// The servers of the card's accounts may change its objects. What a server says later of these lists stays.
void card_objects::grant_all() {
    std::vector<std::string> servers;
    for (const auto& object : taken_) {
        const auto* id = object.id == account_id ? mo::find(tree_, object.at / "ServerID") : nullptr;
        if (id != nullptr && id->value && !id->value->empty()) servers.push_back(*id->value);
    }
    const bool others = servers != granted_to_;
    granted_to_ = std::move(servers);
    for (auto& object : taken_) {
        auto* top = mo::find(tree_, object.at);
        if (top == nullptr || (!others && std::exchange(object.granted, true))) continue;
        object.granted = true;
        grant(*top, granted_to_, object.has_own_list);
    }
}

void card_objects::look(const card_transmit& card, const std::string& iccid, std::optional<std::string_view> pin) {
    if (iccid != iccid_) purge_all("card-changed");
    iccid_ = iccid;
    auto seen = read_objects(card, seen_ ? &*seen_ : nullptr, pin);
    const bool gone = card(wire::octets{0x80, instruction::status, 0x00, 0x0C, 0x00}).empty();
    if (!seen || gone) return;  // no directory, or no card to the end: what is known of this card stays
    std::vector<std::string> matched;
    objects_on_card settled{seen->control, seen->control_is_torn, {}};
    std::vector<bool> again;
    for (const auto& object : seen->objects) again.push_back(consider(object, *seen, matched) == verdict::look_again);
    sort_out(*seen, matched);
    for (std::size_t i = 0; i < seen->objects.size(); ++i) {
        auto& object = seen->objects[i];
        if (again[i] || !object.control) continue;
        object.image.reset();
        object.unchanged = true;
        settled.objects.push_back(std::move(object));
    }
    had_control_ = had_control_ || seen->control.has_value();
    seen_ = std::move(settled);
    grant_all();
}

}  // namespace ota::sandbox
