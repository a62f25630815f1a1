#include "management-object/tlv_layout.hpp"

#include "management-object/control_file.hpp"
#include "tests/management-object/random_tree.hpp"

#include <gtest/gtest.h>

using namespace ota;
using namespace ota::management_object;

namespace {

const uri at_mail{{"Mail"}};

node mail(std::string host) {
    return interior(
        "Mail", {text_leaf("Host", std::move(host)), leaf("Port", node_format::integer, "25"),
                 leaf("Key", node_format::bin, std::string("\x00\xFF", 2)), leaf("On", node_format::boolean, "true")});
}

/// What SET DATA does to a file.
wire::octets applied(const wire::octets& image, const std::vector<wire::octets>& commands) {
    auto objects = parse_tlv_image(image).value();
    wire::octets body;
    const auto finish = [&] {
        if (body.empty()) return;
        const auto tag_octets = body[0] == 0x9F ? 2u : 1u;
        const auto tag = tag_octets == 1 ? body[0] : static_cast<std::uint16_t>(body[0] << 8 | body[1]);
        std::erase_if(objects, [&](const auto& o) { return o.tag == tag; });
        if (body.size() > tag_octets) objects.push_back(parse_tlv_image(body).value().front());
        body.clear();
    };
    for (const auto& command : commands) {
        EXPECT_EQ(wire::to_hex(wire::octet_view(command).first(3)), "80db00");
        EXPECT_EQ(command[4], command.size() - 5);
        if (command[3] == 0x80) finish();
        body.insert(body.end(), command.begin() + 5, command.end());
    }
    finish();
    return serialize_tlv_image(objects, image.size()).value();
}

}  // namespace

TEST(tlv_layout, has_an_object_for_each_value_and_a_frame) {
    const auto image = make_tlv_image(mail("smtp.example.org"), at_mail, 500).value();
    const auto objects = parse_tlv_image(image).value();
    ASSERT_EQ(objects.size(), 5u);
    EXPECT_EQ(objects[0].tag, frame_tag);
    EXPECT_EQ(wire::as_text(objects[1].value), "smtp.example.org");
    EXPECT_EQ(wire::to_hex(objects[3].value), "00ff");
    EXPECT_EQ(wire::as_text(wire::octet_view(image)).find("smtp.example.org"),
              wire::as_text(image).rfind("smtp.example.org"));
    const auto placed = read_tlv_image(image).value();
    ASSERT_TRUE(placed);
    EXPECT_EQ(placed->top, mail("smtp.example.org"));
    EXPECT_FALSE(read_tlv_image(wire::octets(50, 0xFF)).value());
}

TEST(tlv_layout, a_value_changes_with_one_command_however_long_it_becomes) {
    const auto before = make_tlv_image(mail("short"), at_mail, 500).value();
    const std::string host(90, 'x');
    const auto after = make_tlv_image(mail(host), at_mail, 500, before).value();
    const auto commands = tlv_commands(before, after).value();
    ASSERT_EQ(commands.size(), 1u);
    EXPECT_EQ(wire::to_hex(wire::octet_view(commands[0]).first(7)), "80db00805c815a");
    EXPECT_EQ(applied(before, commands), after);
}

TEST(tlv_layout, a_node_keeps_its_tag_while_others_come_and_go) {
    const auto before = make_tlv_image(mail("a"), at_mail, 500).value();
    auto top = mail("a");
    top.children.insert(top.children.begin(), text_leaf("First", "1"));
    top.children.erase(top.children.begin() + 2);  // Port
    const auto after = make_tlv_image(top, at_mail, 500, before).value();
    EXPECT_EQ(read_tlv_image(after).value()->top, top);
    const auto commands = tlv_commands(before, after).value();
    EXPECT_EQ(commands.size(), 3u);  // the new value, the frame, and the end of the old one
    EXPECT_EQ(wire::to_hex(commands.back()), "80db00800182");
    EXPECT_EQ(applied(before, commands), after);
}

TEST(tlv_layout, a_script_cut_before_its_frame_shows_no_value_in_the_place_of_another) {
    const auto before = make_tlv_image(mail("a"), at_mail, 500).value();
    auto top = mail("a");
    top.children.erase(top.children.begin() + 1);  // Port goes, another comes
    top.children.push_back(text_leaf("User", "alice"));
    const auto commands = tlv_commands(before, make_tlv_image(top, at_mail, 500, before).value()).value();
    ASSERT_EQ(commands.size(), 3u);
    for (std::size_t n = 0; n <= commands.size(); ++n) {
        const auto torn = applied(before, {commands.begin(), commands.begin() + static_cast<std::ptrdiff_t>(n)});
        EXPECT_EQ(read_tlv_image(torn).value()->top, n < 2 ? mail("a") : top) << n;
    }
}

TEST(tlv_layout, tags_of_nodes_that_went_are_used_again) {
    auto top = interior("Mail", {});
    auto image = make_tlv_image(top, at_mail, 9000).value();
    for (int round = 0; round < 300; ++round) {
        top.children = {text_leaf("n" + std::to_string(round), "v")};
        image = make_tlv_image(top, at_mail, 9000, image).value();
        EXPECT_EQ(read_tlv_image(image).value()->top, top);
    }
    // All tags in use, and one of their nodes changes its name: then there is no other tag.
    top.children.clear();
    for (int i = 0; i < 127; ++i) top.children.push_back(text_leaf("n" + std::to_string(i), "v"));
    image = make_tlv_image(top, at_mail, 9000).value();
    top.children.back().name = "renamed";
    EXPECT_EQ(read_tlv_image(make_tlv_image(top, at_mail, 9000, image).value()).value()->top, top);
}

TEST(tlv_layout, a_value_may_end_with_the_octet_of_the_padding) {
    const auto top = interior("Mail", {leaf("Key", node_format::bin, std::string("\xFF\xFF\xFF", 3))});
    const auto image = make_tlv_image(top, at_mail, 300).value();
    EXPECT_EQ(read_tlv_image(image).value()->top, top);
    EXPECT_EQ(parse_tlv_image(image).value().back().value.size(), 3u);
    const auto full =
        serialize_tlv_image(parse_tlv_image(image).value(), used_length(image) + 3).value();  // no padding at all
    EXPECT_EQ(read_tlv_image(full).value()->top, top);
}

TEST(tlv_layout, refuses_what_does_not_fit_or_is_cut) {
    EXPECT_EQ(make_tlv_image(mail("a"), at_mail, 60).error(), dm_status::device_full);
    auto many = interior("Mail", {});
    for (int i = 0; i < 127; ++i) many.children.push_back(text_leaf("n" + std::to_string(i), "v"));
    EXPECT_EQ(read_tlv_image(make_tlv_image(many, at_mail, 9000).value()).value()->top, many);
    many.children.push_back(text_leaf("one more", "v"));
    EXPECT_EQ(make_tlv_image(many, at_mail, 9000).error(), document_errc::too_large);

    const auto image = make_tlv_image(mail("a"), at_mail, 500).value();
    const auto used = wire::octet_view(image).first(used_length(image));
    for (std::size_t n = 1; n < used.size(); ++n) EXPECT_FALSE(read_tlv_image(used.first(n))) << n;
    auto more = wire::octets(used.begin(), used.end());
    more.push_back(0x81);
    EXPECT_FALSE(parse_tlv_image(more));
    more.back() = 0x02;
    EXPECT_FALSE(parse_tlv_image(more));
}

TEST(tlv_layout, random_objects_survive_and_random_commands_lead_to_the_next_image) {
    randomly::dice d(5);
    node last = interior("Mail", {});
    auto image = make_tlv_image(last, at_mail, 20000).value();
    std::size_t made = 0;
    for (int round = 0; round < 200; ++round) {
        auto top = randomly::tree(d, "Mail", 4);
        if (round % 2 == 0) {  // a small change of what there is
            top = last;
            top.children.push_back(text_leaf("added" + std::to_string(round), randomly::text(d, 300)));
        }
        const auto next = make_tlv_image(top, at_mail, 20000, image);
        if (!next) continue;  // more values than tags
        ++made;
        ASSERT_EQ(read_tlv_image(next.value()).value()->top, top) << round;
        ASSERT_EQ(applied(image, tlv_commands(image, next.value(), 1 + randomly::below(d, 255)).value()), next.value())
            << round;
        image = next.value();
        last = top.is_leaf() ? interior("Mail", {}) : top;
    }
    EXPECT_GT(made, 150u);
}
