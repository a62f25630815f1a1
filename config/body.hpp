#pragma once

#include "config/settings.hpp"

#include <set>

/// What is behind a node. Seen only inside this room.
namespace ota::config {

/// The file that a tree came from.
struct source {
    std::string name;    ///< as faults tell it
    std::string folder;  ///< relative references start here
    faults* told = nullptr;
    bool literal = false;  ///< references stand for themselves
};

struct node::body {
    enum class form : std::uint8_t { absent, scalar, sequence, map };
    form is = form::absent;
    std::string text;  ///< of a scalar, as written
    int line = 0;
    std::string path;
    std::shared_ptr<const source> from;
    std::vector<std::pair<std::string, node>> children;  ///< of a map; of a sequence, without names
    std::set<std::string, std::less<>> asked;            ///< keys that a reader knows, present or not
};

/// A value as used: the text, with every `${env:..}` and `${file:..}` replaced.
struct resolved {
    std::string text;
    std::string trouble;  ///< not empty: why it could not be resolved
};
/// Replaces the references in a value. `secret`: a file that everybody may read is trouble.
[[nodiscard]] resolved resolve(std::string_view text, const std::string& folder, bool secret);
/// The whole text is one reference.
[[nodiscard]] bool is_reference(std::string_view text) noexcept;
[[nodiscard]] bool has_reference(std::string_view text) noexcept;

/// The nearest of the known words, when it is near enough to be meant; else empty.
[[nodiscard]] std::string_view nearest(std::string_view word, const std::vector<std::string_view>& known);

}  // namespace ota::config
