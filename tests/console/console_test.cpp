#include "gateway/console/console.hpp"

#include "gateway/flow/reasons.hpp"
#include "queue/reason.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <boost/json.hpp>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace ota::console {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::Not;
using testing::Pair;

namespace fs = std::filesystem;

struct pages : ::testing::Test {
    http::router routes;

    void SetUp() override { serve_on(routes); }
    http::response get(const std::string& path, http::header_fields headers = {}) {
        http::request asked;
        asked.method = "GET";
        asked.path = path;
        asked.headers = std::move(headers);
        return routes.answer(asked).answer;
    }
    static std::string header(const http::response& r, std::string_view name) {
        const auto at = std::ranges::find(r.headers, name, &http::header_fields::value_type::first);
        return at == r.headers.end() ? std::string() : at->second;
    }
};

std::string text_of(const fs::path& file) {
    std::ostringstream text;
    text << std::ifstream(file, std::ios::binary).rdbuf();
    return std::move(text).str();
}

/// What stands between quotation marks and ends like the name of a file.
std::vector<std::string> files_named_in(const std::string& text) {
    std::vector<std::string> out;
    for (auto from = text.find('"'); from != std::string::npos; from = text.find('"', from + 1)) {
        const auto end = text.find_first_of("\"\n", from + 1);
        const auto name = text.substr(from + 1, end - from - 1);
        const bool plain = name.find_first_of(" :#$<,") == std::string::npos;
        const bool is_file = std::ranges::any_of(std::array{".js", ".css", ".svg", ".json"},
                                                 [&](const char* ending) { return name.ends_with(ending); });
        if (plain && is_file) out.push_back(name);
    }
    return out;
}

const fs::path room = fs::path(OTA_SOURCE_DIR) / "gateway/console";

TEST_F(pages, hold_every_file_of_the_room_octet_for_octet) {
    std::size_t files = 0;
    for (const auto* folder : {"pages", "vendor"}) {
        for (const auto& entry : fs::recursive_directory_iterator(room / folder)) {
            if (!entry.is_regular_file()) continue;
            const auto name = fs::relative(entry.path(), room / (folder == std::string_view("pages") ? "pages" : "."))
                                  .generic_string();
            const auto answer = get("/console/" + (name == "index.html" ? "" : name));
            EXPECT_EQ(answer.status, 200u) << name;
            EXPECT_EQ(answer.body, text_of(entry.path())) << name;
            ++files;
        }
    }
    EXPECT_GT(files, 20u);
}

TEST_F(pages, have_the_types_that_a_browser_that_does_not_guess_wants) {
    EXPECT_EQ(get("/console/").content_type, "text/html; charset=utf-8");
    EXPECT_EQ(get("/console/main.js").content_type, "text/javascript; charset=utf-8");
    EXPECT_EQ(get("/console/theme.css").content_type, "text/css; charset=utf-8");
    EXPECT_EQ(get("/console/mark.svg").content_type, "image/svg+xml");
    EXPECT_EQ(get("/console/reasons.json").content_type, "application/json");
    EXPECT_EQ(get("/console/vendor/uplot/LICENSE").content_type, "text/plain; charset=utf-8");
}

TEST_F(pages, are_sent_once_and_then_only_compared) {
    const auto first = get("/console/main.js");
    const auto etag = header(first, "ETag");
    ASSERT_GT(etag.size(), 10u);
    EXPECT_EQ(header(first, "Cache-Control"), "no-cache");
    for (const auto& asked : {etag, "W/" + etag, "\"other\", " + etag, std::string("*")}) {
        const auto again = get("/console/main.js", {{"If-None-Match", asked}});
        EXPECT_EQ(again.status, 304u) << asked;
        EXPECT_EQ(again.body, "");
        EXPECT_EQ(header(again, "ETag"), etag);
    }
    EXPECT_EQ(get("/console/main.js", {{"If-None-Match", "\"other\""}}).status, 200u);
    EXPECT_NE(header(get("/console/card.js"), "ETag"), etag);
}

TEST_F(pages, let_nothing_in_from_elsewhere_and_into_no_frame) {
    for (const auto* path : {"/console/", "/console/main.js", "/console/reasons.json", "/"}) {
        const auto answer = get(path);
        EXPECT_THAT(header(answer, "Content-Security-Policy"), HasSubstr("default-src 'self'")) << path;
        EXPECT_THAT(header(answer, "Content-Security-Policy"), HasSubstr("frame-ancestors 'none'")) << path;
        EXPECT_THAT(header(answer, "Content-Security-Policy"), Not(HasSubstr("unsafe"))) << path;
        EXPECT_THAT(answer.headers, Contains(Pair("X-Content-Type-Options", "nosniff"))) << path;
        EXPECT_THAT(answer.headers, Contains(Pair("Referrer-Policy", "no-referrer"))) << path;
    }
}

TEST_F(pages, are_found_from_the_root) {
    for (const auto* path : {"/", "/console"}) {
        const auto answer = get(path);
        EXPECT_EQ(answer.status, 302u);
        EXPECT_EQ(header(answer, "Location"), "/console/");
    }
    EXPECT_EQ(get("/console/nothing.js").status, 404u);
    EXPECT_EQ(get("/console/../console.cpp").status, 404u);
}

TEST_F(pages, name_only_files_that_are_served) {
    std::size_t links = 0;
    for (const auto& entry : fs::directory_iterator(room / "pages")) {
        const auto text = text_of(entry.path());
        for (const auto& name : files_named_in(text)) {
            EXPECT_EQ(get((fs::path("/console") / name).lexically_normal().generic_string()).status, 200u)
                << entry.path() << " names " << name;
            ++links;
        }
        EXPECT_THAT(text, Not(HasSubstr("https://")))
            << entry.path().filename() << ": the console works without a network";
        EXPECT_THAT(text, Not(HasSubstr("innerHTML"))) << entry.path().filename();
    }
    EXPECT_GT(links, 20u);
}

TEST(reasons, are_all_explained_with_who_acts) {
    const auto all = boost::json::parse(reasons_json()).as_object();
    for (const auto& r : flow::reason::all()) {
        ASSERT_TRUE(all.contains(r.code)) << r.code;
        EXPECT_EQ(all.at(r.code).at("meaning").as_string(), r.meaning);
    }
    for (const auto& r : queue::reasons) EXPECT_TRUE(all.contains(r.code)) << r.code;
    EXPECT_EQ(all.at("no-keys").at("acts").as_string(), "operator");
    EXPECT_EQ(all.at("bad-json").at("acts").as_string(), "producer");
}

}  // namespace
}  // namespace ota::console
