#include "sandbox/population.hpp"

#include <gtest/gtest.h>

#include <set>
#include <sstream>

namespace ota::sandbox {
namespace {

population some(std::size_t count, std::uint64_t seed = 7) {
    population_settings settings;
    settings.count = count;
    settings.seed = seed;
    return population(settings);
}

std::string csv_of(const population& who) {
    std::string out;
    EXPECT_TRUE(who.write_csv([&](std::string_view rows) {
        out += rows;
        return true;
    }));
    return out;
}

std::vector<std::string> fields_of(const std::string& row) {
    std::vector<std::string> out;
    std::istringstream in(row);
    for (std::string field; std::getline(in, field, ',');) out.push_back(field);
    return out;
}

TEST(population, completes_an_iccid_with_its_luhn_digit) {
    EXPECT_EQ(luhn_digit("7992739871"), '3');
    EXPECT_EQ(luhn_digit("8949222074451242066"), '2');
}

TEST(population, gives_every_card_an_iccid_of_20_digits_that_ends_in_its_luhn_digit) {
    const auto who = some(2000);
    std::set<std::string> seen;
    for (std::size_t i = 0; i < who.size(); ++i) {
        const auto iccid = who.iccid(i);
        ASSERT_EQ(iccid.size(), 20U);
        ASSERT_EQ(iccid.back(), luhn_digit(std::string_view(iccid).substr(0, 19)));
        seen.insert(iccid);
    }
    EXPECT_EQ(seen.size(), 2000U);
}

TEST(population, finds_a_card_by_number_and_identity_and_nobody_elses) {
    auto settings = some(10).settings();
    settings.first_index = 500;
    const population who(settings);
    for (std::size_t i = 0; i < who.size(); ++i) {
        EXPECT_EQ(who.find_msisdn(who.msisdn(i)), i);
        EXPECT_EQ(who.find_msisdn("+" + who.msisdn(i)), i);
        EXPECT_EQ(who.find_iccid(who.iccid(i)), i);
    }
    EXPECT_FALSE(who.find_msisdn(some(10).msisdn(0)));
    EXPECT_FALSE(who.find_msisdn(who.msisdn(9).substr(1)));
    EXPECT_FALSE(who.find_msisdn(who.msisdn(9) + "0"));
    EXPECT_FALSE(who.find_msisdn("49155abcdefghi"));
    auto wrong_digit = who.iccid(3);
    wrong_digit.back() = wrong_digit.back() == '9' ? '0' : static_cast<char>(wrong_digit.back() + 1);
    EXPECT_FALSE(who.find_iccid(wrong_digit));
}

TEST(population, writes_the_same_csv_for_the_same_seed_and_other_keys_for_another) {
    EXPECT_EQ(csv_of(some(50)), csv_of(some(50)));
    EXPECT_NE(csv_of(some(50)), csv_of(some(50, 8)));
}

TEST(population, writes_a_header_and_a_row_per_card_with_distinct_keys) {
    const auto who = some(300);
    std::istringstream in(csv_of(who));
    std::string row;
    ASSERT_TRUE(std::getline(in, row));
    EXPECT_EQ(row, "iccid,msisdn,profile,kvn,kic_key,kid_key,mac_length,counter,labels");
    std::set<std::string> keys;
    for (std::size_t i = 0; i < who.size(); ++i) {
        ASSERT_TRUE(std::getline(in, row));
        const auto fields = fields_of(row);
        ASSERT_EQ(fields.size(), 9U);
        EXPECT_EQ(fields[0], who.iccid(i));
        EXPECT_EQ(fields[1], who.msisdn(i));
        EXPECT_EQ(fields[3], "1");
        EXPECT_EQ(fields[4].size(), 32U);
        EXPECT_EQ(fields[7], std::to_string(who.first_counter(i)));
        keys.insert(fields[4]);
        keys.insert(fields[5]);
    }
    EXPECT_FALSE(std::getline(in, row));
    EXPECT_EQ(keys.size(), 600U);
}

TEST(population, fits_key_lengths_to_the_algorithms) {
    auto settings = some(1).settings();
    settings.kic_algorithm = 9;
    settings.kid_algorithm = 5;
    std::istringstream in(csv_of(population(settings)));
    std::string row;
    std::getline(in, row);
    std::getline(in, row);
    EXPECT_EQ(fields_of(row)[4].size(), 48U);
    EXPECT_EQ(fields_of(row)[5].size(), 32U);
}

TEST(population, stops_writing_when_the_writer_says_so) {
    int calls = 0;
    EXPECT_FALSE(some(5000).write_csv([&](std::string_view) { return ++calls < 2; }));
    EXPECT_EQ(calls, 2);
}

}  // namespace
}  // namespace ota::sandbox
