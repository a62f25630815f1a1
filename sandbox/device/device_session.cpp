#include "sandbox/device/device_session.hpp"

#include "sandbox/device/account_object.hpp"
#include "sandbox/device/dm_client_notification.hpp"
#include "secure-channel/wire/crc.hpp"

#include <algorithm>
#include <cstdio>

namespace ota::sandbox {

namespace mo = management_object;
using kind = device_event::kind;

namespace {

constexpr std::string_view account_id = "urn:oma:mo:oma-dm-dmacc:1.0";

/// Secrets have no Get, whatever the lists say [DMAcc].
std::optional<mo::dm_status> forbids(const mo::uri& at, mo::ddf::command what) {
    if (what != mo::ddf::command::get || !is_secret_name(at.name())) return std::nullopt;
    return mo::dm_status::command_not_allowed;
}

/// The same when the object tells the same credentials; not reversible.
std::uint32_t basis_of(const dm_account& a) {
    wire::writer all;
    for (const auto* one : {&a.client, &a.server})
        all.put(wire::as_octets(one->name))
            .u8(0)
            .put(one->password.view())
            .u8(0)
            .put(wire::as_octets(one->nonce))
            .u8(0);
    return wire::crc32(all.buffer());
}

std::string hexadecimal(std::uint64_t number) {
    char out[17];
    std::snprintf(out, sizeof out, "%llX", static_cast<unsigned long long>(number));
    return out;
}

}  // namespace

std::optional<dm_account> device::account_at(const mo::uri& at) const {
    const auto* object = mo::find(tree_, at);
    if (object == nullptr || object->type != account_id) return std::nullopt;
    return account_of(*object);
}

std::optional<dm_request> device::begin(const mo::uri& at, std::string session_id, bool by_server) {
    if (!on_ || session_) return std::nullopt;
    auto account = account_at(at);
    if (!account) return std::nullopt;
    auto& kept = nonces_[at];
    if (const auto basis = basis_of(*account); kept.basis == basis) {
        account->client.nonce = kept.client;
        account->server.nonce = kept.server;
    } else {
        kept = {basis, account->client.nonce, account->server.nonce, {}};
    }
    session_ = std::make_unique<running>(at, std::move(*account));
    auto how = settings_.dm;
    how.tree.server = session_->account.server_id;
    how.tree.forbids = forbids;
    auto nonce = hooks_.nonce;
    if (!nonce)
        nonce = [this, number = 0]() mutable {
            return who_.imei + hexadecimal(session_number_) + "." + hexadecimal(++number);
        };
    session_->client.emplace(tree_, session_->account, std::move(how), std::move(nonce));
    session_->alerts = alerts_.size();
    tell(kind::session_started, at, session_->account.server_uri);
    return session_->client->start(std::move(session_id), by_server, alerts_);
}

std::optional<dm_request> device::start_session(const mo::uri& account, instant) {
    return begin(account, hexadecimal(++session_number_), false);
}

std::optional<instant> device::next() const {
    if (!on_ || session_) return std::nullopt;
    return waiting_ ? std::optional(instant{}) : plan_.next();
}

void device::tick(instant now) {
    if (on_ && !session_ && hooks_.connect && waiting_) {
        const auto asked = *std::exchange(waiting_, std::nullopt);
        if (auto request = begin(asked.account, asked.session_id, asked.by_server))
            return hooks_.connect(session_->account.server_uri, *std::move(request));
    }
    while (on_ && !session_ && hooks_.connect) {
        const auto account = plan_.start(now);
        if (!account) return;
        auto request = begin(*account, hexadecimal(++session_number_), false);
        if (request) return hooks_.connect(session_->account.server_uri, *std::move(request));
        plan_.forget(*account);  // the account was deleted meanwhile
    }
}

std::optional<dm_account> device::account_with_nonces(const mo::uri& at) const {
    auto account = account_at(at);
    const auto kept = nonces_.find(at);
    if (account && kept != nonces_.end() && kept->second.basis == basis_of(*account)) {
        account->client.nonce = kept->second.client;
        account->server.nonce = kept->second.server;
    }
    return account;
}

/// A notification is good for one session: a session without commands does not renew the server's nonce, and who
/// recorded the notification could begin sessions with it for ever.
std::optional<device::asked_session> device::obey(wire::octet_view octets) {
    std::vector<mo::uri> accounts;
    for (const auto& object : objects_.taken())
        if (object.id == account_id) accounts.push_back(object.at);
    for (const auto& at : accounts) {
        const auto account = account_with_nonces(at);
        const auto trigger = account ? dm_trigger_of(octets, *account) : std::nullopt;
        if (!trigger) continue;
        auto& kept = nonces_[at];
        if (const auto basis = basis_of(*account_at(at)); kept.basis != basis)
            kept = {basis, account->client.nonce, account->server.nonce, {}};
        if (!kept.obeyed.insert(wire::octets(octets.begin(), octets.end())).second) return std::nullopt;
        if (trigger->ask_user && !(hooks_.agree && hooks_.agree())) return std::nullopt;
        return asked_session{at, trigger->session_id, trigger->by_server};
    }
    return std::nullopt;
}

std::optional<dm_request> device::on_notification(wire::octet_view octets, instant) {
    if (!on_ || session_) return std::nullopt;
    const auto asked = obey(octets);
    return asked ? begin(asked->account, asked->session_id, asked->by_server) : std::nullopt;
}

bool device::on_push(wire::octet_view octets, instant now) {
    auto asked = on_ ? obey(octets) : std::nullopt;
    if (!asked) return false;
    waiting_ = std::move(asked);
    tick(now);
    return true;
}

void device::report(mo::dm::alert a) {
    if (session_) {
        session_->client->report(a);
        session_->alerts = alerts_.size() + 1;
    }
    alerts_.push_back(std::move(a));
}

void device::keep_nonces() {
    auto& kept = nonces_[session_->account_at];
    if (kept.server != session_->account.server.nonce) kept.obeyed.clear();
    kept.client = session_->account.client.nonce;
    kept.server = session_->account.server.nonce;
}

/// What a server deletes is the card's no more; it comes again when the card's object changes. What it changes stays
/// the card's.
void device::apply_changes() {
    for (const auto& change : session_->client->take_changes())
        if (change.what == mo::dm::verb::del) objects_.disown(change.node);
}

std::optional<dm_request> device::go_on(std::optional<dm_request> request, instant now) {
    keep_nonces();
    apply_changes();
    if (const auto why = session_->client->finished()) finish(*why, now);
    return request;
}

void device::finish(dm_finish why, instant now) {
    const auto at = session_->account_at;
    const bool good = why == dm_finish::done || why == dm_finish::ended_by_server;
    if (why == dm_finish::done)
        alerts_.erase(alerts_.begin(),
                      alerts_.begin() + static_cast<std::ptrdiff_t>(std::min(session_->alerts, alerts_.size())));
    session_.reset();
    tell(good ? kind::session_finished : kind::session_failed, at, std::string(to_string(why)));
    if (good) {
        plan_.succeeded(at);
    } else if (plan_.failed(at, now)) {
        tell(kind::given_up, at, std::string(to_string(why)));
    }
}

std::optional<dm_request> device::on_response(const dm_response& r, instant now) {
    if (!session_) return std::nullopt;
    return go_on(session_->client->on_response(r), now);
}

std::optional<dm_request> device::on_no_response(instant now) {
    if (!session_) return std::nullopt;
    return go_on(session_->client->on_no_response(), now);
}

}  // namespace ota::sandbox
