#pragma once

#include "gateway/store/store.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

/// What every implementation of the store keeps. An implementation joins by instantiating `store_conformance` with a
/// `store_under_test`; the cases are in conformance_*.cpp.
namespace ota::store {

/// A place where one store lives, empty at first, opened as often as a test likes (one at a time).
class home {
public:
    virtual ~home() = default;
    [[nodiscard]] virtual wire::result<std::unique_ptr<store>> open() = 0;
};

struct store_under_test {
    std::string name;
    std::function<std::unique_ptr<home>()> make_home;
};
inline void PrintTo(const store_under_test& of, std::ostream* out) { *out << of.name; }

inline wall_time at(std::int64_t milliseconds) { return wall_time(std::chrono::milliseconds(milliseconds)); }

/// The value, or a failure of the test that says why there is none.
template <class T>
T must(wire::result<T> r) {
    if (!r) throw std::runtime_error("store: " + r.error().message());
    if constexpr (!std::is_void_v<T>) return std::move(r).value();
}

/// The error of a call that should fail.
template <class T>
std::error_code error_of(const wire::result<T>& r) {
    return r ? std::error_code() : r.error();
}

card_row a_card(std::string iccid, std::string msisdn = {}, wall_time since = {});
event_row an_event(event_seq seq, std::string id, card_id card = 1);
wire::octets octets(std::string_view text);

class store_conformance : public testing::TestWithParam<store_under_test> {
protected:
    store_conformance() : home_(GetParam().make_home()), store_(must(home_->open())) {}

    [[nodiscard]] std::unique_ptr<transaction> begin() { return must(store_->begin()); }
    /// Runs the body in a transaction and commits it.
    template <class Body>
    void committed(Body&& body) {
        auto tx = begin();
        body(*tx);
        must(tx->commit());
    }
    card_row insert(card_row card);
    card_row card(card_id id);
    void reopen() {
        store_.reset();
        store_ = must(home_->open());
    }

    std::unique_ptr<home> home_;
    std::unique_ptr<store> store_;
};

}  // namespace ota::store
