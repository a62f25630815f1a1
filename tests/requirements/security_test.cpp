// DM-SC-GEN-6, DM-SC-SEC-1 and SEC-2: what the card keeps, and keeps others from. Each has a twin with the feature off.
#include "tests/requirements/site.hpp"

#include "gateway/smpp/client.hpp"
#include "secure-channel/command_packet.hpp"
#include "secure-channel/short_message.hpp"

#include <atomic>
#include <thread>

namespace ota::requirements {
namespace {

namespace sc = secure_channel;
using namespace std::chrono_literals;
using queue::operation;

constexpr const char* secret_node = "./DMAcc/Operator/AppAuth/client/AAuthSecret";

TEST(DM_SC_GEN_6, the_secret_of_the_card_proves_the_device_to_the_server) {
    site s;
    s.give_account();
    const auto id = s.replace(imps_address, "imps.new.example.org");
    ASSERT_EQ(s.state(id), "applied");
    EXPECT_TRUE(s.wait([&] { return s.told(id, "incorporated"); }));
    EXPECT_GE(s.devices().sessions_ended, 1U);
}

TEST(DM_SC_GEN_6, off_with_another_secret_than_the_cards_nobody_is_let_in) {
    site s;
    s.give_account();
    s.with_devices([&](sandbox::device_pool& pool, sandbox::instant now) {
        ASSERT_TRUE(pool.edit(*pool.device_of(s.card()), management_object::parse_uri(secret_node).value(),
                              "not-the-cards", now));
    });
    const auto failed = s.devices().sessions_failed;
    const auto id = s.replace(imps_address, "imps.new.example.org");
    ASSERT_EQ(s.state(id), "applied");
    EXPECT_TRUE(s.wait([&] { return s.devices().sessions_failed > failed; }));
    s.settle();
    EXPECT_FALSE(s.told(id, "incorporated"));
}

TEST(DM_SC_SEC_1, a_secret_is_kept_by_the_card_and_told_to_nobody) {
    site s;
    s.give_account();
    const auto secret = s.on_card(secret_node);
    ASSERT_TRUE(secret && secret->size() >= 16);
    const auto id = s.change(operation::get, secret_node);
    EXPECT_EQ(s.state(id), "rejected");
    EXPECT_EQ(s.reason(id), "not-readable");
    EXPECT_EQ(s.everything_written().find(*secret), std::string::npos);
}

TEST(DM_SC_SEC_1, off_a_value_that_nobody_calls_a_secret_is_told) {
    site s({.edit = [](card_profile& p) {
        for (auto& o : p.management_objects) {
            if (o.uri == "./DMAcc/Operator") o.description.reset(), o.secrets.clear();
        }
    }});
    s.give_account();
    const auto secret = s.on_card(secret_node);
    ASSERT_TRUE(secret && secret->size() >= 16);
    const auto id = s.change(operation::get, secret_node);
    EXPECT_EQ(s.state(id), "applied") << s.reason(id);
    EXPECT_EQ(s.value(id), *secret);
}

/// Somebody else with a line to the SMSC.
class intruder final : public bearer::observer {
public:
    explicit intruder(std::uint16_t port) {
        smpp::route_settings route;
        route.name = "intruder";
        route.host = "127.0.0.1";
        route.port = port;
        route.system_id = "intruder";
        route.password = "secret";
        route.source.digits = "4901";
        smpp::client_settings settings;
        settings.routes.push_back(route);
        client_ = std::make_unique<smpp::client>(settings, *this);
        client_->start();
    }
    ~intruder() override { client_->shutdown(1s); }
    void on_submitted(std::vector<bearer::submitted> batch) override { sent_ += batch.size(); }
    void on_delivered(std::vector<bearer::delivered> batch) override {
        std::vector<std::uint64_t> tokens;
        for (const auto& one : batch) tokens.push_back(one.token);
        client_->answer(tokens, true);
    }
    /// A packet for the card, and until the SMSC has taken it.
    void send(const std::string& msisdn, const wire::octets& packet) {
        bearer::submission out;
        out.id = {static_cast<std::int64_t>(++number_), 1, 0, 0};
        out.destination = msisdn;
        out.user_data = sc::split_packet(packet, sc::packet_kind::command, 1).value().front();
        out.expires = std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now()) + 1h;
        client_->submit({std::move(out)});
        for (int i = 0; i < 4000 && sent_ < number_; ++i) std::this_thread::sleep_for(5ms);
        EXPECT_EQ(sent_, number_);
    }

private:
    std::unique_ptr<smpp::client> client_;
    std::atomic<std::size_t> sent_ = 0;
    std::size_t number_ = 0;
};

/// Writes an octet into the file of ./IMPS.
const wire::octets script = wire::from_hex("00a40804047f50643200d600280155").value();

/// Packets of one who has no keys of the card: unsecured, and sealed with keys of his own.
std::vector<wire::octets> forged(const site& s, sc::security_parameters level) {
    const auto& tar = s.profile().applications[s.profile().objects_at->application].tar;
    const sc::key_set own(sc::secret(wire::octets(16, 0x11)), sc::secret(wire::octets(16, 0x22)));
    const sc::command_header bare{{0x00, 0x00}, {0x00}, {0x00}, tar, {0}};
    const sc::command_header sealed{level, {0x12}, {0x12}, tar, {0xFFFFFF}};
    return {sc::seal_command(bare, script, own).value(), sc::seal_command(sealed, script, own).value()};
}

TEST(DM_SC_SEC_2, who_has_no_keys_of_the_card_changes_nothing) {
    site s;
    const auto before = *s.peers().content(s.card(), "./IMPS");
    intruder other(s.peers().port());
    for (const auto& packet : forged(s, s.profile().spi)) other.send(s.peers().who().msisdn(s.card()), packet);
    s.settle();
    EXPECT_EQ(*s.peers().content(s.card(), "./IMPS"), before);
    EXPECT_EQ(s.at_device(imps_address), "imps.old.example.org");
}

TEST(DM_SC_SEC_2, off_a_card_that_asks_for_no_security_is_written_by_anybody) {
    site s({.edit = [](card_profile& p) { p.spi = {0x00, 0x00}; }});
    const auto before = *s.peers().content(s.card(), "./IMPS");
    intruder other(s.peers().port());
    other.send(s.peers().who().msisdn(s.card()), forged(s, {0x16, 0x19}).front());
    s.settle();
    EXPECT_NE(*s.peers().content(s.card(), "./IMPS"), before);
}

}  // namespace
}  // namespace ota::requirements
