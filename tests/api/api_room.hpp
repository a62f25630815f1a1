#pragma once

#include "gateway/api/calls.hpp"
#include "tests/cards/card_room.hpp"

#include <gmock/gmock.h>
#include <boost/json.hpp>

#include <sys/stat.h>
#include <fstream>

/// The API over a card desk in memory, called without a socket.
namespace ota::api::testing {

namespace json = boost::json;

inline const std::string read_token = "reads-and-nothing-else-0001", operate_token = "operates-cards-and-events-02",
                         keys_token = "opens-packets-and-values-003";

/// Keeps what it is given; fails when told to.
class writer_in_memory final : public queue::tools::change_writer {
public:
    struct shelf {
        std::vector<queue::message> written;
        std::error_code fail;
        int opened = 0;
    };
    explicit writer_in_memory(shelf& to) : to_(to) { ++to_.opened; }
    appended append(const std::vector<queue::message>& batch, queue::wall_time) override {
        if (to_.fail) return {std::vector<bool>(batch.size(), false), to_.fail};
        to_.written.insert(to_.written.end(), batch.begin(), batch.end());
        return {std::vector<bool>(batch.size(), true), {}};
    }

private:
    shelf& to_;
};

class room : public cards::testing::room {
protected:
    room() {
        const auto add = [&](const char* name, http::role may, const std::string& token) {
            const auto path = (folder_.path / name).string();
            std::ofstream(path) << token << '\n';
            ::chmod(path.c_str(), 0600);
            files.push_back({name, may, path});
        };
        add("viewer", http::role::read, read_token);
        add("backend", http::role::operate, operate_token);
        add("support", http::role::keys, keys_token);
        std::string why;
        EXPECT_TRUE(tokens.load(files, why)) << why;
    }

    /// Tokens whose names begin otherwise hold no more.
    void leave_tokens_of(std::string_view name) {
        std::erase_if(files, [&](const auto& f) { return !f.name.starts_with(name); });
        std::string why;
        EXPECT_TRUE(tokens.load(files, why)) << why;
    }

    /// To be called once, before the first call.
    void serve() {
        book::surroundings with{tokens,
                                [this](const deed& d) {
                                    deeds.push_back(std::string(d.who) + " " + std::string(d.method) + " " +
                                                    std::string(d.route) + " " + std::to_string(d.status));
                                },
                                [this](std::string_view why, std::string_view peer) {
                                    denials.emplace_back(why);
                                    EXPECT_EQ(peer, "192.0.2.1");
                                },
                                [this](const http::caller&) { return permitted; }, [this] { return recordable; }};
        book all(with);
        fill(all);
        entries = all.entries();
        std::move(all).serve_on(routes);
    }
    virtual void fill(book& all) {
        add_me(all);
        add_cards(all, work, [this] { return voice; });
        add_card_deeds(all, work);
        add_changes(all, work, intake, [this] { return sources; });
        add_routes(all, work, [this] { return route_states; });
        add_events(all, feed, tokens);
        add_overview(all, {3,
                           "1.2.3",
                           now,
                           work,
                           did,
                           [this] { return voice; },
                           [this] { return status; },
                           [this] { return route_states; },
                           {}});
    }

    http::response ask(const std::string& token, const std::string& method, const std::string& target,
                       std::string body = {}, const std::string& type = "application/json") {
        if (entries.empty()) serve();
        http::request r;
        r.method = method;
        r.path = target.substr(0, target.find('?'));
        r.query = target.find('?') == std::string::npos ? "" : target.substr(target.find('?') + 1);
        if (!token.empty()) r.headers.emplace_back("Authorization", "Bearer " + token);
        if (!body.empty()) r.headers.emplace_back("Content-Type", type);
        r.body = std::move(body);
        r.peer = "192.0.2.1";
        auto said = routes.answer(r).answer;
        answers += said.body + "\n";
        return said;
    }
    http::response get(const std::string& path, const std::string& token = read_token) {
        return ask(token, "GET", "/api/v1" + path);
    }
    http::response post(const std::string& path, std::string body = {}, const std::string& type = "application/json",
                        const std::string& token = operate_token) {
        return ask(token, "POST", "/api/v1" + path, std::move(body), type);
    }
    static json::value parsed(const http::response& r) {
        boost::system::error_code fault;
        auto v = json::parse(r.body, fault);
        EXPECT_FALSE(fault) << r.body;
        return v;
    }
    /// The detail of a problem, which has to be a whole one.
    static std::string detail_of(const http::response& r) {
        const auto v = parsed(r);
        EXPECT_EQ(r.content_type, "application/problem+json");
        EXPECT_EQ(v.at("status").as_int64(), r.status);
        return std::string(v.at("detail").as_string());
    }
    static std::string header_of(const http::response& r, std::string_view name) {
        for (const auto& [n, v] : r.headers) {
            if (n == name) return v;
        }
        return {};
    }

    cards::testing::folder folder_;
    std::vector<http::token_file> files;
    http::token_table tokens;
    cards::desk work = desk();
    cards::gateway_voice voice{.asked = true, .answered = true, .reasons = {}};
    std::vector<smpp::route_status> route_states;
    flow::corridor_status status;
    http::event_feed feed;
    activity did{feed};
    writer_in_memory::shelf shelf;
    std::error_code no_writer;
    change_intake intake{[this]() -> wire::result<std::unique_ptr<queue::tools::change_writer>> {
        if (no_writer) return no_writer;
        return std::unique_ptr<queue::tools::change_writer>(std::make_unique<writer_in_memory>(shelf));
    }};
    std::vector<std::string> sources{"//dm", "otagw-publish"};
    http::router routes;
    std::vector<book::entry> entries;
    std::vector<std::string> deeds, denials;
    bool permitted = true, recordable = true;
    std::string answers;  ///< the bodies of all of them
};

}  // namespace ota::api::testing
