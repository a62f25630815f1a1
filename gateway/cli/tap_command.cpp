#include "gateway/cli/commands.hpp"
#include "gateway/cli/instance_address.hpp"
#include "gateway/cli/tap_line.hpp"

#include <boost/json.hpp>

#include <CLI/CLI.hpp>

#include <csignal>
#include <iostream>
#include <thread>

namespace ota::cli {

namespace {

constexpr std::chrono::milliseconds first_pause{1000}, longest_pause{30'000};
constexpr std::chrono::seconds silence{45};  ///< the server says something each 15 s
constexpr std::size_t longest_refusal = 64 * 1024;
volatile std::sig_atomic_t interrupted = 0;

struct tap_options {
    tap_filter filter;
    std::size_t limit = 0;  ///< 0: without end
    bool json = false;
};

/// One tap over as many connections as it takes.
class tap {
public:
    tap(http::question q, tap_options how) : q_(std::move(q)), how_(std::move(how)) {
        q_.path = path_of(how_.filter);
        q_.patience = silence;
        q_.stopped = [] { return interrupted != 0; };
    }

    int run() {
        for (;;) {
            const auto fault = listen();
            if (done()) return std::cout ? good : failed;
            if (refused()) return complain(refusal());
            if (!heard_) return complain(fault.value_or("the answer has no events"));
            std::cerr << "otagw tap: " << fault.value_or("the server ended it") << "; coming again in "
                      << pause_.count() / 1000.0 << " s\n";
            for (auto left = pause_; left.count() > 0 && interrupted == 0; left -= std::chrono::milliseconds(100)) {
                std::this_thread::sleep_for(std::min(left, std::chrono::milliseconds(100)));
            }
            pause_ = std::min(2 * pause_, longest_pause);
        }
    }

private:
    std::optional<std::string> listen() {
        status_ = 0;
        body_.clear();
        events_.begin();
        q_.headers = {{"Accept", "text/event-stream"}};
        if (!events_.last_id().empty()) q_.headers.emplace_back("Last-Event-ID", events_.last_id());
        http::listener to;
        to.begins = [&](unsigned status, std::string_view type) {
            status_ = status;
            stream_ = status == 200 && type.starts_with("text/event-stream");
            if (stream_) heard_ = true;
            return stream_ || status != 200;  // the words of a refusal are read
        };
        to.body = [&](std::string_view piece) { return stream_ ? take(piece) : keep(piece); };
        return http::ask(q_, to);
    }

    bool take(std::string_view piece) {
        for (const auto& e : events_.take(piece)) {
            pause_ = events_.retry().value_or(first_pause);
            if (e.type == "gap") {
                std::cerr << "otagw tap: some events were missed\n";
                continue;
            }
            const auto now = std::chrono::system_clock::now();
            std::cout << (how_.json ? json_line_of(e, now) : line_of(e, now)) << '\n';
            if (++shown_ == how_.limit || !std::cout) break;
        }
        std::cout << std::flush;
        return !done();
    }

    bool keep(std::string_view piece) {
        body_ += piece;
        return body_.size() < longest_refusal;
    }

    [[nodiscard]] bool done() const {
        return interrupted != 0 || (how_.limit != 0 && shown_ >= how_.limit) || !std::cout;
    }
    /// Coming again would not help; a server that is starting, stopping or busy is another matter.
    [[nodiscard]] bool refused() const {
        return status_ != 0 && !stream_ && (status_ < 500 || !heard_) && status_ != 429;
    }

    /// The detail of the problem (RFC 9457), or the status.
    [[nodiscard]] std::string refusal() const {
        boost::system::error_code ec;
        const auto said = boost::json::parse(body_, ec);
        const auto* object = ec ? nullptr : said.if_object();
        const auto* detail = object == nullptr ? nullptr : object->if_contains("detail");
        const auto words =
            detail != nullptr && detail->is_string() ? std::string(detail->get_string()) : "no events are served there";
        return to_string(q_.to) + ": " + std::to_string(status_) + ": " + words +
               (q_.token.empty() ? " (give --token-file)" : "");
    }

    static int complain(const std::string& why) {
        std::cerr << "otagw tap: " << why << '\n';
        return failed;
    }

    http::question q_;
    tap_options how_;
    http::event_reader events_;
    unsigned status_ = 0;
    bool stream_ = false, heard_ = false;
    std::string body_;
    std::size_t shown_ = 0;
    std::chrono::milliseconds pause_ = first_pause;
};

}  // namespace

int run_tap_command(const arguments& args) {
    CLI::App app(
        "Shows the events of a running gateway as they happen: taken in, ended, dead-lettered, alerts; never a value. "
        "Comes again by itself "
        "after a break and goes on where it was, as far as the gateway still knows.",
        "otagw tap");
    instance_words words;
    tap_options how;
    app.add_option("--url", words.url, "where the gateway serves HTTP: http://HOST:PORT or https://HOST:PORT");
    app.add_option("--config,-c", words.config,
                   "or the gateway's settings, which tell address, port, certificate and token");
    app.add_option("--token-file", words.token_file, "file with a bearer token, role read");
    app.add_option("--ca", words.authorities,
                   "PEM file with the authorities that vouch for the server (default: the system's)");
    app.add_option("--card", how.filter.card, "of this card (ICCID)");
    app.add_option("--type", how.filter.type, "of these types: taken,ended,dead,alert,rates (default: all but rates)");
    app.add_option("--state", how.filter.state, "with this final state");
    app.add_option("--reason", how.filter.reason, "with this reason code");
    app.add_option("--limit", how.limit, "end after so many events");
    app.add_flag("--json", how.json, "a JSON object an event");
    try {
        app.parse(std::vector<std::string>(args.rbegin(), args.rend()));
    } catch (const CLI::ParseError& e) {
        return app.exit(e) == 0 ? good : wrong_usage;
    }
    std::string why;
    auto q = address_of(words, why);
    if (!q) {
        std::cerr << "otagw tap: " << why << '\n';
        return wrong_usage;
    }
    std::signal(SIGINT, [](int) { interrupted = 1; });
    std::signal(SIGTERM, [](int) { interrupted = 1; });
    std::signal(SIGPIPE, SIG_IGN);
    return tap(std::move(*q), std::move(how)).run();
}

}  // namespace ota::cli
