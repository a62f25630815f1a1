#pragma once

#include "gateway/cards/vault.hpp"
#include "gateway/profile/http_settings.hpp"

#include <cstdint>
#include <functional>
#include <iosfwd>
#include <string>
#include <vector>

/// `otagw cards`, `otagw events show|list|cancel`, `otagw keys` and `otagw store`. Each takes the arguments behind its
/// name and gives the exit code. They work on the store in transactions of their own, beside a running gateway. `main`
/// binds them to the real streams, clock and random source; `otagw events tail` is the queue's (queue/tools).
namespace ota::cards {

inline constexpr int good = 0;
inline constexpr int failed = 1;
inline constexpr int wrong_usage = 2;
inline constexpr int bad_configuration = 78;

struct streams {
    std::istream& in;
    std::ostream& out;
    std::ostream& err;
};

/// What a running gateway says of itself.
struct gateway_voice {
    bool asked = false;                ///< false: it has no fixed port
    bool answered = false;             ///< false: none runs here
    std::vector<std::string> reasons;  ///< why it is not ready: "routes: no route has a bind: .."
};

struct surroundings {
    std::function<store::wall_time()> now;  ///< required
    random_octets random = system_random;   ///< nonces and keys
    std::function<bool()> stopped;          ///< asked between batches; may be empty
    std::string config;                     ///< settings file when --config is not given; may be empty
    /// Asks the gateway at this address; may be empty (then nobody is asked).
    std::function<gateway_voice(const http_settings&)> ask_gateway;
};

using arguments = std::vector<std::string>;

/// import, list, show, explain, audit, notify, label, suspend, resume, repair, replace
[[nodiscard]] int run_cards(const arguments&, streams, const surroundings&);
/// show, list, cancel
[[nodiscard]] int run_events(const arguments&, streams, const surroundings&);
/// generate, rewrap
[[nodiscard]] int run_keys(const arguments&, streams, const surroundings&);
/// recover, check, prune
[[nodiscard]] int run_store(const arguments&, streams, const surroundings&);
/// The arguments behind `store copy`.
[[nodiscard]] int run_store_copy(const arguments&, streams);

}  // namespace ota::cards
