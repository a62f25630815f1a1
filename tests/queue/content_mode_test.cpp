#include "queue/content_mode.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ota::queue::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

const std::string card = "8949012345678901234";
const std::string data = R"({"op":"replace","node":"./SC/USIM/SPN","format":"chr","value":"canary-7f3a"})";

record_headers headers() {
    return {{"ce_specversion", "1.0"}, {"ce_type", "dm.mo.change.v1"},       {"ce_source", "dm"}, {"ce_id", "e-1"},
            {"ce_subject", card},      {"content-type", "application/json"}, {"other", "header"}};
}

record_headers without(const std::string& name) {
    auto out = headers();
    std::erase_if(out, [&](const auto& h) { return h.first == name; });
    return out;
}

record_headers with(const std::string& name, const std::string& value) {
    auto out = without(name);
    out.emplace_back(name, value);
    return out;
}

unreadable refused(const std::string& payload, const record_headers& h, const std::string& key = card) {
    auto read = parse_event(payload, key, h);
    if (auto* bad = std::get_if<unreadable>(&read)) {
        EXPECT_THAT(bad->detail, Not(HasSubstr("canary")));
        return *bad;
    }
    ADD_FAILURE() << payload << " was taken";
    return {};
}

change_event taken(const std::string& payload, const record_headers& h) {
    auto read = parse_event(payload, card, h);
    if (auto* event = std::get_if<change_event>(&read)) return *event;
    ADD_FAILURE() << std::get<unreadable>(read).reason << ": " << std::get<unreadable>(read).detail;
    return {};
}

TEST(content_mode, an_event_in_binary_mode_is_the_same_as_in_structured_mode) {
    const auto binary = taken(data, with("ce_traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"));
    EXPECT_EQ(binary.source, "dm");
    EXPECT_EQ(binary.id, "e-1");
    EXPECT_EQ(binary.subject, card);
    EXPECT_EQ(binary.node, "./SC/USIM/SPN");
    EXPECT_EQ(binary.value.text, "canary-7f3a");
    EXPECT_EQ(binary.traceparent, "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
    const auto structured = taken(serialize_event(binary), {{"content-type", "application/cloudevents+json"}});
    EXPECT_EQ(structured.content_hash, binary.content_hash) << "a repeat in the other mode is a repeat";
    EXPECT_EQ(structured.value, binary.value);
    const auto again = taken(to_structured_mode(data, headers()), {});
    EXPECT_EQ(again.content_hash, binary.content_hash);
}

TEST(content_mode, the_content_type_decides_and_then_the_specversion) {
    EXPECT_TRUE(in_binary_mode(headers()));
    EXPECT_TRUE(in_binary_mode(without("content-type")));
    EXPECT_FALSE(in_binary_mode(with("content-type", "Application/CloudEvents+json; charset=UTF-8")));
    EXPECT_FALSE(in_binary_mode(without("ce_specversion")));
    EXPECT_FALSE(in_binary_mode({}));
}

TEST(content_mode, without_its_headers_an_event_is_a_dead_letter) {
    for (const auto& [name, reason] : {std::pair("ce_id", "no-id"), std::pair("ce_source", "no-source"),
                                       std::pair("ce_subject", "no-subject"), std::pair("ce_specversion", "no-id")}) {
        const auto bad = refused(data, without(name));
        EXPECT_TRUE(bad.dead_letter) << name;
        EXPECT_EQ(bad.reason, reason);
    }
    EXPECT_EQ(refused(data, {}).reason, "no-id");
    EXPECT_EQ(refused(data, with("ce_subject", "8949012345678901235")).reason, "key-subject-mismatch");
    const auto bad = refused(data, with("ce_type", "other"));
    EXPECT_FALSE(bad.dead_letter);
    EXPECT_EQ(bad.reason, "bad-type");
    EXPECT_EQ(bad.id, "e-1");
    EXPECT_EQ(refused(data, with("content-type", "application/avro")).reason, "bad-datacontenttype");
    EXPECT_EQ(refused("", headers()).reason, "bad-data") << "an event without data";
}

TEST(content_mode, header_values_are_utf_8_and_nothing_else_is_decoded) {
    EXPECT_EQ(taken(data, with("ce_id", "100%41 \xc3\xa9 \"quoted\\")).id, "100%41 \xc3\xa9 \"quoted\\");
    const auto bad = refused(data, with("ce_id", "\xff\xfe"));
    EXPECT_TRUE(bad.dead_letter);
    EXPECT_EQ(bad.reason, "no-id");
    EXPECT_EQ(refused(data, with("ce_id", std::string("a\0b", 3))).reason, "no-id") << "control characters";
}

TEST(content_mode, headers_that_stand_twice_are_refused) {
    auto twice = headers();
    twice.emplace_back("ce_id", "e-2");
    const auto bad = refused(data, twice);
    EXPECT_TRUE(bad.dead_letter);
    EXPECT_EQ(bad.reason, "bad-json");
}

TEST(content_mode, a_payload_cannot_add_attributes) {
    for (const auto* payload : {R"({"op":"get","node":"./A"},"traceparent":"canary")", R"({"op":"get","node":"./A"}})",
                                "{", "canary", "\xff", R"({"op":"get","node":"./A"} {"op":"get","node":"./A"})"}) {
        const auto bad = refused(payload, headers());
        EXPECT_TRUE(bad.dead_letter) << payload;
        EXPECT_EQ(bad.reason, "bad-json") << payload;
        EXPECT_EQ(bad.id, "e-1") << payload;
        const auto whole = to_structured_mode(payload, headers());
        EXPECT_THAT(whole, HasSubstr("\"data_base64\":")) << "what is sealed of it can be read and repaired";
    }
    EXPECT_EQ(taken(R"( {"op":"get","node":"./A"} )", headers()).op, operation::get);
    EXPECT_EQ(refused("17", headers()).reason, "bad-data");
}

TEST(content_mode, a_trace_in_the_headers_stands_in_for_a_missing_one) {
    const std::string outer = "00-11111111111111111111111111111111-2222222222222222-01";
    EXPECT_EQ(taken(data, with("traceparent", outer)).traceparent, outer);
    EXPECT_EQ(taken(data, with("traceparent", "nonsense")).traceparent, "");
    const auto event = serialize_event(taken(data, headers()));
    EXPECT_EQ(taken(event, {{"traceparent", outer}}).traceparent, outer);
}

}  // namespace
}  // namespace ota::queue::testing
