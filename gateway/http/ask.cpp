#include "gateway/http/ask.hpp"

#include "gateway/http/answer_reader.hpp"
#include "gateway/http/ask_socket.hpp"

#include <charconv>

namespace ota::http {

namespace {

std::string head_of(const question& q) {
    const bool six = q.to.host.find(':') != std::string::npos;
    std::string head = "GET " + q.path + " HTTP/1.1\r\nHost: " + (six ? '[' + q.to.host + ']' : q.to.host) + ':' +
                       std::to_string(q.to.port) + "\r\nConnection: close\r\n";
    if (!q.token.empty()) head += "Authorization: Bearer " + q.token + "\r\n";
    for (const auto& [name, value] : q.headers) head.append(name).append(": ").append(value).append("\r\n");
    return head + "\r\n";
}

}  // namespace

std::optional<server_url> parse_url(std::string_view text) {
    server_url url;
    if (text.starts_with("https://")) {
        url.tls = true;
        text.remove_prefix(8);
    } else if (text.starts_with("http://")) {
        text.remove_prefix(7);
    } else {
        return std::nullopt;
    }
    if (text.ends_with('/')) text.remove_suffix(1);
    url.port = url.tls ? 443 : 80;
    std::string_view port;
    if (text.starts_with('[')) {
        const auto end = text.find(']');
        if (end == std::string_view::npos) return std::nullopt;
        url.host = text.substr(1, end - 1);
        port = text.substr(end + 1);
    } else {
        const auto colon = text.find(':');
        url.host = text.substr(0, colon);
        port = colon == std::string_view::npos ? std::string_view() : text.substr(colon);
    }
    if (!port.empty()) {
        const auto [end, fault] = std::from_chars(port.data() + 1, port.data() + port.size(), url.port);
        if (port.front() != ':' || fault != std::errc() || end != port.data() + port.size() || url.port == 0)
            return std::nullopt;
    }
    if (url.host.empty() || url.host.find_first_of("/?#@ ") != std::string::npos) return std::nullopt;
    return url;
}

std::string to_string(const server_url& url) {
    const bool six = url.host.find(':') != std::string::npos;
    return (url.tls ? "https://" : "http://") + (six ? '[' + url.host + ']' : url.host) + ':' +
           std::to_string(url.port);
}

std::optional<std::string> ask(const question& q, const listener& to) {
    const auto where = to_string(q.to);
    ask_socket server(q);
    if (auto fault = server.open()) return fault;
    if (!server.send(head_of(q))) return where + ": the connection was closed before the question was sent";
    answer_reader answer;
    std::string octets;
    for (bool told = false;;) {
        using state = ask_socket::state;
        switch (server.receive(octets)) {
            case state::octets: break;
            case state::stopped: return std::nullopt;
            case state::silent: return where + ": no answer in time";
            case state::broken: return where + ": the connection broke";
            case state::closed:
                if (answer.ends_here() && answer.status() != 0) return std::nullopt;
                return where + ": the connection was closed in the middle of the answer";
        }
        const auto body = answer.take(octets);
        if (!body) return where + ": what answers there does not speak HTTP/1.1";
        if (answer.status() != 0 && !told) {
            told = true;
            if (to.begins && !to.begins(answer.status(), answer.header("Content-Type"))) return std::nullopt;
        }
        if (!body->empty() && to.body && !to.body(*body)) return std::nullopt;
        if (answer.complete()) return std::nullopt;
    }
}

std::optional<answer> ask(const question& q, std::size_t most, std::string& why) {
    answer got;
    bool too_long = false;
    listener to;
    to.begins = [&](unsigned status, std::string_view) {
        got.status = status;
        return true;
    };
    to.body = [&](std::string_view piece) {
        too_long = got.body.size() + piece.size() > most;
        if (!too_long) got.body += piece;
        return !too_long;
    };
    if (auto fault = ask(q, to)) {
        why = std::move(*fault);
        return std::nullopt;
    }
    if (too_long || got.status == 0) {
        why = to_string(q.to) + ": " + (too_long ? "the answer is too long" : "stopped");
        return std::nullopt;
    }
    return got;
}

std::optional<answer> ask(const std::string& address, std::uint16_t port, std::string_view path,
                          std::chrono::milliseconds patience, const std::string& certificate) {
    question q;
    q.to = {!certificate.empty(), address, port};
    q.certificate = certificate;
    q.path = path;
    q.patience = patience;
    std::string why;
    return ask(q, 1024 * 1024, why);
}

}  // namespace ota::http
