#pragma once

#include "gateway/sessions/comparison.hpp"
#include "gateway/sessions/device_sessions.hpp"
#include "gateway/sessions/exec_orders.hpp"

#include <variant>

/// What is known of a session while it lasts.
namespace ota::sessions {

/// An object that the device is asked for, as the card was attested to hold it when the session began.
struct asked_object {
    /// A content that the device may have, without secrets.
    struct content {
        std::uint32_t image_crc = 0;
        management_object::node tree;
    };
    std::string uri;
    std::optional<content> on_card;  ///< as attested
    std::optional<content> to_come;  ///< as a packet under way makes it: a device is faster than the card's proof
    std::size_t open = 0;            ///< leaves asked one by one whose answers are still to come
    bool differs = false;
    [[nodiscard]] const content& newest() const { return to_come ? *to_come : *on_card; }
};

/// What the device said, to be put down before it gets its answer.
struct device_sessions::finding {
    struct read {
        std::string object;
        std::uint32_t image_crc = 0;
    };
    struct alert {
        flow::device_word word = flow::device_word::nothing;  ///< nothing: drift
        std::string node;
    };
    struct exec_status {
        store::event_seq seq = 0;
        std::uint16_t code = 0;
    };
    struct exec_result {
        store::event_seq seq = 0;
        std::optional<std::uint16_t> code;
    };
    std::variant<read, alert, exec_status, exec_result, replacement> is;
};

struct device_sessions::live {
    account_key key;
    std::string device, iccid;
    std::shared_ptr<const card_profile> profile;

    struct whole {
        std::size_t object;
    };  ///< index into `objects`
    struct leaf {
        std::size_t object;
        std::string value;
    };
    struct exec {
        store::event_seq seq;
    };
    using job = std::variant<whole, leaf, exec, replacement>;
    std::map<std::uint64_t, job> jobs;  // by the order's id
    std::uint64_t last_order = 0;
    std::vector<asked_object> objects;
    std::vector<store::event_seq> unanswered;  // execs of earlier sessions
    std::vector<finding> findings;             ///< not put down yet
    std::size_t heard = 0;                     ///< alerts of the session that were taken
    account_news nonces;                       ///< told by the reply that waits for them to be stored
    std::optional<dm::ending> ended;
    const dm::session* whose = nullptr;  ///< once it has ended unstored: who may still ask for the last answer
    std::vector<std::string> overruled;  ///< objects of which an earlier word that waits for its proof counts no more
    std::vector<ahead> early;            ///< of the findings: those that the card has not proven yet
    bool started = false;
    bool broken = false;  ///< it could not be started: the store failed
    [[nodiscard]] bool has_news() const {
        return !findings.empty() || nonces.client_nonce || nonces.server_nonce || ended;
    }
    [[nodiscard]] bool has_exec(store::event_seq seq) const {
        for (const auto& [id, what] : jobs) {
            if (const auto* e = std::get_if<exec>(&what); e != nullptr && e->seq == seq) return true;
        }
        return false;
    }
};

}  // namespace ota::sessions
