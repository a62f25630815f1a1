#pragma once

#include "management-object/tlv_layout.hpp"
#include "secure-channel/wire/octets.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

/// The little of a card that runs scripts: SELECT by path from the MF or by identifier, UPDATE BINARY, SET DATA.
namespace ota::object_tool {

class card_of_files {
public:
    std::map<std::uint16_t, wire::octets> files;

    /// A packet's commands: the MF is selected before the first. Anything that a card would refuse fails the test.
    void run(const std::vector<wire::octets>& commands) {
        selected_ = nullptr;
        in_directory_ = false;
        for (const auto& command : commands) {
            ASSERT_GE(command.size(), 5U);
            ASSERT_EQ(command.size(), 5U + command[4]);
            switch (command[1]) {
                case 0xA4: select(command); break;
                case 0xD6: update(command); break;
                case 0xDB: set_data(command); break;
                default: FAIL() << wire::to_hex(command);
            }
            if (testing::Test::HasFatalFailure()) return;
        }
    }

private:
    void select(const wire::octets& command) {
        const bool by_path = command[2] == 0x08;
        if (by_path) {
            ASSERT_EQ(command[4], 4);
            ASSERT_EQ(command[5] << 8 | command[6], 0x7F50);
        } else {
            ASSERT_EQ(command[4], 2);
            ASSERT_TRUE(in_directory_) << "an identifier alone, from the MF";
        }
        in_directory_ = true;
        const auto file = static_cast<std::uint16_t>(command[command.size() - 2] << 8 | command.back());
        ASSERT_TRUE(files.contains(file)) << wire::to_hex(command);
        selected_ = &files[file];
        block_.clear();
    }

    void update(const wire::octets& command) {
        ASSERT_NE(selected_, nullptr);
        const std::size_t offset = static_cast<std::size_t>(command[2] << 8 | command[3]);
        ASSERT_LE(offset + command[4], selected_->size());
        std::copy(command.begin() + 5, command.end(), selected_->begin() + static_cast<std::ptrdiff_t>(offset));
    }

    void set_data(const wire::octets& command) {
        namespace mo = management_object;
        ASSERT_NE(selected_, nullptr);
        ASSERT_EQ(command[0], 0x80);
        if (command[3] == 0x80) block_.clear();
        block_.insert(block_.end(), command.begin() + 5, command.end());
        const std::size_t tag_octets = block_[0] == 0x9F ? 2 : 1;
        const auto tag = static_cast<std::uint16_t>(tag_octets == 2 ? block_[0] << 8 | block_[1] : block_[0]);
        auto objects = mo::parse_tlv_image(*selected_).value();
        if (block_.size() == tag_octets) {
            ASSERT_EQ(std::erase_if(objects, [&](const auto& o) { return o.tag == tag; }), 1U);
        } else {
            const auto one = mo::parse_tlv_image(block_);
            if (!one) return;  // further blocks follow
            std::erase_if(objects, [&](const auto& o) { return o.tag == tag; });
            objects.push_back(one.value().at(0));
        }
        *selected_ = mo::serialize_tlv_image(objects, selected_->size()).value();
        block_.clear();
    }

    wire::octets* selected_ = nullptr;
    bool in_directory_ = false;
    wire::octets block_;
};

}  // namespace ota::object_tool
