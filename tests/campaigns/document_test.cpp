#include "gateway/campaigns/campaign.hpp"
#include "gateway/campaigns/marks.hpp"
#include "gateway/campaigns/progress.hpp"
#include "gateway/cards/events.hpp"
#include "queue/timestamp.hpp"

#include <gmock/gmock.h>

namespace ota::campaigns {
namespace {

using testing::Contains;
using testing::HasSubstr;

constexpr const char* full = R"(name: spring-2027
change: {op: replace, node: ./SC/USIM/SPN, format: chr, value: "Neu"}
cards: {profile: aes, label: "region=north", iccid_prefix: "8949"}
canary: {share: 0.01, failure_rate: 0.1, wait: 2h}
start: "2027-03-01T09:00:00+01:00"
end: "2027-03-20T20:00:00+01:00"
zone: {name: Europe/Berlin, label: tz}
window: {from: "09:00", to: "20:00", days: [mon, tue, wed, thu, fri]}
quiet_hours: {from: "12:30", to: "13:30"}
pace: 1000/h
sms_per_card_and_day: 4
priority: -6
bearer: sms
life: 12h
open: 5000
)";

campaign read(const std::string& yaml, config::faults& told) {
    return read_campaign(config::document::parse(yaml, "c.yaml", told).root());
}

std::string faults_of(const std::string& yaml) {
    config::faults told;
    (void)read(yaml, told);
    std::string out;
    for (const auto& f : told.list()) out += config::to_string(f) + "\n";
    return out;
}

TEST(document, says_everything_that_a_campaign_is) {
    config::faults told;
    const auto c = read(full, told);
    ASSERT_TRUE(told.list().empty()) << config::to_string(told.list().front());
    EXPECT_EQ(c.name, "spring-2027");
    EXPECT_EQ(c.change.value, "Neu");
    EXPECT_EQ(c.cards.label, "region=north");
    EXPECT_EQ(c.canary->share, 0.01);
    EXPECT_EQ(queue::serialize_timestamp(*c.start), "2027-03-01T08:00:00.000Z");
    EXPECT_EQ(c.zone.label, "tz");
    EXPECT_EQ(c.hours.window->days, 0x1F);
    EXPECT_EQ(c.hours.quiet->from, std::chrono::minutes(750));
    EXPECT_DOUBLE_EQ(c.pace, 1000.0 / 3600);
    EXPECT_EQ(c.life, std::chrono::hours(12));
}

TEST(document, is_the_same_after_it_was_stored) {
    config::faults told;
    for (const std::string pace : {"1000/h", "7/m", "20/s", "1/h"}) {
        auto yaml = std::string(full);
        yaml.replace(yaml.find("1000/h"), 6, pace);
        auto c = read(yaml, told);
        auto text = serialize_campaign(c);
        EXPECT_THAT(text, testing::Not(HasSubstr("Neu")));  // R24: the value is kept apart
        text.insert(text.find("\"node\""), "\"value\":\"Neu\",");
        EXPECT_EQ(read_campaign_json(text, told), c) << text;
    }
    EXPECT_TRUE(told.list().empty());
}

TEST(document, shows_times_as_a_person_writes_them) {
    config::faults told;
    for (const std::string text : {"7d", "36h", "12h", "90m", "30s", "1500ms"}) {
        auto c = read(full, told);
        c.canary->wait = config::document::parse("t: " + text, "", told).root().duration("t", {});
        EXPECT_THAT(serialize_campaign(c), HasSubstr("\"wait\":\"" + text + '"'));
    }
    EXPECT_THAT(serialize_campaign(read(full, told)), HasSubstr(R"("life":"12h")"));
    auto at_once = read(full, told);
    at_once.canary->wait = {};
    EXPECT_THAT(serialize_campaign(at_once), HasSubstr(R"("wait":"0s")"));
}

TEST(document, tells_every_fault_at_once_with_its_line) {
    const auto told = faults_of(
        "name: Bad Name\nchange: {op: get, format: chr}\ncards: {}\npace: fast\ncanary: {cards: 5, share: 0.1}\n"
        "window: {from: \"25:00\", to: \"09:00\"}\nzone: {name: Europe/Atlantis}\nlive: 3d\n");
    for (const auto* fault :
         {"c.yaml:1: error: name: should be 1 to 64", "change.op: should be", "change.node:", "cards: selects no card",
          "c.yaml:4: error: pace: should be cards per", "canary: give either", "window.from: should be a time",
          "zone.name: is no zone", "live"}) {
        EXPECT_THAT(told, HasSubstr(fault));
    }
}

TEST(document, the_reader_of_events_judges_the_change) {
    EXPECT_THAT(
        faults_of("name: a\nchange: {op: replace, node: \"SC/USIM\", format: chr, value: x}\ncards: {all: true}\n"),
        HasSubstr("bad-node"));
    EXPECT_THAT(
        faults_of("name: a\nchange: {op: replace, node: ./SC/USIM/SPN, format: int, value: x}\ncards: {all: true}\n"),
        HasSubstr("change: "));
}

TEST(document, a_selection_is_a_filter_or_a_list_or_all) {
    const std::string head = "name: a\nchange: {op: delete, node: ./SC/USIM/SPN}\n";
    EXPECT_EQ(faults_of(head + "cards: {all: true}\n"), "");
    EXPECT_EQ(faults_of(head + "cards: {iccids: [\"8949000000000000018\"]}\n"), "");
    EXPECT_THAT(faults_of(head + "cards: {iccids: [\"8949000000000000018\"], profile: aes}\n"),
                HasSubstr("give either"));
    EXPECT_THAT(faults_of(head + "cards: {iccids: [\"12\"]}\n"), HasSubstr("ICCID"));
    config::faults told;
    const auto c = read(
        head + "cards: {iccids: [\"8949000000000000026\", \"8949000000000000018\", \"8949000000000000026\"]}\n", told);
    EXPECT_EQ(c.cards.iccids, (std::vector<std::string>{"8949000000000000018", "8949000000000000026"}));
}

TEST(document, of_somebody_else_reaches_for_no_file_and_no_variable) {
    config::faults told;
    const auto c = read_campaign_json(
        R"({"name":"a","change":{"node":"./SC/USIM/SPN","format":"chr","value":"${file:/etc/hostname}${env:HOME}"},"cards":{"all":true}})",
        told);
    EXPECT_TRUE(told.list().empty());
    EXPECT_EQ(c.change.value, "${file:/etc/hostname}${env:HOME}");
}

TEST(document, in_json_may_escape_what_it_likes) {
    config::faults told;
    const auto c = read_campaign_json(
        R"({"name":"a","change":{"node":"./SC/USIM/SPN","format":"chr","value":"\ud83d\ude00 \u00e4 \n \"x\" #: - "},"cards":{"all":true}})",
        told);
    EXPECT_TRUE(told.list().empty());
    EXPECT_EQ(c.change.value, "\xF0\x9F\x98\x80 \xC3\xA4 \n \"x\" #: - ");
    (void)read_campaign_json("[1", told);
    EXPECT_TRUE(told.any_error());
}

TEST(document, makes_the_same_event_for_the_same_moment) {  // R22
    config::faults told;
    const auto c = read(full, told);
    const auto at = queue::parse_timestamp("2027-03-02T10:00:00Z").value();
    const auto one = std::get<std::string>(event_for(c, "8949000000000000018", at));
    EXPECT_EQ(one, std::get<std::string>(event_for(c, "8949000000000000018", at)));
    const auto event = std::get<queue::change_event>(queue::parse_event(one, "8949000000000000018"));
    EXPECT_EQ(event.source, "otagw/campaigns");
    EXPECT_THAT(cards::known_sources({}), Contains(event.source)) << "so an id alone finds it";
    EXPECT_EQ(event.id, "spring-2027/8949000000000000018");
    EXPECT_EQ(event.expires_at, at + std::chrono::hours(12));
    EXPECT_EQ(event.priority, -6);
    EXPECT_EQ(event.bearer, queue::bearer_wish::sms);
    const auto last = std::get<queue::change_event>(queue::parse_event(
        std::get<std::string>(event_for(c, "8949000000000000018", *c.end - std::chrono::minutes(5))), ""));
    EXPECT_EQ(last.expires_at, c.end);
}

TEST(marks, of_a_chunk_are_what_they_were) {
    const auto at = queue::parse_timestamp("2027-03-02T10:00:00Z").value();
    const chunk cards{{"8949000000000000018", outcome::waiting, {}, {}},
                      {"8949000000000000026", outcome::open, at, {}},
                      {"8949000000000000034", outcome::failed, at, "sw-6a82"},
                      {"89490000000000000421", outcome::waiting, at, "hours"}};
    const auto text = serialize_chunk(cards);
    EXPECT_EQ(parse_chunk(text).value(), cards);
    EXPECT_EQ(parse_chunk("").value(), chunk());
    for (std::size_t cut = 1; cut < text.size(); ++cut) {
        const bool whole_lines = text[cut - 1] == '\n';
        EXPECT_EQ(parse_chunk(std::string_view(text).substr(0, cut)).has_value(), whole_lines) << cut;
    }
    EXPECT_FALSE(parse_chunk("8949000000000000018 z 0\n"));
    EXPECT_FALSE(parse_chunk("8949000000000000018 o 12x\n"));
}

TEST(marks, canaries_are_spread_evenly_and_there_are_as_many_as_asked) {
    for (const std::size_t of : {1u, 7u, 100u, 1001u}) {
        for (const std::size_t wanted : {1u, 3u, 50u, 2000u}) {
            std::size_t n = 0;
            for (std::size_t i = 0; i < of; ++i) n += is_canary(i, of, wanted);
            EXPECT_EQ(n, std::min(of, wanted)) << of;
        }
    }
}

TEST(record, is_what_it_was_and_a_form_of_tomorrow_is_refused) {
    progress p;
    p.version = 7;
    p.is = phase::canary;
    p.halted = halt::stopped;
    p.why = "canary: \"3\" of 5";
    p.created_by = "api/ops";
    p.created_at = p.issued_at = queue::parse_timestamp("2027-03-02T10:00:00Z").value();
    p.chunks = 2;
    p.cards = 700;
    p.by_outcome[0] = 695;
    p.by_outcome[5] = 5;
    p.reasons["failed/sw-6a82"] = 5;
    p.credit = 0.25;
    p.driver = "instance/1";
    auto text = serialize_progress(p);
    EXPECT_EQ(parse_progress(text).value(), p);
    text.replace(text.find("\"form\":1"), 8, "\"form\":2");
    EXPECT_FALSE(parse_progress(text));
    EXPECT_FALSE(parse_progress("{}"));
    EXPECT_FALSE(parse_progress("no"));
}

TEST(record, counts_reasons_only_so_far) {
    progress p;
    p.cards = p.by_outcome[0] = 1000;
    std::vector<card_mark> cards(1000);
    for (std::size_t i = 0; i < cards.size(); ++i)
        remark(p, cards[i], outcome::failed, "reason-" + std::to_string(i), {});
    EXPECT_LE(p.reasons.size(), 65u);
    std::size_t sum = 0;
    for (const auto& [name, n] : p.reasons) sum += n;
    EXPECT_EQ(sum, 1000u);
    EXPECT_EQ(p.failures(), 1000u);
}

}  // namespace
}  // namespace ota::campaigns
