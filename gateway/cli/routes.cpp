#include "gateway/cli/routes.hpp"

namespace ota::cli {

namespace {

smpp::id_base base_of(message_id_form form) {
    switch (form) {
        case message_id_form::hex: return smpp::id_base::hexadecimal;
        case message_id_form::decimal: return smpp::id_base::decimal;
        default: return smpp::id_base::as_is;
    }
}

smpp::validity_form form_of(validity_form form) {
    switch (form) {
        case validity_form::none: return smpp::validity_form::none;
        case validity_form::absolute: return smpp::validity_form::absolute;
        case validity_form::relative: return smpp::validity_form::relative;
    }
    return smpp::validity_form::relative;
}

smpp::status_class class_of(vendor_status status) {
    switch (status) {
        case vendor_status::throttle: return smpp::status_class::throttle;
        case vendor_status::temporary: return smpp::status_class::temporary;
        case vendor_status::session: return smpp::status_class::session;
        case vendor_status::permanent: break;
    }
    return smpp::status_class::permanent;
}

smpp::route_settings route_of(const route_settings& r) {
    smpp::route_settings out;
    out.name = r.name;
    out.host = r.host;
    out.port = r.port;
    out.system_id = r.system_id;
    out.password = r.password;
    out.system_type = r.system_type;
    out.mode = r.mode == bind_mode::split ? smpp::bind_mode::transmitter_receiver : smpp::bind_mode::transceiver;
    out.binds = r.binds;
    out.window = r.window;
    out.tls = {r.tls.enabled, r.tls.ca_file, r.tls.verify, r.tls.server_name};
    out.source = {r.source_ton, r.source_npi, r.source_address};
    out.destination_ton = r.destination_ton;
    out.destination_npi = r.destination_npi;
    out.service_type = r.service_type;
    out.esm_class = r.esm_class;
    out.protocol_id = r.protocol_id;
    out.data_coding = r.data_coding;
    out.registered_delivery = r.registered_delivery;
    out.prefixes = r.prefixes;
    out.priority = r.priority;
    out.rate_in_segments_per_s = r.rate;
    out.ids.in_response = base_of(r.submit_id_form);
    out.ids.in_receipt = base_of(r.receipt_id_form);
    const auto either = [&](message_id_form f) { return r.submit_id_form == f || r.receipt_id_form == f; };
    out.ids.strip_zeros = either(message_id_form::strip_zeros);
    out.ids.fold_case = either(message_id_form::case_fold);
    out.validity = form_of(r.validity);
    out.validity_maximum = std::chrono::floor<std::chrono::seconds>(r.validity_maximum);
    for (const auto& [code, status] : r.vendor_statuses) out.vendor_statuses[code] = class_of(status);
    out.connect_timeout = r.connect_timeout;
    out.response_timeout = r.response_timeout;
    out.enquire_interval = r.enquire_link;
    out.reconnect_minimum = r.reconnect_min;
    out.reconnect_maximum = r.reconnect_max;
    return out;
}

}  // namespace

smpp::client_settings client_settings_of(const std::vector<route_settings>& routes) {
    smpp::client_settings out;
    for (const auto& r : routes) out.routes.push_back(route_of(r));
    return out;
}

}  // namespace ota::cli
