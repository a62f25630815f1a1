#include "gateway/cards/vault.hpp"

#include "gateway/cards/errc.hpp"

#include <fcntl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <filesystem>

namespace ota::cards {

namespace {

using secure_channel::key_encryption_key;
using secure_channel::secret;

/// A descriptor that closes itself.
class file {
public:
    explicit file(int fd) noexcept : fd_(fd) {}
    file(const file&) = delete;
    file& operator=(const file&) = delete;
    ~file() {
        if (fd_ >= 0) ::close(fd_);
    }
    [[nodiscard]] int fd() const noexcept { return fd_; }

private:
    int fd_;
};

constexpr std::size_t key_octets = 32;
constexpr std::size_t longest_file = 128;

wire::result<secret> read_whole(int fd) {
    wire::octets text(longest_file);  // reserved once: a vector that grows leaves copies behind
    std::size_t length = 0;
    while (length < text.size()) {
        const auto got = ::read(fd, text.data() + length, text.size() - length);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return errc::key_file_missing;
        if (got == 0) break;
        length += static_cast<std::size_t>(got);
    }
    text.resize(length);
    return secret(std::move(text));
}

wire::result<secret> key_in(const secret& content) {
    if (content.size() == key_octets) return content.clone();
    auto text = wire::as_text(content.view());
    while (!text.empty() && (text.back() == '\n' || text.back() == '\r' || text.back() == ' ')) text.remove_suffix(1);
    if (text.size() != 2 * key_octets) return errc::key_file_malformed;
    auto octets = wire::from_hex(text);
    if (!octets) return errc::key_file_malformed;
    return secret(std::move(octets.value()));
}

bool write_whole(int fd, std::string_view text) {
    while (!text.empty()) {
        const auto put = ::write(fd, text.data(), text.size());
        if (put < 0 && errno == EINTR) continue;
        if (put <= 0) return false;
        text.remove_prefix(static_cast<std::size_t>(put));
    }
    return ::fsync(fd) == 0;
}

void sync_folder(const std::string& of) {
    auto folder = std::filesystem::path(of).parent_path();
    if (folder.empty()) folder = ".";
    const file opened(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (opened.fd() >= 0) (void)::fsync(opened.fd());
}

}  // namespace

void system_random(std::span<std::uint8_t> out) {
    while (!out.empty()) {
        const auto got = ::getrandom(out.data(), out.size(), 0);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) throw std::system_error(errno, std::generic_category(), "getrandom");
        out = out.subspan(static_cast<std::size_t>(got));
    }
}

wire::result<key_encryption_key> load_key_encryption_key(const std::string& path, when_missing missing) {
    const file opened(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (opened.fd() < 0) {
        if (errno != ENOENT || missing == when_missing::fail) return errc::key_file_missing;
        OTA_TRY(generate_key_file(path));
        return load_key_encryption_key(path, when_missing::fail);
    }
    struct stat about {};
    if (::fstat(opened.fd(), &about) != 0 || !S_ISREG(about.st_mode)) return errc::key_file_missing;
    if ((about.st_mode & (S_IRWXG | S_IRWXO)) != 0) return errc::key_file_open;  // R24
    OTA_TRY(const auto content, read_whole(opened.fd()));
    OTA_TRY(auto key, key_in(content));
    return key_encryption_key::load(std::move(key));
}

wire::result<void> generate_key_file(const std::string& path, const random_octets& random) {
    const file made(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (made.fd() < 0) {
        if (errno == ENOENT || errno == ENOTDIR) return errc::key_folder_missing;
        return errno == EEXIST ? errc::key_file_exists : errc::key_file_unwritable;
    }
    wire::octets key(key_octets);
    random(key);
    const auto text = wire::to_hex(key) + "\n";
    const secret digits(wire::octets(text.begin(), text.end()));
    const secret wiped(std::move(key));
    if (!write_whole(made.fd(), wire::as_text(digits.view()))) {
        ::unlink(path.c_str());
        return errc::key_file_unwritable;
    }
    sync_folder(path);
    return BOOST_OUTCOME_V2_NAMESPACE::success();
}

wire::octets wrap(const key_encryption_key& kek, wire::octet_view clear, std::string_view purpose,
                  const random_octets& random) {
    std::array<std::uint8_t, 12> nonce{};
    random(nonce);
    return kek.seal(clear, wire::as_octets(purpose), nonce);
}

flow::guard guard_under(const key_encryption_key& kek, random_octets random) {
    flow::guard g;
    g.seal = [&kek, random = std::move(random)](wire::octet_view clear, std::string_view purpose) {
        return wrap(kek, clear, purpose, random);
    };
    g.open = [&kek](wire::octet_view sealed, std::string_view purpose) -> wire::result<wire::octets> {
        OTA_TRY(auto clear, kek.open(sealed, wire::as_octets(purpose)));
        return wire::octets(clear.view().begin(), clear.view().end());
    };
    return g;
}

}  // namespace ota::cards
