#include "gateway/http/connection.hpp"

#include "gateway/http/event_stream.hpp"
#include "gateway/http/head.hpp"

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include <optional>

namespace ota::http {
namespace {

namespace beast = boost::beast;
using boost::system::error_code;

constexpr std::size_t read_size = 64 * 1024;

// All on the strand of its link, but for the handler of a path that has a lane.
class connection : public std::enable_shared_from_this<connection> {
public:
    connection(std::shared_ptr<link> with, exchange& shared)
        : link_(std::move(with)),
          shared_(shared),
          with_(shared.settings),
          buffer_(with_.header_limit_in_octets + read_size) {}
    ~connection() { shared_.open.remove(this); }
    connection(const connection&) = delete;
    connection& operator=(const connection&) = delete;

    void start() {
        shared_.open.add(this, [weak = weak_from_this()] {
            const auto self = weak.lock();
            if (self) self->link_->post([self] { self->drain(); });
        });
        link_->post([self = shared_from_this()] {
            self->link_->expires_after(self->with_.header_timeout);
            self->link_->open([self](std::error_code failed) { self->on_open(failed); });
        });
    }

private:
    using parser = beast::http::request_parser<beast::http::string_body>;
    using step = void (connection::*)();

    // The link is closed, for whatever reason: the last reference goes. Who was too slow is counted, unless all that he
    // asked was answered.
    void gone() const {
        const bool idle = answered_ && waiting_ && !parser_->got_some();
        if (link_->expired() && !idle) shared_.refused(refusal::slow, *link_);
    }

    void on_open(std::error_code failed) {
        if (!failed) return read_header();
        shared_.refused(link_->expired() ? refusal::slow : refusal::handshake, *link_);
    }

    void drain() {
        if (stream_) return stream_->end();
        if (waiting_) link_->close();  // no whole header yet: nothing was begun
    }

    void read_header() {
        if (shared_.open.draining()) return;
        parser_.emplace();
        parser_->header_limit(static_cast<std::uint32_t>(with_.header_limit_in_octets));
        parser_->body_limit(boost::none);  // the route's, once it is known
        waiting_ = true;
        link_->expires_after(with_.header_timeout);  // for the whole header, however slowly it drips
        parse_until_header();
    }

    void parse_until_header() {
        if (parse(&connection::parse_until_header, [this] { return parser_->is_header_done(); })) on_header();
    }
    void parse_until_end() {
        if (parse(&connection::parse_until_end, [this] { return parser_->is_done(); })) on_request();
    }

    // True once the goal is reached; else the request is refused, or `again` comes with more octets.
    template <class Goal>
    bool parse(step again, Goal reached) {
        while (!reached()) {
            error_code wrong;
            if (buffer_.size() != 0) buffer_.consume(parser_->put(buffer_.data(), wrong));
            if (reached() && !wrong) return true;
            if (wrong && wrong != beast::http::error::need_more) return refuse(wrong), false;
            if (buffer_.size() != 0 && !wrong) continue;
            if (buffer_.size() >= buffer_.max_size()) return refuse(beast::http::error::buffer_overflow), false;
            return read_more(again), false;
        }
        return true;
    }

    void read_more(step again) {
        const auto room = buffer_.prepare(std::min(read_size, buffer_.max_size() - buffer_.size()));
        link_->read({static_cast<char*>(room.data()), room.size()},
                    [self = shared_from_this(), again](std::error_code failed, std::size_t got) {
                        if (failed) return self->gone();
                        self->buffer_.commit(got);
                        (self.get()->*again)();
                    });
    }

    [[nodiscard]] std::size_t body_limit_of(std::string_view path) const {
        const body_limit* best = nullptr;
        for (const auto& each : with_.body_limits) {
            if (path.starts_with(each.prefix) && (best == nullptr || each.prefix.size() > best->prefix.size()))
                best = &each;
        }
        return best == nullptr ? with_.body_limit_in_octets : best->octets;
    }

    void on_header() {
        waiting_ = false;
        link_->expires_after(with_.body_timeout);
        const auto& header = parser_->get();
        const auto limit = body_limit_of({header.target().data(), header.target().size()});
        if (const auto length = parser_->content_length(); length && *length > limit)
            return refuse(beast::http::error::body_limit);
        parser_->body_limit(limit);
        parser_->eager(true);
        if (!parser_->is_done() && header.version() == 11 && header[beast::http::field::expect] == "100-continue") {
            static constexpr std::string_view interim = "HTTP/1.1 100 Continue\r\n\r\n";
            return link_->write({interim, {}}, [self = shared_from_this()](std::error_code failed, std::size_t) {
                if (failed) return self->gone();
                self->parse_until_end();
            });
        }
        parse_until_end();
    }

    void on_request() {
        auto received = parser_->release();
        link_->expires_never();
        // [RFC 9112, 3.2]: a request without a Host, or with two, is answered 400.
        if (received.version() == 11 && received.count(beast::http::field::host) != 1) {
            return refuse_with(refusal::malformed, problem(400, "the request needs one Host field"));
        }
        auto target = split_target({received.target().data(), received.target().size()});
        if (!target) return refuse_with(refusal::malformed, problem(400, "the request target is not a path"));
        head_ = received.method() == beast::http::verb::head;
        keep_ = received.keep_alive();
        request asked{.method = head_ ? "GET" : std::string(received.method_string()),
                      .path = std::move(target->first),
                      .query = std::move(target->second),
                      .headers = {},
                      .body = std::move(received.body()),
                      .peer = link_->peer(),
                      .parameters = {},
                      .certified = link_->certified()};
        for (const auto& field : received) asked.headers.emplace_back(field.name_string(), field.value());
        hand_over(std::move(asked));
    }

    void hand_over(request asked) {
        asked_ = std::move(asked);
        const auto there = [self = shared_from_this()] {
            self->answer();
            self->link_->post([self] { self->send(); });
        };
        switch (shared_.places.take(asked_.path, there)) {
            case lanes::verdict::taken: return;
            case lanes::verdict::none: answer(); return send();
            case lanes::verdict::full:
                shared_.refused(refusal::busy, *link_);
                answer_ = problem(503, "too many requests of this kind are under way");
                answer_.headers.emplace_back("Retry-After", "1");
                return send();
        }
    }

    // On the strand or in a lane; the connection does nothing else meanwhile.
    void answer() {
        const auto begun = std::chrono::steady_clock::now();
        const auto method = asked_.method;
        auto instead = with_.admit ? with_.admit(asked_) : std::nullopt;
        auto [answer, route] =
            instead ? router::answered{*std::move(instead), {}} : shared_.routes.answer(std::exchange(asked_, {}));
        answer_ = std::move(answer);
        if (answer_.status == 401) limit_failures(begun);
        if (!with_.observer) return;
        const auto took = std::chrono::steady_clock::now() - begun;
        with_.observer({method, route, answer_.status, std::chrono::duration_cast<std::chrono::microseconds>(took)});
    }

    // Who guesses at tokens is slowed down; a good token from the same address is served all the same.
    void limit_failures(std::chrono::steady_clock::time_point now) {
        if (shared_.failures.take(link_->peer(), now)) return;
        shared_.refused(refusal::failures, *link_);
        answer_ = problem(429, "this address came too often without a good token");
        answer_.headers.emplace_back("Retry-After", "60");
        keep_ = false;
    }

    // A request that cannot be read. What still arrives is not looked at: the connection ends.
    void refuse(error_code why) {
        using beast::http::error;
        if (why == error::header_limit || why == error::buffer_overflow) {
            return refuse_with(refusal::long_header, problem(431, "the header is longer than this server takes"));
        }
        if (why == error::body_limit)
            return refuse_with(refusal::long_body, problem(413, "the body is longer than this server takes"));
        refuse_with(refusal::malformed, problem(400, "malformed request: " + why.message()));
    }

    void refuse_with(refusal why, response answer) {
        shared_.refused(why, *link_);
        waiting_ = false;
        refused_ = true;
        head_ = keep_ = false;
        answer_ = std::move(answer);
        send();
    }

    void send() {
        if (answer_.stream && !head_) return open_stream();
        keep_ = keep_ && !shared_.open.draining();
        head_text_ = head_of(answer_, keep_);
        const auto body = head_ || answer_.status == 204 ? std::string_view() : std::string_view(answer_.body);
        link_->expires_after(with_.write_timeout);
        link_->write({head_text_, body}, [self = shared_from_this()](std::error_code failed, std::size_t) {
            if (failed) return self->gone();
            self->on_sent();
        });
    }

    void on_sent() {
        answer_ = {};
        answered_ = true;
        if (keep_) return read_header();
        link_->expires_after(std::chrono::seconds(1));
        link_->finish([self = shared_from_this()] {
            // Closing with unread octets resets the connection and can destroy the answer: take them in for a moment.
            if (self->refused_ && !self->shared_.open.draining()) self->discard();
        });
    }

    void discard() {
        buffer_.clear();
        const auto room = buffer_.prepare(4096);
        link_->read({static_cast<char*>(room.data()), room.size()},
                    [self = shared_from_this()](std::error_code ended, std::size_t) {
                        if (!ended) self->discard();
                    });
    }

    void open_stream() {
        if (shared_.open.draining()) return;
        auto what = std::exchange(answer_.stream, nullptr);
        auto opened = event_stream::open(link_, shared_, std::move(what));
        if (!opened) {
            shared_.refused(refusal::streams, *link_);
            answer_ = problem(503, "as many event streams are open as this server takes");
            answer_.headers.emplace_back("Retry-After", "10");
            return send();
        }
        stream_ = std::move(opened);
        stream_->start(std::move(answer_), shared_from_this());
    }

    std::shared_ptr<link> link_;
    exchange& shared_;
    const server_settings& with_;
    beast::flat_buffer buffer_;
    std::optional<parser> parser_;
    request asked_;
    response answer_;
    std::string head_text_;
    std::unique_ptr<event_stream> stream_;
    bool waiting_ = false, answered_ = false, refused_ = false, head_ = false, keep_ = false;
};

}  // namespace

void serve(std::shared_ptr<link> with, exchange& shared) {
    std::make_shared<connection>(std::move(with), shared)->start();
}

}  // namespace ota::http
