#include "gateway/campaigns/records.hpp"

#include "gateway/campaigns/errc.hpp"

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <cstdio>

namespace ota::campaigns {

namespace {

auto success() { return BOOST_OUTCOME_V2_NAMESPACE::success(); }

constexpr std::string_view record_prefix = "campaign/", order_prefix = "campaign-order/",
                           cards_prefix = "campaign-cards/";

std::string named(std::string_view prefix, const std::string& name) { return std::string(prefix) + name; }

std::string chunk_name(const std::string& name, std::size_t number) {
    char digits[16];
    std::snprintf(digits, sizeof digits, "/%06zu", number);
    return named(cards_prefix, name) + digits;
}

/// The whole document again: what the reader takes.
wire::result<campaign> read_order(const std::string& document, const std::optional<std::string>& value) {
    boost::system::error_code ec;
    auto parsed = boost::json::parse(document, ec);
    auto* const whole = ec ? nullptr : parsed.if_object();
    auto* const change = whole != nullptr && whole->contains("change") ? whole->at("change").if_object() : nullptr;
    if (change == nullptr) return errc::unreadable;
    if (value) (*change)["value"] = *value;
    config::faults told;
    auto out = read_campaign_json(boost::json::serialize(parsed), told);
    if (told.any_error()) return errc::unreadable;
    return out;
}

}  // namespace

wire::result<void> create(store::transaction& tx, const campaign& c, const std::string& created_by, wall_time now,
                          const flow::guard& guard) {
    OTA_TRY(const auto taken, tx.value(named(record_prefix, c.name)));
    if (taken) return errc::name_taken;
    progress p;
    p.created_by = created_by;
    p.created_at = now;
    if (!c.cards.iccids.empty()) {
        for (std::size_t first = 0; first < c.cards.iccids.size(); first += chunk_size) {
            chunk part;
            const auto end = std::min(first + chunk_size, c.cards.iccids.size());
            for (auto i = first; i < end; ++i) part.push_back({c.cards.iccids[i], outcome::waiting, {}, {}});
            OTA_TRY(save_chunk(tx, c.name, p.chunks++, part));
        }
        p.cards = p.by_outcome[static_cast<std::size_t>(outcome::waiting)] = c.cards.iccids.size();
        p.is = c.canary ? phase::canary : phase::running;
    }
    if (c.change.value) {
        const auto name = named(value_prefix, c.name);
        OTA_TRY(tx.set_value(name, wire::to_hex(guard.seal(wire::as_octets(*c.change.value), name))));
    }
    OTA_TRY(tx.set_value(named(order_prefix, c.name), serialize_campaign(c)));
    return tx.set_value(named(record_prefix, c.name), serialize_progress(p));
}

wire::result<std::vector<record>> list(store::transaction& tx) {
    OTA_TRY(const auto found, tx.values(record_prefix));
    std::vector<record> out;
    for (const auto& [name, text] : found) {
        OTA_TRY(auto p, parse_progress(text));
        out.push_back({name.substr(record_prefix.size()), std::move(p)});
    }
    return out;
}

wire::result<progress> find_progress(store::transaction& tx, const std::string& name) {
    OTA_TRY(const auto text, tx.value(named(record_prefix, name)));
    if (!text) return errc::unknown_campaign;
    return parse_progress(*text);
}

wire::result<campaign> find_campaign(store::transaction& tx, const std::string& name, const flow::guard& guard) {
    OTA_TRY(const auto document, tx.value(named(order_prefix, name)));
    if (!document) return errc::unknown_campaign;
    const auto value_name = named(value_prefix, name);
    OTA_TRY(const auto sealed, tx.value(value_name));
    if (!sealed) return read_order(*document, std::nullopt);
    OTA_TRY(const auto octets, wire::from_hex(*sealed));
    OTA_TRY(const auto clear, guard.open(octets, value_name));
    return read_order(*document, std::string(wire::as_text(clear)));
}

wire::result<void> save(store::transaction& tx, const std::string& name, progress& p) {
    OTA_TRY(const auto there, find_progress(tx, name));
    if (there.version != p.version) return errc::moved;
    ++p.version;
    return tx.set_value(named(record_prefix, name), serialize_progress(p));
}

wire::result<chunk> find_chunk(store::transaction& tx, const std::string& name, std::size_t number) {
    OTA_TRY(const auto text, tx.value(chunk_name(name, number)));
    if (!text) return errc::unreadable;
    return parse_chunk(*text);
}

wire::result<void> save_chunk(store::transaction& tx, const std::string& name, std::size_t number, const chunk& cards) {
    return tx.set_value(chunk_name(name, number), serialize_chunk(cards));
}

wire::result<void> forget(store::transaction& tx, const std::string& name, wall_time now,
                          std::chrono::milliseconds retention) {
    OTA_TRY(const auto p, find_progress(tx, name));
    if (!p.over()) return errc::not_over;
    if (now < p.ended_at + retention) return errc::remembered;
    for (std::size_t i = 0; i < p.chunks; ++i) {
        OTA_TRY(tx.set_value(chunk_name(name, i), std::nullopt));
    }
    for (const auto prefix : {value_prefix, order_prefix, record_prefix}) {
        OTA_TRY(tx.set_value(named(prefix, name), std::nullopt));
    }
    return success();
}

}  // namespace ota::campaigns
