// SPDX-License-Identifier: BSL-1.0
// Content-Type.
#include <brio/http/mime.hpp>

#include <gtest/gtest.h>

namespace {

using brio::http::media_type;

TEST(mime, essence_and_charset) {
    struct row {
        const char *text, *essence, *charset;
    };
    for (const auto& [text, essence, charset] :
         {row{"text/html", "text/html", ""}, row{"Text/HTML; Charset=UTF-8", "text/html", "UTF-8"},
          row{"text/html;charset=\"utf-8\"", "text/html", "utf-8"},
          row{"text/html ; a=b ;charset= latin1 ;c=d", "text/html", "latin1"},
          row{"text/html; a=\"x;charset=y\"; charset=z", "text/html", "z"},
          row{"text/html; charset=a; charset=b", "text/html", "a"},
          row{"text/html; charset=\"a\\\"b\"", "text/html", "a\"b"},
          row{"text/html;;; charset=x", "text/html", "x"}, row{"text/html; charset", "text/html", ""},
          row{"text/html; charset=\"open", "text/html", "open"},
          row{"text/html; charset=\"", "text/html", ""}, row{"", "", ""}, row{"text", "", ""},
          row{"/", "", ""}, row{"a/b/c", "", ""}, row{"; charset=x", "", ""}, row{"te xt/html", "", ""}}) {
        const media_type m(text);
        EXPECT_EQ(m.essence(), essence) << text;
        EXPECT_EQ(m.charset(), charset) << text;
    }
    EXPECT_EQ(media_type("multipart/form-data; boundary=xyz").parameter("boundary"), "xyz");
}

TEST(mime, json) {
    for (const char* yes :
         {"application/json", "APPLICATION/JSON; charset=utf-8", "application/problem+json", "text/json"})
        EXPECT_TRUE(media_type(yes).is_json()) << yes;
    for (const char* no : {"text/html", "application/jsonp", "+json", ""})
        EXPECT_FALSE(media_type(no).is_json()) << no;
}

} // namespace
