#include "management-object/dm_status.hpp"

#include "management-object/fault.hpp"

namespace ota::management_object {
namespace {

const char* words_for(dm_status status) noexcept {
    switch (status) {
        case dm_status::ok: return "done";
        case dm_status::accepted_for_processing: return "accepted, the result follows";
        case dm_status::authentication_accepted: return "authenticated for the session";
        case dm_status::chunk_accepted: return "part of a large object accepted";
        case dm_status::operation_cancelled: return "operation cancelled";
        case dm_status::not_executed: return "not executed";
        case dm_status::atomic_roll_back_ok: return "undone with the rest of its atomic";
        case dm_status::not_modified: return "not modified";
        case dm_status::bad_request: return "the request is malformed";
        case dm_status::invalid_credentials: return "wrong credentials";
        case dm_status::forbidden: return "forbidden";
        case dm_status::not_found: return "there is no such node";
        case dm_status::command_not_allowed: return "the command is not allowed on this node";
        case dm_status::optional_feature_not_supported: return "optional feature not supported";
        case dm_status::missing_credentials: return "credentials are missing";
        case dm_status::request_timeout: return "the request took too long";
        case dm_status::incomplete_command: return "the command is incomplete";
        case dm_status::request_entity_too_large: return "the object is too large";
        case dm_status::uri_too_long: return "the address of the node is too long";
        case dm_status::unsupported_media_type_or_format: return "type or format do not suit the node";
        case dm_status::requested_size_too_big: return "the requested size is too big";
        case dm_status::already_exists: return "the node exists already";
        case dm_status::device_full: return "no room left";
        case dm_status::size_mismatch: return "the object has another size than announced";
        case dm_status::permission_denied: return "the access control list does not allow it";
        case dm_status::command_failed: return "the command failed";
        case dm_status::command_not_implemented: return "command not implemented";
        case dm_status::service_unavailable: return "service unavailable";
        case dm_status::application_error: return "application error";
        case dm_status::atomic_failed: return "the atomic failed";
        case dm_status::refresh_required: return "refresh required";
        case dm_status::data_store_failure: return "data store failure";
        case dm_status::atomic_roll_back_failed: return "the atomic could not be undone";
        case dm_status::atomic_response_too_large: return "the answer of the atomic is too large";
    }
    return nullptr;
}

class status_category final : public std::error_category {
public:
    [[nodiscard]] const char* name() const noexcept override { return "dm-status"; }
    [[nodiscard]] std::string message(int code) const override {
        const auto* words = words_for(static_cast<dm_status>(code));
        return words != nullptr ? words : "DM status " + std::to_string(code);
    }
};

}  // namespace

const std::error_category& dm_status_category() noexcept {
    static const status_category instance;
    return instance;
}

dm_status status_for(const std::error_code& error) noexcept {
    if (!error) return dm_status::ok;
    if (error.category() == dm_status_category()) return static_cast<dm_status>(error.value());
    if (error.category() != document_category()) return dm_status::command_failed;
    switch (static_cast<document_errc>(error.value())) {
        case document_errc::too_large: return dm_status::request_entity_too_large;
        case document_errc::too_deep: return dm_status::uri_too_long;
        case document_errc::unknown_version:
        case document_errc::unknown_document: return dm_status::unsupported_media_type_or_format;
        default: return dm_status::bad_request;
    }
}

}  // namespace ota::management_object
