#include "gateway/http/event_reader.hpp"

#include <gtest/gtest.h>

namespace ota::http {
namespace {

using namespace std::chrono_literals;

const std::string stream =
    "\xEF\xBB\xBF: hello\n\nretry: 2500\nid: 7\nevent: ended\ndata: {\"a\":1}\n\n"
    "id:8\r\ndata: two\r\ndata:lines\r\n\r\nevent: nothing\rid: 9\r\rdata: x\nodd\n\nid: 10\ndata: cut";

std::vector<std::string> all(const std::vector<event_reader::event>& events) {
    std::vector<std::string> out;
    for (const auto& e : events) out.push_back(e.type + '=' + e.data);
    return out;
}

TEST(event_reader, gives_the_same_events_wherever_the_stream_is_cut) {
    const std::vector<std::string> expected{"ended={\"a\":1}", "message=two\nlines", "message=x"};
    for (std::size_t cut = 0; cut <= stream.size(); ++cut) {
        event_reader reader;
        auto events = reader.take(std::string_view(stream).substr(0, cut));
        for (auto& e : reader.take(std::string_view(stream).substr(cut))) events.push_back(std::move(e));
        EXPECT_EQ(all(events), expected) << cut;
        EXPECT_EQ(reader.last_id(), "9") << "the event that is not whole does not count";
        EXPECT_EQ(reader.retry(), 2500ms);
    }
}

TEST(event_reader, forgets_half_an_event_with_its_connection_but_not_the_last_id) {
    event_reader reader;
    EXPECT_EQ(reader.take("id: 4\ndata: a\n\nid: 5\ndata: ha").size(), 1u);
    reader.begin();
    EXPECT_EQ(reader.last_id(), "4");
    EXPECT_EQ(all(reader.take("data: b\n\n")), std::vector<std::string>{"message=b"});
    EXPECT_EQ(reader.last_id(), "4");
}

TEST(event_reader, ignores_a_retry_that_is_no_number) {
    event_reader reader;
    EXPECT_TRUE(reader.take("retry: soon\nretry: -1\nretry:\n\n").empty());
    EXPECT_FALSE(reader.retry());
}

}  // namespace
}  // namespace ota::http
