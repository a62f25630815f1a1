#include "sandbox/device/device.hpp"

#include "sandbox/device/device_session.hpp"

#include <algorithm>

namespace ota::sandbox {

namespace mo = management_object;
using kind = device_event::kind;

namespace {

mo::node factory_tree(const device_model& who) {
    auto root = mo::empty_tree();
    auto info = mo::interior(
        "DevInfo",
        {mo::text_leaf("DevId", "IMEI:" + who.imei), mo::text_leaf("Man", who.maker), mo::text_leaf("Mod", who.model),
         mo::text_leaf("DmV", "1.2"), mo::text_leaf("Lang", who.language)},
        "urn:oma:mo:oma-dm-devinfo:1.0");
    auto detail =
        mo::interior("DevDetail", {mo::text_leaf("DevTyp", "phone"), mo::text_leaf("SwV", who.software_version)},
                     "urn:oma:mo:oma-dm-devdetail:1.0");
    root.children = {std::move(info), std::move(detail), mo::interior("Inbox", {}, "urn:oma:mo:oma-dm-inbox:1.0")};
    return root;
}

}  // namespace

device::device(device_model who, device_hooks hooks, device_settings settings)
    : who_(std::move(who)),
      hooks_(std::move(hooks)),
      settings_(std::move(settings)),
      tree_(factory_tree(who_)),
      terminal_(
          who_,
          {.send = hooks_.send, .refresh = [this](const refresh_order&) { look(); }, .channels = hooks_.channels}),
      objects_(tree_, who_, {.ask = hooks_.ask, .tell = [this](device_event e) { on_event(std::move(e)); }}),
      plan_(settings_.retry) {
    settings_.dm.device = "IMEI:" + who_.imei;
    settings_.dm.tree.exec = hooks_.exec;
}

device::~device() = default;

void device::on_event(device_event e) {
    const auto is = e.what;
    const bool leaves = is == kind::purged && e.detail != "card-removed" && e.detail != "card-changed";
    if (is == kind::declined || is == kind::drift || leaves) {
        mo::dm::alert told{.code = 1226};
        const auto type = is == kind::drift      ? alert_type::drift
                          : is == kind::declined ? alert_type::declined
                                                 : alert_type::purged;
        told.items.push_back(
            {.source = mo::dm::location{mo::serialize_uri(e.at), {}},
             .about = mo::dm::meta{.format = "int", .type = std::string(type), .mark = "informational"},
             .data = std::to_string(e.generation)});
        report(std::move(told));
    }
    if (is == kind::purged) {
        plan_.forget(e.at);
        nonces_.erase(e.at);
        if (waiting_ && waiting_->account == e.at) waiting_.reset();
        std::erase(wishes_, e.at);
        if (session_ && session_->account_at == e.at) {
            session_.reset();
            tell(kind::session_failed, e.at, "account-gone");
        }
    }
    events_.push_back(std::move(e));
}

void device::tell(kind what, const mo::uri& at, std::string detail) {
    events_.push_back({what, objects_.card(), at, {}, 0, std::move(detail)});
}

void device::look() {
    const auto iccid = terminal_.iccid();
    if (!iccid || iccid->empty()) return;  // the origin of what it holds could not be told
    if (!objects_.card().empty() && *iccid != objects_.card()) alerts_.clear();
    const auto& pin = terminal_.pin();
    objects_.look([this](wire::octet_view command) { return terminal_.transmit(command); }, *iccid,
                  pin ? std::optional<std::string_view>(*pin) : std::nullopt);
    for (auto& wish : objects_.take_wishes()) wishes_.push_back(std::move(wish));
}

void device::start_card() {
    if (!terminal_.power_on()) return;
    look();
    (void)terminal_.poll();  // what it came to want while it was read
}

/// A wish of an object that is no account goes to an account of the same card; without any it waits for one.
void device::after_card(instant now) {
    const auto chosen = [&](const mo::uri& wish) -> std::optional<mo::uri> {
        if (account_at(wish)) return wish;
        for (const auto& object : objects_.taken())
            if (account_at(object.at)) return object.at;
        return std::nullopt;
    };
    std::erase_if(wishes_, [&](const mo::uri& wish) {
        const auto account = chosen(wish);
        if (account) plan_.want(*account, now);
        return account.has_value();
    });
    tick(now);
}

void device::insert(card_slot slot, instant now) {
    terminal_.insert(std::move(slot));
    if (!on_) return;
    start_card();
    after_card(now);
}

void device::remove_card() {
    terminal_.remove();
    if (!on_) return;
    objects_.purge_all("card-removed");
    alerts_.clear();
    wishes_.clear();
}

void device::switch_on(instant now) {
    if (std::exchange(on_, true)) return;
    if (!terminal_.has_card()) {
        objects_.purge_all("card-removed");
        alerts_.clear();
        wishes_.clear();
    }
    start_card();
    after_card(now);
}

void device::switch_off() {
    waiting_.reset();
    if (!std::exchange(on_, false) || !session_) return;
    const auto at = session_->account_at;
    session_.reset();
    tell(kind::session_failed, at, "switched-off");
    plan_.interrupted(at);
}

sms_outcome device::on_sms(const download& message, instant now) {
    if (!on_) return {};
    auto out = terminal_.deliver(message);
    if (!out.reached && terminal_.has_card()) {
        tell(kind::card_silent, {}, {});
        start_card();
    }
    after_card(now);
    return out;
}

void device::poll(instant now) {
    if (!on_ || !terminal_.has_card()) return;
    if (!terminal_.poll()) {
        tell(kind::card_silent, {}, {});
        start_card();
    }
    after_card(now);
}

void device::on_refresh(const std::vector<mo::file_path>&, instant now) {
    if (!on_ || !terminal_.has_card()) return;
    look();
    after_card(now);
}

bool device::on_answer(const mo::uri& object, bool yes, instant now) {
    if (!objects_.answer(object, yes)) return false;
    if (on_ && terminal_.has_card()) look();
    after_card(now);
    return true;
}

wire::result<void> device::edit(const mo::uri& at, std::string value) {
    OTA_TRY(mo::replace(tree_, at, std::move(value)));
    if (const auto* owner = objects_.owner_of(at))
        on_event({kind::drift, objects_.card(), at, owner->entry.label, owner->generation, {}});
    return BOOST_OUTCOME_V2_NAMESPACE::success();
}

}  // namespace ota::sandbox
