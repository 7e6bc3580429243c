// SPDX-License-Identifier: BSL-1.0
// Limits, slow clients, and the end of a server.
#include "http/error_of.hpp"
#include "http/raw_client.hpp"

#include <brio/http.hpp>
#include <brio/testing/test.hpp>

#include <thread>

#include <sys/socket.h>

namespace {

using namespace http_test;
namespace http = brio::http;
using options = http::server_options;

brio::awaitable<http::reply> hello(http::server_request) { co_return http::reply::text("hello"); }
brio::awaitable<http::reply> size_of(http::server_request request) { co_return http::reply::text(std::to_string(request.body().size())); }

}  // namespace

BRIO_TEST_REAL_TIME(server_limits, heads) {
    http::server server(options().max_head(1000).max_header_fields(10));
    server.get("/", hello);
    server.listen();
    raw_client fits = co_await raw_client::connect(server.port());
    EXPECT_EQ((co_await fits.get("/", "A: " + std::string(800, 'x') + "\r\n")).status, 200u);
    const std::vector<std::string> bad{"A: " + std::string(1000, 'x') + "\r\n",
                                       "A: 1\r\nB: 2\r\nC: 3\r\nD: 4\r\nE: 5\r\nF: 6\r\nG: 7\r\nH: 8\r\nI: 9\r\nJ: 10\r\n"};
    for (const std::string& fields : bad) {
        raw_client client = co_await raw_client::connect(server.port());
        const raw_answer got = co_await client.get("/", fields);
        EXPECT_EQ(got.status, 431u) << fields;
        EXPECT_EQ(got.field("Connection"), "close");
    }
    raw_client endless = co_await raw_client::connect(server.port());
    endless.io.write("GET /" + std::string(1'000'000, 'x'));
    EXPECT_EQ((co_await endless.answer()).status, 431u) << "though the request line never ends";
    co_await server.close();
}

BRIO_TEST_REAL_TIME(server_limits, requests_of_a_connection) {
    http::server server(options().max_requests(2));
    server.get("/", hello);
    server.listen();
    raw_client client = co_await raw_client::connect(server.port());
    EXPECT_EQ((co_await client.get("/")).field("Connection"), std::nullopt);
    EXPECT_EQ((co_await client.get("/")).field("Connection"), "close");
    EXPECT_EQ(co_await client.rest(), "");
    co_await server.close();
}

BRIO_TEST_REAL_TIME(server_limits, H_139_pipelined_requests_wait_outside) {
    brio::event go_on;
    std::size_t served = 0;
    http::server server;
    server.get("/", [&](http::server_request) -> brio::awaitable<http::reply> {
        ++served;
        co_await go_on.wait();
        co_return http::reply(204);
    });
    server.listen();
    raw_client client = co_await raw_client::connect(server.port());
    std::string request = "GET / HTTP/1.1\r\nHost: x\r\nA: " + std::string(1000, 'x') + "\r\n\r\n";
    std::string flood;
    constexpr std::size_t many = 30'000;
    for (std::size_t i = 0; i < many; ++i) flood += request;
    client.io.write(flood);
    co_await brio::sleep(50ms);
    EXPECT_EQ(served, 1u);
    EXPECT_GT(client.io.pending_write_bytes(), flood.size() / 2) << "most of it is still with the client";
    go_on.set();
    std::size_t answers = 0;
    while (answers < many) {
        co_await client.answer();
        ++answers;
    }
    EXPECT_EQ(served, many);
    co_await server.close();
}

BRIO_TEST_REAL_TIME(server_limits, slow_heads_are_timed_out_whatever_comes) {
    http::server server(options().read_timeout(80ms));
    server.get("/", hello);
    server.listen();
    for (const std::string bytes : {"x", "\r\n", "A: b\r\n"}) {
        raw_client client = co_await raw_client::connect(server.port());
        if (bytes == "A: b\r\n") co_await client.send("GET / HTTP/1.1\r\n");
        const stopwatch watch;
        brio::task<> drip = brio::create_task([](raw_client& to, std::string what) -> brio::awaitable<> {
            for (;;) {
                to.io.write(what);
                co_await brio::sleep(10ms);
            }
        }, std::ref(client), bytes);
        const std::string got = co_await client.rest();
        EXPECT_LT(watch.elapsed(), 5s) << bytes;
        EXPECT_EQ(got.substr(0, 13), bytes == "\r\n" ? "" : "HTTP/1.1 408 ") << bytes;
        drip.cancel();
        co_await brio::gather(brio::return_exceptions, drip);
    }
    const bool gone = co_await eventually([&] { return server.connections() == 0; });
    EXPECT_TRUE(gone) << "though the clients have not closed their ends";
    co_await server.close();
}

BRIO_TEST_REAL_TIME(server_limits, slow_bodies_are_answered_with_408) {
    http::server server(options().read_timeout(60ms));
    server.post("/", size_of);
    server.listen();
    raw_client client = co_await raw_client::connect(server.port());
    co_await client.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n123");
    const raw_answer got = co_await client.answer();
    EXPECT_EQ(got.status, 408u);
    EXPECT_EQ(got.field("Connection"), "close");
    co_await server.close();
}

BRIO_TEST_REAL_TIME(server_limits, a_trickle_is_too_slow) {
    http::server server(options().min_rate(1000, 100ms));
    server.post("/", size_of);
    server.listen();
    raw_client client = co_await raw_client::connect(server.port());
    co_await client.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n");
    const stopwatch watch;
    brio::task<> drip = brio::create_task([](raw_client& to) -> brio::awaitable<> {
        for (;;) {
            to.io.write("x");
            co_await brio::sleep(5ms);
        }
    }(client));
    const raw_answer got = co_await client.answer();
    EXPECT_EQ(got.status, 408u);
    EXPECT_LT(watch.elapsed(), 1s);
    drip.cancel();
    co_await brio::gather(brio::return_exceptions, drip);
    co_await server.close();
}

BRIO_TEST_REAL_TIME(server_limits, what_a_handler_computes_does_not_count_as_waiting_for_the_client) {
    http::server server(options().write_timeout(400ms));
    server.get("/", [](http::server_request) -> brio::awaitable<http::reply> {
        std::this_thread::sleep_for(500ms);
        co_return http::reply(200, std::string(20'000'000, 'x'));
    });
    server.listen();
    raw_client client = co_await raw_client::connect(server.port());
    co_await client.send("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    co_await client.io.read_until("\r\n\r\n");
    const std::string body = co_await client.io.read();
    EXPECT_EQ(body.size(), 20'000'000u);
    co_await server.close();
}

BRIO_TEST_REAL_TIME(server_limits, slow_readers_lose_their_connection) {
    std::vector<bool> complete;
    const auto note = [&complete](const http::access_record& r) { complete.push_back(r.complete); };
    http::server server(options().write_timeout(60ms).access_log(note));
    server.get("/", [](http::server_request) -> brio::awaitable<http::reply> { co_return http::reply(200, std::string(20'000'000, 'x')); });
    server.get("/stream", [](http::server_request) -> brio::awaitable<http::reply> {
        const auto write = [](http::reply_writer& out) -> brio::awaitable<> {
            for (;;) co_await out.write(std::string(100'000, 'x'));
        };
        co_return http::reply::stream(write);
    });
    server.listen();
    for (const char* path : {"/", "/stream"}) {
        raw_client client = co_await raw_client::connect(server.port());
        co_await client.send("GET " + std::string(path) + " HTTP/1.1\r\nHost: x\r\n\r\n");
        const std::size_t before = complete.size();
        const bool gone = co_await eventually([&] { return complete.size() > before && server.connections() == 0; });
        EXPECT_TRUE(gone) << path;
    }
    EXPECT_EQ(complete, (std::vector<bool>{false, false}));
    raw_client patient = co_await raw_client::connect(server.port());
    co_await patient.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    co_await patient.io.read_until("\r\n\r\n");
    std::size_t size = 0;
    while (size < 20'000'000) {  // in steps that are slow, but steps
        const std::string piece = co_await patient.io.read(1'000'000);
        if (piece.empty()) break;
        size += piece.size();
        if (size % 7 == 0) co_await brio::sleep(1ms);
    }
    EXPECT_EQ(size, 20'000'000u);
    co_await server.close();
}

BRIO_TEST_REAL_TIME(server_limits, closing_with_grace_lets_answers_end) {
    brio::event go_on;
    http::server server;
    server.get("/slow", [&go_on](http::server_request) -> brio::awaitable<http::reply> {
        co_await go_on.wait();
        co_return http::reply::text("done");
    });
    server.get("/", hello);
    server.listen();
    const std::uint16_t port = server.port();
    raw_client idle = co_await raw_client::connect(port);
    co_await idle.get("/");
    raw_client fresh = co_await raw_client::connect(port);
    raw_client busy = co_await raw_client::connect(port);
    co_await busy.send("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n");
    co_await eventually([&] { return server.connections() == 3; });
    co_await brio::sleep(5ms);
    brio::task<> closing = brio::create_task(server.close(10s));
    EXPECT_EQ(co_await idle.rest(), "") << "at once";
    EXPECT_EQ(co_await fresh.rest(), "");
    bool refused = false;
    try {
        co_await raw_client::connect(port);
    } catch (const std::system_error&) {
        refused = true;
    }
    EXPECT_TRUE(refused) << "it listens no more";
    EXPECT_FALSE(closing.done());
    go_on.set();
    const raw_answer got = co_await busy.answer();
    EXPECT_EQ(got.body, "done");
    EXPECT_EQ(got.field("Connection"), "close");
    co_await closing.join();
    EXPECT_EQ(server.connections(), 0u);
}

BRIO_TEST_REAL_TIME(server_limits, grace_has_an_end) {
    bool cancelled = false;
    http::server server;
    server.get("/", [&cancelled](http::server_request) -> brio::awaitable<http::reply> {
        try {
            co_await brio::sleep(30s);
        } catch (const brio::cancelled_error&) {
            cancelled = true;
            throw;
        }
        co_return http::reply();
    });
    server.listen();
    raw_client client = co_await raw_client::connect(server.port());
    co_await client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    co_await eventually([&] { return server.connections() == 1; });
    co_await brio::sleep(5ms);
    const stopwatch watch;
    co_await server.close(50ms);
    EXPECT_TRUE(cancelled);
    EXPECT_GE(watch.elapsed(), 49ms);
    EXPECT_LT(watch.elapsed(), 2s);
    EXPECT_EQ(co_await client.rest(), "");
}

BRIO_TEST_REAL_TIME(server_limits, cancelling_the_grace_ends_it) {
    http::server server;
    server.get("/", [](http::server_request) -> brio::awaitable<http::reply> {
        co_await brio::sleep(30s);
        co_return http::reply();
    });
    server.listen();
    raw_client client = co_await raw_client::connect(server.port());
    co_await client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    co_await eventually([&] { return server.connections() == 1; });
    co_await brio::sleep(5ms);
    brio::task<> closing = brio::create_task(server.close(30s));
    co_await brio::sleep(5ms);
    closing.cancel();
    co_await brio::gather(brio::return_exceptions, closing);
    EXPECT_TRUE(closing.cancelled());
    EXPECT_EQ(server.connections(), 0u) << "nothing is left behind all the same";
}

BRIO_TEST_REAL_TIME(server_limits, requests_that_were_sent_before_the_end_are_answered) {
    http::server server;
    server.get("/", [](http::server_request) -> brio::awaitable<http::reply> {
        co_await brio::sleep(20ms);
        co_return http::reply::text("x");
    });
    server.listen();
    raw_client client = co_await raw_client::connect(server.port());
    co_await client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n");
    co_await eventually([&] { return server.connections() == 1; });
    co_await brio::sleep(5ms);
    brio::task<> closing = brio::create_task(server.close(10s));
    const raw_answer first = co_await client.answer();
    EXPECT_EQ(first.field("Connection"), "close") << "the second one was not taken: the client may send it elsewhere";
    EXPECT_EQ(co_await client.rest(), "");
    co_await closing.join();
}

BRIO_TEST_REAL_TIME(server_limits, H_138_a_request_cannot_hide_in_another) {
    std::vector<std::string> seen;
    http::server server;
    server.fallback([&seen](http::server_request request) -> brio::awaitable<http::reply> {
        seen.push_back(request.method() + " " + request.target());
        co_return http::reply(200, "ok");
    });
    server.listen();
    const std::string hidden = "GET /hidden HTTP/1.1\r\nHost: x\r\n\r\n";
    const std::vector<std::string> bad{
        "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nX: y\r\n z\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\nhello\n0\n\n",
        "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5;\nhello\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n-5\r\nhello\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0x5\r\nhello\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n10000000000000005\r\nhello\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhelloXX0\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: xchunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip, chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length : 5\r\n\r\nhello",
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\tTransfer-Encoding: chunked\r\n\r\nhello",
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0x5\r\n\r\nhello",
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\nhello",
        "GET / HTTP/1.1\r\nHost: x\r\nA: b\rGET /hidden HTTP/1.1\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a, b\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: user@x\r\n\r\n",
        "GET / HTTP/1.1\r\nHost:\r\nHost: x\r\n\r\n",
        "GET / HTTP/2.0\r\nHost: x\r\n\r\n",
        "GET  / HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /a b HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /\x01 HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET * HTTP/1.1\r\nHost: x\r\n\r\n",
        "CONNECT /x HTTP/1.1\r\nHost: x\r\n\r\n",
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    };
    for (const std::string& bytes : bad) {
        raw_client client = co_await raw_client::connect(server.port());
        co_await client.send(bytes + hidden);
        const raw_answer got = co_await client.answer();
        EXPECT_GE(got.status, 400u) << bytes;
        EXPECT_EQ(got.field("Connection"), "close") << bytes;
        const std::string rest = co_await client.rest();
        EXPECT_EQ(rest, "") << bytes;
    }
    for (const std::string& one : seen) EXPECT_FALSE(contains(one, "hidden")) << one;
    co_await server.close();
}

BRIO_TEST_REAL_TIME(server_limits, H_138_one_byte_at_a_time_is_the_same_request) {
    http::server server;
    server.post("/", size_of);
    server.listen();
    raw_client client = co_await raw_client::connect(server.port());
    const std::string request = "\r\nPOST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
                                "5;a=b\r\nhello\r\nA\r\n0123456789\r\n0\r\nTrailer: x\r\n\r\n";
    for (int round = 0; round < 2; ++round) {
        for (const char byte : request) {
            co_await client.send(std::string(1, byte));
            co_await brio::sleep(0s);
        }
        EXPECT_EQ((co_await client.answer()).body, "15");
    }
    co_await server.close();
}

BRIO_TEST_REAL_TIME(server_limits, handlers_end_with_their_client_when_that_is_wanted) {
    std::vector<std::string> said;
    std::vector<unsigned> answers;
    const auto note = [&answers](const http::access_record& r) { answers.push_back(r.status); };
    const brio::log_sink before = brio::set_log_sink([&said](brio::log_level, std::string_view text) { said.emplace_back(text); });
    std::size_t begun = 0;
    std::size_t cancelled = 0;
    const auto wait_long = [&]() -> brio::awaitable<> {
        try {
            ++begun;
            co_await brio::sleep(30s);
        } catch (const brio::cancelled_error&) {
            ++cancelled;
            throw;
        }
    };
    http::server server(options().cancel_on_disconnect().access_log(note));
    server.get("/wait", [&](http::server_request) -> brio::awaitable<http::reply> {
        co_await wait_long();
        co_return http::reply();
    });
    server.get("/events", [&](http::server_request) -> brio::awaitable<http::reply> {
        const auto write = [&](http::reply_writer& out) -> brio::awaitable<> {
            co_await out.write("first");
            co_await wait_long();
        };
        co_return http::reply::stream(write);
    });
    server.post("/", size_of);
    server.get("/bad", [](http::server_request) -> brio::awaitable<http::reply> { throw http::refusal(418, "no"); });
    server.listen();
    for (const char* path : {"/wait", "/events"}) {
        raw_client client = co_await raw_client::connect(server.port());
        co_await client.send("GET " + std::string(path) + " HTTP/1.1\r\nHost: x\r\n\r\n");
        if (path == std::string("/events")) co_await client.io.read_until("first");
        const std::size_t before_it = cancelled;
        co_await eventually([&] { return begun > before_it; });
        client.io.close();
        const bool gone = co_await eventually([&] { return server.connections() == 0; });
        EXPECT_TRUE(gone) << path;
    }
    EXPECT_EQ(cancelled, 2u);
    raw_client pipelined = co_await raw_client::connect(server.port());
    std::string many;
    for (std::size_t i = 0; i < 20; ++i) {
        many += "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(i) + "\r\n\r\n" + std::string(i, 'x');
    }
    co_await pipelined.send(many);
    for (int i = 0; i < 20; ++i) EXPECT_EQ((co_await pipelined.answer()).body, std::to_string(i));
    EXPECT_EQ((co_await pipelined.get("/bad")).status, 418u);
    co_await server.close(5s);
    brio::set_log_sink(before);
    EXPECT_EQ(said, std::vector<std::string>());
    EXPECT_EQ(answers.size(), 23u);
}
