// SPDX-License-Identifier: BSL-1.0
// Servers that stall, break or are not there: the right error, in time, and nothing left open.
#include "nginx.hpp"
#include "real_time.hpp"
#include "stub_server.hpp"

namespace http = brio::http;
using namespace brio_test;
using namespace std::chrono_literals;

namespace {

constexpr auto soon = 2s; // the limits of the requests are 300 ms

http::options short_timeout() { return http::options().timeout(300ms); }
http::options short_read() { return http::options().read_timeout(300ms); }

// The phase is `total` when the limit of the whole call is passed; the text always tells what it was doing.
brio::awaitable<> expect_timeout(std::string url, http::options options, http::phase where,
                                 std::string doing) {
    http::session client;
    const auto [error, took] = co_await failure_of<http::timeout>(get(client, url, std::move(options)));
    BRIO_ASSERT_TRUE(error.has_value());
    EXPECT_EQ(error->phase(), where) << error->what();
    EXPECT_NE(std::string(error->what()).find("(while: " + doing + ")"), std::string::npos) << error->what();
    EXPECT_EQ(error->url(), url);
    EXPECT_GE(took, 290ms);
    EXPECT_LE(took, soon);
    EXPECT_EQ(client.stats().open, 0U);
    co_await client.close();
}

brio::awaitable<> stream_all(http::session& client, std::string url, std::size_t& begun,
                             brio::event& all_begun) {
    http::streaming_response answer = co_await client.stream("GET", std::move(url));
    if (++begun == 8) all_begun.set();
    co_await drain(answer);
}

} // namespace

TEST(failure, a_server_that_never_answers) {
    stub_server stub;
    in_real_time([&] { return expect_timeout(stub.url(), short_timeout(), http::phase::total, "headers"); });
    in_real_time([&] { return expect_timeout(stub.url(), short_read(), http::phase::headers, "headers"); });
}

TEST(failure, a_tls_handshake_that_is_not_answered) {
    stub_server stub;
    const auto connect = [] { return http::options().connect_timeout(300ms); };
    in_real_time(
        [&] { return expect_timeout(stub.url("https"), short_timeout(), http::phase::total, "tls"); });
    in_real_time([&] { return expect_timeout(stub.url("https"), connect(), http::phase::tls, "tls"); });
}

TEST(failure, a_tls_handshake_answered_in_plain_text) {
    stub_server stub("HTTP/1.1 400 Bad Request\r\n\r\n", true);
    in_real_time([&]() -> brio::awaitable<> {
        http::session client;
        const auto [error, took] = co_await failure_of<http::tls_error>(get(client, stub.url("https")));
        BRIO_ASSERT_TRUE(error.has_value());
        EXPECT_NE(std::string(error->what()).find("does not speak TLS"), std::string::npos) << error->what();
        co_await client.close();
    });
}

TEST(failure, a_server_that_stops_inside_the_head) {
    stub_server stub("HTTP/1.1 200 OK\r\nContent-Le");
    in_real_time([&] { return expect_timeout(stub.url(), short_timeout(), http::phase::total, "headers"); });
}

TEST(failure, a_server_that_stops_inside_the_body) {
    stub_server stub("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf");
    in_real_time([&] { return expect_timeout(stub.url(), short_timeout(), http::phase::total, "body"); });
    in_real_time([&] { return expect_timeout(stub.url(), short_read(), http::phase::body, "body"); });
}

TEST(failure, a_stream_that_stops_inside_the_body) {
    stub_server stub("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf");
    in_real_time([&]() -> brio::awaitable<> {
        http::session client;
        http::streaming_response answer = co_await client.stream("GET", stub.url(), short_read());
        const auto first = co_await answer.next_chunk();
        BRIO_ASSERT_TRUE(first.has_value());
        EXPECT_EQ(*first, "half");
        const auto rest = [&]() -> brio::awaitable<> { co_await answer.next_chunk(); };
        const auto [error, took] = co_await failure_of<http::timeout>(rest());
        BRIO_ASSERT_TRUE(error.has_value());
        EXPECT_EQ(error->phase(), http::phase::body);
        EXPECT_LE(took, soon);
        EXPECT_EQ(client.stats().open, 0U);
        co_await client.close();
    });
}

TEST(failure, a_body_that_is_cut) {
    stub_server stub("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf", true);
    in_real_time([&]() -> brio::awaitable<> {
        http::session client;
        const auto [error, took] = co_await failure_of<http::incomplete_body>(get(client, stub.url()));
        BRIO_ASSERT_TRUE(error.has_value());
        EXPECT_EQ(error->received(), 4U);
        EXPECT_EQ(error->expected(), 100U);
        EXPECT_EQ(error->phase(), http::phase::body);
        co_await client.close();
    });
}

TEST(failure, a_connection_closed_before_the_answer) {
    stub_server stub("", true);
    in_real_time([&]() -> brio::awaitable<> {
        http::session client;
        const auto [error, took] = co_await failure_of<http::connection_lost>(get(client, stub.url()));
        BRIO_ASSERT_TRUE(error.has_value());
        EXPECT_EQ(error->phase(), http::phase::headers);
        co_await client.close();
    });
}

TEST(failure, what_is_not_http) {
    stub_server stub("SSH-2.0-OpenSSH_9.2\r\n");
    in_real_time([&]() -> brio::awaitable<> {
        http::session client;
        const auto [error, took] =
            co_await failure_of<http::protocol_error>(get(client, stub.url(), short_timeout()));
        EXPECT_TRUE(error.has_value());
        EXPECT_LT(took, 5s);
        co_await client.close();
    });
}

TEST(failure, nobody_listens) {
    const std::string url = "http://127.0.0.1:" + std::to_string(free_port()) + "/";
    in_real_time([&]() -> brio::awaitable<> {
        http::session client;
        const auto [error, took] = co_await failure_of<http::connect_error>(get(client, url));
        BRIO_ASSERT_TRUE(error.has_value());
        EXPECT_EQ(error->phase(), http::phase::connect);
        EXPECT_NE(std::string(error->what()).find("refused"), std::string::npos) << error->what();
        EXPECT_LE(took, soon);
        co_await client.close();
    });
}

TEST(failure, no_such_host) {
    in_real_time([&]() -> brio::awaitable<> {
        http::session client;
        const auto [error, took] =
            co_await failure_of<http::connect_error>(get(client, "http://nowhere.invalid/"));
        BRIO_ASSERT_TRUE(error.has_value());
        EXPECT_EQ(error->phase(), http::phase::resolve);
        EXPECT_NE(std::string(error->what()).find("nowhere.invalid"), std::string::npos) << error->what();
        co_await client.close();
    });
}

TEST(failure, a_server_killed_in_the_middle) {
    nginx site;
    write_file(site.www() / "big", std::string(4 << 20, 'x')); // 20 s at the speed of /slow/
    in_real_time([&]() -> brio::awaitable<> {
        http::session client;
        std::size_t begun = 0;
        brio::event all_begun;
        std::vector<brio::awaitable<>> streams;
        for (int i = 0; i < 8; ++i)
            streams.push_back(stream_all(client, site.url() + "/slow/big", begun, all_begun));
        auto all = brio::gather(brio::return_exceptions, std::move(streams));
        co_await all_begun.wait();
        site.kill();
        const auto results = co_await std::move(all);
        for (const auto& result : results) {
            EXPECT_FALSE(result.has_value());
            try {
                std::rethrow_exception(result.exception());
            } catch (const http::incomplete_body& e) {
                EXPECT_EQ(e.expected(), std::uint64_t(4 << 20));
            } catch (const http::connection_lost& e) { // a reset instead of an end
                EXPECT_EQ(e.phase(), http::phase::body);
            }
        }
        EXPECT_EQ(client.stats().open, 0U);
        const auto [error, took] =
            co_await failure_of<http::connect_error>(get(client, site.url() + "/hop/0"));
        EXPECT_TRUE(error.has_value());
        co_await client.close();
    });
}

TEST(failure, a_server_killed_between_two_requests) {
    nginx site;
    in_real_time([&]() -> brio::awaitable<> {
        http::session client;
        const http::response first = co_await client.get(site.url() + "/hop/0");
        EXPECT_EQ(first.status(), 200U);
        site.kill();
        // The kept-alive connection is found dead, and there is nobody to connect to.
        const auto [error, took] =
            co_await failure_of<http::connect_error>(get(client, site.url() + "/hop/0"));
        BRIO_ASSERT_TRUE(error.has_value());
        EXPECT_EQ(error->phase(), http::phase::connect);
        co_await client.close();
    });
}

TEST(failure, cancelled_requests_leave_nothing) {
    nginx site;
    write_file(site.www() / "big", std::string(4 << 20, 'x'));
    in_real_time([&]() -> brio::awaitable<> {
        http::session client;
        std::vector<brio::task<>> tasks;
        for (int i = 0; i < 32; ++i)
            tasks.push_back(brio::create_task(get(client, site.url() + "/slow/big")));
        // Some wait for the look-up, some connect, some read: cancelled a millisecond apart.
        for (brio::task<>& task : tasks) {
            co_await brio::sleep(1ms);
            task.cancel();
        }
        for (brio::task<>& task : tasks) {
            try {
                co_await task.join();
            } catch (const brio::cancelled_error&) {}
            EXPECT_TRUE(task.cancelled());
        }
        EXPECT_EQ(client.stats().open, 0U);
        const http::response next = co_await client.get(site.url() + "/hop/0");
        EXPECT_EQ(next.body(), "arrived");
        co_await client.close();
    });
}
