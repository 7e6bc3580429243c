// SPDX-License-Identifier: BSL-1.0
// The header store against its contract and against a plain vector.
#include <brio/http/error.hpp>
#include <brio/http/headers.hpp>

#include <gtest/gtest.h>

#include <iterator>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace {

using brio::http::headers;
using brio::http::invalid_request;
using namespace std::string_literals;

TEST(headers, keeps_order_and_spelling_and_ignores_case) {
    headers h;
    h.add("Content-Type", "text/html").add("X-a", "1").add("x-A", "2");
    EXPECT_EQ(h.size(), 3u);
    EXPECT_EQ(h.get("content-TYPE"), "text/html");
    EXPECT_EQ(h.get("X-A"), "1");
    EXPECT_EQ(h.get_all("x-a"), (std::vector<std::string_view>{"1", "2"}));
    EXPECT_EQ(h.get_joined("x-a"), "1, 2");
    EXPECT_EQ(h.count("X-A"), 2u);
    EXPECT_TRUE(h.contains("X-A"));
    EXPECT_FALSE(h.contains("X-"));
    EXPECT_EQ(h.get("missing"), std::nullopt);
    EXPECT_EQ(h.wire(), "Content-Type: text/html\r\nX-a: 1\r\nx-A: 2\r\n");
    std::string out = "GET / HTTP/1.1\r\n";
    h.append_to(out);
    EXPECT_EQ(out.substr(16), h.wire());
    EXPECT_EQ(h[1].name, "X-a");
}

TEST(headers, iterates) {
    const headers h{{"a", "1"}, {"b", "2"}};
    std::string seen;
    for (const auto [name, value] : h) seen += std::string(name) + "=" + std::string(value) + ";";
    EXPECT_EQ(seen, "a=1;b=2;");
    EXPECT_EQ(std::distance(h.begin(), h.end()), 2);
    EXPECT_EQ(h.begin()->value, "1");
    static_assert(std::forward_iterator<headers::iterator>);
    const headers none;
    EXPECT_TRUE(none.begin() == none.end());
}

TEST(headers, set_replaces_in_place_and_removes_the_others) {
    headers h{{"a", "1"}, {"X", "short"}, {"b", "2"}, {"x", "other"}, {"c", "3"}, {"X", "third"}};
    h.set("x", "a much longer value than before");
    EXPECT_EQ(h.wire(), "a: 1\r\nX: a much longer value than before\r\nb: 2\r\nc: 3\r\n");
    h.set("X", "");
    EXPECT_EQ(h.wire(), "a: 1\r\nX: \r\nb: 2\r\nc: 3\r\n");
    h.set("new", "n");
    EXPECT_EQ(h.get("new"), "n");
    EXPECT_EQ(h.remove("X"), 1u);
    EXPECT_EQ(h.remove("X"), 0u);
    EXPECT_EQ(h.wire(), "a: 1\r\nb: 2\r\nc: 3\r\nnew: n\r\n");
}

TEST(headers, arguments_may_be_views_into_the_object) {
    headers h{{"first", "value-of-first"}, {"second", "2"}, {"FIRST", "again"}};
    h.set(h[2].name, h[2].value);
    EXPECT_EQ(h.wire(), "first: again\r\nsecond: 2\r\n");
    h.set(h[1].name, h[0].value);
    EXPECT_EQ(h.get("second"), "again");
    for (int i = 0; i < 200; ++i) h.add(h[0].name, h[0].value);
    EXPECT_EQ(h.count("first"), 201u);
    EXPECT_EQ(h[201].value, "again");
    EXPECT_EQ(h.remove(h[0].name), 201u);
    EXPECT_EQ(h.wire(), "second: again\r\n");
}

TEST(headers, copies_and_moves) {
    headers a{{"x", "1"}};
    headers b(a);
    b.add("y", "2");
    EXPECT_EQ(a.size(), 1u);
    headers c(std::move(b));
    EXPECT_EQ(c.get("y"), "2");
    a = c;
    EXPECT_EQ(a.wire(), c.wire());
    c = headers();
    EXPECT_TRUE(c.empty());
    c.add("z", "3");
    swap(a, c);
    EXPECT_EQ(a.get("z"), "3");
    auto& self = a;
    a = self;
    EXPECT_EQ(a.get("z"), "3");
    a = std::move(self);
    EXPECT_EQ(a.get("z"), "3");
    headers empty_copy{headers()};
    EXPECT_EQ(empty_copy.wire(), "");
}

TEST(headers, clear_keeps_the_memory) {
    headers h;
    h.reserve(10'000);
    h.add("a", "b");
    const auto* before = h.wire().data();
    h.clear();
    EXPECT_TRUE(h.empty());
    for (int i = 0; i < 100; ++i) h.add("name", std::string(60, 'x'));
    EXPECT_EQ(h.wire().data(), before);
}

TEST(headers, H_005_names) {
    headers h;
    for (const std::string& bad : {""s, "a b"s, "a:"s, ":a"s, "a\r"s, "a\n"s, "a\r\nb"s, "\xc3\xa4"s, "a\0"s,
                                   "a\t"s, "a/b"s, "\"a\""s, "(a)"s, "a\x7f"s, " a"s})
        EXPECT_THROW(h.add(bad, "v"), invalid_request) << testing::PrintToString(bad);
    EXPECT_TRUE(h.empty());
    EXPECT_NO_THROW(h.add("!#$%&'*+-.^_`|~09azAZ", "v"));
}

TEST(headers, H_005_H_006_values) {
    headers h{{"x", "old"}};
    for (int c = 0; c < 256; ++c) {
        const std::string value = "a"s + static_cast<char>(c) + "b";
        const bool good = c == 9 || (c >= 0x20 && c != 0x7f);
        if (good) {
            EXPECT_NO_THROW(h.set("x", value)) << c;
        } else {
            EXPECT_THROW(h.set("x", value), invalid_request) << c;
            EXPECT_THROW(h.add("x", value), invalid_request) << c;
        }
    }
    EXPECT_EQ(h.size(), 1u);
    h.set("x", " \t padded \t ");
    EXPECT_EQ(h.get("x"), "padded");
    try {
        h.set("x", "a\r\nSet-Cookie: b");
        FAIL();
    } catch (const invalid_request& e) {
        EXPECT_NE(std::string(e.what()).find("\\x0d at position 1"), std::string::npos) << e.what();
    }
}

TEST(headers, agree_with_a_plain_vector) {
    std::mt19937 rng(3);
    const std::vector<std::string> names = {"a", "A", "b", "Bb", "bB", "ccc"};
    const auto same = [](std::string_view x, std::string_view y) {
        return x.size() == y.size() && std::equal(x.begin(), x.end(), y.begin(),
                                                  [](char p, char q) { return (p | 0x20) == (q | 0x20); });
    };
    for (int round = 0; round < 200; ++round) {
        headers h;
        std::vector<std::pair<std::string, std::string>> model;
        for (int step = 0; step < 60; ++step) {
            const auto& name = names[rng() % names.size()];
            const std::string value(rng() % 40, static_cast<char>('a' + rng() % 26));
            switch (rng() % 4) {
            case 0: {
                h.set(name, value);
                const auto first =
                    std::find_if(model.begin(), model.end(), [&](auto& f) { return same(f.first, name); });
                if (first == model.end()) {
                    model.emplace_back(name, value);
                } else {
                    first->second = value;
                    model.erase(
                        std::remove_if(first + 1, model.end(), [&](auto& f) { return same(f.first, name); }),
                        model.end());
                }
                break;
            }
            case 1: {
                const auto n = std::erase_if(model, [&](auto& f) { return same(f.first, name); });
                EXPECT_EQ(h.remove(name), n);
                break;
            }
            default:
                h.add(name, value);
                model.emplace_back(name, value);
            }
            if (rng() % 20 == 0) h = headers(h);
            std::string wire;
            for (const auto& [n, v] : model) wire += n + ": " + v + "\r\n";
            ASSERT_EQ(h.wire(), wire);
            ASSERT_EQ(h.size(), model.size());
        }
    }
}

} // namespace
