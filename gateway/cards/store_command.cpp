#include "gateway/cards/arguments.hpp"
#include "gateway/cards/errc.hpp"
#include "gateway/cards/inspect.hpp"
#include "gateway/cards/open_store.hpp"
#include "gateway/cards/place.hpp"
#include "gateway/cards/recover.hpp"
#include "gateway/cards/rewrap.hpp"
#include "gateway/store/postgres.hpp"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include <filesystem>
#include <ostream>

namespace ota::cards {

namespace {

struct call {
    std::string config, file, old_key, new_key;
    std::uint64_t leap = default_leap;
    unsigned days = 0;
    bool force = false;
};

/// Calls `tell` once a second.
template <class Tell>
auto each_second(const surroundings& around, Tell tell) {
    return [&around, tell, last = around.now()](const auto& report) mutable {
        const auto now = around.now();
        if (now - last < std::chrono::seconds(1)) return;
        last = now;
        tell(report);
    };
}

int generate(const call& c, streams s, const surroundings& around) {
    if (const auto made = generate_key_file(c.file, around.random); !made) return fail(s, c.file, made.error());
    s.out << c.file << " holds a new key-encryption key; keep a copy of it apart from the store's\n";
    return good;
}

int rewrap_all(const call& c, streams s, const surroundings& around) {
    auto from = load_key_encryption_key(c.old_key);
    if (!from) return fail(s, c.old_key, from.error());
    auto to = load_key_encryption_key(c.new_key);
    if (!to) return fail(s, c.new_key, to.error());
    if (from.value().id() == to.value().id()) {
        s.err << "both files hold the same key\n";
        return failed;
    }
    int code = good;
    place_needs needs;
    needs.key = key_need::none;  // the settings may name either key's file already
    needs.exclusive = place_needs::when::always;
    const auto p = open_place(c.config, needs, s, around, code);
    if (!p) return code;
    const auto did = rewrap(*p->state, from.value(), to.value(), around.random,
                            each_second(around, [s](const rewrap_report& r) { s.err << r.cards << " cards\n"; }));
    if (!did) return fail(s, "keys rewrap", did.error());
    const auto& r = did.value();
    s.out << r.cards << " cards: " << r.rewrapped << " rewrapped, " << r.already << " under the new key before; "
          << r.parked << " parked events rewrapped\n";
    for (const auto& iccid : r.unreadable)
        s.err << "card " << iccid << ": is under neither key, or altered; left as it is\n";
    s.out << "Dead letters that were written before stay under the old key: keep its file while they are kept\n"
             "(`otagw dlq show|replay --old-kek FILE`).\n";
    return r.unreadable.empty() ? good : failed;
}

/// R3: says whether the store knows itself to be a restored copy. A PostgreSQL has no witness: there the operator
/// knows.
wire::result<bool> is_restored(const gateway_settings& settings) {
    if (settings.store.kind == store_kind::postgres) return false;
    std::error_code ignored;
    if (!std::filesystem::exists(settings.store_path(), ignored))
        return store::errc::not_found;  // opening would make one
    std::string why;
    const auto opened = open_store(settings, {.exclusive = true}, why);
    if (opened) return false;
    if (opened.error() == store::errc::restored) return true;
    return opened.error();
}

int recover_store(const call& c, streams s, const surroundings& around) {
    config::faults ignored;
    const auto settings = load_gateway_settings(c.config, ignored);
    if (!ignored.any_error()) {
        const auto path = name_of_store(settings);
        const auto restored = is_restored(settings);
        if (!restored && restored.error() == store::errc::not_found) {
            s.err << path << ": there is no store; put the copy there first\n";
            return failed;
        }
        if (!restored) return fail(s, path, restored.error());
        if (!restored.value() && !c.force) {
            if (settings.store.kind == store_kind::postgres) {
                s.out << "A database does not know that it was restored. After a restore stop every gateway;\n";
            } else {
                s.out << "The store is not older than its witness: nothing to recover. When the witness was restored "
                         "along "
                         "with it,\n";
            }
            s.out << "`otagw store recover --force` makes the counters leap.\n";
            return good;
        }
    }
    int code = good;
    place_needs needs;
    needs.exclusive = place_needs::when::always;
    needs.accept_restored = true;
    const auto p = open_place(c.config, needs, s, around, code);
    if (!p) return code;
    const auto did = recover(p->desk(), c.leap,
                             each_second(around, [s](const recover_report& r) { s.err << r.cards << " cards\n"; }));
    if (!did) return fail(s, "store recover", did.error());
    const auto& r = did.value();
    s.out << r.cards << " cards: " << r.counters << " counters leapt by " << c.leap << ", " << r.unknown
          << " packets in flight are unknown now, nothing counts as confirmed\n";
    if (r.out_of_step > 0) {
        s.out << r.out_of_step
              << " cards are in quarantine: their counter must rise by exactly one; import each with the card's own\n"
                 "counter, then `otagw cards resume ICCID`\n";
    }
    if (r.unconfigured > 0)
        s.err << r.unconfigured << " cards have a profile that is not configured: only counters in the copy leapt\n";
    for (const auto& iccid : r.unreadable) s.err << "card " << iccid << ": its state or keys cannot be read\n";
    s.out << "Cards imported after the copy was taken are not in it: import them again, with their counters.\n";
    return r.unreadable.empty() && r.unconfigured == 0 ? good : failed;
}

/// What a PostgreSQL store says of itself. False: it cannot be used as it is.
bool tell_facts(const gateway_settings& settings, streams s) {
    std::string why;
    const auto facts = store::inspect_postgres(postgres_options_of(settings), &why);
    if (!facts) {
        s.err << name_of_store(settings) << ": " << why << '\n';
        return false;
    }
    const auto& f = facts.value();
    s.out << "server " << f.server << ", schema version " << f.schema_version << " (this program writes "
          << f.this_program << ", programs of " << f.oldest_program << " and newer can run on it)\n";
    for (const auto& w : f.warnings) s.out << "warning: " << w << '\n';
    return true;
}

int check_store(const call& c, streams s, const surroundings& around) {
    int code = good;
    place_needs needs;
    needs.exclusive = place_needs::when::if_possible;  // beside a running gateway sums move and cannot be compared
    const auto p = open_place(c.config, needs, s, around, code);
    if (!p) return code;
    const auto alone = p->exclusive;
    if (p->settings.store.kind == store_kind::postgres && !tell_facts(p->settings, s)) return failed;
    const auto did = inspect(p->desk(), alone, [s](const std::string& problem) { s.out << problem << '\n'; });
    if (!did) return fail(s, "store check", did.error());
    const auto& i = did.value();
    s.out << i.cards << " cards, " << i.open_events << " open events, " << i.counted.outbox
          << " statuses to be published, " << i.problems << " problems"
          << (alone ? "" : " (a gateway runs: sums not compared)") << '\n';
    return i.problems == 0 ? good : failed;
}

int migrate_store(const call& c, streams s, const surroundings& around) {
    config::faults faults;
    const auto settings = load_gateway_settings(c.config, faults);
    if (faults.any_error() || settings.store.kind != store_kind::postgres) {
        int code = good;  // a file is brought up to date when it is opened
        place_needs needs;
        needs.key = key_need::none;
        if (!open_place(c.config, needs, s, around, code)) return code;
        s.out << "the store is up to date\n";
        return good;
    }
    std::string why;
    if (const auto did = store::migrate_postgres(postgres_options_of(settings), &why); !did) {
        s.err << name_of_store(settings) << ": " << why << '\n';
        return is_misconfigured(did.error()) ? bad_configuration : failed;
    }
    return tell_facts(settings, s) ? good : failed;
}

int prune_store(const call& c, streams s, const surroundings& around) {
    int code = good;
    place_needs needs;
    needs.key = key_need::none;
    const auto p = open_place(c.config, needs, s, around, code);
    if (!p) return code;
    const auto retention =
        c.days > 0 ? std::chrono::milliseconds(std::chrono::days(c.days)) : p->settings.store.retention;
    if (retention < p->settings.queue.retention) {  // R22
        s.err << "shorter than the queue's retention: an event that is read again would run again\n";
        return wrong_usage;
    }
    const auto gone = prune(*p->state, around.now() - retention);
    if (!gone) return fail(s, "store prune", gone.error());
    s.out << gone.value() << " rows deleted\n";
    return good;
}

using action = int (*)(const call&, streams, const surroundings&);

int run(CLI::App& app, const arguments& args, streams s, const surroundings& around, call& c, const action& chosen) {
    app.require_subcommand(1);
    app.footer("Exit status: 0 good; 1 failed; 2 wrong usage; 78 bad configuration.");
    if (const auto code = parse_arguments(app, args, s)) return *code;
    if (c.config.empty()) c.config = around.config;
    return chosen(c, s, around);
}

CLI::App* add(CLI::App& app, const char* name, const char* description, action does, action& chosen) {
    auto* sub = app.add_subcommand(name, description);
    sub->callback([&chosen, does] { chosen = does; });
    return sub;
}

}  // namespace

int run_keys(const arguments& args, streams s, const surroundings& around) {
    call c;
    action chosen = nullptr;
    CLI::App app("Key-encryption keys", "otagw keys");
    add(app, "generate", "make a key file: 64 random hexadecimal digits, for its owner only", generate, chosen)
        ->add_option("file", c.file, "the file; it must not exist")
        ->required();
    auto* rewrapping =
        add(app, "rewrap", "bring everything that is wrapped in the store under a new key; no gateway may run",
            rewrap_all, chosen);
    add_config_option(*rewrapping, c.config);
    rewrapping->add_option("--old-kek", c.old_key, "file of the key so far")->required()->type_name("FILE");
    rewrapping->add_option("--new-kek", c.new_key, "file of the new key")->required()->type_name("FILE");
    return run(app, args, s, around, c, chosen);
}

int run_store(const arguments& args, streams s, const surroundings& around) {
    if (!args.empty() && args.front() == "copy") return run_store_copy({args.begin() + 1, args.end()}, s);
    call c;
    action chosen = nullptr;
    CLI::App app("The store", "otagw store");
    auto* recovering =
        add(app, "recover", "make a store that was restored from a copy fit to be used; no gateway may run",
            recover_store, chosen);
    recovering->add_option("--leap", c.leap, "how far every counter leaps (1048576)")
        ->check(CLI::Range(1ull, 1ull << 36));
    recovering->add_flag("--force", c.force, "also when the witness beside the store does not show a restore");
    auto* checking = add(app, "check", "look at every card and tell what does not fit", check_store, chosen);
    auto* migrating = add(app, "migrate", "bring the schema of the store up to this program's; gateways may run",
                          migrate_store, chosen);
    auto* pruning =
        add(app, "prune", "delete finished events and history older than the retention", prune_store, chosen);
    pruning->add_option("--days", c.days, "older than so many days instead");
    app.add_subcommand("copy", "move a whole store into another one: `otagw store copy --help`");
    for (auto* sub : {recovering, checking, migrating, pruning}) add_config_option(*sub, c.config);
    return run(app, args, s, around, c, chosen);
}

}  // namespace ota::cards
