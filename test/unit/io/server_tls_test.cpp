// SPDX-License-Identifier: BSL-1.0
// TLS servers.
#include "io/certificates.hpp"
#include "unit/core/capture.hpp"
#include "unit/io/descriptors.hpp"

#include <brio/testing/cancel_at_each_await.hpp>
#include <brio/testing/test.hpp>

#include <chrono>
#include <stdexcept>
#include <string>
#include <utility>

namespace {

using namespace io_test;
using brio::awaitable;
using brio::connect_options;
using brio::open_connection;
using brio::server;
using brio::server_options;
using brio::start_server;
using brio::stream;
using brio_test::reports;

awaitable<> echo(stream client) {
    while (auto line = co_await client.next_line()) co_await client.write(*line + "\n");
}

server_options secure() { return server_options().tls(server_context()); }

awaitable<std::string> ask(std::uint16_t port, std::string question) {
    stream s = co_await open_connection("localhost", port, connect_options().tls(client_context()));
    co_await s.write(question + "\n");
    std::string answer = co_await s.read_line();
    s.close();
    co_await s.wait_closed();
    co_return answer;
}

awaitable<> until_empty(server& s) {
    s.close();
    co_await s.wait_closed();
}

}  // namespace

BRIO_TEST_REAL_TIME(server_tls, handlers_get_streams_whose_handshake_is_done) {
    std::string version;
    const auto handler = [&version](stream client) -> awaitable<> {
        version = client.tls()->version();
        co_await echo(std::move(client));
    };
    server s = co_await start_server(handler, "127.0.0.1", 0, secure());
    EXPECT_EQ(co_await ask(s.port(), "secret"), "secret\n");
    EXPECT_EQ(version, "TLSv1.3");
    co_await until_empty(s);
}

BRIO_TEST_REAL_TIME(server_tls, SRV_1_plain_functions_too) {
    stream kept;
    brio::event there;
    const auto handler = [&](stream client) {
        kept = std::move(client);
        kept.write("hello\n");
        there.set();
    };
    server s = co_await start_server(handler, "127.0.0.1", 0, secure());
    stream client = co_await open_connection("localhost", s.port(), connect_options().tls(client_context()));
    EXPECT_EQ(co_await client.read_line(), "hello\n");
    co_await there.wait();
    client.abort();
    kept.abort();
    co_await until_empty(s);
}

BRIO_TEST_REAL_TIME(server_tls, a_client_that_does_not_speak_tls_is_dropped_and_logged_in_debug_mode) {
    reports seen;
    brio_test::captured_log log;
    int served = 0;
    const auto handler = [&served](stream) { ++served; };
    server s = co_await start_server(handler, "127.0.0.1", 0, secure());
    for (const bool debug : {false, true}) {
        brio::get_running_loop().set_debug(debug);
        stream client = co_await open_connection("127.0.0.1", s.port());
        co_await client.write("GET / HTTP/1.1\r\n\r\n");
        try {
            while (!(co_await client.read()).empty()) {}
        } catch (const std::system_error&) {  // it may be reset
        }
        while (s.client_count() > 0) co_await brio::sleep(1ms);
        EXPECT_EQ(log.count("the TLS handshake with client 127.0.0.1:"), debug ? 1U : 0U) << log.text();
    }
    brio::get_running_loop().set_debug(false);
    EXPECT_EQ(served, 0);
    EXPECT_EQ(seen.size(), 0U);
    EXPECT_TRUE(s.is_serving());
    co_await until_empty(s);
}

BRIO_TEST_REAL_TIME(server_tls, a_silent_client_is_dropped_when_the_handshake_takes_too_long) {
    server_options options;
    options.tls(server_context(), brio::tls_options().handshake_timeout(30ms));
    server s = co_await start_server(&echo, "127.0.0.1", 0, options);
    stream client = co_await open_connection("127.0.0.1", s.port());
    EXPECT_EQ(co_await client.read(), "") << "the server has hung up";
    co_await until_empty(s);
}

BRIO_TEST_REAL_TIME(server_tls, SRV_11_closing_clients_ends_handshakes_as_well) {
    server s = co_await start_server(&echo, "127.0.0.1", 0, secure());
    stream silent = co_await open_connection("127.0.0.1", s.port());
    while (s.client_count() == 0) co_await brio::sleep(1ms);
    s.close();
    s.close_clients();
    co_await s.wait_closed();
    silent.abort();
}

BRIO_TEST_REAL_TIME(server_tls, SRV_11_closing_clients_says_goodbye) {
    server s = co_await start_server(&echo, "127.0.0.1", 0, secure());
    stream client = co_await open_connection("localhost", s.port(), connect_options().tls(client_context()));
    co_await client.write("x\n");
    EXPECT_EQ(co_await client.read_line(), "x\n");
    s.close_clients();
    EXPECT_EQ(co_await client.read(), "") << "a goodbye, no truncation";
    client.close();
    co_await until_empty(s);
}

BRIO_TEST_REAL_TIME(server_tls, SRV_44_an_accepted_socket_becomes_a_tls_stream) {
    const brio::unique_descriptor listening = brio_test::listener();
    brio::task<std::string> asking = brio::create_task(ask(brio_test::name_of(listening).port(), "wrapped"));
    brio::accepted got = co_await brio::sock_accept(listening.get());
    stream made = co_await brio::connect_accepted_socket(std::move(got.socket), secure());
    EXPECT_TRUE(made.tls().has_value());
    co_await echo(std::move(made));
    EXPECT_EQ(co_await asking.join(), "wrapped\n");
}

BRIO_TEST_REAL_TIME(server_tls, a_context_for_connecting_is_refused) {
    EXPECT_THROW(server_options().tls(client_context()), std::invalid_argument);
    co_return;
}

TEST(server_tls, sweep_of_a_conversation) {
    const auto body = []() -> awaitable<> {
        server s = co_await start_server(&echo, "127.0.0.1", 0, secure());
        const std::string answer = co_await ask(s.port(), "secret");
        EXPECT_EQ(answer, "secret\n");
        co_await until_empty(s);
    };
    brio::testing::cancel_at_each_await(body, brio::testing::scenario_options().allow_leftovers());
}
