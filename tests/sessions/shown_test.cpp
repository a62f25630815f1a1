#include "gateway/cards/events.hpp"
#include "gateway/cards/show.hpp"
#include "gateway/cards/vault.hpp"
#include "tests/sessions/session_world.hpp"

#include <sstream>

// What operators see of it.
namespace ota::simulation {
namespace {

using testing::HasSubstr;
using testing::Not;

struct desk_world : session_world {
    cards::desk desk{state(), profiles(), kek(), [this](std::span<std::uint8_t> out) { fill(out); },
                     [this] { return now; }};
    std::string card() {
        std::ostringstream out;
        const auto sheet = cards::look_up(desk, iccid(0)).value();
        cards::print_sheet(sheet, out);
        return out.str() + cards::serialize_sheet(sheet);
    }
    std::string event(const std::string& id) {
        std::ostringstream out;
        const auto rows = cards::find_events(desk, id, "urn:test", {}).value();
        const auto sheet = cards::look_up_event(desk, rows.at(0)).value();
        cards::print_event_sheet(sheet, out);
        return out.str() + cards::serialize_event_sheet(sheet);
    }
};

TEST(shown, is_what_the_device_confirmed_of_a_card_and_of_an_event) {
    desk_world w;
    w.provision(0, "subscriber-0", "secret-0");
    const auto id = w.replace_leaf(address, "imps-1.example.org");
    ASSERT_TRUE(w.run(minutes(5)));
    EXPECT_THAT(w.card(), Not(HasSubstr("incorporated")));
    EXPECT_THAT(w.event(id), Not(HasSubstr("incorporated")));
    phone_in_world bench(w, 0);
    EXPECT_EQ(w.call(bench), "done");
    EXPECT_THAT(w.event(id), HasSubstr("device    incorporated"));
    EXPECT_THAT(w.event(id), HasSubstr(R"("device":{"state":"incorporated")"));
    EXPECT_THAT(w.card(), HasSubstr("    device    incorporated"));
    ASSERT_TRUE(bench.phone.edit(at(address), "mine.example.org"));
    EXPECT_EQ(w.call(bench), "done");
    EXPECT_THAT(w.card(), HasSubstr("edited there 1 time(s)"));
    EXPECT_THAT(w.card(), HasSubstr(R"("drifts":1)"));
    EXPECT_THAT(w.card(), Not(HasSubstr("secret-0")));
    EXPECT_THAT(w.card(), Not(HasSubstr("mine.example.org")));
}

}  // namespace
}  // namespace ota::simulation
