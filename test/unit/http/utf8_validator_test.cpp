// SPDX-License-Identifier: BSL-1.0
// UTF-8 in pieces, compared with the validator of whole texts.
#include "http/utf8_validator.hpp"

#include <brio/http/charset.hpp>

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace {

using brio::http::detail::utf8_validator;

// valid, cut (a beginning of valid text) or the number of bytes after which it was refused.
std::string judge(std::string_view text, std::size_t piece) {
    utf8_validator v;
    for (std::size_t at = 0; at < text.size(); at += piece) {
        if (!v.feed(text.substr(at, piece))) return "bad";
    }
    return v.is_complete() ? "valid" : "cut";
}

TEST(utf8_validator, H_132_sequences) {
    struct row {
        const char *text, *verdict;
    };
    for (const auto& [text, verdict] : {
             row{"", "valid"},
             row{"plain ASCII text of more than eight bytes", "valid"},
             row{"\xCE\xBA\xE1\xBD\xB9\xCF\x83\xCE\xBC\xCE\xB5", "valid"},
             row{"\xC2\x80", "valid"},
             row{"\xDF\xBF", "valid"},
             row{"\xE0\xA0\x80", "valid"},
             row{"\xEF\xBF\xBF", "valid"},
             row{"\xED\x9F\xBF", "valid"},
             row{"\xEE\x80\x80", "valid"},
             row{"\xF0\x90\x80\x80", "valid"},
             row{"\xF4\x8F\xBF\xBF", "valid"},
             row{"12345678\xF0\x9F\x98\x80" "12345678", "valid"},
             row{"\xC2", "cut"},
             row{"\xE1\xBD", "cut"},
             row{"\xF0\x9F\x98", "cut"},
             row{"ab\xF0", "cut"},
             row{"\x80", "bad"},
             row{"\xBF", "bad"},
             row{"\xFE", "bad"},
             row{"\xFF", "bad"},
             row{"\xC0\xAF", "bad"},
             row{"\xC1\xBF", "bad"},
             row{"\xE0\x80\xAF", "bad"},
             row{"\xE0\x9F\xBF", "bad"},
             row{"\xF0\x80\x80\xAF", "bad"},
             row{"\xF0\x8F\xBF\xBF", "bad"},
             row{"\xF8\x88\x80\x80\x80", "bad"},
             row{"\xFC\x84\x80\x80\x80\x80", "bad"},
             row{"\xF4\x90\x80\x80", "bad"},
             row{"\xF5\x80\x80\x80", "bad"},
             row{"\xED\xA0\x80", "bad"},
             row{"\xED\xAF\xBF", "bad"},
             row{"\xED\xB0\x80", "bad"},
             row{"\xED\xA0\x80\xED\xB0\x80", "bad"},
             row{"\xC2" "a", "bad"},
             row{"\xE1\xBD" "a", "bad"},
             row{"\xE1\xC2\x80", "bad"},
             row{"\xCE\xBA\xE1\xBD\xB9\xCF\x83\xCE\xBC\xCE\xB5\xED\xA0\x80" "edited", "bad"},
         }) {
        for (const std::size_t piece : {1u, 2u, 3u, 100u}) EXPECT_EQ(judge(text, piece), verdict) << text << " in pieces of " << piece;
        EXPECT_EQ(brio::http::is_utf8(text), std::string(verdict) == "valid") << text;
    }
}

TEST(utf8_validator, H_132_bad_text_is_refused_at_the_first_byte_that_shows_it) {
    utf8_validator v;
    EXPECT_TRUE(v.feed("\xCE\xBA\xF4"));
    EXPECT_FALSE(v.feed("\x90")) << "what follows cannot help";
    utf8_validator w;
    EXPECT_TRUE(w.feed("12345678\xED"));
    EXPECT_FALSE(w.feed("\xA0"));
    w.reset();
    EXPECT_TRUE(w.feed("fine") && w.is_complete());
}

TEST(utf8_validator, agrees_with_the_other_one_on_random_bytes) {
    std::mt19937 random(7);
    const std::string_view alphabet("ab\x7F\x80\x8F\x90\x9F\xA0\xBF\xC0\xC2\xDF\xE0\xE1\xED\xEF\xF0\xF1\xF4\xF5\xFF", 21);
    for (int i = 0; i < 20'000; ++i) {
        std::string text(random() % 12, ' ');
        for (char& c : text) c = alphabet[random() % alphabet.size()];
        EXPECT_EQ(judge(text, 1 + random() % 5) == "valid", brio::http::is_utf8(text)) << i;
    }
}

} // namespace
