#include "queue/card_state.hpp"

#include "queue/object_writer.hpp"

namespace ota::queue {

namespace {

void write_image(object_writer& data, std::string& out, std::string_view name,
                 const std::optional<card_state::image>& image) {
    if (!image) return data.raw(name, "null");
    data.name(name);
    object_writer of(out);
    of.number("version", image->version);
    of.text_if_any("sha256", image->hash);
    of.close();
}

}  // namespace

std::string key_of(const card_state& s) {
    const std::string_view node = s.node;
    return s.iccid + "/" + std::string(node.starts_with("./") ? node.substr(2) : node);
}

std::string serialize_card_state(const card_state& s) {
    std::string out;
    out.reserve(512);
    object_writer envelope(out);
    envelope.text("specversion", "1.0");
    envelope.text("type", "dm.card.state.v1");
    envelope.text("source", "otagw");
    envelope.text("id", std::to_string(s.number));
    envelope.text("subject", s.iccid);
    envelope.text("time", serialize_timestamp(s.at));
    envelope.text("datacontenttype", "application/json");
    envelope.name("data");
    object_writer data(out);
    data.text("node", s.node);
    data.text("state", s.state);
    data.text_if_any("reason", s.reason);
    write_image(data, out, "desired", s.desired);
    write_image(data, out, "reported", s.reported);
    if (s.revision) data.number("revision", *s.revision);
    data.text_if_any("device", s.device);
    data.time("device_at", s.device_at);
    data.close();
    envelope.close();
    return out;
}

}  // namespace ota::queue
