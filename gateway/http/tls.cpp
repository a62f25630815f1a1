#include "gateway/http/tls.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <sys/stat.h>

#include <ctime>

namespace ota::http {
namespace {

using context = std::shared_ptr<SSL_CTX>;

// OpenSSL's words for what failed last, without the rest of its queue.
std::string last_words() {
    const auto code = ::ERR_peek_last_error();
    const char* const words = ::ERR_reason_error_string(code);
    ::ERR_clear_error();
    return words != nullptr ? words : "unknown error";
}

bool is_private(const std::string& file) {
    struct stat about {};
    return ::stat(file.c_str(), &about) != 0 || (about.st_mode & S_IRWXO) == 0;
}

bool use_clients_authority(SSL_CTX* to, const std::string& file) {
    if (::SSL_CTX_load_verify_file(to, file.c_str()) != 1) return false;
    auto* const names = ::SSL_load_client_CA_file(file.c_str());
    if (names == nullptr) return false;
    ::SSL_CTX_set_client_CA_list(to, names);  // owns them now
    ::SSL_CTX_set_verify(to, SSL_VERIFY_PEER,
                         nullptr);  // who shows none gets probes and metrics: an orchestrator has none to show
    return true;
}

// HTTP/1.1 where the client offers a choice [RFC 7301]; other protocols are no reason to refuse it.
int choose_protocol(SSL*, const unsigned char** out, unsigned char* length, const unsigned char* offered,
                    unsigned int size, void*) {
    static constexpr unsigned char spoken[] = "\x08http/1.1";
    unsigned char* chosen = nullptr;
    if (::SSL_select_next_proto(&chosen, length, spoken, sizeof spoken - 1, offered, size) != OPENSSL_NPN_NEGOTIATED)
        return SSL_TLSEXT_ERR_NOACK;
    *out = chosen;
    return SSL_TLSEXT_ERR_OK;
}

context make_context(const tls_files& files, std::string& why) {
    const auto refused = [&](std::string what) {
        why = std::move(what) + ": " + last_words();
        return context();
    };
    ::ERR_clear_error();
    context made(::SSL_CTX_new(::TLS_server_method()), &::SSL_CTX_free);
    auto* const it = made.get();
    if (it == nullptr || ::SSL_CTX_set_min_proto_version(it, TLS1_2_VERSION) != 1 ||
        ::SSL_CTX_set_cipher_list(it, "ECDHE+AESGCM:ECDHE+CHACHA20") != 1) {
        return refused("TLS cannot be set up");
    }
    ::SSL_CTX_set_options(it, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
    ::SSL_CTX_set_mode(it, SSL_MODE_RELEASE_BUFFERS);  // an idle connection holds none
    static constexpr unsigned char name[] = "otagw";
    ::SSL_CTX_set_session_id_context(it, name, sizeof name - 1);
    ::SSL_CTX_set_alpn_select_cb(it, &choose_protocol, nullptr);
    if (::SSL_CTX_use_certificate_chain_file(it, files.certificate.c_str()) != 1) {
        return refused("the certificate " + files.certificate + " cannot be used");
    }
    ::SSL_CTX_set_default_passwd_cb(
        it, [](char*, int, int, void*) { return 0; });  // a key under a password: nobody is asked
    if (!is_private(files.key)) {
        why = "the private key " + files.key + " may be read by everybody: chmod o= it";
        return {};
    }
    if (::SSL_CTX_use_PrivateKey_file(it, files.key.c_str(), SSL_FILETYPE_PEM) != 1)
        return refused("the private key " + files.key + " cannot be used");
    if (::SSL_CTX_check_private_key(it) != 1)
        return refused("the private key " + files.key + " is not that of the certificate");
    if (!files.client_ca.empty() && !use_clients_authority(it, files.client_ca)) {
        return refused("the clients' authority " + files.client_ca + " cannot be used");
    }
    return made;
}

}  // namespace

bool tls_identity::load(const tls_files& files, std::string& why) {
    context fresh;
    if (files.wanted()) {
        fresh = make_context(files, why);
        if (!fresh) return false;
    }
    const std::lock_guard lock(swapping_);
    context_ = std::move(fresh);
    return true;
}

void tls_identity::adopt(const tls_identity& other) {
    auto fresh = other.current();
    const std::lock_guard lock(swapping_);
    context_ = std::move(fresh);
}

std::shared_ptr<ssl_ctx_st> tls_identity::current() const {
    const std::lock_guard lock(swapping_);
    return context_;
}

std::optional<std::chrono::system_clock::time_point> tls_identity::not_after() const {
    const auto held = current();
    auto* const certificate = held ? ::SSL_CTX_get0_certificate(held.get()) : nullptr;
    std::tm at{};
    if (certificate == nullptr || ::ASN1_TIME_to_tm(::X509_get0_notAfter(certificate), &at) != 1) return std::nullopt;
    return std::chrono::system_clock::from_time_t(::timegm(&at));
}

}  // namespace ota::http
