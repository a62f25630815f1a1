#include "gateway/dm/session.hpp"

#include "gateway/dm/authentication.hpp"
#include "management-object/dm_status.hpp"

#include <algorithm>
#include <utility>

namespace ota::dm {

namespace mo = management_object;
namespace syncml = management_object::dm;
using mo::dm_status;

namespace {

constexpr std::uint16_t code_of(dm_status s) { return static_cast<std::uint16_t>(s); }
// Codes of RepPro that only a header can meet.
constexpr std::uint16_t dtd_version_not_supported = 505, protocol_version_not_supported = 513;

std::size_t count(const std::vector<syncml::command>& commands) {
    std::size_t n = commands.size();
    for (const auto& each : commands) {
        if (const auto* group = std::get_if<syncml::group>(&each.is)) n += count(group->commands);
    }
    return n;
}

/// Number and name of a command that asks for a Status; nothing for Status and Results.
std::optional<std::pair<std::uint32_t, std::string>> asks(const syncml::command& c) {
    struct visitor {
        using out = std::optional<std::pair<std::uint32_t, std::string>>;
        out operator()(const syncml::alert& a) const { return std::pair{a.cmd_id, std::string("Alert")}; }
        out operator()(const syncml::operation& o) const { return std::pair{o.cmd_id, std::string(to_string(o.what))}; }
        out operator()(const syncml::group& g) const {
            return std::pair{g.cmd_id, std::string(g.atomic ? "Atomic" : "Sequence")};
        }
        out operator()(const syncml::unknown_command& u) const { return std::pair{u.cmd_id, u.name}; }
        out operator()(const syncml::status&) const { return std::nullopt; }
        out operator()(const syncml::results&) const { return std::nullopt; }
    };
    return std::visit(visitor{}, c.is);
}

std::string address_of(const syncml::item& i) {
    if (i.source && !i.source->loc_uri.empty()) return i.source->loc_uri;
    return i.target ? i.target->loc_uri : std::string();
}

/// The MAC has a length of its own: it cannot pass for the end of a body.
std::array<std::uint8_t, 32> digest_of(const inbound& in) {
    wire::writer all;
    all.u32(static_cast<std::uint32_t>(in.hmac.size())).put(wire::as_octets(in.hmac)).put(in.body);
    return secure_channel::sha256(all.buffer());
}

bool is_device_info(const syncml::item& i) {
    static const mo::uri device_info{{"DevInfo"}};
    const auto at = mo::parse_uri(address_of(i));
    return at && at.value().is_within(device_info);
}

}  // namespace

std::string media_type(std::string_view content_type) {
    std::string out(mo::trimmed(content_type.substr(0, content_type.find(';'))));
    std::ranges::transform(out, out.begin(),
                           [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    return out;
}

void session::not_a_message(unsigned http_status, std::uint64_t counts::*what) {
    ++(tally_.*what);
    ready_ = outbound{.http_status = http_status};
}

/// What the transport answers: neither the session nor its nonces are touched.
bool session::taken_by_transport(const inbound& in) {
    if (ended_) {
        not_a_message(403, &counts::after_end);
    } else if (in.body.size() > settings_.max_message) {
        not_a_message(413, &counts::too_large);
    } else if (const auto type = media_type(in.content_type); type != syncml::type_xml && type != syncml::type_wbxml) {
        not_a_message(415, &counts::other_type);
    } else {
        return false;
    }
    return true;
}

/// A message that has no place here: 0, or the code for its header.
std::uint16_t session::fault_of(const syncml::message& m) {
    const auto fault = [&](std::uint64_t counts::*what, std::uint16_t code) {
        ++(tally_.*what);
        return code;
    };
    if (m.hdr.ver_dtd != "1.2") return fault(&counts::other_version, dtd_version_not_supported);
    if (m.hdr.ver_proto != "DM/1.2") return fault(&counts::other_version, protocol_version_not_supported);
    if (count(m.body) > settings_.max_commands)
        return fault(&counts::too_many_commands, code_of(dm_status::request_entity_too_large));
    if (!begun_) return 0;
    if (m.hdr.session_id != id_ || m.hdr.source.loc_uri != device_)
        return fault(&counts::other_session, code_of(dm_status::bad_request));
    if (m.hdr.msg_id <= last_in_) return fault(&counts::out_of_order, code_of(dm_status::bad_request));
    return 0;
}

void session::status_for(std::uint32_t cmd_ref, std::string cmd, std::uint16_t code,
                         std::vector<std::string> source_refs) {
    statuses_.push_back({syncml::status{.msg_ref = last_in_,
                                        .cmd_ref = cmd_ref,
                                        .cmd = std::move(cmd),
                                        .source_refs = std::move(source_refs),
                                        .code = code}});
}

/// Nothing but Status, for the header and, when it was read, for every command [DM Protocol 1.2, 9.1].
void session::refuse(const syncml::message& m, std::uint16_t code, bool whole_body) {
    refused_ = true;
    const auto was = std::exchange(last_in_, m.hdr.msg_id);
    status_for(0, "SyncHdr", code);
    for (const auto& each : m.body) {
        const auto asked = whole_body ? asks(each) : std::nullopt;
        if (asked) status_for(asked->first, asked->second, code);
    }
    last_in_ = was;
}

bool has_short_names(const syncml::header& h) noexcept {
    constexpr std::size_t longest_address = 1024, longest_session = 64;
    return h.session_id.size() <= longest_session && h.source.loc_uri.size() <= longest_address &&
           h.source.loc_name.size() <= longest_address && h.target.loc_uri.size() <= longest_address;
}

bool session::repeats(const inbound& in) const { return last_reply_ && last_in_digest_ == digest_of(in); }

events session::on_message(const inbound& in, time_point now) {
    events out;
    if (!heard_) heard_ = now;
    ready_.reset();
    // A transport that lost our reply asks again with the same octets: nothing is done twice.
    if (repeats(in)) {
        ++tally_.repeated;
        heard_ = now;
        ready_ = last_reply_;
        return out;
    }
    statuses_.clear();
    refused_ = misplaced_ = device_refused_ = false;
    if (taken_by_transport(in)) return out;
    const bool binary = media_type(in.content_type) == syncml::type_wbxml;
    const mo::document_limits limits{.octets = settings_.max_message};
    const auto read = binary ? syncml::parse_wbxml(in.body, limits) : syncml::parse_xml(wire::as_text(in.body), limits);
    if (!read || !has_short_names(read.value().hdr)) {
        not_a_message(400, &counts::malformed);
        if (++faults_ >= settings_.tolerated_faults) end(ending::too_many_faults, out);
        return out;
    }
    const auto& m = read.value();
    if (!begun_) {
        as_ = binary ? syncml::encoding::wbxml : syncml::encoding::xml;
        id_ = m.hdr.session_id;
        device_ = m.hdr.source.loc_uri;
        target_ = m.hdr.target.loc_uri;
    }
    if (const auto code = fault_of(m)) {
        misplaced_ = true;
        refuse(m, code, false);
        if (++faults_ >= settings_.tolerated_faults) aborting_ = ending::too_many_faults;
        return out;
    }
    let_in(m, in, now, out);
    return out;
}

/// Its credentials hold; else all of the message is refused.
bool session::proves_itself(const syncml::message& m, const inbound& in, events& out) {
    const bool known_before = device_proof_.proven();
    const auto verdict = device_proof_.judge(account_ ? &*account_ : nullptr, settings_.allow_basic, m.hdr,
                                             {.body = in.body, .hmac = in.hmac});
    if (verdict != device_proof::verdict::accepted) {
        ++(verdict == device_proof::verdict::missing ? tally_.no_credentials : tally_.wrong_credentials);
        // In a session that is under way a forged message changes nothing: the device's own still fits.
        misplaced_ = known_before;
        refuse(m, device_proof_.code(), true);
    } else {
        last_in_ = m.hdr.msg_id;
        status_for(0, "SyncHdr", device_proof_.code());
    }
    std::get<syncml::status>(statuses_.front().is).chal = device_proof_.challenge();
    if (refused_) return false;
    if (!known_before) out.push_back(authenticated{device_, account_->how, account_->key});
    if (auto renewed = device_proof_.renewed()) out.push_back(nonces{.client_nonce = std::move(renewed)});
    return true;
}

/// Whose device it is. false: nobody can say now, and nothing is held against the device.
bool session::look_up(const syncml::message& m, const inbound& in) {
    const auto shown = parse_hmac_header(in.hmac);
    auto found = find_account_({device_, shown ? shown->username : m.hdr.source.loc_name});
    if (!found) {
        not_a_message(503, &counts::unavailable);
        return false;
    }
    account_ = std::move(found).value();
    if (!account_) ++tally_.unknown_device;
    begun_ = true;
    return true;
}

void session::let_in(const syncml::message& m, const inbound& in, time_point now, events& out) {
    if (!begun_ && !look_up(m, in)) return;
    ++tally_.messages;
    if (tally_.messages > settings_.max_messages) aborting_ = ending::too_many_messages;
    const bool taken = proves_itself(m, in, out);
    if (misplaced_) return;
    heard_ = now;  // what does not belong here keeps no session alive
    last_in_ = m.hdr.msg_id;
    last_in_digest_ = digest_of(in);
    last_reply_.reset();
    if (!taken) return;
    // A device that asks more than its own messages can be told is not kept waiting for it.
    if (owed_.size() > settings_.max_commands) aborting_ = ending::too_many_messages;
    std::ranges::move(std::exchange(owed_, {}), std::back_inserter(statuses_));
    if (m.hdr.about && m.hdr.about->max_msg_size) largest_out_ = *m.hdr.about->max_msg_size;
    if (m.hdr.about && m.hdr.about->max_obj_size) largest_object_out_ = *m.hdr.about->max_obj_size;
    final_in_ = m.final;
    for (const auto& each : m.body) take(each, out);
    if (final_in_) close_package(out);
}

void session::take(const syncml::command& c, events& out) {
    std::visit([&](const auto& is) { take(is, out); }, c.is);
}

void session::take(const syncml::alert& a, events& out) {
    auto code = dm_status::ok;
    if (a.code == 1200 || a.code == 1201) {
        if (!std::exchange(started_, true)) out.push_back(started{.by_server = a.code == 1200});
    } else if (a.code == 1223) {
        aborted_ = true;
    } else if (a.code == 1225) {
        orders_.on_interrupted();
    } else if (a.code == 1224 || a.code == 1226) {
        out.push_back(alerted{a.code, a.correlator, a.items});
    } else if (a.code >= 1100 && a.code < 1200) {
        code = dm_status::command_not_allowed;  // a device does not ask a server's user
    } else if (a.code != 1222) {
        code = dm_status::optional_feature_not_supported;
    }
    if (code != dm_status::ok) ++tally_.commands_refused;
    status_for(a.cmd_id, "Alert", code_of(code));
}

void session::take(const syncml::status& s, events& out) {
    if (s.cmd_ref != 0) {
        if (s.cmd == "Alert") return;  // our 1222
        if (!orders_.on_status(s) && !device_refused_) ++tally_.unknown_references;
        return;
    }
    if (s.msg_ref != asked_ || asked_ == 0) {
        ++tally_.unknown_references;
        return;
    }
    switch (server_proof_.on_status(s.code, s.chal)) {
        case server_proof::verdict::again:
            ++tally_.refused_by_device;
            device_refused_ = true;
            orders_.send_again(s.msg_ref);
            break;
        case server_proof::verdict::refused:
            ++tally_.refused_by_device;
            aborting_ = ending::server_refused;
            break;
        case server_proof::verdict::settled: break;
    }
    if (s.chal && s.chal->next_nonce) out.push_back(nonces{.server_nonce = s.chal->next_nonce});
}

void session::take(const syncml::results& r, events&) {
    const auto code = orders_.on_results(r, asked_);
    if (code == code_of(dm_status::not_found)) ++tally_.unknown_references;
    // [DM Protocol 1.2, 6.1] No Status for Results, but for what concerns a large object.
    else if (code != code_of(dm_status::ok))
        status_for(r.cmd_id, "Results", code);
}

void session::take(const syncml::operation& o, events& out) {
    // [DM Protocol 1.2, 8] A device sends Replace of DevInfo, Results and Alert, nothing else.
    auto code = dm_status::ok;
    if (o.what != syncml::verb::replace)
        code = dm_status::command_not_allowed;
    else if (!std::ranges::all_of(o.items, is_device_info))
        code = dm_status::forbidden;
    std::vector<std::string> refs;
    device_info told;
    for (const auto& each : o.items) {
        refs.push_back(address_of(each));
        if (code == dm_status::ok) told.values.emplace_back(address_of(each), each.data.value_or(""));
    }
    if (code == dm_status::ok)
        out.push_back(std::move(told));
    else
        ++tally_.commands_refused;
    if (!o.no_resp) status_for(o.cmd_id, std::string(to_string(o.what)), code_of(code), std::move(refs));
}

void session::take(const syncml::group& g, events&) {
    ++tally_.commands_refused;
    const auto code = code_of(dm_status::command_not_allowed);
    status_for(g.cmd_id, g.atomic ? "Atomic" : "Sequence", code);
}

void session::take(const syncml::unknown_command& u, events&) {
    ++tally_.commands_refused;
    status_for(u.cmd_id, u.name, code_of(dm_status::command_not_implemented));
}

void session::close_package(events& out) {
    for (auto& each : orders_.close_package()) out.push_back(answered{std::move(each)});
}

}  // namespace ota::dm
