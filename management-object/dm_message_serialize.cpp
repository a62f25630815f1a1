#include "management-object/base64.hpp"
#include "management-object/dm_message.hpp"
#include "management-object/wbxml.hpp"
#include "management-object/xml.hpp"

namespace ota::management_object::dm {
namespace {

void put_if(element& e, std::string_view name, std::string_view text) {
    if (!text.empty()) e.add(name, text);
}

void put_if(element& e, std::string_view name, const std::optional<std::uint32_t>& number) {
    if (number) e.add(name, std::to_string(*number));
}

void put(element& parent, const std::optional<meta>& about) {
    if (!about) return;
    auto& e = parent.add("Meta");
    put_if(e, "Format", about->format);
    put_if(e, "Type", about->type);
    put_if(e, "Mark", about->mark);
    put_if(e, "Size", about->size);
    if (about->next_nonce) e.add("NextNonce", to_base64(*about->next_nonce));
    put_if(e, "MaxMsgSize", about->max_msg_size);
    put_if(e, "MaxObjSize", about->max_obj_size);
    for (auto& child : e.children) child.xmlns = ns_metinf;
}

void put(element& parent, std::string_view name, const location& where) {
    auto& e = parent.add(name);
    e.add("LocURI", where.loc_uri);
    put_if(e, "LocName", where.loc_name);
}

void put(element& parent, const std::vector<item>& items) {
    for (const auto& each : items) {
        auto& e = parent.add("Item");
        if (each.target) put(e, "Target", *each.target);
        if (each.source) put(e, "Source", *each.source);
        put(e, each.about);
        if (each.tree) {
            e.add("Data").children.push_back(*each.tree);
        } else if (each.data) {
            e.add("Data", *each.data).opaque = each.opaque;
        }
        if (each.more_data) e.add("MoreData");
    }
}

/// Appends one command as an element of the parent.
class command_writer {
public:
    explicit command_writer(element& parent) : parent_(parent) {}

    void operator()(const alert& a) const {
        auto& e = start("Alert", a.cmd_id);
        e.add("Data", std::to_string(a.code));
        put_if(e, "Correlator", a.correlator);
        put(e, a.items);
    }
    void operator()(const status& s) const {
        auto& e = start("Status", s.cmd_id);
        e.add("MsgRef", std::to_string(s.msg_ref));
        e.add("CmdRef", std::to_string(s.cmd_ref));
        e.add("Cmd", s.cmd);
        for (const auto& ref : s.target_refs) e.add("TargetRef", ref);
        for (const auto& ref : s.source_refs) e.add("SourceRef", ref);
        if (s.chal) put(e.add("Chal"), s.chal);
        e.add("Data", std::to_string(s.code));
        put(e, s.items);
    }
    void operator()(const results& r) const {
        auto& e = start("Results", r.cmd_id);
        put_if(e, "MsgRef", r.msg_ref);
        e.add("CmdRef", std::to_string(r.cmd_ref));
        put(e, r.about);
        put_if(e, "TargetRef", r.target_ref);
        put_if(e, "SourceRef", r.source_ref);
        put(e, r.items);
    }
    void operator()(const operation& o) const {
        auto& e = start(to_string(o.what), o.cmd_id);
        if (o.no_resp) e.add("NoResp");
        put(e, o.about);
        put_if(e, "Correlator", o.correlator);
        put(e, o.items);
    }
    void operator()(const group& g) const {
        auto& e = start(g.atomic ? "Atomic" : "Sequence", g.cmd_id);
        put(e, g.about);
        for (const auto& inner : g.commands) std::visit(command_writer(e), inner.is);
    }
    void operator()(const unknown_command& u) const { start(u.name, u.cmd_id); }

private:
    element& start(std::string_view name, std::uint32_t cmd_id) const {
        auto& e = parent_.add(name);
        e.add("CmdID", std::to_string(cmd_id));
        return e;
    }

    element& parent_;
};

void put(element& root, const header& hdr) {
    auto& e = root.add("SyncHdr");
    e.add("VerDTD", hdr.ver_dtd);
    e.add("VerProto", hdr.ver_proto);
    e.add("SessionID", hdr.session_id);
    e.add("MsgID", std::to_string(hdr.msg_id));
    put(e, "Target", hdr.target);
    put(e, "Source", hdr.source);
    put_if(e, "RespURI", hdr.resp_uri);
    if (hdr.no_resp) e.add("NoResp");
    if (hdr.cred) {
        auto& cred = e.add("Cred");
        put(cred, std::optional<meta>(hdr.cred->about));
        cred.add("Data", hdr.cred->data);
    }
    put(e, hdr.about);
}

}  // namespace

bool item::operator==(const item& other) const {
    const bool trees = tree.has_value() == other.tree.has_value() && (!tree || same(*tree, *other.tree));
    return trees && target == other.target && source == other.source && about == other.about && data == other.data &&
           opaque == other.opaque && more_data == other.more_data;
}

bool group::operator==(const group& other) const {
    return atomic == other.atomic && cmd_id == other.cmd_id && about == other.about && commands == other.commands;
}

element to_element(const message& m) {
    element root{.name = "SyncML", .xmlns = std::string(ns_syncml)};
    put(root, m.hdr);
    auto& body = root.add("SyncBody");
    for (const auto& each : m.body) std::visit(command_writer(body), each.is);
    if (m.final) body.add("Final");
    return root;
}

wire::result<std::string> serialize_xml(const message& m) { return management_object::serialize_xml(to_element(m)); }

wire::result<wire::octets> serialize_wbxml(const message& m) {
    return management_object::serialize_wbxml(to_element(m));
}

}  // namespace ota::management_object::dm
