#include "tests/kafka/reading.hpp"

#include <gmock/gmock.h>

namespace ota::queue::testing {
namespace {

using ::testing::HasSubstr;

/// A topic of one partition with ten records, all of them read.
class a_topic_read_before : public ::testing::Test {
protected:
    void SetUp() override {
        admin.create(changes, 1);
        for (int i = 0; i < 10; ++i) admin.produce(changes, 0, "card", "old" + std::to_string(i));
        reading r(options_for(kafka.address()), store);
        ASSERT_TRUE(r.read(10)) << r.why.message();
    }
    void recreate(int records) {
        admin.remove(changes);
        ASSERT_TRUE(eventually([&] {
            try {
                admin.create(changes, 1);
                return true;
            } catch (const std::runtime_error&) {
                return false;  // the old one is still being removed
            }
        }));
        for (int i = 0; i < records; ++i) admin.produce(changes, 0, "card", "new" + std::to_string(i));
    }
    /// The words under which the source refuses to read.
    std::string refusal(const errc kind) {
        reading r(options_for(kafka.address()), store);
        EXPECT_TRUE(r.until([&] { return r.why == kind; })) << r.why.message();
        EXPECT_TRUE(r.taken.empty());
        return r.why.message();
    }

    broker kafka;
    peer admin{kafka.address()};
    positions store;
};

TEST_F(a_topic_read_before, is_known_again_and_read_on) {
    admin.produce(changes, 0, "card", "next");
    reading r(options_for(kafka.address()), store);
    ASSERT_TRUE(r.read(1)) << r.why.message();
    EXPECT_EQ(r.taken[0].payload, "next");
}

TEST_F(a_topic_read_before, is_refused_when_another_of_its_name_is_shorter) {
    recreate(3);
    EXPECT_THAT(refusal(errc::topic_recreated), HasSubstr("partition 0: it ends at 3, and was read up to 10"));
}

TEST_F(a_topic_read_before, is_refused_when_another_of_its_name_has_as_many_records) {
    recreate(10);
    EXPECT_THAT(refusal(errc::topic_recreated), HasSubstr("the record at 9 is not the one that was read there"));
}

TEST_F(a_topic_read_before, is_refused_when_another_of_its_name_has_more_records) {
    recreate(12);
    EXPECT_THAT(refusal(errc::topic_recreated), HasSubstr("the record at 9 is not the one that was read there"));
}

TEST_F(a_topic_read_before, is_refused_when_it_is_made_anew_while_it_is_read) {
    reading r(options_for(kafka.address()), store);
    ASSERT_TRUE(r.until([&] { return r.partitions() == 1 && r.unplaced.empty(); }));
    admin.remove(changes);
    ASSERT_TRUE(r.until([&] { return r.why == errc::missing_topic; })) << r.why.message();
    EXPECT_THAT(r.why.message(), HasSubstr("topic dm.mo.changes does not exist"));
    admin.create(changes, 1);
    for (int i = 0; i < 12; ++i) admin.produce(changes, 0, "card", "new" + std::to_string(i));
    ASSERT_TRUE(r.until([&] { return r.why == errc::topic_recreated; })) << r.why.message();
    EXPECT_TRUE(r.taken.empty());
    store.clear();  // the operator wants the new one
    ASSERT_TRUE(r.read(12)) << r.why.message();
    EXPECT_EQ(r.taken[0].payload, "new0");
}

TEST_F(a_topic_read_before, says_which_records_retention_removed_before_they_were_read) {
    for (int i = 0; i < 10; ++i) admin.produce(changes, 0, "card", "more");
    admin.delete_records(changes, 0, 15);
    EXPECT_THAT(refusal(errc::offset_removed),
                HasSubstr("retention has removed the records from 10 to 14 before they were read"));
}

TEST_F(a_topic_read_before, is_read_on_when_retention_removed_just_what_was_read) {
    admin.produce(changes, 0, "card", "next");
    admin.delete_records(changes, 0, 10);
    reading r(options_for(kafka.address()), store);
    ASSERT_TRUE(r.read(1)) << r.why.message();
    EXPECT_EQ(r.taken[0].payload, "next");
}

TEST_F(a_topic_read_before, is_not_read_with_another_number_of_partitions) {
    reading r(options_for(kafka.address()), store);
    ASSERT_TRUE(r.until([&] { return r.partitions() == 1 && r.unplaced.empty(); }));
    ASSERT_EQ(r.source->partition_count(), 1);
    admin.grow(changes, 3);
    ASSERT_TRUE(r.until([&] { return r.why == errc::partitions_changed; })) << r.why.message();
    EXPECT_THAT(r.why.message(), HasSubstr("topic dm.mo.changes has 3 partitions and had 1"));
    const auto before = r.taken.size();
    admin.produce(changes, 0, "card", "behind the change");
    for (int i = 0; i < 50; ++i) r.turn();
    EXPECT_EQ(r.taken.size(), before);
    r.source.reset();  // and leaves its partition to the next

    auto o = options_for(kafka.address());
    o.partitions = 1;  // as the store remembers it
    reading later(o, store);
    ASSERT_TRUE(later.until([&] { return later.why == errc::partitions_changed; })) << later.why.message();
    EXPECT_TRUE(later.taken.empty());
    later.source->expect_partitions(3);  // the operator accepts it
    ASSERT_TRUE(later.until([&] { return !later.taken.empty(); })) << later.why.message();
}

}  // namespace
}  // namespace ota::queue::testing
