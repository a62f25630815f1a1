// R3: the group's committed offsets as a second witness of what a store has taken in.
#include "tests/kafka/reading.hpp"

#include <gmock/gmock.h>

namespace ota::queue::testing {
namespace {

using ::testing::HasSubstr;

/// A topic of two partitions with ten records each; a copy of the store was made when half of them were read.
class a_store_with_a_copy : public ::testing::Test {
protected:
    void SetUp() override {
        admin.create(changes, 2);
        fill(5);
        {
            reading r(options_for(kafka.address()), store);
            ASSERT_TRUE(r.read(10)) << r.why.message();
        }
        copy = store;
        fill(5);
        reading r(options_for(kafka.address()), store);
        ASSERT_TRUE(r.read(10)) << r.why.message();
        ASSERT_TRUE(eventually(
            [&] { return admin.committed("otagw", changes, 0) == 10 && admin.committed("otagw", changes, 1) == 10; }));
    }
    void fill(int records) {
        for (int i = 0; i < records; ++i)
            for (const int p : {0, 1}) admin.produce(changes, p, "card", "record");
    }
    [[nodiscard]] kafka_source_options options(std::int64_t epoch) const {
        auto o = options_for(kafka.address());
        o.epoch = epoch;
        return o;
    }
    broker kafka;
    peer admin{kafka.address()};
    positions store, copy;
};

TEST_F(a_store_with_a_copy, is_read_on_and_its_copy_is_not) {
    reading r(options(0), copy);
    ASSERT_TRUE(r.until([&] { return r.why == errc::store_behind; })) << r.why.message();
    for (int i = 0; i < 20; ++i) r.turn();
    EXPECT_TRUE(r.taken.empty());
    EXPECT_EQ(r.why, errc::store_behind) << "and nothing hides the reason";
    EXPECT_THAT(r.why.message(),
                HasSubstr("group otagw has taken in everything before 10, the store only what is before 5"));
    EXPECT_THAT(r.why.message(), HasSubstr("Stop every gateway and `otagw store recover --force`"));
    EXPECT_THAT(r.why.message(), HasSubstr("`otagw topics accept --force`"));
    r.source.reset();
    reading whole(options(0), store);
    ASSERT_TRUE(whole.until([&] { return whole.partitions() == 2 && whole.unplaced.empty(); })) << whole.why.message();
}

TEST_F(a_store_with_a_copy, is_refused_as_well_when_it_was_made_anew) {
    positions nothing;
    reading r(options(0), nothing);
    ASSERT_TRUE(r.until([&] { return r.why == errc::store_behind; })) << r.why.message();
    EXPECT_THAT(r.why.message(), HasSubstr("the store nothing"));
    EXPECT_TRUE(r.taken.empty());
}

TEST_F(a_store_with_a_copy, goes_on_from_the_copy_once_that_was_recovered_and_no_older_copy_does) {
    const auto recovered_copy = copy;
    {
        reading r(options(1000), copy);
        ASSERT_TRUE(r.read(10)) << r.why.message();
        ASSERT_TRUE(eventually([&] { return admin.committed("otagw", changes, 0) == 10; }));
    }
    auto again = recovered_copy;
    {
        reading r(options(1000), again);  // restored once more, from after the recovery
        ASSERT_TRUE(r.until([&] { return r.why == errc::store_behind; })) << r.why.message();
    }
    {
        reading r(options(0), again);  // from before it
        ASSERT_TRUE(r.until([&] { return r.why == errc::store_behind; })) << r.why.message();
    }
    reading r(options(2000), again);
    ASSERT_TRUE(r.read(10)) << r.why.message();
}

TEST_F(a_store_with_a_copy, tells_its_group_where_it_stands_once_it_was_recovered_also_where_nothing_is_left_to_read) {
    admin.delete_records(changes, 0, 10);
    admin.delete_records(changes, 1, 10);
    positions nothing;
    reading r(options(1000), nothing);
    ASSERT_TRUE(r.until([&] { return r.partitions() == 2 && r.unplaced.empty(); })) << r.why.message();
    ASSERT_TRUE(eventually([&] { return r.source->lag() == 0; }));
    r.source.reset();
    reading again(options(1000), nothing);
    ASSERT_TRUE(again.until([&] { return again.why == errc::store_behind; }))
        << "what was told since is of the same store";
}

TEST_F(a_store_with_a_copy, is_refused_when_somebody_moved_the_offsets_forward) {
    admin.commit("otagw", changes, 1, 12);
    reading r(options(0), store);
    ASSERT_TRUE(r.until([&] { return r.why == errc::store_behind; })) << r.why.message();
    EXPECT_THAT(r.why.message(), HasSubstr("partition 1: group otagw has taken in everything before 12"));
    EXPECT_THAT(r.why.message(), HasSubstr("moved by hand"));
}

TEST_F(a_store_with_a_copy, gives_up_waiting_for_brokers_that_hang_and_ends) {
    auto o = options(0);
    o.answer_time = std::chrono::milliseconds(1000);
    auto r = std::make_unique<reading>(o, store);
    ASSERT_TRUE(r->until([&] { return r->partitions() == 2 && r->unplaced.empty(); })) << r->why.message();
    kafka.freeze();
    ASSERT_TRUE(r->until([&] { return r->why == errc::unreachable; })) << r->why.message();
    const auto began = std::chrono::steady_clock::now();
    r.reset();
    EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(20)) << "one answer and a farewell";
    kafka.thaw();
}

}  // namespace
}  // namespace ota::queue::testing
