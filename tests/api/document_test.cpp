#include "gateway/api/documents.hpp"
#include "gateway/api/settings_calls.hpp"
#include "gateway/campaigns/calls.hpp"
#include "tests/api/api_room.hpp"

#include <set>

namespace ota::api::testing {

using ::testing::ContainerEq;

struct document : room {
    void fill(book& all) override {
        room::fill(all);
        add_packets(all, work);
        add_nodes(all, work);
        add_inspector(all, work);
        add_dead_letters(all, {});
        add_settings_calls(all, {});
        campaigns::add_calls(all, office);
    }
    campaigns::office office{work, {}};
    static std::string upper(std::string method) {
        for (auto& c : method) c = static_cast<char>(c - 'a' + 'A');
        return method;
    }
};

TEST_F(document, has_every_entry_of_the_book_with_its_role_and_no_other) {
    const auto whole = json::parse(openapi_document());
    std::set<std::string> described, served;
    for (const auto& [path, methods] : whole.at("paths").as_object()) {
        for (const auto& [method, call] : methods.as_object()) {
            described.insert(upper(std::string(method)) + ' ' + std::string(path) + ' ' +
                             std::string(call.at("x-role").as_string()));
        }
    }
    serve();
    for (const auto& e : entries) served.insert(e.method + ' ' + e.path + ' ' + std::string(http::name_of(e.needs)));
    EXPECT_THAT(described, ContainerEq(served));
}

TEST_F(document, has_the_parameters_that_each_call_knows_and_no_other) {
    const auto whole = json::parse(openapi_document());
    const auto& shared = whole.at("components").at("parameters");
    const auto names_of = [&](const json::value& call) {
        std::set<std::string> names;
        const auto* list = call.as_object().if_contains("parameters");
        for (const auto& each : list != nullptr ? list->as_array() : json::array()) {
            const auto* ref = each.as_object().if_contains("$ref");
            const auto& one =
                ref != nullptr ? shared.at(std::string_view(ref->as_string()).substr(sizeof "#/components/parameters"))
                               : each;
            if (one.at("in").as_string() == "query") names.emplace(one.at("name").as_string());
        }
        return names;
    };
    serve();
    for (const auto& e : entries) {
        auto method = e.method;
        for (auto& c : method) c = static_cast<char>(c - 'A' + 'a');
        const std::set<std::string> known(e.parameters.begin(), e.parameters.end());
        EXPECT_THAT(names_of(whole.at("paths").at(e.path).at(method)), ContainerEq(known)) << e.method << ' ' << e.path;
    }
}

TEST_F(document, is_served_without_a_token) {
    serve_documents(routes);
    const auto said = ask("", "GET", "/api/v1/openapi.json");
    EXPECT_EQ(said.status, 200u);
    EXPECT_EQ(said.content_type, "application/json");
    EXPECT_EQ(said.body, openapi_document());
}

}  // namespace ota::api::testing
