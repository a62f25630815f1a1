#include "management-object/slotted.hpp"
#include "management-object/elementary_file.hpp"
#include "management-object/tnds.hpp"
#include "management-object/wbxml.hpp"
#include "tests/management-object/random_tree.hpp"

#include <gtest/gtest.h>

#include <algorithm>

using namespace ota;
using namespace ota::management_object;

namespace {

tnds_document mail(std::string host, std::string user = "alice@example.org") {
    return {.nodes = {
                {.path = uri{},
                 .top = interior("Mail",
                                 {text_leaf("Host", std::move(host)), text_leaf("User", std::move(user)),
                                  leaf("Port", node_format::integer, "25"), leaf("Key", node_format::bin, "\x01\x02")},
                                 "urn:oma:mo:example-mail:1.0")}}};
}

constexpr std::size_t update_binary = 5, longest_run = 200;  // header octets; octets of a run

std::vector<patch> patches(const wire::octets& from, const wire::octets& to) {
    return difference(from, to, update_binary, longest_run);
}

}  // namespace

TEST(slotted, is_laid_out_as_drawn) {
    const auto image = serialize_tnds_slotted(mail("smtp.example.org")).value();
    // | 03 | 00 00 | 6A | length in two octets | "-//OMA//DTD-DM-DDF 1.2//EN" |
    EXPECT_EQ(wire::to_hex(wire::octet_view(image).first(8)), "0300006a80762d2f");
    const auto slots = slots_of(image).value();
    ASSERT_EQ(slots.size(), 4u);
    EXPECT_EQ(slots[0].capacity, 24u);  // 16 characters, terminator, slack of 4, rounded to 8
    EXPECT_EQ(slots[1].capacity, 24u);
    EXPECT_EQ(slots[2].capacity, 16u);  // the least
    EXPECT_EQ(slots[3].capacity, 16u);
    for (std::size_t i = 0; i + 1 < slots.size(); ++i)
        EXPECT_EQ(slots[i].offset + slots[i].capacity, slots[i + 1].offset);
    EXPECT_EQ(wire::as_text(wire::octet_view(image).subspan(slots[0].offset, 17)),
              std::string_view("smtp.example.org\0", 17));
    EXPECT_EQ(wire::as_text(wire::octet_view(image).subspan(slots[3].offset, 5)), std::string_view("AQI=\0", 5));
}

TEST(slotted, is_plain_wbxml) {
    const auto document = mail("smtp.example.org");
    const auto image = serialize_tnds_slotted(document).value();
    const auto read = parse_tnds_wbxml(image);
    ASSERT_TRUE(read) << sentence(read.error());
    EXPECT_EQ(read.value(), document);
}

TEST(slotted, one_leaf_changes_with_one_run_inside_its_slot) {
    const auto before = serialize_tnds_slotted(mail("imps.old.example.org")).value();             // 20 characters
    for (const auto* host : {"imps.new.example.org", "imps.longer.example.org1", "short", ""}) {  // 20, 24, 5, 0
        const auto after = update_tnds_slotted(before, mail(host));
        ASSERT_TRUE(after) << host;
        EXPECT_EQ(after.value().size(), before.size());
        const auto runs = patches(before, after.value());
        ASSERT_EQ(runs.size(), 1u) << host;
        const auto slot = slots_of(before).value()[0];
        EXPECT_GE(runs[0].offset, slot.offset);
        EXPECT_LE(runs[0].offset + runs[0].octets.size(), slot.offset + slot.capacity);
        EXPECT_EQ(parse_tnds_wbxml(after.value()).value(), mail(host));
    }
}

TEST(slotted, what_does_not_fit_is_told_and_nothing_else_is_cut) {
    const auto image = serialize_tnds_slotted(mail("smtp.example.org")).value();
    EXPECT_TRUE(update_tnds_slotted(image, mail(std::string(23, 'x'))));
    EXPECT_EQ(update_tnds_slotted(image, mail(std::string(24, 'x'))).error(), document_errc::slot_overflow);

    auto renamed = mail("smtp.example.org");
    renamed.nodes[0].top.children[0].name = "Server";
    EXPECT_EQ(update_tnds_slotted(image, renamed).error(), document_errc::other_structure);
    auto fewer = mail("smtp.example.org");
    fewer.nodes[0].top.children.pop_back();
    EXPECT_EQ(update_tnds_slotted(image, fewer).error(), document_errc::other_structure);
    EXPECT_EQ(update_tnds_slotted(image, mail(std::string("a\0b", 3))).error(), document_errc::not_text);
    const auto plain = serialize_tnds_wbxml(mail("smtp.example.org")).value();
    EXPECT_EQ(update_tnds_slotted(plain, mail("x")).error(), document_errc::other_structure);
    EXPECT_EQ(update_tnds_slotted(wire::octet_view(image).first(40), mail("x")).error(), document_errc::truncated);
}

TEST(slotted, never_writes_over_what_another_element_refers_to) {
    // Two values that share one string, as an encoder that looks for repetitions writes them.
    auto image = serialize_tnds_slotted(mail("same", "same")).value();
    const auto slots = slots_of(image).value();
    const auto reference = [&](std::size_t i) {
        const auto at = slots[i].offset - 6;
        return wire::octets{0x83, static_cast<std::uint8_t>(0x80 | at >> 7), static_cast<std::uint8_t>(at & 0x7F)};
    };
    const auto first = reference(0), other = reference(1);
    const auto at = std::ranges::search(image, other);
    ASSERT_FALSE(at.empty());
    std::ranges::copy(first, at.begin());
    EXPECT_EQ(parse_tnds_wbxml(image).value(), mail("same", "same"));
    EXPECT_EQ(slots_of(image).error().code, document_errc::other_structure);
    EXPECT_EQ(update_tnds_slotted(image, mail("one", "two")).error(), document_errc::other_structure);
}

TEST(slotted, every_strict_prefix_is_refused) {
    const auto image = serialize_tnds_slotted(mail("smtp.example.org")).value();
    for (std::size_t n = 0; n < image.size(); ++n)
        EXPECT_FALSE(parse_tnds_wbxml(wire::octet_view(image).first(n))) << n;
}

TEST(slotted, version_and_time_stamp_have_slots_that_never_overflow) {
    auto document = mail("smtp.example.org");
    auto& host = document.nodes[0].top.children[0];
    host.ver_no = 9;
    host.tstamp = "20261122T201510Z";
    const auto image = serialize_tnds_slotted(document).value();
    host.ver_no = 65535;
    host.tstamp = "20271231T235959Z";
    host.value = "mail.example.org";
    EXPECT_EQ(parse_tnds_wbxml(update_tnds_slotted(image, document).value()).value(), document);
}

TEST(slotted, strings_used_often_stand_in_the_table_once) {
    const auto image = serialize_tnds_slotted(mail("a")).value();
    const std::string_view text = wire::as_text(image);
    const auto first = text.find("text/plain");
    ASSERT_NE(first, std::string_view::npos);
    EXPECT_EQ(text.find("text/plain", first + 1), std::string_view::npos);
}

TEST(slotted, a_large_table_has_wider_references) {
    std::vector<node> leaves;
    for (int i = 0; i < 1200; ++i) leaves.push_back(text_leaf("n" + std::to_string(i), "v" + std::to_string(i)));
    tnds_document document{.nodes = {{.top = interior("Big", std::move(leaves))}}};
    const auto image = serialize_tnds_slotted(document).value();
    EXPECT_EQ(parse_tnds_wbxml(image).value(), document);
    EXPECT_EQ(slots_of(image).value().size(), 1200u);
    document.nodes[0].top.children[700].value = "another";
    const auto updated = update_tnds_slotted(image, document).value();
    EXPECT_EQ(patches(image, updated).size(), 1u);
    EXPECT_EQ(parse_tnds_wbxml(updated).value(), document);
}

TEST(slotted, random_trees_survive_and_random_changes_stay_in_their_slots) {
    randomly::dice d(20261122);
    std::size_t updates = 0, overflows = 0;
    for (int round = 0; round < 400; ++round) {
        auto document = randomly::document(d);
        const auto image = serialize_tnds_slotted(document);
        ASSERT_TRUE(image) << round << ": " << image.error().message();
        const auto read = parse_tnds_wbxml(image.value());
        ASSERT_TRUE(read) << round << ": " << sentence(read.error());
        ASSERT_EQ(read.value(), document) << round;
        ASSERT_EQ(update_tnds_slotted(image.value(), document).value(), image.value()) << round;

        std::vector<node*> leaves;
        const auto collect = [&](auto&& self, node& n) -> void {
            if (n.value) leaves.push_back(&n);
            for (auto& child : n.children) self(self, child);
        };
        for (auto& placed : document.nodes) collect(collect, placed.top);
        if (leaves.empty()) continue;
        auto* chosen = leaves[randomly::below(d, leaves.size())];
        chosen->value = randomly::value(d, chosen->format);
        const auto updated = update_tnds_slotted(image.value(), document);
        if (!updated) {
            EXPECT_EQ(updated.error(), document_errc::slot_overflow);
            ++overflows;
            continue;
        }
        ++updates;
        ASSERT_EQ(parse_tnds_wbxml(updated.value()).value(), document) << round;
        ASSERT_EQ(updated.value().size(), image.value().size());
    }
    EXPECT_GT(updates, 100u);
    EXPECT_GT(overflows, 5u);
}
