// SPDX-License-Identifier: BSL-1.0
// Which replies are compressed.
#include "http/reply_packing.hpp"

#include <gtest/gtest.h>

#include <string>

namespace {

using namespace brio::http;
using brio::http::detail::choose_packing;

const headers takes{{"Accept-Encoding", "gzip"}};

reply page(std::size_t size = 2000) { return reply::text(std::string(size, 'x')); }

brio::awaitable<> nothing(reply_writer&) { co_return; }

TEST(reply_packing, large_text_for_those_who_take_it) {
    reply made = page();
    EXPECT_TRUE(choose_packing(made, takes, 1024));
    EXPECT_EQ(made.headers().get("Content-Encoding"), "gzip");
    EXPECT_EQ(made.headers().get("Vary"), "Accept-Encoding");
    reply other = page();
    EXPECT_FALSE(choose_packing(other, {}, 1024));
    EXPECT_EQ(other.headers().get("Vary"), "Accept-Encoding") << "caches must know";
    EXPECT_FALSE(other.headers().contains("Content-Encoding"));
}

TEST(reply_packing, what_is_left_as_it_is) {
    const auto untouched = [](reply made) {
        const std::string before(made.headers().wire());
        return !choose_packing(made, takes, 1024) && made.headers().wire() == before;
    };
    EXPECT_TRUE(untouched(page(1023)));
    EXPECT_TRUE(untouched(reply(200, std::string(2000, 'x')))) << "no type";
    EXPECT_TRUE(untouched(page().content_type("image/png")));
    EXPECT_TRUE(untouched(page().header("Content-Encoding", "br")));
    EXPECT_TRUE(untouched(page().header("Cache-Control", "public, no-transform")));
    EXPECT_TRUE(untouched(reply::text(std::string(2000, 'x'), 206)));
    EXPECT_TRUE(untouched(reply::file("/x").content_type("text/plain")));
}

TEST(reply_packing, streams_are_packed_whatever_their_size) {
    reply made = reply::stream(nothing).content_type("application/json").header("Content-Length", "5").header("ETag", "\"a\"");
    EXPECT_TRUE(choose_packing(made, takes, 1024));
    EXPECT_FALSE(made.headers().contains("Content-Length"));
    EXPECT_EQ(made.headers().get("ETag"), "W/\"a\"");
    reply events = reply::stream(nothing).content_type("text/event-stream");
    EXPECT_FALSE(choose_packing(events, takes, 1024));
}

TEST(reply_packing, vary_is_said_once) {
    for (const char* there : {"Accept-Encoding", "origin, accept-encoding", "*"}) {
        reply made = page().header("Vary", there);
        EXPECT_TRUE(choose_packing(made, takes, 1024));
        EXPECT_EQ(made.headers().count("Vary"), 1u) << there;
    }
    reply more = page().header("Vary", "Origin");
    EXPECT_TRUE(choose_packing(more, takes, 1024));
    EXPECT_EQ(more.headers().get_joined("Vary"), "Origin, Accept-Encoding");
}

}  // namespace
