// SPDX-License-Identifier: BSL-1.0
// Hostile and failing servers, seen through a session: framing, limits, time.
#include "http/error_of.hpp"
#include "http/scripted_server.hpp"

#include <brio/http.hpp>
#include <brio/testing/test.hpp>

namespace {

using namespace http_test;
namespace http = brio::http;

const std::string chunked_head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

// The error that an answer of these bytes gives; the connection must be gone and the session usable.
template <class Error>
brio::awaitable<Error> rejected(std::string bytes, std::string method = "GET") {
    scripted_server server([&bytes](peer& client) -> brio::awaitable<> {
        co_await client.request();
        if (client.index == 0) {
            co_await client.send(bytes);
        } else {
            co_await client.send(ok("fine"));
            co_await client.until_closed();
        }
    });
    http::session s(http::session_options().timeout(5s));
    const Error e = co_await error_of<Error>(s.request(method, server.url()));
    EXPECT_EQ(s.stats().open, 0u) << bytes.substr(0, 200);
    EXPECT_EQ(e.url(), server.url());
    const http::response next = co_await s.get(server.url());
    EXPECT_EQ(next.body(), "fine");
    EXPECT_EQ(server.connections(), 2u);
    co_await server.stop();
    co_return e;
}

}  // namespace

BRIO_TEST_REAL_TIME(call, H_031_033_ambiguous_framing_is_refused) {
    for (const char* fields : {"Content-Length: 5\r\nTransfer-Encoding: chunked", "Transfer-Encoding: chunked\r\nContent-Length: 5",
                               "Transfer-Encoding: gzip\r\nContent-Length: 5", "Content-Length: 5, 6", "Content-Length: +5",
                               "Transfer-Encoding: xchunked", "Transfer-Encoding: chunked, gzip", "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked"}) {
        const auto e = co_await rejected<http::protocol_error>("HTTP/1.1 200 OK\r\n" + std::string(fields) + "\r\n\r\nhello");
        EXPECT_EQ(e.phase(), http::phase::headers) << fields;
    }
}

BRIO_TEST_REAL_TIME(call, H_036_extension_floods_are_refused) {
    std::string flood = chunked_head;
    for (int i = 0; i < 20; ++i) flood += "1;" + std::string(4096, 'e') + "\r\nx\r\n";
    const auto many = co_await rejected<http::protocol_error>(flood + "0\r\n\r\n");
    EXPECT_EQ(many.phase(), http::phase::body);
    co_await rejected<http::protocol_error>(chunked_head + "1;" + std::string(200'000, 'e') + "\r\nx\r\n0\r\n\r\n");
}

BRIO_TEST_REAL_TIME(call, H_037_042_bare_line_feeds_and_odd_fields_are_refused) {
    for (const char* head : {"HTTP/1.1 200 OK\nContent-Length: 0\n\n", "HTTP/1.1 200 OK\r\nA: b\nContent-Length: 0\r\n\r\n",
                             "HTTP/1.1 200 OK\r\nA : b\r\nContent-Length: 0\r\n\r\n", "HTTP/1.1 200 OK\r\n: b\r\nContent-Length: 0\r\n\r\n"}) {
        co_await rejected<http::protocol_error>(head);
    }
}

BRIO_TEST_REAL_TIME(call, H_039_cut_bodies_are_incomplete_and_say_how_much_came) {
    const auto sized = co_await rejected<http::incomplete_body>("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabcd");
    EXPECT_EQ(sized.received(), 4u);
    EXPECT_EQ(sized.expected(), 10u);
    EXPECT_EQ(sized.phase(), http::phase::body);
    for (const char* part : {"", "5", "5\r\nab", "5\r\nhello\r\n", "5\r\nhello\r\n0\r\n", "5\r\nhello\r\n0\r\nX: y\r\n"}) {
        const auto cut = co_await rejected<http::incomplete_body>(chunked_head + part);
        EXPECT_EQ(cut.expected(), std::nullopt) << part;
    }
    const auto head = co_await rejected<http::incomplete_body>("HTTP/1.1 200 OK\r\nContent-Le");
    EXPECT_EQ(head.phase(), http::phase::headers);
    const auto nothing = co_await rejected<http::connection_lost>("");
    EXPECT_EQ(nothing.phase(), http::phase::headers);
}

BRIO_TEST_REAL_TIME(call, H_044_what_is_not_http_is_refused_at_once) {
    const auto e = co_await rejected<http::protocol_error>("<html>this is HTTP/0.9</html>");
    EXPECT_TRUE(contains(text_of(e), "not an HTTP/1 response")) << e.what();
    co_await rejected<http::protocol_error>("SSH-2.0-OpenSSH_9.2\r\n");
    co_await rejected<http::protocol_error>("HTTP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n");
}

BRIO_TEST_REAL_TIME(call, H_044_an_answer_that_nobody_asked_for_is_never_the_next_one) {
    brio::event sent;
    scripted_server server([&sent](peer& client) -> brio::awaitable<> {
        co_await client.request();
        if (client.index == 0) {
            co_await client.send(ok("first"));
            co_await brio::sleep(20ms);
            co_await client.send(ok("poison"));
            sent.set();
            co_await client.until_closed();
        } else {
            co_await client.send(ok("second"));
            co_await client.until_closed();
        }
    });
    http::session s;
    const http::response first = co_await s.get(server.url());
    EXPECT_EQ(first.body(), "first");
    co_await sent.wait();
    co_await brio::sleep(5ms);
    const http::response second = co_await s.get(server.url());
    EXPECT_EQ(second.body(), "second");
    co_await server.stop();
}

BRIO_TEST_REAL_TIME(call, H_046_heads_are_limited) {
    const auto head = [](std::size_t fields, std::size_t size) {
        std::string text = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n";
        for (std::size_t i = 1; i < fields; ++i) text += "A: " + std::string(size, 'v') + "\r\n";
        return text + "\r\n";
    };
    for (const std::string& bytes : {head(257, 2), head(10'000, 3), head(3, 20'000), head(7, 15'000), head(2, 10 * 1024 * 1024)}) {
        const stopwatch watch;
        const auto e = co_await rejected<http::protocol_error>(bytes);
        EXPECT_EQ(e.phase(), http::phase::headers);
        EXPECT_LT(watch.elapsed(), 2s);
    }
    scripted_server server(once(head(256, 2)));
    http::session s;
    const http::response r = co_await s.get(server.url());
    EXPECT_EQ(r.headers().size(), 256u);
    co_await server.stop();
}

BRIO_TEST_REAL_TIME(call, H_049_interim_answers_are_skipped_but_not_for_ever) {
    const auto interim = [](int count) {
        std::string text;
        for (int i = 0; i < count; ++i) text += i % 2 ? "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" : "HTTP/1.1 100 Continue\r\n\r\n";
        return text;
    };
    scripted_server server(once(interim(10) + ok("final", "X: y\r\n")));
    http::session s;
    const http::response r = co_await s.get(server.url());
    EXPECT_EQ(r.body(), "final");
    EXPECT_FALSE(r.headers().contains("Link"));
    co_await server.stop();
    const auto e = co_await rejected<http::protocol_error>(interim(11) + ok("late"));
    EXPECT_TRUE(contains(text_of(e), "interim")) << e.what();
}

BRIO_TEST_REAL_TIME(call, H_049_interim_answers_do_not_outlast_the_total_limit) {
    scripted_server server([](peer& client) -> brio::awaitable<> {
        co_await client.request();
        for (int i = 0; i < 8; ++i) {
            co_await client.send("HTTP/1.1 102 Processing\r\n\r\n");
            co_await brio::sleep(40ms);
        }
        co_await client.until_closed();
    });
    http::session s;
    const stopwatch watch;
    const auto e = co_await error_of<http::timeout>(s.get(server.url(), http::options().timeout(100ms)));
    EXPECT_EQ(e.phase(), http::phase::total);
    EXPECT_LT(watch.elapsed(), 5s);
    co_await server.stop();
}

BRIO_TEST_REAL_TIME(call, H_050_051_switching_protocols_and_interim_bodies_are_refused) {
    co_await rejected<http::protocol_error>("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n");
    co_await rejected<http::protocol_error>("HTTP/1.1 100 Continue\r\nContent-Length: 3\r\n\r\nabc" + ok("x"));
    co_await rejected<http::protocol_error>("HTTP/1.1 103 Hints\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + ok("x"));
}

BRIO_TEST_REAL_TIME(call, H_052_bytes_behind_the_body_reach_nobody) {
    scripted_server server([](peer& client) -> brio::awaitable<> {
        co_await client.request();
        std::string bytes = ok("next");
        if (client.index == 0) bytes = ok("five!") + ok("surplus");
        co_await client.send(bytes);
        co_await client.until_closed();
    });
    http::session s;
    const http::response first = co_await s.get(server.url());
    EXPECT_EQ(first.body(), "five!");
    EXPECT_EQ(s.stats().open, 0u);
    const http::response next = co_await s.get(server.url());
    EXPECT_EQ(next.body(), "next");
    co_await server.stop();
}

BRIO_TEST_REAL_TIME(call, H_053_dripping_bytes_meet_the_total_limit) {
    for (const char* beginning : {"HTTP/1.1 200 OK\r\nX-", "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"}) {
        scripted_server server([beginning](peer& client) -> brio::awaitable<> {
            co_await client.request();
            co_await client.send(beginning);
            for (int i = 0; i < 100; ++i) {
                co_await client.send("d");
                co_await brio::sleep(20ms);
            }
        });
        http::session s;
        const stopwatch watch;
        const auto e = co_await error_of<http::timeout>(s.get(server.url(), http::options().timeout(200ms).read_timeout(60ms)));
        EXPECT_EQ(e.phase(), http::phase::total);
        EXPECT_GE(watch.elapsed(), 199ms);
        EXPECT_LT(watch.elapsed(), 1500ms);
        EXPECT_EQ(s.stats().open, 0u);
        co_await server.stop();
    }
}

BRIO_TEST_REAL_TIME(call, H_054_silence_is_a_timeout_of_the_right_phase) {
    scripted_server mute(silent());
    scripted_server half(once("HTTP/1.1 200 OK\r\nContent-Le"));
    http::session s(http::session_options().read_timeout(80ms));
    const stopwatch watch;
    const auto head = co_await error_of<http::timeout>(s.get(mute.url()));
    EXPECT_EQ(head.phase(), http::phase::headers);
    EXPECT_TRUE(contains(text_of(head), "0.08 s")) << head.what();
    EXPECT_GE(watch.elapsed(), 79ms);
    EXPECT_LT(watch.elapsed(), 5s);
    co_await mute.stop();
    co_await half.stop();
    scripted_server stuck([](peer& client) -> brio::awaitable<> {
        co_await client.request();
        co_await client.send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc");
        co_await client.until_closed();
    });
    const auto body = co_await error_of<http::timeout>(s.get(stuck.url()));
    EXPECT_EQ(body.phase(), http::phase::body);
    EXPECT_EQ(s.stats().open, 0u);
    co_await stuck.stop();
}

BRIO_TEST_REAL_TIME(call, H_054_a_half_close_after_the_request_is_a_lost_connection) {
    scripted_server server([](peer& client) -> brio::awaitable<> {
        co_await client.request();
        client.half_close();
        co_await client.until_closed();
    });
    http::session s;
    const auto e = co_await error_of<http::connection_lost>(s.get(server.url()));
    EXPECT_EQ(e.phase(), http::phase::headers);
    EXPECT_EQ(server.connections(), 1u) << "H_081: a fresh connection is no reason to try again";
    co_await server.stop();
}

BRIO_TEST_REAL_TIME(call, a_server_that_does_not_read_is_a_timeout_of_writing) {
    scripted_server server([](peer& client) -> brio::awaitable<> { co_await client.stall(); });
    http::session s(http::session_options().read_timeout(150ms));
    const stopwatch watch;
    const auto e = co_await error_of<http::timeout>(s.post(server.url(), http::options().body(std::string(30'000'000, 'x'))));
    EXPECT_EQ(e.phase(), http::phase::write);
    EXPECT_LT(watch.elapsed(), 2s);
    co_await server.stop();
}

BRIO_TEST_REAL_TIME(call, writing_may_take_longer_than_the_read_timeout_while_it_progresses) {
    static constexpr std::size_t size = 24'000'000;
    scripted_server server([](peer& client) -> brio::awaitable<> {
        for (std::size_t got = 0; got < size;) {
            got += 600'000;
            co_await client.until_received(got);
            co_await brio::sleep(40ms);
        }
        co_await client.request();
        co_await client.send(ok("done"));
        co_await client.until_closed();
    });
    http::session s(http::session_options().read_timeout(1s));
    const stopwatch watch;
    const http::response r = co_await s.post(server.url(), http::options().body(std::string(size, 'x')).header("X", "y"));
    EXPECT_EQ(r.body(), "done");
    EXPECT_GT(watch.elapsed(), 1200ms);
    co_await server.stop();
}

BRIO_TEST_REAL_TIME(call, H_055_a_reset_is_an_error_unless_everything_was_there) {
    for (const char* part : {"", "HTTP/1.1 200", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc"}) {
        scripted_server server([part](peer& client) -> brio::awaitable<> {
            co_await client.request();
            co_await client.send(part);
            co_await brio::sleep(20ms);
            client.reset();
        });
        http::session s;
        const auto e = co_await error_of<http::connection_lost>(s.get(server.url()));
        EXPECT_EQ(e.phase(), std::string(part).size() > 20 ? http::phase::body : http::phase::headers) << part;
        EXPECT_EQ(s.stats().open, 0u);
        co_await server.stop();
    }
    scripted_server server([](peer& client) -> brio::awaitable<> {
        co_await client.request();
        co_await client.send(ok("whole", "Connection: close\r\n"));
        client.reset();
    });
    http::session s;
    const http::response r = co_await s.get(server.url());
    EXPECT_EQ(r.body(), "whole");
    co_await server.stop();
}

BRIO_TEST_REAL_TIME(call, H_058_a_reflected_line_break_ends_the_head_and_nothing_is_resynchronised) {
    const http::protocol_error e = co_await rejected<http::protocol_error>(
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\nSet-Cookie: a=b\r\n\r\n<html>");
    EXPECT_EQ(e.phase(), http::phase::headers);
    scripted_server server(once("HTTP/1.1 200 OK\r\nSet-Cookie: a=b\r\n\r\n<html>HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nno"));
    http::session s;
    const http::response r = co_await s.get(server.url());
    EXPECT_EQ(r.body(), "<html>HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nno");
    co_await server.stop();
}

BRIO_TEST_REAL_TIME(call, a_refused_connection_names_the_address) {
    std::uint16_t port = 0;
    {
        scripted_server gone(silent());
        port = gone.port();
        co_await gone.stop();
    }
    http::session s;
    const std::string url = "http://127.0.0.1:" + std::to_string(port) + "/";
    const auto e = co_await error_of<http::connect_error>(s.get(url));
    EXPECT_EQ(e.phase(), http::phase::connect);
    EXPECT_TRUE(contains(text_of(e), "127.0.0.1:" + std::to_string(port))) << e.what();
    EXPECT_EQ(s.stats().open, 0u);
}

BRIO_TEST_REAL_TIME(call, H_083_an_early_answer_is_delivered_though_the_body_was_not_read) {
    scripted_server server([](peer& client) -> brio::awaitable<> {
        co_await client.until_received(1000);
        co_await client.send(answer("413 Too Much", "stop", "Connection: close\r\n"));
        client.half_close();
        co_await client.until_closed();
    });
    http::session s(http::session_options().timeout(5s));
    const http::response r = co_await s.post(server.url(), http::options().body(std::string(2'000'000, 'x')));
    EXPECT_EQ(r.status(), 413u);
    EXPECT_EQ(r.body(), "stop");
    EXPECT_EQ(s.stats().open, 0u);
    co_await server.stop();
}

BRIO_TEST_REAL_TIME(call, H_149_no_error_text_holds_the_password) {
    const std::string secret = "kanarie";
    scripted_server bad(always("garbage"));
    scripted_server lost(once(""));
    scripted_server status(always(answer("500 No", "")));
    scripted_server loop(always(answer("302 Found", "", "Location: /again\r\n")));
    http::session s(http::session_options().timeout(2s).raise_for_status().redirects(2));
    std::vector<std::string> urls;
    for (const scripted_server* server : {&bad, &lost, &status, &loop}) urls.push_back("http://user:" + secret + "@" + server->authority() + "/");
    for (const char* rest : {"127.0.0.1:1/", "127.0.0.1:1/ a b", "127.0.0.1:99999/", "[::1/", "ex%2fample/", "127.1/", "h\\h/", "a@b/", "", ":80/", "nowhere.invalid/"}) {
        urls.push_back("http://user:" + secret + "@" + rest);
    }
    urls.push_back("http://us er:" + secret + "@h/");
    urls.push_back("ftp://user:" + secret + "@h/");
    urls.push_back("http:/user:" + secret + "@h/");
    for (const std::string& url : urls) {
        std::string text = "no error";
        std::string shown;
        try {
            co_await s.get(url);
        } catch (const http::error& e) {
            text = e.what();
            shown = e.url();
        }
        EXPECT_NE(text, "no error") << url;
        EXPECT_FALSE(contains(text + shown, secret)) << text;
    }
    for (scripted_server* server : {&bad, &lost, &status, &loop}) co_await server->stop();
}
