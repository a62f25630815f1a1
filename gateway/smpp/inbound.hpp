#pragma once

#include "gateway/bearer.hpp"
#include "gateway/smpp/message.hpp"
#include "gateway/smpp/message_id.hpp"

#include <variant>

/// What a deliver_sm or data_sm is to the gateway: a receipt, perhaps a proof of receipt, or nothing of ours.
namespace ota::smpp {

struct ignored {};

struct inbound {
    std::variant<ignored, bearer::receipt, bearer::inbound_message> what;
    bool contradiction = false;  ///< the TLVs and the text of a receipt disagree
};

/// By the bits of esm_class, else by receipt TLVs, else by a text that reads as a receipt; a user data header with the
/// response packet's element or a concatenation is an inbound message, whatever protocol_id and data_coding say.
[[nodiscard]] inbound classify(const deliver_sm&, const id_forms&);
[[nodiscard]] inbound classify(const data_sm&, const id_forms&);

}  // namespace ota::smpp
