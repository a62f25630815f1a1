#include "gateway/cli/sandbox_console.hpp"

#include "gateway/cards/json.hpp"
#include "gateway/cards/vault.hpp"
#include "gateway/cli/sandbox_run.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

namespace ota::cli {

namespace {

constexpr auto token_file_name = "console.token";

bool write_for_owner(const std::string& path, std::string_view text) {
    const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (file < 0) return false;
    const bool good =
        ::fchmod(file, 0600) == 0 && ::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size());
    return ::close(file) == 0 && good;
}

/// A change of the card's operator name, as a caller of the API would send it; empty when the profile has no such node.
std::string change_to_paste(const card_profile& profile, const std::string& iccid) {
    const auto is_name = [](const auto& node) {
        return node.second.form == management_object::file_form::spn && node.second.writable;
    };
    const auto found = std::ranges::find_if(profile.nodes, is_name);
    if (found == profile.nodes.end()) return {};
    cards::json_writer j;
    j.open('{').text("subject", iccid).name("data").open('{').text("op", "replace").text("node", found->first);
    return j.text("format", "chr").text("value", "Hello").close('}').close('}').str();
}

}  // namespace

bool let_console_in(gateway_settings& settings, const std::filesystem::path& place, std::string& token,
                    std::string& why) {
    wire::octets secret(32);
    cards::system_random(secret);
    token = wire::to_hex(secret);
    const auto file = (place / token_file_name).string();
    if (!write_for_owner(file, token)) {
        why = file + ": cannot be written";
        return false;
    }
    settings.http.tokens.push_back({"console", api_role::keys, file});
    return true;
}

std::string console_greeting(const gateway_settings& settings, std::uint16_t port, const std::string& token,
                             const sandbox::population& who, const card_profile& profile) {
    const auto address = "http://127.0.0.1:" + std::to_string(port);
    const auto iccid = who.iccid(0);
    const auto console = address + "/console/#token=" + token;
    auto out = "Console: " + console + '\n';
    const auto change = change_to_paste(profile, iccid);
    if (change.empty()) return out;
    out += "Change a card:\n  curl -H \"Authorization: Bearer $(cat " + settings.http.tokens.back().file +
           ")\" -H 'Content-Type: application/json' " + address + "/api/v1/changes \\\n    -d '" + change + "'\n";
    return out + "and see it arrive: " + console + "&to=/cards/" + iccid + '\n';
}

queue::change_event trickle::next(queue::wall_time now) {
    if (round_.empty()) {
        round_ = demo_events(who_, profile_, who_.size(), ++seed_, true, now);
        std::ranges::reverse(round_);
    }
    auto event = std::move(round_.back());
    round_.pop_back();
    ++given_;
    if (given_ % 25 == 5) event.subject = "89882119999999999995";  // nobody's: rejected
    if (given_ % 40 == 10) event.subject = "8988211";              // no ICCID at all: a dead letter
    if (given_ % 40 == 13 && !last_id_.empty())
        event.id = last_id_;  // an id that was used: a dead letter that a new id makes good
    last_id_ = event.id;
    return event;
}

}  // namespace ota::cli
