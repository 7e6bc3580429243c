// SPDX-License-Identifier: BSL-1.0
// Percent and form encoding.
#include <brio/http/percent.hpp>

#include <gtest/gtest.h>

#include <string>

namespace {

using namespace brio::http;

TEST(percent, encode_and_decode) {
    EXPECT_EQ(percent_encode("a b/\xc3\xa4+~-._%"), "a%20b%2F%C3%A4%2B~-._%25");
    std::string all(256, '\0');
    for (std::size_t i = 0; i < 256; ++i) all[i] = static_cast<char>(i);
    EXPECT_EQ(percent_decode(percent_encode(all)), all);
    EXPECT_EQ(percent_decode("a+b%2"), "a+b%2");
    EXPECT_EQ(percent_decode("%zz%4"), "%zz%4");
    EXPECT_EQ(percent_decode("%4a%4A"), "JJ");
    EXPECT_EQ(percent_decode("%"), "%");
}

TEST(percent, forms_and_queries) {
    EXPECT_EQ(form_encode({{"a b", "1&2"}, {"\xc3\xa4", "*-._~"}, {"a b", ""}}),
              "a+b=1%262&%C3%A4=*-._%7E&a+b=");
    EXPECT_EQ(query_encode({{"a b", "1&2"}, {"~", "*"}}), "a%20b=1%262&~=%2A");
    EXPECT_EQ(form_encode({}), "");
    EXPECT_EQ(form_encode({{"a", "\r\n"}}), "a=%0D%0A");
}

TEST(percent, queries_are_read) {
    using pairs = name_values;
    EXPECT_EQ(query_decode(""), pairs());
    EXPECT_EQ(query_decode("a=1&b=x%20y+z&a="), (pairs{{"a", "1"}, {"b", "x y z"}, {"a", ""}}));
    EXPECT_EQ(query_decode("a&&b=c=d&=e&"), (pairs{{"a", ""}, {"b", "c=d"}, {"", "e"}}));
    EXPECT_EQ(query_decode("%2B=%26%3D&%zz=%"), (pairs{{"+", "&="}, {"%zz", "%"}}));
    const pairs all{{"a b", "1&2=3"}, {"+", "\xc3\xa4"}};
    EXPECT_EQ(query_decode(query_encode(all)), all);
    EXPECT_EQ(query_decode(form_encode(all)), all);
}

} // namespace
