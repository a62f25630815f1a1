#include "gateway/cli/data_channels.hpp"

#include "gateway/profile/settings_difference.hpp"

#include <arpa/inet.h>

#include <array>
#include <iterator>
#include <utility>

namespace ota::cli {
namespace {

bip::exchange_settings exchange_settings_of(const bip_settings& s, const profile_set& profiles) {
    bip::exchange_settings out;
    out.link.max_pdu = s.max_pdu;
    out.link.max_sdu = s.max_sdu;
    out.link.window = s.window;
    out.link.first_rto = s.first_rto;
    out.link.min_rto = std::min(out.link.min_rto, s.first_rto);
    out.link.retries = static_cast<std::uint8_t>(s.retries);
    out.link.set_up_retries = static_cast<std::uint8_t>(s.set_up_retries);
    out.link.keep_alive = s.keep_alive;
    out.link.idle = s.idle;
    out.ports = cat_tp_ports(profiles);
    out.max_links = s.max_links;
    out.half_open = s.half_open;
    out.per_source = s.per_source;
    out.answers = s.answers;
    out.answers_per_source = s.answers_per_source;
    out.grace = s.first_rto;
    return out;
}

bip::callers_settings callers_settings_of(const bip_settings& s) {
    bip::callers_settings out;
    out.max_links = s.max_links;
    out.unidentified = s.half_open;
    out.per_source = s.per_source;
    out.max_packet = s.max_sdu;
    out.idle = s.idle;
    out.tags.command = s.tcp->command_tag;
    out.tags.response = s.tcp->response_tag;
    out.tags.identification = s.tcp->identification_tag;
    out.identification_timeout = s.tcp->identification_timeout;
    out.packet_timeout = s.tcp->packet_timeout;
    return out;
}

void put(ops::metrics& metrics, const char* bearer, const bip::counts& c) {
    const auto total = [&](const char* name, const char* help, std::uint64_t value, ops::labels with = {}) {
        with.emplace_back("bearer", bearer);
        metrics.make_counter(name, help, with).raise_to(static_cast<double>(value));
    };
    total("otagw_bip_links_opened_total", "Links of cards that showed the identification of a PUSH.", c.opened);
    for (std::size_t i = 0; i < bip::causes; ++i) {
        total("otagw_bip_links_closed_total", "Links by how they ended.", c.closed[i],
              {{"reason", std::string(bip::cause_names[i])}});
    }
    for (std::size_t i = 0; i < bip::refusals; ++i) {
        total("otagw_bip_refused_total", "Datagrams and connections that were not served.", c.refused[i],
              {{"reason", std::string(bip::name_of(static_cast<bip::refusal>(i)))}});
    }
    const auto packets = [&](const char* state, std::uint64_t n) {
        total("otagw_bip_packets_total", "Secured packets over data channels; acknowledged proves nothing (R8).", n,
              {{"state", state}});
    };
    packets("in", c.packets_in);
    packets("out", c.packets_out);
    packets("acknowledged", c.packets_acknowledged);
    packets("refused", c.packets_refused);
    total("otagw_bip_octets_total", "Octets over data channels.", c.octets_in, {{"state", "in"}});
    total("otagw_bip_octets_total", "Octets over data channels.", c.octets_out, {{"state", "out"}});
    total("otagw_bip_set_ups_failed_total", "Cards that came and did not finish to set up their link.",
          c.set_up_failed);
}

void put_datagrams(ops::metrics& metrics, const bip::counts& c) {
    const auto total = [&](const char* name, const char* help, const char* state, std::uint64_t value) {
        metrics.make_counter(name, help, {{"state", state}}).raise_to(static_cast<double>(value));
    };
    constexpr const char *datagrams = "otagw_bip_datagrams_total", *of_datagrams = "Datagrams of the UDP port.";
    total(datagrams, of_datagrams, "in", c.datagrams_in);
    total(datagrams, of_datagrams, "out", c.datagrams_out);
    total(datagrams, of_datagrams, "dropped", c.dropped);
    constexpr const char *answers = "otagw_bip_answers_total",
                         *of_answers = "RSTs to who is no card of ours; kept back by their limit.";
    total(answers, of_answers, "sent", c.answered);
    total(answers, of_answers, "kept_back", c.unanswered);
    constexpr const char *moves = "otagw_bip_moves_total",
                         *of_moves = "Links claimed from another UDP port or address.";
    total(moves, of_moves, "challenged", c.move_challenges);
    total(moves, of_moves, "moved", c.moved);
    total(moves, of_moves, "dismissed", c.moves_dismissed);
    total(moves, of_moves, "replaced", c.replaced);
}

}  // namespace

bip::server_settings bip_server_settings_of(const gateway_settings& s, wire::sip_key dice) {
    bip::server_settings out;
    out.address = s.bip.address;
    out.port = s.bip.port;
    out.exchange = exchange_settings_of(s.bip, s.profiles);
    if (s.bip.tcp) {
        out.tcp_port = s.bip.tcp->port;
        out.callers = callers_settings_of(s.bip);
    }
    if (s.bip.keep_alive.count() != 0)
        out.tcp_keep_alive = std::chrono::duration_cast<std::chrono::seconds>(s.bip.keep_alive);
    out.remember = s.bip.remember;
    out.remembered = 4 * s.bip.max_links;
    out.dice = dice;
    return out;
}

flow::push_target push_target_of(const bip_settings& s, std::uint16_t udp_port, std::uint16_t tcp_port) {
    flow::push_target out;
    std::array<std::uint8_t, 16> address{};
    if (::inet_pton(AF_INET, s.public_address.c_str(), address.data()) == 1) {
        out.address.assign(address.begin(), address.begin() + 4);
    } else if (::inet_pton(AF_INET6, s.public_address.c_str(), address.data()) == 1) {
        out.address.assign(address.begin(), address.end());
    }
    out.port = s.port == 0 ? udp_port : s.public_port;
    out.tcp_port = s.tcp && s.tcp->port == 0 ? tcp_port : s.public_tcp_port;
    return out;
}

void link_relay::on_links(std::vector<bearer::link_event> events) {
    std::lock_guard lock(mutex_);
    if (to_ != nullptr) return to_->on_links(std::move(events));
    std::move(events.begin(), events.end(), std::back_inserter(kept_));
}

void link_relay::pass_to(bearer::link_observer& to) {
    std::lock_guard lock(mutex_);
    to_ = &to;
    if (!kept_.empty()) to.on_links(std::exchange(kept_, {}));
}

void show_data_channels(ops::metrics& metrics, std::function<bip::server_status()> status) {
    const auto gauge = [&](const char* state) {
        return metrics.make_gauge("otagw_bip_links", "Connections of cards; those being set up, and all records.",
                                  {{"state", state}});
    };
    auto open = gauge("open"), half_open = gauge("half_open"), records = gauge("records");
    auto tcp = gauge("tcp"), unidentified = gauge("tcp_unidentified");
    auto remembered =
        metrics.make_gauge("otagw_bip_identifications_remembered", "Identifications that open nothing any more.");
    metrics.on_render(
        [&metrics, status = std::move(status), open, half_open, records, tcp, unidentified, remembered]() mutable {
            const auto s = status();
            open.set(static_cast<double>(s.now.links));
            half_open.set(static_cast<double>(s.now.half_open));
            records.set(static_cast<double>(s.now.records));
            tcp.set(static_cast<double>(s.now.tcp_links));
            unidentified.set(static_cast<double>(s.now.tcp_unidentified));
            remembered.set(static_cast<double>(s.now.remembered));
            put(metrics, "cat_tp", s.cat_tp);
            put(metrics, "tcp", s.tcp);
            put_datagrams(metrics, s.cat_tp);
        });
}

api::channel_figures channel_figures_of(const bip::server_status& s) {
    api::channel_figures out;
    out.links = s.now.links + s.now.tcp_links;
    for (const auto* c : {&s.cat_tp, &s.tcp}) {
        out.opened += c->opened;
        out.set_up_failed += c->set_up_failed;
        out.packets_in += c->packets_in;
        out.packets_out += c->packets_out;
        for (const auto n : c->refused) out.refused += n;
    }
    return out;
}

}  // namespace ota::cli
