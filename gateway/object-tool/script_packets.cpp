#include "gateway/object-tool/script_packets.hpp"

#include "gateway/flow/apdu.hpp"
#include "secure-channel/command_packet.hpp"
#include "secure-channel/remote_script.hpp"
#include "secure-channel/short_message.hpp"
#include "secure-channel/wire/ber_tlv.hpp"

#include <algorithm>
#include <numeric>
#include <span>

namespace ota::object_tool {

namespace sc = secure_channel;
using wire::octets;
using commands_view = std::span<const octets>;

namespace {

constexpr std::uint8_t set_data = 0xDB, first_block = 0x80, long_tag_mark = 0x9F;
constexpr std::size_t header_octets = 5, most_commands = 250, sliver = 8;

/// One packet as it fills.
class packing {
public:
    packing(const card_profile& p, std::uint8_t mac_length)
        : profile_(p),
          application_(p.applications[p.objects_at->application]),
          capacity_(capacity_of(p, p.max_segments, mac_length)),
          mac_length_(mac_length),
          selection_(std::in_place, application_, capacity_) {}

    /// Octets that these many more commands leave; negative when they do not fit.
    [[nodiscard]] std::ptrdiff_t room_after(const node_binding& file, std::size_t commands, std::size_t size) const {
        const auto [select_octets, selects] = selection_->select_cost(file);
        if (commands_.size() + selects + commands > most_commands) return -1;
        auto taken = size_ + select_octets + size;
        if (application_.format != sc::script_format::compact) taken += 4 + 3 * (commands_.size() + selects + commands);
        return static_cast<std::ptrdiff_t>(capacity_) - static_cast<std::ptrdiff_t>(taken);
    }

    /// All of them in one packet: false when even an empty one is too small.
    [[nodiscard]] bool together(const node_binding& file, commands_view commands) {
        const auto size = std::accumulate(commands.begin(), commands.end(), std::size_t{0},
                                          [](std::size_t sum, const octets& each) { return sum + each.size(); });
        if (room_after(file, commands.size(), size) < 0) close();
        if (room_after(file, commands.size(), size) < 0) return false;
        for (const auto& each : commands) add(file, each);
        return true;
    }

    /// An UPDATE BINARY, cut where packets end.
    [[nodiscard]] bool update(const node_binding& file, const octets& command) {
        auto offset = wire::reader(wire::octet_view(command).subspan(2)).u16();
        auto rest = wire::octet_view(command).subspan(header_octets);
        while (!rest.empty()) {
            const auto room = room_after(file, 1, header_octets);
            const auto length = std::min(rest.size(), static_cast<std::size_t>(std::max<std::ptrdiff_t>(room, 0)));
            if (length == 0 || (length < rest.size() && length < sliver)) {
                if (commands_.empty()) return false;
                close();
                continue;
            }
            wire::writer part(header_octets + length);
            part.u8(command[0])
                .u8(command[1])
                .u16(offset)
                .u8(static_cast<std::uint8_t>(length))
                .put(rest.first(length));
            add(file, part.take());
            offset = static_cast<std::uint16_t>(offset + length);
            rest = rest.subspan(length);
        }
        return true;
    }

    /// R20: the commands that make the terminal take notice, when they fit.
    void refresh() {
        if (profile_.refresh != refresh_policy::script || commands_.empty()) return;
        auto script = commands_;
        script.insert(script.end(), profile_.refresh_script.begin(), profile_.refresh_script.end());
        const auto whole = sc::serialize_script(script, application_.format);
        if (whole && whole.value().size() <= capacity_ && script.size() <= most_commands) commands_ = std::move(script);
    }

    [[nodiscard]] std::vector<script_packet> take() {
        refresh();
        close();
        return std::move(packets_);
    }

private:
    void add(const node_binding& file, octets command) {
        const auto known = selection_->commands().size();
        selection_->select(file);
        for (auto i = known; i < selection_->commands().size(); ++i) put(selection_->commands()[i]);
        put(std::move(command));
    }
    void put(octets command) {
        size_ += command.size();
        commands_.push_back(std::move(command));
    }
    void close() {
        if (commands_.empty()) return;
        script_packet done{.commands = std::move(commands_)};
        auto script = sc::serialize_script(done.commands, application_.format);
        if (script) done.script = std::move(script).value();
        done.messages = message_count_of(profile_, mac_length_)(done.script.size());
        packets_.push_back(std::move(done));
        commands_.clear();
        size_ = 0;
        selection_.emplace(application_, capacity_);
    }

    const card_profile& profile_;
    const card_application& application_;
    std::size_t capacity_;
    std::uint8_t mac_length_;
    std::optional<flow::script_builder>
        selection_;  ///< knows what is selected; the commands behind each SELECT are kept here
    std::vector<octets> commands_;
    std::size_t size_ = 0;
    std::vector<script_packet> packets_;
};

/// Commands from the first on that write one object of a BER-TLV file.
std::size_t length_of_chain(commands_view commands) {
    std::size_t n = 1;
    while (n < commands.size() && commands[n][3] != first_block) ++n;
    return n;
}

written_range object_of(std::uint16_t file, commands_view chain) {
    const auto body = wire::octet_view(chain.front()).subspan(header_octets);
    wire::reader in(body);
    std::uint16_t tag = in.u8();
    if (tag == long_tag_mark) tag = static_cast<std::uint16_t>(tag << 8 | in.u8());
    written_range out{.file = file, .tag = tag};
    if (in.remaining() == 0) {
        out.deleted = true;
    } else {
        out.length = wire::read_ber_length(in);
    }
    return out;
}

}  // namespace

std::size_t script_cost::octets() const noexcept {
    std::size_t sum = 0;
    for (const auto& each : packets) sum += each.script.size();
    return sum;
}

std::size_t script_cost::messages() const noexcept {
    std::size_t sum = 0;
    for (const auto& each : packets) sum += each.messages;
    return sum;
}

std::size_t capacity_of(const card_profile& p, std::size_t messages, std::uint8_t mac_length) noexcept {
    return sc::data_capacity(sc::segments_capacity(messages, p.wide_reference), p.spi, {p.kic_algorithm},
                             {p.kid_algorithm}, mac_length);
}

management_object::message_count message_count_of(const card_profile& p, std::uint8_t mac_length) {
    std::vector<std::size_t> capacities;  // of 1, 2, .. messages
    for (std::size_t n = 1; n <= p.max_segments; ++n) capacities.push_back(capacity_of(p, n, mac_length));
    return [capacities](std::size_t length) {
        const auto full = capacities.empty() ? 0 : capacities.back();
        if (length == 0 || full == 0) return std::size_t{0};
        const auto rest = (length - 1) % full + 1;
        const auto last = std::ranges::lower_bound(capacities, rest) - capacities.begin() + 1;
        return (length - 1) / full * capacities.size() + static_cast<std::size_t>(last);
    };
}

wire::result<script_cost> cost_of(const card_profile& p, const object_script& script, std::uint8_t mac_length) {
    script_cost out;
    packing packets(p, mac_length);
    for (const auto& step : script.steps) {
        const auto file = step.file->path.back();
        const commands_view all(step.commands);
        const bool commit = step.file == &p.objects_at->control;
        // The control file is one record: its runs go in one packet.
        if (commit && !packets.together(*step.file, all)) return sc::errc::too_long;
        for (std::size_t at = 0; at < all.size();) {
            const auto& command = all[at];
            if (command[1] == set_data) {
                const auto chain = all.subspan(at, length_of_chain(all.subspan(at)));
                out.ranges.push_back(object_of(file, chain));
                if (!packets.together(*step.file, chain)) return sc::errc::too_long;
                at += chain.size();
                continue;
            }
            const std::size_t offset = wire::reader(wire::octet_view(command).subspan(2)).u16();
            out.ranges.push_back({.file = file, .offset = offset, .length = command.size() - header_octets});
            if (!commit && !packets.update(*step.file, command)) return sc::errc::too_long;
            ++at;
        }
    }
    out.packets = packets.take();
    return out;
}

}  // namespace ota::object_tool
