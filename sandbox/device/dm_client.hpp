#pragma once

#include "sandbox/device/dm_client_account.hpp"
#include "sandbox/device/dm_client_outbox.hpp"

/// The device's end of an OMA DM 1.2 session over its management tree: no socket, clock or random inside.
namespace ota::sandbox {

struct dm_client_settings {
    management_object::dm::encoding as = management_object::dm::encoding::wbxml;
    std::string device;  ///< how it calls itself: Source of its messages, mostly ./DevInfo/DevId
    std::uint32_t max_msg_size = 16 * 1024, max_obj_size = 256 * 1024;
    bool allow_basic = false;     ///< answer a challenge for syncml:auth-basic
    unsigned tries = 3;           ///< the same message, when the transport brings no answer
    std::uint32_t longest = 200;  ///< messages of one session
    dm_tree_settings tree;
};

/// What goes over the transport.
struct dm_request {
    std::string content_type;
    wire::octets body;
    std::string hmac;  ///< x-syncml-hmac, or empty
};
struct dm_response {
    unsigned http_status = 200;
    std::string_view content_type;
    wire::octet_view body;
    std::string_view hmac = {};
};

enum class dm_finish : std::uint8_t {
    done,
    ended_by_server,     ///< Alert 1223
    not_let_in,          ///< the server did not take our credentials
    server_not_trusted,  ///< it did not prove who it is
    no_answer,           ///< the transport failed as often as we try
    bad_answer,          ///< an answer that is no message of this session
    too_long,
};
[[nodiscard]] std::string_view to_string(dm_finish) noexcept;

struct dm_client_counts {
    std::uint64_t sent = 0, repeated = 0, commands = 0, challenges_met = 0, challenges_made = 0, bad_answers = 0;
};

class dm_client {
public:
    /// The tree and the account outlive the session; the account's nonces change. `nonce`: octets never given before.
    dm_client(management_object::node& tree, dm_account&, dm_client_settings, std::function<std::string()> nonce);

    /// Package 1. `trigger`: session identifier of the notification that asked for it (Alert 1200), or `own` made up
    /// (Alert 1201). The alerts are generic ones (1226), told along with it.
    [[nodiscard]] dm_request start(std::string session_id, bool by_server,
                                   std::vector<management_object::dm::alert> alerts = {});
    /// Package 3, or nothing: the session is finished.
    [[nodiscard]] std::optional<dm_request> on_response(const dm_response&);
    /// The transport brought no answer: the same again, or nothing.
    [[nodiscard]] std::optional<dm_request> on_no_response();
    /// A generic alert for the next package.
    void report(management_object::dm::alert);

    [[nodiscard]] std::optional<dm_finish> finished() const noexcept { return finished_; }
    [[nodiscard]] const dm_client_counts& tally() const noexcept { return tally_; }
    [[nodiscard]] std::vector<dm_change> take_changes() { return tree_.take_changes(); }

private:
    using message = management_object::dm::message;
    [[nodiscard]] std::optional<dm_request> finish(dm_finish);
    [[nodiscard]] std::optional<dm_request> bad_answer();
    [[nodiscard]] std::optional<message> read(const dm_response&) const;
    [[nodiscard]] bool belongs_here(const message&) const;
    /// What the server says to our header: nothing special, come again with credentials, or go away.
    enum class welcome : std::uint8_t { in, again, out };
    [[nodiscard]] welcome welcomed(const message&);
    [[nodiscard]] std::optional<std::uint16_t> distrust(const message&, const dm_response&);
    void run(const message&);

    [[nodiscard]] message begin();
    void introduce(message&);
    [[nodiscard]] dm_request package_1(bool again);
    [[nodiscard]] dm_request package_3();
    [[nodiscard]] dm_request sealed(const message&);

    management_object::node& root_;
    dm_account& account_;
    dm_client_settings settings_;
    std::function<std::string()> nonce_;
    dm_tree tree_;
    dm_commands commands_;
    dm_outbox outbox_;
    dm_client_counts tally_;

    std::string session_id_;
    bool by_server_ = false;
    std::vector<management_object::dm::alert> alerts_;  // of package 1
    std::uint32_t msg_id_ = 0, server_msg_id_ = 0;
    std::size_t server_takes_ = 0, server_takes_object_ = 0;  // MaxMsgSize, MaxObjSize; 0: not told
    dm_authentication how_;
    bool show_credentials_ = false, let_in_ = false;
    bool server_proven_ = false;
    unsigned refused_ = 0, distrusted_ = 0, tried_ = 0;
    bool server_final_ = true;
    std::optional<std::string> their_nonce_;  // given by a server that is not proven yet: used, not kept
    std::optional<management_object::dm::status> for_header_;
    std::optional<dm_request> last_;
    std::optional<dm_finish> finished_;
};

}  // namespace ota::sandbox
