#pragma once

#include "gateway/api/book.hpp"
#include "gateway/cards/json.hpp"

namespace ota::api {

/// `{"items":[..],"next":".."}`.
class json_list {
public:
    json_list() { j_.open('{').name("items").open('['); }
    cards::json_writer& item() { return j_; }
    /// `next`: empty at the end of the list.
    [[nodiscard]] http::response answer(std::string_view next) {
        j_.close(']');
        if (!next.empty()) j_.text("next", next);
        return json(j_.close('}').str());
    }

private:
    cards::json_writer j_;
};

}  // namespace ota::api
