#include "gateway/campaigns/campaigns_command.hpp"

#include "gateway/campaigns/errc.hpp"
#include "gateway/campaigns/sheet.hpp"
#include "gateway/cards/arguments.hpp"
#include "gateway/cards/place.hpp"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include <limits>
#include <ostream>
#include <thread>

namespace ota::campaigns {

namespace {

using cards::fail;
using cards::failed;
using cards::good;
using cards::streams;

struct call {
    std::string config, file, name, outcome;
    bool dry_run = false, json = false, follow = false;
    std::size_t limit = 0;
};

struct desk_and_office {
    explicit desk_and_office(const cards::place& p)
        : desk(p.desk()),
          around(*p.around),
          office{desk, [&p] { return std::shared_ptr<const gateway_settings>(std::shared_ptr<void>(), &p.settings); }} {
    }
    cards::desk desk;
    const cards::surroundings& around;
    campaigns::office office;
};

bool has_faults(const config::faults& told, const std::string& file, streams s) {
    for (auto f : told.list()) {
        if (f.file.empty()) f.file = file;
        s.err << config::to_string(f) << '\n';
    }
    return told.any_error();
}

int create_one(const call& c, streams s, const desk_and_office& with) {
    config::faults told;
    const auto what = load_campaign(c.file, told);
    if (!told.any_error()) check_campaign(what, *with.office.settings(), told);
    if (has_faults(told, c.file, s)) return failed;
    if (c.dry_run) {
        const auto said = assess(with.desk, *with.office.settings(), what);
        if (!said) return fail(s, what.name, said.error());
        if (c.json) s.out << serialize_estimate(said.value()) << '\n';
        if (!c.json) print_estimate(said.value(), s.out);
        return good;
    }
    if (const auto made = create(with.office, what, "cli"); !made) return fail(s, what.name, made.error());
    s.out << "campaign " << what.name << " is created; a running gateway drives it: otagw campaigns show " << what.name
          << " --follow\n";
    return good;
}

int list_all(const call& c, streams s, const desk_and_office& with) {
    const auto sheets = all(with.office);
    if (!sheets) return fail(s, "campaigns list", sheets.error());
    for (const auto& each : sheets.value()) {
        if (c.json) s.out << serialize_sheet(each, with.desk.now()) << '\n';
        if (!c.json) print_line(each, with.desk.now(), s.out);
    }
    return good;
}

int show_one(const call& c, streams s, const desk_and_office& with) {
    while (true) {
        const auto found = find(with.office, c.name);
        if (!found) return fail(s, c.name, found.error());
        const auto now = with.desk.now();
        const bool over = found.value().progress.over() || found.value().progress.halted == halt::stopped;
        if (c.follow && !over && !(with.around.stopped && with.around.stopped())) {
            print_line(found.value(), now, s.out);
            s.out.flush();
            std::this_thread::sleep_for(std::chrono::seconds(1));
            continue;
        }
        if (c.json) s.out << serialize_sheet(found.value(), now) << '\n';
        if (!c.json) print_sheet(found.value(), now, s.out);
        return good;
    }
}

/// 0 only when the campaign is completed and no card failed: for scripts.
int report_one(const call& c, streams s, const desk_and_office& with) {
    const auto found = find(with.office, c.name);
    if (!found) return fail(s, c.name, found.error());
    if (!found.value().progress.over()) s.err << "the campaign is not over: this is how it stands\n";
    if (const auto code = show_one(c, s, with); code != good) return code;
    const auto& p = found.value().progress;
    return p.is == phase::completed && p.failures() == 0 && p.of(outcome::waiting) == 0 ? good : failed;
}

int list_cards(const call& c, streams s, const desk_and_office& with) {
    constexpr std::size_t page = 1000;
    const auto wanted = c.outcome.empty() ? std::nullopt : outcome_of(c.outcome);
    std::size_t left = c.limit == 0 ? std::numeric_limits<std::size_t>::max() : c.limit;
    for (std::optional<std::size_t> from = 0; from && left > 0;) {
        const auto cards = cards_of(with.office, c.name, wanted, *from, std::min(page, left));
        if (!cards) return fail(s, c.name, cards.error());
        for (const auto& card : cards.value().cards) {
            if (c.json) s.out << serialize_mark(card) << '\n';
            if (!c.json) s.out << card.iccid << '\t' << name_of(card.is) << '\t' << card.reason << '\n';
        }
        left -= cards.value().cards.size();
        from = cards.value().next;
    }
    return good;
}

int give_order(const call& c, streams s, const desk_and_office& with, order what, const char* done) {
    if (const auto did = give(with.office, c.name, what); !did) return fail(s, c.name, did.error());
    s.out << "campaign " << c.name << " is " << done << '\n';
    return good;
}

int forget_one(const call& c, streams s, const desk_and_office& with) {
    if (const auto did = forget(with.office, c.name); !did) return fail(s, c.name, did.error());
    s.out << "campaign " << c.name << " is forgotten\n";
    return good;
}

using action = std::function<int(const call&, streams, const desk_and_office&)>;

/// `otagw campaigns` and its subcommands, bound to one call.
class campaigns_app {
public:
    explicit campaigns_app(call& c) : app_("Campaigns: one change for many cards", "otagw campaigns"), c_(c) {
        app_.require_subcommand(1);
        app_.footer(
            "Exit status: 0 good; 1 failed; 2 wrong usage; 78 bad configuration. docs/campaigns.md describes the "
            "document.");
        auto* creating =
            add("create", "create a campaign from a document (YAML or JSON); a running gateway drives it", create_one);
        creating->add_option("file", c_.file, "the document")->required();
        creating->add_flag("--dry-run", c_.dry_run,
                           "only tell how many cards, SMS and hours it would take, and what would be rejected");
        add("list", "all campaigns", list_all);
        add_named("show", "how far it came", show_one)
            ->add_flag("--follow", c_.follow, "a line each second until it is over or stopped");
        add_named("report", "how it ended; exit status 0: it is completed and no card failed", report_one);
        auto* listing = add_named("cards", "its cards and what became of each", list_cards);
        listing->add_option("--outcome", c_.outcome, "only these")
            ->check(CLI::IsMember(
                {"waiting", "open", "applied", "superseded", "rejected", "failed", "expired", "skipped"}));
        listing->add_option("--limit", c_.limit, "at most so many (all)");
        declare_orders();
    }
    CLI::App& app() { return app_; }
    [[nodiscard]] const action& chosen() const { return chosen_; }

private:
    CLI::App* add(const char* name, const char* description, action does) {
        auto* sub = app_.add_subcommand(name, description);
        cards::add_config_option(*sub, c_.config);
        sub->add_flag("--json", c_.json, "as JSON");
        sub->callback([this, does = std::move(does)] { chosen_ = does; });
        return sub;
    }
    CLI::App* add_named(const char* name, const char* description, action does) {
        auto* sub = add(name, description, std::move(does));
        sub->add_option("name", c_.name, "name of the campaign")->required();
        return sub;
    }
    void add_order(const char* name, const char* description, order what, const char* done) {
        add_named(name, description, [what, done](const call& c, streams s, const desk_and_office& with) {
            return give_order(c, s, with, what, done);
        });
    }
    void declare_orders() {
        add_order("pause", "create no further changes for now", order::pause,
                  "paused; changes that are under way go on");
        add_order("resume", "go on after a pause or a stop; failures so far do not count any more", order::resume,
                  "resumed");
        add_order("cancel", "end it: no further changes, and those not yet on their way are cancelled", order::cancel,
                  "being cancelled");
        add_named("forget", "remove what the store keeps of it, store.retention after its end", forget_one);
    }

    CLI::App app_;
    call& c_;
    action chosen_;
};

}  // namespace

int run_campaigns(const cards::arguments& args, streams s, const cards::surroundings& around) {
    call c;
    campaigns_app commands(c);
    if (const auto code = cards::parse_arguments(commands.app(), args, s)) return *code;
    int code = good;
    const auto p = cards::open_place(c.config.empty() ? around.config : c.config, {}, s, around, code);
    return p ? commands.chosen()(c, s, desk_and_office(*p)) : code;
}

}  // namespace ota::campaigns
