#include "gateway/api/failure.hpp"

#include "gateway/cards/errc.hpp"
#include "gateway/store/store.hpp"

namespace ota::api {

namespace {

unsigned status_of(cards::errc e) noexcept {
    switch (e) {
        case cards::errc::unknown_card: return 404;
        case cards::errc::card_is_replaced:
        case cards::errc::card_is_erased:
        case cards::errc::not_suspended:
        case cards::errc::same_card:
        case cards::errc::no_number:
        case cards::errc::no_account: return 409;
        case cards::errc::bad_label: return 400;
        default: return 500;
    }
}

bool is_passing(std::error_code e) {
    using store::errc;
    for (const auto one : {errc::busy, errc::conflict, errc::duplicate, errc::unreachable, errc::fenced,
                           errc::unresolved, errc::full, errc::io}) {
        if (e == one) return true;
    }
    return false;
}

}  // namespace

http::response unavailable(std::string_view detail) {
    auto out = http::problem(503, detail);
    out.headers.emplace_back("Retry-After", "5");
    return out;
}

http::response failure(std::error_code e) {
    if (e.category() == cards::category())
        return http::problem(status_of(static_cast<cards::errc>(e.value())), e.message());
    if (is_passing(e)) return unavailable("the store cannot do this now: " + e.message());
    return http::problem(500, e.message());
}

}  // namespace ota::api
