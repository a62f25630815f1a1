#include "sandbox/uicc/holder_pin.hpp"

#include "sandbox/uicc/status_word.hpp"

#include <algorithm>

namespace ota::sandbox {

namespace sw = status_word;

namespace {

constexpr unsigned most_tries = 3;
constexpr std::size_t pin_octets = 8;

}  // namespace

std::uint16_t holder_pin::tries_left() const noexcept {
    const auto wrong = std::min(store_.wrong_tries(tree_), most_tries);
    return wrong == most_tries ? sw::pin_blocked : static_cast<std::uint16_t>(sw::tries_left | (most_tries - wrong));
}

std::uint16_t holder_pin::verify(const apdu& command) {
    if (command.p1 != 0) return sw::wrong_parameters;
    if (command.p2 != first_pin) return sw::data_not_found;
    if (command.p3 == 0 && command.body.empty()) return tries_left();
    const auto given = command.data();
    if (!given || given->size() != pin_octets) return sw::wrong_length;
    if (tries_left() == sw::pin_blocked) return sw::pin_blocked;
    wire::writer right;
    right.put(wire::as_octets(factory_pin)).fill(pin_octets - factory_pin.size(), 0xFF);
    verified_ = std::ranges::equal(*given, right.buffer());
    store_.set_wrong_tries(tree_, verified_ ? 0 : store_.wrong_tries(tree_) + 1);
    return verified_ ? sw::ok : tries_left();
}

}  // namespace ota::sandbox
