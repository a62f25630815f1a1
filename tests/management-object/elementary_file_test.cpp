#include "management-object/elementary_file.hpp"

#include <gtest/gtest.h>

using namespace ota;
using namespace ota::management_object;

namespace {

std::string text(file_form form, std::size_t size, std::string_view value, std::string_view format = "chr",
                 std::string_view type = "") {
    auto image = make_image({form, size, format, type, false, value});
    return image ? wire::to_hex(image.value()) : image.error().message();
}

std::string json(file_form form, std::size_t size, std::string_view value) {
    auto image = make_image({form, size, "", "", true, value});
    return image ? wire::to_hex(image.value()) : image.error().message();
}

std::error_code failure(file_form form, std::size_t size, std::string_view value) {
    auto image = make_image({form, size, "", "", true, value});
    return image ? std::error_code() : image.error();
}

}  // namespace

TEST(elementary_file, knows_its_forms_by_name) {
    EXPECT_EQ(form_named("spn"), file_form::spn);
    EXPECT_EQ(form_named("oplmn_wact"), file_form::oplmn_wact);
    EXPECT_EQ(form_named("plmn_list"), file_form::plmn_list);
    EXPECT_EQ(form_named("smsp"), file_form::smsp);
    EXPECT_EQ(form_named("raw"), file_form::raw);
    EXPECT_EQ(form_named("text_utf8"), file_form::text_utf8);
    EXPECT_EQ(form_named("SPN"), std::nullopt);
}

TEST(elementary_file, makes_raw_images_from_base64_and_hexadecimal) {
    EXPECT_EQ(text(file_form::raw, 4, "AQID", "bin"), "010203ff");
    EXPECT_EQ(text(file_form::raw, 4, "AQI=", ""), "0102ffff");
    EXPECT_EQ(text(file_form::raw, 4, "AQ==", "b64"), "01ffffff");
    EXPECT_EQ(text(file_form::raw, 4, "0aFF", "chr", "application/x-hex"), "0affffff");
    EXPECT_EQ(json(file_form::raw, 2, "\"AQI=\""), "0102");
}

TEST(elementary_file, refuses_raw_values_of_another_form) {
    for (const auto* bad : {"AQI", "AQI*", "A===", "AR==", "AQJ=", "=AQI", "AQ=I", "AQ ="}) {
        EXPECT_EQ(text(file_form::raw, 4, bad, "bin"), "the value does not have the form that the file wants") << bad;
    }
    EXPECT_EQ(text(file_form::raw, 4, "0a0", "", "application/x-hex"),
              "the value does not have the form that the file wants");
    EXPECT_EQ(text(file_form::raw, 1, "AQI=", "bin"), "the value does not fit the file");
    EXPECT_EQ(text(file_form::raw, 4, "hello", "chr"), "the node's format or type does not suit the file");
    EXPECT_EQ(text(file_form::raw, 4, "", "bin"), "the value, or a required member of it, is missing");
    EXPECT_EQ(json(file_form::raw, 4, "[1]"), "the value does not have the form that the file wants");
}

TEST(elementary_file, makes_a_service_provider_name) {
    EXPECT_EQ(text(file_form::spn, 17, "Operator"), "004f70657261746f72ffffffffffffffff");
    EXPECT_EQ(json(file_form::spn, 17, "\"Operator\""), "004f70657261746f72ffffffffffffffff");
    EXPECT_EQ(json(file_form::spn, 17, R"({"name": "Operator", "display": 1})"), "014f70657261746f72ffffffffffffffff");
    EXPECT_EQ(text(file_form::spn, 17, "Связь"),
              "0080042104320"
              "44f0437044cffffffffff");
    EXPECT_EQ(json(file_form::spn, 17, R"("{x}")"), "001b28781b29ffffffffffffffffffffff");
    EXPECT_EQ(json(file_form::spn, 4, R"({"name": ""})"), "00ffffff");
}

TEST(elementary_file, refuses_a_service_provider_name_that_does_not_fit_or_is_malformed) {
    EXPECT_EQ(text(file_form::spn, 17, "seventeen letters"), "the value does not fit the file");
    EXPECT_EQ(text(file_form::spn, 17, "Восемь88"), "the value does not fit the file");
    for (const auto* bad : {R"({"name": 1})", R"({"name": "x", "display": 4})", R"({"name": "x", "display": 1.5})",
                            R"({"name": "x", "display": "1"})", R"({"name": "x", "more": 1})", "[]", "1", "{", ""}) {
        EXPECT_TRUE(failure(file_form::spn, 17, bad)) << bad;
    }
    EXPECT_EQ(failure(file_form::spn, 17, R"({"display": 1})"), errc::value_missing);
    EXPECT_EQ(text(file_form::spn, 17, "T3BlcmF0b3I=", "bin"), "the node's format or type does not suit the file");
}

// TS 31.102, 4.2.53: each entry the PLMN and the access technologies; unused entries FF.
TEST(elementary_file, makes_an_operator_controlled_plmn_selector) {
    EXPECT_EQ(json(file_form::oplmn_wact, 15, R"([{"plmn": "26201", "act": ["utran", "eutran", "gsm", "ngran"]},
                                                  {"plmn": "310410", "act": ["eutran"]}])"),
              "62f210c880"
              "1300144000"
              "ffffffffff");
    EXPECT_EQ(json(file_form::oplmn_wact, 5, R"([{"plmn": "26201", "act": []}])"), "62f2100000");
    EXPECT_EQ(json(file_form::oplmn_wact, 5, R"([{"plmn": "26201", "act": ["gsm"]}])"), "62f2100080");
    EXPECT_EQ(json(file_form::oplmn_wact, 5, R"([{"plmn": "26201", "act": ["utran"]}])"), "62f2108000");
    EXPECT_EQ(json(file_form::oplmn_wact, 5, R"([{"plmn": "26201", "act": ["ngran"]}])"), "62f2100800");
    EXPECT_EQ(json(file_form::oplmn_wact, 10, "[]"), "ffffffffffffffffffff");
}

TEST(elementary_file, refuses_plmn_entries_that_are_malformed_or_too_many) {
    for (const auto* bad : {R"([{"plmn": "2620", "act": []}])", R"([{"plmn": "2620100", "act": []}])",
                            R"([{"plmn": "2620a", "act": []}])", R"([{"plmn": 26201, "act": []}])",
                            R"([{"plmn": "26201", "act": ["5g"]}])", R"([{"plmn": "26201", "act": "gsm"}])",
                            R"([{"plmn": "26201", "act": [], "x": 1}])", R"({"plmn": "26201"})", R"(["26201"])"}) {
        EXPECT_EQ(failure(file_form::oplmn_wact, 50, bad), errc::value_malformed) << bad;
    }
    EXPECT_EQ(failure(file_form::oplmn_wact, 50, R"([{"plmn": "26201"}])"), errc::value_missing);
    EXPECT_EQ(failure(file_form::oplmn_wact, 4, R"([{"plmn": "26201", "act": []}])"), errc::value_too_long);
}

TEST(elementary_file, makes_a_list_of_forbidden_plmns) {
    EXPECT_EQ(json(file_form::plmn_list, 12, R"(["26202", "310410"])"), "62f220130014ffffffffffff");
    EXPECT_EQ(json(file_form::plmn_list, 3, "[]"), "ffffff");
    EXPECT_EQ(failure(file_form::plmn_list, 3, R"(["26202", "26203"])"), errc::value_too_long);
    EXPECT_EQ(failure(file_form::plmn_list, 3, R"(["262-2"])"), errc::value_malformed);
    EXPECT_EQ(failure(file_form::plmn_list, 3, R"("26202")"), errc::value_malformed);
}

// TS 31.102, 4.2.27: name, parameter indicators, destination, service centre, PID, DCS, VP.
TEST(elementary_file, makes_short_message_parameters) {
    const std::string absent(24, 'f');
    EXPECT_EQ(json(file_form::smsp, 32,
                   R"({"alpha": "SMS", "service_centre": "+491710760000", "pid": 0, "dcs": 0, "validity": 167})"),
              "534d53ff"
              "e1" +
                  absent +
                  "07919471016700"
                  "00ffffffff"
                  "00"
                  "00"
                  "a7");
    EXPECT_EQ(json(file_form::smsp, 28, R"({"service_centre": "12345"})"), "fd" + absent +
                                                                               "04812143f5"
                                                                               "ffffffffffffff"
                                                                               "ffffff");
    EXPECT_EQ(json(file_form::smsp, 28, R"({"validity": 255})"), "ef" + absent + absent + "ffffff");
    EXPECT_EQ(json(file_form::smsp, 28, "{}"), "ff" + absent + absent + "ffffff");
}

TEST(elementary_file, refuses_short_message_parameters_that_are_malformed_or_too_long) {
    for (const auto* bad :
         {R"({"service_centre": ""})", R"({"service_centre": "+"})", R"({"service_centre": "49-171"})",
          R"({"service_centre": 49171})", R"({"pid": 256})", R"({"dcs": -1})", R"({"validity": "1"})", R"({"vp": 1})",
          R"({"alpha": 1})", "[]", "\"x\""}) {
        EXPECT_EQ(failure(file_form::smsp, 40, bad), errc::value_malformed) << bad;
    }
    EXPECT_EQ(failure(file_form::smsp, 40, R"({"service_centre": "+123456789012345678901"})"), errc::value_too_long);
    EXPECT_EQ(failure(file_form::smsp, 28, R"({"alpha": "x"})"), errc::value_too_long);
    EXPECT_EQ(failure(file_form::smsp, 27, "{}"), errc::value_too_long);
}

TEST(elementary_file, makes_a_text_in_utf8) {
    EXPECT_EQ(text(file_form::text_utf8, 4, "hé"), "68c3a9ff");
    EXPECT_EQ(json(file_form::text_utf8, 3, R"("h\u00e9")"), "68c3a9");
    EXPECT_EQ(text(file_form::text_utf8, 4, "\xC3"), "the value does not have the form that the file wants");
    EXPECT_EQ(text(file_form::text_utf8, 1, "hé"), "the value does not fit the file");
}

TEST(elementary_file, refuses_json_that_is_nested_without_end) {
    EXPECT_EQ(failure(file_form::plmn_list, 3, std::string(100'000, '[')), errc::value_malformed);
}
