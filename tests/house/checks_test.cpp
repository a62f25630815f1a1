#include "tests/house/checks.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

// Each check is shown a house that breaks its rule, and one beside it that does not.
namespace ota::house {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

// A file that includes one other, and that other.
source_tree pair(const std::string& from, const std::string& to) {
    return {{from, "#pragma once\n#include \"" + to + "\"\n"}, {to, "#pragma once\n"}};
}
source_tree using_library(const std::string& path, const std::string& header) {
    return {{path, "#pragma once\n  #  include <" + header + "> // here\n"}};
}

TEST(house_check, an_include_of_a_room_above_is_found) {
    EXPECT_THAT(floors_broken(pair("secure-channel/crypto.hpp", "gateway/bearer.hpp")),
                ElementsAre(HasSubstr(
                    "secure-channel/crypto.hpp:2: secure-channel (floor 1) includes gateway/bearer.hpp (floor 2)")));
    EXPECT_THAT(floors_broken(pair("gateway/flow/plan.cpp", "gateway/http/server.hpp")), SizeIs(1));
    EXPECT_THAT(floors_broken(pair("gateway/smpp/session.cpp", "gateway/smpp/client.hpp")), SizeIs(1))
        << "within a room too";
    EXPECT_THAT(floors_broken(pair("gateway/store/store.hpp", "gateway/store/sqlite.hpp")), SizeIs(1));
    EXPECT_THAT(floors_broken(pair("queue/event.hpp", "queue/tools/publish.hpp")), SizeIs(1));
}

TEST(house_check, an_include_of_a_sibling_is_found) {
    EXPECT_THAT(floors_broken(pair("secure-channel/crypto.cpp", "queue/event.hpp")), SizeIs(1));
    EXPECT_THAT(floors_broken(pair("gateway/flow/flow.cpp", "gateway/ops/log.hpp")), SizeIs(1))
        << "shells get observers";
    EXPECT_THAT(floors_broken(pair("gateway/profile/check.cpp", "gateway/store/store.hpp")), SizeIs(1));
    EXPECT_THAT(floors_broken(pair("sandbox/smsc.cpp", "gateway/smpp/client.hpp")), SizeIs(1));
}

TEST(house_check, an_include_downstairs_is_no_fault) {
    EXPECT_THAT(floors_broken(pair("gateway/bearer.hpp", "secure-channel/wire/octets.hpp")), IsEmpty());
    EXPECT_THAT(floors_broken(pair("gateway/cli/run.cpp", "gateway/ops/log.hpp")), IsEmpty());
    EXPECT_THAT(floors_broken(pair("gateway/cli/run.cpp", "gateway/packet/packet_tool.hpp")), IsEmpty());
    EXPECT_THAT(floors_broken(pair("sandbox/smsc.cpp", "gateway/smpp/server.hpp")), IsEmpty());
    EXPECT_THAT(floors_broken(pair("config/settings.hpp", "secure-channel/wire/result.hpp")), IsEmpty());
    EXPECT_THAT(floors_broken(pair("tests/flow/plan_test.cpp", "gateway/cli/run.hpp")), IsEmpty());
}

TEST(house_check, a_stage_that_looks_to_its_right_is_found) {
    EXPECT_THAT(floors_broken(pair("gateway/flow/plan.cpp", "gateway/flow/receipt.hpp")),
                ElementsAre(HasSubstr("to its right")));
    EXPECT_THAT(floors_broken(pair("gateway/flow/secure_cache.cpp", "gateway/flow/send.hpp")), SizeIs(1));
    EXPECT_THAT(floors_broken(pair("gateway/flow/receipt.cpp", "gateway/flow/secure.hpp")), IsEmpty());
}

TEST(house_check, a_file_of_no_room_is_found) {
    EXPECT_THAT(floors_broken({{"gateway/elsewhere/a.cpp", ""}}),
                ElementsAre("gateway/elsewhere/a.cpp: belongs to no room"));
    EXPECT_THAT(floors_broken({{"a.cpp", ""}}), SizeIs(1));
}

TEST(house_check, a_circle_of_headers_is_found) {
    const source_tree circle{{"queue/a.hpp", "#include \"queue/b.hpp\"\n"},
                             {"queue/b.hpp", "#include \"queue/c.hpp\"\n"},
                             {"queue/c.hpp", "#include \"queue/a.hpp\"\n"},
                             {"queue/d.hpp", "#include \"queue/a.hpp\"\n"}};
    EXPECT_THAT(circles(circle), ElementsAre("queue/a.hpp: includes itself by way of queue/b.hpp queue/c.hpp"));
    EXPECT_THAT(circles({circle[0], circle[1], {"queue/c.hpp", ""}, circle[3]}), IsEmpty());
}

TEST(house_check, an_include_that_is_not_from_the_root_is_found) {
    EXPECT_THAT(includes_not_from_root({{"queue/a.cpp", "#include \"event.hpp\"\n"}, {"queue/event.hpp", ""}}),
                SizeIs(1));
    EXPECT_THAT(includes_not_from_root(pair("queue/a.cpp", "tests/queue/b.hpp")), SizeIs(1));
    EXPECT_THAT(includes_not_from_root(pair("queue/a.cpp", "queue/event.hpp")), IsEmpty());
}

TEST(house_check, a_library_outside_its_home_is_found) {
    const std::vector<std::pair<std::string, std::string>> strays{
        {"secure-channel/command_packet.cpp", "cryptopp/aes.h"},
        {"secure-channel/crypto.hpp", "cryptopp/aes.h"},
        {"gateway/profile/check.cpp", "yaml-cpp/yaml.h"},
        {"config/settings.hpp", "yaml-cpp/yaml.h"},
        {"gateway/http/health.cpp", "prometheus/registry.h"},
        {"gateway/ops/metrics.hpp", "prometheus/registry.h"},
        {"gateway/flow/flow.cpp", "sqlite3.h"},
        {"queue/event.cpp", "sqlite3.h"},
        {"gateway/flow/flow.cpp", "boost/asio/post.hpp"},
        {"gateway/smpp/client.hpp", "boost/asio.hpp"},
        {"gateway/smpp/client.cpp", "boost/beast/http.hpp"},
        {"gateway/flow/flow.cpp", "openssl/ssl.h"},
        {"sandbox/smsc.cpp", "boost/asio/ssl.hpp"},
        {"queue/event.hpp", "boost/json.hpp"},
        {"gateway/flow/flow.cpp", "CLI/CLI.hpp"},
        {"gateway/cli/cli.hpp", "CLI/CLI.hpp"},
        {"queue/embedded/log.cpp", "librdkafka/rdkafka.h"},
        {"queue/event.cpp", "libpq-fe.h"},
        {"gateway/store/sqlite/open.cpp", "libpq-fe.h"},
        {"gateway/store/postgres/connection.hpp", "libpq-fe.h"},
    };
    for (const auto& [path, header] : strays)
        EXPECT_THAT(strangers(using_library(path, header)), SizeIs(1)) << path << ' ' << header;
}

TEST(house_check, a_library_at_home_is_no_fault) {
    const std::vector<std::pair<std::string, std::string>> residents{
        {"secure-channel/crypto.cpp", "cryptopp/aes.h"},
        {"config/document.cpp", "yaml-cpp/yaml.h"},
        {"gateway/ops/metrics.cpp", "prometheus/registry.h"},
        {"gateway/store/sqlite/database.cpp", "sqlite3.h"},
        {"gateway/store/postgres/connection.cpp", "libpq-fe.h"},
        {"gateway/http/server.cpp", "boost/beast/http.hpp"},
        {"gateway/smpp/transport.cpp", "boost/asio/ssl.hpp"},
        {"queue/tools/publish.cpp", "CLI/CLI.hpp"},
        {"queue/event.hpp", "boost/json/fwd.hpp"},
        {"tests/secure-channel/judge_test.cpp", "openssl/evp.h"},
    };
    for (const auto& [path, header] : residents)
        EXPECT_THAT(strangers(using_library(path, header)), IsEmpty()) << path << ' ' << header;
}

TEST(house_check, work_put_off_is_found) {
    const std::string words[] = {std::string("TO") + "DO", std::string("FIX") + "ME", std::string("XX") + "X"};
    for (const auto& word : words) {
        EXPECT_THAT(deferring_words({{"queue/a.cpp", "int a;\n// " + word + ": later\n"}}),
                    ElementsAre("queue/a.cpp:2: " + word));
        EXPECT_THAT(deferring_words({{"README.md", word}}), SizeIs(1));
        EXPECT_THAT(deferring_words({{"queue/a.cpp", "in" + word + "OR _" + word + "\n"}}), IsEmpty());
    }
}

TEST(house_check, a_file_of_401_lines_is_found) {
    std::string text;
    for (int i = 0; i < 400; ++i) text += "//\n";
    EXPECT_THAT(long_files({{"queue/a.cpp", text}, {"docs/a.md", text + text}}), IsEmpty());
    EXPECT_THAT(long_files({{"queue/a.cpp", text + "//"}}), ElementsAre("queue/a.cpp: 401 lines"));
}

TEST(house_check, a_vague_name_is_found) {
    EXPECT_THAT(vague_names({{"gateway/utils/a.cpp", ""}}), SizeIs(1));
    EXPECT_THAT(vague_names({{"gateway/flow/helpers.hpp", ""}}), SizeIs(1));
    EXPECT_THAT(vague_names({{"common/README.md", ""}}), SizeIs(1));
    EXPECT_THAT(vague_names({{"queue/base64.cpp", ""}, {"docs/common.md", ""}}), IsEmpty());
}

TEST(house_check, a_path_of_one_machine_is_found) {
    for (const auto& name : {std::string("wo") + "rk", std::string("ho") + "me", std::string("ro") + "ot"}) {
        const auto path = '/' + name + "/a";
        EXPECT_THAT(machine_paths({{"dev", "cd " + path}}), SizeIs(1));
        EXPECT_THAT(machine_paths({{"a.cpp", "\"" + path + "\""}}), SizeIs(1));
        EXPECT_THAT(machine_paths({{"a.cpp", path}}), SizeIs(1));
        EXPECT_THAT(machine_paths({{"a.cpp", "build" + path + " $x}" + path}}), IsEmpty());
    }
}

TEST(house_check, a_header_without_guard_is_found) {
    EXPECT_THAT(unguarded_headers({{"queue/a.hpp", "// #pragma once\n"}}), ElementsAre("queue/a.hpp: no #pragma once"));
    EXPECT_THAT(unguarded_headers({{"queue/a.hpp", "#pragma once\n"}, {"queue/a.cpp", ""}}), IsEmpty());
}

TEST(house_check, a_list_as_property_of_discovered_tests_is_found) {
    const auto with = [](const std::string& labels) {
        return "add_test(a)\ngtest_discover_tests(b\n  PROPERTIES LABELS " + labels + " RESOURCE_LOCK c)\n";
    };
    EXPECT_THAT(lists_of_properties({{"tests/CMakeLists.txt", with("\"d;e\"")}}),
                ElementsAre("tests/CMakeLists.txt:2: a list in PROPERTIES"));
    EXPECT_THAT(lists_of_properties({{"tests/CMakeLists.txt", with("d") + "set(f \"g;h\")\n"}}), IsEmpty());
}

TEST(house_check, a_link_to_nowhere_is_found) {
    const std::string text = "see [a](a.md), [b](../queue/b.cpp#L1),\n[c](https://c), [queue](../queue), [d](d.md)";
    EXPECT_THAT(broken_links({{"docs/README.md", text}, {"docs/a.md", ""}, {"queue/b.cpp", ""}}),
                ElementsAre("docs/README.md:2: no docs/d.md"));
    EXPECT_THAT(broken_links({{"docs/README.md", text}, {"docs/a.md", ""}, {"docs/d.md", ""}}), SizeIs(2));
    EXPECT_THAT(broken_links({{"README.md", "[docs](docs/) [a](docs/a.md)"}, {"docs/a.md", ""}}), IsEmpty());
}

TEST(house_check, a_rule_without_test_is_found) {
    std::string all;
    for (int number = 1; number <= 25; ++number) all += number == 7 ? "" : "// R" + std::to_string(number) + ".\n";
    EXPECT_THAT(rules_without_test({{"tests/flow/a_test.cpp", all}}), ElementsAre("R7: no test names it"));
    EXPECT_THAT(rules_without_test({{"tests/flow/a_test.cpp", all + "xR7 R77"}}), SizeIs(1));
    EXPECT_THAT(rules_without_test({{"tests/flow/a_test.cpp", all}, {"gateway/flow/a.cpp", "R7"}}), SizeIs(1));
    EXPECT_THAT(rules_without_test({{"tests/flow/a_test.cpp", all + "TEST(R7_bearer, x)"}}), IsEmpty());
}

TEST(house_check, a_co_await_that_gcc_12_breaks_is_found) {
    for (const std::string bad : {
             "void f() { co_await g([sp] { h(); }); }",
             "void f() { co_await g(point{1, 2}); }",
             "void f() { auto x = co_await g({1, 2}); }",
             "void f() { auto x = a ? co_await g() : co_await h(); }",
             "void f() { auto x = co_await g(a ? b : c); }",
             "void f() { auto x = (co_await g()).member; }",
             "void f() { if (co_await g()) h(); }",
             "void f() { switch (co_await g()) { default: ; } }",
             "void f() { co_return co_await g(); }",
             "void f() { h(co_await g()); }",
             "void f() { if (auto x = co_await g(); x) h(); }",
         }) {
        EXPECT_FALSE(dangerous_coroutines({{"gateway/http/a.cpp", bad}}).empty()) << bad;
    }
}

TEST(house_check, a_co_await_of_its_own_is_no_fault) {
    for (const std::string good : {
             "void f() { co_await g(); }",
             "void f() { auto x = co_await g(a, b); }",
             "void f() { const auto [failed, size] =\n    co_await g(a, as_tuple); if (failed) h(); }",
             "void f() { x = co_await g(a[1]); }",
             "void f() { /* if (co_await g()) */ h(\"co_await {\"); } // co_await ?",
         }) {
        EXPECT_THAT(dangerous_coroutines({{"gateway/http/a.cpp", good}}), IsEmpty()) << good;
    }
    EXPECT_THAT(dangerous_coroutines({{"a.cpp", "\n\nvoid f() {\n  g(co_await h());\n}"}}),
                ElementsAre(HasSubstr("a.cpp:4: ")));
}

}  // namespace
}  // namespace ota::house
