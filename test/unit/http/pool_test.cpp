// SPDX-License-Identifier: BSL-1.0
// The connection pool at work: reuse, limits, waiters, idle time, stale connections, cancellation.
#include "http/error_of.hpp"
#include "http/scripted_server.hpp"

#include <brio/http.hpp>
#include <brio/testing/test.hpp>

#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>

namespace {

using namespace http_test;
namespace http = brio::http;

// Answers with the number of the connection, and as many times as given.
script answers(int most, std::string extra = {}) {
    return [most, extra = std::move(extra)](peer& client) -> brio::awaitable<> {
        for (int i = 0; i < most; ++i) {
            const std::string got = co_await client.request();
            if (got.empty()) co_return;
            co_await client.send(ok(std::to_string(client.index), extra));
        }
    };
}

// Holds every request until `go` is set.
script gated(brio::event& go) {
    return [&go](peer& client) -> brio::awaitable<> {
        for (;;) {
            const std::string got = co_await client.request();
            if (got.empty()) co_return;
            co_await go.wait();
            co_await client.send(ok(got.substr(4, got.find(' ', 4) - 4)));
        }
    };
}

void expect_empty(const http::session& s) {
    EXPECT_EQ(s.stats().open, 0u);
    EXPECT_EQ(s.stats().idle, 0u);
    EXPECT_EQ(s.stats().waiting, 0u);
}

}  // namespace

BRIO_TEST_REAL_TIME(pool, H_086_the_limit_holds_and_waiters_are_served_in_order) {
    brio::event go;
    scripted_server server(gated(go));
    http::session s(http::session_options().limit(2));
    std::vector<std::string> order;
    std::vector<brio::task<>> calls;
    const auto call = [&](int i) -> brio::awaitable<> {
        co_await s.get(server.url("/" + std::to_string(i)));
        order.push_back(std::to_string(i));
    };
    for (std::size_t i = 0; i < 6; ++i) {
        calls.push_back(brio::create_task(call(static_cast<int>(i))));
        const bool arrived = co_await eventually([&] { return server.requests().size() + s.stats().waiting == i + 1; });
        BRIO_ASSERT_TRUE(arrived);
    }
    const bool started = co_await eventually([&] { return server.requests().size() == 2; });
    EXPECT_TRUE(started);
    EXPECT_EQ(s.stats().open, 2u);
    EXPECT_EQ(s.stats().waiting, 4u);
    go.set();
    co_await brio::gather(std::move(calls));
    std::vector<std::string> paths;
    for (const std::string& request : server.requests()) paths.push_back(request.substr(5, 1));
    // Two connections are free at the same time: within each pair the order is open.
    for (std::size_t i = 0; i < 6; i += 2) std::sort(paths.begin() + static_cast<std::ptrdiff_t>(i), paths.begin() + static_cast<std::ptrdiff_t>(i) + 2);
    const std::vector<std::string> wanted{"0", "1", "2", "3", "4", "5"};
    EXPECT_EQ(paths, wanted);
    EXPECT_EQ(server.connections(), 2u);
    EXPECT_EQ(s.stats().waiting, 0u);
    co_await server.stop();
}

BRIO_TEST_REAL_TIME(pool, the_limit_per_host_leaves_room_for_other_hosts) {
    brio::event go;
    scripted_server one(gated(go));
    scripted_server two(always(ok("two")));
    http::session s(http::session_options().limit(10).limit_per_host(1));
    brio::task<http::response> first = brio::create_task(s.get(one.url("/1")));
    brio::task<http::response> second = brio::create_task(s.get(one.url("/2")));
    const http::response other = co_await s.get(two.url());
    EXPECT_EQ(other.body(), "two");
    EXPECT_EQ(one.connections(), 1u);
    EXPECT_EQ(s.stats().waiting, 1u);
    go.set();
    co_await first.join();
    co_await second.join();
    EXPECT_EQ(one.connections(), 1u);
    co_await one.stop();
    co_await two.stop();
}

BRIO_TEST_REAL_TIME(pool, an_idle_connection_to_another_host_makes_room) {
    scripted_server one(always(ok("1")));
    scripted_server two(always(ok("2")));
    http::session s(http::session_options().limit(1));
    co_await s.get(one.url());
    const http::response r = co_await s.get(two.url());
    EXPECT_EQ(r.body(), "2");
    EXPECT_EQ(s.stats().open, 1u);
    co_await one.stop();
    co_await two.stop();
}

BRIO_TEST_REAL_TIME(pool, waiting_for_a_connection_counts_into_the_total_limit) {
    scripted_server server(silent());
    http::session s(http::session_options().limit(1).timeout(5s));
    brio::task<http::response> busy = brio::create_task(s.get(server.url()));
    co_await eventually([&] { return server.requests().size() == 1; });
    const stopwatch watch;
    const auto e = co_await error_of<http::timeout>(s.get(server.url(), http::options().timeout(60ms)));
    EXPECT_TRUE(e.phase() == http::phase::total || e.phase() == http::phase::pool);
    EXPECT_TRUE(contains(text_of(e), "pool")) << e.what();
    EXPECT_LT(watch.elapsed(), 4s);
    EXPECT_EQ(s.stats().waiting, 0u);
    busy.cancel();
    co_await brio::gather(brio::return_exceptions, busy);
    expect_empty(s);
    co_await server.stop();
}

BRIO_TEST_REAL_TIME(pool, H_086_a_cancelled_waiter_does_not_lose_the_slot) {
    brio::event go;
    scripted_server server(gated(go));
    http::session s(http::session_options().limit(1));
    brio::task<http::response> first = brio::create_task(s.get(server.url("/a")));
    co_await eventually([&] { return server.requests().size() == 1; });
    brio::task<http::response> gone = brio::create_task(s.get(server.url("/b")));
    brio::task<http::response> last = brio::create_task(s.get(server.url("/c")));
    co_await eventually([&] { return s.stats().waiting == 2; });
    gone.cancel();
    co_await brio::gather(brio::return_exceptions, gone);
    EXPECT_EQ(s.stats().waiting, 1u);
    go.set();
    co_await first.join();
    const http::response r = co_await last.join();
    EXPECT_EQ(r.body(), "/c");
    EXPECT_EQ(server.requests().size(), 2u);
    co_await server.stop();
}

BRIO_TEST_REAL_TIME(pool, H_086_ten_thousand_waiters_cancelled_at_once) {
    brio::event go;
    scripted_server server(gated(go));
    http::session s(http::session_options().limit(3));
    std::vector<brio::task<http::response>> calls;
    for (int i = 0; i < 3; ++i) calls.push_back(brio::create_task(s.get(server.url("/x"))));
    co_await eventually([&] { return server.requests().size() == 3; });
    for (int i = 0; i < 10'000; ++i) calls.push_back(brio::create_task(s.get(server.url("/x"))));
    const bool queued = co_await eventually([&] { return s.stats().waiting == 10'000 && server.requests().size() == 3; });
    EXPECT_TRUE(queued);
    for (std::size_t i = 3; i < calls.size(); ++i) calls[i].cancel();
    const bool left = co_await eventually([&] { return s.stats().waiting == 0; });
    EXPECT_TRUE(left);
    EXPECT_EQ(s.stats().open, 3u);
    go.set();
    for (std::size_t i = 0; i < 3; ++i) co_await calls[i].join();
    EXPECT_EQ(s.stats().idle, 3u);
    const http::response r = co_await s.get(server.url("/after"));
    EXPECT_EQ(r.body(), "/after");
    EXPECT_EQ(server.connections(), 3u);
    co_await server.stop();
}

BRIO_TEST_REAL_TIME(pool, H_086_a_failed_connect_returns_its_slot) {
    std::string dead;
    {
        scripted_server gone(silent());
        dead = gone.url();
        co_await gone.stop();
    }
    scripted_server server(always(ok("up")));
    http::session s(http::session_options().limit(1));
    for (int i = 0; i < 3; ++i) co_await error_of<http::connect_error>(s.get(dead));
    const http::response r = co_await s.get(server.url());
    EXPECT_EQ(r.body(), "up");
    co_await server.stop();
}

BRIO_TEST_REAL_TIME(pool, the_newest_idle_connection_is_taken_first) {
    brio::event go;
    scripted_server server([&go](peer& client) -> brio::awaitable<> {
        for (;;) {
            const std::string got = co_await client.request();
            if (got.empty()) co_return;
            if (got.starts_with("GET /wait")) co_await go.wait();
            co_await client.send(ok(std::to_string(client.index)));
        }
    });
    http::session s;
    brio::task<http::response> slow = brio::create_task(s.get(server.url("/wait")));
    co_await eventually([&] { return server.requests().size() == 1; });
    co_await s.get(server.url());  // connection 1 goes idle first
    go.set();
    co_await slow.join();  // then connection 0
    const http::response r = co_await s.get(server.url());
    EXPECT_EQ(r.body(), "0");
    co_await server.stop();
}

BRIO_TEST_REAL_TIME(pool, keep_alive_of_zero_closes_after_each_request) {
    scripted_server server(answers(10));
    http::session s(http::session_options().keep_alive(0s));
    co_await s.get(server.url());
    expect_empty(s);
    co_await s.get(server.url());
    EXPECT_EQ(server.connections(), 2u);
    co_await server.stop();
}

namespace {

// Whether the system probes the one connection that this process has to that port.
bool is_probed(std::uint16_t port) {
    for (int fd = 3; fd < 1024; ++fd) {
        sockaddr_in peer{};
        socklen_t size = sizeof peer;
        if (::getpeername(fd, reinterpret_cast<sockaddr*>(&peer), &size) != 0) continue;
        if (peer.sin_family != AF_INET || ntohs(peer.sin_port) != port) continue;
        int on = -1;
        size = sizeof on;
        EXPECT_EQ(::getsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, &size), 0);
        return on != 0;
    }
    ADD_FAILURE() << "no connection to port " << port;
    return false;
}

brio::awaitable<bool> probes(http::session_options how, http::options request) {
    scripted_server server(answers(1));
    http::session s(std::move(how));
    co_await s.get(server.url(), std::move(request));
    const bool probed = is_probed(server.port());
    co_await server.stop();
    co_return probed;
}

}  // namespace

BRIO_TEST_REAL_TIME(pool, silent_peers_are_probed_where_no_limit_of_time_is_sooner) {
    bool probed = co_await probes(http::session_options(), http::options());
    EXPECT_FALSE(probed) << "read_timeout is 60 s, keep_alive 15 s";
    probed = co_await probes(http::session_options(), http::options().read_timeout(0s));
    EXPECT_TRUE(probed);
    probed = co_await probes(http::session_options().read_timeout(10min), http::options());
    EXPECT_TRUE(probed);
    probed = co_await probes(http::session_options().keep_alive(5min), http::options());
    EXPECT_TRUE(probed);
}

BRIO_TEST_REAL_TIME(pool, H_087_idle_connections_are_closed_by_the_clock) {
    scripted_server server(answers(10));
    http::session s(http::session_options().keep_alive(60ms));
    co_await s.get(server.url());
    EXPECT_EQ(s.stats().idle, 1u);
    const stopwatch watch;
    const bool gone = co_await eventually([&] { return s.stats().open == 0; });
    EXPECT_TRUE(gone);
    EXPECT_GE(watch.elapsed(), 40ms);
    EXPECT_LT(watch.elapsed(), 10s);
    const bool seen = co_await eventually([&] { return server.playing() == 0; });
    EXPECT_TRUE(seen) << "the server sees the connection go";
    co_await server.stop();
}

BRIO_TEST_REAL_TIME(pool, H_087_hints_of_the_server_are_obeyed_and_nonsense_is_harmless) {
    const auto idle_after = [](std::string hint, std::chrono::milliseconds keep) -> brio::awaitable<std::size_t> {
        scripted_server server(answers(10, "Keep-Alive: " + hint + "\r\n"));
        http::session s(http::session_options().keep_alive(keep));
        co_await s.get(server.url());
        co_await brio::sleep(150ms);
        const std::size_t idle = s.stats().idle;
        co_await server.stop();
        co_return idle;
    };
    const std::size_t short_hint = co_await idle_after("timeout=1", 10s);
    EXPECT_EQ(short_hint, 0u) << "one second, less one for safety";
    const std::size_t exhausted = co_await idle_after("timeout=5, max=0", 10s);
    EXPECT_EQ(exhausted, 0u);
    const std::size_t long_hint = co_await idle_after("timeout=30", 50ms);
    EXPECT_EQ(long_hint, 1u) << "the server knows how long it waits";
    for (const char* nonsense : {"timeout=-1", "max=100", "timeout=", "x", "timeout=99999999999999999999999"}) {
        const std::size_t brief = co_await idle_after(nonsense, 50ms);
        EXPECT_EQ(brief, 0u) << nonsense << " says nothing: the session's own time counts";
        const std::size_t kept = co_await idle_after(nonsense, 10s);
        EXPECT_EQ(kept, 1u) << nonsense;
    }
    const std::size_t endless = co_await idle_after("timeout=5", std::chrono::hours(24 * 365 * 10));
    EXPECT_EQ(endless, 1u);
}

BRIO_TEST_REAL_TIME(pool, H_080_a_connection_closed_while_idle_is_not_used_again) {
    scripted_server server(answers(1));
    http::session s;
    const http::response first = co_await s.get(server.url());
    EXPECT_EQ(first.body(), "0");
    co_await eventually([&] { return server.playing() == 0; });
    co_await brio::sleep(2ms);
    const http::response second = co_await s.post(server.url(), http::options().body("not lost"));
    EXPECT_EQ(second.body(), "1");
    EXPECT_EQ(s.stats().reused, 1u);
    co_await server.stop();
}

// The server closes when the second request has arrived: to the client, the connection died after its write.
BRIO_TEST_REAL_TIME(pool, H_080_081_the_race_with_a_closing_server_is_repeated_once_if_that_is_safe) {
    for (const bool by_reset : {false, true}) {
        const auto racing = [by_reset](peer& client) -> brio::awaitable<> {
            co_await client.request();
            co_await client.send(ok(std::to_string(client.index)));
            co_await client.request();
            if (by_reset) client.reset();
        };
        scripted_server server(racing);
        http::session s;
        co_await s.get(server.url());
        const http::response again = co_await s.get(server.url());
        EXPECT_EQ(again.body(), "1") << "a GET is repeated on a new connection";
        co_await error_of<http::connection_lost>(s.post(server.url(), http::options().body("once only")));
        std::size_t posts = 0;
        for (const std::string& request : server.requests()) posts += request.starts_with("POST") ? 1 : 0;
        EXPECT_EQ(posts, 1u) << "a POST may have had its effect";
        EXPECT_EQ(s.stats().open, 0u);
        co_await server.stop();
    }
}

namespace {

// Two POSTs over one connection, whose server ends it in its own way when the second one is about to be written.
brio::awaitable<> two_posts(scripted_server& server, std::shared_ptr<std::function<void()>> end) {
    const auto watch = [end](const http::trace_event& e) {
        if (e.kind() == http::trace_kind::reused && *end) std::exchange(*end, nullptr)();
    };
    http::session s(http::session_options().trace(watch));
    co_await s.post(server.url(), http::options().body("first"));
    const http::response second = co_await s.post(server.url(), http::options().body("second"));
    EXPECT_EQ(second.body(), "1") << "on a new connection";
}

}  // namespace

BRIO_TEST_REAL_TIME(pool, H_080_what_a_server_that_has_gone_cannot_have_seen_is_sent_again) {
    const auto end = std::make_shared<std::function<void()>>();
    scripted_server server([end](peer& client) -> brio::awaitable<> {
        if (client.index == 0) *end = [&client] { ::shutdown(client.socket().native_handle(), SHUT_RDWR); };
        for (int i = 0; i < 2; ++i) {
            const std::string got = co_await client.request();
            if (got.empty()) co_return;
            co_await client.send(ok(std::to_string(client.index)));
        }
    });
    co_await two_posts(server, end);
    EXPECT_EQ(server.requests().size(), 2u);
    EXPECT_EQ(server.connections(), 2u);
    co_await server.stop();
}

// Again and again in one breath, so that the connection is not looked at before each use.
BRIO_TEST_REAL_TIME(pool, H_080_a_server_that_closes_without_a_word_after_some_answers_loses_no_post) {
    scripted_server server([](peer& client) -> brio::awaitable<> {
        for (int i = 0; i < 3; ++i) {
            const std::string got = co_await client.request();
            if (got.empty()) co_return;
            co_await client.send(ok(got.substr(got.size() - 4)));
        }
    });
    http::session s;
    for (int i = 1000; i < 1100; ++i) {
        const http::response r = co_await s.post(server.url(), http::options().body(std::to_string(i)));
        EXPECT_EQ(r.body(), std::to_string(i));
    }
    EXPECT_EQ(server.requests().size(), 100u) << "and sends none twice";
    co_await server.stop();
}

BRIO_TEST_REAL_TIME(pool, H_081_never_again_after_a_byte_of_the_answer_nor_twice) {
    scripted_server partly([](peer& client) -> brio::awaitable<> {
        co_await client.request();
        co_await client.send(ok("0"));
        co_await client.request();
        co_await client.send("H");
    });
    http::session s;
    co_await s.get(partly.url());
    co_await error_of<http::incomplete_body>(s.get(partly.url()));
    EXPECT_EQ(partly.connections(), 1u);
    co_await partly.stop();

    scripted_server never([](peer& client) -> brio::awaitable<> {
        co_await client.request();
        if (client.index > 0) co_return;
        co_await client.send(ok("0"));
        co_await client.request();
    });
    co_await s.get(never.url());
    co_await error_of<http::connection_lost>(s.get(never.url()));
    EXPECT_EQ(never.connections(), 2u);
    EXPECT_EQ(never.requests().size(), 3u);
    co_await never.stop();
}

BRIO_TEST_REAL_TIME(pool, H_084_scheme_host_and_port_keep_connections_apart) {
    scripted_server one(always(ok("one")));
    scripted_server two(always(ok("two")));
    http::session s;
    co_await s.get(one.url());
    const http::response other_port = co_await s.get(two.url());
    EXPECT_EQ(other_port.body(), "two");
    co_await s.get("http://localhost:" + std::to_string(one.port()) + "/");
    EXPECT_EQ(one.connections(), 2u) << "another name is another host";
    http::session t;
    co_await t.get(one.url());
    EXPECT_EQ(one.connections(), 3u) << "sessions share nothing";
    co_await one.stop();
    co_await two.stop();
}

BRIO_TEST_REAL_TIME(pool, H_088_the_timer_of_an_earlier_request_does_not_hit_a_later_one) {
    scripted_server server([](peer& client) -> brio::awaitable<> {
        co_await client.request();
        co_await client.send(ok("quick"));
        co_await client.request();
        co_await brio::sleep(150ms);
        co_await client.send(ok("slow"));
        co_await client.until_closed();
    });
    http::session s;
    co_await s.get(server.url(), http::options().timeout(80ms).read_timeout(80ms));
    const http::response r = co_await s.get(server.url());
    EXPECT_EQ(r.body(), "slow");
    EXPECT_EQ(server.connections(), 1u);
    co_await server.stop();
}

BRIO_TEST_REAL_TIME(pool, a_thousand_requests_share_a_few_connections) {
    scripted_server server(always(ok("x")));
    http::session s(http::session_options().limit(8));
    std::vector<brio::task<http::response>> calls;
    for (int i = 0; i < 1000; ++i) calls.push_back(brio::create_task(s.get(server.url())));
    const std::vector<http::response> all = co_await brio::gather(std::move(calls));
    EXPECT_EQ(all.size(), 1000u);
    EXPECT_EQ(server.connections(), 8u);
    EXPECT_EQ(s.stats().created, 8u);
    EXPECT_EQ(s.stats().reused, 992u);
    co_await server.stop();
}

BRIO_TEST_REAL_TIME(pool, connections_come_from_the_address_that_was_chosen) {
    std::string from;
    scripted_server server([&](peer& client) -> brio::awaitable<> {
        from = client.socket().remote_endpoint().address().to_string();
        co_await client.request();
        co_await client.send(ok("x"));
    });
    http::session s(http::session_options().local_address("127.0.0.5"));
    co_await s.get(server.url());
    EXPECT_EQ(from, "127.0.0.5");
    EXPECT_THROW(http::session_options().local_address("localhost"), http::invalid_request);
    co_await server.stop();
}

// One that failed over without a word has all its connections dead at once.
BRIO_TEST_REAL_TIME(pool, H_081_the_repetition_goes_over_a_new_connection) {
    brio::event both;
    std::size_t waiting = 0;
    scripted_server server([&](peer& client) -> brio::awaitable<> {
        co_await client.request();
        if (client.index < 2 && ++waiting == 2) both.set();
        if (client.index < 2) co_await both.wait();
        co_await client.send(ok(std::to_string(client.index)));
        if (client.index < 2) co_await client.until_received(1);
        client.reset();
    });
    http::session s;
    co_await brio::gather(s.get(server.url()), s.get(server.url()));
    EXPECT_EQ(s.stats().idle, 2u);
    co_await brio::sleep(1ms);
    const http::response r = co_await s.get(server.url());
    EXPECT_EQ(r.body(), "2");
    co_await server.stop();
}

BRIO_TEST_REAL_TIME(pool, H_087_a_connection_whose_new_user_has_left_is_closed_by_the_clock) {
    scripted_server server(answers(10));
    http::session s(http::session_options().limit(1).keep_alive(60ms));
    co_await brio::race(s.get(server.url()), s.get(server.url()));
    EXPECT_EQ(s.stats().idle, 1u);
    const bool gone = co_await eventually([&] { return s.stats().open == 0; });
    EXPECT_TRUE(gone);
    co_await server.stop();
}
