#pragma once

#include "gateway/profile/load_profiles.hpp"
#include "gateway/profile/object_files.hpp"
#include "management-object/card_image.hpp"
#include "sandbox/uicc/object_reader.hpp"
#include "tests/flow/rules.hpp"

#include <boost/json.hpp>

/// Worlds whose cards hold the management objects of the sample profile.
namespace ota::simulation {

namespace mo = management_object;

inline constexpr const char* address = "./IMPS/AppAddr/x/Addr";
inline constexpr const char* port = "./IMPS/AppAddr/x/Port/x/PortNbr";
inline constexpr const char* name_of_service = "./IMPS/Name";

inline std::shared_ptr<card_profile> object_profile() {
    config::faults faults;
    profile_set read;
    const auto file = std::string(OTA_SOURCE_DIR) + "/config/profiles/usim-aes-dm.yaml";
    load_profiles(config::document::load(file, faults).root().at("profiles"), read);
    EXPECT_TRUE(faults.list().empty());
    auto p = std::make_shared<card_profile>(*read.at("usim-aes-dm"));
    p->answer_timeout = std::chrono::seconds(60);
    p->validity = std::chrono::minutes(10);
    p->validity_margin = std::chrono::minutes(1);
    p->retry_backoff = std::chrono::seconds(5);
    p->pause_sample = 1000;
    return p;
}

/// Every object of the card in two files, written in turn.
inline void lay_out_in_pairs(card_profile& p) {
    for (auto& object : p.management_objects) {
        if (object.mirror || object.spare) continue;
        object.spare = object.file;
        object.spare->path.back() = static_cast<std::uint16_t>(object.file.path.back() + 0x0100);
    }
}

/// Every object of the card in a BER-TLV file.
inline void lay_out_as_data_objects(card_profile& p) {
    for (auto& object : p.management_objects) {
        if (object.mirror) continue;
        object.spare.reset();
        object.layout = object_layout::ber_tlv;
        object.file.structure = file_structure::ber_tlv;
        object.file.size += object.file.size / 2;  // the frame names a tag for each value
        const auto top = mo::read_image(object.factory_image).value().value().top;
        object.factory_image = mo::make_image(top, mo::parse_uri(object.uri).value(), form_of(object)).value();
    }
}

class object_world : public world {
public:
    explicit object_world(options o = calm(1, object_profile())) : world(std::move(o)) {}

    std::string change(queue::operation op, const std::string& node, const std::string& value = {},
                       std::size_t card = 0, std::function<void(queue::change_event&)> more = {}) {
        queue::change_event e;
        e.subject = iccid(card);
        e.op = op;
        e.node = node;
        if (op == queue::operation::add || op == queue::operation::replace)
            e.value = {queue::node_value::kind::text, value};
        if (more) more(e);
        return publish(std::move(e));
    }
    std::string replace_leaf(const std::string& node, const std::string& value, std::size_t card = 0) {
        return change(queue::operation::replace, node, value, card);
    }
    /// What a device finds on the card.
    sandbox::objects_on_card on_card(std::size_t card = 0) {
        auto terminal = network().terminal(card);
        return sandbox::read_objects([&](wire::octet_view c) { return terminal.transmit(c); }).value();
    }
    /// The value of a node, as a device would take it over; nothing when the object is torn, or has no such node.
    std::optional<std::string> value(const std::string& node, std::size_t card = 0) {
        const auto& object = *opts.profile->find_object(node);
        for (const auto& each : on_card(card).objects) {
            const auto file = each.entry.path.back();
            if (file != object.file_identifier() && file != object.spare_identifier()) continue;
            if (!each.whole() || !each.image) return std::nullopt;
            auto read = mo::get_from_image(*each.image, mo::parse_uri("." + node.substr(object.uri.size())).value());
            return read ? std::optional(read.value()) : std::nullopt;
        }
        return std::nullopt;
    }
    std::size_t messages() const { return sent.size(); }
    std::string told(const std::string& id, const char* member) const {
        for (const auto& m : sink.messages) {
            if (m.topic != queue::topic_status) continue;
            const auto v = boost::json::parse(m.value);
            const auto& data = v.at("data").as_object();
            if (data.at("event_id").as_string() == id && data.if_contains(member) != nullptr)
                return std::string(data.at(member).as_string());
        }
        return {};
    }
};

}  // namespace ota::simulation
