#pragma once

namespace ota::flow {

/// Deliberate faults that the simulation's rules must catch (tests/flow). In the program itself every one is off for
/// good: the compiler sees a constant.
enum class sabotage {
    none,
    fresh_counter_on_repeat,     ///< breaks R2
    answer_before_commit,        ///< breaks R4
    reported_is_todays_desired,  ///< breaks R15
    hint_completes,              ///< breaks R8
    low_counter_is_success,      ///< breaks R9
    two_in_flight,               ///< breaks R6
    counter_not_stored,          ///< breaks R3
    channel_packet_by_sms,       ///< breaks R7
    acknowledged_is_proven,      ///< breaks R8
    other_file_is_proof,         ///< breaks R19 when a reload moves a node to another file
};

#ifdef OTAGW_SABOTAGE  // tests/flow builds the corridor a second time with it
extern sabotage active_sabotage;
inline bool sabotaged(sabotage what) noexcept { return active_sabotage == what; }
#else
constexpr bool sabotaged(sabotage) noexcept { return false; }
#endif

}  // namespace ota::flow
