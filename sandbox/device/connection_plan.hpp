#pragma once

#include "management-object/uri.hpp"
#include "sandbox/smsc_settings.hpp"

#include <map>
#include <optional>

namespace ota::sandbox {

/// How often a device tries to reach a server that its card told it to connect to, and how long it waits in between.
struct retry_rule {
    unsigned attempts = 5;                          ///< the first included
    std::chrono::seconds first{30}, longest{3600};  ///< each wait is twice the one before
};

/// Which accounts the device shall start a session with by itself, and when. A wish is over when a session with the
/// account came to its end, or when all attempts failed; only a new wish counts from the beginning.
class connection_plan {
public:
    explicit connection_plan(retry_rule r) : rule_(r) {}

    void want(const management_object::uri& account, instant now);
    void forget(const management_object::uri& account) { plans_.erase(account); }
    void clear() { plans_.clear(); }
    /// The account whose turn it is; the attempt counts from now on.
    [[nodiscard]] std::optional<management_object::uri> start(instant now);
    /// A session with the account came to its end, whoever began it.
    void succeeded(const management_object::uri& account);
    /// true: it was the last attempt.
    [[nodiscard]] bool failed(const management_object::uri& account, instant now);
    /// The device was switched off in it: it counted, and the next is due at once.
    void interrupted(const management_object::uri& account);
    /// When to call `start` again.
    [[nodiscard]] std::optional<instant> next() const;

private:
    struct attempts {
        unsigned made = 0;
        instant due{};
        bool running = false, again = false;
    };
    retry_rule rule_;
    std::map<management_object::uri, attempts> plans_;
};

}  // namespace ota::sandbox
