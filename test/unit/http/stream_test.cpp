// SPDX-License-Identifier: BSL-1.0
// Streaming responses: pieces, lines, leaving early, failing.
#include "http/deflated.hpp"
#include "http/error_of.hpp"
#include "http/scripted_server.hpp"

#include <brio/http.hpp>
#include <brio/testing/test.hpp>

#include <sys/resource.h>

#include <thread>

namespace {

using namespace http_test;
namespace http = brio::http;

const std::string chunked_head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n";

brio::awaitable<std::string> all_of(http::streaming_response& r) {
    std::string body;
    for (;;) {
        const std::optional<std::string_view> piece = co_await r.next_chunk();
        if (!piece) co_return body;
        EXPECT_FALSE(piece->empty());
        body += *piece;
    }
}

brio::awaitable<std::vector<std::string>> lines_of(std::string bytes) {
    scripted_server server(once(std::move(bytes)));
    http::session s;
    http::streaming_response r = co_await s.stream("GET", server.url());
    std::vector<std::string> lines;
    for (;;) {
        const std::optional<std::string_view> line = co_await r.next_line();
        if (!line) break;
        lines.emplace_back(*line);
    }
    const std::optional<std::string_view> after = co_await r.next_line();
    EXPECT_FALSE(after) << "the end stays the end";
    co_await server.stop();
    co_return lines;
}

}  // namespace

BRIO_TEST_REAL_TIME(stream, the_head_comes_before_the_body) {
    brio::event go;
    scripted_server server([&go](peer& client) -> brio::awaitable<> {
        co_await client.request();
        co_await client.send("HTTP/1.1 200 Fine\r\nX-A: b\r\nContent-Length: 6\r\n\r\nabc");
        co_await go.wait();
        co_await client.send("def");
        co_await client.until_closed();
    });
    http::session s;
    http::streaming_response r = co_await s.stream("GET", server.url("/x"));
    EXPECT_EQ(r.status(), 200u);
    EXPECT_EQ(r.reason(), "Fine");
    EXPECT_TRUE(r.ok());
    EXPECT_EQ(r.header("x-a"), "b");
    EXPECT_EQ(r.content_length(), 6u);
    EXPECT_EQ(r.url().str(), server.url("/x"));
    const std::optional<std::string_view> first = co_await r.next_chunk();
    EXPECT_EQ(first, "abc");
    EXPECT_EQ(s.stats().idle, 0u);
    go.set();
    const std::string rest = co_await r.read();
    EXPECT_EQ(rest, "def");
    EXPECT_EQ(s.stats().idle, 1u) << "read to its end, the connection is kept";
    co_await server.stop();
}

BRIO_TEST_REAL_TIME(stream, read_to_the_end_it_gives_its_connection_back) {
    scripted_server server(paths({{"/sized", ok("sized")},
                                  {"/chunks", chunked_head + "\r\n5\r\nchunk\r\n1\r\ns\r\n0\r\n\r\n"},
                                  {"/packed", ok(gzip_of("packed"), "Content-Encoding: gzip\r\n")},
                                  {"/head", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n"},
                                  {"/empty", ok("")},
                                  {"/empty-packed", ok("", "Content-Encoding: gzip\r\n")}}));
    http::session s;
    for (const std::string& name : {std::string("sized"), std::string("chunks"), std::string("packed")}) {
        http::streaming_response r = co_await s.stream("GET", server.url("/" + name));
        const std::string body = co_await all_of(r);
        EXPECT_EQ(body, name);
        const std::optional<std::string_view> after = co_await r.next_chunk();
        EXPECT_FALSE(after);
    }
    for (const char* path : {"/empty", "/empty-packed"}) {
        http::streaming_response r = co_await s.stream("GET", server.url(path));
        const std::optional<std::string_view> none = co_await r.next_chunk();
        EXPECT_FALSE(none) << path;
    }
    http::streaming_response head = co_await s.stream("HEAD", server.url("/head"));
    const std::string nothing = co_await head.read();
    EXPECT_EQ(nothing, "");
    EXPECT_EQ(server.connections(), 1u);
    EXPECT_EQ(s.stats().idle, 1u);
    co_await server.stop();
}

BRIO_TEST_REAL_TIME(stream, H_066_an_answer_without_body_frees_its_connection_at_once) {
    scripted_server server(always("HTTP/1.1 200 OK\r\nContent-Length: 9\r\nContent-Encoding: gzip\r\n\r\n"));
    http::session s;
    const http::streaming_response r = co_await s.stream("HEAD", server.url());
    EXPECT_EQ(s.stats().idle, 1u);
    EXPECT_EQ(r.content_length(), 9u);
    co_await server.stop();
}

BRIO_TEST_REAL_TIME(stream, lines_end_with_lf_or_cr_lf) {
    const std::vector<std::string> wanted{"one", "two", "", "th\rree", "last"};
    const std::vector<std::string> got = co_await lines_of(ok("one\ntwo\r\n\nth\rree\nlast"));
    EXPECT_EQ(got, wanted);
    const std::vector<std::string> ended = co_await lines_of(ok("a\n"));
    EXPECT_EQ(ended, std::vector<std::string>{"a"});
    const std::vector<std::string> none = co_await lines_of(ok(""));
    EXPECT_TRUE(none.empty());
}

BRIO_TEST_REAL_TIME(stream, lines_are_joined_over_the_pieces_of_the_body) {
    const std::string bytes = chunked_head + "\r\n3\r\nab\r\r\n2\r\n\nc\r\n4\r\nd\nef\r\n1\r\n\n\r\n0\r\n\r\n";
    const std::vector<std::string> wanted{"ab", "cd", "ef"};
    const std::vector<std::string> got = co_await lines_of(bytes);
    EXPECT_EQ(got, wanted);
}

// 4 MB of lines of three bytes: reading a line must not cost more when more is buffered behind it.
BRIO_TEST_REAL_TIME(stream, many_short_lines_take_linear_time) {
    std::string body;
    for (int i = 0; i < 1'400'000; ++i) body += "ab\n";
    scripted_server server(once(ok(body)));
    http::session s;
    http::streaming_response r = co_await s.stream("GET", server.url());
    const stopwatch watch;
    std::size_t count = 0;
    for (;;) {
        const std::optional<std::string_view> line = co_await r.next_line();
        if (!line) break;
        ++count;
    }
    EXPECT_EQ(count, 1'400'000u);
    EXPECT_LT(watch.elapsed(), 8s);
    co_await server.stop();
}

BRIO_TEST_REAL_TIME(stream, a_line_over_one_mebibyte_is_refused) {
    const std::size_t most = 1024 * 1024;
    const std::vector<std::string> fits = co_await lines_of(ok(std::string(most, 'x') + "\nshort\n"));
    BRIO_ASSERT_EQ(fits.size(), 2u);
    EXPECT_EQ(fits.at(0).size(), most);
    for (const char* end : {"", "\nshort\n"}) {
        const auto e = co_await error_of<http::body_too_large>(lines_of(ok(std::string(most + 1, 'x') + end)));
        EXPECT_EQ(e.limit(), most);
        EXPECT_TRUE(contains(e.url(), "http://127.0.0.1")) << e.what();
    }
}

BRIO_TEST_REAL_TIME(stream, read_is_limited) {
    scripted_server server(always(ok("0123456789")));
    http::session s;
    http::streaming_response fits = co_await s.stream("GET", server.url());
    const std::string body = co_await fits.read(10);
    EXPECT_EQ(body, "0123456789");
    {
        http::streaming_response r = co_await s.stream("GET", server.url());
        const auto e = co_await error_of<http::body_too_large>(r.read(9));
        EXPECT_EQ(e.limit(), 9u);
        EXPECT_TRUE(contains(text_of(e), "max_size")) << e.what();
    }
    EXPECT_LE(s.stats().open, 1u);
    co_await server.stop();
}

BRIO_TEST_REAL_TIME(stream, a_stream_of_any_size_is_not_limited_by_max_body) {
    scripted_server server(always(ok(std::string(300'000, 'x'))));
    http::session s(http::session_options().max_body(10));
    http::streaming_response r = co_await s.stream("GET", server.url());
    const std::string body = co_await all_of(r);
    EXPECT_EQ(body.size(), 300'000u);
    co_await server.stop();
}

BRIO_TEST_REAL_TIME(stream, leaving_early_closes_the_connection) {
    scripted_server server([](peer& client) -> brio::awaitable<> {
        co_await client.request();
        co_await client.send("HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\nabc");
        co_await client.until_closed();
    });
    http::session s;
    {
        http::streaming_response r = co_await s.stream("GET", server.url());
        const std::optional<std::string_view> piece = co_await r.next_chunk();
        EXPECT_EQ(piece, "abc");
        EXPECT_EQ(s.stats().open, 1u);
    }
    EXPECT_EQ(s.stats().open, 0u);
    const bool seen = co_await eventually([&] { return server.playing() == 0; });
    EXPECT_TRUE(seen) << "the server sees the end";
    co_await server.stop();
}

BRIO_TEST_REAL_TIME(stream, two_readers_at_once_are_an_error_of_the_second) {
    brio::event go;
    scripted_server server([&go](peer& client) -> brio::awaitable<> {
        co_await client.request();
        co_await client.send("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n");
        co_await go.wait();
        co_await client.send("abc");
        co_await client.until_closed();
    });
    http::session s;
    http::streaming_response r = co_await s.stream("GET", server.url());
    brio::task<std::string> first = brio::create_task(r.read());
    co_await brio::sleep(5ms);
    const auto e = co_await error_of<brio::invalid_state_error>(r.next_chunk());
    EXPECT_TRUE(contains(text_of(e), "two tasks")) << e.what();
    go.set();
    const std::string body = co_await first.join();
    EXPECT_EQ(body, "abc") << "the first reader does not notice";
    co_await server.stop();
}

BRIO_TEST_REAL_TIME(stream, after_a_failure_it_cannot_be_read_further) {
    scripted_server server([](peer& client) -> brio::awaitable<> {
        co_await client.request();
        co_await client.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc");
    });
    http::session s;
    http::streaming_response r = co_await s.stream("GET", server.url());
    const std::optional<std::string_view> piece = co_await r.next_chunk();
    EXPECT_EQ(piece, "abc");
    const auto e = co_await error_of<http::incomplete_body>(r.next_chunk());
    EXPECT_EQ(e.received(), 3u);
    EXPECT_EQ(e.expected(), 10u);
    EXPECT_EQ(e.url(), server.url());
    EXPECT_EQ(s.stats().open, 0u);
    const auto again = co_await error_of<brio::invalid_state_error>(r.next_chunk());
    EXPECT_TRUE(contains(text_of(again), "failed before")) << again.what();
    co_await server.stop();
}

BRIO_TEST_REAL_TIME(stream, a_cancelled_read_closes_the_connection) {
    scripted_server server([](peer& client) -> brio::awaitable<> {
        co_await client.request();
        co_await client.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc");
        co_await client.until_closed();
    });
    http::session s;
    http::streaming_response r = co_await s.stream("GET", server.url());
    co_await r.next_chunk();
    bool late = false;
    try {
        co_await brio::wait_for(r.next_chunk(), 20ms);
    } catch (const brio::timeout_error&) {
        late = true;
    }
    EXPECT_TRUE(late);
    EXPECT_EQ(s.stats().open, 0u);
    co_await error_of<brio::invalid_state_error>(r.next_chunk());
    co_await server.stop();
}

namespace {

// Sends half of a body at once, and no more.
brio::awaitable<> half_of_a_large_body(peer& client) {
    co_await client.request();
    const std::string half(1'000'000, 'x');
    co_await client.send("HTTP/1.1 200 OK\r\nContent-Length: 2000000\r\n\r\n" + half);
    co_await client.until_closed();
}

brio::awaitable<> read_half(http::streaming_response& r) {
    std::size_t size = 0;
    while (size < 1'000'000) {
        const std::optional<std::string_view> piece = co_await r.next_chunk();
        size += piece.value().size();
    }
}

}  // namespace

BRIO_TEST_REAL_TIME(stream, a_fast_body_that_stops_is_waited_for_and_may_be_cancelled) {
    scripted_server server(half_of_a_large_body);
    http::session s;
    http::streaming_response r = co_await s.stream("GET", server.url());
    co_await read_half(r);
    co_await error_of<brio::timeout_error>(brio::detail::await_operation(brio::wait_for(r.next_chunk(), 20ms)));
    EXPECT_EQ(s.stats().open, 0u);
    co_await server.stop();
}

BRIO_TEST_REAL_TIME(stream, a_fast_body_may_be_cancelled_at_every_turn) {
    for (int turns = 0; turns < 12; ++turns) {
        scripted_server server(half_of_a_large_body);
        http::session s;
        http::streaming_response r = co_await s.stream("GET", server.url());
        co_await read_half(r);
        const auto read_on = [&r]() -> brio::awaitable<> { co_await r.next_chunk(); };
        brio::task<> reader = brio::create_task(read_on());
        for (int i = 0; i < turns; ++i) co_await brio::sleep(0s);
        EXPECT_FALSE(reader.done());
        reader.cancel();
        co_await error_of<brio::cancelled_error>(brio::detail::await_operation(std::move(reader).join()));
        EXPECT_EQ(s.stats().open, turns == 0 ? 1u : 0u) << "a task that never ran has read nothing; " << turns;
        co_await server.stop();
    }
}

BRIO_TEST_REAL_TIME(stream, what_the_program_computes_does_not_count_as_waiting) {
    scripted_server server([](peer& client) -> brio::awaitable<> {
        co_await client.request();
        co_await client.send("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nabc");
        co_await brio::sleep(20ms);
        co_await client.send("def");
        co_await client.until_closed();
    });
    http::session s(http::session_options().read_timeout(400ms).timeout(400ms));
    std::this_thread::sleep_for(500ms);
    http::streaming_response r = co_await s.stream("GET", server.url());
    const auto first = co_await r.next_chunk();
    EXPECT_EQ(first, "abc");
    std::this_thread::sleep_for(500ms);
    const std::string rest = co_await r.read();
    EXPECT_EQ(rest, "def");
    co_await server.stop();
}

BRIO_TEST_REAL_TIME(stream, a_cancel_stays_a_cancel_when_the_session_closes_too) {
    scripted_server server([](peer& client) -> brio::awaitable<> {
        co_await client.request();
        co_await client.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc");
        co_await client.until_closed();
    });
    http::session s;
    http::streaming_response r = co_await s.stream("GET", server.url());
    brio::task<std::string> reading = brio::create_task(r.read());
    co_await brio::sleep(10ms);
    reading.cancel();
    co_await s.close();
    const bool done = co_await eventually([&] { return reading.done(); });
    BRIO_ASSERT_TRUE(done);
    EXPECT_TRUE(reading.cancelled());
    if (!reading.cancelled()) (void)reading.exception();
    co_await server.stop();
}

BRIO_TEST_REAL_TIME(stream, raise_for_status_closes_and_keeps_the_url) {
    scripted_server server(always(answer("500 No", "long text")));
    http::session s;
    const auto e = co_await error_of<http::status_error>(s.stream("GET", server.url(), http::options().raise_for_status()));
    EXPECT_EQ(e.status(), 500u);
    EXPECT_EQ(e.url(), server.url());
    EXPECT_EQ(s.stats().open, 0u);
    http::streaming_response r = co_await s.stream("GET", server.url());
    EXPECT_THROW(r.raise_for_status(), http::status_error);
    const std::string text = co_await r.read();
    EXPECT_EQ(text, "long text");
    co_await server.stop();
}

BRIO_TEST_REAL_TIME(stream, the_total_limit_ends_with_the_head_and_the_read_limit_goes_on) {
    scripted_server server([](peer& client) -> brio::awaitable<> {
        co_await client.request();
        co_await client.send("HTTP/1.1 200 OK\r\nContent-Length: 40\r\n\r\n");
        for (int i = 0; i < 4; ++i) {
            co_await brio::sleep(60ms);
            co_await client.send(std::string(5, 'x'));
        }
        co_await client.until_closed();
    });
    http::session s;
    http::options opts;
    opts.timeout(150ms).read_timeout(120ms);
    http::streaming_response r = co_await s.stream("GET", server.url(), opts);
    std::size_t size = 0;
    std::optional<http::timeout> late;
    try {
        for (;;) {
            const std::optional<std::string_view> piece = co_await r.next_chunk();
            if (!piece) break;
            size += piece->size();
        }
    } catch (const http::timeout& e) {
        late.emplace(e);
    }
    EXPECT_EQ(size, 20u) << "240 ms of body are not counted by a total limit of 150 ms";
    BRIO_ASSERT_TRUE(late.has_value());
    EXPECT_EQ(late->phase(), http::phase::body);
    co_await server.stop();
}

BRIO_TEST_REAL_TIME(stream, H_059_a_bomb_streams_in_flat_memory) {
    if (is_sanitized) {
        mark_skipped("sanitizers keep freed memory");
        co_return;
    }
    const std::string bomb = gzip_of(gzip_of(std::string(64'000'000, '\0')));
    scripted_server server(once(ok(bomb, "Content-Encoding: gzip, gzip\r\n")));
    http::session s;
    http::streaming_response r = co_await s.stream("GET", server.url());
    rusage before{};
    getrusage(RUSAGE_SELF, &before);
    std::size_t size = 0;
    std::size_t largest = 0;
    for (;;) {
        const std::optional<std::string_view> piece = co_await r.next_chunk();
        if (!piece) break;
        size += piece->size();
        largest = std::max(largest, piece->size());
    }
    rusage after{};
    getrusage(RUSAGE_SELF, &after);
    EXPECT_EQ(size, 64'000'000u);
    EXPECT_LE(largest, 64u * 1024);
    EXPECT_LT(after.ru_maxrss - before.ru_maxrss, 4 * 1024);
    co_await server.stop();
}

BRIO_TEST_REAL_TIME(stream, a_fast_body_does_not_keep_the_loop_for_itself) {
    scripted_server server(once(ok(std::string(20'000'000, 'x'))));
    http::session s;
    http::streaming_response r = co_await s.stream("GET", server.url());
    std::size_t turns = 0;
    const auto count_turns = [&turns]() -> brio::awaitable<> {
        for (;;) {
            co_await brio::sleep(0s);
            ++turns;
        }
    };
    brio::task<> other = brio::create_task(count_turns());
    co_await all_of(r);
    other.cancel();
    EXPECT_GT(turns, 5u);
    co_await server.stop();
}

BRIO_TEST_REAL_TIME(stream, may_be_moved_while_it_is_read) {
    scripted_server server(always(ok("one\ntwo\n")));
    http::session s;
    http::streaming_response first = co_await s.stream("GET", server.url());
    const std::optional<std::string_view> line = co_await first.next_line();
    EXPECT_EQ(line, "one");
    http::streaming_response second = std::move(first);
    const std::optional<std::string_view> next = co_await second.next_line();
    EXPECT_EQ(next, "two");
    co_await server.stop();
}

BRIO_TEST_REAL_TIME(stream, what_follows_a_line_is_not_lost) {
    for (const bool by_chunks : {true, false}) {
        scripted_server server(once(ok("first\nsecond\nthe rest")));
        http::session s;
        http::streaming_response r = co_await s.stream("GET", server.url());
        const auto line = co_await r.next_line();
        EXPECT_EQ(line, "first");
        std::string rest;
        if (by_chunks) {
            rest = co_await all_of(r);
        } else {
            rest = co_await r.read();
        }
        EXPECT_EQ(rest, "second\nthe rest");
        const auto after = co_await r.next_line();
        EXPECT_FALSE(after);
        co_await server.stop();
    }
}
