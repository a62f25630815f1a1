#include "gateway/profile/gateway_settings.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace ota {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class http : public ::testing::Test {
protected:
    http() {
        std::filesystem::create_directories(folder_);
        put("token", "0123456789abcdef", 0600);
        put("other", "0123456789abcdeg", 0440);
        put("server.pem", "x", 0644);
        put("server.key", "x", 0600);
    }
    ~http() override { std::filesystem::remove_all(folder_); }

    void put(const std::string& name, const std::string& text, mode_t mode) const {
        const auto path = folder_ + "/" + name;
        std::ofstream(path) << text;
        ::chmod(path.c_str(), mode);
    }
    http_settings read(const std::string& yaml) {
        config::faults told;
        const auto document = config::document::parse(yaml, "f", told);
        auto s = read_http(document.root().at("http"), folder_);
        faults_.clear();
        for (const auto& f : told.list()) faults_.push_back(std::to_string(f.line) + " " + f.path + ": " + f.what);
        return s;
    }

    const std::string folder_ = ::testing::TempDir() + "http-settings-" + std::to_string(::getpid());
    std::vector<std::string> faults_;
};

TEST_F(http, reads_tokens_certificates_and_limits) {
    const auto s = read(R"(http:
  address: 0.0.0.0
  port: 8443
  tls: {certificate: server.pem, key: server.key, client_ca: server.pem}
  tokens:
    - {name: watcher, role: read, file: token}
    - {name: desk, role: keys, file: other}
  threads: 8
  streams: 10
  rate: 2.5
  body_limit: 1000000
  audit_directory: trail
)");
    EXPECT_THAT(faults_, IsEmpty());
    EXPECT_EQ(s.tls.certificate, folder_ + "/server.pem");
    EXPECT_EQ(s.tls.key, folder_ + "/server.key");
    EXPECT_EQ(s.tls.client_ca, folder_ + "/server.pem");
    ASSERT_EQ(s.tokens.size(), 2u);
    EXPECT_EQ(s.tokens[0].role, api_role::read);
    EXPECT_EQ(s.tokens[1].name, "desk");
    EXPECT_EQ(s.tokens[1].role, api_role::keys);
    EXPECT_EQ(s.tokens[1].file, folder_ + "/other");
    EXPECT_EQ(s.threads, 8u);
    EXPECT_EQ(s.streams, 10u);
    EXPECT_EQ(s.rate, 2.5);
    EXPECT_EQ(s.body_limit, 1'000'000u);
    EXPECT_EQ(s.audit_directory, folder_ + "/trail");
    EXPECT_EQ(s.line, 2);
}

TEST_F(http, tells_every_fault_with_its_line) {
    put("open", "0123456789abcdef", 0644);
    put("empty", "", 0600);
    (void)read(R"(http:
  tls:
    certificate: none.pem
    key: open
  tokens:
    - {name: a, role: admin, file: token}
    - {name: b, role: read, file: token}
    - {name: c, role: read, file: open}
    - {name: d, role: read, file: empty}
    - {role: read}
  threads: 0
  body_limit: 1
)");
    EXPECT_THAT(faults_,
                ElementsAre("3 http.tls.certificate: names a file that cannot be read",
                            "4 http.tls.key: names a file that everybody may read: chmod o= it",
                            ::testing::StartsWith("6 http.tokens[0].role: "), "7 http.tokens[1].file: is named twice",
                            "8 http.tokens[2].file: names a file that everybody may read: chmod o= it",
                            "9 http.tokens[3].file: names an empty file", ::testing::StartsWith("10 http.tokens[4]"),
                            ::testing::StartsWith("10 http.tokens[4]"), ::testing::StartsWith("11 http.threads: "),
                            ::testing::StartsWith("12 http.body_limit: ")));
}

TEST_F(http, warns_of_tokens_that_travel_in_clear) {
    const std::string tokens = "  tokens: [{name: a, role: read, file: token}]\n";
    (void)read("http:\n  address: 0.0.0.0\n" + tokens);
    EXPECT_THAT(faults_, ElementsAre("3 http.tokens: travel in clear: set http.tls, or put a proxy with TLS in front"));
    (void)read("http:\n  address: 0.0.0.0\n  tls: {certificate: server.pem, key: server.key}\n" + tokens);
    EXPECT_THAT(faults_, IsEmpty());
    for (const std::string here : {"127.0.0.1", "127.8.0.1", "::1"}) {
        (void)read("http:\n  address: '" + here + "'\n" + tokens);
        EXPECT_THAT(faults_, IsEmpty()) << here;
    }
    (void)read("http: {address: 0.0.0.0}\n");
    EXPECT_THAT(faults_, IsEmpty()) << "without tokens nobody may call";
}

}  // namespace
}  // namespace ota
