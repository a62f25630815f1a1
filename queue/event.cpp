#include "queue/event.hpp"

#include "queue/base64.hpp"
#include "queue/content_hash.hpp"
#include "queue/json_members.hpp"
#include "queue/json_place.hpp"
#include "queue/node_uri.hpp"
#include "queue/timestamp.hpp"

#include <boost/json/monotonic_resource.hpp>
#include <boost/json/parser.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <charconv>

namespace ota::queue {
namespace {

namespace json = boost::json;

/// Why a member is refused: reason code, dotted path of the member, what is wrong with it. Never a value: it may be a
/// secret.
struct fault {
    std::string_view reason;
    std::string_view path;
    std::string_view what;
};
using verdict = std::optional<fault>;  // empty: good
constexpr verdict good = std::nullopt;

constexpr std::size_t max_id = 256;         // octets
constexpr std::size_t max_source = 1024;    // octets
constexpr std::size_t max_mime_type = 255;  // octets

std::string_view view(const json::string& s) noexcept { return {s.data(), s.size()}; }
std::string_view view(const json::value& v) noexcept { return view(v.get_string()); }

/// The members that we know, found in one pass; null when absent.
struct envelope {
    const json::value *specversion, *type, *source, *id, *subject, *time, *datacontenttype, *traceparent, *data;
};
struct content {
    const json::value *op, *node, *from, *format, *type, *value, *revision, *options;
};
struct choices {
    const json::value *not_before, *expires_at, *priority, *bearer;
};
template <class T>
using member = std::pair<std::string_view, const json::value * T::*>;

constexpr std::array<member<envelope>, 9> envelope_members{{{"specversion", &envelope::specversion},
                                                            {"type", &envelope::type},
                                                            {"source", &envelope::source},
                                                            {"id", &envelope::id},
                                                            {"subject", &envelope::subject},
                                                            {"time", &envelope::time},
                                                            {"datacontenttype", &envelope::datacontenttype},
                                                            {"traceparent", &envelope::traceparent},
                                                            {"data", &envelope::data}}};
constexpr std::array<member<content>, 8> content_members{{{"op", &content::op},
                                                          {"node", &content::node},
                                                          {"from", &content::from},
                                                          {"format", &content::format},
                                                          {"type", &content::type},
                                                          {"value", &content::value},
                                                          {"revision", &content::revision},
                                                          {"options", &content::options}}};
constexpr std::array<member<choices>, 4> choice_members{{{"not_before", &choices::not_before},
                                                         {"expires_at", &choices::expires_at},
                                                         {"priority", &choices::priority},
                                                         {"bearer", &choices::bearer}}};

/// False when the object has a member that is not listed.
template <class T, std::size_t N>
bool pick(const json::object& from, const std::array<member<T>, N>& members, T& into) noexcept {
    bool all_known = true;
    for (const auto& found : from) {
        const std::string_view name(found.key().data(), found.key().size());
        const auto known = std::find_if(members.begin(), members.end(), [&](const auto& m) { return m.first == name; });
        if (known == members.end())
            all_known = false;
        else
            into.*known->second = &found.value();
    }
    return all_known;
}

/// CloudEvents strings hold no control characters [CloudEvents 1.0, type system].
bool printable(std::string_view text) noexcept {
    return std::none_of(text.begin(), text.end(),
                        [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

// --- who: id, source, subject. What fails here is a dead letter (R23). ---

verdict read_name(const json::value* v, std::string_view path, std::size_t limit, std::string_view reason,
                  std::string& into) {
    if (v == nullptr) return fault{reason, path, "is missing"};
    if (!v->is_string()) return fault{reason, path, "is not a string"};
    const auto text = view(*v);
    if (text.empty()) return fault{reason, path, "is empty"};
    if (text.size() > limit) return fault{reason, path, "is too long"};
    if (!printable(text)) return fault{reason, path, "has a control character"};
    into = text;
    return good;
}

verdict read_subject(const json::value* v, std::string_view key, std::string& into) {
    if (v == nullptr || v->is_null()) return fault{"no-subject", "subject", "is missing"};
    if (!v->is_string()) return fault{"bad-subject", "subject", "is not a string"};
    const auto text = view(*v);
    if (text.empty()) return fault{"no-subject", "subject", "is empty"};
    const bool digits = std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
    if (!digits || text.size() < 18 || text.size() > 20)  // R21
        return fault{"bad-subject", "subject", "is not an ICCID of 18 to 20 digits"};
    into = text;
    if (!key.empty() && key != text) return fault{"key-subject-mismatch", "subject", "is not the record's key"};
    return good;
}

/// Reads all three as far as they go; the first fault counts.
verdict read_identity(const envelope& event, std::string_view key, change_event& into) {
    const auto id = read_name(event.id, "id", max_id, "no-id", into.id);
    const auto source = read_name(event.source, "source", max_source, "no-source", into.source);
    const auto subject = read_subject(event.subject, key, into.subject);
    return id ? id : source ? source : subject;
}

// --- what kind of event ---

bool is_json_media_type(std::string_view text) noexcept {
    text = text.substr(0, text.find(';'));
    while (text.ends_with(' ')) text.remove_suffix(1);
    constexpr std::string_view expected = "application/json";
    return std::equal(text.begin(), text.end(), expected.begin(), expected.end(),
                      [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a + 32 : a) == b; });
}

verdict read_time(const json::value* v, std::string_view path, std::optional<wall_time>& into) {
    if (v == nullptr) return good;
    if (v->is_string()) into = parse_timestamp(view(*v));
    if (!into) return fault{"bad-time", path, "is not an RFC 3339 time"};
    return good;
}

bool is_text(const json::value* v, std::string_view text) noexcept {
    return v != nullptr && v->is_string() && view(*v) == text;
}

verdict read_envelope(const envelope& event, change_event& into) {
    if (!is_text(event.specversion, "1.0")) return fault{"bad-specversion", "specversion", "is not \"1.0\""};
    if (!is_text(event.type, "dm.mo.change.v1")) return fault{"bad-type", "type", "is not \"dm.mo.change.v1\""};
    const auto* media = event.datacontenttype;
    if (media != nullptr && !(media->is_string() && is_json_media_type(view(*media))))
        return fault{"bad-datacontenttype", "datacontenttype", "is not application/json"};
    std::optional<wall_time> ignored;
    if (auto f = read_time(event.time, "time", ignored)) return f;
    const auto* trace = event.traceparent;
    if (trace != nullptr && trace->is_string() && is_traceparent(view(*trace))) into.traceparent = view(*trace);
    return good;
}

// --- data ---

verdict read_op(const content& data, change_event& into) {
    const auto* v = data.op;
    if (v == nullptr) return fault{"bad-op", "data.op", "is missing"};
    if (v->is_string())
        for (auto op :
             {operation::add, operation::replace, operation::erase, operation::copy, operation::get, operation::exec})
            if (view(*v) == name_of(op)) {
                into.op = op;
                return good;
            }
    return fault{"bad-op", "data.op", "is not one of add, replace, delete, copy, get, exec"};
}

verdict read_uri(const json::value* v, std::string_view path, std::string_view reason, std::string& into) {
    if (v == nullptr) return fault{reason, path, "is missing"};
    if (!v->is_string()) return fault{reason, path, "is not a string"};
    if (const auto what = fault_of_node_uri(view(*v))) return fault{reason, path, *what};
    into = view(*v);
    return good;
}

verdict read_nodes(const content& data, change_event& into) {
    if (auto f = read_uri(data.node, "data.node", "bad-node", into.node)) return f;
    if (into.op == operation::copy) return read_uri(data.from, "data.from", "bad-from", into.copy_from);
    if (data.from != nullptr) return fault{"bad-from", "data.from", "stands in an operation that is not copy"};
    return good;
}

verdict read_meta(const content& data, change_event& into) {
    static constexpr std::array<std::string_view, 6> formats{"bin", "chr", "int", "bool", "xml", "null"};
    if (const auto* v = data.format) {
        if (!v->is_string() || std::find(formats.begin(), formats.end(), view(*v)) == formats.end())
            return fault{"bad-format", "data.format", "is not one of bin, chr, int, bool, xml, null"};
        into.format = view(*v);
    }
    if (const auto* v = data.type) {
        if (!v->is_string() || v->get_string().empty() || v->get_string().size() > max_mime_type ||
            !printable(view(*v)))
            return fault{"bad-mime-type", "data.type", "is not a MIME type"};
        into.type = view(*v);
    }
    if (const auto* v = data.revision) {
        if (!v->is_int64() || v->get_int64() < 0)
            return fault{"bad-revision", "data.revision", "is not an integer from 0 to 2^63 - 1"};
        into.revision = v->get_int64();
    }
    return good;
}

bool is_integer(std::string_view text) noexcept {
    std::int64_t number = 0;
    const auto end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, number);
    return error == std::errc() && stop == end;
}

/// What is wrong with a value that is there, by the format that the event states.
std::string_view misfit(std::string_view format, const json::value& v) noexcept {
    if (format == "bin") return v.is_string() && is_base64(view(v)) ? "" : "is not base64, as format bin wants";
    if (format == "chr" || format == "xml") return v.is_string() ? "" : "is not a string, as its format wants";
    if (format == "int")
        return v.is_int64() || (v.is_string() && is_integer(view(v))) ? "" : "is not an integer, as format int wants";
    if (format == "bool")
        return v.is_bool() || (v.is_string() && (view(v) == "true" || view(v) == "false"))
                   ? ""
                   : "is not true or false, as format bool wants";
    if (format == "null")
        return v.is_null() || (v.is_string() && view(v).empty()) ? "" : "is not null, as format null wants";
    return "";
}

verdict read_value(const content& data, change_event& into) {
    const auto* v = data.value;
    const bool takes_value = into.op == operation::add || into.op == operation::replace || into.op == operation::exec;
    if (!takes_value) {
        if (v != nullptr && !v->is_null())
            return fault{"bad-value", "data.value", "is not allowed with this operation"};
        return good;
    }
    if (v == nullptr) {
        if (into.op == operation::replace && into.format != "null")
            return fault{"bad-value", "data.value", "is missing in a replace"};
        return good;
    }
    if (const auto what = misfit(into.format, *v); !what.empty()) return fault{"bad-value", "data.value", what};
    if (v->is_string())
        into.value = {node_value::kind::text, std::string(view(*v))};
    else
        into.value = {node_value::kind::json, json::serialize(*v)};
    return good;
}

verdict read_options(const content& data, change_event& into) {
    if (data.options == nullptr) return good;
    const auto* object = data.options->if_object();
    if (object == nullptr) return fault{"bad-options", "data.options", "is not an object"};
    choices options{};
    // A misspelt "not_before" would mean "at once": unknown members are refused.
    if (!pick(*object, choice_members, options))
        return fault{"bad-options", "data.options", "has a member that is not known"};
    if (auto f = read_time(options.not_before, "data.options.not_before", into.not_before)) return f;
    if (auto f = read_time(options.expires_at, "data.options.expires_at", into.expires_at)) return f;
    if (into.not_before && into.expires_at && *into.expires_at <= *into.not_before)
        return fault{"bad-time", "data.options.expires_at", "is not after not_before"};
    if (const auto* v = options.priority) {
        if (!v->is_int64() || v->get_int64() < -8 || v->get_int64() > 7)
            return fault{"bad-priority", "data.options.priority", "is not an integer from -8 to 7"};
        into.priority = static_cast<std::int8_t>(v->get_int64());
    }
    if (const auto* v = options.bearer) {
        const auto wish = v->is_string() ? view(*v) : std::string_view();
        if (wish != "any" && wish != "sms" && wish != "bip")
            return fault{"bad-bearer", "data.options.bearer", "is not one of any, sms, bip"};
        into.bearer = wish == "any" ? bearer_wish::any : wish == "sms" ? bearer_wish::sms : bearer_wish::bip;
    }
    return good;
}

verdict read_data(const envelope& event, change_event& into) {
    if (event.data == nullptr) return fault{"bad-data", "data", "is missing"};
    const auto* object = event.data->if_object();
    if (object == nullptr) return fault{"bad-data", "data", "is not an object"};
    content data{};
    if (!pick(*object, content_members, data)) return fault{"bad-data", "data", "has a member that is not known"};
    for (const auto read : {read_op, read_nodes, read_meta, read_value, read_options})
        if (auto f = read(data, into)) return f;
    into.content_hash = content_hash(into.subject, *event.data);
    return good;
}

unreadable refuse(bool dead_letter, const fault& f, std::string_view text, change_event& event) {
    unreadable out{dead_letter,         std::string(f.reason),   {}, std::move(event.source),
                   std::move(event.id), std::move(event.subject)};
    out.detail.append(f.path)
        .append(" ")
        .append(f.what)
        .append(", at offset ")
        .append(std::to_string(place_of(text, f.path)));
    return out;
}

/// Of two ids nobody knows which one is meant (R23); of two of anything else nobody knows what is wanted.
unreadable refuse_repeated(const repeated_member& twice, change_event& event) {
    const bool who = twice.outermost && (twice.name == "id" || twice.name == "source" || twice.name == "subject");
    unreadable out{
        who, who ? "bad-json" : "bad-data", {}, std::move(event.source), std::move(event.id), std::move(event.subject)};
    out.detail.append("a member stands twice in its object, at offset ").append(std::to_string(twice.offset));
    return out;
}

unreadable not_json(const std::string& what, std::size_t offset) {
    unreadable out{true, "bad-json", {}, {}, {}, {}};
    out.detail.append("the record ").append(what).append(", at offset ").append(std::to_string(offset));
    return out;
}

}  // namespace

bool is_traceparent(std::string_view text) noexcept {
    if (text.size() != 55 || text[2] != '-' || text[35] != '-' || text[52] != '-') return false;
    return std::count(text.begin(), text.end(), '-') == 3 && std::all_of(text.begin(), text.end(), [](char c) {
               return c == '-' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
           });
}

std::variant<change_event, unreadable> parse_event(std::string_view text, std::string_view key) {
    // An event of usual size is parsed without touching the heap; larger ones spill over to it.
    unsigned char tree[8192], scratch[4096];
    json::monotonic_resource memory(tree, sizeof tree);
    json::parser parser(json::storage_ptr(), json::parse_options(), scratch, sizeof scratch);
    parser.reset(&memory);
    json::error_code error;
    const auto taken = parser.write_some(text.data(), text.size(), error);
    if (error) return not_json("is not JSON: " + error.message(), taken);
    if (taken != text.size()) return not_json("goes on after its JSON object", taken);
    const auto root = parser.release();
    const auto* object = root.if_object();
    if (object == nullptr) return not_json("is not a JSON object", 0);

    envelope members{};
    pick(*object, envelope_members, members);  // what we do not know here is an extension attribute: tolerated
    change_event event;
    if (auto f = read_identity(members, key, event)) return refuse(true, *f, text, event);
    if (const auto twice = find_repeated_member(text, root)) return refuse_repeated(*twice, event);
    for (const auto read : {read_envelope, read_data})
        if (auto f = read(members, event)) return refuse(false, *f, text, event);
    return event;
}

}  // namespace ota::queue
