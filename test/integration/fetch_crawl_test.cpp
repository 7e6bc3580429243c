// SPDX-License-Identifier: BSL-1.0
// fetch --recursive: links, robots.txt, limits of depth and hosts.
#include "fetch_run.hpp"
#include "links.hpp"
#include "nginx.hpp"
#include "robots.hpp"
#include "stub_server.hpp"

#include <gtest/gtest.h>

#include <string>

using namespace brio_test;

namespace {

std::string linking(const std::vector<std::string>& to) {
    std::string page = "<html><body>";
    for (const std::string& one : to) page += "<a href='" + one + "'>x</a>\n";
    return page + "</body></html>";
}

}  // namespace

TEST(fetch_robots, rules) {
    struct row {
        const char* text;
        const char* path;
        bool allowed;
    };
    for (const auto& [text, path, allowed] : {
             row{"", "/x", true},
             row{"User-agent: *\nDisallow: /private", "/private/x", false},
             row{"User-agent: *\nDisallow: /private", "/privates", false},
             row{"User-agent: *\nDisallow: /private", "/public", true},
             row{"User-agent: *\nDisallow:", "/x", true},
             row{"User-agent: *\nDisallow: /\nAllow: /open", "/open/x", true},
             row{"User-agent: *\nAllow: /a\nDisallow: /a", "/a", true},
             row{"User-agent: other\nDisallow: /", "/x", true},
             row{"User-agent: *\nDisallow: /\n\nUser-agent: FETCH\nDisallow: /x", "/y", true},
             row{"User-agent: *\nDisallow: /\n\nUser-agent: FETCH\nDisallow: /x", "/x", false},
             row{"User-agent: a\nUser-agent: fetch\nDisallow: /x", "/x", false},
             row{"User-agent: fetch\nDisallow: /a\nUser-agent: b\nDisallow: /b\nUser-agent: fetch\nDisallow: /c", "/c", false},
             row{"User-agent: fetch\nDisallow: /a\nUser-agent: b\nDisallow: /b\nUser-agent: fetch\nDisallow: /c", "/b", true},
             row{"User-agent: *\r\nDisallow: /*.gif$\r\n", "/a/b.gif", false},
             row{"User-agent: *\r\nDisallow: /*.gif$\r\n", "/a/b.gif?x", true},
             row{"User-agent: *\nDisallow: /a*c*e", "/abcde", false},
             row{"User-agent: *\nDisallow: /a*c*e", "/abcd", true},
             row{"User-agent: *\nDisallow: /%7euser", "/~user", false},
             row{"User-agent: *\nDisallow: /a%2fb", "/a%2Fb", false},
             row{"User-agent: *\nDisallow: /a%2fb", "/a/b", true},
             row{"  user-AGENT : * # all\n disallow : /x # this", "/x", false},
             row{"Disallow: /x", "/x", true},
             row{"User-agent: *\nDisallow: /", "/robots.txt", true},
         })
        EXPECT_EQ(fetch::robots(text, "fetch").allows(path), allowed) << text << " | " << path;
    EXPECT_EQ(fetch::robots("User-agent: *\nCrawl-delay: 1.5", "fetch").delay(), std::chrono::milliseconds(1500));
    EXPECT_EQ(fetch::robots("User-agent: *\nCrawl-delay: 1e9", "fetch").delay(), std::chrono::seconds(30));
    EXPECT_FALSE(fetch::robots::forbid_all().allows("/"));
    const std::string stars = "User-agent: *\nDisallow: /" + std::string(2000, '*') + "x$";
    EXPECT_TRUE(fetch::robots(stars, "fetch").allows("/" + std::string(5000, 'a')));
}

TEST(fetch_links, of_pages) {
    const brio::http::url page("http://a.example/dir/page.html");
    const auto links = [&](const char* html) {
        std::string all;
        for (const std::string& one : fetch::links_of(html, page)) all += one + " ";
        return all;
    };
    EXPECT_EQ(links("<a href=\"b.html#x\">b</a><A HREF = '/c?d&amp;e'>"), "http://a.example/dir/b.html http://a.example/c?d&e ");
    EXPECT_EQ(links("<a class=x href=b>b</a><a href='b'>"), "http://a.example/dir/b ");
    EXPECT_EQ(links("<img alt='a > b' src=i.png><link rel=x href=//s.example/s.css>"), "http://a.example/dir/i.png http://s.example/s.css ");
    EXPECT_EQ(links("<base href='http://b.example/x/'><a href=y>"), "http://b.example/x/y ");
    EXPECT_EQ(links("<!-- <a href=no> --><script>'<a href=no>'</script><style><a href=no></style><a href=yes>"), "http://a.example/dir/yes ");
    EXPECT_EQ(links("<script src=s.js></script><a href='mailto:x@y'><a href='javascript:x'><a href='ftp://f/'><a href=''>"), "http://a.example/dir/s.js ");
    EXPECT_EQ(links("<a href='http://user:secret@c.example/'>"), "http://c.example/ ");
    for (const char* cut : {"<", "<a", "<a href", "<a href=", "<a href='", "<a href='x", "<!--", "<script>", "<a =x>", "<a / / >"}) links(cut);
}

TEST(fetch_crawl, depth_hosts_and_robots) {
    nginx site;
    temp_folder to;
    std::filesystem::create_directories(site.www() / "private");
    write_file(site.www() / "robots.txt", "User-agent: *\nDisallow: /private/\n");
    write_file(site.www() / "index.html", linking({"a.html", "/hop/1", "private/x.html", "http://elsewhere.invalid/", "#top", "data.bin"}));
    write_file(site.www() / "a.html", linking({"b.html", "index.html", "a.html?"}));
    write_file(site.www() / "b.html", linking({"c.html"}));
    write_file(site.www() / "c.html", linking({"d.html"}));
    write_file(site.www() / "data.bin", linking({"hidden.html"}));
    for (const char* name : {"d.html", "hidden.html", "private/x.html"}) write_file(site.www() / name, "text");
    const outcome got = run_fetch({"-r", "--depth", "2", "-o", (to / "out").string(), site.url() + "/"});
    EXPECT_EQ(got.code, 0) << got.errors;
    EXPECT_TRUE(contains(got.output, ", 1 forbidden by robots.txt")) << got.output;
    const std::set<std::string> names = names_in(to / "out");
    for (const char* name : {"a.html", "b.html", "data.bin", "0"}) EXPECT_TRUE(names.contains(name)) << name;
    for (const char* name : {"c.html", "d.html", "hidden.html", "x.html", "1"}) EXPECT_FALSE(names.contains(name)) << name;
    EXPECT_EQ(read_file(to / "out" / "0"), "arrived") << "a redirect is followed as a link";

    const outcome refused = run_fetch({"-r", site.url() + "/private/x.html"});
    EXPECT_EQ(refused.code, 1);
    EXPECT_TRUE(contains(refused.errors, "robots.txt forbids it")) << refused.errors;
}

TEST(fetch_crawl, hosts_that_are_named) {
    nginx first;
    nginx second;
    write_file(second.www() / "index.html", "there");
    std::string to_second = second.url() + "/";
    to_second.replace(to_second.find("127.0.0.1"), 9, "localhost");
    write_file(first.www() / "index.html", linking({to_second}));
    EXPECT_TRUE(contains(run_fetch({"-r", first.url() + "/"}).output, "fetched 1 of 1"));
    const outcome both = run_fetch({"-r", "--hosts", "localhost", first.url() + "/"});
    EXPECT_TRUE(contains(both.output, "fetched 2 of 2")) << both.output << both.errors;
}

TEST(fetch_crawl, no_rules_to_be_had_means_no) {
    const stub_server broken("HTTP/1.1 500 Broken\r\nContent-Length: 0\r\n\r\n", true);
    const outcome got = run_fetch({"-r", broken.url()});
    EXPECT_EQ(got.code, 1);
    EXPECT_TRUE(contains(got.errors, "cannot be read")) << got.errors;
    EXPECT_EQ(run_fetch({"-r", "--resume", "-o", "x", "http://a/"}).code, 2);
    EXPECT_EQ(run_fetch({"--depth", "3", "http://a/"}).code, 2);
}
