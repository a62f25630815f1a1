#include "gateway/cards/explain.hpp"

#include "gateway/cards/errc.hpp"
#include "gateway/cards/json.hpp"
#include "queue/timestamp.hpp"

#include <algorithm>
#include <ostream>

namespace ota::cards {

namespace {

using store::standing;
using store::wall_time;

std::string at(wall_time when) { return queue::serialize_timestamp(when); }

/// "quarantine: the card has no keys" without the word before the colon.
std::string meaning_of(std::string_view code) {
    const auto* entry = entry_of(code);
    if (entry == nullptr) return std::string(code);
    const auto colon = entry->meaning.find(": ");
    return std::string(colon == std::string_view::npos ? entry->meaning : entry->meaning.substr(colon + 2)) + " (" +
           std::string(code) + ")";
}

std::string actor_of(std::string_view code) {
    const auto* entry = entry_of(code);
    return std::string(name_of(entry == nullptr ? flow::reason::actor::operator_ : entry->acts));
}

class explainer {
public:
    explainer(const card_sheet& s, const card_profile* profile, wall_time now, const gateway_voice& gateway)
        : s_(s), profile_(profile), now_(now), gateway_(gateway) {}

    explanation run() {
        if (s_.row.is == standing::replaced) {
            out_.why.push_back("The card was replaced by another: nothing goes to it any more.");
            return std::move(out_);
        }
        if (s_.row.is == standing::erased) {
            out_.why.push_back("The card was erased: nothing is known of it any more, and nothing goes to it.");
            return std::move(out_);
        }
        hold();
        surroundings();
        packets();
        blocked_nodes();
        events();
        if (out_.why.empty()) idle();
        gateway();
        return std::move(out_);
    }

private:
    bool held() const noexcept { return s_.row.is != standing::active || !s_.state.hold.empty(); }

    void hold() {
        if (s_.row.is == standing::suspended) {
            out_.why.push_back("The card is suspended by an operator: no packet goes to it.");
            out_.act.push_back("operator: `otagw cards resume " + s_.row.iccid + "` when it may go on.");
        } else if (held()) {
            out_.why.push_back("The card is in quarantine: " + meaning_of(s_.state.hold) + ".");
            out_.act.push_back(actor_of(s_.state.hold) + ": remove the cause; then `otagw cards resume " +
                               s_.row.iccid + "`, or `repair` to write everything anew.");
        }
    }

    void surroundings() {
        if (profile_ == nullptr) {
            out_.why.push_back("Its profile " + s_.row.profile + " is not configured.");
            out_.act.push_back("operator: add the profile to the configuration, or import the card with another one.");
        }
        if (s_.paused) {
            out_.why.push_back("Its profile " + s_.row.profile +
                               " is paused: too many of its last cards ended alike (" + *s_.paused + ").");
            out_.act.push_back("operator: find the cause; then `otagw cards resume --profile " + s_.row.profile + "`.");
        }
        if (s_.row.msisdn.empty()) {
            out_.why.push_back("The card has no number to send to.");
            out_.act.push_back("operator: import it with its number.");
        }
        if (!s_.keys_readable || s_.keys.empty()) {
            out_.why.push_back(s_.keys_readable ? "The card has no keys."
                                                : "Its keys cannot be unwrapped with this key-encryption key.");
            out_.act.push_back("operator: import its keys, or give the right key-encryption key.");
        }
    }

    void packets() {
        if (s_.unknown) {
            out_.why.push_back("The outcome of packet " + std::to_string(s_.unknown->id) +
                               " is not known; no other change goes out before a secured read-back decides it.");
            if (!s_.in_flight && !held()) out_.next.push_back("The card is read back, with a newer counter.");
        }
        if (s_.in_flight) in_flight(*s_.in_flight);
        if (s_.state.channel) {
            out_.why.push_back("Its data channel is open, to instance " + std::to_string(s_.state.channel->instance) +
                               ", since " + at(s_.state.channel->opened_at) + ".");
        } else if (s_.state.short_messages_until > now_) {
            out_.why.push_back("It did not open a data channel when it was asked to: short messages only until " +
                               at(s_.state.short_messages_until) + ".");
        }
        if (!s_.in_flight && s_.state.not_before > now_) {
            out_.why.push_back("It refused for now, or did not answer: the gateway waits until " +
                               at(s_.state.not_before) + ".");
        }
    }

    void in_flight(const flow::packet& p) {
        if (p.idle) {
            out_.why.push_back("Packet " + std::to_string(p.id) +
                               " is recorded and has to be the next one (the counter rises by exactly one).");
            return;
        }
        if (p.by == flow::carriage::push) {
            out_.why.push_back("Packet " + std::to_string(p.id) + ", sent at " + at(p.sent_at) +
                               ", asks the card to open a data channel (PUSH): the card has not opened it.");
            if (p.closes_at != wall_time{}) {
                out_.next.push_back("When the card opens it, the changes go over it; without it the PUSH ends at " +
                                    at(p.closes_at) + ", and after too many of them the changes go by short messages.");
            }
            return;
        }
        if (p.by == flow::carriage::channel) {
            out_.why.push_back("Packet " + std::to_string(p.id) + " went over the card's data channel at " +
                               at(p.sent_at) + ": its proof of receipt has not come.");
            out_.next.push_back("When the channel ends without it, or at " + at(p.closes_at) +
                                ", the card is read back by short message.");
            return;
        }
        out_.why.push_back("Packet " + std::to_string(p.id) + " is in flight since " + at(p.sent_at) + " (" +
                           std::to_string(p.sendings) + " sending(s)): its proof of receipt has not come.");
        if (p.retry != 0)
            out_.next.push_back("Segments that no SMSC took are handed over again at " +
                                at(std::max(p.retry_at, now_)) + ".");
        const bool repeats = profile_ != nullptr && p.sendings <= profile_->repeats &&
                             p.sent_at + profile_->answer_timeout < p.closes_at;
        if (repeats && !held()) {
            out_.next.push_back("Without a proof the same octets are sent again at " +
                                at(p.sent_at + profile_->answer_timeout) + ".");
        }
        if (p.closes_at != wall_time{}) {
            out_.next.push_back("Without a proof the packet is closed at " + at(p.closes_at) +
                                ", the end of its validity and margin.");
        }
    }

    void blocked_nodes() {
        for (const auto& n : s_.nodes) {
            if (n.blocked.empty()) continue;
            out_.why.push_back("Node " + n.uri + " is blocked: " + meaning_of(n.blocked) + ".");
            out_.act.push_back(actor_of(n.blocked) +
                               ": remove the cause; a new event for the node, or `otagw cards repair " + s_.row.iccid +
                               "`, tries again.");
        }
    }

    void events() {
        std::size_t waiting = 0;
        for (const auto& e : s_.events) {
            if (e.phase == "waiting") ++waiting;
            if (e.phase == "deferred") {
                out_.why.push_back("Event " + e.row.id + " waits for its time, " + at(e.not_before) + ".");
                out_.next.push_back("It takes its place at " + at(e.not_before) + ".");
            }
        }
        for (const auto& e : s_.events) {
            if (e.phase == "waits-for-session") {
                out_.why.push_back("Event " + e.row.id + " waits for a DM session of the card's device.");
                out_.next.push_back("It runs when the device calls before " + at(e.expires_at) + ".");
            } else if (e.phase == "told-to-device" || e.phase == "accepted-by-device") {
                out_.why.push_back("Event " + e.row.id +
                                   " was given to the card's device, which has to tell its outcome.");
                out_.next.push_back("It ends with the device's word, or at " + at(e.expires_at) + ".");
            }
        }
        const auto drifted = std::count_if(s_.nodes.begin(), s_.nodes.end(), [](const node_sheet& n) {
            return n.wanted && !n.in_step && n.blocked.empty();
        });
        if (waiting > 0) out_.why.push_back(std::to_string(waiting) + " event(s) wait for their packet.");
        if (waiting == 0 && drifted > 0 && !s_.in_flight) {
            out_.why.push_back(std::to_string(drifted) + " node(s) are not proven to hold what they should.");
        }
        const bool may_go = !held() && profile_ != nullptr && !s_.paused && !s_.row.msisdn.empty() &&
                            s_.keys_readable && !s_.keys.empty();
        if ((waiting > 0 || drifted > 0) && may_go && !s_.unknown) {
            out_.next.push_back(
                s_.in_flight ? "They go when the packet in flight is closed (one packet per card)."
                             : "They go with the gateway's next look at the card" +
                                   (s_.state.not_before > now_ ? ", after " + at(s_.state.not_before) + "." : "."));
        }
    }

    /// The store does not know whether anybody sends: the gateway itself is asked. Also for a card without work, since
    /// what was published lately may not have been taken in.
    void gateway() {
        if (!gateway_.asked) return;
        if (!gateway_.answered) {
            out_.why.push_back("No gateway is running: nobody answers at the address of the settings (http).");
            out_.act.push_back("operator: start it with `otagw run`.");
        }
        for (const auto& reason : gateway_.reasons) {
            out_.why.push_back("The gateway is not ready: " + reason + ".");
            out_.act.push_back("operator: remove what keeps the gateway from being ready (" +
                               reason.substr(0, reason.find(':')) + ").");
        }
    }

    void idle() { out_.why.push_back("Nothing waits: the card holds what it should, as far as it was ever told."); }

    const card_sheet& s_;
    const card_profile* profile_;
    wall_time now_;
    const gateway_voice& gateway_;
    explanation out_;
};

void print_part(std::string_view title, const std::vector<std::string>& lines, std::ostream& out) {
    if (lines.empty()) return;
    out << title << '\n';
    for (const auto& line : lines) out << "  " << line << '\n';
}

}  // namespace

const flow::reason::entry* entry_of(std::string_view code) noexcept {
    const auto all = flow::reason::all();
    const auto at = std::find_if(all.begin(), all.end(), [&](const auto& e) { return e.code == code; });
    return at == all.end() ? nullptr : &*at;
}

std::string_view name_of(flow::reason::actor a) noexcept {
    switch (a) {
        case flow::reason::actor::nobody: return "nobody";
        case flow::reason::actor::producer: return "producer";
        case flow::reason::actor::operator_: return "operator";
        case flow::reason::actor::card_issuer: return "card issuer";
    }
    return "operator";
}

explanation explain(const card_sheet& s, const card_profile* profile, wall_time now, const gateway_voice& gateway) {
    return explainer(s, profile, now, gateway).run();
}

wire::result<explanation> explain_unknown(const desk& d, const std::string& iccid) {
    OTA_TRY(auto tx, d.state.begin());
    OTA_TRY(const auto parked, tx->values("parked/" + iccid + "/"));
    OTA_TRY(const auto ready, tx->values("ready/" + iccid + "/"));
    if (parked.empty() && ready.empty()) return errc::unknown_card;
    explanation out;
    out.why.push_back("No card with this ICCID is imported; " + std::to_string(parked.size() + ready.size()) +
                      " event(s) are parked for it.");
    out.next.push_back("They are taken in when the card is imported.");
    out.act.push_back("operator: import the card (`otagw cards import`), or tell the producer that there is none.");
    return out;
}

void print_explanation(const explanation& e, std::ostream& out) {
    print_part("Why it waits", e.why, out);
    print_part("What comes next", e.next, out);
    print_part("Who must act", e.act.empty() ? std::vector<std::string>{"nobody"} : e.act, out);
}

std::string serialize_explanation(const explanation& e, std::string_view iccid) {
    json_writer j;
    const auto list = [&](std::string_view name, const std::vector<std::string>& lines) {
        j.name(name).open('[');
        for (const auto& line : lines) j.text(line);
        j.close(']');
    };
    j.open('{').text("iccid", iccid);
    list("why", e.why);
    list("next", e.next);
    list("act", e.act);
    return j.close('}').str();
}

}  // namespace ota::cards
