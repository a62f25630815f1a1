#include "tests/flow/simulation.hpp"

#include "gateway/flow/keyring.hpp"
#include "gateway/flow/secure.hpp"
#include "queue/base64.hpp"
#include "sandbox/uicc/push_order.hpp"
#include "secure-channel/response_packet.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <stdexcept>

namespace ota::simulation {

namespace {

secure_channel::key_encryption_key test_kek() {
    return std::move(secure_channel::key_encryption_key::load(secure_channel::secret(wire::octets(32, 0x5A))).value());
}

/// A card that opens a channel for every PUSH that it takes.
struct push_catcher final : sandbox::push_taker {
    wire::octets identification;
    sandbox::apdu_answer on_push(const sandbox::apdu& command) override {
        const auto order = sandbox::read_push(command);
        if (const auto* sw = std::get_if<std::uint16_t>(&order)) return {*sw, {}};
        if (const auto* link = std::get_if<sandbox::link_order>(&std::get<sandbox::push_order>(order)))
            identification = *link->identification;
        return {0x9000, {}};
    }
};

}  // namespace

wire::result<void> memory_source::seek(std::int32_t, std::optional<queue::position> to) {
    if (refusal) return refusal;
    at_ = to ? static_cast<std::size_t>(to->offset) : 0;
    placed_ = true;
    return BOOST_OUTCOME_V2_NAMESPACE::success();
}

wire::result<std::vector<queue::record>> memory_source::pull(std::size_t limit) {
    if (!placed_) return std::vector<queue::record>();
    const auto end = std::min(records.size(), at_ + limit);
    std::vector<queue::record> out(records.begin() + static_cast<std::ptrdiff_t>(at_),
                                   records.begin() + static_cast<std::ptrdiff_t>(end));
    at_ = end;
    return out;
}

std::shared_ptr<card_profile> profile_with(std::uint8_t spi1, std::uint8_t spi2) {
    auto p = std::make_shared<card_profile>(*sandbox::demo_profile());
    p->name = "simulated";
    p->hash = 1;
    p->spi = {spi1, spi2};
    for (auto& [uri, node] : p->nodes) {
        node.form = management_object::file_form::raw;
        node.volatile_file = false;
    }
    node_binding refresh;
    refresh.uri = "./SC/USIM/Status";
    refresh.is = node_binding::kind::script;
    refresh.commands = {{0x00, 0xF2, 0x00, 0x00, 0x00}};
    p->nodes[refresh.uri] = refresh;
    p->answer_timeout = std::chrono::seconds(60);
    p->validity = std::chrono::minutes(10);
    p->validity_margin = std::chrono::minutes(1);
    p->retry_backoff = std::chrono::seconds(5);
    p->pause_sample = 1000;
    return p;
}

world::world(options o)
    : opts(std::move(o)),
      now(std::chrono::sys_days(std::chrono::January / 5 / 2026)),
      dice_(opts.seed),
      kek_(test_kek()),
      tokens_(kek_) {
    if (!opts.profile) opts.profile = profile_with();
    reload(opts.gateway_profile ? opts.gateway_profile : opts.profile);
    auto people = sandbox::population_for(*opts.profile, opts.seed, opts.cards);
    sandbox::mishap_shares shares;
    shares.power_cut = opts.with.power_cut;
    journal_file_ =
        "/tmp/otagw-simulation-" + std::to_string(::getpid()) + "-" + std::to_string(opts.seed) + ".journal";
    std::filesystem::remove(journal_file_);
    std::string error;
    if (!journal_.open(journal_file_, error)) throw std::runtime_error(error);
    network_ = std::make_unique<sandbox::card_network>(*opts.profile, people, sandbox::card_quirks{}, shares, journal_);
    network_->open_journal(sandbox::instant{now.time_since_epoch()});
    store::sqlite_options with;
    with.path = ":memory:";
    auto opened = store::open_sqlite(with);
    if (!opened) throw std::runtime_error(opened.error().message());
    store_ = std::move(opened.value());
    import_cards();
    make_corridor();
}

world::~world() {
    std::error_code ec;
    std::filesystem::remove(journal_file_, ec);
}

void world::import_cards() {
    const auto& who = network_->who();
    std::vector<store::card_row> rows;
    std::string csv;
    (void)who.write_csv([&](std::string_view part) {
        csv += part;
        return true;
    });
    std::size_t card = 0;
    bool header = true;
    for (std::size_t at = 0; at < csv.size();) {
        const auto end = csv.find('\n', at);
        std::vector<std::string> cells{""};
        for (char c : csv.substr(at, end - at)) {
            if (c == ',') {
                cells.emplace_back();
            } else if (c != '\r') {
                cells.back() += c;
            }
        }
        at = end == std::string::npos ? csv.size() : end + 1;
        if (std::exchange(header, false) || cells.size() < 8) continue;
        store::card_row row;
        row.iccid = cells[0];
        row.msisdn = cells[1];
        row.msisdn_since = now;
        row.profile = opts.profile->name;
        std::vector<flow::card_key> keys(1);
        keys[0].version = static_cast<std::uint8_t>(std::stoi(cells[3]));
        keys[0].mac_length = static_cast<std::uint8_t>(std::stoi(cells[6]));
        keys[0].kic = secure_channel::secret(std::move(wire::from_hex(cells[4]).value()));
        keys[0].kid = secure_channel::secret(std::move(wire::from_hex(cells[5]).value()));
        std::array<std::uint8_t, 12> nonce{};
        const auto n = ++nonce_;
        std::memcpy(nonce.data(), &n, sizeof n);
        const auto purpose = flow::keys_purpose(row.iccid);
        row.sealed_keys = kek_.seal(flow::serialize_keys(keys).view(), wire::as_octets(purpose), nonce);
        flow::twin fresh;
        for (const auto& app : opts.profile->applications) {
            auto& counter = flow::counter_of(fresh, flow::counter_key_of(*opts.profile, keys[0].version, app.tar));
            counter.last = std::stoull(cells[7]);
        }
        row.twin = flow::serialize_twin(fresh, {});
        rows.push_back(std::move(row));
        ++card;
    }
    auto tx = store_->begin();
    if (!tx || !tx.value()->insert_cards(rows) || !tx.value()->commit())
        throw std::runtime_error("cards cannot be imported");
}

void world::make_corridor() {
    source.forget_reader();
    flow::corridor_parts parts{*store_,
                               source,
                               sink,
                               *this,
                               profiles_,
                               kek_,
                               [this](std::span<std::uint8_t> out) {
                                   const auto n = ++nonce_;
                                   std::memset(out.data(), 0, out.size());
                                   std::memcpy(out.data(), &n, std::min(out.size(), sizeof n));
                               },
                               [this](const flow::commit_report& r) {
                                   ++commits_;
                                   channels += r.channels;
                                   if (on_commit) on_commit(r);
                               },
                               opts.neighbours,
                               flow::channel_parts{*this, tokens_, {{127, 0, 0, 1}, 9000, 9001}}};
    corridor_ = std::make_unique<flow::corridor>(opts.corridor, std::move(parts));
    if (!corridor_->open(now)) throw std::runtime_error("corridor cannot be opened");
}

void world::restart() {
    ++generation_;  // what the dead gateway's connections still bring is lost
    corridor_.reset();
    links_.clear();
    next_link_ = 1;  // a process counts its links from the beginning
    make_corridor();
}

void world::reload(std::shared_ptr<const card_profile> next) {
    profile_set set;
    if (next) set[opts.profile->name] = std::move(next);
    profiles_.replace(std::move(set));
}

std::string world::publish(queue::change_event e) {
    if (e.source.empty()) e.source = "urn:test";
    if (e.id.empty()) e.id = "event-" + std::to_string(published.size());
    queue::record r;
    r.offset = static_cast<std::int64_t>(source.records.size());
    r.next_offset = r.offset + 1;
    r.key = e.subject;
    r.payload = queue::serialize_event(e);
    source.records.push_back(std::move(r));
    published.push_back(e);
    return e.id;
}

std::string world::replace(std::size_t card, const std::string& node, const std::string& value) {
    queue::change_event e;
    e.subject = iccid(card);
    e.node = node;
    e.format = "bin";
    const auto size = opts.profile->find(node)->size;
    wire::octets octets(value.begin(), value.end());
    octets.resize(size, 0x20);
    e.value = {queue::node_value::kind::text, queue::to_base64(octets)};
    return publish(std::move(e));
}

bool world::chance(double share, const char* name) {
    if (share <= 0 || std::uniform_real_distribution<>(0, 1)(dice_) >= share) return false;
    ++faults.times[name];
    return true;
}

void world::later(milliseconds delay, std::function<void()> what) {
    agenda_.push({now + delay, order_++, std::move(what)});
}

void world::respond(const bearer::submission& s, bearer::submit_outcome outcome, const std::string& message_id) {
    later(milliseconds(1 + dice_() % 20), [this, id = s.id, outcome, message_id, generation = generation_] {
        if (generation != generation_) return;
        bearer::submitted r;
        r.id = id;
        r.outcome = outcome;
        r.route = "simulated";
        r.message_id = message_id;
        r.command_status = outcome == bearer::submit_outcome::permanent ? 0x0B : 0;
        corridor_->on_submitted({r});
    });
}

void world::submit(std::vector<bearer::submission> batch) {
    for (auto& s : batch) {
        if (chance(opts.with.temporary, "temporary")) {
            respond(s, bearer::submit_outcome::temporary, {});
            continue;
        }
        sent.push_back({s.destination, s.id.packet, s.id.segment, s.user_data});
        const auto message_id = std::to_string(next_message_++);
        respond(s,
                chance(opts.with.response_lost, "response_lost") ? bearer::submit_outcome::unknown
                                                                 : bearer::submit_outcome::accepted,
                message_id);
        if (on_air && !on_air(s)) continue;
        if (chance(opts.with.undelivered, "undelivered")) {
            later(milliseconds(500), [this, message_id, to = s.destination, generation = generation_] {
                if (generation != generation_) return;
                bearer::receipt r;
                r.source = to;
                r.message_id = message_id;
                r.state = bearer::receipt_state::undeliverable;
                deliver(r);
            });
            continue;
        }
        if (chance(opts.with.forged, "forged")) forge_proof(s);
        if (chance(opts.with.loss, "loss")) continue;
        auto delay = milliseconds(5 + dice_() % 200);
        if (chance(opts.with.reorder, "reorder")) delay += std::chrono::seconds(20);
        const auto place = sent.size();  // in the order in which the SMSC took them
        later(delay, [this, s, place] { reach_card(s, place); });
        if (chance(opts.with.duplicate, "duplicate"))
            later(delay + milliseconds(dice_() % 5000), [this, s, place] { reach_card(s, place); });
        if (!chance(opts.with.receipt_lost, "receipt_lost")) {
            later(delay + milliseconds(dice_() % 50), [this, message_id, to = s.destination, generation = generation_] {
                if (generation != generation_) return;
                bearer::receipt r;
                r.source = to;
                r.message_id = message_id;
                r.state = bearer::receipt_state::delivered;
                deliver(r);
            });
        }
    }
}

void world::reach_card(const bearer::submission& s, std::uint64_t place) {
    sandbox::sms_deliver message;
    message.submitted = place;
    message.msisdn = s.destination;
    message.user_data = s.user_data;
    message.now = now;
    push_catcher pushes;
    auto report = network_->deliver(message, cards_know_push ? &pushes : nullptr);
    if (const auto push = tokens_.verify(pushes.identification);
        push && !chance(opts.with.push_ignored, "push_ignored")) {
        auto wait = milliseconds(200 + dice_() % 2000);
        if (chance(opts.with.late_link, "late_link")) wait += std::chrono::minutes(15);
        later(wait,
              [this, card = *network_->who().find_msisdn(s.destination), id = *push] { card_opens_link(card, id); });
    }
    if (report.report) bring_back(s.destination, std::move(*report.report));
    for (auto& mo : report.submitted) bring_back(s.destination, std::move(mo));
}

void world::bring_back(const std::string& from, wire::octets user_data) {
    if (chance(opts.with.answer_loss, "answer_loss")) return;
    const int copies = chance(opts.with.answer_twice, "answer_twice") ? 2 : 1;
    for (int i = 0; i < copies; ++i) {
        later(milliseconds(5 + dice_() % 100) + slower_answers, [this, from, user_data] {
            // An unanswered deliver_sm comes again: the SMSC keeps it until somebody acknowledges it (R4).
            deliver(bearer::inbound_message{from, user_data});
        });
    }
}

void world::deliver(std::variant<bearer::receipt, bearer::inbound_message> what) {
    commits_at_delivery_[next_token_] = commits_;
    corridor_->on_delivered({{next_token_++, "simulated", std::move(what)}});
}

void world::answer(const std::vector<std::uint64_t>& tokens, bool accepted) {
    for (auto t : tokens) {
        if (!accepted) continue;
        answered_tokens.insert(t);
        answers_before_commit += commits_ == commits_at_delivery_[t];
    }
}

/// Status 00 and "all ran", without the checksum that SPI2 asked for: it must complete nothing (R8).
void world::forge_proof(const bearer::submission& s) {
    const auto t = twin_of(*network_->who().find_msisdn(s.destination));
    if (!t.in_flight) return;
    secure_channel::response r;
    r.tar = t.in_flight->tar;
    r.cntr.value = t.in_flight->cntr;
    r.data = {t.in_flight->carries.empty() ? std::uint8_t{1} : t.in_flight->carries.back().last, 0x90, 0x00};
    auto forged = secure_channel::seal_response(r, {{0x16, 0x01}, t.in_flight->kic, t.in_flight->kid, true},
                                                secure_channel::key_set());
    if (forged)
        later(milliseconds(1), [this, from = s.destination, ud = forged.value()] {
            deliver(bearer::inbound_message{from, ud});
        });
}

bool world::tick() {
    if (chance(opts.with.restart, "restart")) restart();
    if (chance(opts.with.reload, "reload")) reload(opts.reloads[dice_() % opts.reloads.size()]);
    happen();  // where a test moved the clock
    if (corridor_->step(now)) return true;
    const auto next =
        agenda_.empty() ? now + std::chrono::seconds(1) : std::min(agenda_.top().at, now + std::chrono::seconds(1));
    now = std::max(next, now + milliseconds(1));
    happen();
    return false;
}

void world::happen() {
    while (!agenda_.empty() && agenda_.top().at <= now) {
        auto what = agenda_.top().what;
        agenda_.pop();
        what();
    }
}

bool world::run(milliseconds at_most) {
    const auto until = now + at_most;
    while (now < until) {
        tick();
        if (sink.messages.size() >= published.size() && agenda_.empty() && finals().size() >= published.size()) {
            for (int i = 0; i < 5; ++i) tick();
            return true;
        }
    }
    return finals().size() >= published.size();
}

}  // namespace ota::simulation
