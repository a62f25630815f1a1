#pragma once

#include "gateway/smpp/tlv.hpp"

#include <cstdint>
#include <string>

/// bind_transmitter, bind_receiver, bind_transceiver and their answers. [SMPP 3.4, 4.1]
///     system_id | password | system_type | interface_version | addr_ton | addr_npi | address_range
namespace ota::smpp {

enum class bind_kind : std::uint8_t { receiver = 1, transmitter = 2, transceiver = 9 };  ///< command_id of the bind

struct bind {
    bind_kind kind = bind_kind::transceiver;
    std::string system_id;    ///< at most 15 characters
    std::string password;     ///< at most 8 characters; secret
    std::string system_type;  ///< at most 12 characters
    std::uint8_t interface_version = 0x34;
    std::uint8_t addr_ton = 0;
    std::uint8_t addr_npi = 0;
    std::string address_range;
    bool operator==(const bind&) const = default;
};

struct bind_resp {
    bind_kind kind = bind_kind::transceiver;
    std::string system_id;
    tlv_list tlvs;  ///< sc_interface_version
    bool operator==(const bind_resp&) const = default;
};

[[nodiscard]] constexpr bool can_submit(bind_kind kind) noexcept { return kind != bind_kind::receiver; }
[[nodiscard]] constexpr bool can_receive(bind_kind kind) noexcept { return kind != bind_kind::transmitter; }

}  // namespace ota::smpp
