// SPDX-License-Identifier: BSL-1.0
// growing_text: bytes read straight into a string, whatever their portions.
#include "process/conversation.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <random>
#include <span>
#include <string>

namespace {

using brio::detail::growing_text;

std::string sample(std::size_t size) {
    std::string text(size, ' ');
    for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<char>('a' + i * 31 % 26);
    return text;
}

// As a reader does: at most `most` bytes at a time into the room there is.
std::string read_in_portions(const std::string& text, std::size_t most) {
    growing_text grown;
    for (std::size_t at = 0; at < text.size();) {
        const std::span<char> room = grown.room();
        EXPECT_FALSE(room.empty());
        const std::size_t size = std::min({room.size(), most, text.size() - at});
        std::memcpy(room.data(), text.data() + at, size);
        grown.filled(size);
        at += size;
        EXPECT_EQ(grown.size(), at);
    }
    return grown.take();
}

TEST(growing_text, takes_portions_of_every_size) {
    const std::string text = sample(300'000);
    for (const std::size_t most : {std::size_t{1}, std::size_t{7}, std::size_t{255}, std::size_t{256}, std::size_t{257}, std::size_t{4096},
                                   std::size_t{65'536}, std::size_t{1'000'000}}) {
        if (most == 1) {
            EXPECT_EQ(read_in_portions(text.substr(0, 20'000), most), text.substr(0, 20'000));
        } else {
            EXPECT_TRUE(read_in_portions(text, most) == text) << most;
        }
    }
}

TEST(growing_text, a_size_of_every_kind_is_taken_whole) {
    std::mt19937 random(1);
    for (int i = 0; i < 200; ++i) {
        const std::string text = sample(random() % 20'000);
        EXPECT_TRUE(read_in_portions(text, 1 + random() % 5'000) == text);
    }
}

TEST(growing_text, rooms_that_are_not_used_leave_no_trace) {
    growing_text grown;
    static_cast<void>(grown.room());
    grown.filled(0);
    EXPECT_EQ(grown.take(), "");
    grown.append("abc");
    static_cast<void>(grown.room());
    grown.append("def");
    const std::span<char> room = grown.room();
    room[0] = 'g';
    grown.filled(1);
    EXPECT_EQ(grown.size(), 7U);
    EXPECT_EQ(grown.take(), "abcdefg");
    EXPECT_EQ(grown.size(), 0U);
    EXPECT_EQ(grown.take(), "");
}

// The end of a stream is found without moving all that has come.
TEST(growing_text, a_full_text_is_not_moved_to_find_out_that_nothing_follows) {
    growing_text grown;
    const std::string text = sample(4096);
    for (std::size_t at = 0; at < text.size();) {
        const std::span<char> room = grown.room();
        const std::size_t size = std::min(room.size(), text.size() - at);
        std::memcpy(room.data(), text.data() + at, size);
        grown.filled(size);
        at += size;
    }
    const std::span<char> probe = grown.room();
    EXPECT_FALSE(probe.empty());
    grown.filled(0);
    EXPECT_EQ(grown.take(), text);
}

}  // namespace
