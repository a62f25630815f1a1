#include "queue/event.hpp"
#include "queue/status_reader.hpp"

#include "queue/reason.hpp"
#include "tests/queue/event_samples.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace ota::queue {
namespace {

using namespace std::chrono;

const std::string subject = "8949012345678901234";

change_event taken(const std::string& text, std::string_view key = {}) {
    auto read = parse_event(text, key);
    if (const auto* bad = std::get_if<unreadable>(&read)) {
        ADD_FAILURE() << text << ": " << bad->reason << ": " << bad->detail;
        return {};
    }
    return std::get<change_event>(std::move(read));
}

unreadable refused(const std::string& text, std::string_view key = {}) {
    auto read = parse_event(text, key);
    if (const auto* bad = std::get_if<unreadable>(&read)) return *bad;
    ADD_FAILURE() << text << " was taken";
    return {};
}

TEST(event, reads_every_field) {
    const auto e = taken(
        R"({"specversion":"1.0","type":"dm.mo.change.v1","source":"/dm/1","id":"e-1","subject":"8949012345678901234",)"
        R"("traceparent":"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",)"
        R"("data":{"op":"copy","node":"./A/B","from":"./A/C","format":"chr","type":"text/plain","revision":9223372036854775807,)"
        R"("options":{"not_before":"2026-01-01T00:00:00Z","expires_at":"2026-01-02T00:00:00+01:00","priority":7,"bearer":"sms"}}})",
        subject);
    EXPECT_EQ(e.source, "/dm/1");
    EXPECT_EQ(e.id, "e-1");
    EXPECT_EQ(e.subject, subject);
    EXPECT_EQ(e.op, operation::copy);
    EXPECT_EQ(e.node, "./A/B");
    EXPECT_EQ(e.copy_from, "./A/C");
    EXPECT_EQ(e.format, "chr");
    EXPECT_EQ(e.type, "text/plain");
    EXPECT_EQ(e.value.is, node_value::kind::absent);
    EXPECT_EQ(e.revision, 9223372036854775807);
    EXPECT_EQ(e.not_before, sys_days(2026y / 1 / 1));
    EXPECT_EQ(e.expires_at, sys_days(2026y / 1 / 2) - 1h);
    EXPECT_EQ(e.priority, 7);
    EXPECT_EQ(e.bearer, bearer_wish::sms);
    EXPECT_EQ(e.traceparent, "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
}

TEST(event, keeps_a_text_value_as_text_and_any_other_as_json) {
    EXPECT_EQ(taken(samples::with_data(R"({"op":"replace","node":"./A","value":"a\"b"})")).value,
              (node_value{node_value::kind::text, "a\"b"}));
    EXPECT_EQ(taken(samples::with_data(R"({"op":"replace","node":"./A","value": {"k" : [1,true]}})")).value,
              (node_value{node_value::kind::json, R"({"k":[1,true]})"}));
    EXPECT_EQ(taken(samples::with_data(R"({"op":"replace","node":"./A","value":null})")).value,
              (node_value{node_value::kind::json, "null"}));
}

TEST(event, takes_what_is_well_formed) {
    for (const auto& s : samples::taken()) {
        SCOPED_TRACE(s.name);
        taken(s.json, subject);
    }
}

TEST(event, without_identity_or_json_is_a_dead_letter) {  // R23
    for (const auto& s : samples::dead()) {
        SCOPED_TRACE(s.name);
        const auto bad = refused(s.json);
        EXPECT_EQ(bad.reason, s.reason);
        EXPECT_TRUE(bad.dead_letter);
        EXPECT_NE(bad.detail.find("at offset "), std::string::npos) << bad.detail;
    }
}

TEST(event, with_identity_but_other_faults_is_rejected_under_its_name) {  // R23
    for (const auto& s : samples::rejected()) {
        SCOPED_TRACE(s.name);
        const auto bad = refused(s.json, subject);
        EXPECT_EQ(bad.reason, s.reason);
        EXPECT_FALSE(bad.dead_letter);
        EXPECT_EQ(bad.id, "e-1");
        EXPECT_EQ(bad.source, "/dm/1");
        EXPECT_EQ(bad.subject, subject);
        EXPECT_NE(bad.detail.find("at offset "), std::string::npos) << bad.detail;
    }
}

TEST(event, every_reason_code_is_listed_and_has_a_sample) {
    std::vector<std::string> seen{"key-subject-mismatch"};
    for (const auto* list : {&samples::dead(), &samples::rejected()})
        for (const auto& s : *list) seen.push_back(s.reason);
    for (const auto& r : reasons) EXPECT_NE(std::ranges::find(seen, r.code), seen.end()) << r.code;
    for (const auto& code : seen)
        EXPECT_NE(std::ranges::find_if(reasons, [&](const auto& r) { return r.code == code; }), reasons.end()) << code;
}

TEST(event, must_have_the_records_key_as_subject) {  // R23
    const auto text = samples::altered("/dm/1", "/dm/1");
    const auto bad = refused(text, "8949012345678901235");
    EXPECT_EQ(bad.reason, "key-subject-mismatch");
    EXPECT_TRUE(bad.dead_letter);
    EXPECT_EQ(bad.id, "e-1");
    EXPECT_EQ(bad.subject, subject);
    taken(text, "");
}

TEST(event, refusal_names_field_and_offset_but_never_a_value) {
    const std::string canary = "canary-7f3a";
    const auto text = samples::with_data(R"({"op":"replace","node":"./A","format":"int","value":")" + canary + "\"}");
    const auto bad = refused(text);
    EXPECT_EQ(bad.detail, "data.value is not an integer, as format int wants, at offset " +
                              std::to_string(text.find('"' + canary)));
    EXPECT_EQ(bad.detail.find(canary), std::string::npos);
    const auto priority = samples::with_options(R"({"bearer":"any","priority" : "canary-7f3a"})");
    EXPECT_EQ(refused(priority).detail, "data.options.priority is not an integer from -8 to 7, at offset " +
                                            std::to_string(priority.find("\"canary")));
}

TEST(event, says_where_a_member_stands_twice) {
    const auto text =
        samples::with_data(R"({"op":"replace","node":"./A","value":"canary-7f3a","v\u0061lue":"canary-7f3a"})");
    const auto read = parse_event(text, {});
    ASSERT_TRUE(std::holds_alternative<unreadable>(read));
    const auto& bad = std::get<unreadable>(read);
    EXPECT_FALSE(bad.dead_letter);
    EXPECT_EQ(bad.id, "e-1");
    EXPECT_EQ(bad.detail,
              "a member stands twice in its object, at offset " + std::to_string(text.find("\"v\\u0061lue")));
}

TEST(event, says_where_its_json_breaks) {
    const auto text = samples::altered(R"("op":"replace")", R"("op":replace)");
    EXPECT_EQ(refused(text).reason, "bad-json");
    EXPECT_NE(refused(text).detail.find("at offset " + std::to_string(text.find("replace"))), std::string::npos)
        << refused(text).detail;
}

TEST(event, is_refused_at_every_strict_prefix_and_with_one_octet_more) {
    const auto text = samples::altered("/dm/1", "/dm/1");
    for (std::size_t n = 0; n < text.size(); ++n) EXPECT_EQ(refused(text.substr(0, n)).reason, "bad-json") << n;
    EXPECT_EQ(refused(text + "x").reason, "bad-json");
    taken(text + " \n");
}

TEST(event, survives_random_mutations_and_never_repeats_the_value) {
    const auto text = samples::altered("Example", "canary-7f3a");
    std::mt19937 random(20260301);
    int refusals = 0;
    for (int run = 0; run < 20'000; ++run) {
        auto mutated = text;
        for (int k = static_cast<int>(random() % 3); k >= 0; --k) {
            const auto at = random() % mutated.size();
            switch (random() % 3) {
                case 0: mutated[at] = static_cast<char>(random()); break;
                case 1: mutated.erase(at, 1); break;
                default: mutated.insert(at, 1, "{}[]\",:\\0a"[random() % 10]); break;
            }
        }
        const auto read = parse_event(mutated, subject);
        if (const auto* bad = std::get_if<unreadable>(&read)) {
            ++refusals;
            EXPECT_EQ(bad->detail.find("canary"), std::string::npos) << bad->detail;
            EXPECT_NE(std::ranges::find_if(reasons, [&](const auto& r) { return r.code == bad->reason; }),
                      reasons.end());
        } else {
            const auto& e = std::get<change_event>(read);
            auto again = taken(serialize_event(e), subject);
            EXPECT_EQ(serialize_event(again), serialize_event(e));
        }
    }
    EXPECT_GT(refusals, 5'000);
}

TEST(event, round_trips_through_its_own_text) {
    for (const auto& s : samples::taken()) {
        SCOPED_TRACE(s.name);
        const auto first = taken(s.json);
        const auto second = taken(serialize_event(first), subject);
        EXPECT_EQ(second.op, first.op);
        EXPECT_EQ(second.node, first.node);
        EXPECT_EQ(second.copy_from, first.copy_from);
        EXPECT_EQ(second.value, first.value);
        EXPECT_EQ(second.revision, first.revision);
        EXPECT_EQ(second.not_before, first.not_before);
        EXPECT_EQ(second.expires_at, first.expires_at);
        EXPECT_EQ(second.priority, first.priority);
        EXPECT_EQ(second.bearer, first.bearer);
    }
}

TEST(event, content_hash_ignores_form_but_not_content) {  // R22
    const auto a = taken(samples::with_data(R"({"op":"replace","node":"./A","value":{"x":1,"y":[2,3]},"revision":7})"));
    const auto b =
        taken(samples::with_data(R"({ "revision":7 , "value":{"y":[2,3],"x":1.0},"node":".\/A","op":"replace"})"));
    EXPECT_EQ(a.content_hash, b.content_hash);
    EXPECT_NE(a.content_hash, 0u);
    const auto other_id = taken(samples::altered("e-1", "e-2"));
    EXPECT_EQ(other_id.content_hash, taken(samples::altered("e-1", "e-1")).content_hash);
    for (const auto* data : {R"({"op":"replace","node":"./A","value":{"x":1,"y":[3,2]},"revision":7})",
                             R"({"op":"replace","node":"./A","value":{"x":"1","y":[2,3]},"revision":7})",
                             R"({"op":"add","node":"./A","value":{"x":1,"y":[2,3]},"revision":7})",
                             R"({"op":"replace","node":"./A","value":{"x":1,"y":[2,3]},"revision":8})"})
        EXPECT_NE(taken(samples::with_data(data)).content_hash, a.content_hash) << data;
}

TEST(event, larger_than_the_parsers_own_memory_is_read_all_the_same) {
    const std::string big(2'000'000, 'v');
    const auto e = taken(samples::with_data(R"({"op":"replace","node":"./A","value":")" + big + "\"}"));
    EXPECT_EQ(e.value.text, big);
    EXPECT_EQ(refused(std::string(100'000, '[')).reason, "bad-json");
}

TEST(status, carries_the_outcome_under_an_id_of_its_own) {
    status_event s;
    s.event_source = "/dm/1";
    s.event_id = "e-1";
    s.subject = subject;
    s.node = "./SC/USIM/SPN";
    s.op = operation::erase;
    s.state = name_of(event_state::failed);
    s.reason = "file-not-found";
    s.detail = "say \"no\"\n\xff";
    s.value = "AQID";
    s.revision = 3;
    s.sequence = 2;
    s.at = sys_days(2026y / 3 / 1) + 1500ms;
    EXPECT_EQ(
        serialize_status(s),
        R"({"specversion":"1.0","type":"dm.mo.status.v1","source":"otagw:/dm/1","id":"e-1/failed/2",)"
        R"("subject":"8949012345678901234","time":"2026-03-01T00:00:01.500Z","datacontenttype":"application/json",)"
        R"("data":{"event_source":"/dm/1","event_id":"e-1","op":"delete","node":"./SC/USIM/SPN","state":"failed",)"
        R"("final":true,"reason":"file-not-found","detail":"say \"no\"\n\ufffd","value":"AQID","revision":3,"sequence":2}})");
    const auto read = parse_status(serialize_status(s));
    ASSERT_TRUE(read);
    EXPECT_EQ(std::tie(read->event_source, read->event_id, read->subject, read->node, read->state, read->reason),
              std::tie(s.event_source, s.event_id, s.subject, s.node, s.state, s.reason));
    EXPECT_TRUE(read->final);
    EXPECT_EQ(read->at, s.at);
    EXPECT_EQ(state_named(read->state), event_state::failed);
}

TEST(status, that_is_none_is_not_read) {
    status_event later;
    later.state = "incorporated";
    later.final = false;
    const auto good = serialize_status(later);
    EXPECT_FALSE(parse_status(good).value().final);
    EXPECT_FALSE(state_named(later.state)) << "not a final state";
    for (std::size_t length = 0; length < good.size(); ++length) EXPECT_FALSE(parse_status(good.substr(0, length)));
    for (const auto* bad : {"[]", "{}", R"({"data":7})", R"({"data":{"final":true}})",
                            R"({"time":"2026-03-01T00:00:00Z","data":{"final":"true"}})"})
        EXPECT_FALSE(parse_status(bad)) << bad;
}

}  // namespace
}  // namespace ota::queue
