#include "gateway/flow/apdu.hpp"

namespace ota::flow {

using wire::octets;

namespace {

constexpr std::uint8_t sim_class = 0xA0;
constexpr std::size_t expanded_command = 3;   // tag 22 and a length of up to two octets
constexpr std::size_t expanded_template = 4;  // tag AA and a length of up to three octets

std::size_t script_octets(secure_channel::script_format format, std::size_t commands, std::size_t octets) noexcept {
    if (format == secure_channel::script_format::compact) return octets;
    return expanded_template + commands * expanded_command + octets;
}

octets command(std::uint8_t cla, std::uint8_t ins, std::uint8_t p1, std::uint8_t p2, std::uint8_t p3,
               wire::octet_view data = {}) {
    wire::writer out(5 + data.size());
    out.u8(cla).u8(ins).u8(p1).u8(p2).u8(p3).put(data);
    return out.take();
}

octets select_one(std::uint8_t cla, std::uint16_t file) {
    const octets id{static_cast<std::uint8_t>(file >> 8), static_cast<std::uint8_t>(file)};
    return command(cla, 0xA4, 0x00, cla == sim_class ? 0x00 : 0x04, 2, id);
}

}  // namespace

script_builder::script_builder(const card_application& application, std::size_t capacity)
    : application_(application), capacity_(capacity), directory_(application.directory) {}

bool script_builder::fits(std::size_t commands, std::size_t count) const noexcept {
    return script_octets(application_.format, commands_.size() + commands, used_ + count) <= capacity_ &&
           commands_.size() + commands <= 250;
}

std::size_t script_builder::room(std::size_t commands) const noexcept {
    const auto taken = script_octets(application_.format, commands_.size() + commands, used_);
    return taken >= capacity_ ? 0 : capacity_ - taken;
}

std::vector<octets> script_builder::select_commands(const node_binding& node) const {
    if (file_ == node.path) return {};
    const std::vector<std::uint16_t> parent(node.path.begin(), node.path.end() - 1);
    if (directory_ == parent) return {select_one(application_.class_octet, node.path.back())};
    if (application_.class_octet == sim_class) {  // a SIM selects level by level [TS 51.011, 8.1]
        std::vector<octets> out{select_one(sim_class, 0x3F00)};
        for (auto id : node.path) out.push_back(select_one(sim_class, id));
        return out;
    }
    octets path;
    for (auto id : node.path) {
        path.push_back(static_cast<std::uint8_t>(id >> 8));
        path.push_back(static_cast<std::uint8_t>(id));
    }
    return {command(application_.class_octet, 0xA4, 0x08, 0x04, static_cast<std::uint8_t>(path.size()), path)};
}

std::pair<std::size_t, std::size_t> script_builder::select_cost(const node_binding& node) const {
    std::size_t size = 0;
    const auto commands = select_commands(node);
    for (const auto& c : commands) size += c.size();
    return {size, commands.size()};
}

void script_builder::select(const node_binding& node) {
    for (auto& c : select_commands(node)) add(std::move(c));
    directory_.assign(node.path.begin(), node.path.end() - 1);
    file_ = node.path;
}

void script_builder::update_binary(std::size_t offset, wire::octet_view data) {
    add(command(application_.class_octet, 0xD6, static_cast<std::uint8_t>(offset >> 8 & 0x7F),
                static_cast<std::uint8_t>(offset), static_cast<std::uint8_t>(data.size()), data));
}

void script_builder::update_record(std::uint8_t record, wire::octet_view data) {
    add(command(application_.class_octet, 0xDC, record, 0x04, static_cast<std::uint8_t>(data.size()), data));
}

void script_builder::read_binary(std::size_t offset, std::size_t length) {
    add(command(application_.class_octet, 0xB0, static_cast<std::uint8_t>(offset >> 8 & 0x7F),
                static_cast<std::uint8_t>(offset), static_cast<std::uint8_t>(length)));
}

void script_builder::read_record(std::uint8_t record, std::size_t length) {
    add(command(application_.class_octet, 0xB2, record, 0x04, static_cast<std::uint8_t>(length)));
}

void script_builder::on_file(const octets& c) { add(c); }

void script_builder::raw(const octets& c) {
    add(c);
    file_.clear();
}

void script_builder::add(octets c) {
    used_ += c.size();
    commands_.push_back(std::move(c));
}

}  // namespace ota::flow
