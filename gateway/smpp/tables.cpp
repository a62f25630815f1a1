#include "gateway/smpp/tables.hpp"

#include <algorithm>
#include <array>

namespace ota::smpp {
namespace {

using enum status_class;

// In ascending order of the code. [SMPP 3.4, 5.1.3; SMPP 5.0, 4.7.6 for 0x100 and above]
constexpr auto entries = std::to_array<status_entry>({
    {0x00, success, "ESME_ROK", "no error"},
    {0x01, permanent, "ESME_RINVMSGLEN", "the SMSC finds the message length invalid"},
    {0x02, permanent, "ESME_RINVCMDLEN", "the SMSC finds the command length invalid"},
    {0x03, session, "ESME_RINVCMDID", "the SMSC does not know this command"},
    {0x04, session, "ESME_RINVBNDSTS", "the command does not fit the bind; bind again"},
    {0x05, session, "ESME_RALYBND", "the account is already bound; the old session must time out first"},
    {0x06, permanent, "ESME_RINVPRTFLG", "invalid priority flag"},
    {0x07, permanent, "ESME_RINVREGDLVFLG", "invalid registered_delivery"},
    {0x08, temporary, "ESME_RSYSERR", "the SMSC has a system error"},
    {0x0A, permanent, "ESME_RINVSRCADR", "invalid source address; check the route's source"},
    {0x0B, permanent, "ESME_RINVDSTADR", "invalid destination address"},
    {0x0C, permanent, "ESME_RINVMSGID", "invalid message id"},
    {0x0D, session, "ESME_RBINDFAIL", "the SMSC refuses the bind; check the account"},
    {0x0E, session, "ESME_RINVPASWD", "the SMSC refuses the password"},
    {0x0F, session, "ESME_RINVSYSID", "the SMSC does not know the system_id"},
    {0x11, permanent, "ESME_RCANCELFAIL", "the message could not be cancelled"},
    {0x13, permanent, "ESME_RREPLACEFAIL", "the message could not be replaced"},
    {0x14, throttle, "ESME_RMSGQFUL", "the SMSC's message queue is full"},
    {0x15, permanent, "ESME_RINVSERTYP", "invalid service_type; check the route"},
    {0x33, permanent, "ESME_RINVNUMDESTS", "invalid number of destinations"},
    {0x34, permanent, "ESME_RINVDLNAME", "invalid distribution list"},
    {0x40, permanent, "ESME_RINVDESTFLAG", "invalid destination flag"},
    {0x42, permanent, "ESME_RINVSUBREP", "replacing is not possible here"},
    {0x43, permanent, "ESME_RINVESMCLASS", "invalid esm_class; check the route"},
    {0x44, permanent, "ESME_RCNTSUBDL", "cannot submit to the distribution list"},
    {0x45, temporary, "ESME_RSUBMITFAIL", "the SMSC could not take the message"},
    {0x48, permanent, "ESME_RINVSRCTON", "invalid source TON; check the route's source"},
    {0x49, permanent, "ESME_RINVSRCNPI", "invalid source NPI; check the route's source"},
    {0x50, permanent, "ESME_RINVDSTTON", "invalid destination TON; check the route"},
    {0x51, permanent, "ESME_RINVDSTNPI", "invalid destination NPI; check the route"},
    {0x53, permanent, "ESME_RINVSYSTYP", "invalid system_type; check the route"},
    {0x54, permanent, "ESME_RINVREPFLAG", "invalid replace_if_present_flag"},
    {0x55, permanent, "ESME_RINVNUMMSGS", "invalid number of messages"},
    {0x58, throttle, "ESME_RTHROTTLED", "the account exceeds its rate"},
    {0x61, permanent, "ESME_RINVSCHED", "invalid scheduled delivery time"},
    {0x62, permanent, "ESME_RINVEXPIRY", "invalid validity period; check the route's validity form"},
    {0x63, permanent, "ESME_RINVDFTMSGID", "invalid predefined message"},
    {0x64, temporary, "ESME_RX_T_APPN", "the receiver has a temporary error"},
    {0x65, permanent, "ESME_RX_P_APPN", "the receiver has a permanent error"},
    {0x66, permanent, "ESME_RX_R_APPN", "the receiver refuses the message"},
    {0x67, permanent, "ESME_RQUERYFAIL", "query failed"},
    {0xC0, permanent, "ESME_RINVOPTPARSTREAM", "error in the optional parameters"},
    {0xC1, permanent, "ESME_ROPTPARNOTALLWD", "an optional parameter is not allowed"},
    {0xC2, permanent, "ESME_RINVPARLEN", "an optional parameter has an invalid length"},
    {0xC3, permanent, "ESME_RMISSINGOPTPARAM", "an expected optional parameter is missing"},
    {0xC4, permanent, "ESME_RINVOPTPARAMVAL", "an optional parameter has an invalid value"},
    {0xFE, temporary, "ESME_RDELIVERYFAILURE", "delivery failed"},
    {0xFF, temporary, "ESME_RUNKNOWNERR", "the SMSC names no error"},
    {0x100, permanent, "ESME_RSERTYPUNAUTH", "the account may not use this service_type"},
    {0x101, permanent, "ESME_RPROHIBITED", "the account may not do this"},
    {0x102, permanent, "ESME_RSERTYPUNAVAIL", "this service_type is unavailable"},
    {0x103, permanent, "ESME_RSERTYPDENIED", "this service_type is denied"},
    {0x104, permanent, "ESME_RINVDCS", "invalid data_coding; check the route"},
});

static_assert(std::ranges::is_sorted(entries, {}, &status_entry::code));

}  // namespace

status_entry describe(std::uint32_t command_status) noexcept {
    const auto* found = std::ranges::lower_bound(entries, command_status, {}, &status_entry::code);
    if (found != entries.end() && found->code == command_status) return *found;
    if (command_status >= 0x400 && command_status <= 0x4FF)
        return {command_status, permanent, "vendor", "an error of this SMSC's vendor; see the route's vendor statuses"};
    return {command_status, permanent, "reserved", "an error that SMPP does not define"};
}

}  // namespace ota::smpp
