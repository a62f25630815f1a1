#include "gateway/http/dm_sessions.hpp"
#include "gateway/http/server.hpp"
#include "sandbox/device_pool.hpp"
#include "sandbox/peers.hpp"
#include "sandbox/sample_profile.hpp"
#include "tests/sandbox/esme.hpp"
#include "tests/sandbox/pool_bench.hpp"

#include <gmock/gmock.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <filesystem>
#include <thread>

/// Devices behind the SMSC, over real sockets: short messages by SMPP, sessions by HTTP.
namespace ota::sandbox {
namespace {

template <class Condition>
bool wait_until(Condition met) {
    for (int i = 0; i < 2000; ++i) {
        if (met()) return true;
        std::this_thread::sleep_for(20ms);
    }
    return false;
}

peers_options options_with(std::shared_ptr<const card_profile> profile, std::size_t cards) {
    peers_options out;
    out.cards = cards;
    out.profile = std::move(profile);
    out.devices.share = 1;
    out.devices.retry = {.attempts = 2, .first = 1s, .longest = 1s};
    return out;
}

std::string value_of(peers& world, std::size_t card, std::string_view node) {
    std::string out = "<none>";
    world.with_devices([&](device_pool& pool, instant) {
        const auto device = pool.device_of(card);
        const auto read = device ? mo::get(pool.find(*device)->tree(), mo::parse_uri(node).value())
                                 : wire::result<std::string>(wire::errc::truncated);
        if (read) out = read.value();
    });
    return out;
}

bearer::submission submission_of(const population& who, std::size_t card, std::int64_t number, wire::octets part) {
    bearer::submission out;
    out.id = {number, static_cast<std::int64_t>(card), 0, 0};
    out.destination = who.msisdn(card);
    out.user_data = std::move(part);
    out.expires = std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now()) + 1h;
    return out;
}

/// The account of the sample profile, at an address of this machine.
std::shared_ptr<const card_profile> profile_with_server(const std::string& address) {
    auto out = std::make_shared<card_profile>(sample_profile());
    for (auto& object : out->management_objects) {
        if (object.uri != "./DMAcc/Operator") continue;
        const auto image = object.factory_image;
        object.factory_image = mo::change_image(image, {.at = mo::parse_uri(leaf_address).value(), .value = address},
                                                mo::parse_uri(object.uri).value(), form_of(object))
                                   .value();
    }
    return out;
}

/// The gateway's end: asks each device for the address of its instant messaging.
struct dm_server {
    dm_server()
        : sessions({}, {.find_account = [this](const auto&) { return account(); },
                        .next_nonce = [this] { return "nonce-" + std::to_string(++nonces); },
                        .on_event = [this](dm::session& s, const dm::event& e) { take(s, e); }}) {
        http::router routes;
        sessions.serve_on(routes);
        server.emplace(http::server_settings{}, std::move(routes));
        port = server->start().value();
    }
    static std::optional<dm::account> account() {
        const auto text = wire::as_octets("changeme");
        const auto secret = [&] { return secure_channel::secret({text.begin(), text.end()}); };
        return dm::account{.how = dm::scheme::md5,
                           .server = {"org.example.dm", secret()},
                           .client = {"device", secret()},
                           .server_nonce = {},
                           .client_nonce = {}};
    }
    void take(dm::session& s, const dm::event& e) {
        const std::scoped_lock lock(mutex);
        if (std::holds_alternative<dm::authenticated>(e))
            s.queue({.id = 1, .steps = {{.target = "./IMPS/AppAddr/x/Addr"}}});
        if (const auto* a = std::get_if<dm::answered>(&e);
            a != nullptr && !a->what.steps.empty() && !a->what.steps[0].items.empty())
            told.push_back(mo::dm::value_of(a->what.steps[0].items[0]).value());
    }
    [[nodiscard]] std::vector<std::string> values() {
        const std::scoped_lock lock(mutex);
        return told;
    }

    std::mutex mutex;
    std::vector<std::string> told;
    unsigned nonces = 0;
    http::dm_sessions sessions;
    std::optional<http::server> server;
    std::uint16_t port = 0;
};

TEST(peers_devices, take_over_a_change_that_came_by_smpp) {
    const auto profile = std::make_shared<const card_profile>(sample_profile());
    auto options = options_with(profile, 20);
    options.smsc.duplicates = 0.2;
    options.smsc.delay_max = 20ms;
    peers world(options);
    std::string error;
    ASSERT_TRUE(world.start(error)) << error;
    EXPECT_EQ(value_of(world, 3, "./IMPS/AppAddr/x/Addr"), "imps.old.example.org");
    recorder seen;
    smpp::client client(settings_for(world.port()), seen);
    seen.sender = &client;
    client.start();
    object_sender sender(*profile);
    std::vector<bearer::submission> batch;
    for (std::size_t card = 0; card < 20; ++card)
        for (auto& part : sender.change(world.who(), card, "./IMPS", leaf_address, "imps.new.example.org"))
            batch.push_back(submission_of(world.who(), card, static_cast<std::int64_t>(batch.size()), std::move(part)));
    client.submit(std::move(batch));
    EXPECT_TRUE(wait_until([&] {
        for (std::size_t card = 0; card < 20; ++card)
            if (value_of(world, card, "./IMPS/AppAddr/x/Addr") != "imps.new.example.org") return false;
        return true;
    }));
    client.shutdown(1s);
    world.stop();
    const auto end = world.snapshot();
    EXPECT_EQ(end.cards.scripts, 20U);
    EXPECT_EQ(end.devices.torn, 0U);
    EXPECT_EQ(end.devices.devices, 20U);
    EXPECT_NE(to_json(end).find("\"taken_over\""), std::string::npos);
}

TEST(peers_devices, connect_by_themselves_over_http_and_tell_the_server_what_they_hold) {
    dm_server server;
    auto options = options_with(profile_with_server("http://127.0.0.1:" + std::to_string(server.port) + "/dm"), 12);
    options.devices.connections = 3;
    peers world(options);
    std::string error;
    ASSERT_TRUE(world.start(error)) << error;
    EXPECT_TRUE(wait_until([&] { return world.snapshot().devices.sessions_ended == 12; }));
    world.stop();
    const auto end = world.snapshot();
    EXPECT_EQ(end.devices.sessions_failed, 0U);
    EXPECT_GE(end.devices.connections, 1U);
    EXPECT_LE(end.devices.connections, end.devices.messages);
    EXPECT_THAT(server.values(), testing::AllOf(testing::SizeIs(12), testing::Each("imps.old.example.org")));
    server.server->stop();
}

/// A port of the loopback that nobody listens on, nor can begin to.
struct taken_port {
    taken_port() {
        sockaddr_in at{};
        at.sin_family = AF_INET;
        at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof at;
        EXPECT_EQ(::bind(socket, reinterpret_cast<sockaddr*>(&at), sizeof at), 0);
        EXPECT_EQ(::getsockname(socket, reinterpret_cast<sockaddr*>(&at), &size), 0);
        number = ntohs(at.sin_port);
    }
    taken_port(const taken_port&) = delete;
    taken_port& operator=(const taken_port&) = delete;
    ~taken_port() { ::close(socket); }
    int socket = ::socket(AF_INET, SOCK_STREAM, 0);
    std::uint16_t number = 0;
};

TEST(peers_devices, give_up_a_server_that_is_not_there_and_reach_no_other_machine) {
    const taken_port nobody_listens;
    for (const auto& address : {"http://127.0.0.1:" + std::to_string(nobody_listens.number) + "/dm",
                                std::string("http://dm.example.org/dm"), std::string("https://127.0.0.1/dm")}) {
        peers world(options_with(profile_with_server(address), 3));
        std::string error;
        ASSERT_TRUE(world.start(error)) << error;
        EXPECT_TRUE(wait_until([&] { return world.snapshot().devices.given_up == 3; })) << address;
        world.stop();
        const auto end = world.snapshot().devices;
        EXPECT_EQ(end.sessions_begun, 6U) << address;  // two attempts each
        EXPECT_EQ(end.unanswered, 18U) << address;     // of three messages
        EXPECT_EQ(end.connections, 0U) << address;
        EXPECT_EQ(end.beyond, address.find("127.0.0.1:") == std::string::npos ? 18U : 0U) << address;
    }
}

TEST(peers_devices, go_on_with_the_cards_of_a_journal) {
    const auto file = std::filesystem::temp_directory_path() / ("otagw-devices-journal-" + std::to_string(::getpid()));
    std::filesystem::remove(file);
    const auto profile = std::make_shared<const card_profile>(sample_profile());
    auto options = options_with(profile, 3);
    options.journal_file = file;
    std::string error;
    {
        peers world(options);
        ASSERT_TRUE(world.start(error)) << error;
        recorder seen;
        smpp::client client(settings_for(world.port()), seen);
        seen.sender = &client;
        client.start();
        object_sender sender(*profile);
        std::vector<bearer::submission> batch;
        for (auto& part : sender.change(world.who(), 1, "./IMPS", leaf_address, "imps.new.example.org"))
            batch.push_back(submission_of(world.who(), 1, static_cast<std::int64_t>(batch.size()), std::move(part)));
        client.submit(std::move(batch));
        EXPECT_TRUE(wait_until([&] { return value_of(world, 1, "./IMPS/AppAddr/x/Addr") == "imps.new.example.org"; }));
        client.shutdown(1s);
        world.stop();
    }
    peers again(options);
    ASSERT_TRUE(again.start(error)) << error;
    EXPECT_EQ(value_of(again, 1, "./IMPS/AppAddr/x/Addr"), "imps.new.example.org");
    EXPECT_EQ(value_of(again, 2, "./IMPS/AppAddr/x/Addr"), "imps.old.example.org");
    again.stop();
    std::filesystem::remove(file);
}

TEST(peers_options, put_no_uicc_device_around_a_sim) {
    peers_options out;
    std::string error;
    const auto sim = std::string(OTA_SOURCE_DIR) + "/config/profiles/sim-3des-classic.yaml";
    EXPECT_FALSE(parse_peers_options({"--devices=1", "--profile-file", sim}, out, error));
    EXPECT_NE(error.find("--devices"), std::string::npos);
    error.clear();
    EXPECT_FALSE(parse_peers_options({"--devices=1", "--device-connections=0"}, out, error));
    error.clear();
    peers_options good;
    ASSERT_TRUE(parse_peers_options({"--devices=0.5", "--refusals=0.25", "--late-answers=0.1", "--answer-delay=20"},
                                    good, error))
        << error;
    EXPECT_EQ(good.devices.share, 0.5);
    EXPECT_EQ(good.devices.refusals, 0.25);
    EXPECT_EQ(good.devices.late_answers, 0.1);
    EXPECT_EQ(good.devices.answer_delay, 20ms);
}

TEST(sample_profile_in_the_program, is_that_of_the_configuration) {
    std::string error;
    const auto built_in = sample_profile(error);
    ASSERT_TRUE(built_in) << error;
    const auto read = sample_profile();
    EXPECT_EQ(built_in->name, read.name);
    EXPECT_EQ(built_in->hash, read.hash);
    ASSERT_EQ(built_in->management_objects.size(), read.management_objects.size());
    for (std::size_t i = 0; i < read.management_objects.size(); ++i) {
        EXPECT_EQ(built_in->management_objects[i].uri, read.management_objects[i].uri);
        EXPECT_EQ(built_in->management_objects[i].factory_image, read.management_objects[i].factory_image);
    }
}

}  // namespace
}  // namespace ota::sandbox
