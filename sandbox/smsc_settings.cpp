#include "sandbox/smsc_settings.hpp"

#include <array>
#include <utility>

namespace ota::sandbox {

namespace {

template <class Form, std::size_t N>
std::optional<Form> named(const std::array<std::pair<std::string_view, Form>, N>& names,
                          std::string_view name) noexcept {
    for (const auto& [known, form] : names)
        if (known == name) return form;
    return std::nullopt;
}

constexpr std::array<std::pair<std::string_view, id_form>, 7> id_forms{{{"decimal", id_form::decimal},
                                                                        {"hex", id_form::hexadecimal},
                                                                        {"padded", id_form::padded},
                                                                        {"uuid", id_form::uuid},
                                                                        {"hex-then-decimal", id_form::hex_then_decimal},
                                                                        {"decimal-then-hex", id_form::decimal_then_hex},
                                                                        {"empty", id_form::empty}}};

constexpr std::array<std::pair<std::string_view, report_form>, 6> report_forms{
    {{"deliver-sm", report_form::deliver_sm},
     {"message-payload", report_form::message_payload},
     {"data-sm", report_form::data_sm},
     {"receipt", report_form::receipt},
     {"dropped", report_form::dropped},
     {"any", report_form::any}}};

}  // namespace

std::optional<id_form> id_form_named(std::string_view name) noexcept { return named(id_forms, name); }
std::optional<report_form> report_form_named(std::string_view name) noexcept { return named(report_forms, name); }

}  // namespace ota::sandbox
