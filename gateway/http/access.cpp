#include "gateway/http/access.hpp"

#include "secure-channel/crypto.hpp"
#include "secure-channel/wire/octets.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

namespace ota::http {
namespace {

constexpr std::size_t shortest = 16, longest = 1024;

bool same_scheme(std::string_view a) {
    constexpr std::string_view bearer = "bearer ";
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; };
    return a.size() > bearer.size() && std::ranges::equal(a.substr(0, bearer.size()), bearer, {}, lower);
}

bool is_space(std::uint8_t c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

// What a header field can carry as a token: b64token [RFC 6750, 2.1].
bool is_token(std::uint8_t c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
           std::string_view("-._~+/=").find(static_cast<char>(c)) != std::string_view::npos;
}

struct descriptor {
    explicit descriptor(const std::string& path) : it(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)) {}
    ~descriptor() {
        if (it >= 0) ::close(it);
    }
    descriptor(const descriptor&) = delete;
    descriptor& operator=(const descriptor&) = delete;
    int it;
};

// The token of a file; empty with `why`.
secure_channel::secret read_token(const std::string& path, std::string& why) {
    const auto complain = [&](std::string_view what) {
        why = "the token file " + path + " " + std::string(what);
        return secure_channel::secret();
    };
    const descriptor file(path);
    struct stat about {};
    if (file.it < 0 || ::fstat(file.it, &about) != 0) return complain("cannot be read");
    if (!S_ISREG(about.st_mode)) return complain("is not a regular file");
    if ((about.st_mode & S_IRWXO) != 0) return complain("may be read by everybody: chmod o= it");
    wire::octets text(longest + 64);
    const auto got = ::read(file.it, text.data(), text.size());
    const auto size = got < 0 ? 0 : static_cast<std::size_t>(got);
    std::fill(text.begin() + static_cast<std::ptrdiff_t>(size), text.end(), std::uint8_t{'\n'});
    while (!text.empty() && is_space(text.back())) text.pop_back();
    secure_channel::secret token(std::move(text));
    if (got < 0) return complain("cannot be read");
    if (token.empty()) return complain("is empty");
    if (token.size() > longest) return complain("holds more than " + std::to_string(longest) + " octets");
    if (!std::ranges::all_of(token.view(), is_token))
        return complain("should hold one token of letters, digits and -._~+/=");
    if (token.size() < shortest)
        return complain("holds fewer than " + std::to_string(shortest) +
                        " octets: make one with `openssl rand -hex 32`");
    return token;
}

}  // namespace

std::string_view name_of(role r) noexcept {
    switch (r) {
        case role::read: return "read";
        case role::operate: return "operate";
        case role::keys: return "keys";
    }
    return "read";
}

bool token_table::load(const std::vector<token_file>& files, std::string& why) {
    auto fresh = std::make_shared<std::vector<entry>>();
    for (const auto& file : files) {
        const auto token = read_token(file.path, why);
        if (token.empty()) return false;
        entry one{secure_channel::sha256(token.view()), {file.name, file.may}};
        const auto twin = std::ranges::find(*fresh, one.digest, &entry::digest);
        if (twin != fresh->end()) {
            why = "the token file " + file.path + " holds the same token as " +
                  files[static_cast<std::size_t>(twin - fresh->begin())].path;
            return false;
        }
        fresh->push_back(std::move(one));
    }
    const std::lock_guard lock(swapping_);
    entries_ = std::move(fresh);
    return true;
}

void token_table::adopt(const token_table& other) {
    auto fresh = other.current();
    const std::lock_guard lock(swapping_);
    entries_ = std::move(fresh);
}

std::shared_ptr<const std::vector<token_table::entry>> token_table::current() const {
    const std::lock_guard lock(swapping_);
    return entries_;
}

std::optional<caller> token_table::find(const request& asked) const {
    const auto field = asked.header("Authorization");
    if (!same_scheme(field)) return std::nullopt;
    auto token = field.substr(field.find(' '));
    token.remove_prefix(std::min(token.find_first_not_of(' '), token.size()));
    const auto digest = secure_channel::sha256(wire::as_octets(token));
    const auto held = current();
    const entry* found = nullptr;
    for (const auto& each : *held) {  // to the end: the time tells nothing of the place
        if (secure_channel::equal_in_constant_time(each.digest, digest)) found = &each;
    }
    return found == nullptr ? std::nullopt : std::optional(found->who);
}

std::size_t token_table::size() const { return current()->size(); }

}  // namespace ota::http
