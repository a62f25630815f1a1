#include "gateway/cli/demo_story.hpp"

#include "gateway/profile/card_profile.hpp"
#include "management-object/card_image.hpp"
#include "sandbox/sample_profile.hpp"

namespace ota::cli {

namespace mo = management_object;
using queue::change_event;

namespace {

constexpr const char* account = "./DMAcc/Operator";
constexpr const char* mail = "./Email";
constexpr const char* messaging = "./IMPS";
constexpr const char* first_address = "/AppAddr/x/Addr";
constexpr std::size_t secret_octets = 12;

change_event event_for(const std::string& iccid, std::string node, std::string value, const std::string& id) {
    change_event e;
    e.source = "urn:otagw:sandbox";
    e.id = id;
    e.subject = iccid;
    e.node = std::move(node);
    e.format = "chr";
    e.value = {queue::node_value::kind::text, std::move(value)};
    return e;
}

void set(mo::node& top, const char* at, const std::string& value) {
    (void)mo::replace(top, mo::parse_uri(at).value(), value);
}

/// The account of the sample card with this server and secrets of its own, as a document of TNDS. Empty: the sample has
/// none.
std::string account_document(const mo::node& sample, const service_settings& with, const std::string& iccid) {
    auto top = sample;
    const auto port_at = with.dm_address.rfind(':') + 1;
    set(top, "ServerID", with.server_id);
    set(top, "AppAddr/x/Addr", with.dm_address);
    set(top, "AppAddr/x/Port/x/PortNbr", with.dm_address.substr(port_at, with.dm_address.find('/', port_at) - port_at));
    set(top, "AppAuth/client/AAuthName", iccid);
    set(top, "AppAuth/client/AAuthSecret", wire::to_hex(with.random(secret_octets)));
    set(top, "AppAuth/server/AAuthName", with.server_id);
    set(top, "AppAuth/server/AAuthSecret", wire::to_hex(with.random(secret_octets)));
    auto text = mo::serialize_tnds_xml({{}, {}, {{std::nullopt, std::move(top)}}});
    return text ? std::move(text).value() : std::string();
}

/// What a card of the sample profile has for an account when it is made.
std::optional<mo::node> sample_account() {
    std::string error;
    const auto sample = sandbox::sample_profile(error);
    const auto* object = sample ? sample->object(account) : nullptr;
    auto read = object != nullptr ? mo::read_image(object->factory_image)
                                  : wire::result<std::optional<mo::placed_node>>(std::nullopt);
    if (!read || !read.value()) return std::nullopt;
    return std::move(read.value()->top);
}

}  // namespace

std::size_t demo_story::size() const {
    auto n = at_once.size();
    for (const auto& [id, events] : after) n += events.size();
    return n;
}

void demo_story::for_each(const std::function<void(const change_event&)>& visit) const {
    const std::function<void(const change_event&)> with_followers = [&](const change_event& e) {
        visit(e);
        if (const auto at = after.find(e.id); at != after.end())
            for (const auto& next : at->second) with_followers(next);
    };
    for (const auto& e : at_once) with_followers(e);
}

void add_services(demo_story& story, const sandbox::population& who, const card_profile& profile,
                  const service_settings& with) {
    const auto sample =
        profile.object(account) != nullptr && !with.dm_address.empty() ? sample_account() : std::nullopt;
    for (std::size_t card = 0; card < who.size(); ++card) {
        const auto iccid = who.iccid(card);
        const auto id = [&](const char* what) {
            return "sandbox-" + with.run + "-" + what + "-" + std::to_string(card);
        };
        std::vector<change_event> chain;
        // Spread evenly: every fourth card for a share of a quarter.
        const auto share_until = [&](std::size_t n) {
            return static_cast<std::size_t>(static_cast<double>(n) * with.accounts);
        };
        const bool connects = sample && share_until(card + 1) != share_until(card);
        if (connects) {
            chain.push_back(event_for(iccid, account, account_document(*sample, with, iccid), id("account")));
            chain.back().format = "xml";
            chain.back().type = mo::type_tnds_xml;
        }
        const auto number = std::to_string(card % 100);
        if (profile.object(mail) != nullptr)
            chain.push_back(
                event_for(iccid, std::string(mail) + first_address, "smtp" + number + ".example.org", id("mail")));
        if (profile.object(messaging) != nullptr)
            chain.push_back(
                event_for(iccid, std::string(messaging) + first_address, "imps" + number + ".example.org", id("imps")));
        for (std::size_t i = 0; i < chain.size(); ++i) {
            if (connects && i != 0) {
                story.after[chain[i - 1].id].push_back(chain[i]);
            } else {
                story.at_once.push_back(chain[i]);
            }
        }
    }
}

void prepare_for_demo(card_profile& profile) {
    for (auto& object : profile.management_objects) {
        if (object.uri == account) object.factory_image = mo::empty_image(object.file.size);
        if (object.uri == mail || object.uri == messaging) object.autonomous = true;
    }
}

}  // namespace ota::cli
