#include "gateway/cards/vault.hpp"

#include "gateway/cards/csv.hpp"
#include "gateway/cards/errc.hpp"
#include "gateway/cards/labels.hpp"
#include "tests/cards/card_room.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

namespace ota::cards::testing {
namespace {

std::string write_file(const std::filesystem::path& path, const std::string& text, int mode = 0600) {
    std::ofstream(path, std::ios::binary) << text;
    ::chmod(path.c_str(), static_cast<mode_t>(mode));
    return path;
}

TEST(vault, loads_a_key_of_32_octets_or_of_64_hexadecimal_digits) {
    const folder at;
    const auto raw = write_file(at.path / "raw", std::string(32, '\x42'));
    std::string digits;
    for (int i = 0; i < 32; ++i) digits += "42";
    const auto hex = write_file(at.path / "hex", digits + "\n");
    EXPECT_EQ(load_key_encryption_key(raw).value().id(), load_key_encryption_key(hex).value().id());
    EXPECT_EQ(load_key_encryption_key(raw).value().id(), kek_of(0x42).id());
}

TEST(vault, refuses_a_key_file_that_others_may_read_or_that_holds_something_else) {
    const folder at;
    for (int mode : {0640, 0604, 0660, 0644}) {
        EXPECT_EQ(load_key_encryption_key(write_file(at.path / "open", std::string(32, 'k'), mode)).error(),
                  make_error_code(errc::key_file_open));
    }
    for (const auto& text :
         {std::string(31, 'k'), std::string(64, 'x'), std::string(63, '1'), std::string(300, '1'), std::string()}) {
        EXPECT_EQ(load_key_encryption_key(write_file(at.path / "bad", text)).error(),
                  make_error_code(errc::key_file_malformed));
    }
    EXPECT_EQ(load_key_encryption_key(at.path / "none").error(), make_error_code(errc::key_file_missing));
    EXPECT_EQ(load_key_encryption_key(at.path).error(), make_error_code(errc::key_file_missing));
}

TEST(vault, makes_a_key_file_only_when_told_for_its_owner_and_never_over_another) {
    const folder at;
    const auto path = (at.path / "kek").string();
    ASSERT_TRUE(load_key_encryption_key(path, when_missing::create));
    struct stat about {};
    ASSERT_EQ(::stat(path.c_str(), &about), 0);
    EXPECT_EQ(about.st_mode & 0777, 0600u);
    EXPECT_EQ(about.st_size, 65);
    const auto id = load_key_encryption_key(path).value().id();
    EXPECT_EQ(generate_key_file(path).error(), make_error_code(errc::key_file_exists));
    EXPECT_EQ(load_key_encryption_key(path, when_missing::create).value().id(), id);
    EXPECT_EQ(generate_key_file((at.path / "no" / "folder").string()).error(),
              make_error_code(errc::key_folder_missing));
}

TEST(csv, reads_fields_quotes_and_empty_ends) {
    std::istringstream in("a,\"b,\"\"c\"\"\",\n\nd\n\"open,e\n\"x\"y,z\n");
    csv_reader csv(in);
    ASSERT_EQ(csv.next(), csv_reader::outcome::line);
    EXPECT_EQ(csv.fields(), (std::vector<std::string>{"a", "b,\"c\"", ""}));
    ASSERT_EQ(csv.next(), csv_reader::outcome::line);
    EXPECT_EQ(csv.line(), 3u);
    EXPECT_EQ(csv.fields(), std::vector<std::string>{"d"});
    EXPECT_EQ(csv.next(), csv_reader::outcome::malformed);
    EXPECT_EQ(csv.next(), csv_reader::outcome::malformed);
    EXPECT_EQ(csv.next(), csv_reader::outcome::end);
}

TEST(labels, are_kept_sorted) {
    const auto labels = parse_labels("b=2;a=1", ";");
    ASSERT_TRUE(labels.has_value());
    const auto text = serialize_labels(labels.value());
    EXPECT_EQ(text, "a=1,b=2");
    EXPECT_EQ(parse_labels(text).value(), labels.value());
    for (const auto* bad : {"a", "=1", "a=b=c", "a b=1", "a=\"1\""}) EXPECT_FALSE(parse_labels(bad).has_value()) << bad;
}

}  // namespace
}  // namespace ota::cards::testing
