#include "management-object/wbxml.hpp"
#include "management-object/xml.hpp"
#include "tests/dm/two_ends.hpp"
#include "tests/management-object/wbxml_judge.hpp"

// libwbxml2 reads every message of a session as we meant it, and what it writes both ends take.
namespace ota::dm {
namespace {

std::vector<order> some_of_everything() {
    order group{.id = 1, .as = grouping::atomic};
    group.steps = {replace(0, "./IMPS/Addr", "x").steps[0],
                   one(0, {.what = syncml::verb::copy, .target = "./IMPS/Copy", .source = "./IMPS/Port"}).steps[0]};
    order row{.id = 2, .as = grouping::sequence};
    row.steps = {one(0, {.what = syncml::verb::add, .target = "./IMPS/New", .value = "a < b"}).steps[0],
                 get(0, "./IMPS").steps[0]};
    return {group,
            row,
            get(3, "./IMPS?list=StructData"),
            remove(4, "./IMPS/New"),
            get(5, "./Nowhere"),
            one(6, {.what = syncml::verb::exec, .target = "./IMPS", .correlator = "c"})};
}

TEST(dm_session_judge, libwbxml_reads_every_message_as_it_was_meant) {
    for (const auto how : {scheme::md5, scheme::mac}) {
        two_ends ends({syncml::encoding::wbxml, how});
        syncml::alert told{.code = 1226, .correlator = "c"};
        told.items.push_back({.source = syncml::location{"./IMPS", {}},
                              .about = syncml::meta{.format = "chr", .type = "urn:example:x", .mark = "warning"},
                              .data = "d"});
        ends.run(some_of_everything(), {told});
        ASSERT_GE(ends.sent.size(), 4u);
        for (const auto& [by_device, body] : ends.sent) {
            const auto xml = mo::judge::to_xml(body);
            ASSERT_TRUE(xml) << by_device;
            const auto theirs = mo::parse_xml(*xml);
            const auto ours = mo::parse_wbxml(body);
            ASSERT_TRUE(theirs && ours);
            EXPECT_TRUE(mo::same(mo::judge::as_it_sees(theirs.value()), mo::judge::as_it_sees(ours.value()))) << *xml;
        }
    }
}

// Every octet on the way is libwbxml2's own encoding, once with a string table and once without.
TEST(dm_session_judge, both_ends_take_what_libwbxml_writes) {
    for (const bool string_table : {false, true}) {
        two_ends ends({syncml::encoding::wbxml, scheme::md5});
        int rewritten = 0;
        const auto rewrite = [&](wire::octets& body, auto&) {
            const auto xml = mo::judge::to_xml(body);
            const auto again = xml ? mo::judge::to_wbxml(*xml, string_table) : std::nullopt;
            EXPECT_TRUE(again);
            if (again) body = *again, ++rewritten;
            return true;
        };
        ends.to_server = ends.to_device = rewrite;
        ends.run(some_of_everything());
        EXPECT_EQ(ends.end(), ending::completed);
        EXPECT_EQ(ends.answer(1).code, 200);
        EXPECT_EQ(ends.answer(2).code, 200);
        EXPECT_EQ(ends.answer(5).code, 404);
        EXPECT_EQ(rewritten, static_cast<int>(ends.sent.size()));
    }
}

}  // namespace
}  // namespace ota::dm
