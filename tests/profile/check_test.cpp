#include "gateway/profile/check.hpp"

#include "gateway/profile/gateway_settings.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

using namespace ota;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

namespace {

const std::string source = OTA_SOURCE_DIR;
constexpr const char* canary = "canary-5Ecre7";

std::vector<std::string> told(const std::string& file) {
    std::vector<std::string> out;
    for (const auto& f : check(file)) out.push_back(config::to_string(f));
    return out;
}

std::string contents(const std::string& file) {
    std::ifstream in(file);
    std::ostringstream text;
    text << in.rdbuf();
    return text.str();
}

class checked_file : public testing::Test {
protected:
    void SetUp() override {
        std::string pattern = (std::filesystem::temp_directory_path() / "otagw-check-XXXXXX").string();
        ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
        folder = pattern;
    }
    void TearDown() override { std::filesystem::remove_all(folder); }
    std::string write(const std::string& name, const std::string& text, mode_t mode = 0600) {
        std::ofstream(folder / name) << text;
        EXPECT_EQ(::chmod((folder / name).c_str(), mode), 0);
        return (folder / name).string();
    }
    std::filesystem::path folder;
};

}  // namespace

TEST(samples, check_clean_without_a_warning) {
    ::setenv("OTAGW_SMSC_PASSWORD", "password", 1);
    EXPECT_THAT(told(source + "/config/otagw.yaml"), IsEmpty());
    std::ostringstream out;
    EXPECT_EQ(run_check(source + "/config/otagw.yaml", true, out), 0);
    EXPECT_THAT(out.str(), HasSubstr("good, 0 errors, 0 warnings"));
}

TEST(check, asks_further_only_about_settings_without_an_error) {
    const auto complains = [](const gateway_settings&, config::faults& found) {
        found.add({config::fault::severity::error, "further", 0, "http", "the certificate is not the key's"});
    };
    ::setenv("OTAGW_SMSC_PASSWORD", "password", 1);
    EXPECT_EQ(check(source + "/config/otagw.yaml", complains).size(), 1u);
    for (const auto& f : check(source + "/tests/profile/data/bad.yaml", complains)) EXPECT_NE(f.file, "further");
}

TEST(samples, hold_every_profile_and_the_defaults) {
    ::setenv("OTAGW_SMSC_PASSWORD", "password", 1);
    config::faults faults;
    const auto s = load_gateway_settings(source + "/config/otagw.yaml", faults);
    EXPECT_THAT(faults.list(), IsEmpty());
    EXPECT_EQ(s.profiles.size(), 3u);
    ASSERT_TRUE(s.profiles.contains("sim-3des-classic"));
    EXPECT_EQ(s.profiles.find("sim-3des-classic")->second->applications[0].class_octet, 0xA0);

    // The sample says that it shows the defaults.
    const gateway_settings d;
    const route_settings r;
    EXPECT_EQ(s.store.retention, d.store.retention);
    EXPECT_EQ(s.queue.retention, d.queue.retention);
    EXPECT_EQ(s.http.port, d.http.port);
    EXPECT_TRUE(s.http.tokens.empty());
    EXPECT_EQ(s.http.tls.certificate, "");
    EXPECT_EQ(s.http.threads, d.http.threads);
    EXPECT_EQ(s.http.streams, d.http.streams);
    EXPECT_EQ(s.http.rate, d.http.rate);
    EXPECT_EQ(s.http.body_limit, d.http.body_limit);
    EXPECT_EQ(s.audit_directory(), s.data_directory + "/audit");
    EXPECT_EQ(s.dm.sessions, d.dm.sessions);
    EXPECT_EQ(s.dm.max_message, d.dm.max_message);
    EXPECT_EQ(s.dm.silence, d.dm.silence);
    EXPECT_EQ(s.dm.allow_basic, d.dm.allow_basic);
    EXPECT_EQ(s.log, d.log);
    EXPECT_EQ(s.flow.batch, d.flow.batch);
    EXPECT_EQ(s.flow.commit_window, d.flow.commit_window);
    EXPECT_EQ(s.flow.submissions_in_flight, d.flow.submissions_in_flight);
    EXPECT_EQ(s.flow.event_life, d.flow.event_life);
    EXPECT_EQ(s.flow.drain_deadline, d.flow.drain_deadline);
    ASSERT_EQ(s.routes.size(), 1u);
    EXPECT_EQ(s.routes[0].window, r.window);
    EXPECT_EQ(s.routes[0].data_coding, r.data_coding);
    EXPECT_EQ(s.routes[0].validity, r.validity);
    EXPECT_EQ(s.routes[0].enquire_link, r.enquire_link);
    EXPECT_EQ(s.routes[0].response_timeout, r.response_timeout);
    EXPECT_EQ(s.routes[0].connect_timeout, r.connect_timeout);
    EXPECT_EQ(s.routes[0].validity_maximum, r.validity_maximum);
    EXPECT_TRUE(s.routes[0].vendor_statuses.empty());
    EXPECT_EQ(s.routes[0].reconnect_min, r.reconnect_min);
    EXPECT_EQ(s.routes[0].reconnect_max, r.reconnect_max);
}

// The golden list: whoever changes a message changes it there too.
TEST(check_golden, tells_every_fault_of_a_bad_file_at_once_with_its_line) {
    ::unsetenv("OTAGW_TEST_ABSENT");
    std::string all;
    for (const auto& line : told(source + "/tests/profile/data/bad.yaml")) {
        all += line.substr(line.find("data/bad.yaml") == std::string::npos ? 0 : line.find("data/bad.yaml")) + "\n";
    }
    EXPECT_EQ(all, contents(source + "/tests/profile/data/bad.faults"));
    EXPECT_THAT(all, Not(HasSubstr("canary")));
}

TEST_F(checked_file, that_does_not_exist_is_one_fault_and_exit_78) {
    std::ostringstream out;
    EXPECT_EQ(run_check((folder / "none.yaml").string(), false, out), 78);
    EXPECT_THAT(out.str(), HasSubstr("error: cannot be read"));
}

TEST_F(checked_file, that_is_no_yaml_is_one_fault) {
    EXPECT_THAT(told(write("bad.yaml", "a: [\n")), ElementsAre(HasSubstr("not YAML")));
}

TEST_F(checked_file, with_warnings_only_is_good_unless_they_are_denied) {
    const auto file = write("empty.yaml", "http: {port: 9090}\n");
    std::ostringstream out;
    EXPECT_EQ(run_check(file, false, out), 0);
    EXPECT_EQ(run_check(file, true, out), 78);
    EXPECT_THAT(out.str(), HasSubstr("not good, 0 errors, 2 warnings"));
}

TEST_F(checked_file, names_the_profile_file_in_which_a_fault_is) {
    write("p.yaml",
          "profiles:\n- {name: p, spi: '1619', kic: aes, kid: aes, segmnts: {max: 1}, applications: [{name: A, tar: "
          "b00001}]}\n");
    write("empty.yaml", "");
    const auto file =
        write("g.yaml",
              "profile_files: [p.yaml, p.yaml, none.yaml, empty.yaml]\nroutes: [{name: a, host: h, system_id: s}]\n");
    EXPECT_THAT(
        told(file),
        ElementsAre(HasSubstr("g.yaml:1: error: profile_files[1]: is named twice"),
                    HasSubstr("g.yaml:1: error: profile_files[2]: names a file that cannot be read"),
                    HasSubstr("empty.yaml: error: profiles: is missing: a profile file holds a list of profiles"),
                    HasSubstr("p.yaml:2: error: profiles[0].segmnts: unknown setting, did you mean segments?")));
}

TEST_F(checked_file, refuses_a_key_encryption_key_that_others_may_read_or_of_another_size) {
    const auto file = write("g.yaml", "key_encryption_key_file: kek\n");
    EXPECT_THAT(told(file),
                testing::Contains(HasSubstr("1: error: key_encryption_key_file: names a file that cannot be read")));
    for (const auto mode : {0644, 0640, 0620, 0604}) {  // as the commands do
        write("kek", std::string(64, 'a') + "\n", mode);
        EXPECT_THAT(told(file), testing::Contains(HasSubstr("may be read by others"))) << mode;
    }
    write("kek", std::string(64, 'a') + "\n", 0600);
    EXPECT_THAT(told(file), Not(testing::Contains(HasSubstr("key_encryption_key_file"))));
    write("kek", "short", 0600);
    EXPECT_THAT(told(file), testing::Contains(HasSubstr("should hold 32 octets")));
}

TEST_F(checked_file, never_repeats_a_secret) {
    ::setenv("OTAGW_TEST_SECRET", canary, 1);
    write("pw", canary, 0644);
    const std::string c = canary;
    const auto file =
        write("g.yaml", "routes:\n- {name: a, host: h, system_id: s, password: " + c +
                            "}\n- {name: b, host: h, system_id: s, password: '${file:pw}'}\n"
                            "- {name: c, host: h, system_id: " +
                            c + c + ", port: " + c + ", password: '${env:OTAGW_TEST_SECRET}', prefixes: [" + c +
                            "]}\n"
                            "log: {level: " +
                            c + "}\nflow: " + c + "\nprofiles: [{name: p, spi: " + c + ", kic: " + c +
                            ", kid: x, allow: [" + c + "]}]\n");
    std::ostringstream out;
    EXPECT_EQ(run_check(file, false, out), 78);
    EXPECT_THAT(out.str(), Not(HasSubstr(canary)));
    EXPECT_GE(check(file).size(), 10u);
}
