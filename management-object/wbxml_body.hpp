#pragma once

#include "management-object/element.hpp"
#include "secure-channel/wire/octets.hpp"

#include <functional>
#include <string>
#include <vector>

namespace ota::management_object {

/// Writes the body of a WBXML document. How a text is written is the caller's: inline, or as a reference.
class wbxml_body {
public:
    using text_writer = std::function<void(wire::writer&, const element&)>;
    using literal_index = std::function<std::uint32_t(std::string_view)>;
    using text_rule = bool (*)(const element&);
    /// `literal` gives the place in the string table of a name that no code page has; `always_text` tells the elements
    /// whose text is written even when it is empty.
    wbxml_body(text_writer text, literal_index literal, text_rule always_text = nullptr)
        : text_(std::move(text)), literal_(std::move(literal)), always_text_(always_text) {}

    void write(const element&);
    [[nodiscard]] wire::octets take() { return out_.take(); }

private:
    wire::writer out_;
    std::uint8_t page_ = 0;
    text_writer text_;
    literal_index literal_;
    text_rule always_text_;
};

/// STR_I, or OPAQUE when the text is opaque or is none (NUL, not UTF-8).
void put_inline(wire::writer&, const element&);
/// The names that need a literal tag, each once, in document order.
[[nodiscard]] std::vector<std::string> literal_names(const element&);

}  // namespace ota::management_object
