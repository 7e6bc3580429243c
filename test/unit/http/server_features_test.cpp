// SPDX-License-Identifier: BSL-1.0
// What stands around the handlers: parameters, middlewares, error pages, compression, the access log, other ways to listen.
#include "http/certificates.hpp"
#include "http/error_of.hpp"
#include "http/raw_client.hpp"

#include <brio/http.hpp>
#include <brio/testing/test.hpp>

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

namespace {

using namespace http_test;
namespace http = brio::http;

brio::awaitable<http::reply> hello(http::server_request) { co_return http::reply::text("hello"); }

// Sends bytes and gives the first answer of a connection of its own.
brio::awaitable<raw_answer> ask(std::uint16_t port, std::string bytes) {
    raw_client client = co_await raw_client::connect(port);
    co_await client.send(bytes);
    co_return co_await client.answer();
}

std::string post_of(const std::string& path, const std::string& type, const std::string& body) {
    const std::string length = std::to_string(body.size());
    return "POST " + path + " HTTP/1.1\r\nHost: x\r\nContent-Type: " + type + "\r\nContent-Length: " + length + "\r\n\r\n" + body;
}

}  // namespace

BRIO_TEST_REAL_TIME(server_features, parameters_of_path_and_query) {
    http::server server;
    server.get("/users/{id}/{rest...}", [](http::server_request request) -> brio::awaitable<http::reply> {
        std::string text = request.param("id") + "|" + request.param("rest") + "|" + request.query("q").value_or("none");
        for (const auto& [name, value] : request.query_pairs()) text += "|" + name + "=" + value;
        EXPECT_THROW((void)request.param("other"), std::out_of_range);
        EXPECT_EQ(request.params().size(), 2u);
        EXPECT_EQ(request.peer().host(), "127.0.0.1");
        EXPECT_FALSE(request.is_secure());
        EXPECT_EQ(request.version(), 11);
        EXPECT_EQ(request.header("host"), "x");
        co_return http::reply::text(text);
    });
    server.listen();
    raw_client client = co_await raw_client::connect(server.port());
    EXPECT_EQ((co_await client.get("/users/a%2Fb/c/d%20e?q=1+2&q=%33&z")).body, "a/b|c/d e|1 2|q=1 2|q=3|z=");
    EXPECT_EQ((co_await client.get("/users/a%zz/")).status, 400u);
    co_await server.close();
}

BRIO_TEST_REAL_TIME(server_features, methods_that_are_not_there) {
    http::server server;
    server.get("/a", hello).put("/a", hello).patch("/b", hello).del("/b", hello).route("*", "/any", hello);
    server.listen();
    raw_client client = co_await raw_client::connect(server.port());
    const raw_answer wrong = co_await client.get("/a", "", "DELETE");
    EXPECT_EQ(wrong.status, 405u);
    EXPECT_EQ(wrong.field("Allow"), "GET, HEAD, OPTIONS, PUT");
    const raw_answer options = co_await client.get("/b", "", "OPTIONS");
    EXPECT_EQ(options.status, 204u);
    EXPECT_EQ(options.field("Allow"), "DELETE, OPTIONS, PATCH");
    EXPECT_EQ((co_await client.get("/any", "", "OPTIONS")).body, "hello");
    EXPECT_EQ((co_await client.get("/c", "", "OPTIONS")).status, 404u);
    EXPECT_EQ((co_await client.get("*", "", "OPTIONS")).status, 204u);
    EXPECT_THROW(server.get("/a", hello), std::invalid_argument);
    co_await server.close();
}

BRIO_TEST_REAL_TIME(server_features, json_and_forms) {
    http::server server;
    server.post("/json", [](http::server_request request) -> brio::awaitable<http::reply> {
        co_return http::reply::json(request.json().at("a"));
    });
    server.post("/form", [](http::server_request request) -> brio::awaitable<http::reply> {
        const http::name_values pairs = request.form();
        co_return http::reply::text(pairs.at(0).first + ":" + pairs.at(0).second);
    });
    server.listen();
    EXPECT_EQ((co_await ask(server.port(), post_of("/json", "application/json", R"({"a": [1, 2]})"))).body, "[1,2]");
    const raw_answer bad = co_await ask(server.port(), post_of("/json", "application/json", "{"));
    EXPECT_EQ(bad.status, 400u);
    EXPECT_TRUE(contains(bad.body, "no JSON")) << bad.body;
    const raw_answer deep = co_await ask(server.port(), post_of("/json", "application/json", std::string(100'000, '[')));
    EXPECT_EQ(deep.status, 400u);
    EXPECT_EQ((co_await ask(server.port(), post_of("/form", "application/x-www-form-urlencoded", "a+b=c%26d"))).body, "a b:c&d");
    EXPECT_EQ((co_await ask(server.port(), post_of("/form", "text/plain", "a=b"))).status, 415u);
    co_await server.close();
}

BRIO_TEST_REAL_TIME(server_features, refusals_and_redirects) {
    http::server server;
    server.get("/teapot", [](http::server_request) -> brio::awaitable<http::reply> { throw http::refusal(418, "short and stout"); });
    server.get("/gone", [](http::server_request) -> brio::awaitable<http::reply> { throw http::refusal(410); });
    server.get("/go", [](http::server_request) -> brio::awaitable<http::reply> { co_return http::reply::redirect("/there", 307); });
    server.get("/html", [](http::server_request) -> brio::awaitable<http::reply> { co_return http::reply::html("<p>", 202); });
    server.listen();
    raw_client client = co_await raw_client::connect(server.port());
    EXPECT_EQ((co_await client.get("/teapot")).body, "418 I'm a teapot: short and stout\n");
    EXPECT_EQ((co_await client.get("/gone")).body, "410 Gone\n");
    const raw_answer go = co_await client.get("/go");
    EXPECT_EQ(go.status, 307u);
    EXPECT_EQ(go.field("Location"), "/there");
    EXPECT_EQ((co_await client.get("/html")).field("Content-Type"), "text/html; charset=utf-8");
    EXPECT_THROW((void)http::reply::redirect("/x", 200), std::invalid_argument);
    co_await server.close();
}

BRIO_TEST_REAL_TIME(server_features, middlewares_stand_around_everything) {
    std::vector<std::string> seen;
    http::server server;
    server.use([&seen](http::server_request request, http::server::handler next) -> brio::awaitable<http::reply> {
        const std::string path(request.path());
        seen.push_back("outer " + path);
        http::reply made = co_await next(std::move(request));
        seen.push_back("outer got " + std::to_string(made.status()));
        co_return made.header("X-Outer", "1");
    });
    server.use([&seen](http::server_request request, http::server::handler next) -> brio::awaitable<http::reply> {
        if (!request.headers().contains("Authorization")) co_return http::reply::text("who are you?", 401);
        seen.push_back("inner");
        co_return co_await next(std::move(request));
    });
    server.get("/a", hello);
    server.listen();
    raw_client client = co_await raw_client::connect(server.port());
    const raw_answer stranger = co_await client.get("/a");
    EXPECT_EQ(stranger.status, 401u);
    EXPECT_EQ(stranger.field("X-Outer"), "1");
    EXPECT_EQ((co_await client.get("/a", "Authorization: x\r\n")).body, "hello");
    EXPECT_EQ((co_await client.get("/none", "Authorization: x\r\n")).status, 404u);
    const std::vector<std::string> expected{"outer /a", "outer got 401", "outer /a", "inner",
                                            "outer got 200", "outer /none", "inner", "outer got 404"};
    EXPECT_EQ(seen, expected);
    co_await server.close();
}

BRIO_TEST_REAL_TIME(server_features, error_pages_of_ones_own) {
    http::server server;
    server.error_page([](unsigned status, std::string_view message) {
        if (status == 500) throw std::runtime_error("even this fails");
        return http::reply::html("<h1>" + std::string(message) + "</h1>");
    });
    server.get("/a", hello);
    server.get("/bad", [](http::server_request) -> brio::awaitable<http::reply> { throw std::runtime_error("secret"); });
    server.listen();
    raw_client client = co_await raw_client::connect(server.port());
    const raw_answer none = co_await client.get("/none");
    EXPECT_EQ(none.status, 404u);
    EXPECT_EQ(none.body, "<h1>Not Found</h1>");
    EXPECT_EQ(none.field("Content-Type"), "text/html; charset=utf-8");
    EXPECT_EQ((co_await client.get("/a", "", "PUT")).field("Allow"), "GET, HEAD, OPTIONS");
    EXPECT_EQ((co_await client.get("/bad")).body, "500 Internal Server Error\n");
    const raw_answer malformed = co_await ask(server.port(), "nonsense\r\n\r\n");
    EXPECT_EQ(malformed.status, 400u);
    EXPECT_EQ(malformed.body, "<h1>Bad Request</h1>");
    co_await server.close();
}

BRIO_TEST_REAL_TIME(server_features, answers_are_compressed_for_those_who_take_it) {
    const std::string page(100'000, 'x');
    http::server server(http::server_options().compress(1000));
    server.get("/page", [&page](http::server_request) -> brio::awaitable<http::reply> { co_return http::reply::text(page); });
    server.get("/stream", [](http::server_request) -> brio::awaitable<http::reply> {
        const auto write = [](http::reply_writer& out) -> brio::awaitable<> {
            for (int i = 0; i < 100; ++i) co_await out.write(std::string(1000, 'y'));
        };
        co_return http::reply::stream(write).content_type("text/plain").length(100'000);
    });
    server.get("/small", hello);
    server.listen();
    http::session session(http::session_options().base_url(server.url() + "/"));
    const http::response packed = co_await session.get("page");
    EXPECT_EQ(packed.body(), page) << "the client has unpacked it";
    raw_client client = co_await raw_client::connect(server.port());
    const raw_answer raw = co_await client.get("/page", "Accept-Encoding: gzip\r\n");
    EXPECT_EQ(raw.field("Content-Encoding"), "gzip");
    EXPECT_EQ(raw.field("Vary"), "Accept-Encoding");
    EXPECT_LT(raw.body.size(), 1000u);
    EXPECT_EQ((co_await client.get("/page", "Accept-Encoding: br\r\n")).body, page);
    EXPECT_EQ((co_await client.get("/small", "Accept-Encoding: gzip\r\n")).body, "hello");
    const http::response streamed = co_await session.get("stream");
    EXPECT_EQ(streamed.body(), std::string(100'000, 'y'));
    const raw_answer chunks = co_await client.get("/stream", "Accept-Encoding: gzip\r\n");
    EXPECT_EQ(chunks.field("Content-Encoding"), "gzip");
    EXPECT_EQ(chunks.field("Content-Length"), std::nullopt);
    EXPECT_LT(chunks.body.size(), 10'000u);
    EXPECT_EQ((co_await client.get("/stream")).field("Content-Length"), "100000");
    co_await session.close();
    co_await server.close();
}

BRIO_TEST_REAL_TIME(server_features, the_access_log_is_told_of_every_answer) {
    std::vector<std::string> lines;
    const auto note = [&lines](const http::access_record& r) {
        EXPECT_GE(r.duration.count(), 0);
        const std::string request = std::string(r.method) + " " + std::string(r.target);
        lines.push_back(request + " " + std::to_string(r.status) + " in " + std::to_string(r.bytes_in) + " out " +
                        std::to_string(r.bytes_out) + " " + std::string(r.user_agent) + (r.complete ? "" : " cut"));
    };
    http::server server(http::server_options().access_log(note));
    server.get("/a", hello).post("/a", hello);
    server.get("/cut", [](http::server_request) -> brio::awaitable<http::reply> {
        const auto write = [](http::reply_writer& out) -> brio::awaitable<> {
            co_await out.write("12");
            throw std::runtime_error("no more");
        };
        co_return http::reply::stream(write);
    });
    server.listen();
    raw_client client = co_await raw_client::connect(server.port());
    co_await client.get("/a?x", "User-Agent: me\r\n");
    co_await client.get("/a", "", "HEAD");
    co_await client.send(post_of("/a", "text/plain", "1234"));
    co_await client.answer();
    co_await ask(server.port(), "x\r\n\r\n");
    co_await client.send("GET /cut HTTP/1.1\r\nHost: x\r\n\r\n");
    co_await client.rest();
    const std::vector<std::string> expected{"GET /a?x 200 in 0 out 5 me", "HEAD /a 200 in 0 out 0 ", "POST /a 200 in 4 out 5 ", "  400 in 0 out 16 ",
                                            "GET /cut 200 in 0 out 7  cut"};
    EXPECT_EQ(lines, expected);
    co_await server.close();
}

TEST(access_record, lines_cannot_be_forged) {
    const brio::address peer("192.0.2.1", 1234);
    http::access_record record(peer);
    record.method = "GET";
    record.target = "/a\"b\r\nc";
    record.status = 200;
    record.bytes_out = 12;
    record.duration = 1500us;
    record.user_agent = "x\" 500 \xc3";
    EXPECT_EQ(http::to_string(record), "192.0.2.1 \"GET /a\\x22b\\x0d\\x0ac HTTP/1.1\" 200 12 \"-\" \"x\\x22 500 \\xc3\" 1.5 ms");
    const brio::address none;
    http::access_record unknown(none);
    unknown.complete = false;
    EXPECT_EQ(http::to_string(unknown), "- \"-\" 0 0 \"-\" \"-\" 0.0 ms (cut off)");
}

BRIO_TEST_REAL_TIME(server_features, tls) {
    const authority trusted;
    const identity mine = trusted.issue("IP:127.0.0.1");
    EXPECT_THROW(http::server_options().tls(brio::tls_context::client()), std::invalid_argument);
    http::server server(http::server_options().tls(brio::tls_context::server_pem(mine.certificate, mine.key)));
    server.get("/", [](http::server_request request) -> brio::awaitable<http::reply> {
        co_return http::reply::text(request.is_secure() ? "secure" : "plain");
    });
    server.listen();
    EXPECT_TRUE(server.url().starts_with("https://127.0.0.1:"));
    const scratch_folder folder;
    http::session session(http::session_options().ca_file(folder.file("ca.pem", trusted.pem())));
    for (int i = 0; i < 2; ++i) {
        const http::response got = co_await session.get(server.url() + "/");
        EXPECT_EQ(got.body(), "secure");
    }
    EXPECT_EQ(session.stats().created, 1u);
    co_await session.close();
    co_await server.close();
}

BRIO_TEST_REAL_TIME(server_features, unix_sockets_and_several_addresses) {
    const scratch_folder folder;
    const std::string path = (folder.path() / "socket").string();
    http::server server;
    server.get("/", [](http::server_request request) -> brio::awaitable<http::reply> {
        co_return http::reply::text(request.peer().is_ip() ? "tcp" : "unix");
    });
    server.listen_unix(path);
    EXPECT_EQ(server.port(), 0);
    server.listen();
    const std::uint16_t first = server.port();
    server.listen();
    EXPECT_EQ(server.port(), first);
    brio::stream over = co_await brio::open_unix_connection(path);
    raw_client local(std::move(over));
    EXPECT_EQ((co_await local.get("/")).body, "unix");
    raw_client remote = co_await raw_client::connect(first);
    EXPECT_EQ((co_await remote.get("/")).body, "tcp");
    EXPECT_EQ(server.connections(), 2u);
    co_await server.close();
    EXPECT_FALSE(std::filesystem::exists(path));
}

BRIO_TEST_REAL_TIME(server_features, servers_share_a_port) {
    http::server first(http::server_options().reuse_port());
    http::server second(http::server_options().reuse_port());
    first.get("/", hello);
    second.get("/", hello);
    first.listen();
    second.listen("127.0.0.1", first.port());
    for (int i = 0; i < 20; ++i) {
        const raw_answer got = co_await ask(first.port(), "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
        EXPECT_EQ(got.body, "hello");
    }
    co_await first.close();
    co_await second.close();
}

BRIO_TEST_REAL_TIME(server_features, HTTP_1_0_clients) {
    http::server server;
    server.get("/", hello);
    server.listen();
    raw_client once = co_await raw_client::connect(server.port());
    co_await once.send("GET / HTTP/1.0\r\n\r\n");
    const std::string all = co_await once.rest();
    EXPECT_TRUE(all.starts_with("HTTP/1.1 200 OK\r\n") && all.ends_with("\r\n\r\nhello")) << all;
    EXPECT_TRUE(contains(all, "Connection: close"));
    raw_client kept = co_await raw_client::connect(server.port());
    for (int i = 0; i < 2; ++i) {
        co_await kept.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
        const raw_answer got = co_await kept.answer();
        EXPECT_EQ(got.body, "hello");
        EXPECT_EQ(got.field("Connection"), "keep-alive");
    }
    co_await server.close();
}

BRIO_TEST_REAL_TIME(server_features, several_loops_share_a_port) {
    brio::loop_pool pool(2);
    std::atomic<int> started = 0;
    std::atomic<std::uint16_t> port = 0;
    const auto serve = [&](std::uint16_t wanted) -> brio::awaitable<> {
        http::server server(http::server_options().reuse_port());
        server.get("/", hello);
        server.listen("127.0.0.1", wanted);
        port = server.port();
        ++started;
        co_await server.serve_forever();
    };
    auto first = pool.on(0).spawn(serve, std::uint16_t{0});
    co_await eventually([&] { return started == 1; });
    auto second = pool.on(1).spawn(serve, port.load());
    co_await eventually([&] { return started == 2; });
    for (int i = 0; i < 20; ++i) {
        const raw_answer got = co_await ask(port, "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
        EXPECT_EQ(got.body, "hello");
    }
    co_await pool.aclose();
}
