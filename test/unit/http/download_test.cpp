// SPDX-License-Identifier: BSL-1.0
// Downloads to files: whole, cut off, resumed, refused.
#include "http/error_of.hpp"
#include "http/scripted_server.hpp"

#include <brio/http.hpp>
#include <brio/testing/test.hpp>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <system_error>

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace {

using namespace http_test;
namespace http = brio::http;
namespace fs = std::filesystem;

constexpr const char* tag = "ETag: \"v1\"\r\n";

class folder {
public:
    folder() {
        std::string name = (fs::temp_directory_path() / "brio-download-XXXXXX").string();
        path_ = ::mkdtemp(name.data());
    }
    folder(const folder&) = delete;
    folder& operator=(const folder&) = delete;
    ~folder() {
        std::error_code ignored;
        fs::remove_all(path_, ignored);
    }
    std::string operator/(const std::string& name) const { return (path_ / name).string(); }
    // Names in it, sorted.
    std::string names() const {
        std::vector<std::string> all;
        for (const auto& entry : fs::directory_iterator(path_)) all.push_back(entry.path().filename().string());
        std::sort(all.begin(), all.end());
        std::string text;
        for (const std::string& one : all) text += (text.empty() ? "" : " ") + one;
        return text;
    }

private:
    fs::path path_;
};

std::string contents(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    std::stringstream all;
    all << in.rdbuf();
    return all.str();
}
void put(const std::string& path, const std::string& text) { std::ofstream(path, std::ios::binary) << text; }
std::string digits(std::size_t size) {
    std::string text;
    for (std::size_t i = 0; text.size() < size; ++i) text += std::to_string(i) + ",";
    text.resize(size);
    return text;
}
// A head that announces `size` bytes, and some of them.
std::string beginning(std::size_t size, const std::string& bytes, const std::string& more = tag) {
    return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(size) + "\r\n" + more + "\r\n" + bytes;
}
std::string rest_of(const std::string& all, std::size_t from, const std::string& more = tag) {
    const std::string range = "Content-Range: bytes " + std::to_string(from) + "-" + std::to_string(all.size() - 1) + "/" + std::to_string(all.size()) + "\r\n";
    return answer("206 Partial Content", all.substr(from), range + more);
}
// One answer after the other; each but the last closes its connection.
script in_turn(std::vector<std::string> answers) {
    auto at = std::make_shared<std::size_t>(0);
    return [answers = std::move(answers), at](peer& client) -> brio::awaitable<> {
        const std::string got = co_await client.request();
        if (got.empty()) co_return;
        co_await client.send(answers.at((*at)++));
        if (*at == answers.size()) co_await client.until_closed();
    };
}
http::download_options resuming() { return http::download_options().resume(); }

brio::awaitable<int> errno_of(brio::awaitable<http::download_result> download) {
    const auto failed = co_await error_of<std::system_error>(std::move(download));
    co_return failed.code().value();
}

}  // namespace

BRIO_TEST_REAL_TIME(download, whole) {
    const folder dir;
    const std::string all = digits(1'000'000);
    scripted_server server(always(ok(all, tag)));
    http::session s;
    std::vector<std::uint64_t> steps;
    http::download_options opts;
    opts.progress([&](const http::download_progress& p) {
        steps.push_back(p.received);
        EXPECT_EQ(p.total, all.size());
        EXPECT_EQ(p.percent(), p.received / 10'000);
        EXPECT_FALSE(fs::exists(dir / "file")) << "it appears when it is whole";
    });
    const http::download_result got = co_await s.download(server.url("/file"), dir / "file", opts);
    EXPECT_EQ(contents(dir / "file"), all);
    EXPECT_EQ(dir.names(), "file");
    EXPECT_EQ(got.path(), dir / "file");
    EXPECT_EQ(got.size(), all.size());
    EXPECT_EQ(got.resumed_from(), 0u);
    EXPECT_EQ(got.head().status(), 200u);
    EXPECT_EQ(got.head().url().path(), "/file");
    EXPECT_EQ(steps.front(), 0u);
    EXPECT_EQ(steps.back(), all.size());
    EXPECT_GE(steps.size(), 4u);
    EXPECT_TRUE(contains(server.requests().at(0), "Accept-Encoding: identity\r\n"));
    EXPECT_FALSE(contains(server.requests().at(0), "Range"));
    EXPECT_EQ(s.stats().idle, 1u);
    co_await server.stop();
}

BRIO_TEST_REAL_TIME(download, an_empty_one_and_one_over_another) {
    const folder dir;
    put(dir / "file", "old");
    fs::permissions(dir / "file", fs::perms(0640));
    scripted_server server(in_turn({ok(""), ok("new")}));
    http::session s;
    EXPECT_EQ((co_await s.download(server.url(), dir / "empty")).size(), 0u);
    EXPECT_TRUE(fs::exists(dir / "empty"));
    co_await s.download(server.url(), dir / "file");
    EXPECT_EQ(contents(dir / "file"), "new");
    EXPECT_EQ(fs::status(dir / "file").permissions(), fs::perms(0640));
    co_await server.stop();
}

BRIO_TEST_REAL_TIME(download, chunked_and_stored_as_it_comes) {
    const folder dir;
    scripted_server server(always("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Encoding: gzip\r\n\r\n5\r\nhello\r\n0\r\n\r\n"));
    http::session s;
    http::download_options opts;
    opts.progress([](const http::download_progress& p) { EXPECT_FALSE(p.percent().has_value()); });
    co_await s.download(server.url(), dir / "file.gz", opts);
    EXPECT_EQ(contents(dir / "file.gz"), "hello") << "no decoding";
    co_await server.stop();
}

BRIO_TEST_REAL_TIME(download, H_147_cut_off_leaves_nothing_or_a_part) {
    const folder dir;
    put(dir / "file", "old");
    scripted_server server(in_turn({beginning(10, "01234"), beginning(10, "01234"), beginning(10, "01234", ""), ok("")}));
    http::session s;
    const auto cut = co_await error_of<http::incomplete_body>(s.download(server.url(), dir / "file"));
    EXPECT_EQ(cut.received(), 5u);
    EXPECT_EQ(dir.names(), "file");
    co_await error_of<http::incomplete_body>(s.download(server.url(), dir / "file", resuming()));
    EXPECT_EQ(dir.names(), "file file.part file.part.info");
    EXPECT_EQ(contents(dir / "file.part"), "01234");
    EXPECT_EQ(contents(dir / "file"), "old");
    fs::remove(dir / "file.part");
    fs::remove(dir / "file.part.info");
    co_await error_of<http::incomplete_body>(s.download(server.url(), dir / "file", resuming()));
    EXPECT_EQ(dir.names(), "file") << "without a validator a part is worth nothing";
    co_await server.stop();
}

BRIO_TEST_REAL_TIME(download, H_147_cancelled_at_each_moment) {
    const folder dir;
    const std::string all = digits(600'000);
    scripted_server server([&](peer& client) -> brio::awaitable<> {
        co_await client.request();
        co_await client.send(beginning(all.size(), all.substr(0, 300'000)));
        co_await client.until_closed();
    });
    http::session s;
    for (const bool resumed : {false, true}) {
        put(dir / "file", "old");
        std::uint64_t received = 0;
        http::download_options opts;
        opts.resume(resumed).progress([&](const http::download_progress& p) { received = p.received; });
        auto running = brio::create_task(s.download(server.url(), dir / "file", opts));
        EXPECT_TRUE(co_await eventually([&] { return received > 0; }));
        running.cancel();
        co_await brio::gather(brio::return_exceptions, running);
        EXPECT_TRUE(running.cancelled());
        EXPECT_EQ(dir.names(), resumed ? "file file.part file.part.info" : "file");
        EXPECT_EQ(contents(dir / "file"), "old");
        EXPECT_EQ(s.stats().open, 0u);
    }
    EXPECT_TRUE(all.starts_with(contents(dir / "file.part")));
    EXPECT_GE(fs::file_size(dir / "file.part"), 256u * 1024);
    co_await server.stop();
}

// A child process downloads and is killed; its part is good for the next one.
TEST(download, H_147_the_process_is_killed) {
    const folder dir;
    put(dir / "file", "old");
    const std::string all = digits(1'000'000);
    int ports[2];
    ASSERT_EQ(::pipe(ports), 0);
    const pid_t child = ::fork();
    if (child == 0) {
        std::uint16_t port = 0;
        if (::read(ports[0], &port, sizeof port) != sizeof port) ::_exit(1);
        const auto get = [&]() -> brio::awaitable<> {
            http::session s;
            co_await s.download("http://127.0.0.1:" + std::to_string(port) + "/", dir / "file", resuming());
        };
        brio::run(get());
        ::_exit(0);
    }
    const auto serve = [&]() -> brio::awaitable<> {
        scripted_server server([&](peer& client) -> brio::awaitable<> {
            const std::string got = co_await client.request();
            if (client.index == 0) {
                co_await client.send(beginning(all.size(), all.substr(0, 800'000)));
                co_await client.until_closed();
            } else {
                const std::size_t from = std::stoul(got.substr(got.find("bytes=") + 6));
                co_await client.send(rest_of(all, from));
                co_await client.until_closed();
            }
        });
        const std::uint16_t port = server.port();
        EXPECT_EQ(::write(ports[1], &port, sizeof port), static_cast<ssize_t>(sizeof port));
        EXPECT_TRUE(co_await eventually([&] {
            std::error_code ignored;
            return fs::file_size(dir / "file.part", ignored) != static_cast<std::uintmax_t>(-1) && fs::file_size(dir / "file.part", ignored) >= 500'000;
        }));
        ::kill(child, SIGKILL);
        int status = 0;
        ::waitpid(child, &status, 0);
        EXPECT_TRUE(WIFSIGNALED(status));
        EXPECT_EQ(dir.names(), "file file.part file.part.info");
        EXPECT_EQ(contents(dir / "file"), "old");
        http::session s;
        const http::download_result got = co_await s.download(server.url(), dir / "file", resuming());
        EXPECT_GE(got.resumed_from(), 500'000u);
        EXPECT_TRUE(contents(dir / "file") == all);
        EXPECT_EQ(dir.names(), "file");
        co_await server.stop();
    };
    brio::run(serve());
    ::close(ports[0]);
    ::close(ports[1]);
}

BRIO_TEST_REAL_TIME(download, resumed_behind_the_part) {
    const folder dir;
    const std::string all = digits(1000);
    scripted_server server(in_turn({beginning(1000, all.substr(0, 400)), rest_of(all, 400)}));
    http::session s;
    co_await error_of<http::incomplete_body>(s.download(server.url(), dir / "file", resuming()));
    std::vector<std::uint64_t> steps;
    http::download_options opts = resuming();
    opts.progress([&](const http::download_progress& p) {
        EXPECT_EQ(p.resumed_from, 400u);
        EXPECT_EQ(p.total, 1000u);
        steps.push_back(p.received);
    });
    const http::download_result got = co_await s.download(server.url(), dir / "file", opts);
    EXPECT_EQ(contents(dir / "file"), all);
    EXPECT_EQ(dir.names(), "file");
    EXPECT_EQ(got.size(), 1000u);
    EXPECT_EQ(got.resumed_from(), 400u);
    EXPECT_EQ(got.head().status(), 206u);
    EXPECT_EQ(steps.front(), 400u);
    EXPECT_EQ(steps.back(), 1000u);
    EXPECT_TRUE(contains(server.requests().at(1), "Range: bytes=400-\r\nIf-Range: \"v1\"\r\n"));
    co_await server.stop();
}

BRIO_TEST_REAL_TIME(download, another_version_begins_anew) {
    const folder dir;
    const std::string all = digits(1000);
    scripted_server server(in_turn({beginning(1000, all.substr(0, 400)), ok("other", "ETag: \"v2\"\r\n")}));
    http::session s;
    co_await error_of<http::incomplete_body>(s.download(server.url(), dir / "file", resuming()));
    const http::download_result got = co_await s.download(server.url(), dir / "file", resuming());
    EXPECT_EQ(contents(dir / "file"), "other");
    EXPECT_EQ(got.resumed_from(), 0u);
    co_await server.stop();
}

BRIO_TEST_REAL_TIME(download, answers_that_do_not_fit_the_part) {
    const std::string all = digits(1000);
    for (const std::string& wrong : {rest_of(all, 300), rest_of(all, 400, "ETag: \"v2\"\r\n"), rest_of(all + "x", 400),
                                     answer("206 Partial Content", all.substr(400)), rest_of(all, 400, "Content-Encoding: gzip\r\n")}) {
        const folder dir;
        scripted_server server(in_turn({beginning(1000, all.substr(0, 400)), wrong}));
        http::session s;
        co_await error_of<http::incomplete_body>(s.download(server.url(), dir / "file", resuming()));
        const auto refused = co_await error_of<http::protocol_error>(s.download(server.url(), dir / "file", resuming()));
        EXPECT_TRUE(contains(text_of(refused), server.url())) << text_of(refused);
        EXPECT_EQ(dir.names(), "file.part file.part.info");
        EXPECT_EQ(contents(dir / "file.part"), all.substr(0, 400)) << "as it was";
        co_await server.stop();
    }
}

BRIO_TEST_REAL_TIME(download, nothing_behind_the_part) {
    const folder dir;
    scripted_server server(in_turn({beginning(10, "01234", "ETag: \"v1\"\r\nConnection: close\r\n"),
                                    answer("416 No", "", "Content-Range: bytes */5\r\n"), ok("0123456789")}));
    http::session s;
    co_await error_of<http::incomplete_body>(s.download(server.url(), dir / "file", resuming()));
    const http::download_result got = co_await s.download(server.url(), dir / "file", resuming());
    EXPECT_EQ(contents(dir / "file"), "0123456789") << "10 were announced, so that the part is another file's";
    EXPECT_EQ(got.resumed_from(), 0u);
    co_await server.stop();

    scripted_server unsized(in_turn({"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nETag: \"v1\"\r\n\r\n5\r\n01234\r\n",
                                     answer("416 No", "", "Content-Range: bytes */5\r\n")}));
    co_await error_of<http::incomplete_body>(s.download(unsized.url(), dir / "other", resuming()));
    const http::download_result whole = co_await s.download(unsized.url(), dir / "other", resuming());
    EXPECT_EQ(contents(dir / "other"), "01234") << "only the end of the chunks was missing";
    EXPECT_EQ(whole.resumed_from(), 5u);
    co_await unsized.stop();
}

BRIO_TEST_REAL_TIME(download, parts_of_others) {
    const folder dir;
    scripted_server server(in_turn({beginning(10, "01234"), ok("whole")}));
    http::session s;
    put(dir / "file.part", "somebody's");
    EXPECT_EQ(co_await errno_of(s.download(server.url(), dir / "file", resuming())), EEXIST);
    EXPECT_EQ(contents(dir / "file.part"), "somebody's");
    EXPECT_EQ(server.requests().size(), 0u);
    fs::remove(dir / "file.part");
    co_await error_of<http::incomplete_body>(s.download(server.url("/a"), dir / "file", resuming()));
    co_await s.download(server.url("/b"), dir / "file", resuming());
    EXPECT_FALSE(contains(server.requests().at(1), "Range")) << "the part is of another URL";
    EXPECT_EQ(contents(dir / "file"), "whole");
    co_await server.stop();
}

BRIO_TEST_REAL_TIME(download, two_at_the_same_time) {
    const folder dir;
    scripted_server server([&](peer& client) -> brio::awaitable<> {
        co_await client.request();
        co_await client.send(beginning(10, client.index == 0 ? "01234" : "0123456789"));
        co_await client.until_closed();
    });
    http::session s;
    bool begun = false;
    http::download_options opts = resuming();
    opts.progress([&](const http::download_progress&) { begun = true; });
    auto first = brio::create_task(s.download(server.url(), dir / "file", opts));
    EXPECT_TRUE(co_await eventually([&] { return begun; }));
    EXPECT_EQ(co_await errno_of(s.download(server.url(), dir / "file", resuming())), EBUSY);
    EXPECT_EQ((co_await s.download(server.url(), dir / "file")).size(), 10u) << "has a part of its own";
    first.cancel();
    co_await brio::gather(brio::return_exceptions, first);
    co_await server.stop();
}

BRIO_TEST_REAL_TIME(download, H_147_targets_that_are_no_files) {
    const folder dir;
    scripted_server server(always(ok("x")));
    http::session s;
    fs::create_directory(dir / "folder");
    put(dir / "real", "old");
    fs::create_symlink(dir / "real", dir / "link");
    fs::create_symlink(dir / "real", dir / "other.part");
    fs::create_symlink(dir / "nowhere", dir / "dangling");
    EXPECT_EQ(co_await errno_of(s.download(server.url(), dir / "folder")), EISDIR);
    EXPECT_EQ(co_await errno_of(s.download(server.url(), dir / "link")), ELOOP);
    EXPECT_EQ(co_await errno_of(s.download(server.url(), dir / "dangling")), ELOOP);
    EXPECT_EQ(co_await errno_of(s.download(server.url(), dir / "other", resuming())), ELOOP);
    EXPECT_EQ(co_await errno_of(s.download(server.url(), "/dev/null")), EINVAL);
    EXPECT_EQ(co_await errno_of(s.download(server.url(), dir / "missing/file")), ENOENT);
    EXPECT_EQ(co_await errno_of(s.download(server.url(), "/proc/brio-file")), ENOENT) << "nothing can be made there";
    EXPECT_EQ(co_await errno_of(s.download(server.url(), "")), ENOENT);
    EXPECT_EQ(server.requests().size(), 0u) << "before anything is asked for";
    EXPECT_EQ(contents(dir / "real"), "old");
    co_await server.stop();
}

BRIO_TEST_REAL_TIME(download, H_147_the_disk_is_full) {
    const folder dir;
    put(dir / "file", "old");
    const std::string all = digits(1'000'000);
    scripted_server server(always(ok(all, tag)));
    http::session s;
    rlimit before{};
    ::getrlimit(RLIMIT_FSIZE, &before);
    const auto old_action = std::signal(SIGXFSZ, SIG_IGN);
    rlimit small = before;
    small.rlim_cur = 300'000;
    ::setrlimit(RLIMIT_FSIZE, &small);
    const int plain = co_await errno_of(s.download(server.url(), dir / "file"));
    const int kept = co_await errno_of(s.download(server.url(), dir / "file", resuming()));
    ::setrlimit(RLIMIT_FSIZE, &before);
    std::signal(SIGXFSZ, old_action);
    EXPECT_EQ(plain, EFBIG);
    EXPECT_EQ(kept, EFBIG);
    EXPECT_EQ(dir.names(), "file file.part file.part.info");
    EXPECT_EQ(contents(dir / "file.part"), all.substr(0, 300'000));
    EXPECT_EQ(contents(dir / "file"), "old");
    EXPECT_EQ(s.stats().open, 0u);
    co_await server.stop();
}

BRIO_TEST_REAL_TIME(download, checksums) {
    const folder dir;
    const std::string right = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"; // of "hello"
    scripted_server server(in_turn({ok("hello"), ok("hellO", tag), beginning(5, "he"), rest_of("hello", 2)}));
    http::session s;
    http::download_options opts = resuming();
    opts.sha256("2CF24DBA5FB0A30E26E83B2AC5B9E29E1B161E5C1FA7425E73043362938B9824");
    co_await s.download(server.url(), dir / "file", opts);
    const auto wrong = co_await error_of<http::checksum_error>(s.download(server.url(), dir / "file", opts));
    EXPECT_EQ(wrong.expected(), right);
    EXPECT_NE(wrong.actual(), right);
    EXPECT_EQ(dir.names(), "file");
    EXPECT_EQ(contents(dir / "file"), "hello");
    co_await error_of<http::incomplete_body>(s.download(server.url(), dir / "again", opts));
    co_await s.download(server.url(), dir / "again", opts);
    EXPECT_EQ(contents(dir / "again"), "hello") << "what was there counts, too";
    EXPECT_THROW(opts.sha256("abc"), http::invalid_request);
    EXPECT_THROW(opts.sha256(std::string(64, 'g')), http::invalid_request);
    co_await server.stop();
}

BRIO_TEST_REAL_TIME(download, statuses_are_errors) {
    const folder dir;
    scripted_server server(always(answer("404 Not Found", "no such thing")));
    http::session s;
    const auto missing = co_await error_of<http::status_error>(s.download(server.url(), dir / "file"));
    EXPECT_EQ(missing.status(), 404u);
    EXPECT_EQ(missing.body(), "no such thing");
    EXPECT_EQ(dir.names(), "");
    co_await error_of<http::invalid_url>(s.download("nothing", dir / "file"));
    co_await server.stop();
}

BRIO_TEST_REAL_TIME(download, what_is_cut_off_goes_on_with_retries) {
    const folder dir;
    const std::string all = digits(1000);
    scripted_server server(in_turn({beginning(1000, all.substr(0, 400)),
                                    "HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 400-999/1000\r\nContent-Length: 600\r\n\r\n" + all.substr(400, 100),
                                    rest_of(all, 500)}));
    http::session s(http::session_options().retry(http::retry_rules().pause(1ms, 2ms)));
    const http::download_result got = co_await s.download(server.url(), dir / "file");
    EXPECT_EQ(contents(dir / "file"), all);
    EXPECT_EQ(got.resumed_from(), 0u) << "all of it came in this call";
    EXPECT_TRUE(contains(server.requests().at(2), "Range: bytes=500-\r\n"));
    co_await server.stop();
}

BRIO_TEST_REAL_TIME(download, a_progress_function_that_throws_ends_it) {
    const folder dir;
    scripted_server server(always(ok("hello")));
    http::session s;
    http::download_options opts;
    opts.progress([](const http::download_progress& p) {
        if (p.received > 0) throw std::runtime_error("enough");
    });
    EXPECT_EQ(text_of(co_await error_of<std::runtime_error>(s.download(server.url(), dir / "file", opts))), "enough");
    EXPECT_EQ(dir.names(), "");
    co_await server.stop();
}

BRIO_TEST_REAL_TIME(download, H_089_the_session_is_closed_meanwhile) {
    const folder dir;
    scripted_server server([](peer& client) -> brio::awaitable<> {
        co_await client.request();
        co_await client.send(beginning(10, "01234"));
        co_await client.until_closed();
    });
    http::session s;
    bool begun = false;
    http::download_options opts = resuming();
    opts.progress([&](const http::download_progress&) { begun = true; });
    auto running = brio::create_task(s.download(server.url(), dir / "file", opts));
    EXPECT_TRUE(co_await eventually([&] { return begun; }));
    co_await s.close();
    co_await error_of<http::session_closed>(brio::detail::await_operation(running.join()));
    EXPECT_TRUE(contains(dir.names(), "file.part")) << dir.names();
    co_await server.stop();
}
