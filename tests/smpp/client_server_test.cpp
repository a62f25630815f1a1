#include "tests/smpp/live.hpp"
#include "tests/smpp/samples.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <set>

#include <unistd.h>

namespace ota::smpp {
namespace {

using namespace testing_live;
using bearer::submit_outcome;

deliver_sm proof_from(std::string source) {
    deliver_sm m;
    m.source = {1, 1, std::move(source)};
    m.destination = {2, 1, "1234"};
    m.esm_class = 0x40;
    m.data_coding = 0xF6;
    m.short_message = samples::proof;
    return m;
}

TEST(client_and_server, carry_many_messages_over_one_window) {
    smsc peer;
    ear heard;
    client c({{route_to(peer)}, 1}, heard);
    c.start();
    c.submit(messages(5000));
    ASSERT_TRUE(heard.wait_submitted(5000));
    EXPECT_EQ(heard.count(submit_outcome::accepted), 5000u);
    std::set<std::int64_t> packets;
    for (const auto& s : heard.read([&] { return heard.submitted; })) packets.insert(s.id.packet);
    EXPECT_EQ(packets.size(), 5000u);
    const auto first = peer.read([&] { return peer.submits.front().message; });
    EXPECT_EQ(first.destination.digits, "491512345678");
    EXPECT_EQ(first.short_message, message(1).user_data);
    const auto status = c.status().at(0);
    EXPECT_EQ(status.counters.accepted, 5000u);
    EXPECT_EQ(status.binds_up, 1u);
    c.shutdown(5s);
}

TEST(client_and_server, deliver_and_answer_after_the_observer_said_so) {
    smsc peer;
    ear heard;
    client c({{route_to(peer)}, 1}, heard);
    c.start();
    ASSERT_TRUE(wait_status(c, [](const auto& s) { return s[0].binds_up == 1; }));
    const auto session = peer.last_session();
    peer.machine.deliver({{session, 7, proof_from("491512345678")}, {session, 8, samples::data_message()}});
    ASSERT_TRUE(heard.wait_delivered(2));
    EXPECT_TRUE(peer.read([&] { return peer.answered.empty(); }));
    const auto told = heard.read([&] { return heard.delivered; });
    EXPECT_EQ(std::get<bearer::inbound_message>(told[0].what).source, "491512345678");
    c.answer({told[0].token}, true);
    c.answer({told[1].token}, false);
    ASSERT_TRUE(peer.wait([&] { return peer.answered.size() == 2; }));
    std::vector<std::pair<std::uint64_t, std::uint32_t>> answers;
    for (const auto& a : peer.answered) answers.emplace_back(a.token, a.command_status.value());
    EXPECT_THAT(answers, ::testing::UnorderedElementsAre(std::pair(7u, 0u), std::pair(8u, 0x64u)));
    c.shutdown(5s);
}

TEST(client_and_server, come_together_again_after_the_connection_was_cut) {
    smsc peer;
    ear heard;
    auto r = route_to(peer);
    r.window = 2;
    client c({{r}, 1}, heard);
    peer.mute = 2;
    c.start();
    c.submit(messages(5));
    ASSERT_TRUE(peer.wait([&] { return peer.submits.size() == 2; }));
    peer.machine.close_all();
    ASSERT_TRUE(heard.wait_submitted(5));
    EXPECT_EQ(heard.count(submit_outcome::unknown), 2u);
    EXPECT_EQ(heard.count(submit_outcome::accepted), 3u);
    EXPECT_GE(peer.read([&] { return peer.binds.size(); }), 2u);
    EXPECT_GE(c.status().at(0).counters.disconnects, 1u);
    c.shutdown(5s);
}

TEST(client_and_server, hold_back_after_throttling_and_lose_nothing) {
    smsc peer;
    ear heard;
    peer.statuses = {0, 0x58, 0, 0x14, 0};
    client c({{route_to(peer)}, 1}, heard);
    c.start();
    c.submit(messages(20));
    ASSERT_TRUE(heard.wait_submitted(20));
    EXPECT_EQ(heard.count(submit_outcome::accepted), 20u);
    const auto counters = c.status().at(0).counters;
    EXPECT_EQ(counters.throttled, 2u);
    EXPECT_EQ(counters.submits, 22u);
    c.shutdown(5s);
}

TEST(client_and_server, fail_over_to_the_next_route) {
    auto first = std::make_unique<smsc>();
    smsc second;
    ear heard;
    auto a = route_to(*first, "first");
    auto b = route_to(second, "second");
    b.priority = 1;
    client c({{a, b}, 1}, heard);
    c.start();
    ASSERT_TRUE(wait_status(c, [](const auto& s) { return s[0].binds_up == 1 && s[1].binds_up == 1; }));
    c.submit(messages(3));
    ASSERT_TRUE(heard.wait_submitted(3));
    EXPECT_EQ(heard.submitted.back().route, "first");
    first.reset();
    ASSERT_TRUE(wait_status(c, [](const auto& s) { return s[0].binds_up == 0; }));
    c.submit(messages(3));
    ASSERT_TRUE(heard.wait_submitted(6));
    EXPECT_EQ(heard.submitted.back().route, "second");
    EXPECT_EQ(heard.count(submit_outcome::accepted), 6u);
    c.shutdown(5s);
}

TEST(client_and_server, bind_as_a_pair_and_hear_on_the_receiver) {
    smsc peer;
    ear heard;
    auto r = route_to(peer);
    r.mode = bind_mode::transmitter_receiver;
    client c({{r}, 1}, heard);
    c.start();
    ASSERT_TRUE(peer.wait_binds(2));
    const auto binds = peer.read([&] { return peer.binds; });
    EXPECT_NE(binds[0].second.kind, binds[1].second.kind);
    const auto receiver = binds[0].second.kind == bind_kind::receiver ? binds[0].first : binds[1].first;
    peer.machine.deliver({{receiver, 1, proof_from("49")}});
    c.submit(messages(10));
    ASSERT_TRUE(heard.wait_submitted(10));
    ASSERT_TRUE(heard.wait_delivered(1));
    c.answer({heard.read([&] { return heard.delivered.front().token; })}, true);
    for (const auto& s : peer.read([&] { return peer.submits; })) EXPECT_NE(s.session, receiver);
    c.shutdown(5s);
}

TEST(client_and_server, part_in_order_whoever_unbinds) {
    smsc peer;
    ear heard;
    client c({{route_to(peer)}, 1}, heard);
    c.start();
    ASSERT_TRUE(peer.wait_binds(1));
    ASSERT_TRUE(wait_status(c, [](const auto& s) { return s[0].binds_up == 1; }));
    peer.machine.unbind(peer.last_session());
    ASSERT_TRUE(peer.wait_binds(2));
    ASSERT_TRUE(wait_status(c, [](const auto& s) { return s[0].binds_up == 1; }));
    EXPECT_TRUE(peer.wait([&] { return peer.closed.size() == 1; }));
    peer.mute = 1;
    c.submit(messages(1));
    ASSERT_TRUE(peer.wait([&] { return peer.submits.size() == 1; }));
    c.shutdown(100ms);
    EXPECT_EQ(heard.count(submit_outcome::unknown), 1u);
    EXPECT_TRUE(peer.wait([&] { return peer.closed.size() == 2; }));
}

TEST(client_and_server, shut_down_with_a_word_for_what_was_never_sent) {
    smsc peer;
    ear heard;
    auto nowhere = route_to(peer);
    nowhere.port = 1;
    client c({{nowhere}, 1}, heard);
    c.start();
    c.submit(messages(3));
    ASSERT_TRUE(wait_status(c, [](const auto& s) { return s[0].queued == 3 && !s[0].last_fault.empty(); }));
    c.shutdown(1s);
    EXPECT_EQ(heard.count(submit_outcome::not_sent), 3u);
}

TEST(client_and_server, that_were_never_started_shut_down_too) {
    smsc peer;
    ear heard;
    client c({{route_to(peer)}, 1}, heard);
    c.submit(messages(2));
    c.shutdown(1s);
    EXPECT_EQ(heard.count(submit_outcome::not_sent), 2u);
    client destroyed({{route_to(peer)}, 1}, heard);
    destroyed.start();
}

TEST(client_and_server, R5_write_nothing_whose_lease_is_gone) {
    smsc peer;
    ear heard;
    client c({{route_to(peer)}, 1}, heard);
    const auto far = std::chrono::steady_clock::now() + 1h;
    c.start();
    c.submit(messages(1));
    ASSERT_TRUE(heard.wait_submitted(1));
    EXPECT_TRUE(c.serves("491512345678"));
    c.set_shares({{0, 0, far}});
    EXPECT_TRUE(c.serves_nobody());
    ASSERT_TRUE(wait_status(c, [](const auto& s) { return s[0].binds_here == 0; }));
    EXPECT_FALSE(c.serves("491512345678"));
    c.submit(messages(2));
    ASSERT_TRUE(heard.wait_submitted(3));
    EXPECT_EQ(heard.count(submit_outcome::elsewhere), 2u);
    ASSERT_TRUE(wait_status(c, [](const auto& s) { return s[0].binds_open == 0; })) << "others may have the bind now";
    c.set_shares({{1, 0, far}});
    EXPECT_FALSE(c.serves_nobody());
    ASSERT_TRUE(wait_status(c, [](const auto& s) { return s[0].binds_here == 1; }));
    c.submit(messages(1));
    ASSERT_TRUE(heard.wait_submitted(4));
    EXPECT_EQ(heard.count(submit_outcome::accepted), 2u);
    c.shutdown(5s);
}

TEST(client_and_server, survive_garbage_on_one_bind_while_the_other_goes_on) {
    smsc peer;
    ear heard;
    auto r = route_to(peer);
    r.binds = 2;
    client c({{r}, 1}, heard);
    c.start();
    ASSERT_TRUE(wait_status(c, [](const auto& s) { return s[0].binds_up == 2; }));
    peer.machine.write_raw(peer.last_session(), samples::hex("47455420202020"));
    ASSERT_TRUE(peer.wait_binds(3));
    c.submit(messages(100));
    ASSERT_TRUE(heard.wait_submitted(100));
    EXPECT_EQ(heard.count(submit_outcome::accepted), 100u);
    EXPECT_GE(c.status().at(0).counters.malformed, 1u);
    c.shutdown(5s);
}

/// A certificate for `smsc.test`, made for this run by the openssl program.
class certificate_files {
public:
    certificate_files() {
        std::string pattern = (std::filesystem::temp_directory_path() / "smpp-tls-XXXXXX").string();
        folder_ = mkdtemp(pattern.data());
        const auto command =
            "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=smsc.test -addext "
            "subjectAltName=DNS:smsc.test -keyout " +
            key() + " -out " + chain() + " >/dev/null 2>&1";
        EXPECT_EQ(std::system(command.c_str()), 0) << "the openssl program is needed to make a certificate";
    }
    ~certificate_files() { std::filesystem::remove_all(folder_); }
    std::string chain() const { return folder_ + "/chain.pem"; }
    std::string key() const { return folder_ + "/key.pem"; }

private:
    std::string folder_;
};

TEST(client_and_server, speak_over_tls_and_check_the_name) {
    const certificate_files files;
    server_settings settings;
    settings.certificate_file = files.chain();
    settings.private_key_file = files.key();
    smsc peer(settings);
    ear heard;
    auto good = route_to(peer, "good");
    good.prefixes = {"49"};
    good.tls = {true, files.chain(), true, "smsc.test"};
    auto wrong_name = route_to(peer, "wrong name");
    wrong_name.prefixes = {"1"};
    wrong_name.tls = {true, files.chain(), true, "other.test"};
    auto untrusted = route_to(peer, "untrusted");
    untrusted.prefixes = {"2"};
    untrusted.tls = {true, "", true, "smsc.test"};
    auto unchecked = route_to(peer, "unchecked");
    unchecked.prefixes = {"3"};
    unchecked.tls = {true, "", false, ""};
    auto plain = route_to(peer, "plain");
    plain.prefixes = {"5"};
    client c({{good, wrong_name, untrusted, unchecked, plain}, 1}, heard);
    c.start();
    c.submit(messages(500));
    c.submit({message(501, "3612345")});
    ASSERT_TRUE(heard.wait_submitted(501));
    EXPECT_EQ(heard.count(submit_outcome::accepted), 501u);
    ASSERT_TRUE(wait_status(c, [](const auto& s) { return !s[1].last_fault.empty() && !s[2].last_fault.empty(); }));
    const auto status = c.status();
    EXPECT_THAT(status[1].last_fault, ::testing::HasSubstr("TLS"));
    EXPECT_EQ(status[1].binds_up, 0u);
    EXPECT_EQ(status[2].binds_up, 0u);
    EXPECT_EQ(status[4].binds_up, 0u) << "a plain bind is not taken on a TLS port";
    c.shutdown(5s);
    EXPECT_TRUE(peer.wait([&] { return peer.closed.size() >= 2; }));
}

TEST(server, says_why_it_cannot_listen) {
    smsc first;
    struct deaf final : server_observer {
        void on_submit(std::vector<received_submit>) override {}
    } observer;
    server_settings taken;
    taken.port = first.machine.port();
    server second(taken, observer);
    std::string error;
    EXPECT_FALSE(second.start(error));
    EXPECT_THAT(error, ::testing::HasSubstr("cannot listen"));
    server_settings unreadable;
    unreadable.certificate_file = "/nonexistent.pem";
    unreadable.private_key_file = "/nonexistent.pem";
    server third(unreadable, observer);
    EXPECT_FALSE(third.start(error));
    EXPECT_THAT(error, ::testing::HasSubstr("certificate"));
}

}  // namespace
}  // namespace ota::smpp
