#include "gateway/sessions/notify_order.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace ota::sessions {

namespace {

using phase = notify_order::phase;

constexpr std::string_view last_prefix = "notify/", due_prefix = "notify-due/";
constexpr std::array<std::string_view, 5> names{"asked", "sending", "sent", "called", "failed"};

std::string_view next_word(std::string_view& text) {
    const auto end = std::min(text.find(' '), text.size());
    const auto word = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    return word;
}

template <typename Number>
bool take_number(std::string_view& text, Number& out, int base = 10) {
    const auto word = next_word(text);
    const auto read = std::from_chars(word.data(), word.data() + word.size(), out, base);
    return read.ec == std::errc() && read.ptr == word.data() + word.size();
}

std::string name_in(std::string_view prefix, const std::string& iccid) { return std::string(prefix) + iccid; }

}  // namespace

std::string_view name_of(phase p) noexcept { return names[static_cast<std::size_t>(p)]; }

std::string serialize(const notify_order& o) {
    std::string out(name_of(o.is));
    for (const auto number :
         {std::int64_t{o.session_id}, static_cast<std::int64_t>(o.ui), static_cast<std::int64_t>(o.by),
          static_cast<std::int64_t>(o.until.time_since_epoch().count()),
          static_cast<std::int64_t>(o.at.time_since_epoch().count())})
        out += ' ' + std::to_string(number);
    return out + ' ' + o.detail;
}

std::optional<notify_order> parse_notify_order(std::string_view text) {
    notify_order out;
    const auto named = std::ranges::find(names, next_word(text));
    if (named == names.end()) return std::nullopt;
    out.is = static_cast<phase>(named - names.begin());
    std::uint8_t ui = 0, by = 0;
    std::int64_t until = 0, at = 0;
    if (!take_number(text, out.session_id) || !take_number(text, ui) || !take_number(text, by) ||
        !take_number(text, until) || !take_number(text, at) || out.session_id == 0 || ui > 3 || by > 1)
        return std::nullopt;
    out.ui = static_cast<dm::ui_mode>(ui);
    out.by = static_cast<dm::initiator>(by);
    out.until = wall_time(std::chrono::milliseconds(until));
    out.at = wall_time(std::chrono::milliseconds(at));
    out.detail = text;
    return out;
}

wire::result<std::optional<notify_order>> find_notify_order(store::transaction& tx, const std::string& iccid) {
    OTA_TRY(const auto text, tx.value(name_in(last_prefix, iccid)));
    return text ? parse_notify_order(*text) : std::nullopt;
}

wire::result<void> save_notify_order(store::transaction& tx, const std::string& iccid, const notify_order& o) {
    OTA_TRY(tx.set_value(name_in(last_prefix, iccid), serialize(o)));
    const bool due = o.is == phase::asked || o.is == phase::sending;
    return tx.set_value(name_in(due_prefix, iccid), due ? std::optional<std::string_view>("") : std::nullopt);
}

wire::result<void> forget_notify_order(store::transaction& tx, const std::string& iccid) {
    OTA_TRY(tx.set_value(name_in(last_prefix, iccid), std::nullopt));
    return tx.set_value(name_in(due_prefix, iccid), std::nullopt);
}

wire::result<std::vector<std::string>> due_notify_orders(store::transaction& tx) {
    OTA_TRY(auto found, tx.values(due_prefix));
    std::vector<std::string> out;
    for (auto& [name, nothing] : found) out.push_back(name.substr(due_prefix.size()));
    return out;
}

wire::result<bool> on_called(store::transaction& tx, const std::string& iccid, std::string_view session_id,
                             wall_time now) {
    OTA_TRY(auto order, find_notify_order(tx, iccid));
    std::uint16_t id = 0;
    if (!order || !take_number(session_id, id, 16) || id != order->session_id) return false;
    if (order->is == phase::called || order->is == phase::failed) return false;
    order->is = phase::called;
    order->at = now;
    OTA_TRY(save_notify_order(tx, iccid, *order));
    return true;
}

}  // namespace ota::sessions
