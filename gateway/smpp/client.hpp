#pragma once

#include "gateway/bearer.hpp"
#include "gateway/smpp/client_settings.hpp"
#include "gateway/smpp/route_share.hpp"
#include "gateway/smpp/route_status.hpp"

#include <chrono>
#include <memory>
#include <vector>

namespace ota::smpp {

/// The SMS bearer: all routes to all SMSCs, on one thread of its own.
///
/// Outcomes: throttling never shows (the message keeps its place and is submitted again); a disconnect or a response
/// time-out with the submit_sm on the wire is `unknown`; what waits in a route's queue stays through reconnects until
/// it expires, then it is `not_sent`. What waits for a route that is not ours any more (`set_shares`) comes back as
/// `elsewhere`.
class client final : public bearer::sender {
public:
    /// The settings must be free of `faults`. The observer must outlive the client.
    client(client_settings, bearer::observer&);
    ~client() override;  ///< closes at once when `shutdown` was not called

    /// Starts to connect. Before this, `submit` only queues.
    void start();

    /// What each route may use from now on, in the order of the settings. Without it: all of it, for ever. Binds beyond
    /// it take no more submits, and unbind once theirs are answered.
    void set_shares(std::vector<route_share>);

    /// Other routes from now on, free of `faults`; any thread. Unchanged ones keep their binds, changed ones only where
    /// the connection itself is another one now. What is on the wire of one that is gone is answered, or `unknown` when
    /// it unbinds after 10 s. With `set_shares`, a new route is not ours before the next shares, which come in the new
    /// order.
    void set_routes(std::vector<route_settings>);

    void submit(std::vector<bearer::submission>) override;
    [[nodiscard]] bool serves(std::string_view destination) const override;
    [[nodiscard]] bool serves_nobody() const override;
    void answer(const std::vector<std::uint64_t>& tokens, bool accepted) override;

    [[nodiscard]] std::vector<route_status> status() const;

    /// Stops submitting, hands back what is queued as `not_sent`, waits for responses until the deadline (then
    /// `unknown`), unbinds and closes. Returns when the last observer call has been made.
    void shutdown(std::chrono::milliseconds deadline);

private:
    class shell;
    std::unique_ptr<shell> shell_;
};

}  // namespace ota::smpp
