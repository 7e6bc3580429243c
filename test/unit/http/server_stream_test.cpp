// SPDX-License-Identifier: BSL-1.0
// Bodies of requests and replies that come and go piece by piece, and connections that leave HTTP.
#include "http/certificates.hpp"
#include "http/error_of.hpp"
#include "http/raw_client.hpp"

#include <brio/http.hpp>
#include <brio/testing/test.hpp>

namespace {

using namespace http_test;
namespace http = brio::http;

const http::route_options streamed = http::route_options().stream_body();

brio::awaitable<> letters(brio::yielder<std::string> yield, int count) {
    for (int i = 0; i < count; ++i) co_await yield(std::string(3, static_cast<char>('a' + i)));
}

}  // namespace

BRIO_TEST_REAL_TIME(server_stream, a_reply_from_a_generator_goes_in_chunks) {
    http::server server;
    server.get("/g", [](http::server_request) -> brio::awaitable<http::reply> {
        co_return http::reply::stream(brio::make_generator<std::string>(letters, 3)).content_type("text/plain");
    });
    server.listen();
    raw_client client = co_await raw_client::connect(server.port());
    for (int i = 0; i < 2; ++i) {
        const raw_answer got = co_await client.get("/g");
        EXPECT_EQ(got.body, "aaabbbccc");
        EXPECT_EQ(got.field("Transfer-Encoding"), "chunked");
    }
    const raw_answer head = co_await client.get("/g", "", "HEAD");
    EXPECT_EQ(head.field("Transfer-Encoding"), "chunked");
    co_await client.send("GET /g HTTP/1.0\r\n\r\n");
    const std::string old = co_await client.rest();
    EXPECT_TRUE(old.ends_with("Connection: close\r\n\r\naaabbbccc")) << old;
    co_await server.close();
}

BRIO_TEST_REAL_TIME(server_stream, each_piece_goes_out_when_it_is_written) {
    brio::event more;
    http::server server;
    server.get("/w", [&more](http::server_request) -> brio::awaitable<http::reply> {
        const auto write = [&more](http::reply_writer& out) -> brio::awaitable<> {
            co_await out.write("first");
            co_await more.wait();
            co_await out.write("");
            co_await out.write("second");
            EXPECT_EQ(out.written(), 11u);
        };
        co_return http::reply::stream(write);
    });
    server.listen();
    raw_client client = co_await raw_client::connect(server.port());
    co_await client.send("GET /w HTTP/1.1\r\nHost: x\r\n\r\n");
    co_await client.io.read_until("\r\n\r\n");
    EXPECT_EQ(co_await client.chunk(), "first");
    more.set();
    EXPECT_EQ(co_await client.chunk(), "second");
    EXPECT_EQ(co_await client.chunk(), "");
    co_await server.close();
}

BRIO_TEST_REAL_TIME(server_stream, a_length_that_is_announced_must_be_kept) {
    http::server server;
    const auto of = [](std::uint64_t announced) {
        return [announced](http::server_request) -> brio::awaitable<http::reply> {
            const auto write = [](http::reply_writer& out) -> brio::awaitable<> { co_await out.write("12345"); };
            co_return http::reply::stream(write).length(announced);
        };
    };
    server.get("/right", of(5)).get("/more", of(6)).get("/less", of(4));
    server.listen();
    raw_client right = co_await raw_client::connect(server.port());
    const raw_answer got = co_await right.get("/right");
    EXPECT_EQ(got.body, "12345");
    EXPECT_EQ(got.field("Content-Length"), "5");
    for (const char* path : {"/more", "/less"}) {
        raw_client wrong = co_await raw_client::connect(server.port());
        co_await error_of<brio::incomplete_read_error>([](raw_client& c, std::string p) -> brio::awaitable<> {
            try {
                co_await c.get(p);
            } catch (const std::system_error&) {  // reset: as good
                throw brio::incomplete_read_error("", 0);
            }
        }(wrong, path));
    }
    co_await server.close();
}

BRIO_TEST_REAL_TIME(server_stream, a_body_that_fails_cuts_the_connection) {
    http::server server;
    server.get("/bad", [](http::server_request) -> brio::awaitable<http::reply> {
        const auto write = [](http::reply_writer& out) -> brio::awaitable<> {
            co_await out.write("some");
            throw std::runtime_error("no more");
        };
        co_return http::reply::stream(write);
    });
    server.listen();
    raw_client client = co_await raw_client::connect(server.port());
    co_await client.send("GET /bad HTTP/1.1\r\nHost: x\r\n\r\n");
    const std::string got = co_await client.rest();
    EXPECT_FALSE(got.ends_with("0\r\n\r\n")) << "the client must notice";
    co_await server.close();
}

BRIO_TEST_REAL_TIME(server_stream, a_request_is_read_piece_by_piece_and_what_is_not_asked_for_waits) {
    brio::event go_on;
    std::uint64_t seen = 0;
    http::server server;
    server.post("/up", [&](http::server_request request) -> brio::awaitable<http::reply> {
        EXPECT_EQ(request.content_length(), 50'000'000u);
        const auto first = co_await request.next_chunk();
        EXPECT_TRUE(first.has_value());
        co_await go_on.wait();
        seen = first->size();
        while (const auto piece = co_await request.next_chunk()) seen += piece->size();
        co_return http::reply::text("thanks");
    }, streamed);
    server.listen();
    raw_client client = co_await raw_client::connect(server.port());
    client.io.write("POST /up HTTP/1.1\r\nHost: x\r\nContent-Length: 50000000\r\n\r\n");
    client.io.write(std::string(50'000'000, 'x'));
    co_await brio::sleep(50ms);
    EXPECT_GT(client.io.pending_write_bytes(), 10'000'000u) << "the server must not read ahead";
    go_on.set();
    const raw_answer got = co_await client.answer();
    EXPECT_EQ(got.body, "thanks");
    EXPECT_EQ(seen, 50'000'000u);
    EXPECT_EQ((co_await client.get("/up", "", "GET")).status, 405u) << "the connection goes on";
    co_await server.close();
}

BRIO_TEST_REAL_TIME(server_stream, both_ways_at_the_same_time) {
    http::server server;
    server.post("/echo", [](http::server_request request) -> brio::awaitable<http::reply> {
        auto kept = std::make_shared<http::server_request>(std::move(request));
        const auto write = [kept](http::reply_writer& out) -> brio::awaitable<> {
            while (auto piece = co_await kept->next_chunk()) co_await out.write("<" + *piece + ">");
        };
        co_return http::reply::stream(write);
    }, streamed);
    server.listen();
    raw_client client = co_await raw_client::connect(server.port());
    for (int i = 0; i < 2; ++i) {
        co_await client.send("POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
        co_await client.io.read_until("\r\n\r\n");
        for (const char* word : {"one", "two", "six"}) {
            co_await client.send("3\r\n" + std::string(word) + "\r\n");
            EXPECT_EQ(co_await client.chunk(), "<" + std::string(word) + ">");
        }
        co_await client.send("0\r\n\r\n");
        EXPECT_EQ(co_await client.chunk(), "");
    }
    co_await server.close();
}

BRIO_TEST_REAL_TIME(server_stream, limits_of_streamed_bodies) {
    http::server server(http::server_options().max_body(10));
    const auto count = [](http::server_request request) -> brio::awaitable<http::reply> {
        std::size_t size = 0;
        while (const auto piece = co_await request.next_chunk()) size += piece->size();
        co_return http::reply::text(std::to_string(size));
    };
    const auto whole = [](http::server_request request) -> brio::awaitable<http::reply> {
        const std::string body = co_await request.read();
        EXPECT_EQ(body, request.body());
        co_return http::reply::text(std::to_string(body.size()));
    };
    server.post("/any", count, streamed).post("/20", count, http::route_options().stream_body().max_body(20));
    server.post("/read", whole, streamed).post("/buffered", whole, http::route_options().max_body(30));
    server.listen();
    const auto post = [&server](std::string path, std::size_t size) -> brio::awaitable<unsigned> {
        raw_client client = co_await raw_client::connect(server.port());
        const std::string head = "POST " + path + " HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(size) + "\r\n\r\n";
        co_await client.send(head + std::string(size, 'x'));
        const raw_answer got = co_await client.answer();
        if (got.status == 200) { EXPECT_EQ(got.body, std::to_string(size)); }
        co_return got.status;
    };
    EXPECT_EQ(co_await post("/any", 100'000), 200u);
    EXPECT_EQ(co_await post("/20", 20), 200u);
    EXPECT_EQ(co_await post("/20", 21), 413u);
    EXPECT_EQ(co_await post("/read", 10), 200u);
    EXPECT_EQ(co_await post("/read", 11), 413u);
    EXPECT_EQ(co_await post("/buffered", 30), 200u);
    EXPECT_EQ(co_await post("/buffered", 31), 413u);
    co_await server.close();
}

BRIO_TEST_REAL_TIME(server_stream, continue_is_sent_when_the_body_is_asked_for_and_only_then) {
    http::server server;
    server.post("/read", [](http::server_request request) -> brio::awaitable<http::reply> {
        const std::string body = co_await request.read();
        co_return http::reply::text(body);
    }, streamed);
    server.post("/refuse", [](http::server_request) -> brio::awaitable<http::reply> { throw http::refusal(403, "not you"); }, streamed);
    server.listen();
    const std::string expecting = " HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n";
    raw_client good = co_await raw_client::connect(server.port());
    co_await good.send("POST /read" + expecting);
    const raw_answer interim = co_await good.answer();
    EXPECT_EQ(interim.status, 100u);
    co_await good.send("abc");
    EXPECT_EQ((co_await good.answer()).body, "abc");
    for (const char* path : {"/refuse", "/none"}) {
        raw_client bad = co_await raw_client::connect(server.port());
        co_await bad.send("POST " + std::string(path) + expecting);
        const raw_answer got = co_await bad.answer();
        EXPECT_EQ(got.status, path == std::string("/none") ? 404u : 403u);
        EXPECT_EQ(got.field("Connection"), "close") << "nobody knows whether the body will come";
        EXPECT_EQ(co_await bad.rest(), "");
    }
    co_await server.close();
}

BRIO_TEST_REAL_TIME(server_stream, H_139_what_a_handler_leaves_of_a_body_is_skipped_or_ends_the_connection) {
    http::server server;
    server.post("/no", [](http::server_request) -> brio::awaitable<http::reply> { co_return http::reply::text("no"); }, streamed);
    server.listen();
    raw_client little = co_await raw_client::connect(server.port());
    for (int i = 0; i < 2; ++i) {
        co_await little.send("POST /no HTTP/1.1\r\nHost: x\r\nContent-Length: 60000\r\n\r\n" + std::string(60000, 'x'));
        const raw_answer got = co_await little.answer();
        EXPECT_EQ(got.body, "no");
        EXPECT_EQ(got.field("Connection"), std::nullopt);
    }
    raw_client large = co_await raw_client::connect(server.port());
    large.io.write("POST /no HTTP/1.1\r\nHost: x\r\nContent-Length: 9000000\r\n\r\n" + std::string(9000000, 'x'));
    const raw_answer got = co_await large.answer();
    EXPECT_EQ(got.field("Connection"), "close");
    EXPECT_EQ(co_await large.rest(), "");
    raw_client chunks = co_await raw_client::connect(server.port());
    std::string body;
    for (int i = 0; i < 100; ++i) body += "3e8\r\n" + std::string(1000, 'x') + "\r\n";
    chunks.io.write("POST /no HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" + body +
                    "0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_EQ((co_await chunks.answer()).body, "no");
    EXPECT_EQ(co_await chunks.rest(), "");
    co_await server.close();
}

BRIO_TEST_REAL_TIME(server_stream, the_body_cannot_be_read_once_the_reply_was_sent) {
    http::server server;
    std::optional<http::server_request> kept;
    server.post("/keep", [&kept](http::server_request request) -> brio::awaitable<http::reply> {
        kept.emplace(std::move(request));
        co_return http::reply::text("later");
    }, streamed);
    server.listen();
    raw_client client = co_await raw_client::connect(server.port());
    co_await client.send("POST /keep HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\nx");
    co_await client.answer();
    co_await eventually([&] { return kept.has_value(); });
    co_await client.get("/other");
    bool refused = false;
    try {
        co_await kept->next_chunk();
    } catch (const brio::invalid_state_error&) {
        refused = true;
    }
    EXPECT_TRUE(refused);
    EXPECT_EQ(kept->path(), "/keep");
    co_await server.close();
}

BRIO_TEST_REAL_TIME(server_stream, a_task_that_still_reads_ends_the_connection) {
    http::server server;
    brio::task<> reader;
    std::shared_ptr<http::server_request> kept;
    server.post("/leave", [&](http::server_request request) -> brio::awaitable<http::reply> {
        kept = std::make_shared<http::server_request>(std::move(request));
        reader = brio::create_task([](std::shared_ptr<http::server_request> from) -> brio::awaitable<> {
            while (co_await from->next_chunk()) {
            }
        }(kept));
        co_await brio::sleep(1ms);
        co_return http::reply::text("left");
    }, streamed);
    server.listen();
    raw_client client = co_await raw_client::connect(server.port());
    co_await client.send("POST /leave HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n1234");
    const raw_answer got = co_await client.answer();
    EXPECT_EQ(got.body, "left");
    EXPECT_EQ(co_await client.rest(), "");
    co_await brio::gather(brio::return_exceptions, reader);
    EXPECT_NE(reader.exception(), nullptr);
    EXPECT_FALSE(reader.cancelled());
    co_await server.close();
}

BRIO_TEST_REAL_TIME(server_stream, a_connection_is_taken_over_with_what_was_read_ahead) {
    http::server server;
    bool ended = false;
    server.get("/up", [&ended](http::server_request) -> brio::awaitable<http::reply> {
        const auto talk = [&ended](brio::stream raw) -> brio::awaitable<> {
            while (auto line = co_await raw.next_line()) {
                if (*line == "bye") break;
                co_await raw.write("you said " + *line + "\n");
            }
            ended = true;
        };
        http::reply made = http::reply::take_over(talk);
        made.header("Upgrade", "chat").header("Connection", "Upgrade");
        co_return made;
    });
    server.listen();
    raw_client client = co_await raw_client::connect(server.port());
    co_await client.send("GET /up HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: chat\r\n\r\nahead\n");
    const raw_answer got = co_await client.answer();
    EXPECT_EQ(got.status, 101u);
    EXPECT_EQ(got.field("Connection"), "Upgrade");
    EXPECT_EQ(got.field("Content-Length"), std::nullopt);
    EXPECT_EQ(co_await client.io.read_line(), "you said ahead\n");
    co_await client.send("later\n");
    EXPECT_EQ(co_await client.io.read_line(), "you said later\n");
    EXPECT_EQ(server.connections(), 1u);
    co_await client.send("bye\n");
    EXPECT_EQ(co_await client.rest(), "");
    EXPECT_TRUE(ended);
    co_await server.close();
}

BRIO_TEST_REAL_TIME(server_stream, closing_the_server_cancels_who_has_taken_a_connection) {
    http::server server;
    bool cancelled = false;
    server.get("/up", [&cancelled](http::server_request) -> brio::awaitable<http::reply> {
        const auto wait = [&cancelled](brio::stream raw) -> brio::awaitable<> {
            try {
                co_await raw.read(1);
            } catch (const brio::cancelled_error&) {
                cancelled = true;
                throw;
            }
        };
        co_return http::reply::take_over(wait);
    });
    server.listen();
    raw_client client = co_await raw_client::connect(server.port());
    EXPECT_EQ((co_await client.get("/up")).status, 101u);
    co_await server.close(20ms);
    EXPECT_TRUE(cancelled);
    EXPECT_EQ(server.connections(), 0u);
}

BRIO_TEST_REAL_TIME(server_stream, a_client_that_goes_in_the_middle_of_its_body_is_no_error_of_the_handler) {
    std::vector<std::string> said;
    std::vector<unsigned> answers;
    const auto note = [&answers](const http::access_record& r) { answers.push_back(r.status); };
    const brio::log_sink before = brio::set_log_sink([&said](brio::log_level, std::string_view text) { said.emplace_back(text); });
    http::server server(http::server_options().access_log(note));
    bool noticed = false;
    server.post("/up", [&noticed](http::server_request request) -> brio::awaitable<http::reply> {
        try {
            while (co_await request.next_chunk()) {
            }
        } catch (const http::connection_lost&) {
            noticed = true;
            throw;
        }
        co_return http::reply();
    }, streamed);
    server.post("/whole", [](http::server_request) -> brio::awaitable<http::reply> { co_return http::reply(); });
    server.listen();
    for (const char* path : {"/up", "/whole"}) {
        raw_client client = co_await raw_client::connect(server.port());
        co_await client.send("POST " + std::string(path) + " HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 10\r\n\r\n");
        co_await client.io.read_until("100 Continue\r\n\r\n");  // the server waits for the body
        co_await client.send("123");
        client.io.abort();
        co_await eventually([&] { return server.connections() == 0; });
    }
    EXPECT_TRUE(noticed);
    EXPECT_EQ(answers, (std::vector<unsigned>{499, 499}));
    co_await server.close();
    brio::set_log_sink(before);
    EXPECT_EQ(said, std::vector<std::string>());
}

BRIO_TEST_REAL_TIME(server_stream, what_must_not_be_sent_is_an_error) {
    http::server server;
    brio::task<> reader;
    const auto take = [](brio::stream raw) -> brio::awaitable<> { co_await raw.write("taken"); };
    server.get("/103", [](http::server_request) -> brio::awaitable<http::reply> { co_return http::reply(103); });
    server.post("/skip", [take](http::server_request) -> brio::awaitable<http::reply> { co_return http::reply::take_over(take); }, streamed);
    server.post("/read", [&reader, take](http::server_request request) -> brio::awaitable<http::reply> {
        auto kept = std::make_shared<http::server_request>(std::move(request));
        reader = brio::create_task([](std::shared_ptr<http::server_request> from) -> brio::awaitable<> {
            while (co_await from->next_chunk()) {
            }
        }(kept));
        co_await brio::sleep(1ms);
        co_return http::reply::take_over(take);
    }, streamed);
    server.listen();
    raw_client interim = co_await raw_client::connect(server.port());
    EXPECT_EQ((co_await interim.get("/103")).status, 500u);
    EXPECT_EQ((co_await interim.get("/other")).status, 404u) << "the connection is in order";
    co_await interim.send("POST /skip HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nbody");
    EXPECT_EQ((co_await interim.answer()).status, 101u);
    EXPECT_EQ(co_await interim.rest(), "taken");
    raw_client large = co_await raw_client::connect(server.port());
    co_await large.send("POST /skip HTTP/1.1\r\nHost: x\r\nContent-Length: 4000000\r\n\r\nbody");
    EXPECT_EQ((co_await large.answer()).status, 413u);
    raw_client busy = co_await raw_client::connect(server.port());
    co_await busy.send("POST /read HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nb");
    EXPECT_EQ((co_await busy.answer()).status, 500u);
    co_await brio::gather(brio::return_exceptions, reader);
    co_await server.close();
}

// The class comment allows a handler to leave a task behind that holds the request.
BRIO_TEST_REAL_TIME(server_stream, a_request_that_outlives_its_connection_can_be_read_no_more) {
    for (const bool client_goes : {false, true}) {
        http::server server;
        brio::task<> reader;
        brio::event taken;
        server.post("/keep", [&reader, &taken](http::server_request request) -> brio::awaitable<http::reply> {
            auto kept = std::make_shared<http::server_request>(std::move(request));
            reader = brio::create_task([](std::shared_ptr<http::server_request> from, brio::event& got) -> brio::awaitable<> {
                while (co_await from->next_chunk()) {
                    got.set();
                    co_await brio::sleep(100ms);
                }
            }(kept, taken));
            co_await brio::sleep(1h);
            co_return http::reply();
        }, streamed);
        server.listen();
        raw_client client = co_await raw_client::connect(server.port());
        co_await client.send("POST /keep HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n1234");
        co_await taken.wait();
        if (client_goes) client.io.abort();
        co_await server.close();
        co_await brio::gather(brio::return_exceptions, reader);
        BRIO_ASSERT_TRUE(reader.exception() != nullptr);
        EXPECT_THROW(std::rethrow_exception(reader.exception()), brio::invalid_state_error);
        EXPECT_EQ(server.connections(), 0u);
    }
}

BRIO_TEST_REAL_TIME(server_stream, a_task_that_still_reads_ends_a_connection_over_tls_too) {
    const authority trusted;
    const identity mine = trusted.issue("IP:127.0.0.1");
    const scratch_folder folder;
    const std::string roots = folder.file("ca.pem", trusted.pem());
    for (const bool closes : {false, true}) {
        http::server server(http::server_options().tls(brio::tls_context::server_pem(mine.certificate, mine.key)));
        brio::task<> reader;
        server.post("/leave", [&reader, closes](http::server_request request) -> brio::awaitable<http::reply> {
            auto kept = std::make_shared<http::server_request>(std::move(request));
            reader = brio::create_task([](std::shared_ptr<http::server_request> from) -> brio::awaitable<> {
                while (co_await from->next_chunk()) {
                }
            }(kept));
            co_await brio::sleep(1ms);
            http::reply made = http::reply::text("left");
            if (closes) made.close();
            co_return made;
        }, streamed);
        server.listen();
        brio::tls_context trusting = brio::tls_context::client();
        trusting.ca_file(roots);
        brio::stream raw = co_await brio::open_connection("127.0.0.1", server.port(), brio::connect_options().tls(trusting));
        raw_client client(std::move(raw));
        co_await client.send("POST /leave HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n1234");
        const raw_answer got = co_await client.answer();
        EXPECT_EQ(got.body, "left");
        const std::string rest = co_await brio::wait_for(client.rest(), 5s);
        EXPECT_EQ(rest, "");
        client.io.abort();
        co_await brio::wait_for(brio::gather(brio::return_exceptions, reader), 5s);
        EXPECT_NE(reader.exception(), nullptr);
        EXPECT_TRUE(co_await eventually([&] { return server.connections() == 0; }));
        co_await server.close();
    }
}

namespace {

// A write that was given up, and after it as if nothing were: what the client sees, and whether the log calls it complete.
brio::awaitable<std::string> after_a_write_that_was_given_up(bool chunked, bool& complete) {
    complete = true;
    http::server server(http::server_options().access_log([&complete](const http::access_record& r) { complete = complete && r.complete; }));
    server.get("/big", [chunked](http::server_request) -> brio::awaitable<http::reply> {
        constexpr std::size_t size = 16 * 1024 * 1024;
        http::reply made = http::reply::stream([](http::reply_writer& out) -> brio::awaitable<> {
            try {
                co_await brio::wait_for(out.write(std::string(size, 'a')), 100ms);
            } catch (const brio::timeout_error&) {
            }
        });
        if (!chunked) made.length(size);
        co_return made;
    });
    server.get("/next", [](http::server_request) -> brio::awaitable<http::reply> { co_return http::reply::text("hello"); });
    server.listen();
    raw_client client = co_await raw_client::connect(server.port());
    co_await client.send("GET /big HTTP/1.1\r\nHost: x\r\n\r\nGET /next HTTP/1.1\r\nHost: x\r\n\r\n");
    co_await brio::sleep(300ms);
    const std::string all = co_await brio::wait_for(client.rest(), 10s);
    co_await server.close();
    co_return all;
}

}  // namespace

BRIO_TEST_REAL_TIME(server_stream, a_write_that_was_given_up_ends_the_connection) {
    for (const bool chunked : {true, false}) {
        bool complete = true;
        const std::string all = co_await after_a_write_that_was_given_up(chunked, complete);
        EXPECT_TRUE(all.starts_with("HTTP/1.1 200"));
        EXPECT_LT(all.size(), 16u * 1024 * 1024);
        EXPECT_FALSE(contains(all.substr(1), "HTTP/1.1")) << "the next answer would look like the body of this one";
        EXPECT_FALSE(all.ends_with("0\r\n\r\n"));
        EXPECT_FALSE(complete);
    }
}

BRIO_TEST_REAL_TIME(server_stream, nobody_is_invited_in_the_middle_of_an_answer) {
    http::server server;
    server.post("/both", [](http::server_request request) -> brio::awaitable<http::reply> {
        auto kept = std::make_shared<http::server_request>(std::move(request));
        co_return http::reply::stream([kept](http::reply_writer& out) -> brio::awaitable<> {
            co_await out.write("first ");
            while (auto piece = co_await kept->next_chunk()) co_await out.write(std::move(*piece));
        });
    }, streamed);
    server.listen();
    raw_client client = co_await raw_client::connect(server.port());
    co_await client.send("POST /both HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n");
    const std::string head = co_await client.io.read_until("\r\n\r\n");
    EXPECT_TRUE(head.starts_with("HTTP/1.1 200")) << head;
    EXPECT_EQ(co_await client.chunk(), "first ");
    co_await client.send("body");
    EXPECT_EQ(co_await client.rest(), "4\r\nbody\r\n0\r\n\r\n");
    co_await server.close();
}
