#include "gateway/cards/place.hpp"

#include "gateway/cards/errc.hpp"
#include "gateway/cards/key_check.hpp"
#include "gateway/cards/open_store.hpp"

#include <filesystem>
#include <ostream>

namespace ota::cards {

namespace {

bool load_settings(const std::string& config, gateway_settings& into, streams s, int& code) {
    if (config.empty()) {
        s.err << "no configuration: give --config FILE\n";
        code = wrong_usage;
        return false;
    }
    config::faults faults;
    into = load_gateway_settings(config, faults);
    if (!faults.any_error()) return true;
    for (const auto& f : faults.list()) {
        if (f.is == config::fault::severity::error) s.err << config::to_string(f) << '\n';
    }
    code = bad_configuration;
    return false;
}

wire::result<void> load_key(place& p, key_need need, bool restored) {
    const auto path = p.settings.key_encryption_key_path();
    auto key = load_key_encryption_key(path);
    if (!key && key.error() == errc::key_file_missing && need == key_need::create) {
        // A new key beside cards that are wrapped under a lost one would only hide the loss.
        OTA_TRY(auto tx, p.state->begin());
        OTA_TRY(const auto counted, tx->count());
        if (counted.cards == 0) key = load_key_encryption_key(path, when_missing::create);
    }
    OTA_TRY(p.kek, std::move(key));
    return check_key(*p.state, *p.kek, p.around->random, restored ? keep_check::no : keep_check::yes);
}

/// On a store of several instances: leases keep gateways away, as the lock file does beside a file.
bool keep_others_out(place& p, const place_needs& needs, streams s, int& code) {
    if (!p.exclusive) return true;
    auto taken = cluster::alone::take(*p.state, p.around->random,
                                      needs.exclusive == place_needs::when::always ? cluster::alone::purpose::changes
                                                                                   : cluster::alone::purpose::looks);
    if (taken) {
        p.alone = std::move(taken.value());
        return true;
    }
    p.exclusive = false;
    if (taken.error() == store::errc::locked && needs.exclusive == place_needs::when::if_possible) return true;
    code = taken.error() == store::errc::locked
               ? (s.err << name_of_store(p.settings)
                        << ": gateways run on it, or another tool that wants it for itself: stop them first\n",
                  failed)
               : fail(s, name_of_store(p.settings), taken.error());
    return false;
}

void make_folders(const gateway_settings& settings) {
    std::vector<std::string> files{settings.key_encryption_key_path()};
    if (settings.store.kind == store_kind::sqlite) files.push_back(settings.store_path());
    for (const auto& file : files) {
        const auto folder = std::filesystem::path(file).parent_path();
        std::error_code ignored;
        if (folder.empty() || std::filesystem::exists(folder, ignored)) continue;
        if (!std::filesystem::create_directories(folder, ignored)) continue;
        std::filesystem::permissions(folder, std::filesystem::perms::owner_all, ignored);  // R24
    }
}

}  // namespace

int fail(streams s, std::string_view doing, std::error_code why) {
    s.err << doing << ": " << why.message() << '\n';
    return failed;
}

std::unique_ptr<place> open_place(const std::string& config, const place_needs& needs, streams s,
                                  const surroundings& around, int& code) {
    auto p = std::make_unique<place>();
    p->around = &around;
    if (!load_settings(config, p->settings, s, code)) return nullptr;
    if (needs.make_folders) make_folders(p->settings);
    const auto path = p->settings.store_path();
    std::error_code ignored;
    if (p->settings.store.kind == store_kind::sqlite && !needs.make_folders && !needs.accept_restored &&
        !std::filesystem::exists(path, ignored) && !std::filesystem::exists(path + ".witness", ignored)) {
        s.err << path << ": there is no store yet; `otagw cards import` or `otagw run` makes it\n";
        code = failed;
        return nullptr;
    }
    std::string why;
    p->exclusive = needs.exclusive != place_needs::when::never;
    auto state = open_store(p->settings, {p->exclusive, needs.accept_restored}, why);
    if (!state && state.error() == store::errc::locked && needs.exclusive == place_needs::when::if_possible) {
        p->exclusive = false;
        state = open_store(p->settings, {false, needs.accept_restored}, why);
    }
    if (!state) {
        s.err << why << '\n';
        code = is_misconfigured(state.error()) ? bad_configuration : failed;
        return nullptr;
    }
    p->state = std::move(state.value());
    if (!keep_others_out(*p, needs, s, code)) return nullptr;
    if (needs.key == key_need::none) return p;
    if (auto loaded = load_key(*p, needs.key, needs.accept_restored); !loaded) {
        code = fail(s, p->settings.key_encryption_key_path(), loaded.error());
        if (loaded.error() == errc::wrong_key) code = bad_configuration;
        return nullptr;
    }
    return p;
}

}  // namespace ota::cards
