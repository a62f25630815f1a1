#include "tests/requirements/site.hpp"

#include "gateway/cards/vault.hpp"
#include "gateway/cli/demo_story.hpp"
#include "gateway/cli/population_import.hpp"
#include "gateway/store/sqlite.hpp"
#include "management-object/card_image.hpp"
#include "queue/base64.hpp"
#include "queue/embedded/embedded_sink.hpp"
#include "queue/embedded/embedded_source.hpp"
#include "sandbox/sample_profile.hpp"
#include "tests/http/raw_client.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <map>
#include <random>
#include <sstream>
#include <thread>

namespace ota::requirements {

namespace mo = management_object;
namespace fs = std::filesystem;
using std::chrono::milliseconds;

struct site::log {
    explicit log(const fs::path& root)
        : sink(std::move(queue::embedded_sink::open(root, {}).value())),
          source(std::move(queue::embedded_source::open(queue::topic_directory(root, queue::topic_status)).value())) {}

    struct told {
        std::string state, reason, value;
        std::vector<std::string> later;
    };
    std::unique_ptr<queue::embedded_sink> sink;
    std::unique_ptr<queue::embedded_source> source;
    bool begun = false;
    std::map<std::string, told> events;
};

namespace {

fs::path new_place() {
    auto pattern = (fs::temp_directory_path() / "otagw-site-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error(pattern);
    return pattern;
}

gateway_settings settings_for(const fs::path& place, const sandbox::peers& peers) {
    gateway_settings s;
    s.data_directory = place.string();
    s.log = log_level::error;
    s.http.port = 0;
    s.profiles[peers.profile().name] = std::make_shared<card_profile>(peers.profile());
    route_settings route;
    route.name = "site";
    route.port = peers.port();
    route.system_id = "otagw";
    route.source_address = "4900";
    route.reconnect_min = milliseconds(50);
    s.routes.push_back(route);
    return s;
}

}  // namespace

site::site(site_options o) : place_(new_place()) {
    std::string why;
    const auto sample = sandbox::sample_profile(why);
    if (!sample) throw std::runtime_error(why);
    auto profile = std::make_shared<card_profile>(*sample);
    cli::prepare_for_demo(*profile);
    profile->answer_timeout = std::chrono::seconds(3);
    profile->validity = std::chrono::seconds(8);
    profile->validity_margin = std::chrono::seconds(1);
    profile->retry_backoff = milliseconds(200);
    if (o.edit) o.edit(*profile);
    sandbox::peers_options with;
    with.cards = o.cards;
    with.profile = profile;
    with.devices = o.devices;
    with.smsc = o.smsc;
    peers_ = std::make_unique<sandbox::peers>(with);
    if (!peers_->start(why)) throw std::runtime_error(why);
    auto settings = settings_for(place_, *peers_);
    if (!cli::import_population(settings, peers_->who(), why)) throw std::runtime_error(why);
    const fs::path queue_root = settings.queue_directory();
    settings_ = settings;
    gateway_ = std::make_unique<cli::gateway_process>(std::move(settings), cli::process_options{});
    if (!gateway_->start(why)) throw std::runtime_error(why);
    log_ = std::make_unique<log>(queue_root);
    peers_->with_devices([&](sandbox::device_pool& pool, sandbox::instant) {
        for (std::size_t i = 0; i < o.cards; ++i) {
            const auto* device = pool.find(i);
            if (device == nullptr || !device->who().knows("org.otagw/1.0/EmailSmtp")) continue;
            card_ = i;
            break;
        }
    });
}

site::~site() {
    if (gateway_) (void)gateway_->stop(std::chrono::seconds(5));
    log_.reset();
    gateway_.reset();
    peers_->stop();
    std::error_code ec;
    fs::remove_all(place_, ec);
}

bool site::wait(const std::function<bool()>& met) {
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (!met()) {
        if (std::chrono::steady_clock::now() >= until) return false;
        std::this_thread::sleep_for(milliseconds(5));
    }
    return true;
}

std::string site::publish(queue::change_event e) {
    e.source = "urn:test";
    e.id = "event-" + std::to_string(++last_);
    e.subject = peers_->who().iccid(card_);
    const auto done = log_->sink->publish({{queue::topic_changes, e.subject, queue::serialize_event(e), {}}});
    if (!done) throw std::runtime_error("the event log takes nothing");
    return e.id;
}

std::string site::change(queue::operation op, const std::string& node, const std::string& value) {
    queue::change_event e;
    e.op = op;
    e.node = node;
    if (op == queue::operation::add || op == queue::operation::replace)
        e.value = {queue::node_value::kind::text, value};
    return publish(std::move(e));
}

void site::give_account() {
    cli::service_settings with;
    with.accounts = 1;
    with.dm_address = "http://127.0.0.1:" + std::to_string(gateway_->http_port()) + "/dm";
    with.server_id = "org.example.dm";
    with.random = [dice = std::mt19937(7)](std::size_t n) mutable {
        wire::octets out(n);
        for (auto& octet : out) octet = static_cast<std::uint8_t>(dice());
        return out;
    };
    cli::demo_story story;
    cli::add_services(story, peers_->who(), profile(), with);
    for (const auto& e : story.at_once) {
        if (e.node != "./DMAcc/Operator" || e.subject != peers_->who().iccid(card_)) continue;
        const auto before = devices().sessions_ended;
        const auto id = publish(e);
        ASSERT_EQ(state(id), "applied") << reason(id);
        const bool calls = profile().object("./DMAcc/Operator")->autonomous;
        EXPECT_TRUE(!calls || wait([&] { return devices().sessions_ended > before; }));
    }
    settle();
}

int site::notify(const cards::notify_call& how, std::string& said) {
    const auto kek = std::move(cards::load_key_encryption_key(settings_.key_encryption_key_path()).value());
    const auto state = store::open_sqlite({.path = settings_.store_path()}).value();
    const cards::desk desk{*state, settings_.profiles, kek, cards::system_random,
                           [] { return std::chrono::floor<milliseconds>(std::chrono::system_clock::now()); }};
    std::istringstream in;
    std::ostringstream out, err;
    const auto code = cards::perform_notify(how, peers_->who().iccid(card_), {in, out, err}, desk);
    said = out.str() + err.str();
    return code;
}

void site::read_statuses() {
    if (!log_->begun) {
        const auto oldest = log_->source->oldest_offset();
        if (!oldest) return;
        log_->begun = static_cast<bool>(log_->source->seek(0, queue::position{oldest.value()}));
    }
    auto records = log_->source->pull(1000);
    if (!records) return;
    for (const auto& r : records.value()) {
        const auto data = boost::json::parse(r.payload).at("data").as_object();
        const auto text = [&](const char* member) {
            const auto* v = data.if_contains(member);
            return v != nullptr && v->is_string() ? std::string(v->as_string()) : std::string();
        };
        auto& e = log_->events[text("event_id")];
        if (!data.at("final").as_bool()) {
            e.later.push_back(text("state"));
            continue;
        }
        e.state = text("state");
        e.reason = text("reason");
        const auto octets = queue::from_base64(text("value"));
        if (octets) e.value = wire::as_text(*octets);
    }
}

std::string site::state(const std::string& id) {
    (void)wait([&] {
        read_statuses();
        return !log_->events[id].state.empty();
    });
    return log_->events[id].state;
}

std::string site::reason(const std::string& id) {
    (void)state(id);
    return log_->events[id].reason;
}

std::string site::value(const std::string& id) {
    (void)state(id);
    return log_->events[id].value;
}

void site::settle() {
    unsigned quiet = 0;  // looks in a row
    EXPECT_TRUE(wait([&] {
        const auto now = peers_->snapshot();
        quiet = now.waiting == 0 && !now.devices_busy ? quiet + 1 : 0;
        return quiet >= 40;
    }));
    read_statuses();
}

bool site::told(const std::string& id, const std::string& later) {
    (void)wait([&, looks = 0]() mutable {
        read_statuses();
        const auto& all = log_->events[id].later;
        return std::ranges::find(all, later) != all.end() || ++looks > 200;
    });
    const auto& all = log_->events[id].later;
    return std::ranges::find(all, later) != all.end();
}

std::optional<std::string> site::on_card(const std::string& node) {
    const auto* object = profile().find_object(node);
    if (object == nullptr) return std::nullopt;
    const auto image = peers_->content(card_, object->uri);
    const auto relative = mo::parse_uri("." + node.substr(object->uri.size()));
    if (!image || !relative) return std::nullopt;
    auto value = mo::get_from_image(*image, relative.value());
    return value ? std::optional(std::move(value).value()) : std::nullopt;
}

std::optional<std::string> site::at_device(const std::string& node, std::optional<std::size_t> device) {
    std::optional<std::string> out;
    peers_->with_devices([&](sandbox::device_pool& pool, sandbox::instant) {
        const auto number = device ? device : pool.device_of(card_);
        const auto* it = number ? pool.find(*number) : nullptr;
        if (it == nullptr) return;
        auto value = mo::get(it->tree(), mo::parse_uri(node).value());
        if (value) out = std::move(value).value();
    });
    return out;
}

std::string site::everything_written() {
    std::string all;
    for (const auto& each : fs::recursive_directory_iterator(place_)) {
        const bool producers =
            each.path().string().find(queue::topic_directory(place_, queue::topic_changes).filename().string()) !=
            std::string::npos;
        if (!each.is_regular_file() || producers) continue;  // what others wrote into the log is theirs
        std::ifstream in(each.path(), std::ios::binary);
        all.append(std::istreambuf_iterator<char>(in), {});
    }
    http::testing::raw_client to(gateway_->http_port());
    if (to.send("GET /metrics HTTP/1.1\r\nHost: gateway\r\n\r\n")) all += to.receive();
    return all;
}

}  // namespace ota::requirements
