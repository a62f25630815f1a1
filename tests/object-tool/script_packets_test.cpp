#include "gateway/object-tool/object_patch.hpp"

#include "gateway/profile/object_files.hpp"
#include "secure-channel/command_packet.hpp"
#include "secure-channel/short_message.hpp"
#include "tests/management-object/random_tree.hpp"
#include "tests/object-tool/card_of_files.hpp"
#include "tests/object-tool/tool_run.hpp"

namespace ota::object_tool {

namespace {

namespace mo = management_object;
namespace sc = secure_channel;

const mo::uri at_imps{{"IMPS"}};

/// The sample profile, with an object that random trees fit into.
card_profile roomy(object_layout layout, std::size_t segments = 8) {
    auto p = read_profile("usim-aes-dm", source("config/profiles/usim-aes-dm.yaml")).value();
    p.max_segments = segments;
    auto& object = p.management_objects.front();
    object.layout = layout;
    object.file.size = 20'000;
    object.description.reset();
    return p;
}

/// Short messages that the packet takes when it is really sealed and cut.
std::size_t sent(const card_profile& p, const script_packet& packet) {
    const sc::key_set keys(sc::secret(wire::octets(16, 1)), sc::secret(wire::octets(16, 2)));
    const auto kic = static_cast<std::uint8_t>(0x10 | p.kic_algorithm),
               kid = static_cast<std::uint8_t>(0x10 | p.kid_algorithm);
    const auto sealed = sc::seal_command({p.spi, {kic}, {kid}, {{0xB0, 0x00, 0x00}}, {7}}, packet.script, keys);
    return sc::split_packet(sealed.value(), sc::packet_kind::command, 1, p.wide_reference).value().size();
}

void run_all(card_of_files& card, const card_profile& p, const script_cost& cost) {
    for (const auto& packet : cost.packets) {
        ASSERT_EQ(packet.script, sc::serialize_script(packet.commands, sc::script_format::compact).value());
        ASSERT_EQ(packet.messages, sent(p, packet));
        ASSERT_LE(packet.messages, p.max_segments);
        card.run(packet.commands);
    }
}

card_of_files card_with(const card_profile& p, const wire::octets& image) {
    card_of_files out;
    const auto control = *mo::with_image(factory_control(p), 0x6432, 0x6432, image);
    out.files[0x6440] = control_image(p, control);
    out.files[0x6432] = image;
    return out;
}

mo::node random_top(mo::randomly::dice& d) { return mo::randomly::tree(d, "IMPS", 4); }

/// Addresses of the leaves that have a value.
void leaves_of(const mo::node& n, const mo::uri& at, std::vector<mo::uri>& out) {
    if (n.is_leaf() && n.value) out.push_back(at);
    for (const auto& child : n.children) leaves_of(child, at / child.name, out);
}

std::vector<mo::slot> slots_in(const wire::octets& image) {
    return mo::slots_of(wire::octet_view(image).first(mo::used_length(image))).value();
}

}  // namespace

TEST(script_packets, a_leaf_that_keeps_its_slot_takes_one_message) {
    mo::randomly::dice d(41);
    const auto p = roomy(object_layout::slotted);
    const auto& object = p.management_objects.front();
    // SELECT by path, UPDATE BINARY of the value and of its VerNo, SELECT and UPDATE BINARY of the control file: what
    // is left of one message is for the value.
    const auto room = capacity_of(p, 1, 8) - (9 + 5 + 5 + 5 + 7 + 5 + 17);
    ASSERT_GE(room, 40U);
    std::size_t kept = 0, moved = 0;
    for (int round = 0; round < 400; ++round) {
        const auto top = random_top(d);
        std::vector<mo::uri> leaves;
        leaves_of(top, {}, leaves);
        if (leaves.empty()) continue;
        const auto& at = leaves[mo::randomly::below(d, leaves.size())];
        const auto& leaf = *mo::find(top, at);
        const auto value = mo::randomly::value(d, leaf.format);
        const bool base64 = leaf.format == mo::node_format::bin || leaf.format == mo::node_format::b64;
        const auto longest = std::max(value.size(), leaf.value->size());
        if ((base64 ? (longest + 2) / 3 * 4 : longest) > room) continue;
        const auto before = mo::make_image(top, at_imps, form_of(object)).value();
        const auto after = mo::change_image(before, {.at = at, .value = value}, at_imps, form_of(object)).value();
        if (slots_in(before) != slots_in(after)) {
            ++moved;
            continue;
        }
        const auto planned = plan_patch(p, object, before, after, {}).value();
        if (planned.patch.ranges.empty()) continue;
        ASSERT_EQ(planned.patch.messages(), 1U) << round;
        ASSERT_LE(planned.patch.octets(), planned.rewrite.octets());
        auto card = card_with(p, before);
        run_all(card, p, planned.patch);
        ASSERT_EQ(card.files[0x6432], after);
        ++kept;
    }
    EXPECT_GT(kept, 100U);
    EXPECT_GT(moved, 10U);
}

TEST(script_packets, whatever_changes_the_scripts_lead_to_the_image_that_was_planned) {
    mo::randomly::dice d(42);
    std::size_t several = 0, deleted = 0;
    for (const auto layout : {object_layout::slotted, object_layout::plain, object_layout::ber_tlv}) {
        for (int round = 0; round < 40; ++round) {
            const auto p = roomy(layout, layout == object_layout::ber_tlv ? 100 : 2 + mo::randomly::below(d, 7));
            const auto& object = p.management_objects.front();
            const auto before = mo::make_image(random_top(d), at_imps, form_of(object)).value();
            const auto after = round % 5 == 0
                                   ? mo::empty_image(object.file.size)
                                   : mo::replace_image(before, random_top(d), at_imps, form_of(object)).value();
            const auto planned = plan_patch(p, object, before, after, {}).value();
            for (const auto* cost : {&planned.patch, &planned.rewrite}) {
                auto card = card_with(p, before);
                run_all(card, p, *cost);
                ASSERT_EQ(card.files[0x6432], after) << round;
                const auto control = mo::parse_control_file(card.files[0x6440]).value();
                ASSERT_TRUE(mo::confirms(*control.find(0x6432), after));
                several += cost->packets.size() > 1 ? 1U : 0U;
                for (const auto& range : cost->ranges) deleted += range.deleted ? 1U : 0U;
            }
        }
    }
    EXPECT_GT(several, 20U);
    EXPECT_GT(deleted, 20U);
}

TEST(script_packets, changes_of_the_sample_object_take_the_messages_that_are_promised) {
    const std::vector<std::string> names{"ProviderID", "Name", "AppAddr/x/Addr", "AppAuth/x/AAuthName",
                                         "AppAuth/x/AAuthSecret"};
    for (const auto layout : {object_layout::slotted, object_layout::ber_tlv}) {
        auto p = read_profile("usim-aes-dm", source("config/profiles/usim-aes-dm.yaml")).value();
        auto& object = p.management_objects.front();
        auto top = mo::read_image(object.factory_image).value()->top;
        object.layout = layout;
        const auto form = form_of(object);
        const auto replace = [&](mo::node& in, const std::string& name, std::string value) {
            ASSERT_TRUE(mo::replace(in, mo::parse_uri(name).value(), std::move(value)));
        };
        for (const auto& name : names) replace(top, name, std::string(20, 'a'));
        const auto before = mo::make_image(top, at_imps, form).value();
        const auto messages_to = [&](const mo::node& next) {
            const auto image = mo::replace_image(before, next, at_imps, form).value();
            return plan_patch(p, object, before, image, {}).value().patch.messages();
        };
        for (const auto& name : names) {
            for (const std::size_t length : {20U, 24U}) {
                auto next = top;
                replace(next, name, std::string(length, 'b'));
                EXPECT_EQ(messages_to(next), 1U) << name;
            }
        }
        auto next = top;
        for (const auto& name : names) replace(next, name, std::string(20, 'b'));
        EXPECT_LE(messages_to(next), 2U);
        // An object added: what its octets take, and at most one message more for what stands around them.
        const auto none = mo::empty_image(before.size());
        const auto added = plan_patch(p, object, none, before, {}).value().patch.messages();
        const auto full = capacity_of(p, p.max_segments, 8), used = mo::used_length(before);
        EXPECT_LE(added, used / full * p.max_segments + messages_of(p, used % full, 8) + 1);
    }
}

TEST(script_packets, the_control_file_is_never_cut) {
    mo::randomly::dice d(43);
    for (int round = 0; round < 60; ++round) {
        const auto p = roomy(object_layout::slotted, 2);
        const auto& object = p.management_objects.front();
        const auto before = mo::make_image(random_top(d), at_imps, form_of(object)).value();
        const auto after = mo::make_image(random_top(d), at_imps, form_of(object)).value();
        const auto cost = plan_patch(p, object, before, after, {}).value().patch;
        if (cost.packets.empty()) continue;
        auto card = card_with(p, before);
        const auto control = card.files[0x6440];
        for (const auto& packet : cost.packets) {
            ASSERT_EQ(card.files[0x6440], control) << "before the last packet";
            card.run(packet.commands);
        }
        ASSERT_NE(card.files[0x6440], control);
    }
}

TEST(script_packets, an_object_that_no_packet_holds_is_refused) {
    const auto p = roomy(object_layout::ber_tlv, 2);
    const auto& object = p.management_objects.front();
    const auto make = [&](char letter) {
        return mo::make_image(mo::interior("IMPS", {mo::text_leaf("A", std::string(300, letter))}), at_imps,
                              form_of(object))
            .value();
    };
    EXPECT_EQ(plan_patch(p, object, make('a'), make('b'), {}).error(), make_error_code(sc::errc::too_long));
}

TEST(script_packets, count_messages_as_a_packet_fills) {
    const auto p = roomy(object_layout::slotted, 3);
    std::size_t longest = 0;
    for (std::size_t n = 1; n <= 3; ++n) {
        EXPECT_EQ(messages_of(p, longest + 1, 8), n);
        longest = capacity_of(p, n, 8);
        EXPECT_EQ(messages_of(p, longest, 8), n);
        EXPECT_EQ(sent(p, {.commands = {}, .script = wire::octets(longest, 0)}), n);
        EXPECT_EQ(sent(p, {.commands = {}, .script = wire::octets(longest + 1, 0)}), n + 1);
    }
    EXPECT_EQ(messages_of(p, longest + 1, 8), 0U);
    EXPECT_GT(capacity_of(p, 1, 4), 0U);
}

}  // namespace ota::object_tool
