// SPDX-License-Identifier: BSL-1.0
// A server and its client, cancelled at every moment: nothing is left, nothing hangs.
#include "http/raw_client.hpp"

#include <brio/http.hpp>
#include <brio/testing/cancel_at_each_await.hpp>

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace {

using namespace http_test;
using namespace std::chrono_literals;
namespace http = brio::http;
using brio::awaitable;

awaitable<http::reply> echo(http::server_request request) {
    co_await brio::sleep(0s);  // virtual time stands still while sockets are waited for
    co_return http::reply::text(request.body());
}

awaitable<http::reply> both_ways(http::server_request request) {
    auto kept = std::make_shared<http::server_request>(std::move(request));
    const auto write = [kept](http::reply_writer& out) -> awaitable<> {
        while (auto piece = co_await kept->next_chunk()) co_await out.write(std::move(*piece));
    };
    co_return http::reply::stream(write);
}

awaitable<> count(brio::yielder<std::string> yield) {
    for (int i = 0; i < 3; ++i) {
        co_await brio::sleep(0s);  // virtual time stands still while sockets are waited for
        co_await yield(std::to_string(i));
    }
}

awaitable<http::reply> generated(http::server_request) { co_return http::reply::stream(brio::make_generator<std::string>(count)); }

awaitable<http::reply> taken(http::server_request) {
    const auto talk = [](brio::stream raw) -> awaitable<> {
        while (const auto line = co_await raw.next_line()) co_await raw.write(*line + "\n");
    };
    co_return http::reply::take_over(talk);
}

awaitable<> converse(std::uint16_t port) {
    raw_client client = co_await raw_client::connect(port);
    co_await client.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc");
    const raw_answer echoed = co_await client.answer();
    EXPECT_EQ(echoed.body, "abc");
    co_await client.send("POST /both HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n");
    co_await client.io.read_until("\r\n\r\n");
    const std::string back = co_await client.chunk();
    EXPECT_EQ(back, "x");
    co_await client.send("0\r\n\r\n");
    co_await client.chunk();
    const raw_answer made = co_await client.get("/generated");
    EXPECT_EQ(made.body, "012");
    co_await client.get("/taken");
    co_await client.send("line\n");
    const std::string line = co_await client.io.read_line();
    EXPECT_TRUE(line == "line\n" || line.empty()) << "empty when the server was cancelled";
}

awaitable<> whole_life() {
    http::server server;
    server.post("/echo", echo).post("/both", both_ways, http::route_options().stream_body()).get("/generated", generated).get("/taken", taken);
    server.listen();
    co_await converse(server.port());
    co_await server.close(1s);
}

TEST(server_sweep, the_main_task_is_cancelled_at_every_moment) {
    brio::testing::cancel_at_each_await(whole_life, brio::testing::scenario_options().allow_leftovers());
}

awaitable<> tolerant_life() {
    http::server server;
    server.post("/echo", echo).post("/both", both_ways, http::route_options().stream_body()).get("/generated", generated).get("/taken", taken);
    server.listen();
    try {
        co_await converse(server.port());
    } catch (const std::exception&) {  // the server's task was cancelled: the client notices
    }
    co_await server.close();
}

TEST(server_sweep, each_task_of_the_server_is_cancelled_at_every_moment) {
    brio::testing::cancel_at_each_await(tolerant_life, brio::testing::scenario_options().allow_leftovers().every_task());
}

TEST(server_sweep, a_client_that_is_watched_and_everything_is_cancelled_at_every_moment) {
    const auto body = []() -> awaitable<> {
        http::server server(http::server_options().cancel_on_disconnect());
        server.post("/echo", echo).get("/generated", generated);
        server.listen();
        try {
            raw_client client = co_await raw_client::connect(server.port());
            co_await client.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc");
            const raw_answer echoed = co_await client.answer();
            EXPECT_EQ(echoed.body, "abc");
            const raw_answer made = co_await client.get("/generated");
            EXPECT_EQ(made.body, "012");
        } catch (const std::exception&) {
        }
        co_await server.close();
    };
    brio::testing::cancel_at_each_await(body, brio::testing::scenario_options().allow_leftovers().every_task());
}

class file_life {
public:
    file_life() {
        std::string name = (std::filesystem::temp_directory_path() / "brio-sweep-XXXXXX").string();
        folder_ = ::mkdtemp(name.data());
        std::ofstream(folder_ / "large") << std::string(300'000, 'x');
    }
    file_life(const file_life&) = delete;
    file_life& operator=(const file_life&) = delete;
    ~file_life() {
        std::error_code ignored;
        std::filesystem::remove_all(folder_, ignored);
    }
    [[nodiscard]] std::string folder() const { return folder_.string(); }

private:
    std::filesystem::path folder_;
};

TEST(server_sweep, a_file_is_sent_and_everything_is_cancelled_at_every_moment) {
    const file_life disk;
    const auto body = [&disk]() -> awaitable<> {
        http::server server;
        server.files("/", disk.folder());
        server.get("/one", [&disk](http::server_request) -> awaitable<http::reply> { co_return http::reply::file(disk.folder() + "/large"); });
        server.use([](http::server_request request, http::server::handler next) -> awaitable<http::reply> {
            http::reply made = co_await next(std::move(request));
            co_await brio::sleep(0s);
            co_return made;
        });
        server.listen();
        try {
            raw_client client = co_await raw_client::connect(server.port());
            const raw_answer got = co_await client.get("/large");
            EXPECT_EQ(got.body.size(), 300'000u);
            const raw_answer one = co_await client.get("/one");
            EXPECT_EQ(one.body.size(), 300'000u);
        } catch (const std::exception&) {
        }
        co_await server.close();
    };
    brio::testing::cancel_at_each_await(body, brio::testing::scenario_options().allow_leftovers().every_task());
}

}  // namespace
