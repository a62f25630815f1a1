#pragma once

#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

struct ssl_ctx_st;

namespace ota::http {

/// PEM files.
struct tls_files {
    std::string certificate;  ///< the server's, then those that lead to its authority
    std::string key;
    std::string client_ca;  ///< authorities of clients: what a client shows must come from one; it need not show any.
                            ///< Empty: none is asked for
    [[nodiscard]] bool wanted() const noexcept { return !certificate.empty(); }
};

/// What the server shows its clients: TLS 1.2 and 1.3. Any thread.
class tls_identity {
public:
    /// False with `why`, a sentence, when a file cannot be used or the key is not the certificate's: what held before
    /// still holds. Connections that are open keep what they began with.
    [[nodiscard]] bool load(const tls_files&, std::string& why);
    /// From now on what the other one has.
    void adopt(const tls_identity& other);
    /// Nothing: no TLS.
    [[nodiscard]] std::shared_ptr<ssl_ctx_st> current() const;
    /// When the certificate ends; nothing without TLS.
    [[nodiscard]] std::optional<std::chrono::system_clock::time_point> not_after() const;

private:
    mutable std::mutex swapping_;
    std::shared_ptr<ssl_ctx_st> context_;
};

}  // namespace ota::http
