#include "gateway/api/calls.hpp"
#include "gateway/api/failure.hpp"
#include "gateway/api/query.hpp"
#include "gateway/cards/tree_sheet.hpp"

namespace ota::api {

namespace {

http::response tree(const cards::desk& d, const call& c) {
    const auto with_secrets = flag_of(c, "protected");
    if (!with_secrets) return http::problem(400, "protected is true or false");
    if (*with_secrets && c.who.may < http::role::keys)
        return http::problem(403, "protected values need a token with the role keys");
    auto tree = cards::serialize_tree(d, c.parameter(0), *with_secrets);
    return tree ? json(std::move(tree.value())) : failure(tree.error());
}

}  // namespace

void add_nodes(book& to, const cards::desk& d) {
    to.add(
        "GET", "/api/v1/cards/{iccid}/nodes", http::role::read, [&d](const call& c) { return tree(d, c); },
        {"protected"}, [](const call& c) { return flag_of(c, "protected").value_or(false); });
}

}  // namespace ota::api
