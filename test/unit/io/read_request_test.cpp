// SPDX-License-Identifier: BSL-1.0
// Reads against bytes that come in pieces: tables, no I/O.
#include <brio/detail/read_request.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <stdexcept>

namespace {

using brio::detail::read_request;
using brio::detail::separator_set;
using verdict = read_request::verdict;

struct outcome {
    verdict how;
    std::size_t size;
    friend bool operator==(const outcome&, const outcome&) = default;
    friend void PrintTo(const outcome& o, std::ostream* out) { *out << static_cast<int>(o.how) << " size " << o.size; }
};

// Gives the bytes one at a time and tells what the request says in the end, or after the first answer.
outcome dribble(read_request request, const std::string& bytes, bool ends, std::size_t limit, const separator_set* separators) {
    for (std::size_t n = 0; n <= bytes.size(); ++n) {
        const verdict how = request.look(std::string_view(bytes).substr(0, n), ends && n == bytes.size(), limit, separators);
        if (how != verdict::wait) return {how, request.size()};
    }
    return {verdict::wait, bytes.size()};
}

outcome at_once(read_request request, const std::string& bytes, bool ends, std::size_t limit, const separator_set* separators) {
    const verdict how = request.look(bytes, ends, limit, separators);
    return {how, request.size()};
}

std::vector<std::string> list(std::initializer_list<const char*> texts) { return {texts.begin(), texts.end()}; }

}  // namespace

TEST(read_request, STR_1_some_takes_what_is_there_up_to_n) {
    EXPECT_EQ(at_once(read_request::some(3), "", false, 10, nullptr), (outcome{verdict::wait, 0}));
    EXPECT_EQ(at_once(read_request::some(3), "ab", false, 10, nullptr), (outcome{verdict::take, 2}));
    EXPECT_EQ(at_once(read_request::some(3), "abcd", false, 10, nullptr), (outcome{verdict::take, 3}));
    EXPECT_EQ(at_once(read_request::some(3), "", true, 10, nullptr), (outcome{verdict::take, 0}));
    EXPECT_EQ(at_once(read_request::some(0), "", false, 10, nullptr), (outcome{verdict::take, 0}));
}

TEST(read_request, STR_3_all_waits_for_the_end) {
    EXPECT_EQ(dribble(read_request::all(), "abc", false, 1, nullptr), (outcome{verdict::wait, 3}));
    EXPECT_EQ(dribble(read_request::all(), "abc", true, 1, nullptr), (outcome{verdict::take, 3}));
}

TEST(read_request, STR_5_exactly_knows_no_limit) {
    EXPECT_EQ(dribble(read_request::exactly(4), "abcde", false, 1, nullptr), (outcome{verdict::take, 4}));
    EXPECT_EQ(dribble(read_request::exactly(4), "abc", true, 1, nullptr), (outcome{verdict::incomplete, 3}));
    EXPECT_EQ(at_once(read_request::exactly(0), "", true, 1, nullptr), (outcome{verdict::take, 0}));
}

TEST(read_request, until_finds_a_separator_that_comes_in_pieces) {
    const separator_set end(std::string("\r\n\r\n"));
    for (const bool ends : {false, true}) {
        EXPECT_EQ(dribble(read_request::until(), "a\r\nb\r\n\r\nrest", ends, 100, &end), (outcome{verdict::take, 8}));
        EXPECT_EQ(at_once(read_request::until(), "a\r\nb\r\n\r\nrest", ends, 100, &end), (outcome{verdict::take, 8}));
    }
    EXPECT_EQ(dribble(read_request::until(), "a\r\n\r", true, 100, &end), (outcome{verdict::incomplete, 4}));
    EXPECT_EQ(dribble(read_request::until(), "", true, 100, &end), (outcome{verdict::incomplete, 0}));
}

// What readuntil of Python 3.13 says, for the same bytes and limits.
TEST(read_request, STR_18_the_limit_counts_the_bytes_before_the_separator) {
    const separator_set newline(std::string("\n"));
    EXPECT_EQ(at_once(read_request::until(), "abc\n", false, 3, &newline), (outcome{verdict::take, 4}));
    EXPECT_EQ(at_once(read_request::until(), "abcd\n", false, 3, &newline), (outcome{verdict::found_late, 4}));
    EXPECT_EQ(at_once(read_request::until(), "abc", false, 3, &newline), (outcome{verdict::wait, 3}));
    EXPECT_EQ(at_once(read_request::until(), "abcd", false, 3, &newline), (outcome{verdict::too_long, 4}));
    EXPECT_EQ(dribble(read_request::until(), "abcdefg\n", false, 3, &newline), (outcome{verdict::too_long, 4}));
    const separator_set two(std::string("AA"));
    EXPECT_EQ(at_once(read_request::until(), "some dataA", false, 3, &two), (outcome{verdict::too_long, 9}))
        << "the last byte may be half of a separator";
    EXPECT_EQ(at_once(read_request::until(), "some dataAA", false, 3, &two), (outcome{verdict::found_late, 9}));
    EXPECT_EQ(at_once(read_request::until(), "abcd", true, 3, &newline), (outcome{verdict::too_long, 4}));
}

TEST(read_request, STR_17_with_several_separators_the_first_that_is_complete_counts) {
    const separator_set some(list({"AAA", "A"}));
    EXPECT_EQ(at_once(read_request::until(), "xAAAy", false, 9, &some), (outcome{verdict::take, 2}));
    const separator_set words(list({"over", "ver", "fence"}));
    EXPECT_EQ(at_once(read_request::until(), "jump over the fence", false, 99, &words), (outcome{verdict::take, 9}));
    EXPECT_EQ(dribble(read_request::until(), "jump over the fence", false, 99, &words), (outcome{verdict::take, 9}));
    // The chunk before the separator that ends first, the shorter one, is six bytes long.
    EXPECT_EQ(at_once(read_request::until(), "jump over the fence", false, 5, &words), (outcome{verdict::found_late, 6}));
    EXPECT_EQ(at_once(read_request::until(), "jump over the fence", false, 6, &words), (outcome{verdict::take, 9}));
}

TEST(read_request, STR_14_separators_must_not_be_empty) {
    EXPECT_THROW(static_cast<void>(separator_set(std::string())), std::invalid_argument);
    EXPECT_THROW(static_cast<void>(separator_set(std::vector<std::string>())), std::invalid_argument);
    EXPECT_THROW(static_cast<void>(separator_set(list({"a", "", "b"}))), std::invalid_argument);
}

TEST(read_request, the_search_does_not_start_over) {
    const separator_set newline(std::string("\n"));
    read_request request = read_request::until();
    std::string bytes(1000, 'x');
    EXPECT_EQ(request.look(bytes, false, 1 << 20, &newline), verdict::wait);
    bytes[10] = '\n';  // has been looked at
    bytes += "y\n";
    EXPECT_EQ(request.look(bytes, false, 1 << 20, &newline), verdict::take);
    EXPECT_EQ(request.size(), 1002u);
}

TEST(read_request, tells_how_much_is_needed) {
    EXPECT_EQ(read_request::exactly(100).missing(30), 70u);
    EXPECT_EQ(read_request::some(100).missing(0), 0u);
    EXPECT_EQ(read_request::exactly(100).missing(100), 0u);
    EXPECT_EQ(read_request::until().missing(0), 0u);
    EXPECT_EQ(read_request::all().missing(0), 0u);
}

// Whatever the separators, and in whatever pieces the bytes come: the chunk ends where the first separator is complete.
TEST(read_request, until_agrees_with_a_plain_search_over_random_texts_in_random_pieces) {
    std::mt19937 random(11);
    const auto below = [&random](std::size_t n) { return static_cast<std::size_t>(random() % n); };
    const auto text_of = [&](std::size_t size) {
        std::string text(size, 'a');
        for (char& c : text) c = static_cast<char>('a' + below(3));
        return text;
    };
    for (int round = 0; round < 5000; ++round) {
        std::vector<std::string> words(1 + below(3));
        for (std::string& word : words) word = text_of(1 + below(4));
        const std::string text = text_of(below(30));
        std::size_t expected = text.npos;
        for (std::size_t end = 1; end <= text.size() && expected == text.npos; ++end) {
            for (const std::string& word : words) {
                if (std::string_view(text).substr(0, end).ends_with(word)) expected = end;
            }
        }
        const separator_set separators(words);
        read_request request = read_request::until();
        verdict how = verdict::wait;
        for (std::size_t n = 0; how == verdict::wait; n = std::min(text.size(), n + 1 + below(5))) {
            how = request.look(std::string_view(text).substr(0, n), n == text.size(), 1000, &separators);
        }
        EXPECT_EQ(how, expected == text.npos ? verdict::incomplete : verdict::take) << text;
        EXPECT_EQ(request.size(), std::min(expected, text.size())) << text;
    }
}
