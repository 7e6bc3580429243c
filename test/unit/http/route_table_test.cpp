// SPDX-License-Identifier: BSL-1.0
// Routes: which one a request belongs to.
#include "http/route_table.hpp"

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>

namespace {

using brio::http::detail::route_table;
using verdict = route_table::verdict;

// "3 a=1 b=2", "404", "405 GET, HEAD, OPTIONS", "400"
std::string look(const route_table& table, std::string_view method, std::string_view path) {
    const route_table::match got = table.find(method, path);
    switch (got.what) {
        case verdict::no_path: return "404";
        case verdict::no_method: return "405 " + got.allowed;
        case verdict::bad_encoding: return "400";
        case verdict::found: break;
    }
    std::string text = std::to_string(got.route);
    for (const auto& [name, value] : got.params) text += " " + name + "=" + value;
    return text;
}

TEST(route_table, finds_whole_paths) {
    route_table t;
    t.add("GET", "/", 1);
    t.add("GET", "/a", 2);
    t.add("GET", "/a/", 3);
    t.add("GET", "/a/b", 4);
    EXPECT_EQ(look(t, "GET", "/"), "1");
    EXPECT_EQ(look(t, "GET", "/a"), "2");
    EXPECT_EQ(look(t, "GET", "/a/"), "3");
    EXPECT_EQ(look(t, "GET", "/a/b"), "4");
    for (const char* none : {"/b", "/a/b/", "//a", "/a//b", "/A", "", "*", "a"}) EXPECT_EQ(look(t, "GET", none), "404") << none;
}

TEST(route_table, parameters_take_one_segment_that_is_not_empty) {
    route_table t;
    t.add("GET", "/users/{id}", 1);
    t.add("GET", "/users/{user}/posts/{post-id}", 2);
    EXPECT_EQ(look(t, "GET", "/users/7"), "1 id=7");
    EXPECT_EQ(look(t, "GET", "/users/ada/posts/9"), "2 user=ada post-id=9");
    EXPECT_EQ(look(t, "GET", "/users/"), "404");
    EXPECT_EQ(look(t, "GET", "/users//posts/9"), "404");
    EXPECT_EQ(look(t, "GET", "/users/a/b"), "404");
}

TEST(route_table, segments_are_decoded_one_by_one) {
    route_table t;
    t.add("GET", "/files/{name}", 1);
    t.add("GET", "/caf\xc3\xa9", 2);
    t.add("GET", "/a%2Fb", 3);
    EXPECT_EQ(look(t, "GET", "/files/a%2Fb"), "1 name=a/b") << "an encoded slash separates nothing";
    EXPECT_EQ(look(t, "GET", "/files/%41%20+"), "1 name=A +");
    EXPECT_EQ(look(t, "GET", "/files/%2525"), "1 name=%25") << "decoded once";
    EXPECT_EQ(look(t, "GET", "/caf%C3%A9"), "2");
    EXPECT_EQ(look(t, "GET", "/%66iles/x"), "1 name=x");
    EXPECT_EQ(look(t, "GET", "/a%2fb"), "3");
    EXPECT_EQ(look(t, "GET", "/a/b"), "404");
    for (const char* bad : {"/files/%", "/files/%4", "/files/%zz", "/%GG"}) EXPECT_EQ(look(t, "GET", bad), "400") << bad;
}

TEST(route_table, the_rest_of_a_path) {
    route_table t;
    t.add("GET", "/static/{path...}", 1);
    EXPECT_EQ(look(t, "GET", "/static/"), "1 path=");
    EXPECT_EQ(look(t, "GET", "/static/a/b%20c/d"), "1 path=a/b c/d");
    EXPECT_EQ(look(t, "GET", "/static"), "404");
    for (const char* back : {"/static/..", "/static/../x", "/static/a/%2e%2E/b", "/static/./a", "/static/a/.%2e"}) {
        EXPECT_EQ(look(t, "GET", back), "404") << back;
    }
    EXPECT_EQ(look(t, "GET", "/static/...") , "1 path=...");
}

TEST(route_table, text_goes_before_parameters_and_these_before_the_rest) {
    route_table t;
    t.add("GET", "/{all...}", 1);
    t.add("GET", "/{x}", 2);
    t.add("GET", "/me", 3);
    t.add("GET", "/{x}/edit", 4);
    EXPECT_EQ(look(t, "GET", "/me"), "3");
    EXPECT_EQ(look(t, "GET", "/you"), "2 x=you");
    EXPECT_EQ(look(t, "GET", "/me/edit"), "4 x=me") << "goes back when the text leads nowhere";
    EXPECT_EQ(look(t, "GET", "/me/other"), "1 all=me/other");
    EXPECT_EQ(look(t, "GET", "/"), "1 all=");
}

TEST(route_table, methods) {
    route_table t;
    t.add("GET", "/a", 1);
    t.add("POST", "/a", 2);
    t.add("*", "/any", 3);
    t.add("GET", "/any", 4);
    t.add("HEAD", "/own", 5);
    t.add("GET", "/own", 6);
    EXPECT_EQ(look(t, "HEAD", "/a"), "1");
    EXPECT_EQ(look(t, "HEAD", "/own"), "5");
    EXPECT_EQ(look(t, "PURGE", "/any"), "3");
    EXPECT_EQ(look(t, "GET", "/any"), "4");
    EXPECT_EQ(look(t, "PUT", "/a"), "405 GET, HEAD, OPTIONS, POST");
    EXPECT_EQ(look(t, "get", "/a"), "405 GET, HEAD, OPTIONS, POST") << "methods are case-sensitive";
    EXPECT_EQ(look(t, "PUT", "/none"), "404");
}

TEST(route_table, another_route_may_have_the_method) {
    route_table t;
    t.add("POST", "/users/new", 1);
    t.add("GET", "/users/{id}", 2);
    t.add("DELETE", "/{rest...}", 3);
    EXPECT_EQ(look(t, "POST", "/users/new"), "1");
    EXPECT_EQ(look(t, "GET", "/users/new"), "2 id=new");
    EXPECT_EQ(look(t, "DELETE", "/users/new"), "3 rest=users/new");
    EXPECT_EQ(look(t, "PUT", "/users/new"), "405 DELETE, GET, HEAD, OPTIONS, POST");
}

TEST(route_table, malformed_patterns_are_refused) {
    route_table t;
    for (const char* bad : {"", "a", "/{}", "/{...}", "/{a", "/a}", "/x{a}", "/{a}x", "/{a b}", "/{a}/{a}", "/{a...}/b", "/{a....}"}) {
        EXPECT_THROW(t.add("GET", bad, 1), std::invalid_argument) << bad;
    }
    EXPECT_THROW(t.add("G ET", "/ok", 1), std::invalid_argument);
    EXPECT_THROW(t.add("", "/ok", 1), std::invalid_argument);
    t.add("GET", "/{a}/b", 1);
    EXPECT_THROW(t.add("GET", "/{other}/b", 2), std::invalid_argument) << "the same places";
    EXPECT_THROW(t.add("GET", "/{a}/b", 2), std::invalid_argument);
    t.add("PUT", "/{other}/b", 3);
    EXPECT_EQ(look(t, "PUT", "/x/b"), "3 other=x");
}

}  // namespace
