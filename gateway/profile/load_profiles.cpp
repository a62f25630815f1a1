#include "gateway/profile/load_profiles.hpp"

#include "gateway/profile/profile_reader.hpp"

#include <algorithm>
#include <array>

namespace ota {
namespace profile_reader {

wire::octets octets_at(const config::node& at, std::string_view key, std::size_t size,
                       const std::optional<wire::octets>& otherwise) {
    const auto child = at.at(key);
    if (!child.exists() && otherwise) return *otherwise;
    const auto text = at.required_text(key);
    if (text.empty()) return otherwise.value_or(wire::octets());
    auto octets = wire::from_hex(text);
    if (octets && octets.value().size() == size) return std::move(octets).value();
    child.complain("should be " + std::to_string(size * 2) + " hexadecimal digits");
    return otherwise.value_or(wire::octets());
}

std::vector<std::uint16_t> file_identifiers_at(const config::node& at, std::string_view key) {
    std::vector<std::uint16_t> out;
    for (const auto& item : at.at(key).items()) {
        auto octets = wire::from_hex(item.scalar().value_or(""));
        if (!octets || octets.value().size() != 2) {
            item.complain("should be a file identifier of 4 hexadecimal digits");
            continue;
        }
        const auto fid = wire::reader(octets.value()).u16();
        if (fid == 0x3F00) item.complain("paths begin below the MF: leave 3f00 out");
        out.push_back(fid);
    }
    return out;
}

std::vector<wire::octets> commands_at(const config::node& at, std::string_view key,
                                      secure_channel::script_format format) {
    std::vector<wire::octets> out;
    for (const auto& item : at.at(key).items()) {
        auto octets = wire::from_hex(item.scalar().value_or(""));
        if (octets && !octets.value().empty() && secure_channel::serialize_script({octets.value()}, format)) {
            out.push_back(std::move(octets).value());
        } else {
            item.complain("should be a command in hexadecimal: CLA INS P1 P2 P3 and the data that P3 counts");
        }
    }
    return out;
}

}  // namespace profile_reader

namespace {

using namespace profile_reader;

struct algorithm_name {
    std::string_view name;
    std::uint8_t nibble;
};
constexpr std::array<algorithm_name, 6> ciphers{
    {{"implicit", 0x0}, {"des", 0x1}, {"aes", 0x2}, {"3des2", 0x5}, {"3des3", 0x9}, {"des-ecb", 0xD}}};
constexpr std::array<algorithm_name, 8> checksums{{{"implicit", 0x0},
                                                   {"des", 0x1},
                                                   {"aes", 0x2},
                                                   {"aes-cmac", 0x2},
                                                   {"3des2", 0x5},
                                                   {"3des3", 0x9},
                                                   {"crc16", 0x1},
                                                   {"crc32", 0x5}}};

/// A name of the table, or the nibble itself as one hexadecimal digit.
std::uint8_t algorithm_at(const config::node& at, std::string_view key, std::span<const algorithm_name> names) {
    const auto text = at.required_text(key);
    std::string all;
    for (const auto& [name, nibble] : names) {
        if (text == name) return nibble;
        all += std::string(name) + ", ";
    }
    if (text.size() == 1) {
        if (auto octet = wire::from_hex("0" + text)) return octet.value().front();
    }
    if (!text.empty()) at.at(key).complain("should be " + all + "or one hexadecimal digit");
    return 0;
}

permissions read_permissions(const config::node& at) {
    permissions out;
    for (const auto& item : at.at("allow").items()) {
        const auto name = item.scalar().value_or("");
        if (name == "single-des")
            out.single_des = true;
        else if (name == "no-cc")
            out.no_cc = true;
        else if (name == "no-counter")
            out.no_counter = true;
        else if (name == "unsigned-por")
            out.unsigned_por = true;
        else if (name == "no-por")
            out.no_por = true;
        else
            item.complain("should be single-des, no-cc, no-counter, unsigned-por or no-por");
    }
    return out;
}

bool is_step(std::string_view name) {
    return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
        return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-' ||
               c == '.';
    });
}

void read_application(const config::node& at, card_profile& p) {
    using secure_channel::script_format;
    card_application a;
    a.name = at.required_text("name");
    if (!a.name.empty() && !is_step(a.name)) at.at("name").complain("may hold letters, digits, `_`, `-` and `.` only");
    const auto tar = octets_at(at, "tar", 3);
    std::copy(tar.begin(), tar.end(), a.tar.octets.begin());
    a.format = static_cast<script_format>(at.choice("format", {"compact", "expanded", "expanded-indefinite"}, 0));
    a.class_octet = octets_at(at, "class", 1, wire::octets{0x00}).front();
    a.directory = file_identifiers_at(at, "directory");
    for (const auto& other : p.applications) {
        if (other.name == a.name) at.at("name").complain("another application has this name");
        if (other.tar == a.tar && other.format != a.format)
            at.at("format").complain("another application has this TAR in another format");
    }
    at.finish();
    p.applications.push_back(std::move(a));
}

void read_timing(const config::node& at, card_profile& p) {
    p.answer_timeout = at.duration("answer_timeout", p.answer_timeout);
    p.validity = at.duration("validity", p.validity);
    p.validity_margin = at.duration("margin", p.validity_margin);
    p.repeats = static_cast<unsigned>(at.integer("repeats", p.repeats, 0, 100));
    p.attempts = static_cast<unsigned>(at.integer("attempts", p.attempts, 1, 100));
    p.retry_backoff = at.duration("retry_backoff", p.retry_backoff);
    if (p.answer_timeout < std::chrono::seconds(1)) at.at("answer_timeout").complain("should be a second or more");
    if (p.validity < std::chrono::minutes(1)) at.at("validity").complain("should be a minute or more");
    // R6: an unanswered packet is closed at validity + margin; a repeat after that would come too late.
    if (p.answer_timeout > p.validity) at.at("answer_timeout").complain("should not be longer than the validity");
    const auto pause = at.at("pause");
    p.pause_share = pause.number("share", p.pause_share, 0, 1);
    p.pause_sample = static_cast<unsigned>(pause.integer("sample", p.pause_sample, 1, 100'000));
    pause.finish();
}

void read_quirks(const config::node& at, card_profile& p) {
    const auto counter = at.at("counter");
    p.scope = static_cast<counter_scope>(counter.choice("scope", {"key-version", "tar"}, 0));
    counter.finish();
    const auto segments = at.at("segments");
    p.max_segments =
        static_cast<std::size_t>(segments.integer("max", static_cast<std::int64_t>(p.max_segments), 1, 255));
    p.wide_reference = segments.choice("reference", {"8", "16"}, 0) == 1;
    segments.finish();
    p.max_response =
        static_cast<std::size_t>(at.integer("max_response", static_cast<std::int64_t>(p.max_response), 1, 255));
    p.allow_unverified = at.choice("without_proof", {"read-back", "unverified"}, 0) == 1;
}

// R20. The commands end scripts of any application; they are checked in the format of the first.
void read_refresh(const config::node& at, card_profile& p) {
    p.refresh = static_cast<refresh_policy>(at.choice("refresh", {"none", "card", "script"}, 0));
    const auto format = p.applications.empty() ? secure_channel::script_format::compact : p.applications.front().format;
    p.refresh_script = commands_at(at, "refresh_commands", format);
    const auto commands = at.at("refresh_commands");
    if (p.refresh == refresh_policy::script && !commands.exists())
        commands.complain("is missing: `refresh: script` needs it");
    if (p.refresh != refresh_policy::script && commands.exists()) commands.complain("goes with `refresh: script` only");
}

card_profile read_profile(const config::node& at) {
    card_profile p;
    p.name = at.required_text("name");
    const auto spi = octets_at(at, "spi", 2);
    if (!spi.empty()) p.spi = {spi[0], spi[1]};
    p.kic_algorithm = algorithm_at(at, "kic", ciphers);
    p.kid_algorithm = algorithm_at(at, "kid", checksums);
    const auto allow = read_permissions(at);
    if (!spi.empty()) check_security(at, p, allow);
    read_quirks(at, p);
    read_timing(at, p);
    if (!at.at("applications").exists()) at.at("applications").complain("is missing: a profile needs at least one");
    for (const auto& item : at.at("applications").items()) read_application(item, p);
    read_refresh(at, p);
    read_bip_channel(at.at("bip"), p);
    read_nodes(at.at("nodes"), p);
    read_management_objects(at.at("management_objects"), p);
    at.finish();
    const auto digest = secure_channel::sha256(wire::as_octets(canonical_text(p)));
    p.hash = wire::reader(digest).u64();
    return p;
}

}  // namespace

void load_profiles(const config::node& list, profile_set& into) {
    for (const auto& item : list.items()) {
        auto p = read_profile(item);
        if (p.name.empty()) continue;
        if (into.contains(p.name)) {
            item.at("name").complain("another profile has this name");
            continue;
        }
        auto name = p.name;
        into.emplace(std::move(name), std::make_shared<const card_profile>(std::move(p)));
    }
}

}  // namespace ota
