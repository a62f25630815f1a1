#pragma once

#include "gateway/http/message.hpp"

#include <array>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Who calls, and what he may. Bearer tokens (RFC 6750), each in a file of its own.
namespace ota::http {

/// Each may what those before it may.
enum class role : std::uint8_t {
    read,     ///< look at everything but protected values
    operate,  ///< change cards, events, campaigns, dead letters, settings
    keys,     ///< open packets under the cards' keys, see protected values
};
[[nodiscard]] std::string_view name_of(role) noexcept;

/// A token as the settings name it.
struct token_file {
    std::string name;  ///< of who calls: what the audit log says
    role may = role::read;
    std::string path;  ///< holds the token alone; white space behind it does not count
};

struct caller {
    std::string name;
    role may = role::read;
};

/// The tokens that hold now. Any thread; keeps their SHA-256 only, and compares in constant time.
class token_table {
public:
    /// Reads every file. A file that is missing, empty, shorter than 16 octets, open to everybody or no token, and two
    /// equal tokens: false with `why`, a sentence that names the file and never the token; what held before still
    /// holds.
    [[nodiscard]] bool load(const std::vector<token_file>&, std::string& why);
    /// From now on those of the other table.
    void adopt(const token_table& other);
    /// Nothing: no token, or none of these.
    [[nodiscard]] std::optional<caller> find(const request&) const;
    [[nodiscard]] std::size_t size() const;

private:
    struct entry {
        std::array<std::uint8_t, 32> digest{};
        caller who;
    };
    [[nodiscard]] std::shared_ptr<const std::vector<entry>> current() const;

    mutable std::mutex swapping_;
    std::shared_ptr<const std::vector<entry>> entries_ = std::make_shared<std::vector<entry>>();
};

}  // namespace ota::http
