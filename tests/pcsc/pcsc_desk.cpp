#include "tests/pcsc/pcsc_desk.hpp"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace ota::pcsc_test {

namespace fs = std::filesystem;
using std::chrono::seconds;

namespace {

constexpr auto python = "/usr/bin/python3";  // the system's: it has the system's pyscard
constexpr auto daemon_program = "/usr/sbin/pcscd", driver = "/usr/lib/pcsc/drivers/serial/libifdvpcd.so",
               reader_tool = "/usr/bin/pkcs15-tool";
constexpr auto run_directory = "/run/pcscd";  // compiled in
constexpr seconds patience{120};

std::string source(const std::string& file) { return std::string(OTA_SOURCE_DIR) + "/tests/pcsc/" + file; }

/// The program ends with us, however we end.
std::vector<std::string> bound_to_us(std::vector<std::string> command) {
    command.insert(command.begin(), {"/usr/bin/setpriv", "--pdeathsig", "TERM"});
    return command;
}

/// A listening socket on the port, 0 for any; negative when it is taken.
int listen_on(std::uint16_t port) {
    const int out = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_port = htons(port);
    at.sin_addr.s_addr = htonl(INADDR_ANY);  // as the driver will
    if (::bind(out, reinterpret_cast<const sockaddr*>(&at), sizeof at) == 0) return out;
    ::close(out);
    return -1;
}

std::uint16_t port_of(int listener) {
    sockaddr_in at{};
    socklen_t length = sizeof at;
    ::getsockname(listener, reinterpret_cast<sockaddr*>(&at), &length);
    return ntohs(at.sin_port);
}

/// Line by line what the daemon says it could not.
std::string complaints(const std::string& log) {
    std::istringstream in(log);
    std::string out;
    for (std::string line; std::getline(in, line);)
        if (line.find("Could not") != std::string::npos || line.find("annot ") != std::string::npos)
            out += "\n  " + line;
    return out;
}

}  // namespace

std::vector<std::string> missing() {
    std::vector<std::string> out;
    const auto want = [&](const char* file, const char* what) {
        if (!fs::exists(file)) out.push_back(std::string(file) + " (" + what + ", ./dev deps installs it)");
    };
    want(daemon_program, "package pcscd");
    want(driver, "package vsmartcard-vpcd");
    want(reader_tool, "package opensc");
    want(python, "package python3");
    want("/usr/bin/setpriv", "package util-linux");
    int code = 0;
    const system_test::workplace place("pcsc-tools");
    if (out.empty()) system_test::run({python, "-c", "import smartcard"}, place.path(), code);
    if (code != 0) out.push_back("the module smartcard of python3 (package python3-pyscard, ./dev deps installs it)");
    return out;
}

// A short name: the address of a local socket takes 107 octets.
desk::desk() : place_("pcsc"), made_run_directory_(!fs::exists(run_directory)) {}

desk::~desk() {
    if (daemon_) (void)stop_daemon();
    if (card_) (void)stop_card();
    std::error_code ignored;
    if (made_run_directory_) fs::remove(run_directory, ignored);  // only when nobody else uses it
}

/// Two free ones in a row: the driver has two readers. It cannot say which port it got, so that 0 is none for it.
void desk::choose_port() {
    for (int attempt = 0; attempt < 100; ++attempt) {
        const int first = listen_on(0);
        const auto port = first < 0 ? std::uint16_t{0} : port_of(first);
        const int second = port == 0 || port == UINT16_MAX ? -1 : listen_on(static_cast<std::uint16_t>(port + 1));
        if (first >= 0) ::close(first);
        if (second >= 0) ::close(second);
        if (second < 0) continue;
        port_ = port;
        return;
    }
}

std::string desk::start() {
    // Somebody may take a port between the choice and the daemon's start: then another one.
    for (int attempt = 0; attempt < 5 && !daemon_; ++attempt) {
        if (!card_) choose_port();
        const auto port = std::to_string(port_);
        fs::create_directories(place_.path() / "readers");
        place_.write("readers/vpcd", "FRIENDLYNAME \"Virtual PCD\"\nDEVICENAME /dev/null:" + port + "\nLIBPATH " +
                                         driver + "\nCHANNELID " + port + "\n");
        fs::remove(place_.path() / "socket");
        daemon_ = std::make_unique<system_test::program>(
            bound_to_us({python, source("start_pcscd.py"), (place_.path() / "socket").string(),
                         (place_.path() / "readers").string()}),
            place_.path(),
            place_.path() / ("pcscd-" + std::to_string(++starts_) + ".log"));  // what an earlier one said is not read
        if (daemon_->wait_for("daemon ready", patience).empty()) return "pcscd did not start: " + daemon_->output();
        if (daemon_->output().find("Could not initialize") == std::string::npos) break;
        const auto why = "vpcd could not listen on port " + port +
                         " or the next one, they are taken:" + complaints(daemon_->output());
        (void)stop_daemon();
        if (card_ || attempt == 4) return why;
    }
    if (!card_) {
        card_ = std::make_unique<system_test::program>(
            bound_to_us({system_test::otagw(), "sandbox", "card", "--profile-file",
                         std::string(OTA_SOURCE_DIR) + "/config/profiles/usim-aes-dm.yaml", "--vpcd",
                         "127.0.0.1:" + std::to_string(port_)}),
            place_.path(), place_.path() / "card.log");
        if (card_->wait_for("the card is in the reader", patience).empty())
            return "the card did not come: " + card_->output();
    }
    int code = 0;
    const auto said = pyscard({"wait"}, code);
    return code == 0 ? std::string() : "no reader shows the card: " + said;
}

int desk::stop_daemon() {
    daemon_->signal(SIGTERM);
    const int code = daemon_->wait(patience);
    daemon_.reset();
    return code;
}

int desk::stop_card() {
    card_->signal(SIGTERM);
    return card_->wait(patience);
}

std::string desk::run(std::vector<std::string> command, int& code) {
    system_test::program::environment environment{{"PCSCLITE_CSOCK_NAME", (place_.path() / "socket").string()},
                                                  {"OPENSC_CONF", (place_.path() / "opensc.conf").string()},
                                                  {"HOME", place_.path().string()},
                                                  {"XDG_CACHE_HOME", place_.path().string()},
                                                  {"PYTHONDONTWRITEBYTECODE", "1"}};
    system_test::program tool(std::move(command), place_.path(), place_.path() / "tool.out", std::move(environment));
    code = tool.wait(patience);
    return tool.output();
}

/// OpenSC knows no ATR of ours, and takes the driver for any card of ISO/IEC 7816 only when it is told to.
std::string desk::pkcs15_tool(std::vector<std::string> arguments, int& code) {
    place_.write("opensc.conf", "app default {\n    enable_default_driver = true;\n}\n");
    arguments.insert(arguments.begin(), {reader_tool, "--reader", "0"});
    return run(std::move(arguments), code);
}

std::string desk::pyscard(std::vector<std::string> arguments, int& code) {
    arguments.insert(arguments.begin(), {python, source("read_card.py")});
    return run(std::move(arguments), code);
}

}  // namespace ota::pcsc_test
