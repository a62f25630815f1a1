#include "sandbox/device/dm_client.hpp"

#include <algorithm>
#include <array>

namespace ota::sandbox {

namespace mo = management_object;
namespace syncml = management_object::dm;
using mo::dm_status;

namespace {

constexpr std::uint16_t code_of(dm_status s) { return static_cast<std::uint16_t>(s); }
/// Room for Alert 1222 behind the answers.
constexpr std::size_t for_an_alert = 128;
constexpr std::size_t default_message = 64 * 1024;

constexpr std::array<std::string_view, 7> finishes{"done",      "ended-by-server", "not-let-in", "server-not-trusted",
                                                   "no-answer", "bad-answer",      "too-long"};

const syncml::status* status_of_header(const syncml::message& m, std::uint32_t msg_ref) {
    for (const auto& each : m.body) {
        const auto* s = std::get_if<syncml::status>(&each.is);
        if (s != nullptr && s->cmd_ref == 0 && s->msg_ref == msg_ref) return s;
    }
    return nullptr;
}

bool is_answer(const syncml::command& c) {
    return std::holds_alternative<syncml::status>(c.is) || std::holds_alternative<syncml::results>(c.is);
}

bool has_alert(const syncml::message& m, std::uint16_t code) {
    return std::ranges::any_of(m.body, [&](const syncml::command& c) {
        const auto* a = std::get_if<syncml::alert>(&c.is);
        return a != nullptr && a->code == code;
    });
}

void device_info(const mo::uri& at, const mo::node& here, syncml::encoding as, std::vector<syncml::item>& out) {
    for (const auto& child : here.children) device_info(at / child.name, child, as, out);
    if (!here.is_leaf()) return;
    auto item = syncml::value_item({}, here.format, here.type, here.value.value_or(""), as);
    item.target.reset();
    item.source = syncml::location{mo::serialize_uri(at), {}};
    out.push_back(std::move(item));
}

std::string_view type_name(dm_authentication how) {
    constexpr std::array<std::string_view, 3> names{"syncml:auth-basic", "syncml:auth-md5", "syncml:auth-MAC"};
    return names[static_cast<std::size_t>(how)];
}

}  // namespace

std::string_view to_string(dm_finish f) noexcept { return finishes[static_cast<std::size_t>(f)]; }

dm_client::dm_client(mo::node& tree, dm_account& account, dm_client_settings s, std::function<std::string()> nonce)
    : root_(tree),
      account_(account),
      settings_(std::move(s)),
      nonce_(std::move(nonce)),
      tree_(tree, settings_.tree),
      commands_(tree_, settings_.max_obj_size),
      how_(account.preferred) {}

std::optional<dm_request> dm_client::finish(dm_finish why) {
    if (!finished_) finished_ = why;
    return std::nullopt;
}

std::optional<dm_request> dm_client::bad_answer() {
    ++tally_.bad_answers;
    return finish(dm_finish::bad_answer);
}

void dm_client::report(syncml::alert a) { outbox_.put({{std::move(a)}}); }

syncml::message dm_client::begin() {
    syncml::message m;
    m.hdr.session_id = session_id_;
    m.hdr.msg_id = ++msg_id_;
    m.hdr.target.loc_uri = account_.server_uri;
    m.hdr.source = {settings_.device, account_.client.name};
    m.hdr.about = syncml::meta{.max_msg_size = settings_.max_msg_size, .max_obj_size = settings_.max_obj_size};
    if (show_credentials_ && how_ != dm_authentication::hmac) {
        auto with = dm_credential{account_.client.name, account_.client.password.clone(),
                                  their_nonce_.value_or(account_.client.nonce)};
        m.hdr.cred = syncml::credentials{.about = {.format = "b64", .type = std::string(type_name(how_))},
                                         .data = dm_cred_data(how_, with)};
    }
    if (for_header_) {
        // A nonce counts from when it is told: the answer to a package that asks nothing is never sent.
        if (for_header_->chal && for_header_->chal->next_nonce) account_.server.nonce = *for_header_->chal->next_nonce;
        for_header_->cmd_id = 1;
        for_header_->target_refs = {settings_.device};
        for_header_->source_refs = {account_.server_uri};
        m.body.push_back({*for_header_});
    }
    return m;
}

/// The octets, and the MAC over them.
dm_request dm_client::sealed(const syncml::message& m) {
    dm_request out;
    if (settings_.as == syncml::encoding::wbxml) {
        out.content_type = syncml::type_wbxml;
        if (auto octets = syncml::serialize_wbxml(m)) out.body = std::move(octets).value();
    } else {
        out.content_type = syncml::type_xml;
        if (const auto text = syncml::serialize_xml(m)) out.body.assign(text.value().begin(), text.value().end());
    }
    if (show_credentials_ && how_ == dm_authentication::hmac) {
        const dm_credential with{account_.client.name, account_.client.password.clone(),
                                 their_nonce_.value_or(account_.client.nonce)};
        out.hmac = dm_hmac_header(with, out.body);
    }
    ++tally_.sent;
    tried_ = 1;
    last_ = out;
    return out;
}

/// Alert 1200 or 1201, generic alerts, and every leaf of ./DevInfo [DM Protocol 1.2, 8.3].
void dm_client::introduce(syncml::message& m) {
    const auto next = [&] { return static_cast<std::uint32_t>(m.body.size() + 1); };
    m.body.push_back({syncml::alert{.cmd_id = next(), .code = static_cast<std::uint16_t>(by_server_ ? 1200 : 1201)}});
    syncml::operation info{.what = syncml::verb::replace, .cmd_id = next()};
    const mo::uri where{{"DevInfo"}};
    if (const auto* here = mo::find(root_, where)) device_info(where, *here, settings_.as, info.items);
    if (!info.items.empty()) m.body.push_back({std::move(info)});
    for (auto a : alerts_) {
        a.cmd_id = next();
        m.body.push_back({std::move(a)});
    }
}

dm_request dm_client::package_1(bool again) {
    if (!again) for_header_.reset();
    auto m = begin();
    introduce(m);
    m.final = true;
    return sealed(m);
}

dm_request dm_client::start(std::string session_id, bool by_server, std::vector<syncml::alert> alerts) {
    session_id_ = std::move(session_id);
    by_server_ = by_server;
    alerts_ = std::move(alerts);
    show_credentials_ = account_.authenticate_at_once;
    return package_1(false);
}

dm_request dm_client::package_3() {
    auto m = begin();
    const auto room = server_takes_ != 0 ? server_takes_ : default_message;
    outbox_.fill(m, settings_.as, room, for_an_alert);
    m.final = server_final_ && outbox_.empty();
    const bool silent =
        std::ranges::all_of(m.body, [](const auto& c) { return std::holds_alternative<syncml::status>(c.is); });
    if (!server_final_ && silent)  // ask for what is missing [6.2]
        m.body.push_back({syncml::alert{.cmd_id = static_cast<std::uint32_t>(m.body.size() + 1), .code = 1222}});
    return sealed(m);
}

std::optional<dm_request> dm_client::on_no_response() {
    if (finished_ || !last_) return std::nullopt;
    if (++tried_ > settings_.tries) return finish(dm_finish::no_answer);
    ++tally_.repeated;
    return last_;
}

std::optional<syncml::message> dm_client::read(const dm_response& r) const {
    const mo::document_limits limits{.octets = settings_.max_msg_size};
    const bool binary = r.content_type.starts_with(syncml::type_wbxml);
    if (!binary && !r.content_type.starts_with(syncml::type_xml)) return std::nullopt;
    auto m = binary ? syncml::parse_wbxml(r.body, limits) : syncml::parse_xml(wire::as_text(r.body), limits);
    if (!m) return std::nullopt;
    return std::move(m).value();
}

bool dm_client::belongs_here(const syncml::message& m) const {
    return m.hdr.ver_proto == "DM/1.2" && m.hdr.session_id == session_id_ && m.hdr.msg_id > server_msg_id_ &&
           m.hdr.target.loc_uri == settings_.device;
}

dm_client::welcome dm_client::welcomed(const syncml::message& m) {
    const auto* s = status_of_header(m, msg_id_);
    if (s == nullptr) return welcome::out;
    if (s->chal && s->chal->next_nonce) their_nonce_ = s->chal->next_nonce;
    if (s->code / 100 == 2) {
        let_in_ = true;
        // 212 is for the session; with 200 each message shows credentials again [DM Protocol 1.2, 9.1].
        if (s->code == code_of(dm_status::authentication_accepted)) show_credentials_ = false;
        return welcome::in;
    }
    const bool asked =
        s->code == code_of(dm_status::invalid_credentials) || s->code == code_of(dm_status::missing_credentials);
    const auto wanted = s->chal ? dm_authentication_of(s->chal->type) : std::nullopt;
    if (!asked || !wanted || (*wanted == dm_authentication::basic && !settings_.allow_basic)) return welcome::out;
    if (show_credentials_ && ++refused_ > 1) return welcome::out;
    how_ = *wanted;
    show_credentials_ = true;
    ++tally_.challenges_met;
    return welcome::again;
}

/// Nothing: the server is who it says, or this message asks nothing of us. Else the code to refuse it with.
std::optional<std::uint16_t> dm_client::distrust(const syncml::message& m, const dm_response& r) {
    const bool every_message = how_ == dm_authentication::hmac;
    auto verdict = dm_trust::proven;
    if (!server_proven_ || every_message) verdict = dm_judge(how_, account_.server, m.hdr, r.body, r.hmac);
    for_header_ =
        syncml::status{.msg_ref = m.hdr.msg_id, .cmd_ref = 0, .cmd = "SyncHdr", .code = code_of(dm_status::ok)};
    if (verdict == dm_trust::proven) {
        const bool first = !std::exchange(server_proven_, true);
        // What a proven server gave is kept [DM Security 1.2, 5.3.4].
        if (their_nonce_) account_.client.nonce = *std::exchange(their_nonce_, std::nullopt);
        if (how_ != dm_authentication::hmac)
            for_header_->code = code_of(first ? dm_status::authentication_accepted : dm_status::ok);
        if (!first && !every_message) return std::nullopt;
    } else if (std::ranges::all_of(m.body, is_answer)) {
        return std::nullopt;  // Status alone: not to be challenged [DM Protocol 1.2, 9]
    } else {
        for_header_->code =
            code_of(verdict == dm_trust::wrong ? dm_status::invalid_credentials : dm_status::missing_credentials);
        ++distrusted_;
    }
    ++tally_.challenges_made;
    for_header_->chal = syncml::meta{.format = "b64", .type = std::string(type_name(how_))};
    if (how_ != dm_authentication::basic) for_header_->chal->next_nonce = nonce_();
    if (verdict == dm_trust::proven) return std::nullopt;
    return for_header_->code;
}

void dm_client::run(const syncml::message& m) {
    const auto room = server_takes_ != 0 ? server_takes_ : default_message;
    const dm_commands::context in{
        .msg_ref = m.hdr.msg_id, .as = settings_.as, .room = room, .object = server_takes_object_};
    dm_answers answers;
    for (const auto& each : m.body) {
        if (!is_answer(each)) ++tally_.commands;
        const auto* s = std::get_if<syncml::status>(&each.is);
        if (s != nullptr && s->cmd == "Results" && s->code / 100 != 2) outbox_.give_up_object();
        commands_.run(each, in, answers);
    }
    outbox_.put(std::move(answers));
}

std::optional<dm_request> dm_client::on_response(const dm_response& r) {
    if (finished_) return std::nullopt;
    if (r.http_status / 100 == 5) return on_no_response();
    if (r.http_status != 200) return bad_answer();
    const auto m = read(r);
    if (!m || !belongs_here(*m)) return bad_answer();
    server_msg_id_ = m->hdr.msg_id;
    if (m->hdr.about && m->hdr.about->max_msg_size) server_takes_ = *m->hdr.about->max_msg_size;
    if (m->hdr.about && m->hdr.about->max_obj_size) server_takes_object_ = *m->hdr.about->max_obj_size;
    if (msg_id_ >= settings_.longest) return finish(dm_finish::too_long);
    const auto entry = welcomed(*m);
    if (entry == welcome::out) return finish(has_alert(*m, 1223) ? dm_finish::ended_by_server : dm_finish::not_let_in);
    if (entry == welcome::again) {
        for_header_ = syncml::status{.msg_ref = m->hdr.msg_id, .cmd = "SyncHdr", .code = code_of(dm_status::ok)};
        return package_1(true);
    }
    if (const auto code = distrust(*m, r)) {
        if (distrusted_ > 1) return finish(dm_finish::server_not_trusted);
        dm_answers refused;
        for (const auto& each : m->body) dm_commands::refuse(each, m->hdr.msg_id, *code, refused);
        outbox_.put(std::move(refused));
        return package_3();
    }
    if (has_alert(*m, 1223)) return finish(dm_finish::ended_by_server);
    if (m->final)
        server_final_ = true;
    else if (!has_alert(*m, 1222))
        server_final_ = false;
    const bool asks_nothing = std::ranges::all_of(m->body, is_answer);
    run(*m);
    // [DM Protocol 1.2, 8] Only a Status for the header would go back: it is not sent, the session ends.
    if (m->final && asks_nothing && outbox_.empty()) return finish(dm_finish::done);
    return package_3();
}

}  // namespace ota::sandbox
