#include "sandbox/channel_sockets.hpp"
#include "sandbox/peers.hpp"
#include "tests/sandbox/bip/bip_socket_server.hpp"
#include "tests/sandbox/esme.hpp"

#include <cstdlib>
#include <set>

/// Data channels over real sockets.
namespace ota::sandbox {
namespace {

template <class Condition>
bool wait_until(Condition met) {
    for (int i = 0; i < 3000; ++i) {
        if (met()) return true;
        std::this_thread::sleep_for(10ms);
    }
    return false;
}

/// What the sockets told, to be looked at by another thread.
struct told_by_sockets {
    channel_sockets::receivers receivers() {
        return {[this](channel_id id, wire::octets data) {
                    const std::scoped_lock lock(mutex);
                    came[id].push_back(std::move(data));
                },
                [this](channel_id id, bool up) {
                    const std::scoped_lock lock(mutex);
                    links[id].push_back(up);
                }};
    }
    [[nodiscard]] wire::octets joined(channel_id id) {
        const std::scoped_lock lock(mutex);
        wire::octets out;
        for (const auto& one : came[id]) out.insert(out.end(), one.begin(), one.end());
        return out;
    }
    [[nodiscard]] std::vector<bool> link(channel_id id) {
        const std::scoped_lock lock(mutex);
        return links[id];
    }
    std::mutex mutex;
    std::map<channel_id, std::vector<wire::octets>> came;
    std::map<channel_id, std::vector<bool>> links;
};

/// A socket of this machine on a free port.
struct local_socket {
    explicit local_socket(int type) : fd(::socket(AF_INET, type, 0)) {
        sockaddr_in at{};
        at.sin_family = AF_INET;
        at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t length = sizeof at;
        EXPECT_EQ(::bind(fd, reinterpret_cast<sockaddr*>(&at), length), 0);
        EXPECT_EQ(::getsockname(fd, reinterpret_cast<sockaddr*>(&at), &length), 0);
        port = ntohs(at.sin_port);
        if (type == SOCK_STREAM) {
            EXPECT_EQ(::listen(fd, 5), 0);
        }
    }
    ~local_socket() { ::close(fd); }
    local_socket(const local_socket&) = delete;
    local_socket& operator=(const local_socket&) = delete;
    int fd;
    std::uint16_t port = 0;
};

TEST(channel_sockets, carry_datagrams_both_ways) {
    told_by_sockets told;
    channel_sockets sockets(told.receivers());
    sockets.start();
    const local_socket server(SOCK_DGRAM);
    sockets.post({socket_order::kind::open, 1, {false, {127, 0, 0, 1}, server.port}, {}});
    sockets.post({socket_order::kind::send, 1, {}, {1, 2, 3}});
    std::array<std::uint8_t, 100> buffer{};
    sockaddr_in from{};
    socklen_t length = sizeof from;
    ASSERT_EQ(::recvfrom(server.fd, buffer.data(), buffer.size(), 0, reinterpret_cast<sockaddr*>(&from), &length), 3);
    for (std::uint8_t i = 0; i < 100; ++i) ::sendto(server.fd, &i, 1, 0, reinterpret_cast<sockaddr*>(&from), length);
    EXPECT_TRUE(wait_until([&] { return told.joined(1).size() == 100; }));
    sockets.post({socket_order::kind::close, 1, {}, {}});
    sockets.post({socket_order::kind::send, 1, {}, {1}});
    sockets.post({socket_order::kind::send, 2, {}, {1}});  // there never was one
}

TEST(channel_sockets, do_not_mind_that_nobody_listens_to_datagrams) {
    told_by_sockets told;
    channel_sockets sockets(told.receivers());
    sockets.start();
    std::uint16_t port = 0;
    {
        const local_socket gone(SOCK_DGRAM);
        port = gone.port;
    }
    sockets.post({socket_order::kind::open, 1, {false, {127, 0, 0, 1}, port}, {}});
    for (int i = 0; i < 10; ++i) sockets.post({socket_order::kind::send, 1, {}, {1}});
    sockets.post({socket_order::kind::open, 2, {true, {127, 0, 0, 1}, port}, {}});
    EXPECT_TRUE(wait_until([&] { return !told.link(2).empty(); }));
    EXPECT_EQ(told.link(2), std::vector<bool>{false});
    EXPECT_TRUE(told.link(1).empty());
}

TEST(channel_sockets, carry_a_stream_and_tell_its_end) {
    told_by_sockets told;
    channel_sockets sockets(told.receivers());
    sockets.start();
    const local_socket server(SOCK_STREAM);
    sockets.post({socket_order::kind::open, 1, {true, {127, 0, 0, 1}, server.port}, {}});
    const int peer = ::accept(server.fd, nullptr, nullptr);
    ASSERT_GE(peer, 0);
    EXPECT_TRUE(wait_until([&] { return told.link(1) == std::vector<bool>{true}; }));
    sockets.post({socket_order::kind::send, 1, {}, wire::octets(5000, 1)});
    sockets.post({socket_order::kind::send, 1, {}, wire::octets(5000, 2)});
    wire::octets got(10'000);
    ASSERT_EQ(::recv(peer, got.data(), got.size(), MSG_WAITALL), 10'000);
    EXPECT_EQ(got.back(), 2);
    ASSERT_EQ(::send(peer, got.data(), got.size(), 0), 10'000);
    EXPECT_TRUE(wait_until([&] { return told.joined(1) == got; }));
    ::close(peer);
    EXPECT_TRUE(wait_until([&] { return told.link(1) == std::vector<bool>{true, false}; }));
}

/// Cards behind the SMSC, in devices or not, with the server that they are sent to.
void sessions_over_sockets(double devices, const radio_options& radio, std::size_t cards = 20) {
    bip_socket_server server;
    peers_options options;
    options.cards = cards;
    options.profile = demo_profile();
    options.devices.share = devices;
    options.radio = radio;
    peers world(options);
    std::string error;
    ASSERT_TRUE(world.start(error)) << error;
    recorder told;
    smpp::client esme(settings_for(world.port()), told);
    told.sender = &esme;
    esme.start();
    std::map<std::size_t, sc::command_header> headers;
    server.with([](bip_server& s) { s.settings.first_rto = s.settings.min_rto = cat_tp::milliseconds(100); });
    wire::writer port;
    const auto push =
        "80ec0101133501033902"
        "0578"
        "3c0301" +
        wire::to_hex(port.u16(server.port).buffer()) +
        "3e05217f000001"
        "80ec0102053c03001f90";
    std::vector<bearer::submission> batch;
    for (std::size_t card = 0; card < options.cards; ++card) {
        const sc::command_header header{
            {0x16, 0x19}, {0x12}, {0x12}, {{0xB0, 0x00, 0x11}}, {world.who().first_counter(card) + 1}};
        const auto packet = sc::seal_command(header, wire::from_hex(push).value(), world.who().keys(card)).value();
        bearer::submission one;
        one.id = {1, static_cast<std::int64_t>(card), 0, 0};
        one.destination = world.who().msisdn(card);
        one.user_data = sc::split_packet(packet, sc::packet_kind::command, 1).value().at(0);
        one.expires = std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now()) + 1h;
        batch.push_back(std::move(one));
    }
    esme.submit(std::move(batch));
    EXPECT_TRUE(wait_until([&] { return server.with([&](bip_server& s) { return s.closed_well == options.cards; }); }));
    esme.shutdown(1s);
    world.stop();
    const auto end = world.snapshot();
    EXPECT_EQ(end.radio.opened, options.cards);
    EXPECT_NE(to_json(end).find("\"radio\":{\"opened\":" + std::to_string(cards)), std::string::npos);
    std::set<wire::octets> who;
    for (const auto& id : server.with([](bip_server& s) { return s.identifications; })) who.insert(id);
    EXPECT_EQ(who.size(), options.cards);
}

TEST(peers_with_data_channels, reach_the_server_from_cards_alone) { sessions_over_sockets(0, {}); }
TEST(peers_with_data_channels, reach_the_server_from_cards_in_devices) { sessions_over_sockets(1, {}); }
TEST(peers_with_data_channels, are_many_on_one_thread) {
    sessions_over_sockets(0.1, {.loss = 0.01, .delay_min = 100ms, .delay_max = 400ms},
                          std::getenv("OTAGW_LONG") != nullptr ? 5000 : 300);
}
TEST(peers_with_data_channels, reach_the_server_through_loss) {
    sessions_over_sockets(
        0.5, {.loss = 0.03, .duplicates = 0.05, .reordering = 0.05, .reordering_delay = 30ms, .delay_max = 10ms});
}

}  // namespace
}  // namespace ota::sandbox
