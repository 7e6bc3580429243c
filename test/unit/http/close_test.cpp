// SPDX-License-Identifier: BSL-1.0
// Sessions that are closed or destroyed, requests that are cancelled, at every moment.
#include "http/error_of.hpp"
#include "http/scripted_server.hpp"
#include "io/black_hole.hpp"

#include <brio/http.hpp>
#include <brio/testing/test.hpp>

#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <memory>

namespace {

using namespace http_test;
namespace http = brio::http;

enum class how { close, destroy };

// Ends the session while requests are under way; every one of them must say session_closed.
brio::awaitable<> end_session(std::unique_ptr<http::session>& s, how way) {
    if (way == how::close) {
        co_await s->close();
        EXPECT_TRUE(s->is_closed());
        const bool empty = co_await eventually([&] { return s->stats().open + s->stats().waiting == 0; });
        EXPECT_TRUE(empty);
    }
    s.reset();
}

brio::awaitable<> expect_closed(std::vector<brio::task<http::response>> calls) {
    for (const auto& call : calls) {
        const bool done = co_await eventually([&call] { return call.done(); });
        BRIO_ASSERT_TRUE(done);
        const auto e = co_await error_of<http::session_closed>(brio::detail::await_operation(call.join()));
        EXPECT_EQ(e.phase(), http::phase::closed);
    }
}

}  // namespace

BRIO_TEST_REAL_TIME(close, H_089_requests_in_flight_and_queued_end_with_session_closed) {
    for (const how way : {how::close, how::destroy}) {
        scripted_server server([](peer& client) -> brio::awaitable<> {
            const std::string got = co_await client.request();
            if (contains(got, "/body")) co_await client.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc");
            co_await client.until_closed();
        });
        auto s = std::make_unique<http::session>(http::session_options().limit(2));
        std::vector<brio::task<http::response>> calls;
        for (const char* path : {"/head", "/body", "/queued", "/queued"}) calls.push_back(brio::create_task(s->get(server.url(path))));
        const bool ready = co_await eventually([&] { return server.requests().size() == 2 && s->stats().waiting == 2; });
        EXPECT_TRUE(ready);
        co_await brio::sleep(10ms);
        co_await end_session(s, way);
        co_await expect_closed(std::move(calls));
        const bool seen = co_await eventually([&] { return server.playing() == 0; });
        EXPECT_TRUE(seen);
        co_await server.stop();
    }
}

BRIO_TEST_REAL_TIME(close, H_089_a_request_that_connects_or_shakes_hands_ends_with_session_closed) {
    for (const how way : {how::close, how::destroy}) {
        scripted_server mute([](peer& client) -> brio::awaitable<> { co_await client.until_closed(); });
        auto s = std::make_unique<http::session>(http::session_options().verify(false));
        std::vector<brio::task<http::response>> calls;
        calls.push_back(brio::create_task(s->get("https://" + mute.authority() + "/")));
        co_await eventually([&] { return mute.connections() == 1; });
        co_await brio::sleep(5ms);
        co_await end_session(s, way);
        co_await expect_closed(std::move(calls));
        co_await mute.stop();
    }
}

// What a program does that ends by an error while requests are under way: their tasks are cancelled, and not to report errors.
BRIO_TEST_REAL_TIME(close, a_request_that_is_cancelled_together_with_its_session_ends_cancelled) {
    const io_test::black_hole hole;
    scripted_server mute(silent());
    const std::string nobody = "http://127.0.0.1:" + std::to_string(hole.port()) + "/";
    for (int order = 0; order < 2; ++order) {
        auto s = std::make_unique<http::session>(http::session_options().limit(2));
        std::vector<brio::task<http::response>> calls;
        for (const std::string& url : {nobody, mute.url(), mute.url()}) calls.push_back(brio::create_task(s->get(url)));
        const std::size_t before = mute.requests().size();
        const bool ready = co_await eventually([&] { return mute.requests().size() > before && s->stats().waiting == 1; });
        EXPECT_TRUE(ready);
        const auto leave = [&] {
            for (const auto& call : calls) call.cancel();
        };
        if (order == 0) leave();
        s.reset();
        if (order == 1) leave();
        co_await brio::gather(brio::return_exceptions, calls);
        for (const auto& call : calls) EXPECT_TRUE(call.cancelled()) << order;
    }
    co_await mute.stop();
}

BRIO_TEST_REAL_TIME(close, H_089_a_request_that_was_only_just_made_ends_with_session_closed) {
    scripted_server server(always(ok("x")));
    for (int turns = 0; turns < 6; ++turns) {
        auto s = std::make_unique<http::session>();
        brio::task<http::response> call = brio::create_task(s->get(server.url()));
        for (int i = 0; i < turns; ++i) co_await brio::sleep(0s);
        s.reset();
        const bool done = co_await eventually([&call] { return call.done(); });
        BRIO_ASSERT_TRUE(done);
        try {
            const http::response r = co_await call.join();
            EXPECT_EQ(r.body(), "x");
        } catch (const http::session_closed&) {
        }
    }
    co_await server.stop();
}

BRIO_TEST_REAL_TIME(close, a_closed_session_takes_no_more_requests) {
    scripted_server server(always(ok("x")));
    http::session s;
    co_await s.get(server.url());
    co_await s.close();
    co_await s.close();
    EXPECT_TRUE(s.is_closed());
    EXPECT_EQ(s.stats().open, 0u);
    co_await error_of<http::session_closed>(s.get(server.url()));
    co_await error_of<http::session_closed>(s.stream("GET", server.url()));
    co_await server.stop();
}

BRIO_TEST_REAL_TIME(close, a_stream_outlives_its_session_only_to_say_so) {
    scripted_server server([](peer& client) -> brio::awaitable<> {
        co_await client.request();
        co_await client.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc");
        co_await client.until_closed();
    });
    auto s = std::make_unique<http::session>();
    http::streaming_response r = co_await s->stream("GET", server.url());
    s.reset();
    std::optional<http::session_closed> closed;
    try {
        for (;;) co_await r.next_chunk();
    } catch (const http::session_closed& e) {
        closed.emplace(e);
    }
    BRIO_ASSERT_TRUE(closed.has_value());
    EXPECT_EQ(closed->url(), server.url());
    EXPECT_EQ(r.status(), 200u);
    co_await server.stop();
}

TEST(close, a_session_may_outlive_its_loop) {
    http::session s;
    std::optional<http::streaming_response> open;
    const auto body = [&]() -> brio::awaitable<> {
        scripted_server server([](peer& client) -> brio::awaitable<> {
            co_await client.request();
            co_await client.send(ok("x"));
            co_await client.request();
            co_await client.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc");
            co_await client.until_closed();
        });
        co_await s.get(server.url());
        open.emplace(co_await s.stream("GET", server.url()));
        co_await s.get("http://localhost:" + std::to_string(server.port()) + "/");
        co_await server.stop();
    };
    brio::run(body());
    EXPECT_EQ(s.stats().open, 0u);
    const auto again = [&]() -> brio::awaitable<> { co_await error_of<http::session_closed>(s.get("http://127.0.0.1:1/")); };
    brio::run(again());
}

// The io_context goes while requests wait: in the queue, for a connection, for an answer, for a body.
TEST(close, H_146_the_loop_goes_while_requests_are_suspended) {
    struct counted {
        explicit counted(int& of) : live(of) { ++live; }
        counted(const counted&) = delete;
        counted& operator=(const counted&) = delete;
        ~counted() { --live; }
        int& live;
    };
    int live = 0;
    int went_on = 0;
    const std::size_t descriptors = open_descriptors();
    {
        http::session s(http::session_options().limit(3));
        std::vector<brio::task<>> tasks;
        asio::io_context context;
        {
            brio::loop loop(context);
            const auto ask = [&](std::string url, bool streams) -> brio::awaitable<> {
                const counted here(live);
                if (streams) {
                    http::streaming_response from = co_await s.stream("GET", url);
                    while (co_await from.next_chunk()) {
                    }
                } else {
                    co_await s.get(url);
                }
                ++went_on;
            };
            tcp::acceptor silent(context, tcp::endpoint(asio::ip::make_address("127.0.0.1"), 0));
            const std::string url = "http://127.0.0.1:" + std::to_string(silent.local_endpoint().port()) + "/";
            loop.call_soon([&] {
                tasks.push_back(brio::create_task(ask(url, false)));
                tasks.push_back(brio::create_task(ask(url, true)));
                tasks.push_back(brio::create_task(ask("http://localhost:1/", false)));
                tasks.push_back(brio::create_task(ask(url, false)));
            });
            for (int i = 0; i < 20; ++i) context.poll();
            EXPECT_GE(live, 3);
        }
        EXPECT_EQ(live, 0) << "a frame has outlived its loop";
        EXPECT_EQ(s.stats().open, 0u);
        context.restart();
        context.poll();
    }
    EXPECT_LE(went_on, 1) << "but for the one that was refused";
    EXPECT_EQ(open_descriptors(), descriptors);
}

TEST(close, H_090_a_session_is_of_no_use_after_a_fork) {
    http::session used;
    http::session fresh;
    const auto once = [&]() -> brio::awaitable<> {
        scripted_server server(always(ok("x")));
        co_await used.get(server.url());
        co_await server.stop();
    };
    brio::run(once());
    const pid_t child = ::fork();
    if (child == 0) {
        int code = 1;
        const auto again = [&]() -> brio::awaitable<> {
            scripted_server server(always(ok("x")));
            try {
                co_await used.get(server.url());
            } catch (const brio::loop_error& e) {
                if (contains(text_of(e), "fork")) code = 2;
            }
            const http::response r = co_await fresh.get(server.url());
            if (code == 2 && r.body() == "x") code = 0;
            co_await server.stop();
        };
        brio::run(again());
        ::_exit(code);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    EXPECT_TRUE(WIFEXITED(status));
    EXPECT_EQ(WEXITSTATUS(status), 0);
}

BRIO_TEST_REAL_TIME(close, H_090_a_session_of_another_loop_is_refused) {
    auto s = std::make_unique<http::session>();
    scripted_server server(always(ok("x")));
    co_await s->get(server.url());
    std::string text;
    const auto elsewhere = [&] {
        brio::run([](http::session& of, std::string& into) -> brio::awaitable<> {
            try {
                co_await of.get("http://127.0.0.1:1/");
            } catch (const brio::loop_error& e) {
                into = e.what();
            }
        }(*s, text));
    };
    co_await brio::to_thread(elsewhere);
    EXPECT_TRUE(contains(text, "another event loop")) << text;
    s.reset();
    co_await server.stop();
}

namespace {

// Runs `scenario` again and again, cancelled after 0, 1, 2, ... turns of the loop (in wider steps beyond 30) until one
// run is not cancelled any more. After each: nothing open but idle connections, no descriptor left, and the next request works.
brio::awaitable<> sweep(http::session_options how_to, script play, std::function<brio::awaitable<>(http::session&, std::string)> scenario) {
    scripted_server server(std::move(play));
    const std::size_t descriptors = open_descriptors();
    int turns = 0;
    for (bool finished = false; !finished; turns += 1 + turns / 30) {
        BRIO_ASSERT_LT(turns, 1'000'000);  // threads take many turns
        {
            http::session s(how_to);
            brio::task<> running = brio::create_task(scenario(s, server.authority()));
            for (int i = 0; i < turns && !running.done(); ++i) co_await brio::sleep(0s);
            finished = running.done();
            running.cancel();
            const auto result = co_await brio::gather(brio::return_exceptions, running);
            static_cast<void>(result);
            EXPECT_TRUE(finished || running.cancelled() || !running.exception()) << "after " << turns << " turns";
            EXPECT_EQ(s.stats().open, s.stats().idle) << "after " << turns << " turns";
            EXPECT_EQ(s.stats().waiting, 0u);
            const http::response next = co_await s.get(server.url("/next"), http::options().timeout(3s));
            EXPECT_EQ(next.status(), 200u);
            co_await s.close();
        }
        const bool balanced = co_await eventually([&] { return open_descriptors() == descriptors; });
        EXPECT_TRUE(balanced) << "after " << turns << " turns: " << open_descriptors() << " descriptors, were " << descriptors;
    }
    EXPECT_GT(turns, 3);
    co_await server.stop();
}

const std::string far_body(60'000, 'b');

script many_paths() {
    return paths({{"/", ok("root")}, {"/next", ok("next")}, {"/moved", answer("302 Found", "old", "Location: /big\r\n")}, {"/big", ok(far_body)}});
}

}  // namespace

BRIO_TEST_REAL_TIME(cancel, H_142_a_get_at_every_turn) {
    co_await sweep(http::session_options(), many_paths(), [](http::session& s, std::string host) -> brio::awaitable<> {
        co_await s.get("http://" + host + "/");
        co_await s.get("http://" + host + "/big");
    });
}

BRIO_TEST_REAL_TIME(cancel, H_142_a_post_with_a_large_body_at_every_turn) {
    co_await sweep(http::session_options(), many_paths(), [](http::session& s, std::string host) -> brio::awaitable<> {
        http::options opts;
        opts.body(std::string(150'000, 'p'));
        co_await s.post("http://" + host + "/", opts);
    });
}

BRIO_TEST_REAL_TIME(cancel, H_142_a_redirect_at_every_turn) {
    co_await sweep(http::session_options(), many_paths(), [](http::session& s, std::string host) -> brio::awaitable<> {
        const http::response r = co_await s.get("http://" + host + "/moved");
        EXPECT_EQ(r.history().size(), 1u);
    });
}

BRIO_TEST_REAL_TIME(cancel, H_142_a_stream_at_every_turn) {
    co_await sweep(http::session_options(), many_paths(), [](http::session& s, std::string host) -> brio::awaitable<> {
        http::streaming_response r = co_await s.stream("GET", "http://" + host + "/big");
        const std::string body = co_await r.read();
        EXPECT_EQ(body.size(), far_body.size());
    });
}

BRIO_TEST_REAL_TIME(cancel, H_142_a_lookup_and_a_connect_at_every_turn) {
    co_await sweep(http::session_options(), many_paths(), [](http::session& s, std::string host) -> brio::awaitable<> {
        co_await s.get("http://localhost" + host.substr(host.find(':')) + "/");
    });
}

BRIO_TEST_REAL_TIME(cancel, H_142_three_calls_over_one_connection_at_every_turn) {
    co_await sweep(http::session_options().limit(1), many_paths(), [](http::session& s, std::string host) -> brio::awaitable<> {
        co_await brio::gather(s.get("http://" + host + "/"), s.get("http://" + host + "/big"), s.get("http://" + host + "/"));
    });
}

BRIO_TEST_REAL_TIME(cancel, H_142_a_download_at_every_turn) {
    const std::string path = (std::filesystem::temp_directory_path() / ("brio-cancel-" + std::to_string(::getpid()))).string();
    const auto scenario = [&path](http::session& s, std::string host) -> brio::awaitable<> {
        http::download_options how;
        how.resume();
        co_await s.download("http://" + host + "/big", path, how);
    };
    co_await sweep(http::session_options(), many_paths(), scenario);
    for (const char* tail : {"", ".part", ".part.info"}) std::filesystem::remove(path + tail);
}

BRIO_TEST_REAL_TIME(cancel, H_142_retries_and_expectations_at_every_turn) {
    script busy = [](peer& client) -> brio::awaitable<> {
        for (int turn = 0;; ++turn) {
            const std::string got = co_await client.request();
            if (got.empty()) co_return;
            const bool later = turn == 0 && !contains(got, "/next");
            std::string reply = ok("fine");
            if (later) reply = answer("503 Busy", "later");
            co_await client.send(std::move(reply));
        }
    };
    const auto scenario = [](http::session& s, std::string host) -> brio::awaitable<> {
        co_await s.get("http://" + host + "/");
        co_await s.put("http://" + host + "/", http::options().body("abc").compress());
    };
    co_await sweep(http::session_options().retry(http::retry_rules().pause(1ms, 1ms)), busy, scenario);
}

BRIO_TEST_REAL_TIME(cancel, H_143_a_deadline_at_every_moment) {
    scripted_server server(many_paths());
    http::session s;
    for (int us = 0; us < 3000; us += 60) {
        http::options opts;
        opts.timeout(std::chrono::microseconds(us + 1));
        try {
            const http::response r = co_await s.get(server.url("/moved"), opts);
            EXPECT_EQ(r.body().size(), far_body.size());
        } catch (const http::timeout& e) {
            EXPECT_EQ(e.phase(), http::phase::total) << e.what();
        }
        EXPECT_EQ(s.stats().open, s.stats().idle);
    }
    const http::response r = co_await s.get(server.url());
    EXPECT_EQ(r.body(), "root");
    co_await server.stop();
}

BRIO_TEST_REAL_TIME(cancel, one_of_many_leaves_the_others_alone) {
    scripted_server server(many_paths());
    http::session s(http::session_options().limit(4));
    std::vector<brio::task<http::response>> calls;
    for (int i = 0; i < 40; ++i) calls.push_back(brio::create_task(s.get(server.url("/big"))));
    for (std::size_t i = 0; i < calls.size(); i += 3) {
        calls[i].cancel();
        co_await brio::sleep(0s);
    }
    for (std::size_t i = 0; i < calls.size(); ++i) {
        if (i % 3 == 0) continue;
        const http::response r = co_await calls[i].join();
        EXPECT_EQ(r.body().size(), far_body.size());
    }
    co_await eventually([&] { return s.stats().open == s.stats().idle; });
    EXPECT_EQ(s.stats().open, s.stats().idle);
    co_await server.stop();
}
