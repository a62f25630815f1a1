#include "gateway/cards/audit.hpp"

#include "gateway/cards/audit_command.hpp"
#include "gateway/cards/errc.hpp"
#include "gateway/flow/audit.hpp"
#include "gateway/flow/object_shadow.hpp"
#include "gateway/profile/object_files.hpp"
#include "tests/cards/card_room.hpp"

#include <gmock/gmock.h>

#include <map>

namespace ota::cards::testing {
namespace {

namespace mo = management_object;
using finding = audited_sheet::finding;
using ::testing::HasSubstr;
using ::testing::Not;

/// A card of the sample profile that holds management objects.
struct audits : room {
    audits() {
        config::faults faults;
        const auto file = std::string(OTA_SOURCE_DIR) + "/config/profiles/usim-aes-dm.yaml";
        load_profiles(config::document::load(file, faults).root().at("profiles"), profiles);
        take(header + row(iccid_a, "491700000001", "usim-aes-dm"));
        profile = profiles.at("usim-aes-dm").get();
    }
    wire::octets changed(const char* object, const char* leaf, const char* value) {
        const auto& o = *profile->find_object(object);
        const mo::node_change to{
            .what = mo::node_change::verb::replace, .at = mo::parse_uri(leaf).value(), .value = value};
        return mo::change_image(o.factory_image, to, mo::parse_uri(object).value(), form_of(o)).value();
    }
    /// As if the gateway had read the card: these contents, and what the card was made with.
    void answer(const std::map<std::string, wire::octets>& there) {
        auto tx = std::move(state->begin().value());
        auto c = std::move(take_card(*tx, desk(), iccid_a).value());
        auto& t = c.state;
        t.audit->is = flow::card_audit::phase::done;
        for (const auto& object : profile->management_objects) {
            const auto node = t.node_index(object.uri, holds_secrets(object));
            auto& n = t.nodes[node];
            n.reported = n.desired = object.factory_image;
            n.wanted = n.confirmed = true;
            const auto found = there.find(object.uri);
            t.audit->files.push_back({node, true, 0, found == there.end() ? object.factory_image : found->second});
        }
        t.audit->file = t.audit->files.size();
        ASSERT_TRUE(put_card(*tx, desk(), c, false, ids));
        ASSERT_TRUE(tx->commit());
    }
    const card_profile* profile = nullptr;
    std::ostringstream out, err;
    std::istringstream in;
};

TEST_F(audits, are_asked_for_in_the_cards_row_and_the_gateway_looks_at_once) {
    EXPECT_FALSE(look_at_audit(desk(), iccid_a).value());
    now += std::chrono::seconds(5);
    ASSERT_TRUE(ask_for_audit(desk(), iccid_a, true));
    EXPECT_EQ(card(iccid_a).row.due, now);
    const auto sheet = look_at_audit(desk(), iccid_a).value();
    ASSERT_TRUE(sheet);
    EXPECT_TRUE(sheet->repair);
    EXPECT_FALSE(sheet->clean());
    EXPECT_EQ(ask_for_audit(desk(), iccid_b, false).error(), make_error_code(errc::unknown_card));
}

TEST_F(audits, name_the_values_that_differ_but_no_secret) {
    ASSERT_TRUE(ask_for_audit(desk(), iccid_a, false));
    answer({{"./IMPS", changed("./IMPS", "Name", "Somebody else")},
            {"./DMAcc/Operator", changed("./DMAcc/Operator", "AppAuth/server/AAuthSecret", "a-secret-of-theirs")}});
    const auto sheet = look_at_audit(desk(), iccid_a).value();
    ASSERT_TRUE(sheet);
    EXPECT_FALSE(sheet->clean());
    std::size_t differ = 0;
    for (const auto& s : sheet->sheets) differ += s.found != finding::as_reported;
    EXPECT_EQ(differ, 2u);
    const auto text = serialize_audit(*sheet, iccid_a);
    print_audit(*sheet, out);
    for (const auto& said : {text, out.str()}) {
        EXPECT_THAT(said, HasSubstr("./IMPS/Name"));
        EXPECT_THAT(said, HasSubstr("Somebody else"));
        EXPECT_THAT(said, HasSubstr("AAuthSecret"));
        EXPECT_THAT(said, Not(HasSubstr("a-secret-of-theirs")));
    }
}

TEST_F(audits, of_a_card_that_is_as_it_should_be_are_clean) {
    ASSERT_TRUE(ask_for_audit(desk(), iccid_a, false));
    answer({});
    EXPECT_TRUE(look_at_audit(desk(), iccid_a).value()->clean());
    EXPECT_EQ(perform_audit({.last = true}, iccid_a, {in, out, err}, desk()), good);
    EXPECT_THAT(out.str(), HasSubstr("the card holds what it should"));
}

TEST_F(audits, the_command_says_why_there_is_nothing_to_show) {
    EXPECT_EQ(perform_audit({.last = true}, iccid_a, {in, out, err}, desk()), failed);
    EXPECT_THAT(err.str(), HasSubstr("was never audited"));
    EXPECT_EQ(perform_audit({.wait = 0}, iccid_a, {in, out, err}, desk()), good);
    EXPECT_THAT(out.str(), HasSubstr("will be audited"));
    EXPECT_EQ(perform_audit({.last = true}, iccid_a, {in, out, err}, desk()), failed);
    EXPECT_THAT(err.str(), HasSubstr("is a gateway running on this store?"));
}

}  // namespace
}  // namespace ota::cards::testing
