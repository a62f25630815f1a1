#include "gateway/cards/vault.hpp"
#include "gateway/cli/gateway_process.hpp"
#include "gateway/flow/card_account.hpp"
#include "gateway/profile/object_files.hpp"
#include "gateway/store/sqlite.hpp"
#include "queue/embedded/embedded_sink.hpp"
#include "queue/embedded/embedded_source.hpp"
#include "sandbox/card_network.hpp"
#include "secure-channel/wire/crc.hpp"
#include "tests/device/phone_bench.hpp"
#include "tests/http/raw_client.hpp"

#include <unistd.h>

#include <filesystem>
#include <thread>

// A device that calls the running gateway over HTTP, with the account that its card was made with.
namespace ota::cli {
namespace {

using testing::HasSubstr;
namespace fs = std::filesystem;

struct place {
    place() {
        auto pattern = (fs::temp_directory_path() / "otagw-sessions-XXXXXX").string();
        if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error(pattern);
        path = pattern;
    }
    place(const place&) = delete;
    place& operator=(const place&) = delete;
    ~place() {
        std::error_code ec;
        fs::remove_all(path, ec);
    }
    fs::path path;
};

std::string header_of(std::string_view answer, std::string_view name) {
    const auto head = answer.substr(0, answer.find("\r\n\r\n"));
    const auto at = head.find("\r\n" + std::string(name) + ": ");
    if (at == std::string_view::npos) return {};
    const auto value = head.substr(at + name.size() + 4);
    return std::string(value.substr(0, value.find("\r\n")));
}

std::string post(std::uint16_t port, const sandbox::dm_request& r) {
    http::testing::raw_client to(port);
    std::string octets = "POST /dm HTTP/1.1\r\nHost: dm.example\r\nContent-Type: " + r.content_type + "\r\n";
    if (!r.hmac.empty()) octets += "x-syncml-hmac: " + r.hmac + "\r\n";
    octets += "Content-Length: " + std::to_string(r.body.size()) + "\r\n\r\n" + std::string(wire::as_text(r.body));
    EXPECT_TRUE(to.send(octets));
    return to.receive();
}

std::string get(std::uint16_t port, const std::string& path) {
    http::testing::raw_client to(port);
    EXPECT_TRUE(to.send("GET " + path + " HTTP/1.1\r\nHost: gateway\r\n\r\n"));
    return to.receive();
}

/// A store with one card that has attested its account and ./IMPS, and one event of it that is applied.
struct running_gateway : place {
    running_gateway()
        : profile(sandbox::sample_profile()), cards(profile, sandbox::population_for(profile, 3, 1), {}, {}, diary) {
        settings.data_directory = path.string();
        settings.http.port = 0;
        settings.log = log_level::error;
        settings.profiles[profile.name] = std::make_shared<card_profile>(profile);
        EXPECT_TRUE(cards::generate_key_file(settings.key_encryption_key_path()));
        fill_store();
        gateway.emplace(settings, process_options{});
        std::string why;
        EXPECT_TRUE(gateway->start(why)) << why;
    }
    ~running_gateway() {
        gateway.reset();  // before its folder goes
    }
    void fill_store() {
        const auto kek = std::move(cards::load_key_encryption_key(settings.key_encryption_key_path()).value());
        auto state = store::open_sqlite({.path = settings.store_path()}).value();
        auto tx = state->begin().value();
        flow::twin t;
        for (const auto* uri : {"./DMAcc/Operator", "./IMPS"}) {
            const auto& object = *profile.object(uri);
            auto& node = t.nodes[t.node_index(uri, holds_secrets(object))];
            node.reported = object.factory_image;
            node.confirmed = true;
            node.device.account_crc = flow::is_account(object) ? wire::crc32(node.reported) : 0;
        }
        t.last_event = event;
        std::vector<store::card_row> rows(1);
        rows[0].iccid = cards.who().iccid(0);
        rows[0].profile = profile.name;
        rows[0].twin = flow::serialize_twin(t, cards::guard_under(kek, cards::system_random));
        ASSERT_TRUE(tx->insert_cards(rows));
        ASSERT_TRUE(tx->save_account({rows[0].id, "./DMAcc/Operator", "device", "", "", ""}));
        store::event_row row;
        row.seq = event;
        row.source = "urn:test";
        row.id = "the-change";
        row.card = rows[0].id;
        row.subject = rows[0].iccid;
        row.op = static_cast<std::uint8_t>(queue::operation::replace);
        row.state = static_cast<std::uint8_t>(queue::event_state::applied);
        row.node = "./IMPS/Name";
        row.accepted_at = row.closed_at =
            std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
        ASSERT_TRUE(tx->insert_events(std::vector{row}));
        ASSERT_TRUE(tx->commit());
    }
    /// A whole session of the device that holds the card.
    std::string call(sandbox::phone_bench& bench) {
        auto request = bench.connections.empty() ? bench.phone.start_session(sandbox::at("./DMAcc/Operator"), bench.now)
                                                 : std::optional(bench.connections.front().second);
        bench.connections.clear();
        for (int turns = 0; request && turns < 50; ++turns) {
            const auto answer = post(gateway->http_port(), *request);
            const auto type = header_of(answer, "Content-Type"), hmac = header_of(answer, "x-syncml-hmac");
            request = bench.phone.on_response(
                {http::testing::status_of(answer), type, wire::as_octets(http::testing::body_of(answer)), hmac},
                bench.now);
        }
        const auto ends = bench.told(sandbox::kind::session_finished);
        return ends.empty() ? "not finished" : ends.back();
    }

    static constexpr store::event_seq event = 4242;
    card_profile profile;
    sandbox::journal diary;
    sandbox::card_network cards;
    gateway_settings settings;
    std::optional<gateway_process> gateway;
};

/// What the topic holds, when it holds the text; waits for it.
std::string topic_with(const fs::path& root, const char* topic, const std::string& text) {
    std::string all;
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (all.find(text) == std::string::npos && std::chrono::steady_clock::now() < until) {
        all.clear();
        auto source = queue::embedded_source::open(queue::topic_directory(root, topic));
        if (source) {
            if (auto oldest = source.value()->oldest_offset())
                (void)source.value()->seek(0, queue::position{oldest.value()});
            if (auto records = source.value()->pull(1000)) {
                for (const auto& r : records.value()) all += r.payload + "\n";
            }
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    return all;
}

TEST(gateway_process, serves_the_session_of_a_device_over_http_and_publishes_what_it_confirmed) {
    running_gateway here;
    sandbox::terminal_channel terminal = here.cards.terminal(0);
    sandbox::phone_bench bench;
    bench.phone.insert(
        {.transmit = [&](wire::octet_view c) { return terminal.transmit(c); }, .reset = [&] { terminal.reset(); }},
        bench.now);
    bench.phone.switch_on(bench.now);
    EXPECT_EQ(here.call(bench), "./DMAcc/Operator done");
    EXPECT_EQ(here.call(bench), "./DMAcc/Operator done");
    const auto figures = get(here.gateway->http_port(), "/metrics");
    EXPECT_THAT(figures, HasSubstr("otagw_dm_sessions_total 2"));
    EXPECT_THAT(figures, HasSubstr("otagw_dm_objects_total{state=\"incorporated\"} 2"));
    EXPECT_THAT(figures, HasSubstr("otagw_dm_messages_refused_total{reason=\"wrong-credentials\"} 0"));
    const auto told = topic_with(here.settings.queue_directory(), queue::topic_status, "incorporated");
    EXPECT_THAT(told, HasSubstr("the-change"));
    EXPECT_TRUE(here.gateway->stop(std::chrono::seconds(20)));
}

TEST(gateway_process, refuses_what_is_no_message_of_a_device_and_counts_it) {
    running_gateway here;
    EXPECT_EQ(http::testing::status_of(
                  post(here.gateway->http_port(), {"application/vnd.syncml.dm+wbxml", wire::octets(9, 0xEE), {}})),
              400U);
    EXPECT_EQ(http::testing::status_of(post(here.gateway->http_port(), {"text/plain", wire::octets(9, 'x'), {}})),
              415U);
    EXPECT_THAT(get(here.gateway->http_port(), "/metrics"),
                HasSubstr("otagw_dm_messages_refused_total{reason=\"malformed\"} 1"));
    EXPECT_TRUE(here.gateway->stop(std::chrono::seconds(20)));
}

/// A change event made by a session goes out through the outbox: the sink writes the log that the source reads.
TEST(event_log, takes_change_events_of_the_gateway_itself) {
    place at;
    const auto topic = queue::topic_directory(at.path, queue::topic_changes);
    auto source = std::move(queue::embedded_source::open(topic).value());
    auto sink = std::move(queue::embedded_sink::open(at.path, {}).value());
    ASSERT_TRUE(source->seek(0, queue::position{source->oldest_offset().value()}));
    ASSERT_TRUE(sink->publish({{queue::topic_changes, "key", "payload", {}}}));
    const auto records = source->pull(10);
    ASSERT_TRUE(records);
    ASSERT_EQ(records.value().size(), 1U);
    EXPECT_EQ(records.value()[0].payload, "payload");
}

}  // namespace
}  // namespace ota::cli
