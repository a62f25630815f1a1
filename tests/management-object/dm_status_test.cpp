#include "management-object/dm_status.hpp"

#include "management-object/fault.hpp"

#include <gtest/gtest.h>

using namespace ota::management_object;

TEST(dm_status, every_error_of_a_document_has_an_answer) {
    EXPECT_EQ(status_for(make_error_code(dm_status::not_found)), dm_status::not_found);
    EXPECT_EQ(status_for(document_errc::bad_value), dm_status::bad_request);
    EXPECT_EQ(status_for(document_errc::too_large), dm_status::request_entity_too_large);
    EXPECT_EQ(status_for(document_errc::unknown_document), dm_status::unsupported_media_type_or_format);
    EXPECT_EQ(status_for(fault{document_errc::too_deep, 7}), dm_status::uri_too_long);
    EXPECT_EQ(status_for(std::make_error_code(std::errc::io_error)), dm_status::command_failed);
    EXPECT_EQ(status_for({}), dm_status::ok);
    EXPECT_TRUE(is_success(dm_status::authentication_accepted));
    EXPECT_FALSE(is_success(dm_status::not_modified));
}

TEST(dm_status, every_code_and_every_document_error_has_a_sentence) {
    for (const int code : {200, 202, 212, 213, 214, 215, 216, 304, 400, 401, 403, 404, 405, 406, 407, 408, 412,
                           413, 414, 415, 416, 418, 420, 424, 425, 500, 501, 503, 506, 507, 508, 510, 516, 517})
        EXPECT_EQ(dm_status_category().message(code).find("DM status"), std::string::npos) << code;
    EXPECT_EQ(dm_status_category().message(299), "DM status 299");
    for (int code = 1; code <= static_cast<int>(document_errc::other_structure); ++code)
        EXPECT_NE(document_category().message(code), "unknown document error") << code;
}
