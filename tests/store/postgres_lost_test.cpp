#include "tests/store/conformance.hpp"
#include "tests/store/cutting_proxy.hpp"
#include "tests/store/postgres_cluster.hpp"

#include <thread>

// What becomes of a transaction when the server, or the way to it, is lost.
namespace ota::store {

namespace {

using cut = cutting_proxy::cut;

class postgres_lost : public testing::Test {
protected:
    postgres_lost() {
        auto direct = must(open_postgres(home_.options()));
        auto tx = must(direct->begin());
        auto c = a_card("8988303000000000017");
        must(tx->insert_cards({&c, 1}));
        must(tx->commit());
        card_ = c.id;
        proxied_ = home_.options();
        proxied_.connection = "host=" + proxy_.host() + " user=otagw dbname=" + home_.name();
        proxied_.resolve_timeout = std::chrono::milliseconds(20'000);
    }

    [[nodiscard]] static wire::result<void> change(transaction& tx, card_id id, std::string_view twin) {
        OTA_TRY(const auto now, tx.cards_by_id(std::vector{id}));
        return tx.save_cards(std::vector{card_change{id, now.front()->version, octets(twin), {}, standing::active}});
    }
    [[nodiscard]] card_row read(store& st) {
        auto tx = must(begin_soon(st));
        return must(tx->cards_by_id(std::vector{card_})).front().value();
    }
    /// `begin`, as often as it takes within half a minute.
    [[nodiscard]] static wire::result<std::unique_ptr<transaction>> begin_soon(store& st) {
        for (int i = 0;; ++i) {
            auto tx = st.begin();
            if (tx || i == 600) return tx;
            std::this_thread::sleep_for(std::chrono::milliseconds(50));
        }
    }

    postgres_home home_;
    cutting_proxy proxy_{postgres_cluster::shared().socket(), postgres_cluster::shared().folder() / "proxy"};
    postgres_options proxied_;
    card_id card_ = 0;
};

}  // namespace

TEST_F(postgres_lost, a_commit_that_never_reached_the_server_is_known_to_be_undone) {
    for (const auto how : {cut::before, cut::half}) {
        auto st = must(open_postgres(proxied_));
        const auto before = read(*st);
        const auto commits = st->commits();
        auto tx = must(st->begin());
        must(change(*tx, card_, "lost"));
        proxy_.at_next_commit(how);
        EXPECT_EQ(error_of(tx->commit()), make_error_code(errc::unreachable));
        EXPECT_TRUE(proxy_.struck());
        tx.reset();
        EXPECT_EQ(read(*st).version, before.version);
        EXPECT_EQ(st->commits(), commits);
        tx = must(begin_soon(*st));  // the caller runs it again
        must(change(*tx, card_, "again"));
        must(tx->commit());
        tx.reset();
        EXPECT_EQ(read(*st).version, before.version + 1);
        EXPECT_EQ(st->commits(), commits + 1);
    }
}

TEST_F(postgres_lost, a_commit_whose_answer_was_lost_is_known_to_be_durable) {
    for (int messages = 0; messages <= 4;
         ++messages) {  // marker inserted, marker deleted, tally, COMMIT; not: ready again
        SCOPED_TRACE(messages);
        auto st = must(open_postgres(proxied_));
        const auto before = read(*st);
        const auto commits = st->commits();
        auto tx = must(st->begin());
        must(change(*tx, card_, "durable"));
        proxy_.at_next_commit(cut::after, messages);
        must(tx->commit());
        EXPECT_TRUE(proxy_.struck());
        tx.reset();
        EXPECT_EQ(read(*st).version, before.version + 1);
        EXPECT_EQ(st->commits(), commits + 1);
        st.reset();
        EXPECT_EQ(must(open_postgres(proxied_))->commits(), commits + 1) << "counted once";
    }
}

TEST_F(postgres_lost, a_commit_that_comes_late_is_stopped_once_it_was_called_undone) {
    auto st = must(open_postgres(proxied_));
    auto tx = must(st->begin());
    must(change(*tx, card_, "late"));
    proxy_.at_next_commit(cut::held);
    EXPECT_EQ(error_of(tx->commit()), make_error_code(errc::unreachable));
    EXPECT_THAT(proxy_.release(), testing::HasSubstr("23505")) << "its marker is taken";
    EXPECT_EQ(read(*st).version, 1u);
}

TEST_F(postgres_lost, a_commit_stays_unresolved_until_the_server_can_be_asked) {
    proxied_.resolve_timeout = std::chrono::milliseconds(200);
    for (const auto how : {cut::after, cut::before}) {
        auto st = must(open_postgres(proxied_));
        const auto before = read(*st);
        auto tx = must(st->begin());
        must(change(*tx, card_, "somewhere"));
        proxy_.at_next_commit(how);
        proxy_.refuse(true);
        EXPECT_EQ(error_of(tx->commit()), make_error_code(errc::unresolved));
        EXPECT_EQ(error_of(tx->commit()), make_error_code(errc::unresolved));
        EXPECT_EQ(error_of(tx->value("a")), make_error_code(errc::misuse));
        proxy_.refuse(false);
        wire::result<void> known = errc::unresolved;
        for (int i = 0; i < 200 && error_of(known) == make_error_code(errc::unresolved); ++i) known = tx->commit();
        EXPECT_EQ(known.has_value(), how == cut::after);
        tx.reset();
        EXPECT_EQ(read(*st).version, before.version + (how == cut::after ? 1 : 0));
    }
}

TEST_F(postgres_lost, an_unresolved_commit_that_was_given_up_is_stopped_by_the_next_transaction) {
    proxied_.resolve_timeout = std::chrono::milliseconds(200);
    auto st = must(open_postgres(proxied_));
    auto tx = must(st->begin());
    must(change(*tx, card_, "late"));
    proxy_.at_next_commit(cut::held);
    proxy_.refuse(true);
    EXPECT_EQ(error_of(tx->commit()), make_error_code(errc::unresolved));
    tx.reset();
    EXPECT_EQ(error_of(st->begin()), make_error_code(errc::unreachable));
    proxy_.refuse(false);
    // Its row is still locked: the server waits for the COMMIT. Reading it would wait too, so only begin.
    must(begin_soon(*st)).reset();
    EXPECT_THAT(proxy_.release(), testing::HasSubstr("23505"));
    EXPECT_EQ(read(*st).version, 1u);
}

TEST_F(postgres_lost, a_server_that_is_away_is_not_asked_at_every_call) {
    proxied_.resolve_timeout = std::chrono::milliseconds(200);
    auto st = must(open_postgres(proxied_));
    auto tx = must(st->begin());
    must(change(*tx, card_, "somewhere"));
    proxy_.at_next_commit(cut::after);
    proxy_.refuse(true);
    EXPECT_EQ(error_of(tx->commit()), make_error_code(errc::unresolved));
    tx.reset();
    const auto before = proxy_.knocks();
    for (int i = 0; i < 500; ++i) EXPECT_EQ(error_of(st->begin()), make_error_code(errc::unreachable));
    EXPECT_GT(proxy_.knocks(), before);
    EXPECT_LT(proxy_.knocks(), before + 50) << "libpq may knock twice for one attempt; the pauses double";
    proxy_.refuse(false);
    EXPECT_EQ(read(*st).version, 2u);
}

TEST_F(postgres_lost, goes_on_by_itself_when_the_server_is_back) {
    auto& server = postgres_cluster::shared();
    auto st = must(open_postgres(home_.options()));
    for (const bool crash : {false, true}) {
        const auto version = read(*st).version;
        auto under_way = must(st->begin());
        must(change(*under_way, card_, "lost"));
        crash ? server.crash() : server.stop();
        EXPECT_EQ(error_of(under_way->value("a")), make_error_code(errc::unreachable));
        EXPECT_TRUE(error_of(under_way->commit()));
        under_way.reset();
        EXPECT_EQ(error_of(st->begin()), make_error_code(errc::unreachable));
        EXPECT_EQ(error_of(st->begin()), make_error_code(errc::unreachable)) << "at once: it backs off";
        server.start();
        auto tx = must(begin_soon(*st));
        EXPECT_EQ(must(tx->cards_by_id(std::vector{card_})).front()->version, version);
        must(change(*tx, card_, "after"));
        must(tx->commit());
    }
}

TEST_F(postgres_lost, never_hangs_on_a_server_that_does_not_answer) {
    auto& server = postgres_cluster::shared();
    auto options = home_.options();
    options.statement_timeout = std::chrono::milliseconds(200);
    options.connect_timeout = std::chrono::milliseconds(500);
    options.resolve_timeout = std::chrono::milliseconds(200);
    auto st = must(open_postgres(options));
    auto tx = must(st->begin());
    must(change(*tx, card_, "frozen"));
    server.freeze();
    EXPECT_EQ(error_of(tx->commit()), make_error_code(errc::unresolved));
    EXPECT_EQ(error_of(st->begin()), make_error_code(errc::unreachable));
    server.wake();
    wire::result<void> known = errc::unresolved;
    for (int i = 0; i < 200 && error_of(known) == make_error_code(errc::unresolved); ++i) known = tx->commit();
    tx.reset();
    EXPECT_EQ(read(*st).version, known ? 2u : 1u) << "whatever it says, it is so";
}

}  // namespace ota::store
