// SPDX-License-Identifier: BSL-1.0
// Going on with downloads: ranges, validators, and servers that give something else.
#include "http/resume_machine.hpp"

#include <brio/http/error.hpp>

#include <gtest/gtest.h>

#include <string>

namespace {

using namespace std::chrono;
using namespace brio::http;
using namespace brio::http::detail;

constexpr date_point now = sys_days(year(2026) / 3 / 1) + 12h;
constexpr const char* early = "Sun, 01 Mar 2026 10:00:00 GMT";
constexpr const char* noon = "Sun, 01 Mar 2026 12:00:00 GMT";

std::string shape(const std::optional<content_range>& r) {
    if (!r) return "bad";
    return (r->has_range ? std::to_string(r->first) + "-" + std::to_string(r->last) : "*") + "/" + (r->complete ? std::to_string(*r->complete) : "*");
}

TEST(resume_machine, content_ranges) {
    struct row {
        const char *text, *shape;
    };
    for (const auto& [text, wanted] : {
             row{"bytes 0-9/10", "0-9/10"},       row{"BYTES 5-9/10", "5-9/10"},    row{"bytes 5-5/*", "5-5/*"},
             row{"bytes */10", "*/10"},           row{"bytes  0-9/10", "0-9/10"},   row{"bytes */*", "bad"},
             row{"bytes 0-10/10", "bad"},         row{"bytes 9-5/10", "bad"},       row{"bytes 0-9", "bad"},
             row{"bytes -5/10", "bad"},           row{"bytes 5-/10", "bad"},        row{"bytes=0-9/10", "bad"},
             row{"items 0-9/10", "bad"},          row{"", "bad"},                   row{"bytes", "bad"},
             row{"bytes 0-9/", "bad"},            row{"bytes +0-9/10", "bad"},      row{"bytes 0x0-9/10", "bad"},
             row{"bytes 0-99999999999999999999/*", "bad"}, row{"bytes 0-18446744073709551615/*", "0-18446744073709551615/*"},
             row{"bytes 0-9/10, 20-29/30", "bad"},
         })
        EXPECT_EQ(shape(parse_content_range(text)), wanted) << text;
}

TEST(resume_machine, validators) {
    struct row {
        headers answer;
        const char* validator;
    };
    const row rows[] = {
        {{}, ""},
        {{{"ETag", "\"abc\""}}, "\"abc\""},
        {{{"ETag", "\"\""}}, "\"\""},
        {{{"ETag", "W/\"abc\""}}, ""},
        {{{"ETag", "abc"}}, ""},
        {{{"ETag", "\"a\"b\""}}, ""},
        {{{"ETag", "\""}}, ""},
        {{{"Last-Modified", early}, {"Date", noon}}, early},
        {{{"Last-Modified", early}}, ""},
        {{{"Last-Modified", noon}, {"Date", noon}}, ""},
        {{{"Last-Modified", "Sun, 01 Mar 2026 11:59:01 GMT"}, {"Date", noon}}, ""},
        {{{"Last-Modified", "Sun, 01 Mar 2026 11:59:00 GMT"}, {"Date", noon}}, "Sun, 01 Mar 2026 11:59:00 GMT"},
        {{{"Last-Modified", "yesterday"}, {"Date", noon}}, ""},
        {{{"ETag", "W/\"abc\""}, {"Last-Modified", early}, {"Date", noon}}, early},
        {{{"ETag", "\"abc\""}, {"Last-Modified", early}, {"Date", noon}}, "\"abc\""},
    };
    for (const auto& [answer, validator] : rows) EXPECT_EQ(strong_validator(answer, now), validator) << answer.wire();
}

resume_note note(const char* validator = "\"v1\"", std::optional<std::uint64_t> complete = 100) {
    resume_note n;
    n.url = "http://a/";
    n.validator = validator;
    n.complete = complete;
    return n;
}
std::string fields(const resume_machine& m) {
    headers h;
    m.add_fields(h);
    return std::string(h.wire());
}

TEST(resume_machine, requests) {
    EXPECT_EQ(fields(resume_machine(note(), 40)), "Accept-Encoding: identity\r\nRange: bytes=40-\r\nIf-Range: \"v1\"\r\n");
    EXPECT_EQ(fields(resume_machine(note(early), 40)), "Accept-Encoding: identity\r\nRange: bytes=40-\r\nIf-Range: Sun, 01 Mar 2026 10:00:00 GMT\r\n");
    EXPECT_EQ(fields(resume_machine(note(), 0)), "Accept-Encoding: identity\r\n");
    EXPECT_EQ(fields(resume_machine(note(""), 40)), "Accept-Encoding: identity\r\n") << "nothing to compare with";
    EXPECT_EQ(resume_machine(note(""), 40).offset(), 0u);
}

// append, restart, again, done, or the kind of error
std::string judged(unsigned status, const headers& answer, std::uint64_t part = 40, const resume_note& with = note()) {
    resume_machine m(with, part);
    try {
        switch (m.judge(status, answer, "http://a/", now)) {
        case resume_action::append:
            EXPECT_EQ(m.offset(), part);
            return "append";
        case resume_action::restart:
            EXPECT_EQ(m.offset(), 0u);
            return "restart " + m.note().validator + " " + (m.note().complete ? std::to_string(*m.note().complete) : "?");
        case resume_action::again:
            EXPECT_EQ(fields(m), "Accept-Encoding: identity\r\n");
            return "again";
        case resume_action::done:
            return "done";
        }
    } catch (const protocol_error&) {
        return "refused";
    } catch (const status_error& e) {
        return "status " + std::to_string(e.status());
    }
    return "";
}

TEST(resume_machine, the_rest) {
    EXPECT_EQ(judged(206, {{"Content-Range", "bytes 40-99/100"}}), "append");
    EXPECT_EQ(judged(206, {{"Content-Range", "bytes 40-99/*"}}), "append");
    EXPECT_EQ(judged(206, {{"Content-Range", "bytes 40-99/100"}, {"ETag", "\"v1\""}, {"Last-Modified", noon}}), "append");
    EXPECT_EQ(judged(206, {{"Content-Range", "bytes 40-199/200"}}, 40, note("\"v1\"", std::nullopt)), "append");
    EXPECT_EQ(judged(206, {{"Content-Range", "bytes 40-99/100"}, {"Content-Encoding", "identity"}}), "append");
    EXPECT_EQ(judged(206, {{"Content-Range", "bytes 40-99/100"}, {"Last-Modified", early}}, 40, note(early)), "append");
}

TEST(resume_machine, a_rest_that_does_not_fit_is_refused) {
    const headers bad[] = {
        {},
        {{"Content-Range", "bytes 0-99/100"}},
        {{"Content-Range", "bytes 41-99/100"}},
        {{"Content-Range", "bytes 40-98/100"}},
        {{"Content-Range", "bytes 40-100/101"}},
        {{"Content-Range", "bytes */100"}},
        {{"Content-Range", "bytes 40-99/100"}, {"ETag", "\"v2\""}},
        {{"Content-Range", "bytes 40-99/100"}, {"ETag", "W/\"v1\""}},
        {{"Content-Range", "bytes 40-99/100"}, {"Content-Encoding", "gzip"}},
        {{"Content-Range", "bytes 40-99/100"}, {"Content-Range", "bytes 40-99/100"}},
        {{"Content-Type", "multipart/byteranges; boundary=x"}},
    };
    for (const headers& answer : bad) EXPECT_EQ(judged(206, answer), "refused") << answer.wire();
    EXPECT_EQ(judged(206, {{"Content-Range", "bytes 40-99/100"}, {"Last-Modified", noon}}, 40, note(early)), "refused");
}

TEST(resume_machine, the_whole) {
    EXPECT_EQ(judged(200, {{"Content-Length", "200"}, {"ETag", "\"v2\""}}), "restart \"v2\" 200") << "the file has changed";
    EXPECT_EQ(judged(200, {{"ETag", "\"v1\""}}), "restart \"v1\" ?") << "the server knows no ranges";
    EXPECT_EQ(judged(200, {{"Content-Length", "5"}}, 0), "restart  5");
    EXPECT_EQ(judged(206, {{"Content-Range", "bytes 0-4/5"}}, 0), "status 206") << "nobody asked";
    for (const unsigned status : {204u, 304u, 404u, 412u, 503u}) EXPECT_EQ(judged(status, {}), "status " + std::to_string(status));
    EXPECT_EQ(judged(416, {}, 0), "status 416");
}

TEST(resume_machine, a_range_that_cannot_be) {
    EXPECT_EQ(judged(416, {{"Content-Range", "bytes */100"}}, 100), "done");
    EXPECT_EQ(judged(416, {{"Content-Range", "bytes */100"}}, 100, note("\"v1\"", std::nullopt)), "done");
    EXPECT_EQ(judged(416, {{"Content-Range", "bytes */90"}}, 100), "again") << "the file has shrunk";
    EXPECT_EQ(judged(416, {{"Content-Range", "bytes */100"}}, 100, note("\"v1\"", 120)), "again");
    EXPECT_EQ(judged(416, {}, 100), "again");
    EXPECT_EQ(judged(416, {{"Content-Range", "nonsense"}}, 100), "again");
}

TEST(resume_machine, the_end) {
    resume_machine m(note(), 40);
    EXPECT_NO_THROW(m.check_end(100));
    EXPECT_THROW(m.check_end(99), incomplete_body);
    EXPECT_THROW(m.check_end(101), incomplete_body);
    EXPECT_NO_THROW(resume_machine(note("", std::nullopt), 0).check_end(7));
}

TEST(resume_machine, notes) {
    for (const auto& complete : {std::optional<std::uint64_t>(), std::optional<std::uint64_t>(123)}) {
        const auto back = read_resume_note(write_resume_note(note("\"v 1\"", complete)));
        ASSERT_TRUE(back);
        EXPECT_EQ(back->url, "http://a/");
        EXPECT_EQ(back->validator, "\"v 1\"");
        EXPECT_EQ(back->complete, complete);
    }
    const std::string whole = write_resume_note(note());
    for (std::size_t size = 0; size < whole.size(); ++size) EXPECT_FALSE(read_resume_note(whole.substr(0, size))) << size;
    EXPECT_FALSE(read_resume_note(whole + "x"));
    EXPECT_FALSE(read_resume_note("brio download 1\nhttp://a/\n\"v\r\n1\nend\n"));
    EXPECT_FALSE(read_resume_note("brio download 1\nhttp://a/\n\"v\"\n1x\nend\n"));
}

} // namespace
