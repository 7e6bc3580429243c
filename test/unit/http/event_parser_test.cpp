// SPDX-License-Identifier: BSL-1.0
// The event stream format: the examples of the HTML standard, line ends, pieces, limits.
#include "http/event_parser.hpp"

#include <brio/http/error.hpp>

#include <gtest/gtest.h>

#include <string>

namespace {

using namespace brio::http;
using detail::event_parser;

// All events as type|data|id, LF as $; fed in pieces of that size.
std::string events(std::string_view text, std::size_t piece = 1'000'000) {
    event_parser parser;
    std::string out;
    for (std::size_t at = 0; at < text.size(); at += piece) {
        std::string_view part = text.substr(at, piece);
        while (!part.empty()) {
            const auto e = parser.feed(part);
            if (e) out += (out.empty() ? "" : " / ") + e->type + "|" + e->data + "|" + e->id;
        }
    }
    for (char& c : out) {
        if (c == '\n') c = '$';
    }
    return out;
}

TEST(event_parser, streams) {
    struct row {
        const char *text, *events;
    };
    for (const auto& [text, wanted] : {
             row{"", ""},
             row{"\n\n\n", ""},
             row{"data: a\n\n", "message|a|"},
             row{"data: YHOO\ndata: +2\ndata: 10\n\n", "message|YHOO$+2$10|"},
             row{": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event\n\n",
                 "message|first event|1 / message|second event| / message| third event|"},
             row{"data\n\ndata\ndata\n\ndata:", "message|| / message|$|"},
             row{"data:test\n\ndata: test\n\n", "message|test| / message|test|"},
             row{"event: add\ndata: 73857293\n\nevent: remove\ndata: 2153\n\ndata: x\n\n", "add|73857293| / remove|2153| / message|x|"},
             row{"event: add\n\ndata: x\n\n", "message|x|"},
             row{"event: a\nevent: b\ndata: x\n\n", "b|x|"},
             row{"event: a\nevent\ndata: x\n\n", "message|x|"},
             row{"data: a\r\ndata: b\r\n\r\n", "message|a$b|"},
             row{"data: a\rdata: b\r\r", "message|a$b|"},
             row{"data: a\n\rdata: b\r\n\n", "message|a| / message|b|"},
             row{"data: a\r\n\ndata: b\n\r\n", "message|a| / message|b|"},
             row{"id: 7\ndata: a\n\ndata: b\n\nid: 8\n\ndata: c\n\n", "message|a|7 / message|b|7 / message|c|8"},
             row{"\xEF\xBB\xBF" "data: a\n\n", "message|a|"},
             row{"\xEF\xBB\xBF\xEF\xBB\xBF" "data: a\n\ndata: b\n\n", "message|b|"},
             row{"\n\xEF\xBB\xBF" "data: a\n\n", ""},
             row{"Data: a\ndata : b\n data: c\nfoo: d\n:data: e\n\n", ""},
             row{"data:a:b\n\n", "message|a:b|"},
             row{"data: a\n", ""},
             row{"data: a\nid: 9", ""},
             row{"data: \xFF\n\n", "message|\xEF\xBF\xBD|"},
             row{"data: \xFF\xFE\n\n", "message|\xEF\xBF\xBD\xEF\xBF\xBD|"},
             row{"data: \xC3\xA4\nevent: \xC3\n\n", "\xEF\xBF\xBD|\xC3\xA4|"},
         }) {
        EXPECT_EQ(events(text), wanted) << text;
        for (const std::size_t piece : {1u, 2u, 3u, 7u}) EXPECT_EQ(events(text, piece), wanted) << text << " in pieces of " << piece;
    }
    EXPECT_EQ(events(std::string_view("id: 1\n\nid: a\0b\ndata: x\n\n", 25)), "message|x|1") << "an id with NUL is ignored";
    EXPECT_EQ(events(std::string_view("data: a\0b\n\n", 11)), std::string("message|a\0b|", 12));
}

TEST(event_parser, the_pause_that_the_server_asks_for) {
    struct row {
        const char* text;
        long ms;
    };
    for (const auto& [text, ms] : {row{"", 3000}, row{"retry: 10\n", 10}, row{"retry:0\n", 0}, row{"retry: 1 0\n", 3000}, row{"retry: -1\n", 3000}, row{"retry: 1e3\n", 3000},
                                   row{"retry\n", 3000}, row{"retry: 5\nretry: x\n", 5}, row{"retry: 99999999999\n", 86'400'000}, row{"retry: 99999999999999999999999\n", 3000}}) {
        event_parser parser;
        std::string_view in(text);
        EXPECT_FALSE(parser.feed(in));
        EXPECT_EQ(parser.pause().count(), ms) << text;
    }
}

TEST(event_parser, events_have_a_limit) {
    const auto fed = [](std::string_view text, std::size_t piece) {
        event_parser parser(100);
        for (; !text.empty(); text.remove_prefix(std::min(piece, text.size()))) {
            std::string_view part = text.substr(0, piece);
            while (!part.empty()) parser.feed(part);
        }
    };
    for (const std::size_t piece : {1u, 50u, 1000u}) {
        EXPECT_THROW(fed(std::string(101, 'x'), piece), body_too_large);
        EXPECT_THROW(fed("data: " + std::string(60, 'x') + "\ndata: " + std::string(60, 'x') + "\n", piece), body_too_large);
        EXPECT_NO_THROW(fed("data: " + std::string(60, 'x') + "\n\ndata: " + std::string(60, 'x') + "\n\n", piece));
        EXPECT_THROW(fed(":" + std::string(200, 'x') + "\n", piece), body_too_large);
        std::string empties;
        for (int i = 0; i < 101; ++i) empties += "data\n";
        EXPECT_THROW(fed(empties + "data", piece), body_too_large);
        EXPECT_NO_THROW(fed("retry: 1\nevent: a\n: c\nid: x\n" + std::string(300, '\n'), piece));
    }
}

TEST(event_parser, a_new_connection_drops_what_is_unfinished) {
    event_parser parser;
    std::string_view in = "id: 5\nretry: 7\ndata: a\nda";
    EXPECT_FALSE(parser.feed(in));
    parser.restart();
    in = "\xEF\xBB\xBF" "data: b\n\n";
    const auto e = parser.feed(in);
    ASSERT_TRUE(e);
    EXPECT_EQ(e->data, "b");
    EXPECT_EQ(e->id, "5");
    EXPECT_EQ(parser.pause().count(), 7);
}

} // namespace
