#include "sandbox/pcsc/vpcd_client.hpp"
#include "tests/sandbox/uicc/object_card.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>

#include <condition_variable>
#include <mutex>
#include <thread>

namespace ota::sandbox {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

/// The driver's end: it listens, and the card comes. Until it listens, whoever comes is refused.
struct driver {
    explicit driver(bool listens = true) {
        acceptor.open(tcp::v4());
        acceptor.bind({asio::ip::address_v4::loopback(), 0});
        if (listens) acceptor.listen();
    }
    tcp::socket next() { return acceptor.accept(); }
    [[nodiscard]] std::uint16_t port() const { return acceptor.local_endpoint().port(); }

    asio::io_context io;
    tcp::acceptor acceptor{io};
};

void say(tcp::socket& to, std::string_view body) {
    const auto octets = hex(body);
    asio::write(to, asio::buffer(wire::writer().u16(octets.size()).put(octets).take()));
}

std::string ask(tcp::socket& to, std::string_view body) {
    say(to, body);
    wire::octets length(2);
    asio::read(to, asio::buffer(length));
    wire::octets answer(wire::reader(length).u16());
    asio::read(to, asio::buffer(answer));
    return wire::to_hex(answer);
}

struct running_card : object_card {
    explicit running_card(std::uint16_t port)
        : client(terminal, {"127.0.0.1", port}, [this](std::string_view text) { tell(text); },
                 {std::chrono::milliseconds(1), std::chrono::milliseconds(20)}),
          thread([this] { client.run(); }) {}
    ~running_card() { stop(); }
    void stop() {
        if (!thread.joinable()) return;
        client.stop();
        thread.join();
    }

    void tell(std::string_view text) {
        const std::scoped_lock lock(mutex);
        said.emplace_back(text);
        changed.notify_all();
    }
    std::vector<std::string> told() {
        const std::scoped_lock lock(mutex);
        return said;
    }
    /// Waits until so much was told; false when it never was.
    bool wait_for(std::size_t sentences) {
        std::unique_lock lock(mutex);
        return changed.wait_for(lock, std::chrono::seconds(60), [&] { return said.size() >= sentences; });
    }

    std::mutex mutex;
    std::condition_variable changed;
    std::vector<std::string> said;
    vpcd_client client;
    std::thread thread;
};

TEST(vpcd_client, puts_the_card_into_the_reader) {
    driver vpcd;
    running_card card(vpcd.port());
    auto reader = vpcd.next();
    say(reader, "01");
    EXPECT_EQ(ask(reader, "04"), wire::to_hex(answer_to_reset()));
    EXPECT_EQ(ask(reader, "00a4080c047f506432"), "9000");
    EXPECT_EQ(ask(reader, "00d6000001ff"), "6982");
    card.stop();
    EXPECT_EQ(card.client.commands(), 2U);
    EXPECT_EQ(card.told(), std::vector<std::string>{"the card is in the reader of vpcd at 127.0.0.1:" +
                                                    std::to_string(vpcd.port())});
}

TEST(vpcd_client, comes_back_when_the_daemon_went_and_came) {
    driver vpcd;
    running_card card(vpcd.port());
    for (int round = 0; round < 3; ++round) {
        auto reader = vpcd.next();
        say(reader, "01");
        EXPECT_EQ(ask(reader, "00b0000004"), "6986") << "without power it knows no file any more";
        EXPECT_EQ(ask(reader, "00a4080c047f506432"), "9000");
    }
    card.stop();
    const auto told = card.told();
    ASSERT_GE(told.size(), 5U);
    for (std::size_t i = 0; i < 5; ++i) EXPECT_EQ(told[i].find("has gone") != std::string::npos, i % 2 == 1) << told[i];
}

TEST(vpcd_client, waits_for_a_daemon_that_is_not_there_and_complains_once) {
    driver vpcd(false);
    running_card card(vpcd.port());
    ASSERT_TRUE(card.wait_for(1));
    vpcd.acceptor.listen();
    auto reader = vpcd.next();
    EXPECT_EQ(ask(reader, "04"), wire::to_hex(answer_to_reset()));
    card.stop();
    const auto told = card.told();
    ASSERT_EQ(told.size(), 2U);
    EXPECT_EQ(told[0].find("no vpcd at 127.0.0.1:"), 0U);
    EXPECT_EQ(told[1].find("the card is in the reader"), 0U);
}

TEST(vpcd_client, ends_while_nobody_is_there) {
    const driver vpcd(false);
    running_card card(vpcd.port());
    ASSERT_TRUE(card.wait_for(1));
    card.stop();
    EXPECT_EQ(card.told().size(), 1U);
    EXPECT_EQ(card.client.commands(), 0U);
}

TEST(vpcd_address, is_a_host_a_port_or_both) {
    const auto both = parse_vpcd_address("reader.example.org:4000");
    ASSERT_TRUE(both);
    EXPECT_EQ(both->host, "reader.example.org");
    EXPECT_EQ(both->port, 4000);
    EXPECT_EQ(parse_vpcd_address(":4000")->host, "127.0.0.1");
    EXPECT_EQ(parse_vpcd_address("localhost")->port, 35963);
    EXPECT_EQ(parse_vpcd_address("[::1]:4000")->host, "::1");
    EXPECT_EQ(parse_vpcd_address("[::1]")->port, 35963);
    for (const auto* wrong : {"", ":", "a:", "a:0", "a:65536", "a:b", "a:1b", "::1", "[]:1"})
        EXPECT_FALSE(parse_vpcd_address(wrong)) << wrong;
}

}  // namespace
}  // namespace ota::sandbox
