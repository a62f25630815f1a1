#include "gateway/cards/audit_command.hpp"

#include "gateway/cards/audit.hpp"
#include "gateway/cards/place.hpp"

#include <ostream>
#include <thread>

namespace ota::cards {

using phase = flow::card_audit::phase;

namespace {

int show(const audit_call& call, const std::string& iccid, streams s, const audit_sheet& audit) {
    if (call.json) {
        s.out << serialize_audit(audit, iccid) << '\n';
    } else if (audit.is == phase::done) {
        print_audit(audit, s.out);
    }
    if (audit.is == phase::failed) s.err << "the audit of card " << iccid << " failed: " << audit.why << '\n';
    return audit.clean() ? good : failed;
}

}  // namespace

int perform_audit(const audit_call& call, const std::string& iccid, streams s, const desk& d) {
    if (!call.last) {
        if (const auto asked = ask_for_audit(d, iccid, call.repair); !asked) return fail(s, iccid, asked.error());
        if (call.wait == 0) {
            s.out << "card " << iccid << " will be audited; see it with --last\n";
            return good;
        }
    }
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(call.wait);
    std::size_t told = SIZE_MAX;
    while (true) {
        const auto audit = look_at_audit(d, iccid);
        if (!audit) return fail(s, iccid, audit.error());
        if (!audit.value()) {
            s.err << "card " << iccid << " was never audited\n";
            return failed;
        }
        const auto& now = *audit.value();
        if (now.is == phase::done || now.is == phase::failed) return show(call, iccid, s, now);
        if (!now.hold.empty()) {
            s.err << "card " << iccid << " is held (" << now.hold << "): nothing is sent to it; see cards explain\n";
            return failed;
        }
        if (now.files != 0 && now.read != told)
            s.err << "read " << (told = now.read) << " of " << now.files << " files\n";
        if (call.last || std::chrono::steady_clock::now() >= end) {
            s.err
                << "card " << iccid
                << " has not answered everything yet; is a gateway running on this store? Later: cards audit --last\n";
            return failed;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(200));
    }
}

}  // namespace ota::cards
