#include "sandbox/uicc/file_session.hpp"
#include "sandbox/uicc/holder_pin.hpp"
#include "sandbox/uicc/status_word.hpp"
#include "secure-channel/wire/ber_tlv.hpp"

#include <algorithm>

// SELECT and STATUS [TS 102 221, 11.1.1 and 11.1.2; class A0: TS 51.011, 8.1 and 9.2.1].

namespace ota::sandbox {

namespace sw = status_word;

namespace {

constexpr std::uint8_t by_file_identifier = 0x00;
constexpr std::uint8_t child_directory = 0x01;
constexpr std::uint8_t parent_directory = 0x03;
constexpr std::uint8_t by_name = 0x04;
constexpr std::uint8_t by_path_from_mf = 0x08;
constexpr std::uint8_t by_path_from_here = 0x09;
constexpr std::uint8_t no_answer = 0x0C;

constexpr std::uint8_t linear_fixed_file = 0x42;
constexpr std::uint8_t transparent_file = 0x41;
constexpr std::uint8_t ber_tlv_file = 0x79;
constexpr std::uint8_t directory_file = 0x78;
constexpr std::uint8_t expanded_rules = 0xAB;
constexpr std::uint8_t access_read = 0x01, access_update = 0x02, access_activate = 0x18;  // and deactivate
constexpr std::uint8_t access_create = 0x03;  // of a directory: delete a child, create a file in it
constexpr std::uint8_t occurrence_mask = 0x03, last_one = 0x01, next_one = 0x02, previous_one = 0x03;

}  // namespace

/// The order in which an identifier is looked for. [TS 102 221, 8.4.1]
std::optional<file_id> file_session::by_identifier(std::uint16_t identifier) const {
    const auto& tree = files_;
    if (identifier == master_file) return file_id{0};
    if (identifier == tree.identifier(directory_)) return directory_;
    if (const auto child = tree.child(directory_, identifier)) return child;
    const auto parent = tree.at(directory_).parent;
    if (identifier == tree.identifier(parent)) return parent;
    if (const auto sibling = tree.child(parent, identifier); sibling && tree.at(*sibling).directory) return sibling;
    if (identifier != current_application) return std::nullopt;
    const auto application = application_above(directory_);
    return application == 0 ? tree.application({}) : std::optional(application);
}

file_id file_session::application_above(file_id at) const {
    while (at != 0 && !files_.at(at).application) at = files_.at(at).parent;
    return at;
}

std::optional<file_id> file_session::by_path(wire::octet_view path, file_id from) const {
    if (path.empty() || path.size() % 2 != 0) return std::nullopt;
    wire::reader in(path);
    auto at = from;
    while (in.remaining() != 0) {
        const auto identifier = in.u16();
        auto next = files_.child(at, identifier);
        if (!next && at == 0 && identifier == current_application) next = files_.application({});
        if (!next) return std::nullopt;
        at = *next;
    }
    return at;
}

/// First, last, next or previous of those whose AID begins so; next and previous seen from the current one. [TS 102
/// 221, 11.1.1.2]
std::optional<file_id> file_session::by_application(wire::octet_view name, std::uint8_t occurrence) const {
    auto current = directory_;
    while (current != 0 && files_.at(current).aid.empty()) current = files_.at(current).parent;
    std::optional<file_id> first, last, before, after;
    for (std::size_t i = 1; i < model_.tree.size(); ++i) {
        const auto id = static_cast<file_id>(i);
        const auto& aid = files_.at(id).aid;
        if (aid.empty() || aid.size() < name.size() || !std::equal(name.begin(), name.end(), aid.begin())) continue;
        if (!first) first = id;
        if (id < current) before = id;
        if (id > current && !after) after = id;
        last = id;
    }
    switch (occurrence) {
        case last_one: return last;
        case next_one: return after;
        case previous_one: return before;
        default: return first;
    }
}

std::optional<file_id> file_session::directory_by(std::optional<std::uint16_t> child) const {
    if (!child) return files_.at(directory_).parent;
    const auto found = files_.child(directory_, *child);
    return found && files_.at(*found).directory ? found : std::nullopt;
}

std::optional<file_id> file_session::search(const apdu& command, wire::octet_view name) const {
    switch (command.p1) {
        case by_name: return by_application(name, command.p2 & occurrence_mask);
        case child_directory: return directory_by(static_cast<std::uint16_t>(name[0] << 8 | name[1]));
        case parent_directory: return directory_by(std::nullopt);
        case by_path_from_mf: return by_path(name, 0);
        case by_path_from_here: return by_path(name, directory_);
        default: return by_identifier(static_cast<std::uint16_t>(name[0] << 8 | name[1]));
    }
}

apdu_answer file_session::select(const apdu& command) {
    const bool identified = command.p1 == by_file_identifier || command.p1 == child_directory;
    const bool known = identified || command.p1 == parent_directory || command.p1 == by_name ||
                       command.p1 == by_path_from_mf || command.p1 == by_path_from_here;
    if (!known || (sim() && command.p1_p2() != 0)) return {sw::wrong_parameters, {}};
    const auto name = command.data();
    if (!name || name->empty() != (command.p1 == parent_directory)) return {sw::wrong_length, {}};
    if (identified && name->size() != 2) return {sw::wrong_length, {}};
    const auto found = search(command, *name);
    if (!found) return {sw::file_not_found, {}};
    return selected(*found, (command.p2 & 0x1C) != no_answer);
}

apdu_answer file_session::selected(file_id id, bool wants_answer) {
    record_ = 0;
    if (files_.at(id).directory) {
        directory_ = id;
        file_.reset();
    } else {
        directory_ = files_.at(id).parent;
        file_ = id;
        if (files_.deactivated(id) && !sim()) return {sw::deactivated_warning, {}};
    }
    if (!wants_answer) return {sw::ok, {}};
    return hold(sim() ? sim_parameters(id) : control_parameters(id));
}

apdu_answer file_session::status(const apdu& command) {
    if (command.p1 > 2 || (command.p2 != 0x00 && command.p2 != 0x01 && command.p2 != 0x0C))
        return {sw::wrong_parameters, {}};
    if (command.p2 == 0x0C) return {sw::ok, {}};
    auto answer = sim() ? sim_parameters(directory_) : control_parameters(directory_);
    const auto length = command.p3 == 0 ? answer.size() : command.p3;
    if (length > answer.size()) return {static_cast<std::uint16_t>(sw::wrong_le | answer.size()), {}};
    answer.resize(length);
    return {sw::ok, std::move(answer)};
}

/// Who may read, and who update, activate and deactivate; in a directory, who create and delete files; in the expanded
/// format: nobody is asked (90), nobody may (97), or a key (A4): the PIN, or that of the administrator, who is whoever
/// sends secured packets. [TS 102 221, 9.2.4 and 11.1.1.4.7]
wire::octets file_session::access_rules(file_id id) const {
    const auto& f = files_.at(id);
    wire::writer rules, out;
    const bool manageable =
        std::ranges::any_of(model_.tree.spare_places(), [&](auto place) { return files_.at(place).parent == id; });
    const auto key = [&](std::uint8_t reference) {
        rules.put(wire::octets{0xA4, 6, 0x83, 1, reference, 0x95, 1, 0x08});
    };
    const auto always = [&] { rules.u8(0x90).u8(0); };
    const auto never = [&] { rules.u8(0x97).u8(0); };
    if (f.directory) {
        rules.put(wire::octets{0x80, 1, access_create});
        manageable ? key(first_administrator) : never();
        wire::write_ber_tlv(out, expanded_rules, rules.buffer());
        return out.take();
    }
    rules.put(wire::octets{0x80, 1, access_read});
    f.pin ? key(first_pin) : f.readable ? always() : never();
    rules.put(wire::octets{0x80, 1, access_update});
    f.terminal_writable ? always() : f.writable ? key(first_administrator) : never();
    rules.put(wire::octets{0x80, 1, access_activate});
    f.writable ? key(first_administrator) : never();
    wire::write_ber_tlv(out, expanded_rules, rules.buffer());
    return out.take();
}

/// FCP template: file descriptor, identifier or AID, life cycle, access rules or PIN status, sizes. [TS 102
/// 221, 11.1.1.3]
wire::octets file_session::control_parameters(file_id id) const {
    const auto& f = files_.at(id);
    wire::writer body;
    if (f.directory) {
        body.u8(0x82).u8(2).u8(directory_file).u8(0x21);
    } else if (f.structure == file_structure::linear_fixed) {
        body.u8(0x82).u8(5).u8(linear_fixed_file).u8(0x21).u16(f.size).u8(f.records);
    } else if (f.structure == file_structure::ber_tlv) {
        body.u8(0x82).u8(2).u8(ber_tlv_file).u8(0x21);
    } else {
        body.u8(0x82).u8(2).u8(transparent_file).u8(0x21);
    }
    body.u8(0x83).u8(2).u16(files_.identifier(id));
    if (!f.aid.empty()) body.u8(0x84).u8(f.aid.size()).put(f.aid);
    body.u8(0x8A).u8(1).u8(files_.deactivated(id) ? 0x04 : 0x05);
    // UICC characteristics: the clock may stop, classes A to C. [TS 102 221, 11.1.1.4.6.1]
    if (id == 0) body.put(wire::octets{0xA5, 3, 0x80, 1, 0x71});
    body.put(access_rules(id));
    if (f.directory) {
        body.put(wire::octets{0xC6, 6, 0x90, 1, 0x80, 0x83, 1, first_pin});
    } else {
        // An empty short file identifier: there is none. Without it the last bits of the identifier would be one. [TS
        // 102 221, 11.1.1.4.8]
        body.u8(0x80).u8(2).u16(files_.size(id) * f.records).u8(0x88).u8(0);
    }
    wire::writer out;
    out.u8(0x62).u8(body.size()).put(body.buffer());
    return out.take();
}

/// The answer of a classic SIM: 22 octets for a directory, 15 for an elementary file. [TS 51.011, 9.2.1]
wire::octets file_session::sim_parameters(file_id id) const {
    const auto& f = files_.at(id);
    wire::writer out;
    if (f.directory) {
        out.u16(0).u16(0xFFFF).u16(files_.identifier(id)).u8(id == 0 ? 0x01 : 0x02).fill(5, 0).u8(9);
        out.u8(0x13).u8(0).u8(0).u8(4).u8(0).u8(0x83).u8(0x8A).u8(0x83).u8(0x8A);
        return out.take();
    }
    const bool linear = f.structure == file_structure::linear_fixed;
    out.u16(0)
        .u16(files_.size(id) * f.records)
        .u16(files_.identifier(id))
        .u8(0x04)
        .u8(0)
        .u8(0x11)
        .u8(f.writable ? 0xFF : 0x5F)
        .u8(0xFF);
    out.u8(files_.deactivated(id) ? 0 : 1).u8(2).u8(linear ? 1 : 0).u8(linear ? f.size : 0);
    return out.take();
}

}  // namespace ota::sandbox
