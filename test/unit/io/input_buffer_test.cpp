// SPDX-License-Identifier: BSL-1.0
// The block of a stream's unread bytes: order, and how its size follows the traffic.
#include "io/input_buffer.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <random>

namespace {

using brio::detail::input_buffer;

void put(input_buffer& buffer, std::string_view bytes) {
    while (!bytes.empty()) {
        char* const room = buffer.room(bytes.size());
        const std::size_t n = std::min(bytes.size(), buffer.room_size());
        ASSERT_GT(n, 0u);
        std::memcpy(room, bytes.data(), n);
        buffer.filled(n);
        bytes.remove_prefix(n);
    }
}

}  // namespace

TEST(input_buffer, bytes_come_out_in_order_whatever_the_pieces) {
    input_buffer buffer;
    std::mt19937 random(7);
    std::string in;
    std::string out;
    for (int i = 0; i < 20000; ++i) in += static_cast<char>(random());
    std::size_t at = 0;
    while (out.size() < in.size()) {
        const std::size_t more = std::min<std::size_t>(random() % 3000, in.size() - at);
        put(buffer, std::string_view(in).substr(at, more));
        at += more;
        EXPECT_EQ(buffer.size(), at - out.size());
        out += buffer.take(std::min<std::size_t>(random() % 3000, buffer.size()));
    }
    EXPECT_EQ(out, in);
    EXPECT_TRUE(buffer.empty());
}

TEST(input_buffer, begins_small_and_grows_with_full_reads) {
    input_buffer buffer;
    (void)buffer.room(0);
    EXPECT_EQ(buffer.room_size(), input_buffer::smallest_block);
    std::size_t largest = 0;
    for (int i = 0; i < 20; ++i) {
        (void)buffer.room(0);
        largest = std::max(largest, buffer.room_size());
        buffer.filled(buffer.room_size());
        buffer.clear();
    }
    EXPECT_EQ(largest, input_buffer::largest_block);
    for (int i = 0; i < 40; ++i) {  // and shrinks again when little comes
        (void)buffer.room(0);
        buffer.filled(10);
        buffer.clear();
    }
    (void)buffer.room(0);
    EXPECT_LE(buffer.room_size(), input_buffer::smallest_block * 4);
}

TEST(input_buffer, makes_the_room_that_is_wanted_but_not_any) {
    input_buffer buffer;
    (void)buffer.room(10'000);
    EXPECT_GE(buffer.room_size(), 10'000u);
    (void)buffer.room(1'000'000'000);
    EXPECT_EQ(buffer.room_size(), input_buffer::largest_block);
}

TEST(input_buffer, a_long_line_is_given_back_when_it_was_taken) {
    input_buffer buffer;
    const std::string line(1'000'000, 'l');
    put(buffer, line);
    EXPECT_EQ(buffer.take(line.size()), line);
    (void)buffer.room(0);
    EXPECT_LE(buffer.room_size(), input_buffer::largest_block);
}

TEST(input_buffer, appended_bytes_come_behind_what_is_there) {
    input_buffer buffer;
    put(buffer, "abc");
    buffer.append("def");
    buffer.append("");
    char room[4];
    buffer.take(room, 4);
    EXPECT_EQ(std::string(room, 4), "abcd");
    EXPECT_EQ(buffer.pending(), "ef");
}
