#include "gateway/object-tool/object_json.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

namespace ota::object_tool {

namespace json = boost::json;

namespace {

std::string hex_of(std::uint16_t number) {
    wire::writer out;
    if (number > UINT8_MAX) {
        out.u16(number);
    } else {
        out.u8(static_cast<std::uint8_t>(number));
    }
    return wire::to_hex(out.buffer());
}

std::string_view name_of(object_layout layout) {
    switch (layout) {
        case object_layout::slotted: return "slotted";
        case object_layout::plain: return "plain";
        case object_layout::ber_tlv: return "ber-tlv";
    }
    return "";
}

std::string_view name_of(object_patch::way how) {
    switch (how) {
        case object_patch::way::patch: return "patch";
        case object_patch::way::pair: return "pair";
        case object_patch::way::data_objects: return "data-objects";
    }
    return "";
}

json::object range_of(const written_range& range) {
    json::object out{{"file", hex_of(range.file)}};
    if (range.tag) {
        out["tag"] = hex_of(*range.tag);
    } else {
        out["offset"] = range.offset;
    }
    out["length"] = range.length;
    if (range.deleted) out["deleted"] = true;
    return out;
}

void put(json::object& out, const script_cost& cost) {
    json::array ranges, packets;
    for (const auto& each : cost.ranges) ranges.push_back(range_of(each));
    for (const auto& each : cost.packets)
        packets.push_back(json::object{
            {"script", wire::to_hex(each.script)}, {"octets", each.script.size()}, {"sms", each.messages}});
    out["ranges"] = std::move(ranges);
    out["packets"] = std::move(packets);
    out["octets"] = cost.octets();
    out["sms"] = cost.messages();
}

}  // namespace

std::string serialize_patch(const object_patch& p) {
    json::object out{{"profile", p.profile},
                     {"object", p.uri},
                     {"tar", wire::to_hex(p.tar.octets)},
                     {"layout", name_of(p.layout)},
                     {"way", name_of(p.how)}};
    if (p.slack) out["slack"] = *p.slack;
    put(out, p.patch);
    json::object rewrite;
    put(rewrite, p.rewrite);
    out["rewrite"] = std::move(rewrite);
    return json::serialize(out);
}

}  // namespace ota::object_tool
