#pragma once

#include "gateway/cards/commands.hpp"
#include "gateway/cards/desk.hpp"
#include "gateway/cluster/alone.hpp"
#include "gateway/profile/gateway_settings.hpp"

#include <memory>
#include <optional>

/// Where a command works: the settings, and the store and key that they name.
namespace ota::cards {

enum class key_need : std::uint8_t { none, load, create };

struct place_needs {
    key_need key = key_need::load;
    enum class when : std::uint8_t { never, if_possible, always };
    when exclusive = when::never;  ///< always: refuse while a gateway runs
    bool accept_restored = false;  ///< R3: only `store recover`
    bool make_folders = false;     ///< the first import may come before everything else
};

struct place {
    gateway_settings settings;
    std::unique_ptr<store::store> state;
    bool exclusive = false;                 ///< no gateway runs, and none will
    std::unique_ptr<cluster::alone> alone;  ///< behind `state`: it ends before it
    std::optional<secure_channel::key_encryption_key> kek;
    const surroundings* around = nullptr;

    [[nodiscard]] cards::desk desk() const {
        return {*state, settings.profiles, *kek, around->random, around->now, settings.queue.kind == queue_kind::kafka};
    }
};

/// Nothing: it has told why on the error stream, and `code` is the exit code.
[[nodiscard]] std::unique_ptr<place> open_place(const std::string& config, const place_needs&, streams,
                                                const surroundings&, int& code);

/// Tells an error on the error stream; 1.
int fail(streams, std::string_view doing, std::error_code);

}  // namespace ota::cards
