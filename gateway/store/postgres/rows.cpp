#include "gateway/store/postgres/rows.hpp"

#include <libpq-fe.h>

#include <charconv>

namespace ota::store::postgres {

namespace {

/// Most significant octet first, as everything on this wire.
void put(std::string& out, std::uint64_t value, std::size_t octets) {
    char big_endian[8];
    for (std::size_t i = octets; i-- > 0; value >>= 8) big_endian[i] = static_cast<char>(value);
    out.append(big_endian, octets);
}

void set32(std::string& out, std::size_t at, std::uint32_t value) {
    for (std::size_t i = 0; i < 4; ++i) out[at + i] = static_cast<char>(value >> (24 - 8 * i));
}

void put_octets(std::string& out, std::string_view octets) {
    put(out, octets.size(), 4);
    out.append(octets);
}

void put_integer(std::string& out, std::int64_t value) {
    put(out, 8, 4);
    put(out, static_cast<std::uint64_t>(value), 8);
}

constexpr std::uint64_t null_length = 0xFFFFFFFF;

}  // namespace

array::array(std::uint32_t element_type) {
    put(out_, 1, 4);
    put(out_, 0, 4);
    put(out_, element_type, 4);
    put(out_, 0, 4);
    put(out_, 1, 4);
}

array array::of(std::span<const std::int64_t> values) {
    auto a = of_integers();
    for (const auto v : values) a.add(v);
    return a;
}

void array::add(std::int64_t value) {
    ++count_;
    put_integer(out_, value);
}

void array::add(const std::optional<std::int64_t>& value) {
    if (value) return add(*value);
    ++count_;
    nulls_ = true;
    put(out_, null_length, 4);
}

void array::add(std::string_view octets) {
    ++count_;
    put_octets(out_, octets);
}

std::string array::take() && {
    set32(out_, 4, nulls_ ? 1 : 0);
    set32(out_, 12, count_);
    return std::move(out_);
}

void parameters::add(std::int64_t value) {
    std::string out;
    put(out, static_cast<std::uint64_t>(value), 8);
    values_.push_back(std::move(out));
}

copied_rows::copied_rows(std::uint16_t columns) : columns_(columns) {
    out_.append("PGCOPY\n\377\r\n\0", 11);
    put(out_, 0, 8);
}

void copied_rows::begin_row() {
    ++rows_;
    put(out_, columns_, 2);
}

void copied_rows::add(std::int64_t value) { put_integer(out_, value); }

void copied_rows::add(const std::optional<std::int64_t>& value) {
    if (value) return add(*value);
    put(out_, null_length, 4);
}

void copied_rows::small(std::uint8_t value) {
    put(out_, 2, 4);
    put(out_, value, 2);
}

void copied_rows::add(std::string_view octets) { put_octets(out_, octets); }

std::string copied_rows::take() && {
    put(out_, 0xFFFF, 2);
    return std::move(out_);
}

void rows::freed::operator()(pg_result* r) const noexcept { PQclear(r); }

std::size_t rows::size() const noexcept { return static_cast<std::size_t>(PQntuples(r_.get())); }

bool rows::null(std::size_t row, int column) const noexcept {
    return PQgetisnull(r_.get(), static_cast<int>(row), column) != 0;
}

std::string_view rows::view(std::size_t row, int column) const noexcept {
    const auto at = static_cast<int>(row);
    return {PQgetvalue(r_.get(), at, column), static_cast<std::size_t>(PQgetlength(r_.get(), at, column))};
}

std::int64_t rows::integer(std::size_t row, int column) const noexcept {
    const auto octets = view(row, column);
    if (octets.empty()) return 0;
    // The first octet carries the sign, whatever the width.
    std::int64_t value = static_cast<signed char>(octets.front());
    for (const char c : octets.substr(1)) value = value * 256 + static_cast<unsigned char>(c);
    return value;
}

wire::octets rows::octets(std::size_t row, int column) const {
    const auto v = wire::as_octets(view(row, column));
    return {v.begin(), v.end()};
}

std::int64_t rows::affected() const noexcept {
    const std::string_view digits = PQcmdTuples(r_.get());
    std::int64_t n = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), n);
    return n;
}

}  // namespace ota::store::postgres
