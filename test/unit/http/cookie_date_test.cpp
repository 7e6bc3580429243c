// SPDX-License-Identifier: BSL-1.0
// Dates of cookies, in all the forms that servers were seen to send.
#include "http/cookie_date.hpp"

#include <gtest/gtest.h>

#include <string>

namespace {

using namespace std::chrono;
using brio::http::detail::format_http_date;
using brio::http::detail::parse_cookie_date;

std::string read(std::string_view text) {
    const auto when = parse_cookie_date(text);
    return when ? format_http_date(*when) : "none";
}

TEST(cookie_date, H_122_every_order_and_separator_gives_the_same_moment) {
    for (const char* text :
         {"Wed, 09 Sep 2015 20:30:40 GMT", "Wednesday, 09-Sep-15 20:30:40 GMT", "Wed Sep  9 20:30:40 2015",
          "Wed, 9-Sep-2015 20:30:40 GMT", "Wed, 09/Sep\\2015 20:30:40 GMT", "Wed,09-Sep-15 20:30:40 GMT",
          ", 9-Sep-2015 20:30:40 GMT", " 9-Sep-2015 20:30:40 GMT", "9-Sep-2015 20:30:40", "\t9\tSep\t2015\t20:30:40\t",
          "Nonsense  , 09-Sep-15 20:30:40 GMT", "Nonsense ,  09-sep-15   20:30:40", "Mon, 09 SEP 2015 20:30:40 UTC",
          "\"Wed, 09-Sep-15\\\"20:30:40\\\"GMT\"", "Fishday, 09- September-15 20:30:40", "Fishday, 09 - Septe-15 20:30:40",
          "Wed, 09-Sep-15 20:30:40 GMT-2", "Wed, 09-Sep-15 20:30:40 GMT WHAT", "Wed, 09-Sep-15 20:30:40 GMT+0200 (CEST)",
          "Wed, 09-Sep-15 20:30:40 +0200", "Wed, 09-Sep-15 20:30:40 11:22:33", "Wed, 09-Sep-15 ::00 20:30:40",
          "Wed, 09-Sep-15 tick:t 20:30:40", "20:30:40 Wed Sep 09 2015 GMT", "Wed 20:30:40 Sep 09 2015", "Wed Sep 20:30:40 09 2015",
          "Wed Sep 09 2015 GMT 20:30:40", "09-Wed, Sep-15 20:30:40 GMT", "09-Wed, Sep 20:30:40 GMT 15", "9 15 Sep 20:30:40",
          "Sep 9 15 20:30:40", "Sep 9 20:30:40 15", "2015 September 9 20:30:40", "9th Sep 2015AD 20:30:40GMT",
          "9 Sep 2015 20:30:40 2016 Oct 10"})
        EXPECT_EQ(read(text), "Wed, 09 Sep 2015 20:30:40 GMT") << text;
}

TEST(cookie_date, H_122_short_numbers_and_years) {
    struct row {
        const char *text, *moment;
    };
    for (const auto& [text, moment] :
         {row{"Thu, 10 Dec 2009 3:7:2 GMT", "Thu, 10 Dec 2009 03:07:02 GMT"}, row{"1 Jan 70 0:0:0", "Thu, 01 Jan 1970 00:00:00 GMT"},
          row{"1 Jan 99 0:0:0", "Fri, 01 Jan 1999 00:00:00 GMT"}, row{"1 Jan 69 0:0:0", "Tue, 01 Jan 2069 00:00:00 GMT"},
          row{"1 Jan 00 0:0:0", "Sat, 01 Jan 2000 00:00:00 GMT"}, row{"1 Jan 1601 0:0:0", "Mon, 01 Jan 1601 00:00:00 GMT"},
          row{"31 Dec 9999 23:59:59", "Fri, 31 Dec 9999 23:59:59 GMT"}, row{"19 Jan 2038 03:14:08", "Tue, 19 Jan 2038 03:14:08 GMT"},
          row{"20 Jan 2039 00:00:00", "Thu, 20 Jan 2039 00:00:00 GMT"}, row{"29 Feb 2000 00:00:00", "Tue, 29 Feb 2000 00:00:00 GMT"},
          row{"1 Jan 070 0:0:0", "Thu, 01 Jan 1970 00:00:00 GMT"}, row{"30 10 Jan 00:00:00", "Wed, 30 Jan 2010 00:00:00 GMT"}})
        EXPECT_EQ(read(text).substr(4), std::string(moment).substr(4)) << text;
}

TEST(cookie_date, H_122_what_is_no_date) {
    for (const char* text :
         {"", " ", "GMT", "nodate", "Wed, 09 Sep 2015", "Wed, 09 2015 20:30:40", "Sep 2015 20:30:40", "9 Sep 20:30:40",
          "Wed, 09-Sep-15 91:22:33 20:30:40", "9 Sep 2015 24:00:00", "9 Sep 2015 20:60:00", "9 Sep 2015 20:30:60",
          "Wed, 009-Sep-2015 20:30:40", "Wed, 9-Sep-20155 20:30:40", "9-Sep-9999999999 20:30:40", "999999999999-Sep-2015 20:30:40",
          "9 Sep 2015 20:30:99999999999", "9 Sep 2015 20: 30:40", "9 Sep 2015 20:30", "98 Sep 15 20:30:40", "0 Sep 2015 20:30:40",
          "31 Sep 2015 20:30:40", "29 Feb 1900 20:30:40", "30 Feb 2000 20:30:40", "1 Jan 1600 0:0:0", "1 Jan 0 0:0:0",
          "9 Se 2015 20:30:40", "9 Xep 2015 20:30:40", "9 Sep -2015 203040", "\xEF\xBC\x99 Sep 2015 20:30:40"})
        EXPECT_EQ(read(text), "none") << text;
}

} // namespace
