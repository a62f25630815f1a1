#pragma once

#include "gateway/store/store.hpp"

struct pg_result;

/// Values on their way to and from the server, in its binary format.
namespace ota::store::postgres {

/// Milliseconds since 1970 in UTC, the only form of time in the tables.
[[nodiscard]] inline std::int64_t stamp(wall_time t) noexcept { return t.time_since_epoch().count(); }
[[nodiscard]] inline std::optional<std::int64_t> stamp(const std::optional<wall_time>& t) noexcept {
    return t ? std::optional(stamp(*t)) : std::nullopt;
}
[[nodiscard]] inline wall_time time_of(std::int64_t stamp) noexcept {
    return wall_time(std::chrono::milliseconds(stamp));
}

/// A one-dimensional array.
///     | dimensions 1 | has nulls | element type | elements | lower bound 1 | { length, value } .. |
///     |      4       |     4     |      4       |    4     |       4       |                      |
class array {
public:
    [[nodiscard]] static array of_integers() { return array(20); }   ///< bigint[]
    [[nodiscard]] static array of_octets() { return array(17); }     ///< bytea[]
    [[nodiscard]] static array of_digests() { return array(2950); }  ///< uuid[]
    [[nodiscard]] static array of(std::span<const std::int64_t>);

    void add(std::int64_t);
    void add(const std::optional<std::int64_t>&);
    void add(std::string_view octets);
    void add(wire::octet_view octets) { add(wire::as_text(octets)); }
    /// The array's octets, closed.
    [[nodiscard]] std::string take() &&;

private:
    explicit array(std::uint32_t element_type);
    std::string out_;
    std::uint32_t count_ = 0;
    bool nulls_ = false;
};

/// What a prepared statement is given, by position.
class parameters {
public:
    parameters() = default;
    template <class... Values>
    [[nodiscard]] static parameters of(Values&&... values) {
        parameters p;
        (p.add(std::forward<Values>(values)), ...);
        return p;
    }
    void add(std::int64_t);  ///< bigint
    void add(std::string_view octets) { values_.emplace_back(octets); }
    void add(wire::octet_view octets) { add(wire::as_text(octets)); }
    void add(array&& a) { values_.push_back(std::move(a).take()); }
    [[nodiscard]] const std::vector<std::string>& values() const noexcept { return values_; }

private:
    std::vector<std::string> values_;
};

/// Rows for COPY in binary format.
///     | signature 11 | flags 4 | extension 4 | { columns 2, { length 4, value } .. } .. | -1 |
class copied_rows {
public:
    explicit copied_rows(std::uint16_t columns);
    void begin_row();
    void add(std::int64_t);  ///< bigint
    void add(const std::optional<std::int64_t>&);
    void small(std::uint8_t);  ///< smallint
    void add(std::string_view octets);
    void add(wire::octet_view octets) { add(wire::as_text(octets)); }
    [[nodiscard]] std::string take() &&;
    [[nodiscard]] bool empty() const noexcept { return rows_ == 0; }

private:
    std::string out_;
    std::uint16_t columns_;
    std::size_t rows_ = 0;
};

/// An answer of the server. Empty (`none`) when there was none.
class rows {
public:
    rows() = default;
    explicit rows(pg_result* of) : r_(of) {}

    [[nodiscard]] bool none() const noexcept { return r_ == nullptr; }
    [[nodiscard]] std::size_t size() const noexcept;
    [[nodiscard]] bool null(std::size_t row, int column) const noexcept;
    /// smallint, integer or bigint.
    [[nodiscard]] std::int64_t integer(std::size_t row, int column) const noexcept;
    [[nodiscard]] std::string_view view(std::size_t row, int column) const noexcept;  ///< lives as long as this
    [[nodiscard]] std::string text(std::size_t row, int column) const { return std::string(view(row, column)); }
    [[nodiscard]] wire::octets octets(std::size_t row, int column) const;
    /// Rows that the statement wrote.
    [[nodiscard]] std::int64_t affected() const noexcept;
    [[nodiscard]] pg_result* raw() const noexcept { return r_.get(); }

private:
    struct freed {
        void operator()(pg_result*) const noexcept;
    };
    std::unique_ptr<pg_result, freed> r_;
};

}  // namespace ota::store::postgres
