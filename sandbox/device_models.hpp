#pragma once

#include "sandbox/device/device_model.hpp"

#include <cstddef>
#include <cstdint>

namespace ota::sandbox {

/// Models that a pool has devices of. One in eight devices is of a simple model, which has no mail.
[[nodiscard]] std::size_t device_model_count() noexcept;
/// A device of this model; its IMEI follows from `number`.
[[nodiscard]] device_model make_device(std::size_t model, std::size_t number);
/// The model that the device with this number of a pool is of.
[[nodiscard]] std::size_t model_of(std::uint64_t seed, std::size_t number) noexcept;

inline constexpr std::size_t simple_model = 0;

}  // namespace ota::sandbox
