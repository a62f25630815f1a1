#pragma once

#include <string>
#include <vector>

namespace ota::queue::samples {

/// Events that are taken, and events that are refused with their reason code.
struct sample {
    const char* name;
    std::string json;
    std::string reason;           ///< empty: taken
    bool schema_can_tell = true;  ///< whether the JSON Schema refuses it too
};

/// An event with this data object, otherwise good.
inline std::string with_data(const std::string& data) {
    return R"({"specversion":"1.0","type":"dm.mo.change.v1","source":"/dm/1","id":"e-1","subject":"8949012345678901234","data":)" +
           data + "}";
}
inline std::string with_options(const std::string& options) {
    return with_data(R"({"op":"get","node":"./SC/USIM/SPN","options":)" + options + "}");
}
inline std::string with_node(const std::string& node) { return with_data(R"({"op":"get","node":")" + node + "\"}"); }
/// A good event in which one piece of text is replaced by another.
inline std::string altered(const std::string& from, const std::string& to) {
    std::string text =
        R"({"specversion":"1.0","type":"dm.mo.change.v1","source":"/dm/1","id":"e-1","subject":"8949012345678901234",)"
        R"("time":"2026-01-01T00:00:00Z","datacontenttype":"application/json",)"
        R"("data":{"op":"replace","node":"./SC/USIM/SPN","format":"chr","value":"Example","revision":42}})";
    text.replace(text.find(from), from.size(), to);
    return text;
}

inline const std::vector<sample>& taken() {
    static const std::vector<sample> all{
        {"replace", altered("/dm/1", "/dm/1"), ""},
        {"parameters of the media type", altered("application/json", "application/json; charset=utf-8"), ""},
        {"extension attributes", altered("\"time\"", R"("traceparent":"x","anything":{"deep":[1]},"time")"), ""},
        {"get", with_data(R"({"op":"get","node":"./SC/USIM/SPN"})"), ""},
        {"get with null value", with_data(R"({"op":"get","node":"./A","value":null})"), ""},
        {"delete", with_data(R"({"op":"delete","node":"./SC/USIM/FPLMN"})"), ""},
        {"exec", with_data(R"({"op":"exec","node":"./A/B","value":{"k":[1,2.5,true,null]}})"), ""},
        {"add without value", with_data(R"({"op":"add","node":"./A/B"})"), ""},
        {"copy", with_data(R"({"op":"copy","node":"./A/B","from":"./A/C"})"), ""},
        {"bin", with_data(R"({"op":"replace","node":"./A","format":"bin","value":"AQID"})"), ""},
        {"int as number", with_data(R"({"op":"replace","node":"./A","format":"int","value":-5})"), ""},
        {"int as text", with_data(R"({"op":"replace","node":"./A","format":"int","value":"-5"})"), ""},
        {"bool", with_data(R"({"op":"replace","node":"./A","format":"bool","value":false})"), ""},
        {"null", with_data(R"({"op":"replace","node":"./A","format":"null"})"), ""},
        {"xml", with_data(R"({"op":"replace","node":"./A","format":"xml","type":"application/xml","value":"<a/>"})"),
         ""},
        {"all options",
         with_options(
             R"({"not_before":"2026-01-01T00:00:00.5+02:00","expires_at":"2026-02-01T00:00:00Z","priority":-8,"bearer":"bip"})"),
         ""},
        {"colons in texts", with_data(R"({"op":"replace","node":"./A","format":"chr","value":"a:\"b\":\\"})"), ""},
        {"one name in two objects", with_data(R"({"op":"exec","node":"./A","value":[{"k":1},{"k":{"k":2}}]})"), ""},
        {"escaped node", with_node("./A/a%20b/ü"), ""},
    };
    return all;
}

inline const std::vector<sample>& dead() {
    static const std::vector<sample> all{
        {"no JSON", "hello", "bad-json", false},
        {"empty", "", "bad-json", false},
        {"an array", "[1]", "bad-json"},
        {"two objects", "{}{}", "bad-json", false},
        {"bad UTF-8", altered("Example", "\xff"), "bad-json", false},
        {"two ids", altered("\"id\":", "\"id\":\"e-0\",\"id\":"), "bad-json", false},
        {"two subjects, one escaped", altered("\"subject\":", R"("s\u0075bject":"8949012345678901235","subject":)"),
         "bad-json", false},
        {"no id", altered(R"("id":"e-1",)", ""), "no-id"},
        {"empty id", altered("e-1", ""), "no-id"},
        {"number as id", altered("\"e-1\"", "1"), "no-id"},
        {"control character in id", altered("e-1", "e\\u0007"), "no-id"},
        {"long id", altered("e-1", std::string(257, 'x')), "no-id"},
        {"no source", altered(R"("source":"/dm/1",)", ""), "no-source"},
        {"no subject", altered(R"("subject":"8949012345678901234",)", ""), "no-subject"},
        {"17 digits", altered("8949012345678901234", "89490123456789012"), "bad-subject"},
        {"21 digits", altered("8949012345678901234", "894901234567890123456"), "bad-subject"},
        {"letters", altered("8949012345678901234", "894901234567890123F"), "bad-subject"},
    };
    return all;
}

inline const std::vector<sample>& rejected() {
    static const std::vector<sample> all{
        {"specversion 0.3", altered("\"1.0\"", "\"0.3\""), "bad-specversion"},
        {"specversion missing", altered(R"("specversion":"1.0",)", ""), "bad-specversion"},
        {"another type", altered("dm.mo.change.v1", "dm.mo.change.v2"), "bad-type"},
        {"another media type", altered("application/json", "application/xml"), "bad-datacontenttype"},
        {"bad time", altered("2026-01-01T", "2026-13-01T"), "bad-time"},
        {"no data", altered(R"("data":{)", R"("date":{)"), "bad-data"},
        {"data is text", with_data("\"x\""), "bad-data"},
        {"unknown member", with_data(R"({"op":"get","node":"./A","valeu":1})"), "bad-data"},
        {"value twice", with_data(R"({"op":"replace","node":"./A","value":"x","value":"y"})"), "bad-data", false},
        {"data twice", altered("\"data\":", R"("data":{},"data":)"), "bad-data", false},
        {"a member of the value twice", with_data(R"({"op":"exec","node":"./A","value":[{"k":[1,{"a":1,"a":1}]}]})"),
         "bad-data", false},
        {"no op", with_data(R"({"node":"./A"})"), "bad-op"},
        {"erase", with_data(R"({"op":"erase","node":"./A"})"), "bad-op"},
        {"no node", with_data(R"({"op":"get"})"), "bad-node"},
        {"node without dot", with_node("/A"), "bad-node"},
        {"root", with_node("./"), "bad-node"},
        {"empty segment", with_node("./A//B"), "bad-node"},
        {"slash at the end", with_node("./A/"), "bad-node"},
        {"parent", with_node("./A/../B"), "bad-node"},
        {"self", with_node("./A/."), "bad-node"},
        {"escaped dots", with_node("./A/%2e%2E"), "bad-node"},
        {"bad escape", with_node("./A/%4"), "bad-node"},
        {"query", with_node("./A?prop=ACL"), "bad-node"},
        {"space", with_node("./A B"), "bad-node"},
        {"long segment", with_node("./" + std::string(128, 'a')), "bad-node"},
        {"long node",
         with_node("./" + std::string(100, 'a') + "/" + std::string(100, 'b') + "/" + std::string(100, 'c') + "/" +
                   std::string(100, 'd') + "/" + std::string(107, 'e')),
         "bad-node"},
        {"deep node", with_node("./a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a"), "bad-node"},
        {"copy without from", with_data(R"({"op":"copy","node":"./A"})"), "bad-from"},
        {"get with from", with_data(R"({"op":"get","node":"./A","from":"./B"})"), "bad-from"},
        {"unknown format", with_data(R"({"op":"get","node":"./A","format":"b64"})"), "bad-format"},
        {"empty MIME type", with_data(R"({"op":"get","node":"./A","type":""})"), "bad-mime-type"},
        {"replace without value", with_data(R"({"op":"replace","node":"./A"})"), "bad-value"},
        {"get with value", with_data(R"({"op":"get","node":"./A","value":"x"})"), "bad-value"},
        {"bad base64", with_data(R"({"op":"replace","node":"./A","format":"bin","value":"AQI"})"), "bad-value"},
        {"base64 with spare bits", with_data(R"({"op":"replace","node":"./A","format":"bin","value":"AR=="})"),
         "bad-value"},
        {"number as chr", with_data(R"({"op":"replace","node":"./A","format":"chr","value":1})"), "bad-value"},
        {"text as int", with_data(R"({"op":"replace","node":"./A","format":"int","value":"1x"})"), "bad-value"},
        {"yes as bool", with_data(R"({"op":"replace","node":"./A","format":"bool","value":"yes"})"), "bad-value"},
        {"text as null", with_data(R"({"op":"replace","node":"./A","format":"null","value":"x"})"), "bad-value"},
        {"negative revision", altered("42", "-1"), "bad-revision"},
        {"revision as text", altered("42", "\"42\""), "bad-revision"},
        {"revision 2^63", altered("42", "9223372036854775808"), "bad-revision", false},
        {"options as list", with_options("[]"), "bad-options"},
        {"misspelt option", with_options(R"({"not_befor":"2026-01-01T00:00:00Z"})"), "bad-options"},
        {"not_before without zone", with_options(R"({"not_before":"2026-01-01T00:00:00"})"), "bad-time"},
        {"February 30", with_options(R"({"not_before":"2026-02-30T00:00:00Z"})"), "bad-time"},
        {"expires before it starts",
         with_options(R"({"not_before":"2026-02-01T00:00:00Z","expires_at":"2026-02-01T00:00:00Z"})"), "bad-time",
         false},
        {"priority 8", with_options(R"({"priority":8})"), "bad-priority"},
        {"bearer pigeon", with_options(R"({"bearer":"pigeon"})"), "bad-bearer"},
    };
    return all;
}

}  // namespace ota::queue::samples
