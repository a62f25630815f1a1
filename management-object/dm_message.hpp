#pragma once

#include "management-object/element.hpp"
#include "secure-channel/wire/octets.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

/// Messages of OMA DM 1.2 (OMA-TS-DM_RepPro, SyncML 1.2), in XML and in WBXML.
namespace ota::management_object::dm {

inline constexpr std::string_view type_xml = "application/vnd.syncml.dm+xml";
inline constexpr std::string_view type_wbxml = "application/vnd.syncml.dm+wbxml";

/// Meta information, MetInf 1.2; texts are empty when absent.
struct meta {
    std::string format, type, mark;
    std::optional<std::uint32_t> size;      ///< octets of a large object
    std::optional<std::string> next_nonce;  ///< octets; Base64 on the wire
    std::optional<std::uint32_t> max_msg_size, max_obj_size;
    bool operator==(const meta&) const = default;
};

/// Credentials: type is syncml:auth-basic, syncml:auth-md5 or syncml:auth-MAC, data as on the wire (mostly Base64).
struct credentials {
    meta about;
    std::string data;
    bool operator==(const credentials&) const = default;
};

/// Target or source: a node's or system's address, and a name (of the user, in the header's source).
struct location {
    std::string loc_uri, loc_name;
    bool operator==(const location&) const = default;
};

/// What a command is about.
struct item {
    std::optional<location> target, source;
    std::optional<meta> about;
    std::optional<std::string> data;  ///< text, or octets when `opaque`
    bool opaque = false;              ///< WBXML OPAQUE; in XML it is written as Base64
    std::optional<element> tree;      ///< elements in place of a text: a MgmtTree
    bool more_data = false;           ///< more chunks of a large object follow
    bool operator==(const item&) const;
};

struct alert {
    std::uint32_t cmd_id = 0;
    std::uint16_t code = 0;  ///< 1200, 1201, 1222, 1223, 1226, ...
    std::string correlator;
    std::vector<item> items;
    bool operator==(const alert&) const = default;
};

struct status {
    std::uint32_t cmd_id = 0, msg_ref = 0, cmd_ref = 0;  ///< cmd_ref 0: the header
    std::string cmd;                                     ///< name of the command that it answers, or "SyncHdr"
    std::vector<std::string> target_refs, source_refs;
    std::optional<meta> chal;  ///< challenge: type, format, next nonce
    std::uint16_t code = 0;    ///< a dm_status, or one that we do not know
    std::vector<item> items;
    bool operator==(const status&) const = default;
};

struct results {
    std::uint32_t cmd_id = 0;
    std::optional<std::uint32_t> msg_ref;
    std::uint32_t cmd_ref = 0;
    std::optional<meta> about;
    std::string target_ref, source_ref;
    std::vector<item> items;
    bool operator==(const results&) const = default;
};

enum class verb : std::uint8_t { add, copy, del, exec, get, replace };
[[nodiscard]] std::string_view to_string(verb) noexcept;  ///< "Add", "Copy", "Delete", ...

/// Add, Copy, Delete, Exec, Get, Replace.
struct operation {
    verb what = verb::get;
    std::uint32_t cmd_id = 0;
    bool no_resp = false;
    std::optional<meta> about;
    std::string correlator;  ///< Exec only
    std::vector<item> items;
    bool operator==(const operation&) const = default;
};

struct command;
/// Sequence (in order) or Atomic (all or nothing).
struct group {
    bool atomic = false;
    std::uint32_t cmd_id = 0;
    std::optional<meta> about;
    std::vector<command> commands;
    bool operator==(const group&) const;
};

/// A command of SyncML that DM does not use: to be answered with 406 or 501.
struct unknown_command {
    std::uint32_t cmd_id = 0;
    std::string name;
    bool operator==(const unknown_command&) const = default;
};

struct command {
    std::variant<alert, status, results, operation, group, unknown_command> is;
    bool operator==(const command&) const = default;
};

struct header {
    std::string ver_dtd = "1.2", ver_proto = "DM/1.2";
    std::string session_id;  ///< hexadecimal without leading zeros
    std::uint32_t msg_id = 1;
    location target, source;
    std::string resp_uri;
    bool no_resp = false;
    std::optional<credentials> cred;
    std::optional<meta> about;  ///< MaxMsgSize, MaxObjSize
    bool operator==(const header&) const = default;
};

struct message {
    header hdr;
    std::vector<command> body;
    bool final = false;  ///< last message of the package
    bool operator==(const message&) const = default;
};

/// Nested groups deeper than this are refused.
inline constexpr std::size_t deepest_group = 8;

/// Credentials of single commands are passed over; all else that is read is kept. Errors tell the octet.
[[nodiscard]] parsed<message> parse(const element& syncml);
[[nodiscard]] parsed<message> parse_xml(std::string_view, const document_limits& = {});
[[nodiscard]] parsed<message> parse_wbxml(wire::octet_view, const document_limits& = {});

/// Elements in the order of the DTD.
[[nodiscard]] element to_element(const message&);
/// Error: `not_text`.
[[nodiscard]] wire::result<std::string> serialize_xml(const message&);
[[nodiscard]] wire::result<wire::octets> serialize_wbxml(const message&);

}  // namespace ota::management_object::dm
