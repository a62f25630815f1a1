#include "gateway/api/body.hpp"

#include "queue/json_members.hpp"

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>

namespace ota::api {

std::shared_ptr<const boost::json::object> object_of(std::string_view body) {
    if (body.find_first_not_of(" \t\r\n") == std::string_view::npos)
        return std::make_shared<const boost::json::object>();
    boost::system::error_code fault;
    auto value = boost::json::parse(body, fault);
    if (fault || !value.is_object() || queue::find_repeated_member(body, value)) return nullptr;
    return std::make_shared<const boost::json::object>(std::move(value.get_object()));
}

http::response not_an_object() { return http::problem(400, "the body is a JSON object without repeated members"); }

std::optional<std::string> text_member(const boost::json::object& from, std::string_view name) {
    const auto* found = from.if_contains(name);
    const auto* text = found == nullptr ? nullptr : found->if_string();
    return text == nullptr ? std::nullopt : std::optional<std::string>(std::string(*text));
}

std::optional<bool> flag_member(const boost::json::object& from, std::string_view name, bool absent) {
    const auto* found = from.if_contains(name);
    if (found == nullptr || found->is_null()) return absent;
    const auto* flag = found->if_bool();
    return flag == nullptr ? std::nullopt : std::optional<bool>(*flag);
}

}  // namespace ota::api
