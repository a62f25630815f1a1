#include "gateway/cards/import.hpp"

#include "gateway/cards/errc.hpp"
#include "tests/cards/card_room.hpp"

#include <gmock/gmock.h>

#include <algorithm>

namespace ota::cards::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

using card_import = room;

std::uint64_t counter_in(const flow::twin& t, std::uint32_t key) {
    for (const auto& c : t.counters) {
        if (c.key == key) return c.last;
    }
    return 0;
}

TEST_F(card_import, adds_a_card_with_its_number_labels_counter_and_wrapped_keys) {
    const auto report = take(header + row(iccid_a, "+491700000001", "aes", "4,1000,region=north;batch=7"));
    EXPECT_EQ(report.added, 1u);
    EXPECT_EQ(told(), "");
    const auto c = card(iccid_a);
    EXPECT_EQ(c.row.msisdn, "491700000001");
    EXPECT_EQ(c.row.msisdn_since, now);
    EXPECT_EQ(c.row.profile, "aes");
    EXPECT_EQ(c.row.labels, "batch=7,region=north");
    EXPECT_EQ(counter_in(c.state, 1), 1000u);
    const auto keys = keys_of(iccid_a);
    ASSERT_EQ(keys.size(), 1u);
    EXPECT_EQ(keys[0].mac_length, 4);
    EXPECT_EQ(wire::to_hex(keys[0].kic.view()), kic_16);
    EXPECT_EQ(wire::to_hex(keys[0].kid.view()), kid_16);
    const auto stored = wire::to_hex(c.row.sealed_keys);  // R24
    EXPECT_THAT(stored, Not(HasSubstr(kic_16)));
}

TEST_F(card_import, takes_columns_in_any_order_quotes_and_carriage_returns) {
    take("\xEF\xBB\xBFkid_key,labels,kic_key,kvn,profile,msisdn,iccid\r\n" + kid_16 + ",\"a=1,b=2\"," + kic_16 +
         ",0x2,aes,491700000001," + iccid_a + "F\r\n\r\n");
    EXPECT_EQ(told(), "");
    const auto c = card(iccid_a);  // R21: the filler is removed
    EXPECT_EQ(c.row.labels, "a=1,b=2");
    EXPECT_EQ(keys_of(iccid_a).front().version, 2);
}

TEST_F(card_import, refuses_a_header_with_an_unknown_missing_or_doubled_column) {
    const auto refuse = [&](const std::string& text) {
        faults_told.clear();
        std::istringstream in(text);
        const auto said = import_cards(in, parts());
        EXPECT_FALSE(said.has_value());
        EXPECT_EQ(said.error(), make_error_code(errc::bad_header));
        return told();
    };
    EXPECT_THAT(refuse("iccid,msisdn,profile,kvn,kic_key,kid_key,imsi\n"), HasSubstr("column 7 is not known"));
    EXPECT_THAT(refuse("iccid,msisdn,profile,kvn,kic_key\n"), HasSubstr("column kid_key is missing"));
    EXPECT_THAT(refuse("iccid,iccid,msisdn,profile,kvn,kic_key,kid_key\n"), HasSubstr("column iccid stands twice"));
    EXPECT_THAT(refuse(""), HasSubstr("the first line should name the columns"));
    // A file without a header begins with keys: they are not repeated.
    EXPECT_THAT(refuse(row(iccid_a, "491700000001")), Not(HasSubstr(kic_16)));
}

TEST_F(card_import, tells_every_fault_of_a_row_by_field_and_never_a_key) {
    take(header + "12345,+49 170,nope,16,zz" + kic_16 + ",,7,-1,x\n");
    const auto all = told();
    EXPECT_THAT(all, HasSubstr("2 iccid: should be 18 to 20 digits"));
    EXPECT_THAT(all, HasSubstr("2 msisdn: should be 3 to 15 digits"));
    EXPECT_THAT(all, HasSubstr("2 profile: names no configured profile"));
    EXPECT_THAT(all, HasSubstr("2 kvn: should be a key version from 1 to 15"));
    EXPECT_THAT(all, HasSubstr("2 labels: "));
    EXPECT_THAT(all, Not(HasSubstr(kic_16)));
}

TEST_F(card_import, checks_key_lengths_against_the_profiles_algorithms) {
    const auto with_keys = [&](const std::string& profile, const std::string& kic, const std::string& kid) {
        faults_told.clear();
        take(header + iccid_a + ",491700000001," + profile + ",1," + kic + "," + kid + ",,,\n");
        return told();
    };
    EXPECT_THAT(with_keys("aes", kic_16.substr(0, 16), kid_16),
                HasSubstr("kic_key: should have 32, 48 or 64 hexadecimal digits"));
    EXPECT_THAT(with_keys("des", kic_16, kid_16 + kid_16.substr(0, 16)),
                HasSubstr("kid_key: should have 32 hexadecimal digits"));
    EXPECT_THAT(with_keys("aes", "", kid_16), HasSubstr("kic_key: is empty, and the card's profile needs it"));
    EXPECT_THAT(with_keys("aes", kic_16.substr(1), kid_16), HasSubstr("kic_key: should be hexadecimal digits"));
    EXPECT_EQ(with_keys("aes", kic_16 + kic_16, kid_16), "");
}

TEST_F(card_import, warns_of_a_wrong_check_digit_and_imports_the_card_all_the_same) {
    const auto report = take(header + row("8949000000000000011", "491700000001"));
    EXPECT_EQ(report.added, 1u);
    EXPECT_EQ(report.warnings, 1u);
    EXPECT_EQ(report.rejected, 0u);
    EXPECT_THAT(told(), HasSubstr("2 warning iccid: its check digit"));
}

TEST_F(card_import, takes_several_rows_of_a_card_as_its_key_versions) {
    take(header + row(iccid_a, "491700000001") + iccid_a + ",,,3," + other_16 + "," + other_16 + ",4,77,\n");
    EXPECT_EQ(told(), "");
    const auto keys = keys_of(iccid_a);
    ASSERT_EQ(keys.size(), 2u);
    EXPECT_EQ(keys[0].version, 1);
    EXPECT_EQ(keys[1].version, 3);
    EXPECT_EQ(keys[1].mac_length, 4);
    EXPECT_EQ(counter_in(card(iccid_a).state, 3), 77u);
}

TEST_F(card_import, rejects_a_card_whole_when_one_of_its_rows_is_bad) {
    const auto report = take(header + row(iccid_a, "491700000001") + iccid_a + ",,,99," + other_16 + "," + other_16 +
                             ",,,\n" + row(iccid_b, "491700000002"));
    EXPECT_EQ(report.added, 1u);
    EXPECT_EQ(report.rejected, 2u);
    EXPECT_THAT(told(), HasSubstr("3 kvn: "));
    EXPECT_THAT(told(), HasSubstr("2 iccid: another row of this card is rejected"));
    EXPECT_EQ(card(iccid_b).row.msisdn, "491700000002");
}

TEST_F(card_import, goes_on_after_a_row_of_another_width_or_with_an_open_quote) {
    const auto report = take(header + "one,two\n" + iccid_a + ",\"49,aes,1\n" + row(iccid_b, "491700000002"));
    EXPECT_EQ(report.added, 1u);
    EXPECT_EQ(report.rejected, 2u);
    EXPECT_THAT(told(), HasSubstr("2 row: has 2 fields, the header 9"));
    EXPECT_THAT(told(), HasSubstr("3 row: a quotation mark is not closed"));
}

TEST_F(card_import, r3_never_lowers_a_counter_of_a_known_card) {
    take(header + row(iccid_a, "491700000001", "aes", ",1000,"));
    EXPECT_EQ(take(header + row(iccid_a, "491700000001", "aes", ",999,")).unchanged, 1u);
    EXPECT_EQ(counter_in(card(iccid_a).state, 1), 1000u);
    EXPECT_EQ(take(header + row(iccid_a, "491700000001", "aes", ",0x3e9,")).changed, 1u);
    EXPECT_EQ(counter_in(card(iccid_a).state, 1), 1001u);
}

TEST_F(card_import, puts_the_counter_on_every_application_when_the_card_counts_by_tar) {
    take(header + row(iccid_a, "491700000001", "des", ",500,"));
    const auto c = card(iccid_a);
    EXPECT_EQ(counter_in(c.state, 1u << 24 | 0xB00010), 500u);
    EXPECT_EQ(counter_in(c.state, 1u << 24 | 0xB00011), 500u);
}

TEST_F(card_import, changes_nothing_when_it_comes_again) {
    const auto text = header + row(iccid_a, "491700000001", "aes", "8,5,a=1") + row(iccid_b, "491700000002");
    take(text);
    const auto before = card(iccid_a);
    now += std::chrono::hours(1);
    const auto again = take(text);
    EXPECT_EQ(again.unchanged, 2u);
    EXPECT_EQ(again.added + again.changed, 0u);
    EXPECT_EQ(card(iccid_a).row.version, before.row.version);
    EXPECT_EQ(card(iccid_a).row.msisdn_since, before.row.msisdn_since);
}

TEST_F(card_import, keeps_key_versions_and_labels_that_the_rows_do_not_name) {
    take(header + row(iccid_a, "491700000001", "aes", ",,a=1"));
    now += std::chrono::seconds(1);
    take(header + iccid_a + ",,aes,2," + other_16 + "," + other_16 + ",,,b=2\n");
    const auto keys = keys_of(iccid_a);
    ASSERT_EQ(keys.size(), 2u);
    EXPECT_EQ(keys[0].version, 2);  // the row's is used to send
    EXPECT_EQ(keys[1].version, 1);
    const auto c = card(iccid_a);
    EXPECT_EQ(c.row.labels, "a=1,b=2");
    EXPECT_EQ(c.row.msisdn, "491700000001");
    auto tx = std::move(state->begin().value());
    const auto history = std::move(tx->history(c.state.last_history, 10).value());
    ASSERT_EQ(history.size(), 1u);
    EXPECT_EQ(history[0].what, R"({"what":"imported","changed":"keys,labels"})");
}

TEST_F(card_import, r21_moves_a_number_to_the_card_that_gets_it_last) {
    take(header + row(iccid_a, "491700000001"));
    now += std::chrono::seconds(1);
    take(header + row(iccid_b, "491700000001"));
    EXPECT_EQ(card(iccid_a).row.msisdn, "");
    EXPECT_EQ(card(iccid_b).row.msisdn, "491700000001");
}

TEST_F(card_import, r23_releases_the_events_that_waited_for_the_card) {
    set_value("parked/" + iccid_a + "/0001", "aa");
    set_value("parked/" + iccid_a + "/0002", "bb");
    set_value("parked/" + iccid_b + "/0003", "cc");
    set_value("tally/parked", "3");
    EXPECT_EQ(take(header + row(iccid_a, "491700000001")).released, 2u);
    EXPECT_EQ(value("ready/" + iccid_a + "/0001"), "aa");
    EXPECT_EQ(value("ready/" + iccid_a + "/0002"), "bb");
    EXPECT_EQ(value("parked/" + iccid_a + "/0001"), std::nullopt);
    EXPECT_EQ(value("parked/" + iccid_b + "/0003"), "cc");
    EXPECT_EQ(value("tally/parked"), "1");
}

TEST_F(card_import, refuses_a_card_that_was_replaced) {
    take(header + row(iccid_a, "491700000001"));
    {
        auto tx = std::move(state->begin().value());
        auto c = std::move(take_card(*tx, desk(), iccid_a).value());
        c.row.is = store::standing::replaced;
        ASSERT_TRUE(put_card(*tx, desk(), c, false, ids));
        ASSERT_TRUE(tx->commit());
    }
    EXPECT_EQ(take(header + row(iccid_a, "491700000002")).rejected, 1u);
    EXPECT_THAT(told(), HasSubstr("2 iccid: the card was replaced"));
}

std::string luhn_card(int n) {
    auto digits = "8949" + std::string(14 - std::to_string(n).size(), '0') + std::to_string(n);
    unsigned sum = 0;
    for (std::size_t i = 0; i < digits.size(); ++i) {
        auto d = static_cast<unsigned>(digits[digits.size() - 1 - i] - '0');
        if (i % 2 == 0) d = d * 2 > 9 ? d * 2 - 9 : d * 2;
        sum += d;
    }
    return digits + static_cast<char>('0' + (10 - sum % 10) % 10);
}

TEST_F(card_import, goes_on_where_it_was_cut_off) {
    std::string text = header;
    for (int i = 0; i < 50; ++i) text += row(luhn_card(i), "49170" + std::to_string(1000000 + i));
    import_options options;
    options.batch = 10;
    options.fingerprint = "f";
    auto p = parts();
    int asked = 0;
    p.stopped = [&] { return ++asked == 2; };
    std::istringstream first(text);
    const auto cut = import_cards(first, p, options);
    ASSERT_FALSE(cut.has_value());
    EXPECT_EQ(cut.error(), make_error_code(errc::stopped));
    EXPECT_EQ(value("import/f"), "21");  // the header and twenty cards

    const auto rest = take(text, options);
    EXPECT_EQ(rest.resumed_at, 21u);
    EXPECT_EQ(rest.added, 30u);
    EXPECT_EQ(rest.unchanged, 0u);
    EXPECT_EQ(value("import/f"), std::nullopt);
    EXPECT_EQ(take(text, options).unchanged, 50u);
}

TEST_F(card_import, writes_a_card_that_comes_twice_one_time_after_the_other) {
    const auto report = take(header + row(iccid_a, "491700000001") + row(iccid_b, "491700000002") + iccid_a +
                             ",491700000003,aes,2," + other_16 + "," + other_16 + ",,,\n");
    EXPECT_EQ(report.added, 2u);
    EXPECT_EQ(report.changed, 1u);
    EXPECT_EQ(keys_of(iccid_a).size(), 2u);
}

TEST_F(card_import, names_a_file_by_its_content) {
    std::istringstream a("one"), b("one"), c("two"), empty;
    const auto name = fingerprint_of(a);
    EXPECT_EQ(name.size(), 64u);
    EXPECT_EQ(name, fingerprint_of(b));
    EXPECT_NE(name, fingerprint_of(c));
    EXPECT_NE(name, fingerprint_of(empty));
}

}  // namespace
}  // namespace ota::cards::testing
