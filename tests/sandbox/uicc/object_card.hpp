#pragma once

#include "gateway/profile/load_profiles.hpp"
#include "gateway/profile/object_files.hpp"
#include "management-object/card_directory.hpp"
#include "sandbox/uicc/terminal_channel.hpp"
#include "tests/management-object/card_script.hpp"
#include "tests/sandbox/uicc/card_bench.hpp"

/// A card that holds the management objects of the sample profile, and a terminal that looks for them.
namespace ota::sandbox {

namespace mo = ota::management_object;

inline card_profile sample_profile() {
    config::faults faults;
    profile_set read;
    const auto file = std::string(OTA_SOURCE_DIR) + "/config/profiles/usim-aes-dm.yaml";
    load_profiles(config::document::load(file, faults).root().at("profiles"), read);
    EXPECT_TRUE(faults.list().empty());
    return *read.at("usim-aes-dm");
}

/// Does the control file, as it was read, confirm this image of the object?
inline bool confirms(const management_object_binding& object, wire::octet_view control, wire::octet_view image) {
    const auto file = mo::parse_control_file(control);
    const auto* entry = file ? entry_of(object, file.value()) : nullptr;
    return entry != nullptr && mo::confirms(*entry, image);
}

struct object_card : card_bench {
    explicit object_card(card_profile p = sample_profile())
        : card_bench(std::move(p)), terminal(model, one, {identity.iccid, 1, keys(), identity.first_counter}) {
        tar = {{0xB0, 0x00, 0x00}};
    }

    std::string ask(std::string_view command) { return wire::to_hex(terminal.transmit(hex(command))); }

    /// The current file from the terminal's side, to its end.
    wire::octets read(std::uint8_t channel = 0) {
        wire::octets out;
        for (;;) {
            const wire::octets command{channel, 0xB0, static_cast<std::uint8_t>(out.size() >> 8),
                                       static_cast<std::uint8_t>(out.size()), 0};
            const auto answer = terminal.transmit(command);
            if (!wire::to_hex(answer).ends_with("9000")) return out;
            out.insert(out.end(), answer.begin(), answer.end() - 2);
        }
    }
    wire::octets read_file(std::uint16_t file) {
        EXPECT_EQ(ask("00a4080c04"
                      "7f50" +
                      wire::to_hex(wire::writer().u16(file).take())),
                  "9000");
        return read();
    }
    mo::control_file control() { return mo::parse_control_file(read_file(0x6440)).value(); }

    /// A packet of any length, segment by segment.
    card_answer send_long(const wire::octets& whole, const mishap& what = {}) {
        card_answer last;
        const auto parts = sc::split_packet(whole, sc::packet_kind::command, 1);
        for (const auto& part : parts.value()) last = on_message(model, one, identity, part, what);
        return last;
    }
    std::string run_long(std::string_view script) {
        const auto answer = send_long(packet(++last_counter, script));
        return answer.report ? wire::to_hex(open(*answer.report).value.data) : "no report";
    }

    /// What a script plan is over the air.
    static std::string script_of(const mo::script_plan& plan) {
        wire::writer out;
        std::optional<std::uint16_t> selected;
        for (const auto& [file, run] : plan.runs) {
            if (!selected) out.put(hex("00a40804047f50")).u16(file);
            if (selected && *selected != file) out.put(hex("00a4000402")).u16(file);
            selected = file;
            out.u8(0x00).u8(0xD6).u16(run.offset).u8(run.octets.size()).put(run.octets);
        }
        return wire::to_hex(out.buffer());
    }
    /// The plan that gives an object this value.
    mo::script_plan plan_value(std::string_view object_uri, std::string_view relative, std::string value) {
        const auto& object = *profile.find_object(object_uri);
        before = read_file(object.file_identifier());
        const auto uri = mo::parse_uri(object.uri).value();
        after = mo::change_image(before, {.at = mo::parse_uri(relative).value(), .value = std::move(value)}, uri,
                                 form_of(object))
                    .value();
        const auto now = control();
        const auto next = mo::with_image(now, object.file_identifier(), object.file_identifier(), after).value();
        control_before = control_image(profile, now);
        control_after = control_image(profile, next);
        return mo::plan_script({{object.file_identifier(), before, after}, {0x6440, control_before, control_after}},
                               {.select_first = 9});
    }

    /// The scripts that give a pair of files another image: of the file that is not valid, of the directory, of the
    /// control file.
    std::vector<mo::script_plan> plan_pair(const management_object_binding& object, const wire::octets& next) {
        const auto now = control();
        const auto live = entry_of(object, now)->file;
        const auto other = live == object.file_identifier() ? object.spare_identifier() : object.file_identifier();
        const auto then = mo::with_image(now, live, other, next).value();
        const auto step = [](std::uint16_t file, const wire::octets& from, const wire::octets& to) {
            return mo::plan_script({{file, from, to}}, {.select_first = 9});
        };
        return {step(other, read_file(other), next), step(0x6430, list_image(profile, now), list_image(profile, then)),
                step(0x6440, control_image(profile, now), control_image(profile, then))};
    }

    terminal_channel terminal;
    wire::octets before, after, control_before, control_after;
};

}  // namespace ota::sandbox
