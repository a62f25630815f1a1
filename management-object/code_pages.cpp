#include "management-object/code_pages.hpp"

#include "management-object/element.hpp"

#include <algorithm>
#include <array>
#include <span>

namespace ota::management_object {
namespace {

constexpr std::uint8_t first_token = 0x05;
using names = std::span<const std::string_view>;

constexpr std::array<std::string_view, 56> syncml_tags{/* 05 */ "Add",
                                                       "Alert",
                                                       "Archive",
                                                       "Atomic",
                                                       "Chal",
                                                       "Cmd",
                                                       /* 0B */ "CmdID",
                                                       "CmdRef",
                                                       "Copy",
                                                       "Cred",
                                                       "Data",
                                                       /* 10 */ "Delete",
                                                       "Exec",
                                                       "Final",
                                                       "Get",
                                                       "Item",
                                                       "Lang",
                                                       /* 16 */ "LocName",
                                                       "LocURI",
                                                       "Map",
                                                       "MapItem",
                                                       "Meta",
                                                       "MsgID",
                                                       /* 1C */ "MsgRef",
                                                       "NoResp",
                                                       "NoResults",
                                                       "Put",
                                                       /* 20 */ "Replace",
                                                       "RespURI",
                                                       "Results",
                                                       "Search",
                                                       "Sequence",
                                                       "SessionID",
                                                       /* 26 */ "SftDel",
                                                       "Source",
                                                       "SourceRef",
                                                       "Status",
                                                       "Sync",
                                                       "SyncBody",
                                                       /* 2C */ "SyncHdr",
                                                       "SyncML",
                                                       "Target",
                                                       "TargetRef",
                                                       /* 30 */ "",
                                                       "VerDTD",
                                                       "VerProto",
                                                       "NumberOfChanges",
                                                       /* 34 */ "MoreData",
                                                       "Field",
                                                       "Filter",
                                                       "Record",
                                                       "FilterType",
                                                       "SourceParent",
                                                       /* 3A */ "TargetParent",
                                                       "Move",
                                                       "Correlator"};

constexpr std::array<std::string_view, 18> metinf_tags{
    /* 05 */ "Anchor",    "EMI",       "Format", "FreeID", "FreeMem", "Last",       "Mark",      "MaxMsgSize",
    /* 0D */ "Mem",       "MetInf",    "Next",
    /* 10 */ "NextNonce", "SharedMem", "Size",   "Type",   "Version", "MaxObjSize", "FieldLevel"};

constexpr std::array<std::string_view, 56> ddf_tags{
    /* 05 */ "AccessType",   "ACL",       "Add",          "b64",          "bin",         "bool",
    /* 0B */ "chr",          "CaseSense", "CIS",          "Copy",         "CS",
    /* 10 */ "date",         "DDFName",   "DefaultValue", "Delete",       "Description", "DFFormat",
    /* 16 */ "DFProperties", "DFTitle",   "DFType",       "Dynamic",      "Exec",        "float",
    /* 1C */ "Format",       "Get",       "int",          "Man",
    /* 20 */ "MgmtTree",     "MIME",      "Mod",          "Name",         "Node",        "node",
    /* 26 */ "NodeName",     "null",      "Occurrence",   "One",          "OneOrMore",   "OneOrN",
    /* 2C */ "Path",         "Permanent", "Replace",      "RTProperties",
    /* 30 */ "Scope",        "Size",      "time",         "Title",        "TStamp",      "Type",
    /* 36 */ "Value",        "VerDTD",    "VerNo",        "xml",          "ZeroOrMore",  "ZeroOrN",
    /* 3C */ "ZeroOrOne"};

names tags_of(std::uint8_t page) noexcept {
    switch (page) {
        case 0: return syncml_tags;
        case 1: return metinf_tags;
        case 2: return ddf_tags;
        default: return {};
    }
}

}  // namespace

std::string_view tag_name(std::uint8_t page, std::uint8_t token) noexcept {
    const auto tags = tags_of(page);
    if (token < first_token || token - first_token >= static_cast<int>(tags.size())) return {};
    return tags[token - first_token];
}

std::optional<std::uint8_t> tag_token(std::uint8_t page, std::string_view name) noexcept {
    if (name.empty()) return std::nullopt;
    const auto tags = tags_of(page);
    const auto found = std::ranges::find(tags, name);
    if (found == tags.end()) return std::nullopt;
    return static_cast<std::uint8_t>(first_token + (found - tags.begin()));
}

std::string_view page_namespace(std::uint8_t page) noexcept {
    switch (page) {
        case 0: return ns_syncml;
        case 1: return ns_metinf;
        case 2: return ns_dmddf;
        default: return {};
    }
}

std::optional<std::uint8_t> page_of(std::string_view xmlns) noexcept {
    // Written in lower or upper case by different clients.
    const auto is = [xmlns](std::string_view other) {
        return std::ranges::equal(xmlns.substr(0, other.size()), other,
                                  [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a + ('a' - 'A') : a) == b; });
    };
    if (is("syncml:syncml1.")) return std::uint8_t{0};
    if (is("syncml:metinf")) return std::uint8_t{1};
    if (is("syncml:dmddf1.")) return std::uint8_t{2};
    return std::nullopt;
}

std::string doctype_of(const document_type& type) {
    std::string out(type.root);
    ((out += " PUBLIC \"") += type.public_id) += "\" \"";
    return (out += type.system_id) += '"';
}

const document_type* document_with_root(std::string_view root) noexcept {
    if (root == syncml_document.root) return &syncml_document;
    if (root == ddf_document.root) return &ddf_document;
    return nullptr;
}

}  // namespace ota::management_object
