#include "gateway/http/answer_reader.hpp"

#include <gtest/gtest.h>

namespace ota::http {
namespace {

const std::string chunked =
    "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: Chunked\r\n\r\n"
    "5\r\nhello\r\n1;x=y\r\n \r\nA\r\nworld\r\nof \r\n0\r\nTrailer: t\r\n\r\n";

TEST(answer_reader, reads_chunks_wherever_they_are_cut) {
    for (std::size_t cut = 0; cut <= chunked.size(); ++cut) {
        answer_reader reader;
        auto body = reader.take(std::string_view(chunked).substr(0, cut));
        ASSERT_TRUE(body) << cut;
        EXPECT_EQ(reader.complete(), cut == chunked.size());
        const auto rest = reader.take(std::string_view(chunked).substr(cut));
        ASSERT_TRUE(rest) << cut;
        EXPECT_EQ(*body + *rest, "hello world\r\nof ");
        EXPECT_TRUE(reader.complete());
        EXPECT_EQ(reader.status(), 200u);
        EXPECT_EQ(reader.header("content-type"), "text/event-stream");
    }
}

TEST(answer_reader, reads_chunks_octet_by_octet) {
    answer_reader reader;
    std::string body;
    for (const char c : chunked) body += reader.take({&c, 1}).value();
    EXPECT_EQ(body, "hello world\r\nof ");
    EXPECT_TRUE(reader.complete());
}

TEST(answer_reader, ends_after_the_length_that_was_told) {
    answer_reader reader;
    EXPECT_EQ(reader.take("HTTP/1.1 404 Not Found\r\nContent-Length: 3\r\n\r\nab"), "ab");
    EXPECT_FALSE(reader.complete());
    EXPECT_FALSE(reader.ends_here()) << "one octet is missing";
    EXPECT_EQ(reader.take("cd"), "c");
    EXPECT_TRUE(reader.complete());
    EXPECT_EQ(reader.status(), 404u);
}

TEST(answer_reader, goes_on_to_the_end_of_the_connection_without_a_length) {
    answer_reader reader;
    EXPECT_EQ(reader.take("HTTP/1.1 200 OK\r\n\r\nab"), "ab");
    EXPECT_FALSE(reader.complete());
    EXPECT_TRUE(reader.ends_here());
}

TEST(answer_reader, refuses_what_is_not_http) {
    for (const auto* text : {"SSH-2.0-x\r\n", "HTTP/1.0 200 OK\r\n\r\n", "HTTP/1.1 abc\r\n\r\n",
                             "HTTP/1.1 200 OK\r\nno field\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
                             "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
                             "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n"}) {
        answer_reader reader;
        EXPECT_FALSE(reader.take(text)) << text;
    }
    answer_reader endless;
    EXPECT_FALSE(endless.take("HTTP/1.1 200 OK\r\nA: " + std::string(70'000, 'a')));
}

}  // namespace
}  // namespace ota::http
