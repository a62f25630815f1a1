#include "gateway/dm/session.hpp"

#include <algorithm>
#include <array>

namespace ota::dm {

namespace mo = management_object;
namespace syncml = management_object::dm;

namespace {

/// A device that announces less cannot even be told why.
constexpr std::size_t smallest_reply = 512;
/// Room for Alert 1222 or 1223 and Final behind the answers.
constexpr std::size_t for_an_alert = 128;
/// Answers in a message that has to answer only a request for more: for its header and for its Alert 1222.
constexpr std::size_t fewest_answers = 2;

constexpr std::array<std::string_view, 9> endings{"completed",       "aborted-by-device", "aborted-by-owner",
                                                  "unauthenticated", "server-refused",    "not-started",
                                                  "too-many-faults", "too-many-messages", "silent"};

}  // namespace

std::string_view to_string(ending e) noexcept { return endings[static_cast<std::size_t>(e)]; }

session::session(settings how, account_lookup find, nonce_supplier next)
    : settings_(std::move(how)),
      find_account_(std::move(find)),
      device_proof_(std::move(next)),
      orders_(settings_.max_object, settings_.max_results, tally_) {}

void session::queue(order o) { orders_.queue(std::move(o)); }

void session::end(ending why, events& out) {
    if (std::exchange(ended_, true)) return;
    for (auto& each : orders_.close_package()) out.push_back(answered{std::move(each)});
    out.emplace_back(std::in_place_type<ended>, why);
}

events session::on_tick(time_point now) {
    events out;
    if (!heard_) heard_ = now;
    if (!ended_ && now - *heard_ >= settings_.silence) end(ending::silent, out);
    return out;
}

syncml::message session::begin() const {
    syncml::message m;
    m.hdr.session_id = id_;
    m.hdr.msg_id = last_out_;
    m.hdr.target.loc_uri = device_;
    m.hdr.source.loc_uri = settings_.address.empty() ? target_ : settings_.address;
    m.hdr.about = syncml::meta{.max_msg_size = settings_.max_message, .max_obj_size = settings_.max_object};
    if (!refused_ && account_) {
        m.hdr.cred = server_proof_.credentials(*account_);
        m.hdr.source.loc_name = account_->server.name;
    }
    m.body = statuses_;
    std::uint32_t cmd_id = 0;
    for (auto& each : m.body) {
        auto& s = std::get<syncml::status>(each.is);
        s.cmd_id = ++cmd_id;
        if (s.cmd_ref != 0) continue;
        s.target_refs = {target_};
        s.source_refs = {device_};
    }
    return m;
}

std::size_t session::largest_message() const noexcept {
    const std::size_t announced = largest_out_ != 0 ? largest_out_ : settings_.largest_reply;
    const auto most = proven() ? settings_.largest_reply : std::min(settings_.largest_refusal, settings_.largest_reply);
    return std::max(std::min<std::size_t>(announced, most), smallest_reply);
}

/// Keeps as many Status as the device's messages hold, at least the header's; the rest is owed to the next message.
void session::cut(syncml::message& m) {
    const auto whole = m.body;
    const auto hold = [&](std::size_t n) {
        m.body.assign(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(n));
        return size_of(m, as_) + for_an_alert <= largest_message();
    };
    if (hold(whole.size())) return;
    std::size_t fits = 1, beyond = whole.size();
    while (beyond - fits > 1) {
        const auto n = fits + (beyond - fits) / 2;
        (hold(n) ? fits : beyond) = n;
    }
    (void)hold(fits);
    if (!refused_) owed_.assign(whole.begin() + static_cast<std::ptrdiff_t>(fits), whole.end());
}

void session::compose(syncml::message& m, events& out) {
    const auto alert = [&](std::uint16_t code) {
        m.body.push_back({syncml::alert{.cmd_id = static_cast<std::uint32_t>(m.body.size() + 1), .code = code}});
    };
    cut(m);
    m.final = true;
    if (aborted_) return end(ending::aborted_by_device, out);
    if (!refused_ && final_in_ && !started_) aborting_ = ending::not_started;
    if (aborting_) {
        alert(1223);
        return end(*aborting_, out);
    }
    if (refused_) {
        if (device_proof_.given_up()) end(ending::unauthenticated, out);
        return;
    }
    if (!final_in_ && final_out_) {  // [DM Protocol 1.2, 6.2] the "Next Message" response
        alert(1222);
        m.final = false;
        return;
    }
    // The device gave up on an object before its end: nobody waits for the rest of the package.
    if (!final_out_ && !orders_.mid_object()) close_package(out);
    if (!owed_.empty()) {
        final_out_ = m.final = false;
        return;
    }
    const room in{.as = as_,
                  .octets = largest_message(),
                  .object = largest_object_out_,
                  .commands = settings_.commands_at_once,
                  .next_is_larger = m.body.size() > fewest_answers};
    std::vector<order_answer> lost;
    orders_.fill(m, in, lost);
    for (auto& each : lost) out.push_back(answered{std::move(each)});
    final_out_ = m.final;
    if (m.final && !orders_.awaits_answers()) end(ending::completed, out);
}

outbound session::sealed(const syncml::message& m) const {
    outbound out;
    if (as_ == syncml::encoding::wbxml) {
        out.content_type = syncml::type_wbxml;
        if (auto octets = syncml::serialize_wbxml(m)) out.body = std::move(octets).value();
    } else {
        out.content_type = syncml::type_xml;
        if (const auto text = syncml::serialize_xml(m)) out.body.assign(text.value().begin(), text.value().end());
    }
    if (out.body.empty()) return {.http_status = 500};
    if (!refused_ && account_) out.hmac = server_proof_.hmac(*account_, out.body);
    return out;
}

std::size_t session::octets_kept() const noexcept {
    const auto of = [](const std::optional<outbound>& o) { return o ? o->body.capacity() + o->hmac.capacity() : 0; };
    return id_.capacity() + device_.capacity() + target_.capacity() + of(last_reply_) + of(ready_) +
           (statuses_.capacity() + owed_.capacity()) * sizeof(syncml::command);
}

session::answer session::reply() {
    answer out;
    if (!ready_) {
        ++last_out_;
        auto m = begin();
        compose(m, out.what);
        ready_ = sealed(m);
        if (!misplaced_) {
            asked_ = last_out_;
            last_reply_ = ready_;
        }
        statuses_ = decltype(statuses_)();  // with its capacity
    }
    out.message = *ready_;
    return out;
}

}  // namespace ota::dm
