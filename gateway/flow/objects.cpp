#include "gateway/flow/objects.hpp"

#include "gateway/flow/reasons.hpp"
#include "gateway/profile/object_files.hpp"
#include "management-object/ddf_check.hpp"
#include "queue/base64.hpp"

#include <algorithm>
#include <charconv>

namespace ota::flow {

namespace mo = management_object;
using mo::dm_status;
using queue::event_state;
using queue::operation;
using wire::octets;
using phase = open_event::phase;

namespace {

verdict reject(std::string_view reason, std::string detail = {}) {
    return {event_state::rejected, reason, std::move(detail)};
}

bool changes_state(const open_event& e) noexcept { return e.op != operation::get && e.op != operation::exec; }

/// What an event says about a node of an object; kept in open_event::change.
struct said {
    std::string at, from, format, type, value;  ///< addresses below the object
};

std::string serialize(const said& s) {
    std::string out;
    for (const auto* text : {&s.at, &s.from, &s.format, &s.type, &s.value}) {
        const auto n = static_cast<std::uint32_t>(text->size());
        for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(n >> shift & 0xFF);
        out += *text;
    }
    return out;
}

said parse(std::string_view text) {
    wire::reader in(wire::as_octets(text));
    said s;
    for (auto* to : {&s.at, &s.from, &s.format, &s.type, &s.value}) {
        const auto n = in.u32();
        *to = wire::as_text(in.take(n));
    }
    return s;
}

/// "./IMPS/A" below "./IMPS": "./A"; the object itself: ".".
std::string below(std::string_view uri, std::string_view object) {
    return uri.size() <= object.size() ? "." : "." + std::string(uri.substr(object.size()));
}

mo::uri address(const std::string& relative) { return mo::parse_uri(relative).value(); }  // parsed once already

wire::result<mo::node_change> change_of(operation op, const said& s) {
    mo::node_change out;
    out.what = op == operation::add       ? mo::node_change::verb::add
               : op == operation::replace ? mo::node_change::verb::replace
               : op == operation::copy    ? mo::node_change::verb::copy
                                          : mo::node_change::verb::remove;
    out.at = address(s.at);
    if (op == operation::copy) out.from = address(s.from);
    if (op != operation::add && op != operation::replace) return out;
    if (s.type == mo::type_tnds_xml) {
        auto document = mo::parse_tnds_xml(s.value);
        if (!document || document.value().nodes.size() != 1) return dm_status::bad_request;
        out.subtree = std::move(document.value().nodes.front().top);
        return out;
    }
    const auto format =
        s.format.empty() ? mo::node_format::chr : mo::format_named(s.format).value_or(mo::node_format::chr);
    out.format = format;
    out.type = s.type;
    out.value = s.value;
    if (format == mo::node_format::bin) {
        const auto decoded = queue::from_base64(s.value);
        if (!decoded) return dm_status::unsupported_media_type_or_format;
        out.value = wire::as_text(*decoded);
    }
    return out;
}

/// The card's file as far as it is known, else as it was made.
const octets& base_image(const node_state& node, const management_object_binding& object) noexcept {
    return node.reported.empty() ? object.factory_image : node.reported;
}

wire::result<octets> changed(const octets& image, const open_event& e, const management_object_binding& object) {
    OTA_TRY(const auto change, change_of(e.op, parse(e.change)));
    OTA_TRY(auto out, mo::change_image(image, change, address(object.uri), form_of(object)));
    if (!object.description) return out;
    OTA_TRY(const auto placed, mo::read_image(out));
    if (placed && !mo::ddf::check(placed->top, *object.description).empty())
        return dm_status::unsupported_media_type_or_format;
    return out;
}

verdict refusal(const std::error_code& error) {
    const auto status = mo::status_for(error);
    const auto told = "the DM server would answer " + std::to_string(static_cast<int>(status));
    switch (status) {
        case dm_status::not_found: return reject(reason::not_found, "the object has no such node");
        case dm_status::already_exists: return reject(reason::already_exists, "the node exists; use replace");
        case dm_status::command_not_allowed:
            return reject(reason::not_writable, "the object does not allow this there");
        case dm_status::device_full:
            return {event_state::failed, reason::too_large, "the object would not fit its file"};
        case dm_status::unsupported_media_type_or_format:
            return reject(reason::bad_value, "the object would not follow its description any more");
        default: return reject(reason::bad_value, told);
    }
}

bool has_secret_below(const management_object_binding& object, const mo::node& top, const mo::uri& at) {
    if (is_secret(object, at)) return true;
    return std::ranges::any_of(top.children,
                               [&](const mo::node& child) { return has_secret_below(object, child, at / child.name); });
}

/// R24: a copy of a secret would lie where it can be read.
bool tells_secret(const twin& t, const management_object_binding& object, const mo::uri& from) {
    const auto* state = t.find(object.uri);
    const auto& image = state != nullptr && state->wanted ? state->desired
                        : state != nullptr                ? base_image(*state, object)
                                                          : object.factory_image;
    const auto placed = mo::read_image(image);
    if (!placed || !placed.value()) return is_secret(object, from);
    const auto* top = &placed.value()->top;
    for (const auto& segment : from.segments) {
        top = top->child(segment);
        if (top == nullptr) return is_secret(object, from);
    }
    return has_secret_below(object, *top, from);
}

/// What can be told without a look at the object's content.
std::optional<verdict> unfit(const management_object_binding& object, operation op, const mo::uri& at) {
    using mo::ddf::command;
    if (op == operation::exec) {  // a session of the device executes what the description lets it
        if (object.mirror || !object.description || !mo::ddf::allows(*object.description, at, command::exec)) {
            return reject(reason::not_executable, "the object's description allows no Exec there");
        }
        return std::nullopt;
    }
    if (op == operation::get) {
        if (is_secret(object, at)) return reject(reason::not_readable, "the node is a secret");
        if (object.layout == object_layout::ber_tlv)
            return reject(reason::not_readable, "objects in BER-TLV files are not read over SMS");
        return std::nullopt;
    }
    if (object.mirror) return reject(reason::not_writable, "the card writes this object itself");
    if (!object.description || at.is_root()) return std::nullopt;
    const auto wanted = op == operation::erase     ? command::del
                        : op == operation::replace ? command::replace
                                                   : command::add;
    if (auto allowed = mo::ddf::allows(*object.description, at, wanted); !allowed) return refusal(allowed.error());
    return std::nullopt;
}

/// A get still open on this node after which the event at `from` would not be merged with later ones (R17).
bool barrier_after(const twin& t, std::size_t from, std::uint16_t node) noexcept {
    for (std::size_t i = from + 1; i < t.events.size(); ++i) {
        const auto& e = t.events[i];
        if (e.is != phase::deferred && e.node == node && !changes_state(e)) return true;
    }
    return false;
}

/// R16: a newer value of the same leaf, or a newer subtree around it, makes an older replace needless. An older add
/// stays: what follows may stand on it; so does a value that may have been copied since.
bool supersede(twin& t, const open_event& newer, effects& out) {
    if (newer.op != operation::replace && newer.op != operation::erase) return false;
    const auto before = t.events.size();
    const auto at = address(parse(newer.change).at);
    for (std::size_t i = 0; i < t.events.size();) {
        const auto& older = t.events[i];
        const bool waits = older.node == newer.node && older.is == phase::waiting && older.op == operation::replace;
        const bool copied =
            std::any_of(t.events.begin() + static_cast<std::ptrdiff_t>(i), t.events.end(), [&](const open_event& e) {
                return e.node == newer.node && e.op == operation::copy && e.is != phase::deferred;
            });
        if (!waits || copied || barrier_after(t, i, newer.node) || !address(parse(older.change).at).is_within(at)) {
            ++i;
            continue;
        }
        out.close(older.seq, event_state::superseded, reason::newer_event);
        t.events.erase(t.events.begin() + static_cast<std::ptrdiff_t>(i));
    }
    return t.events.size() < before;
}

/// R22: by node, as a revision counts for the node that it names.
bool is_late(node_state& node, const std::string& at, const std::optional<std::int64_t>& revision) {
    if (!revision) return false;
    for (const auto& [uri, last] : node.revisions) {
        if (uri == at) return *revision < last;
    }
    return false;
}

void keep_revision(node_state& node, const std::string& at, const std::optional<std::int64_t>& revision) {
    if (!revision) return;
    for (auto& [uri, last] : node.revisions) {
        if (uri == at) {
            last = *revision;
            return;
        }
    }
    node.revisions.emplace_back(at, *revision);
}

}  // namespace

verdict take_in_object(twin& t, const card_profile& profile, const management_object_binding& object,
                       const queue::change_event& event, open_event entry, wall_time now, effects& out) {
    said s{.at = below(event.node, object.uri),
           .from = {},
           .format = event.format,
           .type = event.type,
           .value = event.value.text};
    const auto at = mo::parse_uri(s.at);
    if (!at) return reject(reason::unknown_node, "the address is malformed");
    if (auto no = unfit(object, event.op, at.value())) return *no;
    if (event.op == operation::copy) {
        if (profile.find_object(event.copy_from) != &object)
            return reject(reason::copy_source_unknown, "the source is not in the same object");
        s.from = below(event.copy_from, object.uri);
        const auto from = mo::parse_uri(s.from);
        if (!from) return reject(reason::copy_source_unknown, "the source's address is malformed");
        if (tells_secret(t, object, from.value())) return reject(reason::not_readable, "a secret is not copied");
    }
    entry.change = serialize(s);
    if (changes_state(entry)) {
        if (auto change = change_of(entry.op, s); !change)
            return reject(reason::bad_value, "the value is not what its format or type says");
    }
    entry.node = t.node_index(object.uri, holds_secrets(object));
    if (is_late(t.nodes[entry.node], s.at, event.revision)) {
        return {event_state::superseded, reason::older_revision, "a newer revision was taken in before"};
    }
    if (event.op == operation::exec) {  // no packet: it is deferred for as long as it lives, unless a session comes
        s.from = std::to_string(entry.not_before.time_since_epoch().count());
        entry.change = serialize(s);
        entry.is = phase::deferred;
        entry.not_before = entry.expires_at;
        t.events.push_back(std::move(entry));
        keep_revision(t.nodes[t.events.back().node], s.at, event.revision);
        return {};
    }
    const auto index = entry.node;
    const auto admitted = [&](verdict v) {
        if (v.state != event_state::rejected && v.state != event_state::failed)
            keep_revision(t.nodes[index], s.at, event.revision);
        return v;
    };
    if (entry.not_before > now) {
        entry.is = phase::deferred;
        t.events.push_back(std::move(entry));
        return admitted({});
    }
    if (!changes_state(entry)) {
        t.events.push_back(std::move(entry));
        return admitted({});
    }
    return admitted(admit_change(t, profile, std::move(entry), out));
}

verdict admit_change(twin& t, const card_profile& profile, open_event event, effects& out) {
    const auto index = event.node;
    auto& node = t.nodes[index];
    const auto* object = profile.object(node.uri);
    if (object == nullptr) return reject(reason::unknown_node, "the card's profile no longer has the object");
    const bool card_decides = !node.confirmed && node.reported.empty();
    const auto apply = [&] { return changed(node.wanted ? node.desired : base_image(node, *object), event, *object); };
    auto image = apply();
    if (!image && !card_decides) return refusal(image.error());
    if (supersede(t, event, out)) {
        refold(t, profile, index, out);
        image = apply();
    }
    node.blocked.clear();
    node.failures = 0;
    const bool alone =
        std::ranges::none_of(t.events, [&](const open_event& e) { return e.node == index && e.is != phase::deferred; });
    const auto writes_it = [&](const std::optional<packet>& p) {
        return p && std::ranges::any_of(
                        p->carries, [&](const carried& c) { return c.is == carried::kind::write && c.node == index; });
    };
    const bool recorded = writes_it(t.in_flight) || writes_it(t.unknown) || writes_it(t.reserved);
    if (image && alone && !recorded && node.confirmed && image.value() == node.reported) {
        return {event_state::applied, reason::no_change, "the card holds this already"};
    }
    for (std::size_t i = 0; i < t.events.size();
         ++i) {  // R15: what is under way, or stands before a get, keeps its own image
        auto& older = t.events[i];
        const bool newest = older.node == index && older.is != phase::deferred && changes_state(older) &&
                            older.seq == node.desired_version;
        if (!newest || older.owns_image || (older.is == phase::waiting && !barrier_after(t, i, index))) continue;
        older.image = node.desired;
        older.owns_image = true;
    }
    if (image) {
        node.desired = std::move(image.value());
    } else if (!node.wanted) {
        node.desired = base_image(node, *object);
    }
    node.wanted = true;
    node.desired_version = event.seq;
    node.there = presence::present;
    t.events.push_back(std::move(event));
    return {};
}

void refold(twin& t, const card_profile& profile, std::uint16_t index, effects& out) {
    auto& node = t.nodes[index];
    const auto* object = profile.object(node.uri);
    if (object == nullptr) return;
    octets image = base_image(node, *object);
    event_seq last = 0;
    const bool card_decides = !node.confirmed && node.reported.empty();
    for (std::size_t i = 0; i < t.events.size();) {
        auto& e = t.events[i];
        if (e.node != index || e.is == phase::deferred || !changes_state(e)) {
            ++i;
            continue;
        }
        if (e.is == phase::in_flight) {  // R2: what is under way keeps its own image
            image = t.image_of(e);
            if (!e.owns_image && e.seq == node.desired_version) {
                e.image = node.desired;
                e.owns_image = true;
            }
        } else if (auto next = changed(image, e, *object)) {
            image = std::move(next.value());
            e.owns_image = barrier_after(t, i, index);
            e.image = e.owns_image ? image : octets{};
        } else if (!card_decides) {
            const auto why = refusal(next.error());
            out.close(e.seq, why.state, why.reason, why.detail);
            t.events.erase(t.events.begin() + static_cast<std::ptrdiff_t>(i));
            continue;
        }
        last = e.seq;
        ++i;
    }
    if (last == 0) {
        if (node.of_file == shadow::reading) {  // nobody asks any more: what was read so far grows old
            node.of_file = shadow::unchecked;
            node.progress = 0;
            node.held.clear();
        }
        node.wanted = !node.reported.empty();
        node.desired = node.reported;
        node.desired_version = node.reported_version;
        return;
    }
    node.wanted = true;
    node.desired = std::move(image);
    node.desired_version = last;
    node.there = presence::present;
}

bool replaces_object(const open_event& e) {
    return e.op == operation::replace && !e.change.empty() && address(parse(e.change).at).is_root();
}

std::optional<session_exec> exec_of(const twin& t, const open_event& e) {
    if (e.op != operation::exec || e.change.empty()) return std::nullopt;
    auto s = parse(e.change);
    std::int64_t earliest = 0;
    std::from_chars(s.from.data(), s.from.data() + s.from.size(), earliest);
    return session_exec{t.nodes[e.node].uri + s.at.substr(1), std::move(s.format), std::move(s.type),
                        std::move(s.value), wall_time(std::chrono::milliseconds(earliest))};
}

wire::result<std::string> value_for(const open_event& e, wire::octet_view image) {
    return mo::get_from_image(image, address(parse(e.change).at));
}

}  // namespace ota::flow
