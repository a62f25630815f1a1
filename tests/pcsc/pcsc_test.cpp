#include "management-object/card_image.hpp"
#include "sandbox/population.hpp"
#include "sandbox/uicc/sms_download.hpp"
#include "tests/pcsc/pcsc_desk.hpp"
#include "tests/sandbox/uicc/object_card.hpp"

#include <gmock/gmock.h>
#include <boost/json/parse.hpp>

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <sstream>

namespace ota::pcsc_test {
namespace {

namespace mo = management_object;
namespace json = boost::json;
using sandbox::object_card;
using testing::HasSubstr;
using testing::IsEmpty;

/// An object as somebody reads it.
struct seen_object {
    std::string oid, path;  ///< as the directory has it: below the application
    wire::octets octets;
};
using seen_objects = std::map<std::string, seen_object>;  // by label

/// What the card of the profile holds, by our own library.
seen_objects expected() {
    const auto profile = sandbox::sample_profile();
    const auto control = factory_control(profile);
    seen_objects out;
    const auto listed = mo::parse_data_objects(data_objects_of(profile, control)).value();
    for (const auto& entry : listed) {
        seen_object each{mo::oid_text(entry.oid), wire::to_hex(wire::writer().u16(entry.path.back()).take()), {}};
        if (entry.path.back() == profile.objects_at->control.path.back()) each.octets = control_image(profile, control);
        for (const auto& object : profile.management_objects)
            if (object.file_identifier() == entry.path.back()) each.octets = object.factory_image;
        out.emplace(entry.label, std::move(each));
    }
    return out;
}

std::string after(const std::string& text, const std::string& key) {
    const auto at = text.find(key);
    if (at == std::string::npos) return {};
    const auto from = text.find_first_not_of(' ', at + key.size());
    return text.substr(from, text.find('\n', from) - from);
}

/// What pkcs15-tool prints of each object: its names, then "Data (N bytes): 0300..", in lines of digits.
seen_objects read_listing(const std::string& text) {
    seen_objects out;
    constexpr std::string_view head = "Data object ";
    for (auto at = text.find(head); at != std::string::npos;) {
        const auto next = text.find(head, at + 1);
        const auto part = text.substr(at, next - at);
        const auto title = part.substr(head.size(), part.find('\n') - head.size());
        const auto data = part.find("bytes):");
        std::string digits = data == std::string::npos ? "" : part.substr(data + 7);
        std::erase_if(digits, [](char c) { return std::isxdigit(static_cast<unsigned char>(c)) == 0; });
        const auto label =
            title.starts_with('\'') ? title.substr(1, title.size() - 2) : std::string();  // <4>: it has none
        auto path = after(part, "Path:");
        EXPECT_EQ(path.substr(0, 8), "3f007f50");  // it makes a whole one of the entry's
        out.emplace(label,
                    seen_object{after(part, "applicationOID:"), path.erase(0, std::min<std::size_t>(path.size(), 8)),
                                wire::from_hex(digits).value()});
        at = next;
    }
    return out;
}

seen_objects read_json(const std::string& text) {
    seen_objects out;
    const auto all = json::parse(text);
    for (const auto& each : all.as_array()) {
        const auto text_at = [&](const char* name) { return std::string(each.at(name).as_string()); };
        out.emplace(text_at("label"),
                    seen_object{text_at("oid"), text_at("path"), wire::from_hex(text_at("octets")).value()});
    }
    return out;
}

void expect_same(const seen_objects& seen, const seen_objects& all) {
    EXPECT_EQ(seen.size(), all.size());
    for (const auto& [label, object] : all) {
        const auto found = seen.find(label);
        ASSERT_NE(found, seen.end()) << label;
        EXPECT_EQ(found->second.oid, object.oid) << label;
        EXPECT_EQ(found->second.path, object.path) << label;
        EXPECT_EQ(found->second.octets, object.octets) << label;
    }
}

std::vector<std::string> lines_of(const std::string& text) {
    std::istringstream in(text);
    std::vector<std::string> out;
    for (std::string line; std::getline(in, line);) out.push_back(line);
    return out;
}

class pcsc : public testing::Test {
protected:
    void SetUp() override {
        ASSERT_THAT(missing(), IsEmpty()) << "these tests need them";
        ASSERT_EQ(table.start(), "");
    }
    std::string pyscard(std::vector<std::string> arguments) {
        int code = 0;
        auto out = table.pyscard(std::move(arguments), code);
        EXPECT_EQ(code, 0) << out;
        return out;
    }
    std::vector<std::string> send(std::vector<std::string> commands) {
        commands.insert(commands.begin(), "send");
        return lines_of(pyscard(std::move(commands)));
    }

    desk table;
};

TEST_F(pcsc, pkcs15_tool_lists_the_objects_with_the_octets_that_were_encoded) {
    int code = 0;
    const auto listing = table.pkcs15_tool({"--list-data-objects"}, code);
    ASSERT_EQ(code, 0) << listing;
    expect_same(read_listing(listing), expected());
}

TEST_F(pcsc, pkcs15_tool_reads_an_object_by_label_and_by_the_identifier_of_the_standard) {
    const auto all = expected();
    for (const auto* name : {"Mail", "Internet access"}) {
        int code = 0;
        const auto octets = table.pkcs15_tool({"--read-data-object", name, "--raw"}, code);
        EXPECT_EQ(code, 0) << octets;
        const auto got = wire::as_octets(octets);
        const auto& wanted = all.at(name).octets;
        EXPECT_NE(std::search(got.begin(), got.end(), wanted.begin(), wanted.end()), got.end())
            << name << ": " << wire::to_hex(got);
    }
    int code = 0;
    const auto text = table.pkcs15_tool({"--read-data-object", "2.23.43.7.1"}, code);
    EXPECT_EQ(code, 0) << text;
    EXPECT_THAT(text, HasSubstr("1024 bytes"));
}

TEST_F(pcsc, pkcs15_tool_shows_whose_card_it_is) {
    int code = 0;
    const auto text = table.pkcs15_tool({"--dump"}, code);
    ASSERT_EQ(code, 0) << text;
    const auto profile = sandbox::sample_profile();
    EXPECT_EQ(after(text, "Serial number  :"), sandbox::population(sandbox::population_for(profile, 1, 1)).iccid(0));
    EXPECT_EQ(after(text, "Flags          :"), "Read-only");
}

TEST_F(pcsc, pyscard_reads_the_objects_and_they_are_what_was_encoded) {
    const auto seen = read_json(pyscard({"objects"}));
    expect_same(seen, expected());
    const auto decoded = mo::read_image(seen.at("Instant messaging").octets);
    ASSERT_TRUE(decoded && decoded.value());
    EXPECT_EQ(decoded.value()->top.name, "IMPS");
    EXPECT_EQ(mo::get_from_image(seen.at("Instant messaging").octets, mo::parse_uri("AppAddr/x/Addr").value()).value(),
              "imps.old.example.org");
}

TEST_F(pcsc, a_reader_can_write_nothing) {
    const auto answers = send({"00a4080c047f506432", "00d6000001ff", "00e000000e620c820241218302645080020010",
                               "00e40000026432", "0044000000", "0004000000", "80d400000a62088302643280020010",
                               "00a4080c047f506440", "00d6000001ff", "00a4080c047f506430", "00d6000001ff"});
    EXPECT_EQ(answers, (std::vector<std::string>{"9000", "6982", "6982", "6982", "6982", "6982", "6982", "9000", "6982",
                                                 "9000", "6982"}));
    expect_same(read_json(pyscard({"objects"})), expected());
}

TEST_F(pcsc, a_secured_message_handed_over_by_a_reader_changes_the_object) {
    object_card paper;  // the same card on paper: what the packet has to write
    const auto plan = paper.plan_value("./IMPS", "AppAddr/x/Addr", "imps.new.example.org");
    const sandbox::population who(sandbox::population_for(paper.profile, 1, 1));
    const auto packet = sandbox::sc::seal_command(paper.header(who.first_counter(0) + 1),
                                                  sandbox::hex(object_card::script_of(plan)), who.keys(0))
                            .value();
    const auto parts = sandbox::sc::split_packet(packet, sandbox::sc::packet_kind::command, 1).value();
    std::vector<std::string> commands;
    for (const auto& part : parts) {
        const auto data = sandbox::serialize_download({"4915500001", part});
        commands.push_back(wire::to_hex(wire::writer().put(sandbox::hex("80c20000")).u8(data.size()).put(data).take()));
    }
    const auto answers = send(commands);
    ASSERT_EQ(answers.size(), commands.size());
    EXPECT_EQ(answers.back().substr(0, 2), "61") << "the proof of receipt waits";
    auto all = expected();
    all.at("Instant messaging").octets = paper.after;
    all.at("").octets = paper.control_after;
    expect_same(read_json(pyscard({"objects"})), all);
    EXPECT_EQ(send({commands.back()}).front().substr(0, 2), "61");  // once more: a replay
    expect_same(read_json(pyscard({"objects"})), all);
}

TEST_F(pcsc, the_card_comes_back_when_the_daemon_is_started_again) {
    (void)table.stop_daemon();
    ASSERT_EQ(table.start(), "");
    expect_same(read_json(pyscard({"objects"})), expected());
    EXPECT_EQ(table.stop_card(), 0);
    EXPECT_THAT(table.card_log(), HasSubstr("has gone; connecting again"));
}

TEST_F(pcsc, a_port_that_somebody_has_is_told_by_number) {
    (void)table.stop_daemon();
    const int somebody = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const int yes = 1;
    ::setsockopt(somebody, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_port = htons(table.port());
    ASSERT_EQ(::bind(somebody, reinterpret_cast<const sockaddr*>(&at), sizeof at), 0);
    ASSERT_EQ(::listen(somebody, 1), 0);
    EXPECT_THAT(table.start(), HasSubstr("could not listen on port " + std::to_string(table.port())));
    ::close(somebody);
}

}  // namespace
}  // namespace ota::pcsc_test
