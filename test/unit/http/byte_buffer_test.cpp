// SPDX-License-Identifier: BSL-1.0
// Growing byte storage: what is taken over, moved, appended.
#include "http/byte_buffer.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <cstring>
#include <utility>

namespace {

using brio::http::detail::byte_buffer;

// "head" and "body" in one block, of which the body is taken.
byte_buffer second_half() {
    char* const block = static_cast<char*>(std::malloc(8));
    std::memcpy(block, "headbody", 8);
    return byte_buffer(block, 4, 4);
}

} // namespace

TEST(byte_buffer, keeps_its_place_in_a_block_taken_over_when_moved) {
    byte_buffer from = second_half();
    byte_buffer made(std::move(from));
    EXPECT_EQ(made.view(), "body");
    byte_buffer assigned;
    assigned = std::move(made);
    EXPECT_EQ(assigned.view(), "body");
}

TEST(byte_buffer, appends_behind_a_block_taken_over) {
    byte_buffer buffer = second_half();
    buffer.append(" and more than there was room for");
    EXPECT_EQ(buffer.view(), "body and more than there was room for");
}

TEST(byte_buffer, is_empty_and_usable_after_a_move) {
    byte_buffer from = second_half();
    const byte_buffer made(std::move(from));
    EXPECT_EQ(from.size(), 0U);
    from.append("again");
    EXPECT_EQ(from.view(), "again");
}
