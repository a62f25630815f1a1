#include "gateway/cli/commands.hpp"
#include "gateway/cli/instance_address.hpp"
#include "gateway/cli/top_view.hpp"

#include <boost/json.hpp>

#include <CLI/CLI.hpp>

#include <sys/ioctl.h>
#include <unistd.h>

#include <csignal>
#include <iostream>
#include <thread>

namespace ota::cli {

namespace {

constexpr std::size_t most_figures = 16 * 1024 * 1024, most_overview = 4 * 1024 * 1024;
volatile std::sig_atomic_t interrupted = 0;

/// The one page that must answer is /metrics.
std::optional<instance_look> look_at(http::question q, std::string& why) {
    instance_look look;
    q.path = "/metrics";
    const auto figures = http::ask(q, most_figures, why);
    if (!figures) return std::nullopt;
    look.figures = scrape::parse(figures->body);
    look.at = std::chrono::system_clock::now();
    if (figures->status != 200 || look.figures.empty()) {
        why = to_string(q.to) + ": /metrics answers " + std::to_string(figures->status) + ": that is not a gateway";
        return std::nullopt;
    }
    q.path = "/readyz";
    std::string aside;
    boost::system::error_code ec;
    if (const auto ready = http::ask(q, most_overview, aside)) {
        const auto said = boost::json::parse(ready->body, ec);
        const auto* object = ec ? nullptr : said.if_object();
        const auto* reasons = object == nullptr ? nullptr : object->if_contains("reasons");
        const auto text = [](const boost::json::value& from, std::string_view name) {
            const auto* at = from.is_object() ? from.get_object().if_contains(name) : nullptr;
            return at != nullptr && at->is_string() ? std::string(at->get_string()) : std::string();
        };
        if (reasons != nullptr && reasons->is_array()) {
            for (const auto& r : reasons->get_array())
                look.objections.push_back(text(r, "name") + ": " + text(r, "reason"));
        }
    }
    if (q.token.empty()) return look;
    q.path = "/api/v1/overview";
    const auto overview = http::ask(q, most_overview, aside);
    if (overview && overview->status == 200) look.overview = overview->body;
    if (overview && (overview->status == 401 || overview->status == 403)) {
        why = to_string(q.to) + ": the token is refused";
        return std::nullopt;
    }
    return look;
}

std::size_t columns_of_terminal() {
    winsize size{};
    return ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 20 ? size.ws_col : 120;
}

/// On a terminal each view takes the place of the last one.
void show(const std::vector<std::string>& lines, bool terminal) {
    std::string out = terminal ? "\x1b[H" : "";
    for (const auto& line : lines) out += line + (terminal ? "\x1b[K\n" : "\n");
    if (terminal) out += "\x1b[J";
    std::cout << out << (terminal ? "" : "\n") << std::flush;
}

struct top_options {
    bool once = false, json = false;
    std::chrono::milliseconds interval{1000};
};

int watch(const http::question& q, const top_options& how) {
    const bool terminal = ::isatty(STDOUT_FILENO) == 1 && !how.json && !how.once;
    const auto where = to_string(q.to);
    std::string why;
    auto before = look_at(q, why);
    if (interrupted != 0) return good;
    if (!before) {
        std::cerr << "otagw top: " << why << '\n';
        return failed;
    }
    if (terminal) std::cout << "\x1b[2J";
    for (;;) {
        for (auto left = how.interval; left.count() > 0 && interrupted == 0; left -= std::chrono::milliseconds(100)) {
            std::this_thread::sleep_for(std::min(left, std::chrono::milliseconds(100)));
        }
        if (interrupted != 0) return good;
        auto now = look_at(q, why);
        if (interrupted != 0) return good;
        if (!now) {
            if (how.once || !terminal) {
                std::cerr << "otagw top: " << why << '\n';
                return failed;
            }
            show({"otagw  " + where + "  NO ANSWER", "  " + why}, terminal);
            continue;
        }
        const auto figures = compare(*before, *now);
        if (how.json) {
            std::cout << json_of(figures, where, now->at, now->overview) << std::endl;
        } else {
            show(lines_of(figures, where, now->at, columns_of_terminal()), terminal);
        }
        if (how.once || !std::cout) return std::cout ? good : failed;
        before = std::move(now);
    }
}

}  // namespace

int run_top_command(const arguments& args) {
    CLI::App app(
        "Shows a running gateway: flow and rates, backlog, reasons, times, routes. Works without a token (from "
        "/metrics and /readyz); "
        "with one, --json adds the overview of the API.",
        "otagw top");
    instance_words words;
    top_options how;
    unsigned seconds = 1;
    app.add_option("--url", words.url, "where the gateway serves HTTP: http://HOST:PORT or https://HOST:PORT");
    app.add_option("--config,-c", words.config,
                   "or the gateway's settings, which tell address, port, certificate and token");
    app.add_option("--token-file", words.token_file, "file with a bearer token, role read");
    app.add_option("--ca", words.authorities,
                   "PEM file with the authorities that vouch for the server (default: the system's)");
    app.add_option("--interval", seconds, "seconds between two looks")->check(CLI::Range(1, 3600));
    app.add_flag("--once", how.once, "two looks, one view, and end");
    app.add_flag("--json", how.json, "a JSON object a look");
    try {
        app.parse(std::vector<std::string>(args.rbegin(), args.rend()));
    } catch (const CLI::ParseError& e) {
        return app.exit(e) == 0 ? good : wrong_usage;
    }
    how.interval = std::chrono::seconds(seconds);
    std::string why;
    auto q = address_of(words, why);
    if (!q) {
        std::cerr << "otagw top: " << why << '\n';
        return wrong_usage;
    }
    std::signal(SIGINT, [](int) { interrupted = 1; });
    std::signal(SIGTERM, [](int) { interrupted = 1; });
    std::signal(SIGPIPE, SIG_IGN);
    q->stopped = [] { return interrupted != 0; };
    return watch(*q, how);
}

}  // namespace ota::cli
