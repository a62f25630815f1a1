#pragma once

#include <array>
#include <string_view>

/// The reason codes that reading an event can give. They are stable; docs/reasons.md lists them.
namespace ota::queue {

struct reason {
    std::string_view code;
    bool dead_letter;  ///< R23: else the event is `rejected`
    std::string_view sentence;
};

inline constexpr std::array reasons{
    reason{"bad-json", true, "the record is not one JSON object, or has id, source or subject twice"},
    reason{"no-id", true, "the CloudEvents id is missing, empty, too long or not printable text"},
    reason{"no-source", true, "the CloudEvents source is missing, empty, too long or not printable text"},
    reason{"no-subject", true, "the CloudEvents subject is missing"},
    reason{"bad-subject", true, "the subject is not an ICCID of 18 to 20 digits"},
    reason{"key-subject-mismatch", true, "the record's key is not the subject"},
    reason{"bad-specversion", false, "specversion is not \"1.0\""},
    reason{"bad-type", false, "the event's type is not dm.mo.change.v1"},
    reason{"bad-datacontenttype", false, "datacontenttype is not application/json"},
    reason{"bad-data", false,
           "data is missing, not an object, or has a member that is not known; or a member stands twice"},
    reason{"bad-op", false, "data.op is not one of add, replace, delete, copy, get, exec"},
    reason{"bad-node", false, "data.node is not a node URI of the form ./A/B"},
    reason{"bad-from", false, "data.from is no node URI, is missing in a copy, or stands in another operation"},
    reason{"bad-format", false, "data.format is not one of bin, chr, int, bool, xml, null"},
    reason{"bad-mime-type", false, "data.type is not a MIME type"},
    reason{"bad-value", false,
           "data.value is missing, is not allowed with this operation, or does not fit data.format"},
    reason{"bad-revision", false, "data.revision is not an integer from 0 to 2^63 - 1"},
    reason{"bad-options", false, "data.options is not an object, or has a member that is not known"},
    reason{"bad-time", false, "a time is not RFC 3339, or expires_at is not after not_before"},
    reason{"bad-priority", false, "data.options.priority is not an integer from -8 to 7"},
    reason{"bad-bearer", false, "data.options.bearer is not one of any, sms, bip"},
};

}  // namespace ota::queue
