#pragma once

#include "gateway/dm/account.hpp"
#include "management-object/dm_message.hpp"

/// Who proves what to whom [DM Security 1.2, 5.3; DM Protocol 1.2, 9]. Each end challenges the other by itself.
namespace ota::dm {

/// Octets of a message and the value of its x-syncml-hmac header, or empty.
struct sealed_message {
    wire::octet_view body;
    std::string_view hmac;
};

/// The device's proof, judged by us.
class device_proof {
public:
    explicit device_proof(nonce_supplier next) : next_(std::move(next)) {}

    enum class verdict : std::uint8_t { accepted, missing, wrong };
    /// `who` is null when nobody knows the device: it is told as little as one with a wrong password.
    [[nodiscard]] verdict judge(const account* who, bool allow_basic, const management_object::dm::header&,
                                const sealed_message&);
    /// Code and challenge of the Status for the message just judged.
    [[nodiscard]] std::uint16_t code() const noexcept { return code_; }
    [[nodiscard]] const std::optional<management_object::dm::meta>& challenge() const noexcept { return challenge_; }
    /// The nonce that the device's next credentials must use, when it is to be stored.
    [[nodiscard]] std::optional<std::string> renewed() const;
    [[nodiscard]] bool proven() const noexcept { return proven_; }
    /// A stale nonce is challenged once more [5.3.3], and so are missing credentials; then no more.
    [[nodiscard]] bool given_up() const noexcept { return !proven_ && (wrong_ > 1 || missing_ > 1); }

private:
    [[nodiscard]] bool holds(const account&, bool allow_basic, const management_object::dm::header&,
                             const sealed_message&) const;
    void challenge_with(scheme, bool renew);

    nonce_supplier next_;
    std::optional<std::string> nonce_;  // of our challenge; nothing: the account's
    std::optional<management_object::dm::meta> challenge_;
    std::uint16_t code_ = 0;
    bool proven_ = false;
    bool fresh_ = false;
    unsigned wrong_ = 0, missing_ = 0;
};

/// Our proof, judged by the device.
class server_proof {
public:
    /// For the header of our next message; nothing when no more are needed, or the MAC does it.
    [[nodiscard]] std::optional<management_object::dm::credentials> credentials(const account&) const;
    /// For the transport's header; empty unless the account says so.
    [[nodiscard]] std::string hmac(const account&, wire::octet_view body) const;

    enum class verdict : std::uint8_t { settled, again, refused };
    /// What the device says to the header of our last message. A new nonce is tried once.
    [[nodiscard]] verdict on_status(std::uint16_t code, const std::optional<management_object::dm::meta>& challenge);
    /// The nonce that the device gave last.
    [[nodiscard]] const std::optional<std::string>& given() const noexcept { return nonce_; }

private:
    [[nodiscard]] std::string_view nonce(const account& a) const noexcept { return nonce_ ? *nonce_ : a.server_nonce; }

    std::optional<std::string> nonce_;
    bool for_the_session_ = false;
    unsigned refusals_ = 0;
};

}  // namespace ota::dm
