// SPDX-License-Identifier: BSL-1.0
// The session against the http module of Node.js.
#include "interop.hpp"
#include "node.hpp"

namespace http = brio::http;
using namespace brio_test;
using namespace std::chrono_literals;

namespace {

const std::string text = [] {
    std::string all;
    for (int i = 0; i < 500; ++i) all += "the quick brown fox jumps over the lazy dog\n";
    return all;
}();

// What node_server.js calls so.
std::string pattern(std::size_t size) {
    std::string bytes(size, '\0');
    for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<char>(i * 31 + (i >> 8));
    return bytes;
}

std::size_t size_of_chunks(std::size_t count) {
    std::size_t size = 0;
    for (std::size_t i = 0; i < count; ++i) size += i * 997 % 20'011;
    return size;
}

brio::awaitable<> take_all(http::session& client, std::string url, http::options how = http::options()) {
    http::streaming_response answer = co_await client.stream("GET", std::move(url), std::move(how));
    co_await drain(answer);
}

} // namespace

TEST(node, chunks_and_trailers) {
    const node site;
    const std::string sum = sha256_of(pattern(size_of_chunks(100)));
    in_real_time([&]() -> brio::awaitable<> {
        http::session client;
        for (const std::size_t count : {std::size_t(1), std::size_t(5), std::size_t(100)}) {
            const http::response answer = co_await client.get(site.url() + "/chunks/" + std::to_string(count));
            EXPECT_EQ(answer.header("Transfer-Encoding"), "chunked");
            expect_same_bytes(answer.body(), pattern(size_of_chunks(count)));
            EXPECT_EQ(answer.trailers().get("X-Size"), std::to_string(size_of_chunks(count)));
            EXPECT_FALSE(answer.header("X-Size")) << "trailers are not headers";
            if (count < 100) continue;
            EXPECT_EQ(answer.trailers().get("X-Sha256"), sum);
        }
        expect_connections(client, 1, 1);
        co_await client.close();
    });
}

TEST(node, early_hints_come_before_the_answer) {
    const node site;
    in_real_time([&]() -> brio::awaitable<> {
        http::session client;
        for (int i = 0; i < 3; ++i) {
            const http::response answer = co_await client.get(site.url() + "/hints");
            EXPECT_EQ(answer.status(), 200U);
            EXPECT_EQ(answer.body(), "after the hints");
            EXPECT_FALSE(answer.header("Link"));
        }
        expect_connections(client, 1, 1);
        co_await client.close();
    });
}

TEST(node, a_slow_body_line_by_line) {
    const node site;
    in_real_time([&]() -> brio::awaitable<> {
        http::session client;
        http::streaming_response answer = co_await client.stream("GET", site.url() + "/slow/10", http::options().read_timeout(5s));
        int number = 0;
        while (const auto line = co_await answer.next_line()) EXPECT_EQ(*line, "line " + std::to_string(++number));
        EXPECT_EQ(number, 10);
        expect_connections(client, 1, 1);
        co_await client.close();
    });
}

TEST(node, a_body_that_stops_runs_into_the_limit_and_costs_the_connection) {
    const node site;
    in_real_time([&]() -> brio::awaitable<> {
        http::session client;
        const auto [error, took] =
            co_await failure_of<http::timeout>(get(client, site.url() + "/stall", http::options().read_timeout(200ms)));
        BRIO_ASSERT_TRUE(error.has_value());
        EXPECT_EQ(error->phase(), http::phase::body);
        EXPECT_EQ(error->url(), site.url() + "/stall");
        expect_connections(client, 1, 0);
        const http::response next = co_await client.get(site.url() + "/connections");
        EXPECT_EQ(next.body(), "2");
        co_await client.close();
    });
}

TEST(node, a_body_that_is_cut_off_is_an_error) {
    const node site;
    in_real_time([&]() -> brio::awaitable<> {
        http::session client;
        const auto [cut, took] = co_await failure_of<http::incomplete_body>(get(client, site.url() + "/cut"));
        BRIO_ASSERT_TRUE(cut.has_value());
        EXPECT_EQ(cut->received(), 500U);
        EXPECT_EQ(cut->expected(), 1000U);
        const auto [chunks, took_too] = co_await failure_of<http::incomplete_body>(take_all(client, site.url() + "/cut-chunks"));
        BRIO_ASSERT_TRUE(chunks.has_value());
        EXPECT_EQ(chunks->received(), 500U);
        EXPECT_FALSE(chunks->expected());
        expect_connections(client, 2, 0);
        co_await client.close();
    });
}

TEST(node, codings) {
    const node site;
    in_real_time([&]() -> brio::awaitable<> {
        http::session client;
        for (const std::string name : {"gzip", "deflate", "br", "gzip,br"}) {
            const http::response answer = co_await client.get(site.url() + "/coded/" + name);
            EXPECT_TRUE(answer.header("Content-Encoding")) << name;
            EXPECT_EQ(answer.body() == text, true) << name;
        }
        expect_connections(client, 1, 1);
        co_await client.close();
    });
}

TEST(node, headers_arrive_in_order_and_as_spelled) {
    const node site;
    in_real_time([&]() -> brio::awaitable<> {
        http::session client(http::session_options().user_agent("brio test"));
        http::options how;
        how.header("x-lower", "1").header("X-UPPER", "2").header("x-lower", "3").header("X-Bytes", "gr\xc3\xbc\xc3\x9f").query("q", "a b&c=d/ü");
        const http::response answer = co_await client.get(site.url() + "/headers", std::move(how));
        EXPECT_EQ(member(answer, "method"), "GET");
        const std::string url = member(answer, "url");
        EXPECT_TRUE(url == "/headers?q=a%20b%26c%3Dd%2F%C3%BC" || url == "/headers?q=a+b%26c%3Dd%2F%C3%BC" || url == "/headers?q=a%20b%26c%3Dd/%C3%BC") << url;
        const std::string headers = member(answer, "headers");
        const std::size_t lower = headers.find(R"("x-lower","1","X-UPPER","2","x-lower","3")");
        EXPECT_NE(lower, headers.npos) << headers;
        EXPECT_NE(headers.find(R"("User-Agent","brio test")"), headers.npos) << headers;
        EXPECT_TRUE(headers.starts_with("[\"Host\",\"" + site.url().substr(7) + "\"")) << headers;
        for (const std::string method : {"DELETE", "OPTIONS", "PROPFIND", "PATCH"}) {
            const http::response other = co_await client.request(method, site.url() + "/headers");
            EXPECT_EQ(member(other, "method"), method);
        }
        co_await client.close();
    });
}

TEST(node, bodies_of_every_kind_arrive_whole) {
    const node site;
    const temp_folder folder;
    const std::string bytes = noise(16 << 20);
    const std::string sum = sha256_of(bytes);
    write_file(folder / "file", bytes);
    in_real_time([&]() -> brio::awaitable<> {
        http::session client;
        std::vector<http::options> bodies(4);
        bodies[0].body(bytes);
        bodies[1].body(in_pieces(bytes, 77'777), bytes.size());
        bodies[2].body(in_pieces(bytes, 77'777));
        bodies[3].body_file(folder / "file");
        for (std::size_t i = 0; i < bodies.size(); ++i) {
            const http::response answer = co_await client.post(site.url() + "/sum", std::move(bodies[i]));
            EXPECT_EQ(member(answer, "size"), std::to_string(bytes.size())) << i;
            EXPECT_EQ(member(answer, "sha256"), sum) << i;
            EXPECT_EQ(member(answer, "coding"), i == 2 ? "chunked" : "") << i;
            EXPECT_EQ(member(answer, "length"), i == 2 ? "" : std::to_string(bytes.size())) << i;
        }
        const http::response asked = co_await client.post(site.url() + "/sum", http::options().body(bytes).expect_continue());
        EXPECT_EQ(member(asked, "sha256"), sum);
        const http::response form = co_await client.post(site.url() + "/sum", http::options().form("a", "1").form("b", "x y"));
        EXPECT_EQ(member(form, "type"), "application/x-www-form-urlencoded");
        const http::response empty = co_await client.post(site.url() + "/sum");
        EXPECT_EQ(member(empty, "size"), "0");
        EXPECT_EQ(member(empty, "length"), "0");
        expect_connections(client, 1, 1);
        co_await client.close();
    });
}

TEST(node, an_echo_while_it_is_sent) {
    const node site;
    const std::string bytes = noise(30'000);
    in_real_time([&]() -> brio::awaitable<> {
        http::session client;
        http::options chunked;
        chunked.body(in_pieces(bytes, 10'000));
        const http::response answer = co_await client.post(site.url() + "/echo", std::move(chunked));
        expect_same_bytes(answer.body(), bytes);
        co_await client.close();
    });
}

TEST(node, an_echo_larger_than_every_buffer) {
    const node site;
    const std::string bytes = noise(40 << 20);
    in_real_time([&]() -> brio::awaitable<> {
        http::session client;
        http::options how;
        how.body(in_pieces(bytes, 100'000)).read_timeout(5s);
        const http::response answer = co_await client.post(site.url() + "/echo", std::move(how));
        expect_same_bytes(answer.body(), bytes);
        expect_connections(client, 1, 1);
        co_await client.close();
    });
}

TEST(node, H_083_a_refusal_ends_the_upload) {
    const node site;
    const std::string bytes = noise(30 << 20);
    in_real_time([&]() -> brio::awaitable<> {
        http::session client;
        std::size_t begun = 0;
        http::options how;
        how.body(in_pieces(bytes, 100'000, &begun), bytes.size());
        const http::response answer = co_await client.post(site.url() + "/refuse", std::move(how));
        EXPECT_EQ(answer.status(), 413U);
        EXPECT_EQ(answer.body(), "too much");
        EXPECT_LT(begun, 300U) << "not all was sent";
        expect_connections(client, 1, 0);
        co_await client.close();
    });
}

TEST(node, connections_that_the_server_gives_up_are_replaced) {
    const node site;
    in_real_time([&]() -> brio::awaitable<> {
        http::session client(http::session_options().keep_alive(60s));
        const http::response first = co_await client.get(site.url() + "/leave");
        EXPECT_EQ(first.body(), "bye");
        expect_connections(client, 1, 1);
        while (site.output().find("connection 1 has ended") == std::string::npos) co_await brio::sleep(5ms);
        for (int i = 0; i < 3; ++i) {
            const http::response next = co_await client.get(site.url() + "/connections");
            EXPECT_EQ(next.body(), "2") << "on a new one";
        }
        expect_connections(client, 2, 1);
        co_await client.close();
    });
}

TEST(node, connections_are_kept_as_long_as_the_server_says) {
    const node site(400ms); // it says `Keep-Alive: timeout=0`
    in_real_time([&]() -> brio::awaitable<> {
        http::session client;
        for (std::uint64_t i = 1; i <= 3; ++i) {
            const http::response next = co_await client.get(site.url() + "/connections");
            EXPECT_EQ(next.body(), std::to_string(i));
            expect_connections(client, i, 0);
        }
        co_await client.close();
    });
}

TEST(node, cookies) {
    const node site;
    in_real_time([&]() -> brio::awaitable<> {
        http::session client;
        const http::response after_login = co_await client.get(site.url() + "/login");
        EXPECT_EQ(after_login.url().str(), site.url() + "/cookies/");
        EXPECT_EQ(after_login.body(), "session=s3cret; date=z") << "set on the way, sent to the next place";
        const http::response set = co_await client.get(site.url() + "/cookies/?a=1&b=2");
        EXPECT_EQ(set.body(), "session=s3cret; date=z");
        const http::response all = co_await client.get(site.url() + "/cookies/", http::options().cookie("a", "mine"));
        EXPECT_EQ(all.body().find("a=1"), std::string_view::npos) << all.body();
        EXPECT_NE(all.body().find("a=mine"), std::string_view::npos) << all.body();
        const http::response again = co_await client.get(site.url() + "/cookies/");
        EXPECT_EQ(again.body(), "session=s3cret; date=z; a=1; b=2");
        expect_connections(client, 1, 1);

        http::session other(http::session_options().cookies(*client.cookies()));
        const http::response shared = co_await other.get(site.url() + "/cookies/");
        EXPECT_EQ(shared.body(), again.body());
        http::session without(http::session_options().no_cookies());
        const http::response none = co_await without.get(site.url() + "/login");
        EXPECT_EQ(none.body(), "");
        co_await client.close();
        co_await other.close();
        co_await without.close();
    });
}

TEST(node, server_sent_events_over_several_connections) {
    const node site;
    in_real_time([&]() -> brio::awaitable<> {
        http::session client;
        http::event_stream news = client.events(site.url() + "/events");
        int number = 0;
        while (const auto event = co_await news.next()) {
            const std::string expected = std::to_string(++number);
            EXPECT_EQ(event->id, expected);
            EXPECT_EQ(event->type, "count");
            EXPECT_EQ(event->data, "number " + expected + "\ngr\xc3\xbc\xc3\x9f" "e " + expected);
        }
        EXPECT_EQ(number, 9);
        EXPECT_EQ(news.last_event_id(), "9");
        http::event_stream from_six = client.events(site.url() + "/events", http::options().header("Last-Event-ID", "6"));
        const auto next = co_await from_six.next();
        BRIO_ASSERT_TRUE(next.has_value());
        EXPECT_EQ(next->id, "7");
        co_await client.close();
    });
}

TEST(node, cancelled_in_the_middle_of_a_body) {
    const node site;
    in_real_time([&]() -> brio::awaitable<> {
        http::session client;
        brio::event begun;
        const auto read = [&]() -> brio::awaitable<> {
            http::streaming_response answer = co_await client.stream("GET", site.url() + "/stall");
            co_await answer.next_chunk();
            begun.set();
            co_await drain(answer);
        };
        brio::task<> reading = brio::create_task(read());
        co_await begun.wait();
        reading.cancel();
        bool cancelled = false;
        try {
            co_await reading.join();
        } catch (const brio::cancelled_error&) {
            cancelled = true;
        }
        EXPECT_TRUE(cancelled);
        expect_connections(client, 1, 0);
        const http::response next = co_await client.get(site.url() + "/connections");
        EXPECT_EQ(next.status(), 200U);
        co_await client.close();
    });
}
