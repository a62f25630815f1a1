#include "gateway/cards/arguments.hpp"
#include "gateway/cards/audit_command.hpp"
#include "gateway/cards/errc.hpp"
#include "gateway/cards/explain.hpp"
#include "gateway/cards/import_command.hpp"
#include "gateway/cards/import_row.hpp"
#include "gateway/cards/json.hpp"
#include "gateway/cards/notify.hpp"
#include "gateway/cards/operate.hpp"
#include "gateway/cards/place.hpp"
#include "gateway/cards/show.hpp"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include <ostream>

namespace ota::cards {

namespace {

struct call {
    std::string config, iccid, msisdn, profile, label, standing, after, prefix, new_iccid;
    std::vector<std::string> changes;
    std::size_t limit = 100;
    bool json = false, carry_over = false, yes = false;
    audit_call audit;
    notify_call notify;
    import_call import;
};

/// The card that is meant: by its ICCID, or by the number that it has now.
wire::result<std::string> card_of(const call& c, const desk& d) {
    if (!c.msisdn.empty()) return holder_of(d, c.msisdn);
    auto iccid = iccid_of(c.iccid);
    if (!iccid) return errc::unknown_card;
    return std::move(*iccid);
}

int list_cards(const call& c, streams s, const place& p) {
    store::card_filter filter;
    filter.profile = c.profile;
    filter.label = c.label;
    filter.msisdn = c.msisdn;
    filter.iccid_prefix = c.prefix;
    filter.after_iccid = c.after;
    filter.limit = c.limit;
    for (auto is : {store::standing::active, store::standing::suspended, store::standing::quarantined,
                    store::standing::replaced, store::standing::erased}) {
        if (store::name_of(is) == c.standing) filter.is = is;
    }
    const auto rows = list(p.desk(), filter);
    if (!rows) return fail(s, "cards list", rows.error());
    for (const auto& row : rows.value()) {
        if (c.json) {
            s.out << serialize_row(row) << '\n';
        } else {
            s.out << row.iccid << '\t' << (row.msisdn.empty() ? "-" : row.msisdn) << '\t' << row.profile << '\t'
                  << store::name_of(row.is) << '\t' << row.labels << '\n';
        }
    }
    if (rows.value().size() == c.limit && !rows.value().empty()) {
        s.err << "there may be more: --after " << rows.value().back().iccid << '\n';
    }
    return good;
}

int show_card(const call& c, streams s, const place& p) {
    const auto d = p.desk();
    const auto iccid = card_of(c, d);
    if (!iccid) return fail(s, c.iccid + c.msisdn, iccid.error());
    const auto sheet = look_up(d, iccid.value());
    if (!sheet) return fail(s, iccid.value(), sheet.error());
    if (c.json) {
        s.out << serialize_sheet(sheet.value()) << '\n';
    } else {
        print_sheet(sheet.value(), s.out);
    }
    return good;
}

int explain_card(const call& c, streams s, const place& p) {
    const auto d = p.desk();
    const auto iccid = card_of(c, d);
    if (!iccid) return fail(s, c.iccid + c.msisdn, iccid.error());
    const auto tell = [&](const explanation& told) {
        if (c.json) {
            s.out << serialize_explanation(told, iccid.value()) << '\n';
        } else {
            print_explanation(told, s.out);
        }
        return good;
    };
    const auto sheet = look_up(d, iccid.value());
    if (!sheet && sheet.error() == errc::unknown_card) {
        const auto told = explain_unknown(d, iccid.value());
        return told ? tell(told.value()) : fail(s, iccid.value(), told.error());
    }
    if (!sheet) return fail(s, iccid.value(), sheet.error());
    const auto gateway = p.around->ask_gateway ? p.around->ask_gateway(p.settings.http) : gateway_voice{};
    const auto profile = p.settings.profiles.find(sheet.value().row.profile);
    return tell(explain(sheet.value(), profile == p.settings.profiles.end() ? nullptr : profile->second.get(), d.now(),
                        gateway));
}

int change_one(const call& c, streams s, const place& p, const char* done,
               wire::result<void> (*change)(const desk&, const std::string&)) {
    const auto d = p.desk();
    const auto iccid = card_of(c, d);
    if (!iccid) return fail(s, c.iccid + c.msisdn, iccid.error());
    if (const auto did = change(d, iccid.value()); !did) return fail(s, iccid.value(), did.error());
    s.out << "card " << iccid.value() << " is " << done << '\n';
    return good;
}

int resume_cards(const call& c, streams s, const place& p) {
    if (c.profile.empty()) return change_one(c, s, p, "resumed", resume);
    if (p.settings.profiles.find(c.profile) == p.settings.profiles.end()) {
        s.err << "no profile " << c.profile << " is configured\n";
        return failed;
    }
    const auto was = resume_profile(p.desk(), c.profile);
    if (!was) return fail(s, "profile " + c.profile, was.error());
    s.out << "profile " << c.profile << (was.value() ? " is resumed\n" : " was not paused\n");
    return good;
}

int audit_card(const call& c, streams s, const place& p) {
    const auto d = p.desk();
    const auto iccid = card_of(c, d);
    if (!iccid) return fail(s, c.iccid + c.msisdn, iccid.error());
    auto audit = c.audit;
    audit.json = c.json;
    return perform_audit(audit, iccid.value(), s, d);
}

int notify_device(const call& c, streams s, const place& p) {
    const auto d = p.desk();
    const auto iccid = card_of(c, d);
    if (!iccid) return fail(s, c.iccid + c.msisdn, iccid.error());
    auto how = c.notify;
    how.json = c.json;
    return perform_notify(how, iccid.value(), s, d);
}

int label_card(const call& c, streams s, const place& p) {
    const auto d = p.desk();
    const auto iccid = card_of(c, d);
    if (!iccid) return fail(s, c.iccid, iccid.error());
    const auto labels = label(d, iccid.value(), c.changes);
    if (!labels) return fail(s, iccid.value(), labels.error());
    s.out << labels.value() << '\n';
    return good;
}

int replace_card(const call& c, streams s, const place& p) {
    const auto from = iccid_of(c.iccid), to = iccid_of(c.new_iccid);
    if (!from || !to) return fail(s, from ? c.new_iccid : c.iccid, errc::unknown_card);
    const auto did = replace(p.desk(), *from, *to, c.carry_over);
    if (!did) return fail(s, "cards replace", did.error());
    const auto& r = did.value();
    if (c.json) {
        json_writer j;
        j.open('{').text("old", *from).text("new", *to).number("events_ended", static_cast<std::int64_t>(r.ended));
        j.text("number", r.number).name("carried").open('[');
        for (const auto& uri : r.carried) j.text(uri);
        j.close(']').name("left").open('[');
        for (const auto& uri : r.left) j.text(uri);
        s.out << j.close(']').close('}').str() << '\n';
        return good;
    }
    s.out << "card " << *from << " is replaced by " << *to << "; " << r.ended << " open events ended";
    if (!r.number.empty()) s.out << "; number " << r.number << " went over";
    s.out << '\n';
    for (const auto& uri : r.carried) s.out << "carried over  " << uri << '\n';
    for (const auto& uri : r.left) s.out << "not possible  " << uri << '\n';
    return good;
}

int erase_card(const call& c, streams s, const place& p) {
    const auto iccid = iccid_of(c.iccid);
    if (!iccid) return fail(s, c.iccid, errc::unknown_card);
    if (!c.yes) {
        s.err << "nothing brings back what is erased: say --yes\n";
        return wrong_usage;
    }
    const auto ended = erase(p.desk(), *iccid);
    if (!ended) return fail(s, "cards erase", ended.error());
    s.out << "card " << *iccid << " is erased; " << ended.value() << " open events ended\n";
    return good;
}

using action = int (*)(const call&, streams, const place&);

/// `otagw cards` and its subcommands, bound to one call.
class cards_app {
public:
    explicit cards_app(call& c) : app_("Cards: import, look at, operate", "otagw cards"), c_(c) {
        app_.require_subcommand(1);
        app_.footer("Exit status: 0 good; 1 failed, or rows rejected; 2 wrong usage; 78 bad configuration.");
        declare_import();
        declare_looking();
        declare_operating();
    }
    CLI::App& app() { return app_; }
    [[nodiscard]] action chosen() const { return chosen_; }

private:
    CLI::App* add(const char* name, const char* description, action does) {
        auto* sub = app_.add_subcommand(name, description);
        add_config_option(*sub, c_.config);
        sub->callback([this, does] { chosen_ = does; });
        return sub;
    }
    CLI::App* add_for_card(const char* name, const char* description, action does, bool by_number = true) {
        auto* sub = add(name, description, does);
        auto* iccid = sub->add_option("iccid", c_.iccid, "ICCID, 18 to 20 digits");
        if (!by_number) {
            iccid->required();
            return sub;
        }
        auto* number = sub->add_option("--msisdn", c_.msisdn, "the card that has this number now")->excludes(iccid);
        iccid->excludes(number);
        return sub;
    }

    void declare_import() {
        auto* sub = app_.add_subcommand("import", "add cards from a CSV file, or bring known ones up to it");
        auto& i = c_.import;
        add_config_option(*sub, i.config);
        sub->add_option("file", i.file, "CSV file; - is standard input")->required();
        sub->add_option("--rejects", i.rejects, "write the lines about rejected rows to this file too")
            ->type_name("FILE");
        sub->add_flag("--create-key", i.create_key, "make the key-encryption key's file when there is none");
        sub->add_flag("--from-start", i.from_start,
                      "do not go on where an earlier import of the same file was cut off");
        sub->add_flag("--json", i.json, "print the result as a JSON object");
        sub->footer(
            "Columns, named by the first line, in any order: iccid, msisdn, profile, kvn, kic_key, kid_key; optional\n"
            "mac_length (4 or 8), counter (highest used), labels (k=v;k=v). A card with several key versions has a "
            "row\n"
            "for each, one after the other; the first is used to send. A known card's counter is never lowered.");
    }
    void declare_looking() {
        auto* listing = add("list", "list cards in the order of ICCIDs", list_cards);
        listing->add_option("--profile", c_.profile, "only of this profile");
        listing->add_option("--label", c_.label, "only with this label: key, or key=value");
        listing->add_option("--msisdn", c_.msisdn, "only the card that has this number now");
        listing->add_option("--prefix", c_.prefix, "only ICCIDs that begin so");
        listing->add_option("--state", c_.standing, "only in this standing")
            ->check(CLI::IsMember({"active", "suspended", "quarantined", "replaced", "erased"}));
        listing->add_option("--limit", c_.limit, "at most so many (100)");
        listing->add_option("--after", c_.after, "only behind this ICCID");
        listing->add_flag("--json", c_.json, "one JSON object a line");
        add_for_card("show", "everything about a card but its secrets", show_card)
            ->add_flag("--json", c_.json, "as a JSON object");
        add_for_card("explain", "why a card waits, what comes next, who must act", explain_card)
            ->add_flag("--json", c_.json, "as a JSON object");
    }
    void declare_operating() {
        auto* auditing = add_for_card(
            "audit", "read what is really on a card, over the air, beside what it should hold", audit_card);
        auditing->add_flag("--repair", c_.audit.repair, "write what differs, once it is read");
        auditing->add_option("--wait", c_.audit.wait, "seconds to wait for the card (3600); 0: only ask")
            ->check(CLI::NonNegativeNumber);
        auditing->add_flag("--last", c_.audit.last, "show the last audit, ask for none");
        auditing->add_flag("--json", c_.json, "as a JSON object");
        auditing->footer(
            "A running gateway reads the card, a piece for each packet, when it has nothing else to do with it.");
        declare_notifying();
        auto* labelling = add_for_card("label", "set labels (key=value) or remove them (key-)", label_card, false);
        labelling->add_option("changes", c_.changes, "key=value or key-")->required();
        add_for_card("suspend", "let no packet go to a card", [](const call& c, streams s, const place& p) {
            return change_one(c, s, p, "suspended", suspend);
        });
        auto* resuming =
            add_for_card("resume", "end a card's suspension or quarantine, or a profile's pause", resume_cards);
        resuming->add_option("--profile", c_.profile, "lift the pause of this profile");
        add_for_card(
            "repair", "trust nothing that the card is thought to hold: write it anew, lift blocks and quarantine",
            [](const call& c, streams s, const place& p) { return change_one(c, s, p, "to be written anew", repair); });
        auto* replacing = add_for_card("replace", "a card takes the place of another", replace_card, false);
        replacing->add_option("new", c_.new_iccid, "ICCID of the new card, imported before")->required();
        replacing->add_flag("--carry-over", c_.carry_over, "the new card is to hold what the old one should");
        replacing->add_flag("--json", c_.json, "as a JSON object");
        auto* erasing = add_for_card("erase", "forget everything about a card but that it was", erase_card, false);
        erasing->add_flag("--yes", c_.yes, "really");
        erasing->footer(
            "Number, labels, keys, values, timeline and submissions go; its open events are rejected. The same card "
            "cannot be\n"
            "imported again. Backups, and the logs or topics of events, keep what they have until they are removed.");
    }
    void declare_notifying() {
        auto* sub = add_for_card("notify", "have the device that holds a card call the DM server (package 0, by SMS)",
                                 notify_device);
        sub->add_option("--session-id", c_.notify.session_id, "of the session to begin, 1 to 65535 (random)")
            ->check(CLI::Range(1, 0xFFFF));
        sub->add_option("--ui-mode", c_.notify.ui,
                        "what the device's user gets to see of it (none: as the device likes)")
            ->check(CLI::IsMember({"none", "background", "informative", "user"}));
        sub->add_option("--initiator", c_.notify.by, "who wants the session (server)")
            ->check(CLI::IsMember({"server", "user"}));
        sub->add_option("--wait", c_.notify.wait, "seconds to wait for the device's call (60); 0: only ask")
            ->check(CLI::NonNegativeNumber);
        sub->add_option("--life", c_.notify.life, "seconds for which the message is of use (86400)")
            ->check(CLI::Range(1, 604800));
        sub->add_flag("--last", c_.notify.last, "show the last order and what came of it, give none");
        sub->add_flag("--json", c_.json, "as a JSON object");
        sub->footer("A running gateway sends the message to the card's number, by the routes of its packets.");
    }

    CLI::App app_;
    call& c_;
    action chosen_ = nullptr;
};

}  // namespace

int run_cards(const arguments& args, streams s, const surroundings& around) {
    call c;
    cards_app commands(c);
    if (const auto code = parse_arguments(commands.app(), args, s)) return *code;
    if (commands.chosen() == nullptr) return perform_import(c.import, s, around);
    const bool names_one = !c.iccid.empty() || !c.msisdn.empty();
    const bool needs_one = commands.chosen() != list_cards && (commands.chosen() != resume_cards || c.profile.empty());
    if (needs_one && !names_one) {
        s.err << "which card? Give an ICCID, or --msisdn NUMBER\n";
        return wrong_usage;
    }
    int code = good;
    const auto p = open_place(c.config.empty() ? around.config : c.config, {}, s, around, code);
    return p ? commands.chosen()(c, s, *p) : code;
}

}  // namespace ota::cards
