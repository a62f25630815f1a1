#include "sandbox/uicc/object_reader.hpp"

#include "management-object/tlv_layout.hpp"
#include "sandbox/uicc/apdu.hpp"
#include "sandbox/uicc/status_word.hpp"
#include "secure-channel/wire/ber_tlv.hpp"

#include <algorithm>

namespace ota::sandbox {

namespace mo = management_object;
namespace sw = status_word;

namespace {

constexpr std::uint16_t master = 0x3F00, ef_dir = 0x2F00, object_directory = 0x5031;
constexpr std::uint8_t by_name = 0x04, from_master = 0x08, from_here = 0x09, no_answer = 0x0C, absolute = 0x04,
                       pin_reference = 0x01;
constexpr std::uint8_t fcp_template = 0x62, fcp_descriptor = 0x82, ber_tlv_structure = 0x39, structure_mask = 0x3F,
                       tag_list = 0x5C;
constexpr std::size_t most_records = 32, largest_read = 250, pin_octets = 8;

struct reply {
    std::uint16_t status = 0;
    wire::octets data;
    /// 91xx too: the card wants something of the terminal besides.
    [[nodiscard]] bool good() const noexcept { return status == sw::ok || (status & 0xFF00) == sw::command_waits; }
};

/// The card on one logical channel.
class channel {
public:
    channel(const card_transmit& card, std::uint8_t number) : card_(card), number_(number) {}

    reply send(std::uint8_t cla, std::uint8_t ins, std::uint8_t p1, std::uint8_t p2, wire::octet_view data,
               std::optional<std::uint8_t> le) {
        wire::writer command;
        command.u8(cla | number_).u8(ins).u8(p1).u8(p2);
        if (!data.empty()) command.u8(data.size()).put(data);
        if (le) command.u8(*le);
        const auto answer = card_(command.buffer());
        if (answer.size() < 2) return {};
        const auto told = wire::octet_view(answer).first(answer.size() - 2);
        return {wire::reader(wire::octet_view(answer).last(2)).u16(), {told.begin(), told.end()}};
    }
    reply select(const mo::file_path& path, bool tell) {
        const bool whole = path.front() == master;
        wire::writer name;
        for (std::size_t i = whole ? 1 : 0; i < path.size(); ++i) name.u16(path[i]);
        const auto p1 = whole ? from_master : from_here;
        return tell ? send(0x00, instruction::select, p1, 0x04, name.buffer(), 0)
                    : send(0x00, instruction::select, p1, no_answer, name.buffer(), std::nullopt);
    }
    /// The current transparent file, up to so many octets. Nothing when it may not be read.
    std::optional<wire::octets> read_binary(std::size_t most) {
        wire::octets out;
        while (out.size() < most) {
            const auto length = std::min(largest_read, most - out.size());
            auto part = send(0x00, instruction::read_binary, static_cast<std::uint8_t>(out.size() >> 8),
                             static_cast<std::uint8_t>(out.size()), {}, static_cast<std::uint8_t>(length));
            if ((part.status & 0xFF00) == sw::wrong_le)
                part = send(0x00, instruction::read_binary, static_cast<std::uint8_t>(out.size() >> 8),
                            static_cast<std::uint8_t>(out.size()), {}, static_cast<std::uint8_t>(part.status));
            if (part.status == sw::wrong_offset && !out.empty()) break;  // the file ends here
            if (!part.good() || part.data.empty()) return std::nullopt;
            out.insert(out.end(), part.data.begin(), part.data.end());
            if (part.data.size() < length) break;
        }
        return out;
    }
    /// The objects of the current BER-TLV file, one after another in the order of their tags.
    std::optional<wire::octets> retrieve_data() {
        const auto tags = object(wire::octets{tag_list});
        if (!tags) return std::nullopt;
        wire::reader list(*tags);
        wire::reader in(wire::read_ber_tlv(list).value);
        wire::octets out;
        while (in.remaining() != 0) {
            wire::octets tag{in.u8()};
            if ((tag[0] & 0x1F) == 0x1F) tag.push_back(in.u8());
            const auto one = object(tag);
            if (!one) return std::nullopt;
            out.insert(out.end(), one->begin(), one->end());
        }
        return out;
    }

private:
    std::optional<wire::octets> object(wire::octet_view tag) {
        auto part = send(0x80, instruction::retrieve_data, 0, 0x80, tag, 0);
        auto out = part.data;
        while (part.status == sw::more_data_available && !part.data.empty()) {
            part = send(0x80, instruction::retrieve_data, 0, 0x00, {}, 0);
            out.insert(out.end(), part.data.begin(), part.data.end());
        }
        if (!part.good()) return std::nullopt;
        return out;
    }

    const card_transmit& card_;
    std::uint8_t number_;
};

bool is_ber_tlv(wire::octet_view parameters) {
    wire::reader whole(parameters);
    const auto outer = wire::read_ber_tlv(whole);
    wire::reader in(outer.value);
    while (outer.tag == fcp_template && in.remaining() != 0) {
        const auto element = wire::read_ber_tlv(in);
        if (element.tag != fcp_descriptor || element.value.empty()) continue;
        return (element.value[0] & structure_mask) == ber_tlv_structure;
    }
    return false;
}

/// EF(DIR) has a record of PKCS#15.
bool announces_objects(channel& basic) {
    if (!basic.select({master, ef_dir}, false).good()) return false;
    for (std::size_t record = 1; record <= most_records; ++record) {
        const auto number = static_cast<std::uint8_t>(record);
        auto read = basic.send(0x00, instruction::read_record, number, absolute, {}, 0);
        if ((read.status & 0xFF00) == sw::wrong_le)
            read = basic.send(0x00, instruction::read_record, number, absolute, {},
                              static_cast<std::uint8_t>(read.status));
        if (!read.good()) return false;
        const auto application = mo::parse_application(read.data);
        if (application && std::ranges::equal(application.value().aid, mo::pkcs15_aid)) return true;
    }
    return false;
}

/// All entries of all data object directories.
std::optional<std::vector<mo::data_object>> read_directory(channel& on) {
    if (!on.send(0x00, instruction::select, by_name, no_answer, mo::pkcs15_aid, std::nullopt).good())
        return std::nullopt;
    if (!on.select({object_directory}, false).good()) return std::nullopt;
    const auto file = on.read_binary(SIZE_MAX);
    if (!file) return std::nullopt;
    const auto lists = mo::parse_object_directory(*file);
    if (!lists) return std::nullopt;
    std::vector<mo::data_object> out;
    for (const auto& path : lists.value()) {
        if (!on.select(path, false).good()) continue;
        const auto list = on.read_binary(SIZE_MAX);
        if (!list) continue;
        auto entries = mo::parse_data_objects(*list);
        if (entries) std::ranges::move(entries.value(), std::back_inserter(out));
    }
    return out;
}

void read_control(channel& on, const std::vector<mo::data_object>& entries, objects_on_card& out) {
    for (const auto& entry : entries) {
        if (!std::ranges::equal(entry.oid, mo::oid_control_file)) continue;
        const auto octets = on.select(entry.path, false).good() ? on.read_binary(SIZE_MAX) : std::nullopt;
        auto read = octets ? mo::parse_control_file(*octets) : wire::result<mo::control_file>(wire::errc::truncated);
        if (read) out.control = std::move(read).value();
        out.control_is_torn = !read;
    }
}

bool knows(const objects_on_card* before, const object_on_card& now) {
    return before != nullptr && now.control && std::ranges::any_of(before->objects, [&](const auto& o) {
               return o.entry == now.entry && o.control == now.control && (o.whole() || o.unchanged);
           });
}

void read_image(channel& on, object_on_card& object, std::optional<std::string_view>& pin) {
    const auto selected = on.select(object.entry.path, true);
    if (!selected.good()) return;  // gone, or deactivated
    if (object.entry.is_private) {
        if (!pin) return;
        wire::writer shown;
        shown.put(wire::as_octets(*pin)).fill(pin_octets - std::min(pin_octets, pin->size()), 0xFF);
        // A wrong PIN costs one of three tries: it is not shown again.
        if (!on.send(0x00, instruction::verify_pin, 0, pin_reference, shown.buffer(), std::nullopt).good())
            return pin.reset();
    }
    if (is_ber_tlv(selected.data)) {
        object.image = on.retrieve_data();
    } else {
        object.image = on.read_binary(object.control && object.control->used != 0 ? object.control->used : SIZE_MAX);
    }
}

}  // namespace

bool object_on_card::whole() const noexcept {
    return image && !doubtful && (!control || mo::confirms(*control, *image));
}

std::optional<objects_on_card> read_objects(const card_transmit& card, const objects_on_card* before,
                                            std::optional<std::string_view> pin) {
    channel basic(card, 0);
    if (!announces_objects(basic)) return std::nullopt;
    const auto opened = basic.send(0x00, instruction::manage_channel, 0, 0, {}, 1);
    if (!opened.good() || opened.data.size() != 1 || opened.data[0] > 3) return std::nullopt;
    const auto number = opened.data[0];
    channel on(card, number);
    objects_on_card out;
    const auto entries = read_directory(on);
    if (entries) {
        read_control(on, *entries, out);
        for (const auto& entry : *entries) {
            if (!std::ranges::equal(entry.oid, mo::oid_dm_bootstrap)) continue;
            object_on_card object{.entry = entry, .control = {}, .image = {}};
            const auto* told = out.control ? out.control->find(entry.path.back()) : nullptr;
            if (told != nullptr) object.control = *told;
            object.doubtful = out.control_is_torn;
            object.unchanged = knows(before, object);
            if (!object.unchanged) read_image(on, object, pin);
            out.objects.push_back(std::move(object));
        }
    }
    (void)basic.send(0x00, instruction::manage_channel, 0x80, number, {}, std::nullopt);
    if (!entries) return std::nullopt;
    return out;
}

}  // namespace ota::sandbox
