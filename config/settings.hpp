#pragma once

#include "secure-channel/wire/result.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Settings as a tree that knows its lines. Readers collect every fault; nothing stops at the first.
namespace ota::config {

struct fault {
    enum class severity : std::uint8_t { error, warning };
    severity is = severity::error;
    std::string file;
    int line = 0;      ///< from 1; 0 when it concerns the whole file
    std::string path;  ///< "routes[0].window"
    std::string what;  ///< a sentence that says what to do; never a secret's value
};
[[nodiscard]] std::string to_string(const fault&);  ///< "file:line: error: path: what"

class faults {
public:
    void add(fault f) { list_.push_back(std::move(f)); }
    [[nodiscard]] const std::vector<fault>& list() const noexcept { return list_; }
    [[nodiscard]] bool any_error() const noexcept;

private:
    std::vector<fault> list_;
};

/// One node of the settings tree. Cheap to copy. Every reader below marks its key as known; `finish` reports the others
/// ("unknown setting, did you mean ..").
class node {
public:
    node();
    node(const node&);
    node& operator=(const node&);
    ~node();

    [[nodiscard]] bool exists() const noexcept;
    [[nodiscard]] int line() const noexcept;
    [[nodiscard]] const std::string& path() const noexcept;
    /// Folder of the file that it stands in: relative file names start here. Empty: the current one.
    [[nodiscard]] std::string folder() const;

    /// Child of a map; a node that does not exist when absent.
    [[nodiscard]] node at(std::string_view key) const;
    /// Elements of a sequence; a fault when it is something else.
    [[nodiscard]] std::vector<node> items() const;
    /// Entries of a map, in file order.
    [[nodiscard]] std::vector<std::pair<std::string, node>> entries() const;

    /// This node's own value when it is a single one; a fault when it is a map or a list.
    [[nodiscard]] std::optional<std::string> scalar() const;

    /// Value of child `key`, or the default when absent; a fault (and the default) when it is of another form.
    [[nodiscard]] std::string text(std::string_view key, std::string_view otherwise) const;
    [[nodiscard]] std::string required_text(std::string_view key) const;
    [[nodiscard]] std::int64_t integer(std::string_view key, std::int64_t otherwise, std::int64_t low,
                                       std::int64_t high) const;
    [[nodiscard]] double number(std::string_view key, double otherwise, double low, double high) const;
    [[nodiscard]] bool flag(std::string_view key, bool otherwise) const;
    /// "250ms", "30s", "15m", "12h", "7d"
    [[nodiscard]] std::chrono::milliseconds duration(std::string_view key, std::chrono::milliseconds otherwise) const;
    [[nodiscard]] std::vector<std::string> texts(std::string_view key) const;
    /// One of the choices, by index; a fault names them all.
    [[nodiscard]] std::size_t choice(std::string_view key, const std::vector<std::string_view>& choices,
                                     std::size_t otherwise) const;
    /// Only by reference: `${file:/run/secrets/x}` (trailing newline removed; a world-readable file is a fault) or
    /// `${env:NAME}`. A literal is a fault that does not repeat it.
    [[nodiscard]] std::string secret(std::string_view key) const;

    void complain(std::string what, fault::severity = fault::severity::error) const;
    /// Reports every key of this map that nobody asked for.
    void finish() const;

private:
    friend class document;
    struct body;
    std::shared_ptr<body> body_;
};

/// What becomes of `${env:..}` and `${file:..}` in values.
enum class references : std::uint8_t {
    replaced,
    literal,  ///< of a document from elsewhere: it shall not reach for our files
};

/// A loaded YAML file (plain YAML: no aliases, no merge keys, no key twice), with `${env:..}` and `${file:..}` resolved
/// where they stand in non-secret values too.
class document {
public:
    /// A file that cannot be read or is no YAML is one fault and an empty root. The faults must outlive every node.
    /// Relative paths in `${file:..}` start at the file's own folder.
    [[nodiscard]] static document load(const std::string& file, faults&);
    [[nodiscard]] static document parse(std::string_view yaml, const std::string& name, faults&,
                                        references = references::replaced);
    [[nodiscard]] node root() const;

private:
    class builder;
    node root_;
};

}  // namespace ota::config
