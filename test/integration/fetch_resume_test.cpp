// SPDX-License-Identifier: BSL-1.0
// fetch --resume, --proxy and --cookie-jar.
#include "fetch_run.hpp"
#include "nginx.hpp"
#include "stub_server.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <string>
#include <thread>

using namespace brio_test;
using namespace std::chrono_literals;

namespace {

// Runs fetch on the slow file until a good part is there, and ends it by that signal.
void fetch_part(const std::string& url, const std::filesystem::path& folder, int number) {
    child_process program({BRIO_FETCH, "--resume", "-o", folder.string(), url});
    const auto size = [&] {
        std::error_code none;
        const auto bytes = std::filesystem::file_size(folder / "large.part", none);
        return none ? 0 : bytes;
    };
    const auto deadline = std::chrono::steady_clock::now() + 30s;
    while (size() < 256 * 1024 && std::chrono::steady_clock::now() < deadline) std::this_thread::sleep_for(5ms);
    program.signal(number);
    program.wait();
}

}  // namespace

TEST(fetch_resume, goes_on_after_ctrl_c_and_after_being_killed) {
    nginx site;
    std::string content;
    while (content.size() < 700 * 1024) content += std::to_string(content.size()) + " ";
    write_file(site.www() / "large", content);
    // Its ETag is strong, as the file is older than the answer.
    std::filesystem::last_write_time(site.www() / "large", std::filesystem::file_time_type::clock::now() - 1h);
    const std::string url = site.url() + "/slow/large";
    for (const int number : {SIGINT, SIGKILL}) {
        temp_folder to;
        fetch_part(url, to.path(), number);
        EXPECT_EQ(names_in(to.path()), (std::set<std::string>{"large.part", "large.part.info"})) << number;
        EXPECT_TRUE(content.starts_with(read_file(to / "large.part")));
        const outcome got = run_fetch({"--resume", "--json", "-", "-o", to.path().string(), url});
        EXPECT_EQ(got.code, 0) << got.errors;
        EXPECT_TRUE(contains(got.output, "\"status\":206")) << got.output;
        EXPECT_TRUE(read_file(to / "large") == content);
        EXPECT_EQ(names_in(to.path()), (std::set<std::string>{"large"}));
    }
}

TEST(fetch_resume, usage_and_errors) {
    EXPECT_EQ(run_fetch({"--resume", "http://a/"}).code, 2);
    nginx site;
    temp_folder to;
    const outcome missing = run_fetch({"--resume", "-o", to.path().string(), "--retries", "0", site.url() + "/status/404"});
    EXPECT_EQ(missing.code, 1);
    EXPECT_TRUE(contains(missing.errors, "the server answered 404 Not Found; check the URL")) << missing.errors;
    EXPECT_TRUE(names_in(to.path()).empty());
}

TEST(fetch_proxy, everything_goes_through_it) {
    const stub_server proxy("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", true);
    std::string url = proxy.url();
    url.pop_back();
    const outcome got = run_fetch({"--proxy", url, "http://nowhere.invalid/"});
    EXPECT_EQ(got.code, 0) << got.errors;
    const outcome wrong = run_fetch({"--proxy", "ftp://x", "http://nowhere.invalid/"});
    EXPECT_EQ(wrong.code, 2);
    EXPECT_TRUE(contains(wrong.errors, "is not supported")) << wrong.errors;
    EXPECT_EQ(run_fetch({"--proxy", "none", "--retries", "0", "http://nowhere.invalid/"}).code, 1);
}

TEST(fetch_cookies, are_kept_from_run_to_run) {
    temp_folder to;
    const std::string jar = (to / "jar").string();
    const stub_server sets("HTTP/1.1 200 OK\r\nSet-Cookie: id=7; Max-Age=1000\r\nContent-Length: 2\r\n\r\nhi", true);
    EXPECT_EQ(run_fetch({"--cookie-jar", jar, sets.url()}).code, 0);
    EXPECT_TRUE(contains(read_file(jar), "id\t7")) << read_file(jar);
    const stub_server other("HTTP/1.1 200 OK\r\nSet-Cookie: more=8; Max-Age=1000\r\nContent-Length: 2\r\n\r\nhi", true);
    EXPECT_EQ(run_fetch({"--cookie-jar", jar, other.url()}).code, 0);
    EXPECT_TRUE(contains(read_file(jar), "id\t7")) << read_file(jar);
    EXPECT_TRUE(contains(read_file(jar), "more\t8")) << read_file(jar);
    EXPECT_EQ(run_fetch({"--cookie-jar", to.path().string(), sets.url()}).code, 2) << "a folder";
}
