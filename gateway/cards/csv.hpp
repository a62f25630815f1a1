#pragma once

#include <istream>
#include <string>
#include <string_view>
#include <vector>

namespace ota::cards {

/// Reads comma-separated text line by line. A field may stand in double quotes, with "" for one quote; it never goes
/// over the end of its line. CRLF, a byte order mark and empty lines are taken as they come.
class csv_reader {
public:
    explicit csv_reader(std::istream& in) : in_(in) {}

    enum class outcome { line, malformed, end };
    /// The next line that is not empty. Malformed: a quote is not closed, or text follows a closing one.
    [[nodiscard]] outcome next();
    /// Reads over lines up to and including this one.
    void skip_to(std::size_t line);

    [[nodiscard]] std::size_t line() const noexcept { return line_; }  ///< from 1
    [[nodiscard]] const std::vector<std::string>& fields() const noexcept { return fields_; }
    /// Overwrites what the last lines left in memory: it held keys.
    void wipe() noexcept;

private:
    [[nodiscard]] bool read_line();
    [[nodiscard]] bool split();

    std::istream& in_;
    std::string text_;
    std::vector<std::string> fields_;
    std::size_t line_ = 0;
};

}  // namespace ota::cards
