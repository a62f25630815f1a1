#include "gateway/sessions/accounts.hpp"

#include "gateway/flow/card_account.hpp"

#include <algorithm>
#include <charconv>

namespace ota::sessions {

namespace {

dm::scheme scheme_of(flow::card_account::scheme how) noexcept {
    switch (how) {
        case flow::card_account::scheme::basic: return dm::scheme::basic;
        case flow::card_account::scheme::hmac: return dm::scheme::mac;
        case flow::card_account::scheme::digest: break;
    }
    return dm::scheme::md5;
}

struct candidate {
    store::device_account row;
    dm::account account;
};

wire::result<std::optional<candidate>> candidate_of(store::transaction& tx, const surroundings& with,
                                                    store::device_account row) {
    std::optional<candidate> out;
    OTA_TRY(auto card, take_card(tx, with, row.card));
    if (!card) return out;
    const auto* node = card->state.find(row.object);
    auto held = node != nullptr ? flow::read_account(node->reported) : std::nullopt;
    if (!held || held->client.name != row.client_name) return out;
    dm::account account{.how = scheme_of(held->how),
                        .server = {std::move(held->server.name), std::move(held->server.password)},
                        .client = {std::move(held->client.name), std::move(held->client.password)},
                        .server_nonce = row.server_nonce,
                        .client_nonce = row.client_nonce,
                        .key = serialize({row.card, node->device.account_crc, row.object})};
    out.emplace(candidate{std::move(row), std::move(account)});
    return out;
}

}  // namespace

std::string serialize(const account_key& k) {
    return std::to_string(k.card) + ' ' + std::to_string(k.image) + ' ' + k.object;
}

account_key parse_account_key(std::string_view text) {
    account_key out;
    const auto* const end = text.data() + text.size();
    const auto card = std::from_chars(text.data(), end, out.card);
    if (card.ptr == end) return out;
    const auto image = std::from_chars(card.ptr + 1, end, out.image);
    if (image.ptr != end) out.object.assign(image.ptr + 1, end);
    return out;
}

wire::result<found_account> find_account(store::transaction& tx, const surroundings& with, const dm::caller& who) {
    // Few cards are read for a caller who has proven nothing, however many share a name.
    OTA_TRY(auto rows, tx.accounts_of_device(who.device));
    if (!who.user.empty())
        std::erase_if(rows, [&](const store::device_account& row) { return row.client_name != who.user; });
    if (rows.empty() && !who.user.empty()) {
        OTA_TRY(rows, tx.accounts_named(who.user));
    }
    std::vector<candidate> found;
    for (auto& row : rows) {
        OTA_TRY(auto one, candidate_of(tx, with, std::move(row)));
        if (one) found.push_back(std::move(*one));
    }
    if (found.size() > 1) std::erase_if(found, [&](const candidate& c) { return c.row.device != who.device; });
    if (found.size() == 1) return found_account{std::move(found.front().account), account_fault::none};
    return found_account{std::nullopt, rows.size() > 1 ? account_fault::ambiguous : account_fault::unknown};
}

wire::result<std::optional<dm::account>> account_of(store::transaction& tx, const surroundings& with,
                                                    store::card_id card) {
    OTA_TRY(auto rows, tx.accounts_of(card));
    for (auto& row : rows) {
        OTA_TRY(auto one, candidate_of(tx, with, std::move(row)));
        if (one) return std::optional(std::move(one->account));
    }
    return std::optional<dm::account>();
}

wire::result<bool> keep_news(store::transaction& tx, const surroundings& with, const account_key& whose,
                             const account_news& news) {
    OTA_TRY(const auto card, take_card(tx, with, whose.card));
    const auto* node = card ? card->state.find(whose.object) : nullptr;
    if (node == nullptr || node->device.account_crc != whose.image) return false;
    OTA_TRY(const auto rows, tx.accounts_of(whose.card));
    const auto at = std::ranges::find(rows, whose.object, &store::device_account::object);
    if (at == rows.end()) return false;
    auto row = *at;
    if (news.client_nonce) row.client_nonce = *news.client_nonce;
    if (news.server_nonce) row.server_nonce = *news.server_nonce;
    if (news.device) row.device = *news.device;
    if (row == *at) return false;
    OTA_TRY(tx.save_account(row));
    return true;
}

}  // namespace ota::sessions
