#include "gateway/smpp/back_off.hpp"
#include "gateway/smpp/client_settings.hpp"
#include "gateway/smpp/message_id.hpp"
#include "gateway/smpp/number_table.hpp"
#include "gateway/smpp/route_queue.hpp"
#include "gateway/smpp/tlv.hpp"
#include "gateway/smpp/validity.hpp"
#include "tests/smpp/samples.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <random>

namespace ota::smpp {
namespace {

using namespace std::chrono_literals;
using samples::hex;

TEST(message_id, is_opaque_unless_the_route_says_otherwise) {
    for (auto id : {"0000abCD", "007", "SAR-1-2-3", "c2f1e9d0-17a5-4f0e-9d3e-000000000001", "", "0"})
        EXPECT_EQ(normalise_id(id, id_base::as_is, {}), id);
}

TEST(message_id, of_a_number_agrees_in_both_bases) {
    const id_forms forms{id_base::hexadecimal, id_base::decimal, false, false};
    EXPECT_EQ(normalise_id("000000FF", forms.in_response, forms), "255");
    EXPECT_EQ(normalise_id("255", forms.in_receipt, forms), "255");
    EXPECT_EQ(normalise_id("0000255", forms.in_receipt, forms), "255");
    EXPECT_EQ(normalise_id("ffffffffffffffff", forms.in_response, forms), "18446744073709551615");
}

TEST(message_id, that_is_no_such_number_stays_as_it_is) {
    EXPECT_EQ(normalise_id("12x4", id_base::decimal, {}), "12x4");
    EXPECT_EQ(normalise_id("1ffffffffffffffff", id_base::hexadecimal, {}), "1ffffffffffffffff");
    EXPECT_EQ(normalise_id("", id_base::decimal, {}), "");
    EXPECT_EQ(normalise_id("-5", id_base::decimal, {}), "-5");
}

TEST(message_id, loses_zeros_and_case_only_where_asked) {
    EXPECT_EQ(normalise_id("00A0", id_base::as_is, {{}, {}, true, false}), "A0");
    EXPECT_EQ(normalise_id("0000", id_base::as_is, {{}, {}, true, false}), "0");
    EXPECT_EQ(normalise_id("", id_base::as_is, {{}, {}, true, false}), "");
    EXPECT_EQ(normalise_id("00aBc", id_base::as_is, {{}, {}, false, true}), "00abc");
}

TEST(validity, is_written_in_both_forms) {
    const auto now = std::chrono::sys_days(std::chrono::year(2026) / 12 / 31) + 23h + 59min + 30s + 250ms;
    EXPECT_EQ(validity_period(validity_form::absolute, now, now + 45s, 48h), "270101000015000+");
    EXPECT_EQ(validity_period(validity_form::relative, now, now + 26h + 5s, 48h), "000001020005000R");
    EXPECT_EQ(validity_period(validity_form::none, now, now + 1h, 48h), "");
}

TEST(validity, R18_exceeds_neither_what_is_left_nor_the_maximum) {
    const auto now = std::chrono::sys_days(std::chrono::year(2026) / 11 / 22) + 0ms;
    EXPECT_EQ(validity_period(validity_form::relative, now, now + 72h, 48h), "000002000000000R");
    EXPECT_EQ(validity_period(validity_form::relative, now, now + 1999ms, 48h), "000000000001000R");
    EXPECT_EQ(validity_period(validity_form::absolute, now, now + 999ms, 48h), "");
    EXPECT_EQ(validity_period(validity_form::absolute, now, now - 1h, 48h), "");
    EXPECT_EQ(validity_period(validity_form::relative, now, now + 24h * 300, 24h * 365), "000099000000000R");
}

TEST(tlv, malformed_is_dropped_and_the_good_ones_before_it_stay) {
    std::uint16_t dropped = 0;
    EXPECT_EQ(parse_tlvs(hex("042700010204240010aa"), dropped), (tlv_list{{0x0427, {2}}}));
    EXPECT_EQ(dropped, 1);
    EXPECT_TRUE(parse_tlvs(hex("0427"), dropped).empty());
    EXPECT_EQ(dropped, 2);
}

TEST(tlv, strict_prefixes_never_yield_the_cut_value) {
    const tlv_list whole{{0x0427, {2}}, {0x001E, {'7', 0}}};
    wire::writer out;
    serialize(whole, out);
    const auto octets = out.take();
    for (std::size_t n = 0; n < octets.size(); ++n) {
        std::uint16_t dropped = 0;
        const auto read = parse_tlvs(wire::octet_view(octets).first(n), dropped);
        EXPECT_LT(read.size(), whole.size());
        const bool whole_or_stray_nul = n == 0 || n == 5 || n == 6;
        EXPECT_EQ(dropped, whole_or_stray_nul ? 0 : 1) << n;
    }
}

TEST(tlv, of_the_wrong_length_counts_as_absent) {
    EXPECT_EQ(find_number({{0x0427, {2}}}, 0x0427, 1), 2u);
    EXPECT_EQ(find_number({{0x0427, {0, 2}}}, 0x0427, 1), std::nullopt);
    EXPECT_EQ(find_number({}, 0x0427, 1), std::nullopt);
    EXPECT_EQ(find_text({{0x001E, {'7', 0, '8'}}}, 0x001E), "7");
    EXPECT_EQ(find_text({{0x001E, {'7'}}}, 0x001E), "7");
}

TEST(number_table, agrees_with_a_map_over_many_changes) {
    number_table<int> table;
    std::map<std::uint32_t, int> model;
    std::mt19937 random(7);
    std::uint32_t next = 0x7FFFFF00;
    for (int step = 0; step < 20'000; ++step) {
        if (model.empty() || random() % 2 == 0) {
            table.insert(next, step);
            model[next] = step;
            next = next == 0x7FFFFFFF ? 1 : next + 1;
        } else {
            auto at = model.lower_bound(random());
            if (at == model.end()) at = model.begin();
            table.erase(at->first);
            model.erase(at);
        }
        ASSERT_EQ(table.size(), model.size());
        if (step % 500 != 0) continue;
        for (const auto& [number, value] : model) {
            ASSERT_NE(table.find(number), nullptr);
            ASSERT_EQ(*table.find(number), value);
        }
        ASSERT_EQ(table.find(0), nullptr);
    }
}

queued message(std::uint64_t order, std::int8_t priority, std::chrono::milliseconds expires = 1h) {
    queued q;
    q.order = order;
    q.message.priority = priority;
    q.message.expires = bearer::wall_time(expires);
    return q;
}

std::vector<std::uint64_t> drain(route_queue& queue) {
    std::vector<std::uint64_t> out;
    while (!queue.empty()) out.push_back(queue.pop().order);
    return out;
}

TEST(route_queue, gives_the_higher_priority_first_and_keeps_order_within) {
    route_queue queue;
    for (auto [order, priority] : {std::pair{1, 0}, {2, 5}, {3, 0}, {4, -1}, {5, 5}})
        queue.push(message(static_cast<std::uint64_t>(order), static_cast<std::int8_t>(priority)));
    EXPECT_THAT(drain(queue), ::testing::ElementsAre(2, 5, 1, 3, 4));
}

TEST(route_queue, takes_back_to_the_old_place) {
    route_queue queue;
    for (std::uint64_t order : {1, 2, 3, 4}) queue.push(message(order, 0));
    auto first = queue.pop();
    auto second = queue.pop();
    queue.put_back(std::move(second));
    queue.put_back(std::move(first));
    EXPECT_THAT(drain(queue), ::testing::ElementsAre(1, 2, 3, 4));
}

TEST(route_queue, gives_out_what_has_expired_and_nothing_else) {
    route_queue queue;
    queue.push(message(1, 0, 10s));
    queue.push(message(2, 0, 5s));
    queue.push(message(3, 1, 5s));
    EXPECT_TRUE(queue.take_expired(bearer::wall_time(4s)).empty());
    EXPECT_EQ(queue.take_expired(bearer::wall_time(5s)).size(), 2u);
    EXPECT_THAT(drain(queue), ::testing::ElementsAre(1));
}

TEST(back_off, doubles_to_its_maximum_with_full_jitter) {
    back_off wait(1s, 60s);
    for (auto expected : {1s, 2s, 4s, 8s, 16s, 32s, 60s, 60s}) EXPECT_EQ(wait.next(1, 0), expected);
    EXPECT_EQ(wait.next(0, 0), 0ms);
    EXPECT_EQ(wait.next(0.5, 0), 30s);
    wait.on_success();
    EXPECT_EQ(wait.next(1, 0), 1s);
}

TEST(back_off, leaves_a_refused_account_alone_for_longer) {
    back_off wait(1s, 60s);
    for (auto refused : {0x0Du, 0x0Eu, 0x0Fu}) EXPECT_EQ(wait.next(0, refused), 60s);
    EXPECT_EQ(wait.next(0, 0x05), 30s);
}

TEST(client_settings, name_every_fault_at_once) {
    client_settings settings;
    EXPECT_EQ(faults(settings).size(), 1u);
    route_settings good;
    good.name = "a";
    good.host = "smsc.example";
    settings.routes = {good};
    EXPECT_TRUE(faults(settings).empty());
    auto bad = good;
    bad.host.clear();
    bad.system_id = "sixteen letters.";
    bad.password = "ninechars";
    bad.window = 0;
    bad.prefixes = {"49", "+43"};
    settings.routes.push_back(bad);
    const auto found = faults(settings);
    EXPECT_EQ(found.size(), 6u);
    EXPECT_THAT(found, ::testing::Contains(::testing::HasSubstr("'+43'")));
    EXPECT_THAT(found, ::testing::Each(::testing::Not(::testing::HasSubstr("ninechars"))));
}

}  // namespace
}  // namespace ota::smpp
