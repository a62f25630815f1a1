#include "management-object/card_image.hpp"

#include "management-object/control_file.hpp"
#include "secure-channel/command_packet.hpp"
#include "secure-channel/short_message.hpp"
#include "tests/management-object/card_script.hpp"
#include "tests/management-object/random_tree.hpp"

#include <gtest/gtest.h>

#include <algorithm>

using namespace ota;
using namespace ota::management_object;
using verb = node_change::verb;

namespace {

const uri at_imps{{"IMPS"}};
constexpr std::uint16_t object_file = 0x6432, spare_file = 0x6532, directory_file = 0x6430, control_file_id = 0x6440;

node imps(std::string address) {
    return interior(
        "IMPS",
        {interior("x", {text_leaf("ProviderID", "example"), text_leaf("Addr", std::move(address)),
                        leaf("Port", node_format::integer, "5222"), text_leaf("User", "alice@example.org"),
                        text_leaf("Domain", "imps.example.org"), leaf("Key", node_format::bin, "\x01\xFF")})},
        "urn:oma:mo:oma-imps:1.0");
}

image_form form(std::size_t size) { return {.size = size}; }
uri at(std::string_view text) { return parse_uri(text).value(); }
wire::octets imps_image(std::size_t size = 700) {
    return make_image(imps("imps.old.example.org"), at_imps, form(size)).value();
}
node_change value_change(std::string_view where, std::string value) {
    return {.what = verb::replace, .at = at(where), .value = std::move(value)};
}

wire::octets changed(const wire::octets& image, const node_change& change) {
    auto out = change_image(image, change, at_imps, form(image.size()));
    EXPECT_TRUE(out) << out.error().message();
    return out ? out.value() : wire::octets();
}
std::error_code refusal(const wire::octets& image, const node_change& change, const editing& how = {}) {
    auto out = change_image(image, change, at_imps, form(image.size()), how);
    return out ? std::error_code() : out.error();
}

/// Short messages of a USIM whose keys are AES, with a checksum of 8 octets and ciphering.
std::size_t messages(std::size_t octets) {
    namespace sc = secure_channel;
    for (std::size_t n = 1;; ++n) {
        const auto packet = sc::segments_capacity(n, false);
        if (sc::data_capacity(packet, {0x16, 0x19}, {0x12}, {0x12}, 8) >= octets) return n;
    }
}

control_file control_of(const wire::octets& image, std::uint16_t file = object_file) {
    control_file out;
    out.entries.push_back({.file = 0x6433});
    out.entries.push_back({.file = file});
    return with_image(out, file, file, image).value();
}
wire::octets control_image(const control_file& control) {
    auto out = serialize_control_file(control).value();
    out.resize(64, 0xFF);
    return out;
}

struct planned {
    wire::octets control_before, control_after;
    script_plan patch, rewrite;
};
planned plan(const wire::octets& before, const wire::octets& after) {
    planned out;
    const auto control = control_of(before);
    out.control_before = control_image(control);
    out.control_after = control_image(with_image(control, object_file, object_file, after).value());
    const file_step control_step{control_file_id, out.control_before, out.control_after};
    out.patch = plan_script({{object_file, before, after}, control_step});
    out.rewrite = plan_script({{object_file, {}, after}, control_step});
    return out;
}

}  // namespace

TEST(card_image, is_the_document_padded_to_the_file) {
    const auto image = imps_image();
    EXPECT_EQ(image.size(), 700u);
    EXPECT_LT(used_length(image), 700u);
    const auto placed = read_image(image).value();
    ASSERT_TRUE(placed);
    EXPECT_EQ(placed->path, uri{});
    EXPECT_EQ(placed->top, imps("imps.old.example.org"));
    EXPECT_TRUE(slots_of(wire::octet_view(image).first(used_length(image))));
}

TEST(card_image, of_nothing_but_padding_holds_no_object) {
    EXPECT_FALSE(read_image(empty_image(100)).value());
    EXPECT_EQ(get_from_image(empty_image(100), {}).error(), dm_status::not_found);
    EXPECT_FALSE(read_image(wire::octets(100, 0x00)));
    const auto image = imps_image();
    EXPECT_FALSE(read_image(wire::octet_view(image).first(used_length(image) - 1)));
}

TEST(card_image, gives_the_value_of_a_node_and_the_names_below_one) {
    const auto image = imps_image();
    EXPECT_EQ(get_from_image(image, at("x/Addr")).value(), "imps.old.example.org");
    EXPECT_EQ(get_from_image(image, at("x/Key")).value(), "\x01\xFF");
    EXPECT_EQ(get_from_image(image, {}).value(), "x");
    EXPECT_EQ(get_from_image(image, at("x/No")).error(), dm_status::not_found);
}

TEST(card_image, a_replaced_value_changes_its_slot_only) {
    const auto before = imps_image();
    for (const auto* address : {"imps.new.example.org", "imps.longer.example.org1", "short"}) {
        const auto after = changed(before, value_change("x/Addr", address));
        EXPECT_EQ(get_from_image(after, at("x/Addr")).value(), address);
        EXPECT_EQ(difference(before, after, 5, 255).size(), 1u);
        EXPECT_EQ(used_length(after), used_length(before));
    }
}

TEST(card_image, a_value_that_outgrows_its_slot_makes_a_new_layout) {
    const auto before = imps_image();
    const std::string address(60, 'x');
    const auto after = changed(before, value_change("x/Addr", address));
    EXPECT_EQ(read_image(after).value()->top, imps(address));
    EXPECT_GT(used_length(after), used_length(before));
}

TEST(card_image, nodes_come_go_and_are_copied) {
    auto image = changed(imps_image(2000), {.what = verb::add, .at = at("x/Name"), .value = "Chat"});
    EXPECT_EQ(get_from_image(image, at("x/Name")).value(), "Chat");
    image = changed(image, {.what = verb::add, .at = at("y"), .format = node_format::node});
    image = changed(image, {.what = verb::copy, .at = at("y/Copy"), .from = at("x/Addr")});
    EXPECT_EQ(get_from_image(image, at("y/Copy")).value(), "imps.old.example.org");
    image = changed(image, {.what = verb::add, .at = at("z"), .subtree = imps("other")});
    EXPECT_EQ(get_from_image(image, at("z/x/Addr")).value(), "other");
    image =
        changed(image, {.what = verb::replace, .at = at("x"), .subtree = interior("any", {text_leaf("Addr", "n")})});
    EXPECT_EQ(get_from_image(image, {}).value(), "x/y/z");
    EXPECT_EQ(get_from_image(image, at("x")).value(), "Addr");
    for (const auto* gone : {"y", "z", "x/Addr"}) image = changed(image, {.what = verb::remove, .at = at(gone)});
    EXPECT_EQ(get_from_image(image, at("x")).value(), "");
}

TEST(card_image, the_whole_object_is_added_replaced_and_removed) {
    const auto nothing = empty_image(700);
    const auto added = changed(nothing, {.what = verb::add, .subtree = imps("imps.old.example.org")});
    EXPECT_EQ(added, imps_image());
    EXPECT_EQ(changed(nothing, {.what = verb::replace, .subtree = imps("imps.old.example.org")}), added);
    EXPECT_EQ(changed(added, {.what = verb::replace, .subtree = imps("imps.new.example.org")}),
              changed(added, value_change("x/Addr", "imps.new.example.org")));
    EXPECT_EQ(changed(added, {.what = verb::remove}), nothing);
    EXPECT_EQ(read_image(
                  changed(nothing, {.what = verb::add, .format = node_format::node, .type = "urn:oma:mo:oma-imps:1.0"}))
                  .value()
                  ->top.type,
              "urn:oma:mo:oma-imps:1.0");
}

TEST(card_image, refuses_as_a_session_would) {
    const auto image = imps_image();
    EXPECT_EQ(refusal(image, value_change("x/No", "v")), dm_status::not_found);
    EXPECT_EQ(refusal(image, value_change("x", "v")), dm_status::command_not_allowed);
    EXPECT_EQ(refusal(image, value_change("x/Port", "many")), dm_status::unsupported_media_type_or_format);
    EXPECT_EQ(refusal(image, {.what = verb::add, .at = at("x/Addr"), .value = "v"}), dm_status::already_exists);
    EXPECT_EQ(refusal(image, {.what = verb::add, .at = at("y/Addr"), .value = "v"}), dm_status::not_found);
    EXPECT_EQ(refusal(image, {.what = verb::add, .subtree = imps("")}), dm_status::already_exists);
    EXPECT_EQ(refusal(image, {.what = verb::copy, .at = at("x/z"), .from = at("q")}), dm_status::not_found);
    EXPECT_EQ(refusal(image, {.what = verb::remove, .at = at("q")}), dm_status::not_found);
    EXPECT_EQ(refusal(image, {.what = verb::replace, .at = at("q"), .subtree = imps("")}), dm_status::not_found);
    EXPECT_EQ(refusal(image, {.what = verb::add, .at = at("x/TooLong"), .value = "v"}, {.limits = {.max_seg_len = 5}}),
              dm_status::uri_too_long);
    EXPECT_EQ(refusal(image, value_change("x/Addr", std::string(600, 'x'))), dm_status::device_full);
    EXPECT_EQ(refusal(empty_image(700), value_change("x/Addr", "v")), dm_status::not_found);
}

TEST(card_image, gives_up_slack_and_slots_before_it_gives_up) {
    const auto roomy = used_length(imps_image());
    const auto fits = [](std::size_t size) { return make_image(imps("imps.old.example.org"), at_imps, form(size)); };
    auto least = roomy;
    while (fits(least - 1)) --least;
    EXPECT_LT(least + 50, roomy);
    EXPECT_EQ(fits(least - 1).error(), dm_status::device_full);
    for (auto size = least; size < roomy; ++size) {
        EXPECT_EQ(read_image(fits(size).value()).value()->top, imps("imps.old.example.org")) << size;
    }
    const image_form plain{.size = 700, .layout = image_layout::plain};
    EXPECT_FALSE(slots_of(make_image(imps("a"), at_imps, plain).value()));
    EXPECT_EQ(read_image(make_image(imps("a"), at_imps, plain).value()).value()->top, imps("a"));
}

TEST(card_image, an_address_of_twenty_octets_changes_with_one_message) {
    const auto before = imps_image();
    for (const auto* address : {"imps.new.example.org", "imps.longer.example.org1"}) {
        const auto scripts = plan(before, changed(before, value_change("x/Addr", address)));
        EXPECT_EQ(messages(scripts.patch.octets), 1u) << scripts.patch.octets;
        EXPECT_GE(messages(scripts.rewrite.octets), 4u);
    }
}

TEST(card_image, five_values_of_one_object_change_with_two_messages) {
    const auto before = imps_image();
    auto after = before;
    const std::pair<const char*, const char*> values[] = {{"x/ProviderID", "another"},
                                                          {"x/Addr", "imps.new.example.com"},
                                                          {"x/Port", "5223"},
                                                          {"x/User", "bob@example.com"},
                                                          {"x/Domain", "imps.example.com"}};
    for (const auto& [where, value] : values) after = changed(after, value_change(where, value));
    EXPECT_LE(messages(plan(before, after).patch.octets), 2u);
}

TEST(card_image, random_changes_give_the_tree_that_the_commands_give) {
    randomly::dice d(3);
    std::size_t kept = 0, rebuilt = 0, refused = 0;
    for (int round = 0; round < 120; ++round) {
        auto top = randomly::tree(d, "IMPS", 4);
        if (top.is_leaf()) continue;
        auto image = make_image(top, at_imps, form(16000)).value();
        for (int step = 0; step < 8; ++step) {
            std::vector<uri> places;
            const auto collect = [&](auto&& self, const node& n, const uri& here) -> void {
                places.push_back(here);
                for (const auto& child : n.children) self(self, child, here / child.name);
            };
            collect(collect, top, {});
            const auto pick = [&] { return places[randomly::below(d, places.size())]; };
            auto expected = top;
            node_change change;
            wire::result<void> done = BOOST_OUTCOME_V2_NAMESPACE::success();
            const auto name = "new" + std::to_string(randomly::below(d, 3));
            switch (randomly::below(d, 6)) {
                case 0:
                    change = {.what = verb::remove, .at = pick()};
                    if (change.at.is_root()) continue;
                    done = remove(expected, change.at);
                    break;
                case 1:
                    change = {.what = verb::copy, .at = pick() / name, .from = pick()};
                    done = copy(expected, change.from, change.at);
                    break;
                case 2:
                    change = {.what = verb::add, .at = pick() / name, .subtree = randomly::tree(d, "", 2)};
                    done = add(expected, change.at, *change.subtree);
                    break;
                default:
                    change = {.what = verb::replace, .at = pick()};
                    if (const auto* leaf = find(std::as_const(top), change.at); leaf->is_leaf())
                        change.value = randomly::value(d, leaf->format);
                    done = replace(expected, change.at, change.value);
            }
            const auto result = change_image(image, change, at_imps, form(16000));
            ASSERT_EQ(result.has_value(), done.has_value()) << round << "." << step;
            if (!done) {
                ASSERT_EQ(result.error(), done.error());
                ++refused;
                continue;
            }
            const auto next = result.value();
            ASSERT_EQ(read_image(next).value()->top, expected) << round << "." << step;
            const auto scripts = plan(image, next);
            ASSERT_EQ(after_runs(scripts.patch, object_file, image, 9999), next);
            ASSERT_EQ(after_runs(scripts.rewrite, object_file, image, 9999), next);
            ASSERT_LE(scripts.patch.octets, scripts.rewrite.octets);
            ++(used_length(next) == used_length(image) ? kept : rebuilt);
            image = next;
            top = expected;
        }
    }
    EXPECT_GT(kept, 50u);
    EXPECT_GT(rebuilt, 100u);
    EXPECT_GT(refused, 50u);
}

TEST(card_script, a_cut_script_confirms_the_old_object_or_the_new_one_and_never_a_mix) {
    randomly::dice d(17);
    std::size_t torn = 0;
    for (int round = 0; round < 60; ++round) {
        const auto before = make_image(randomly::tree(d, "IMPS", 4), at_imps, form(12000)).value();
        const auto after = round % 3 == 0 ? empty_image(12000)
                                          : make_image(randomly::tree(d, "IMPS", 4), at_imps, form(12000)).value();
        const auto planned = plan(before, after);
        for (const auto* script : {&planned.patch, &planned.rewrite}) {
            for (std::size_t runs = 0; runs <= script->runs.size(); ++runs) {
                const auto object = after_runs(*script, object_file, before, runs);
                const auto control =
                    parse_control_file(after_runs(*script, control_file_id, planned.control_before, runs));
                if (!control || !confirms(*control.value().find(object_file), object)) {
                    ++torn;
                    continue;
                }
                const auto used = wire::octet_view(object).first(control.value().find(object_file)->used);
                const bool old = std::ranges::equal(used, wire::octet_view(before).first(used_length(before)));
                const bool whole = std::ranges::equal(used, wire::octet_view(after).first(used_length(after)));
                ASSERT_TRUE(old || whole) << round << " after " << runs;
            }
            ASSERT_EQ(after_runs(*script, object_file, before, script->runs.size()), after);
            ASSERT_EQ(after_runs(*script, control_file_id, planned.control_before, script->runs.size()),
                      planned.control_after);
        }
    }
    EXPECT_GT(torn, 60u);
}

TEST(card_script, with_a_pair_of_files_no_reader_meets_a_torn_object) {
    randomly::dice d(18);
    for (int round = 0; round < 30; ++round) {
        const auto before = make_image(randomly::tree(d, "IMPS", 4), at_imps, form(12000)).value();
        const auto older = make_image(randomly::tree(d, "IMPS", 4), at_imps, form(12000)).value();
        const auto after = make_image(randomly::tree(d, "IMPS", 4), at_imps, form(12000)).value();
        const wire::octets directory_before{0x04, 0x02, 0x64, 0x32}, directory_after{0x04, 0x02, 0x65, 0x32};
        const auto control_before = control_image(control_of(before));
        const auto control_after =
            control_image(with_image(control_of(before), object_file, spare_file, after).value());
        const auto script = plan_script({{spare_file, older, after},
                                         {directory_file, directory_before, directory_after},
                                         {control_file_id, control_before, control_after}});
        for (std::size_t runs = 0; runs <= script.runs.size(); ++runs) {
            const auto directory = after_runs(script, directory_file, directory_before, runs);
            const auto live = wire::reader(wire::octet_view(directory).subspan(2)).u16();
            // A foreign reader follows the directory alone.
            const auto read = after_runs(script, live, live == object_file ? before : older, runs);
            ASSERT_EQ(read, live == object_file ? before : after) << round << " after " << runs;
        }
        EXPECT_EQ(after_runs(script, control_file_id, control_before, script.runs.size()), control_after);
    }
}

TEST(card_script, counts_the_octets_of_its_commands) {
    const wire::octets old(300, 0), next(300, 1), small{1, 2, 3}, other{1, 9, 3};
    const auto whole = plan_script({{1, {}, next}, {2, small, other}, {3, small, small}});
    ASSERT_EQ(whole.runs.size(), 3u);  // 255 and 45 octets, then one
    EXPECT_EQ(whole.octets, 7u + 5 + 255 + 5 + 45 + 7 + 5 + 1);
    EXPECT_EQ(whole.commands, 5u);
    EXPECT_EQ(whole.runs[2], (file_run{2, {1, {9}}}));
    const auto costly = plan_script({{2, small, other}}, {.select_first = 9});
    EXPECT_EQ(costly.octets, 9u + 5 + 1);
    EXPECT_EQ(plan_script({{1, old, old}}), script_plan{});
}
