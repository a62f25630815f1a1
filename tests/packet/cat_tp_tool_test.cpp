#include "gateway/packet/packet_tool.hpp"

#include <gtest/gtest.h>
#include <boost/json.hpp>

#include <fstream>
#include <sstream>

namespace ota::packet_tool {

namespace {

namespace json = boost::json;

struct ran {
    int status;
    std::string out, err;
};

ran decode(const std::vector<std::string>& pdu) {
    std::vector<std::string> arguments{"decode-cat-tp"};
    arguments.insert(arguments.end(), pdu.begin(), pdu.end());
    std::istringstream in;
    std::ostringstream out, err;
    const auto status = run(arguments, in, out, err);
    return {status, out.str(), err.str()};
}

json::value vectors() {
    std::ifstream in(OTA_SOURCE_DIR "/tests/vectors/cat_tp.json");
    return json::parse(std::string(std::istreambuf_iterator<char>(in), {}));
}

}  // namespace

TEST(decode_cat_tp, prints_the_fields_of_each_kind_of_pdu_and_no_other) {
    const auto set_up = decode({"8000002180011f9000000a000000000ad8bb05c010000a98101032547698103214"});
    EXPECT_EQ(set_up.status, 0) << set_up.err;
    EXPECT_EQ(
        set_up.out,
        R"({"flags":["SYN"],"version":0,"header_length":33,"source_port":32769,"destination_port":8080,"data_length":0,)"
        R"("sequence":2560,"window":10,"checksum_ok":true,"max_pdu":1472,"max_sdu":4096,)"
        R"("identification":"98101032547698103214"})"
        "\n");
    EXPECT_EQ(
        decode({"6400001480011f9000110a015001000717fb50030210000102030405060708090a0b0c0d0e"}).out,
        R"({"flags":["ACK","EACK","SEG"],"version":0,"header_length":20,"source_port":32769,"destination_port":8080,)"
        R"("data_length":17,"sequence":2561,"acknowledgement":20481,"window":7,"checksum_ok":true,"eack":[20483],)"
        R"("data":"0210000102030405060708090a0b0c0d0e"})"
        "\n");
    EXPECT_EQ(decode({"500000131f908001000050060a000000b65400"}).out,
              R"({"flags":["ACK","RST"],"version":0,"header_length":19,"source_port":8080,"destination_port":32769,)"
              R"("data_length":0,"sequence":20486,"acknowledgement":2560,"window":0,"checksum_ok":true,"reason":0})"
              "\n");
}

TEST(decode_cat_tp, shows_a_wrong_checksum_and_fails) {
    const auto r = decode({"8000002180011f9000000a000000000ad8ba05c010000a98101032547698103214"});
    EXPECT_EQ(r.status, 1);
    EXPECT_EQ(json::parse(r.out).at("checksum_ok"), false);
    EXPECT_EQ(json::parse(r.out).at("max_pdu"), 1472);
}

TEST(decode_cat_tp, takes_every_vector_and_says_why_a_malformed_one_is_none) {
    const auto all = vectors();
    for (const auto& vector : all.at("vectors").as_array()) {
        const auto r = decode({std::string(vector.at("pdu").as_string())});
        EXPECT_EQ(r.status, 0) << r.err;
        EXPECT_TRUE(json::parse(r.out).at("checksum_ok").as_bool()) << r.out;
    }
    for (const auto& vector : all.at("malformed").as_array()) {
        const auto r = decode({std::string(vector.at("pdu").as_string())});
        if (vector.at("defect") == "version 1") {
            EXPECT_EQ(json::parse(r.out).at("version"), 1);
            continue;
        }
        EXPECT_EQ(r.status, 1) << vector.at("defect");
        EXPECT_TRUE(r.out.empty()) << r.out;
        EXPECT_TRUE(r.err.starts_with("otagw packet: ")) << r.err;
    }
}

TEST(decode_cat_tp, wrong_usage_ends_with_2) {
    EXPECT_EQ(decode({}).status, 2);
    EXPECT_EQ(decode({"40xx"}).status, 2);
    EXPECT_EQ(decode({"40", "00"}).status, 2);
    EXPECT_EQ(decode({""}).status, 1) << "no octets are no PDU";
}

TEST(decode_cat_tp, is_a_call_of_a_batch_too) {
    std::istringstream in(R"({"do":"decode-cat-tp","hex":"4000001280011f9000000a015000000ac650"})");
    std::ostringstream out, err;
    EXPECT_EQ(run({"batch"}, in, out, err), 0);
    EXPECT_EQ(json::parse(out.str()).at("acknowledgement"), 0x5000);
}

}  // namespace ota::packet_tool
