// SIGHUP: the settings are read again while packets are under way; all of them are taken over, or none.
#include "tests/system/installation.hpp"

#include <gtest/gtest.h>

#include <csignal>
#include <fstream>
#include <sstream>

namespace ota::system_test {
namespace {

using std::chrono::seconds;

std::string text_of(const std::filesystem::path& file) {
    std::ostringstream out;
    out << std::ifstream(file).rdbuf();
    return out.str();
}

void write(const std::filesystem::path& file, const std::string& text) { std::ofstream(file, std::ios::trunc) << text; }

std::string replaced(std::string in, const std::string& what, const std::string& by) {
    const auto at = in.find(what);
    if (at == std::string::npos) throw std::runtime_error("no " + what + " in " + in);
    return in.replace(at, what.size(), by);
}

std::size_t count(const std::string& in, const std::string& what) {
    std::size_t n = 0;
    for (auto at = in.find(what); at != std::string::npos; at = in.find(what, at + 1)) ++n;
    return n;
}

/// An operator who changes his mind: the files of an installation, in one version after the other.
class reloading {
public:
    explicit reloading(const installation& site)
        : path_(site.path()), settings_(text_of(path_ / "gateway.yaml")), profile_(text_of(path_ / "profile.yaml")) {
        const auto from = settings_.find("  - {name: smsc"), to = settings_.find('\n', from);
        route_ = settings_.substr(from, to - from + 1);
    }

    [[nodiscard]] const std::string& settings() const { return settings_; }
    [[nodiscard]] const std::string& profile() const { return profile_; }
    [[nodiscard]] std::string route_with(const std::string& members) const {
        return route_.substr(0, route_.rfind('}')) + ", " + members + "}\n";
    }
    [[nodiscard]] std::string with_routes(const std::string& routes) const {
        return replaced(settings_, route_, routes);
    }
    [[nodiscard]] std::string second_route() const {
        return replaced(route_with("priority: -1"), "name: smsc", "name: second");
    }
    [[nodiscard]] const std::string& route() const { return route_; }

    /// Writes both files, asks for a reload, and waits for what the log says of it.
    bool reload(program& gateway, const std::string& settings, const std::string& profile) {
        write(path_ / "gateway.yaml", settings);
        write(path_ / "profile.yaml", profile);
        const auto done = count(gateway.output(), "\"settings reloaded\"");
        const auto refused = count(gateway.output(), "\"settings not reloaded");
        gateway.signal(SIGHUP);
        const bool told = wait_until(
            [&] {
                const auto said = gateway.output();
                return count(said, "\"settings reloaded\"") > done || count(said, "\"settings not reloaded") > refused;
            },
            seconds(30));
        EXPECT_TRUE(told) << gateway.output();
        return count(gateway.output(), "\"settings reloaded\"") > done;
    }

private:
    std::filesystem::path path_;
    std::string settings_, profile_, route_;
};

TEST(reload, again_and_again_under_load_loses_nothing_and_uses_no_counter_twice) {
    installation site("reload", 60, {"--delay-max", "30", "--duplicates", "0.02"});
    reloading files(site);
    write(site.path() / "password", "secret7");
    std::filesystem::permissions(site.path() / "password",
                                 std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
    struct version {
        std::string settings, profile;
        bool good;
    };
    const auto& plain = files.settings();
    const auto& profile = files.profile();
    const auto other_profile =
        replaced(replaced(profile, "repeats: 5", "repeats: 7"), "spi: \"1619\"", "spi: \"1639\"");
    const version versions[] = {
        {files.with_routes(files.route_with("rate: 300, window: 7, binds: 2")), profile, true},
        {files.with_routes(files.route() + files.second_route()), profile, true},
        {files.with_routes(files.second_route()), profile, true},
        {files.with_routes(files.second_route()), other_profile, true},
        {files.with_routes(files.route_with("window: 0")), other_profile, false},
        {replaced(plain, "data_directory: data", "data_directory: elsewhere"), profile, false},
        {files.with_routes(
             replaced(files.route(), "system_id: otagw", "system_id: other, password: \"${file:password}\"")),
         profile, true},
        {plain, replaced(profile, "size: 20}", "size: twenty}"), false},
        {files.with_routes(files.route() + files.second_route()), replaced(profile, "attempts: 10", "attempts: 11"),
         true},
        {plain, profile, true},
    };
    auto gateway = site.start_gateway();
    ASSERT_FALSE(gateway->wait_for("\"started\"", seconds(30)).empty()) << gateway->output();
    std::size_t good = 0, published = 0;
    for (int round = 0; round < 5; ++round) {
        for (const auto& [settings, of_cards, is_good] : versions) {
            EXPECT_EQ(files.reload(*gateway, settings, of_cards), is_good) << settings << gateway->output();
            good += is_good;
            if (is_good) {  // the tool that publishes reads the same files
                site.publish(15);
                published += 15;
            }
        }
    }
    EXPECT_EQ(site.wait_until_final(seconds(180)), published) << gateway->output();
    const auto figures = installation::ask(*gateway, "/metrics");
    EXPECT_NE(figures.find("otagw_settings_generation " + std::to_string(good + 1)), std::string::npos) << figures;
    EXPECT_NE(figures.find("otagw_reloads_total{state=\"refused\"} 15"), std::string::npos) << figures;
    EXPECT_EQ(gateway->output().find("secret7"), std::string::npos);
    const auto binds_of_second = [&](char n) {
        return wait_until(
            [&] {
                return installation::ask(*gateway, "/metrics")
                           .find(std::string("otagw_route_binds_up{route=\"second\"} ") + n) != std::string::npos;
            },
            seconds(30));
    };
    EXPECT_TRUE(files.reload(*gateway, versions[1].settings, profile));
    EXPECT_TRUE(binds_of_second('1'));
    EXPECT_TRUE(files.reload(*gateway, plain, profile));
    EXPECT_TRUE(binds_of_second('0')) << "a route that is gone has no bind";
    gateway->signal(SIGTERM);
    EXPECT_EQ(gateway->wait(seconds(40)), 0) << gateway->output();
    site.expect_one_final_state_each();
    site.expect_good_verdict();
}

TEST(reload, a_fault_refuses_it_whole_and_is_told_with_its_line) {
    installation site("reload-refused", 2);
    reloading files(site);
    auto gateway = site.start_gateway();
    ASSERT_FALSE(gateway->wait_for("\"started\"", seconds(30)).empty()) << gateway->output();
    // A good new route, a bad window in the second line, and a fault in the profile: all faults are told, nothing is
    // taken over.
    const auto bad = files.with_routes(files.second_route() + files.route_with("window: 0"));
    EXPECT_FALSE(files.reload(*gateway, bad, replaced(files.profile(), "size: 20}", "size: twenty}")));
    auto said = gateway->output();
    EXPECT_NE(said.find("gateway.yaml:6: error: routes[1].window"), std::string::npos) << said;
    EXPECT_NE(said.find("profile.yaml:"), std::string::npos) << said;
    // What cannot change is named, each of it.
    EXPECT_FALSE(files.reload(
        *gateway,
        replaced(files.settings(), "http: {port: 0}", "http: {port: 1, address: 127.0.0.2}\ndm: {sessions: 3}"),
        files.profile()));
    said = gateway->output();
    for (const char* name : {"http.port", "http.address", "dm.sessions"})
        EXPECT_NE(said.find(name), std::string::npos) << name << said;
    const auto figures = installation::ask(*gateway, "/metrics");
    EXPECT_NE(figures.find("otagw_settings_generation 1\n"), std::string::npos) << figures;
    EXPECT_EQ(figures.find("route=\"second\""), std::string::npos);
    EXPECT_TRUE(files.reload(*gateway, files.settings(), files.profile()));
    EXPECT_NE(gateway->output().find("\"changed\":\"nothing\""), std::string::npos) << gateway->output();
    gateway->signal(SIGTERM);
    EXPECT_EQ(gateway->wait(seconds(40)), 0) << gateway->output();
}

}  // namespace
}  // namespace ota::system_test
