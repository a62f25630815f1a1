#include "gateway/api/body.hpp"
#include "gateway/api/calls.hpp"
#include "gateway/api/failure.hpp"
#include "gateway/cards/import_row.hpp"
#include "gateway/cards/json.hpp"
#include "gateway/cards/operate.hpp"
#include "gateway/cards/show.hpp"

#include <boost/json/object.hpp>

namespace ota::api {

namespace {

using deed_of_card = wire::result<void> (*)(const cards::desk&, const std::string& iccid);

/// Does it, and answers the card as it is then.
http::response perform(const cards::desk& d, deed_of_card does, const call& c) {
    if (const auto done = does(d, c.parameter(0)); !done) return failure(done.error());
    const auto now = cards::look_up(d, c.parameter(0));
    return now ? json(cards::serialize_sheet(now.value())) : failure(now.error());
}

void put_list(cards::json_writer& j, std::string_view name, const std::vector<std::string>& texts) {
    j.name(name).open('[');
    for (const auto& text : texts) j.text(text);
    j.close(']');
}

http::response replace(const cards::desk& d, const call& c) {
    const auto body = object_of(c.asked.body);
    if (!body) return not_an_object();
    const auto by = text_member(*body, "by");
    const auto iccid = by ? cards::iccid_of(*by) : std::nullopt;
    if (!iccid) return http::problem(400, "by is the ICCID of the new card, 18 to 20 digits");
    const auto carry_over = flag_member(*body, "carry_over", false);
    if (!carry_over) return http::problem(400, "carry_over is true or false");
    const auto did = cards::replace(d, c.parameter(0), *iccid, *carry_over);
    if (!did) return failure(did.error());
    cards::json_writer j;
    j.open('{').number("ended", static_cast<std::int64_t>(did.value().ended));
    put_list(j, "carried", did.value().carried);
    put_list(j, "left", did.value().left);
    if (!did.value().number.empty()) j.text("number", did.value().number);
    return json(j.close('}').str());
}

http::response erase(const cards::desk& d, const call& c) {
    const auto ended = cards::erase(d, c.parameter(0));
    if (!ended) return failure(ended.error());
    cards::json_writer j;
    return json(j.open('{').number("ended", static_cast<std::int64_t>(ended.value())).close('}').str());
}

}  // namespace

void add_card_deeds(book& to, const cards::desk& d) {
    using http::role;
    to.add("POST", "/api/v1/cards/{iccid}/suspend", role::operate,
           [&d](const call& c) { return perform(d, cards::suspend, c); });
    to.add("POST", "/api/v1/cards/{iccid}/resume", role::operate,
           [&d](const call& c) { return perform(d, cards::resume, c); });
    to.add("POST", "/api/v1/cards/{iccid}/repair", role::operate,
           [&d](const call& c) { return perform(d, cards::repair, c); });
    to.add("POST", "/api/v1/cards/{iccid}/replace", role::operate, [&d](const call& c) { return replace(d, c); });
    to.add("POST", "/api/v1/cards/{iccid}/erase", role::operate, [&d](const call& c) { return erase(d, c); });
}

}  // namespace ota::api
