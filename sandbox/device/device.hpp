#pragma once

#include "sandbox/device/card_objects.hpp"
#include "sandbox/device/connection_plan.hpp"
#include "sandbox/device/device_terminal.hpp"
#include "sandbox/device/dm_client.hpp"

#include <memory>
#include <set>

namespace ota::sandbox {

/// What a device needs of those around it. None may call the device back.
struct device_hooks {
    std::function<consent(const offered_object&)> ask;  ///< the user
    /// The first message of a session that the device starts by itself; its answer comes by `on_response` or
    /// `on_no_response`.
    std::function<void(const std::string& server_uri, dm_request)> connect;
    std::function<bool(wire::octet_view tpdu)> send;  ///< SEND SHORT MESSAGE of the card; false or none: no network
    std::function<std::string()> nonce;               ///< octets never given before
    /// Exec on a node; none: nothing can be executed.
    std::function<std::uint16_t(const management_object::uri&, const std::string& correlator, const std::string& data)>
        exec;
    std::function<bool()> agree;        ///< to a session whose notification asks the user; none: no
    data_channels* channels = nullptr;  ///< of the terminal, for the card; none: it opens none
};

struct device_settings {
    retry_rule retry;
    dm_client_settings dm;  ///< `device` and `tree` are filled in
};

/// A device with a slot for a card, as a machine: time is passed in, messages and questions go out by hooks. It brings
/// short messages to the card, finds the management objects there, takes them over into its DM tree, takes them out
/// again, and speaks with the DM server that the card tells. It never writes to the card. Not to be moved; not
/// thread-safe.
class device {
public:
    device(device_model, device_hooks, device_settings = {});
    device(const device&) = delete;
    device& operator=(const device&) = delete;

    // The user's hand. A device that is on notices at once, one that is off when it is switched on.
    void insert(card_slot, instant now);
    void remove_card();
    void switch_on(instant now);
    void switch_off();
    /// An answer to what `ask` left for later. false: nothing was open.
    bool on_answer(const management_object::uri& object, bool yes, instant now);
    /// A new value by the user. Of a card's object: drift, to be told to the server; never written to the card.
    [[nodiscard]] wire::result<void> edit(const management_object::uri&, std::string value);

    // The network.
    /// A message for the card (SMS-PP download), and all that follows from it.
    sms_outcome on_sms(const download&, instant now);
    /// Somebody else brought the card a message: does it want something?
    void poll(instant now);
    /// REFRESH: the directory and the control file are read, of the objects only those that changed.
    void on_refresh(const std::vector<management_object::file_path>& files, instant now);

    // Sessions, one at a time.
    /// Sessions that are due. Call it at `next`.
    void tick(instant now);
    [[nodiscard]] std::optional<instant> next() const;
    /// The user, or the device for reasons of its own, wants a session. Nothing: no such account, or one is running.
    [[nodiscard]] std::optional<dm_request> start_session(const management_object::uri& account, instant now);
    /// Package 0. Nothing: not genuine, one that was obeyed before, one is running, or the user does not agree.
    [[nodiscard]] std::optional<dm_request> on_notification(wire::octet_view, instant now);
    /// The same, come by a push: its session goes out by `connect`, after the one that is running. false: it is
    /// refused.
    bool on_push(wire::octet_view notification, instant now);
    [[nodiscard]] std::optional<dm_request> on_response(const dm_response&, instant now);
    [[nodiscard]] std::optional<dm_request> on_no_response(instant now);
    /// A generic alert for the next session, or for the one that is running.
    void report(management_object::dm::alert);

    [[nodiscard]] const management_object::node& tree() const noexcept { return tree_; }
    [[nodiscard]] const std::vector<card_object>& objects() const noexcept { return objects_.taken(); }
    [[nodiscard]] const std::string& card() const noexcept { return objects_.card(); }
    [[nodiscard]] const device_model& who() const noexcept { return who_; }
    [[nodiscard]] bool is_on() const noexcept { return on_; }
    [[nodiscard]] bool in_session() const noexcept { return session_ != nullptr; }
    [[nodiscard]] std::uint64_t commands_to_card() const noexcept { return terminal_.commands(); }
    /// What the maker, the user or a server puts into the tree.
    [[nodiscard]] management_object::node& own_tree() noexcept { return tree_; }
    [[nodiscard]] std::vector<device_event> take_events() { return std::exchange(events_, {}); }

private:
    struct running;
    void start_card();
    void look();
    void after_card(instant now);
    void on_event(device_event);
    void tell(device_event::kind, const management_object::uri&, std::string detail);

    /// A genuine notification: the session that it asks for.
    struct asked_session {
        management_object::uri account;
        std::string session_id;
        bool by_server = true;
    };
    [[nodiscard]] std::optional<asked_session> obey(wire::octet_view notification);
    [[nodiscard]] std::optional<dm_account> account_with_nonces(const management_object::uri&) const;
    [[nodiscard]] std::optional<dm_account> account_at(const management_object::uri&) const;
    [[nodiscard]] std::optional<dm_request> begin(const management_object::uri& account, std::string session_id,
                                                  bool by_server);
    [[nodiscard]] std::optional<dm_request> go_on(std::optional<dm_request>, instant now);
    void keep_nonces();
    void finish(dm_finish, instant now);
    void apply_changes();

    device_model who_;
    device_hooks hooks_;
    device_settings settings_;
    management_object::node tree_;
    device_terminal terminal_;
    card_objects objects_;
    connection_plan plan_;
    bool on_ = false;
    std::vector<device_event> events_;
    std::vector<management_object::dm::alert> alerts_;  // the outbox: for the next session
    /// Nonces as they are now, by account, with what they began with.
    struct nonces {
        std::uint32_t basis = 0;
        std::string client, server;
        std::set<wire::octets> obeyed;  ///< notifications under the server's nonce: each begins one session
    };
    std::map<management_object::uri, nonces> nonces_;
    std::vector<management_object::uri> wishes_;
    std::optional<asked_session> waiting_;  ///< for the end of the session that is running
    std::uint64_t session_number_ = 0;
    std::unique_ptr<running> session_;

public:
    ~device();
};

}  // namespace ota::sandbox
