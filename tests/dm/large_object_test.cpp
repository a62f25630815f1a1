#include "tests/dm/server_bench.hpp"

// Large objects both ways, seen from the server.
namespace ota::dm {
namespace {

namespace syncml = management_object::dm;
using syncml::encoding;

class dm_large_object : public testing::TestWithParam<encoding> {
protected:
    dm_large_object() : bench(scheme::md5, GetParam()) {}

    /// Begins a session with a device that takes messages of so many octets.
    syncml::message begin_small(order o, std::uint32_t octets = small) {
        bench.server.queue(std::move(o));
        auto m = bench.package_1();
        m.hdr.about = syncml::meta{.max_msg_size = octets};
        bench.add_credentials(m);
        return bench.exchange(m);
    }
    syncml::message next(std::uint32_t msg_id, std::vector<syncml::command> body, bool final = false) {
        auto m = bench.blank(msg_id);
        m.body = std::move(body);
        m.final = final;
        return bench.exchange(m);
    }
    /// Room for what answers package 1, and a little more.
    static constexpr std::uint32_t small = 1700;
    server_bench bench;
};
INSTANTIATE_TEST_SUITE_P(encodings, dm_large_object, testing::Values(encoding::xml, encoding::wbxml));

std::string long_text(std::size_t n) {
    std::string out;
    while (out.size() < n)
        out += "<&\xC3\xA4\xE2\x82\xAC " + std::to_string(out.size());  // what XML escapes, two and three octets
    return out;
}

TEST_P(dm_large_object, goes_in_chunks_that_fit_the_device) {
    const auto value = long_text(5000);
    auto m = begin_small(replace(1, "./A/B", value));
    std::string got;
    std::uint32_t msg_id = 1, size = 0;
    for (bool more = true; more;) {
        ASSERT_LE(bench.last.body.size(), small);
        const auto* command = server_bench::command_of<syncml::operation>(m);
        ASSERT_NE(command, nullptr);
        const auto& item = command->items.front();
        ASSERT_TRUE(item.data && item.about);
        if (msg_id == 1)
            size = item.about->size.value_or(0);
        else
            EXPECT_FALSE(item.about->size) << "told with the first chunk alone";
        got += *item.data;
        more = item.more_data;
        EXPECT_EQ(m.final, !more);
        const auto ref = m.hdr.msg_id;
        ++msg_id;
        m = next(msg_id,
                 {device_status(1, ref, 0, "SyncHdr", 212),
                  device_status(2, ref, command->cmd_id, "Replace", more ? 213 : 200),
                  {syncml::alert{.cmd_id = 3, .code = 1222}}},
                 !more);
    }
    EXPECT_EQ(got, value);
    EXPECT_EQ(size, value.size());
    EXPECT_GE(bench.server.tally().chunks_sent, 4u);
    ASSERT_NE(bench.event_of<answered>(), nullptr);
    EXPECT_EQ(bench.the_event<answered>().what.code, 200);
    ASSERT_NE(bench.event_of<ended>(), nullptr);
    EXPECT_EQ(bench.the_event<ended>().why, ending::completed);
}

// What answers package 1 leaves no room: the package goes on, and its next message has the room.
TEST_P(dm_large_object, waits_for_a_message_with_room_for_it) {
    const std::uint32_t octets = GetParam() == encoding::xml ? 1300 : 530;
    const auto first = begin_small(replace(1, "./A/B", long_text(900)), octets);
    ASSERT_LE(bench.last.body.size(), octets);
    EXPECT_EQ(server_bench::command_of<syncml::operation>(first), nullptr);
    EXPECT_FALSE(first.final);
    EXPECT_FALSE(bench.server.has_ended());
    const auto second = next(2, {device_status(1, 1, 0, "SyncHdr", 212), {syncml::alert{.cmd_id = 2, .code = 1222}}});
    ASSERT_LE(bench.last.body.size(), octets);
    EXPECT_NE(server_bench::command_of<syncml::operation>(second), nullptr);
    EXPECT_EQ(bench.server.tally().chunks_sent, 1u);
}

TEST_P(dm_large_object, is_given_up_when_the_device_says_so) {
    for (const std::uint16_t code : {413, 420, 424}) {
        server_bench fresh(scheme::md5, GetParam(), {.largest_reply = small});
        const auto m = fresh.begin({replace(1, "./A/B", long_text(5000))});
        const auto* command = server_bench::command_of<syncml::operation>(m);
        ASSERT_NE(command, nullptr);
        auto in = fresh.blank(2);
        in.body = {device_status(1, 1, 0, "SyncHdr", 212), device_status(2, 1, command->cmd_id, "Replace", code)};
        in.final = false;
        const auto last = fresh.exchange(in);
        EXPECT_TRUE(last.final);
        ASSERT_NE(fresh.event_of<answered>(), nullptr);
        EXPECT_EQ(fresh.the_event<answered>().what.code, code);
        ASSERT_NE(fresh.event_of<ended>(), nullptr);
        EXPECT_EQ(fresh.the_event<ended>().why, ending::completed);
    }
}

TEST_P(dm_large_object, without_an_end_at_the_device_is_incomplete) {
    (void)begin_small(replace(1, "./A/B", long_text(5000)));
    (void)next(2, {device_status(1, 1, 0, "SyncHdr", 212), {syncml::alert{.cmd_id = 2, .code = 1225}}});
    ASSERT_NE(bench.event_of<answered>(), nullptr);
    EXPECT_EQ(bench.the_event<answered>().what.code, 412);
    EXPECT_EQ(bench.server.tally().interrupted_objects, 1u);
}

TEST_P(dm_large_object, beyond_what_the_device_takes_is_never_sent) {
    bench.server.queue(replace(1, "./A/B", std::string(3000, 'x')));
    bench.server.queue(replace(2, "./A/C", "y"));
    auto m = bench.package_1();
    m.hdr.about = syncml::meta{.max_obj_size = 2000};
    bench.add_credentials(m);
    const auto answer = bench.exchange(m);
    ASSERT_NE(bench.event_of<answered>(), nullptr);
    EXPECT_EQ(bench.the_event<answered>().what.id, 1u);
    EXPECT_EQ(bench.the_event<answered>().what.code, 413);
    ASSERT_NE(server_bench::command_of<syncml::operation>(answer), nullptr);
    EXPECT_EQ(server_bench::the_command<syncml::operation>(answer).items.front().target->loc_uri, "./A/C");
}

TEST_P(dm_large_object, a_group_must_fit_into_one_message) {
    order group{.id = 1, .as = grouping::atomic, .steps = {replace(0, "./A", std::string(3000, 'x')).steps.front()}};
    const auto first = begin_small(group);
    EXPECT_FALSE(first.final) << "the next message has more room";
    (void)next(2, {device_status(1, 1, 0, "SyncHdr", 212), {syncml::alert{.cmd_id = 2, .code = 1222}}});
    ASSERT_NE(bench.event_of<answered>(), nullptr);
    EXPECT_EQ(bench.the_event<answered>().what.code, 413);
    ASSERT_NE(bench.event_of<ended>(), nullptr);
    EXPECT_EQ(bench.the_event<ended>().why, ending::completed);
}

/// Results in two chunks, the first with this size; gives the codes of their Status and the answer.
struct reading {
    std::uint16_t first = 0, second = 0, order = 0;
    std::string value;
};
reading read_in_chunks(encoding as, std::optional<std::uint32_t> size, settings s = {}) {
    server_bench bench(scheme::md5, as, std::move(s));
    const auto out = bench.begin({get(1, "./A")});
    const auto* command = server_bench::command_of<syncml::operation>(out);
    if (command == nullptr) return {};
    const auto cmd = command->cmd_id;
    const auto piece = [&](std::string data, bool more) {
        syncml::results r{.cmd_id = 3, .msg_ref = 1, .cmd_ref = cmd};
        r.items.push_back({.source = syncml::location{"./A", {}},
                           .about = syncml::meta{.format = "chr"},
                           .data = std::move(data),
                           .more_data = more});
        if (more && size) r.items.front().about->size = size;
        return r;
    };
    auto in = bench.blank(2);
    in.final = false;
    in.body = {device_status(1, 1, 0, "SyncHdr", 212), device_status(2, 1, cmd, "Get", 200), {piece("abc", true)}};
    const auto first = bench.exchange(in);
    EXPECT_TRUE(server_bench::has_alert(first, 1222));
    in = bench.blank(3);
    in.body = {device_status(1, 2, 0, "SyncHdr", 200), {piece("defg", false)}};
    const auto second = bench.exchange(in);
    const auto* done = bench.event_of<answered>();
    EXPECT_NE(done, nullptr);
    if (done == nullptr) return {};
    const auto& items = done->what.steps[0].items;
    return {server_bench::code_of(first, 3), server_bench::code_of(second, 3), done->what.code,
            items.empty() ? "" : items.front().data.value_or("")};
}

TEST_P(dm_large_object, comes_in_chunks_and_its_size_is_checked) {
    const auto good = read_in_chunks(GetParam(), 7);
    EXPECT_EQ(good.first, 213);
    EXPECT_EQ(good.second, 0) << "Results are not answered";
    EXPECT_EQ(good.order, 200);
    EXPECT_EQ(good.value, "abcdefg");
    for (const std::optional<std::uint32_t> size :
         {std::optional<std::uint32_t>{6}, std::optional<std::uint32_t>{8}, {}}) {
        const auto bad = read_in_chunks(GetParam(), size);
        EXPECT_EQ(bad.second, 424);
        EXPECT_EQ(bad.order, 424);
        EXPECT_EQ(bad.value, "");
    }
    EXPECT_EQ(read_in_chunks(GetParam(), 7, {.max_object = 5}).first, 413);
}

}  // namespace
}  // namespace ota::dm
