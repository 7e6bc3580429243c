// SPDX-License-Identifier: BSL-1.0
// The program fetch as a user meets it: exit codes, files, messages, Ctrl-C.
#include "child_process.hpp"
#include "fetch_run.hpp"
#include "nginx.hpp"
#include "pages.hpp"
#include "stub_server.hpp"

#include <boost/json.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <thread>

using namespace brio_test;
using namespace std::chrono_literals;

namespace {

std::string list_of_pages(const std::string& base, std::size_t count) {
    std::string list;
    for (std::size_t i = 0; i < count; ++i) list += base + "/" + std::to_string(i) + ".txt\n";
    return list;
}

// One line, "fetch: URL: what happened", and the exit code 1.
void expect_one_line(const outcome& got, const std::string& url, const std::string& what) {
    EXPECT_EQ(got.code, 1);
    EXPECT_EQ(std::count(got.errors.begin(), got.errors.end(), '\n'), 1) << got.errors;
    EXPECT_EQ(got.errors.rfind("fetch: " + url + ": ", 0), 0U) << got.errors;
    EXPECT_TRUE(contains(got.errors, what)) << got.errors;
    EXPECT_TRUE(contains(got.output, "fetched 0 of 1, 1 failed")) << got.output;
}

// One line, "fetch: what is wrong", and the exit code 2.
void expect_usage_error(const outcome& got, const std::string& what) {
    EXPECT_EQ(got.code, 2);
    EXPECT_EQ(got.errors.rfind("fetch: ", 0), 0U) << got.errors;
    EXPECT_TRUE(contains(got.errors, what)) << got.errors;
    EXPECT_EQ(got.output, "");
}

} // namespace

TEST(fetch, without_a_url_it_fetches_a_thousand_pages_of_its_own) {
    const outcome got = run_fetch({});
    EXPECT_EQ(got.code, 0);
    EXPECT_TRUE(contains(got.output, "fetched 1000 of 1000; ")) << got.output;
    EXPECT_TRUE(contains(got.output, "requests/s")) << got.output;
    for (const char* part : {"p50 ", "p90 ", "p99 "}) EXPECT_TRUE(contains(got.output, part)) << got.output;
    EXPECT_TRUE(contains(got.errors, "no URL given")) << got.errors;
}

TEST(fetch, two_thousand_files_into_a_folder) {
    nginx site;
    temp_folder to;
    write_pages(site.www(), 2000);
    const outcome got = run_fetch({"-o", (to / "out").string(), "-"}, list_of_pages(site.url(), 2000));
    EXPECT_EQ(got.code, 0) << got.errors;
    EXPECT_EQ(got.errors, "");
    EXPECT_TRUE(contains(got.output, "fetched 2000 of 2000; ")) << got.output;
    EXPECT_EQ(names_in(to / "out").size(), 2000U);
    for (std::size_t i = 0; i < 2000; ++i) {
        ASSERT_EQ(read_file(to / "out" / (std::to_string(i) + ".txt")), page(i)) << i;
    }
}

TEST(fetch, files_over_tls_from_a_list) {
    const certificates of;
    nginx site(of);
    temp_folder to;
    write_pages(site.www(), 50);
    write_file(to / "list", "# pages\n\n" + list_of_pages(site.tls_url(), 50));
    const outcome got = run_fetch(
        {"--cacert", of.authority(), "-i", (to / "list").string(), "-o", (to / "out").string(), "-q"});
    EXPECT_EQ(got.code, 0) << got.errors;
    EXPECT_EQ(got.output + got.errors, "");
    for (std::size_t i = 0; i < 50; ++i) {
        EXPECT_EQ(read_file(to / "out" / (std::to_string(i) + ".txt")), page(i)) << i;
    }
}

TEST(fetch, a_large_file_is_whole) {
    nginx site;
    temp_folder to;
    std::string content;
    while (content.size() < 20 << 20) content += page(content.size()) + "more\n";
    write_file(site.www() / "large", content);
    const outcome got = run_fetch({"-o", to.path().string(), site.url() + "/large"});
    EXPECT_EQ(got.code, 0) << got.errors;
    EXPECT_TRUE(read_file(to / "large") == content);
}

TEST(fetch, ctrl_c_keeps_what_is_complete) {
    nginx site;
    temp_folder to;
    const std::string content(300 << 10, 'x'); // 1.5 s each at the speed of /slow/
    std::string list;
    for (int i = 0; i < 40; ++i) {
        write_file(site.www() / (std::to_string(i) + ".bin"), content);
        list += site.url() + "/slow/" + std::to_string(i) + ".bin\n";
    }
    child_process program({BRIO_FETCH, "-c", "4", "-o", (to / "out").string(), "-"}, list);
    const auto is_complete = [&] {
        const auto names = names_in(to / "out");
        return std::any_of(names.begin(), names.end(),
                           [](const std::string& name) { return name[0] != '.'; });
    };
    for (const auto deadline = std::chrono::steady_clock::now() + 30s;
         !is_complete() && std::chrono::steady_clock::now() < deadline;) {
        std::this_thread::sleep_for(5ms);
    }
    const auto asked = std::chrono::steady_clock::now();
    program.signal(SIGINT);
    EXPECT_EQ(program.wait(), 130);
    EXPECT_LT(std::chrono::steady_clock::now() - asked, 2s);

    std::size_t complete = 0;
    for (const std::string& name : names_in(to / "out")) {
        EXPECT_NE(name[0], '.') << "left behind: " << name;
        EXPECT_TRUE(read_file(to / "out" / name) == content) << name;
        ++complete;
    }
    EXPECT_GE(complete, 1U);
    EXPECT_LT(complete, 40U);
    EXPECT_TRUE(contains(program.output(), "interrupted: fetched ")) << program.output();
    EXPECT_TRUE(contains(program.output(), " of 40; ")) << program.output();
    EXPECT_EQ(program.errors(), "");
}

TEST(fetch, ctrl_c_ends_the_demonstration_too) {
    child_process program({BRIO_FETCH, "--rate", "20"});
    for (const auto deadline = std::chrono::steady_clock::now() + 30s;
         !contains(program.errors(), "no URL given") && std::chrono::steady_clock::now() < deadline;) {
        std::this_thread::sleep_for(5ms);
    }
    program.signal(SIGINT);
    EXPECT_EQ(program.wait(), 130);
    EXPECT_TRUE(contains(program.output(), "interrupted: fetched ")) << program.output();
}

TEST(fetch, wrong_urls_get_a_line_each) {
    const std::string refused = "http://127.0.0.1:" + std::to_string(free_port()) + "/";
    expect_one_line(run_fetch({"example.com/page"}), "example.com/page",
                    "is not absolute; write http://host");
    expect_one_line(run_fetch({"ftp://example.com/"}), "ftp://example.com/", "use http or https");
    expect_one_line(run_fetch({"http://a b/"}), "http://a b/", "a space");
    expect_one_line(run_fetch({"http://nowhere.invalid/"}), "http://nowhere.invalid/",
                    "cannot resolve the host name");
    expect_one_line(run_fetch({"--retries", "0", refused}), refused,
                    "Connection refused; check host and port");
}

TEST(fetch, statuses_get_a_line_each) {
    nginx site;
    const std::string url = site.url();
    expect_one_line(run_fetch({url + "/status/404"}), url + "/status/404", "404 Not Found; check the URL");
    expect_one_line(run_fetch({"--retries", "0", url + "/status/500"}), url + "/status/500",
                    "500 Internal Server Error");
    expect_one_line(run_fetch({url + "/loop"}), url + "/loop", "redirect");
}

TEST(fetch, certificates_get_a_line_each) {
    const certificates of;
    nginx site(of);
    const std::string ca = of.authority();
    const auto url = [](const std::string& base) { return base + "/hop/0"; };
    expect_one_line(run_fetch({"--cacert", ca, url(site.expired_url())}), url(site.expired_url()),
                    "has expired");
    expect_one_line(run_fetch({"--cacert", ca, url(site.wrong_host_url())}), url(site.wrong_host_url()),
                    "mismatch");
    expect_one_line(run_fetch({"--cacert", ca, url(site.foreign_url())}), url(site.foreign_url()),
                    "--cacert");
    expect_one_line(run_fetch({url(site.tls_url())}), url(site.tls_url()), "certificate");
}

TEST(fetch, silent_and_broken_servers_get_a_line_each) {
    stub_server silent;
    stub_server stops("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf");
    stub_server breaks("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf", true);
    stub_server babbles("SSH-2.0-OpenSSH_9.2\r\n", true);
    temp_folder to;
    const std::string out = to.path().string();
    const auto run = [&](const stub_server& of) {
        return run_fetch({"--timeout", "0.3", "--retries", "0", "-o", out, of.url()});
    };
    expect_one_line(run(silent), silent.url(), "no answer within 0.30 s");
    expect_one_line(run(stops), stops.url(), "only 4 B of the body came within 0.30 s");
    expect_one_line(run(breaks), breaks.url(), "after 4 of 100 bytes");
    expect_one_line(run(babbles), babbles.url(), "");
    EXPECT_EQ(names_in(to.path()), std::set<std::string>());
}

TEST(fetch, wrong_usage) {
    temp_folder folder;
    write_file(folder / "not.pem", "nothing");
    const std::string url = "http://127.0.0.1:9/";
    expect_usage_error(run_fetch({"--nonsense"}), "--nonsense");
    expect_usage_error(run_fetch({"-c", "0", url}), "-c");
    expect_usage_error(run_fetch({"--max-size", "10x", url}), "--max-size");
    expect_usage_error(run_fetch({"--header", "no colon", url}), "'Name: value'");
    expect_usage_error(run_fetch({"--header", "a b: c", url}), "a b");
    expect_usage_error(run_fetch({"-i", (folder / "missing").string()}), "cannot read");
    expect_usage_error(run_fetch({"-i", folder.path().string()}), "cannot read");
    expect_usage_error(run_fetch({"--cacert", (folder / "not.pem").string(), url}), "CA file");
    expect_usage_error(run_fetch({"-o", (folder / "not.pem").string(), url}), "cannot create the folder");
}

TEST(fetch, help_and_version) {
    const outcome help = run_fetch({"--help"});
    EXPECT_EQ(help.code, 0);
    for (const char* part : {"Examples:", "--retries", "--max-size", "Exit code:"}) {
        EXPECT_TRUE(contains(help.output, part)) << part;
    }
    const outcome version = run_fetch({"--version"});
    EXPECT_EQ(version.code, 0);
    EXPECT_EQ(version.output.rfind("fetch ", 0), 0U);
}

TEST(fetch, names_of_files) {
    nginx site;
    temp_folder to;
    for (const char* name : {"a.txt", "sub/a.txt", "sub/index.html", "c d.txt", ".hidden"}) {
        write_file(site.www() / name, name);
    }
    const std::string url = site.url();
    const outcome got =
        run_fetch({"-o", to.path().string(), url + "/a.txt", url + "/sub/a.txt", url + "/sub/",
                   url + "/c%20d.txt", url + "/.hidden", url + "/a.txt?q=1/2"});
    EXPECT_EQ(got.code, 0) << got.errors;
    const std::set<std::string> expected{"a.txt",   "a-2.txt", "index.html",
                                         "c_d.txt", "_hidden", "a.txt_q=1_2"};
    EXPECT_EQ(names_in(to.path()), expected);
    EXPECT_EQ(read_file(to / "a-2.txt"), "sub/a.txt");
}

TEST(fetch, bodies_that_are_too_large) {
    nginx site;
    temp_folder to;
    write_file(site.www() / "big", std::string(100'000, 'x'));
    const std::string plain = site.url() + "/big";
    const std::string packed = site.url() + "/gzip/big"; // small on the way
    for (const std::string& url : {plain, packed}) {
        expect_one_line(run_fetch({"--max-size", "64k", "-o", to.path().string(), url}), url,
                        "larger than --max-size");
    }
    EXPECT_EQ(names_in(to.path()), std::set<std::string>());
    EXPECT_EQ(run_fetch({"--max-size", "1M", "-o", to.path().string(), plain}).code, 0);
    EXPECT_EQ(names_in(to.path()), std::set<std::string>{"big"});
}

TEST(fetch, the_report_tells_attempts_and_errors) {
    nginx site;
    temp_folder to;
    write_pages(site.www(), 2);
    const auto started = std::chrono::steady_clock::now();
    const outcome got =
        run_fetch({"--retries", "1", "--json", (to / "report").string(), site.url() + "/1.txt",
                   site.url() + "/status/503", "http://user:secret@127.0.0.1:1/"});
    EXPECT_EQ(got.code, 1);
    EXPECT_GE(std::chrono::steady_clock::now() - started, 1s) << "Retry-After: 1";
    EXPECT_FALSE(contains(got.errors, "secret")) << got.errors;
    const auto report = boost::json::parse(read_file(to / "report"));
    EXPECT_EQ(report.at("fetched").as_int64(), 1);
    EXPECT_EQ(report.at("failed").as_int64(), 2);
    EXPECT_EQ(report.at("interrupted").as_bool(), false);
    const boost::json::array& rows = report.at("results").as_array();
    ASSERT_EQ(rows.size(), 3U);
    EXPECT_EQ(rows[0].at("ok").as_bool(), true);
    EXPECT_EQ(rows[0].at("bytes").as_int64(), static_cast<std::int64_t>(page(1).size()));
    EXPECT_EQ(rows[1].at("status").as_int64(), 503);
    EXPECT_EQ(rows[1].at("attempts").as_int64(), 2);
    EXPECT_EQ(rows[2].at("url").as_string(), "http://127.0.0.1:1/");
}

TEST(fetch, the_report_on_standard_output_stands_alone) {
    const outcome got = run_fetch({"--json", "-"});
    EXPECT_EQ(got.code, 0);
    EXPECT_EQ(boost::json::parse(got.output).at("fetched").as_int64(), 1000);
    EXPECT_TRUE(contains(got.errors, "fetched 1000 of 1000")) << got.errors;
}

TEST(fetch, headers_are_sent) {
    nginx site;
    temp_folder to;
    const outcome got = run_fetch({"--header", "X-Echo: hello there", "--header", "X-Other: y", "-o",
                                   to.path().string(), site.url() + "/echo"});
    EXPECT_EQ(got.code, 0) << got.errors;
    EXPECT_EQ(read_file(to / "echo"), "hello there");
}

TEST(fetch, the_rate_is_kept) {
    nginx site;
    write_pages(site.www(), 10);
    const auto started = std::chrono::steady_clock::now();
    const outcome got = run_fetch({"--rate", "20", "-"}, list_of_pages(site.url(), 10));
    EXPECT_EQ(got.code, 0) << got.errors;
    EXPECT_GE(std::chrono::steady_clock::now() - started, 450ms); // nine gaps of 50 ms
}
