// SPDX-License-Identifier: BSL-1.0
// Servers: handlers, addresses, accepting (asyncio.md 2.22).
#include "sanitized.hpp"
#include "unit/compose/outcome.hpp"
#include "unit/io/descriptors.hpp"
#include "unit/io/failing_calls.hpp"

#include <brio/testing/cancel_at_each_await.hpp>
#include <brio/testing/test.hpp>

#include <sys/resource.h>

#include <cerrno>
#include <memory>
#include <stdexcept>
#include <string>
#include <system_error>
#include <vector>

namespace {

using namespace std::chrono_literals;
using namespace brio_test;
using brio::address;
using brio::awaitable;
using brio::create_task;
using brio::open_connection;
using brio::server;
using brio::server_options;
using brio::start_server;
using brio::stream;

awaitable<> echo(stream client) {
    while (auto line = co_await client.next_line()) co_await client.write(*line + "\n");
}

awaitable<std::string> ask(std::uint16_t port, std::string question) {
    stream s = co_await open_connection("127.0.0.1", port);
    co_await s.write(question + "\n");
    std::string answer = co_await s.read_line();
    s.close();
    co_await s.wait_closed();
    co_return answer;
}

// Connects, says nothing and waits for the end.
awaitable<std::string> listen_to(std::uint16_t port) {
    stream s = co_await open_connection("127.0.0.1", port);
    co_return co_await s.read();
}

awaitable<int> connect_error(address to) {
    const brio::unique_descriptor client = stream_socket(to.data()->sa_family);
    try {
        co_await brio::sock_connect(client.get(), to);
    } catch (const std::system_error& e) {
        co_return e.code().value();
    }
    co_return 0;
}

awaitable<> until_empty(server& s) {
    s.close();
    co_await s.wait_closed();
}

BRIO_TEST(server, SRV_1_a_coroutine_handler_is_a_task_for_each_connection) {
    server s = co_await start_server(&echo, "127.0.0.1", 0);
    EXPECT_TRUE(s.is_serving());
    brio::task<std::string> a = create_task(ask(s.port(), "a"));
    brio::task<std::string> b = create_task(ask(s.port(), "b"));
    EXPECT_EQ(co_await a.join(), "a\n");
    EXPECT_EQ(co_await b.join(), "b\n");
    co_await until_empty(s);
    EXPECT_EQ(s.client_count(), 0u);
}

BRIO_TEST(server, SRV_1_a_plain_function_is_a_handler_too) {
    std::vector<brio::task<>> served;
    const auto handler = [&served](stream client) { served.push_back(create_task(echo(std::move(client)))); };
    server s = co_await start_server(handler, "127.0.0.1", 0);
    EXPECT_EQ(co_await ask(s.port(), "plain"), "plain\n");
    co_await until_empty(s);
    co_await brio::gather(std::move(served));
}

BRIO_TEST(server, handlers_may_own_what_they_like) {
    auto owned = std::make_unique<std::string>("mine");
    auto handler = [text = std::move(owned)](stream client) -> awaitable<> { co_await client.write(*text + "\n"); };
    server s = co_await start_server(std::move(handler), "127.0.0.1", 0);
    EXPECT_EQ(co_await listen_to(s.port()), "mine\n");
    co_await until_empty(s);
}

BRIO_TEST(server, the_task_of_a_connection_is_named_after_its_peer) {
    std::string name;
    address peer;
    const auto handler = [&](stream client) -> awaitable<> {
        name = brio::current_task().name();
        peer = client.peer_address();
        co_await client.write("x\n");
    };
    server s = co_await start_server(handler, "127.0.0.1", 0);
    co_await listen_to(s.port());
    EXPECT_EQ(name, "client " + peer.to_string());
    co_await until_empty(s);
}

BRIO_TEST(server, handlers_have_the_context_of_those_who_made_the_server) {
    static brio::context_var<int> number("number");
    number.set(1);
    const auto handler = [](stream client) -> awaitable<> { co_await client.write(std::to_string(number.get()) + "\n"); };
    server s = co_await start_server(handler, "127.0.0.1", 0);
    number.set(2);
    EXPECT_EQ(co_await listen_to(s.port()), "1\n");
    co_await until_empty(s);
}

BRIO_TEST(server, a_handler_that_fails_is_reported_and_harms_nobody) {
    reports seen;
    const auto handler = [](stream client) -> awaitable<> {
        const std::string line = co_await client.read_line();
        if (line == "bad\n") throw std::runtime_error("handler failed");
        co_await client.write(line);
    };
    server s = co_await start_server(handler, "127.0.0.1", 0);
    EXPECT_EQ(co_await ask(s.port(), "bad"), "") << "its connection was closed";
    EXPECT_EQ(co_await ask(s.port(), "good"), "good\n");
    BRIO_ASSERT_EQ(seen.size(), 1U);
    EXPECT_EQ(seen[0], "handler failed");
    co_await until_empty(s);
}

BRIO_TEST(server, a_plain_handler_that_fails_is_reported_and_harms_nobody) {
    reports seen;
    int calls = 0;
    brio::event second;
    const auto handler = [&](stream) {
        if (++calls == 1) throw std::runtime_error("handler failed");
        second.set();
    };
    server s = co_await start_server(handler, "127.0.0.1", 0);
    EXPECT_EQ(co_await listen_to(s.port()), "");
    EXPECT_EQ(co_await listen_to(s.port()), "");
    co_await second.wait();
    BRIO_ASSERT_EQ(seen.size(), 1U);
    EXPECT_EQ(seen[0], "handler failed");
    co_await until_empty(s);
}

BRIO_TEST(server, SRV_3_a_cancelled_handler_closes_its_connection_without_a_report) {
    reports seen;
    brio::task_handle handling;
    brio::event begun;
    const auto handler = [&](stream client) -> awaitable<> {
        handling = brio::current_task();
        begun.set();
        co_await client.read();
    };
    server s = co_await start_server(handler, "127.0.0.1", 0);
    stream client = co_await open_connection("127.0.0.1", s.port());
    co_await begun.wait();
    handling.cancel();
    EXPECT_EQ(co_await client.read(), "") << "the end";
    EXPECT_EQ(seen.size(), 0U);
    EXPECT_TRUE(handling.cancelled());
    client.close();
    co_await client.wait_closed();
    co_await until_empty(s);
}

BRIO_TEST(server, SRV_3_cancel_clients_cancels_all_handlers) {
    reports seen;
    int cancelled = 0;
    brio::event begun;
    const auto handler = [&](stream client) -> awaitable<> {
        begun.set();
        try {
            co_await client.read();
        } catch (const brio::cancelled_error&) {
            ++cancelled;
            throw;
        }
    };
    server s = co_await start_server(handler, "127.0.0.1", 0);
    stream client = co_await open_connection("127.0.0.1", s.port());
    co_await begun.wait();
    s.cancel_clients();
    co_await until_empty(s);
    EXPECT_EQ(cancelled, 1);
    EXPECT_EQ(seen.size(), 0U);
    client.abort();
}

BRIO_TEST(server, SRV_4_bound_but_not_serving_until_it_is_told) {
    server s = co_await start_server(&echo, "127.0.0.1", 0, server_options().start_serving(false));
    EXPECT_FALSE(s.is_serving());
    EXPECT_NE(s.port(), 0);
    EXPECT_EQ(co_await connect_error(s.addresses().front()), ECONNREFUSED);
    s.start_serving();
    s.start_serving();
    EXPECT_TRUE(s.is_serving());
    EXPECT_EQ(co_await ask(s.port(), "now"), "now\n");
    co_await until_empty(s);
    EXPECT_THROW(s.start_serving(), brio::invalid_state_error);
}

BRIO_TEST(server, SRV_20_a_port_is_shared_on_request) {
    server a = co_await start_server(&echo, "127.0.0.1", 0, server_options().reuse_port());
    server b = co_await start_server(&echo, "127.0.0.1", a.port(), server_options().reuse_port());
    EXPECT_EQ(a.port(), b.port());
    const std::string text = co_await end_of(start_server(&echo, "127.0.0.1", a.port()));
    EXPECT_EQ(text, "cannot bind a server to 127.0.0.1:" + std::to_string(a.port()) + ": Address already in use");
    EXPECT_EQ(co_await ask(a.port(), "either"), "either\n");
    co_await until_empty(a);
    co_await until_empty(b);
}

BRIO_TEST(server, SRV_20_an_error_where_the_system_lacks_it) {
    lack_reuse_port(true);
    EXPECT_EQ(co_await end_of(start_server(&echo, "127.0.0.1", 0, server_options().reuse_port())),
              "cannot set reuse_port on a socket: Protocol not available");
    server plain = co_await start_server(&echo, "127.0.0.1", 0);
    EXPECT_TRUE(plain.is_serving()) << "nobody asked for it";
    lack_reuse_port(false);
}

BRIO_TEST(server, a_restart_gets_its_port_back) {
    server first = co_await start_server(&echo, "127.0.0.1", 0);
    const std::uint16_t port = first.port();
    EXPECT_EQ(co_await ask(port, "x"), "x\n");
    co_await until_empty(first);
    server second = co_await start_server(&echo, "127.0.0.1", port);
    EXPECT_EQ(co_await ask(port, "y"), "y\n");
    co_await until_empty(second);
}

BRIO_TEST(server, SRV_23_out_of_descriptors_is_reported_and_accepting_pauses_a_second) {
    if (is_sanitized) {
        mark_skipped("sanitizers need descriptors themselves");
        co_return;
    }
    reports seen;
    brio::event served;
    const auto handler = [&served](stream) { served.set(); };
    server s = co_await start_server(handler, "127.0.0.1", 0);
    const brio::unique_descriptor client = stream_socket();
    rlimit before{};
    ::getrlimit(RLIMIT_NOFILE, &before);
    const int lowest = ::dup(client.get());
    ::close(lowest);
    rlimit none = before;
    none.rlim_cur = static_cast<rlim_t>(lowest);
    ::setrlimit(RLIMIT_NOFILE, &none);
    const address to = s.addresses().front();
    ::connect(client.get(), to.data(), static_cast<socklen_t>(to.size()));
    while (seen.size() == 0) co_await brio::sleep(0s);
    const auto begin = brio::get_running_loop().time();
    ::setrlimit(RLIMIT_NOFILE, &before);
    EXPECT_EQ(seen[0], "accept: Too many open files");
    EXPECT_FALSE(served.is_set());
    co_await served.wait();
    EXPECT_EQ(brio::get_running_loop().time() - begin, 1s);
    EXPECT_EQ(seen.size(), 1U);
    s.close();
}

BRIO_TEST(server, SRV_23_closing_during_the_pause) {
    reports seen;
    server s = co_await start_server(&echo, "127.0.0.1", 0);
    fail_accepts(std::deque<int>(1, ENFILE));
    const brio::unique_descriptor client = stream_socket();
    co_await brio::sock_connect(client.get(), s.addresses().front());
    while (seen.size() == 0) co_await brio::sleep(0s);
    EXPECT_EQ(seen[0], "accept: Too many open files in system");
    s.close();
    co_await s.wait_closed();
    co_await brio::sleep(2s);
    EXPECT_EQ(seen.size(), 1U);
}

BRIO_TEST(server, SRV_24_nothing_there_and_lost_connections_are_silent) {
    reports seen;
    server s = co_await start_server(&echo, "127.0.0.1", 0);
    std::deque<int> errors;
    for (const int error : {EAGAIN, ECONNABORTED, EINTR, EPROTO}) errors.push_back(error);
    fail_accepts(std::move(errors));
    EXPECT_EQ(co_await ask(s.port(), "through"), "through\n");
    EXPECT_TRUE(all_accepts_failed());
    EXPECT_EQ(seen.size(), 0U);
    co_await until_empty(s);
}

BRIO_TEST(server, SRV_31_and_34_addresses_that_cannot_be_bound_are_named) {
    const std::string text = co_await end_of(start_server(&echo, "192.0.2.1", 0));
    EXPECT_EQ(text, "cannot bind a server to 192.0.2.1:0: Cannot assign requested address");
    std::vector<std::string> hosts(1, "192.0.2.1");
    hosts.emplace_back("127.0.0.1");
    server s = co_await start_server(&echo, std::move(hosts), 0);
    BRIO_ASSERT_EQ(s.addresses().size(), 1U);
    EXPECT_EQ(s.addresses()[0].host(), "127.0.0.1") << "the one that this computer has";
    EXPECT_NE((co_await end_of(start_server(&echo, "no-such-host.invalid", 0))).find("cannot resolve"), std::string::npos);
}

BRIO_TEST(server, several_addresses) {
    server s = co_await start_server(&echo, "localhost", 0);
    BRIO_ASSERT_EQ(s.addresses().size(), 2U);
    EXPECT_EQ(s.sockets().size(), 2U);
    for (const address& where : s.addresses()) {
        stream client = co_await open_connection(where.host(), where.port());
        co_await client.write("x\n");
        EXPECT_EQ(co_await client.read_line(), "x\n");
    }
    server four = co_await start_server(&echo, "localhost", 0, server_options().family(brio::address_family::ipv4));
    BRIO_ASSERT_EQ(four.addresses().size(), 1U);
    EXPECT_EQ(four.addresses()[0].host(), "127.0.0.1");
    std::vector<std::string> twice(2, "127.0.0.1");
    server once = co_await start_server(&echo, std::move(twice), 0);
    EXPECT_EQ(once.addresses().size(), 1U) << "an address is bound once";
    co_await until_empty(s);
}

BRIO_TEST(server, SRV_35_an_empty_host_means_all_interfaces) {
    server s = co_await start_server(&echo, "", 0);
    BRIO_ASSERT_EQ(s.addresses().size(), 2U);
    EXPECT_EQ(s.addresses()[0].host(), "0.0.0.0");
    EXPECT_EQ(s.addresses()[1].host(), "::");
    EXPECT_EQ(co_await ask(s.port(), "x"), "x\n");
    co_await until_empty(s);
}

BRIO_TEST(server, a_limit_on_connections_lets_the_others_wait) {
    std::size_t most = 0;
    server s;
    const auto handler = [&](stream client) -> awaitable<> {
        most = std::max(most, s.client_count());
        while (auto line = co_await client.next_line()) co_await client.write(*line + "\n");
    };
    s = co_await start_server(handler, "127.0.0.1", 0, server_options().max_connections(2));
    std::vector<brio::task<std::string>> all;
    for (int i = 0; i < 10; ++i) all.push_back(create_task(ask(s.port(), std::to_string(i))));
    for (std::size_t i = 0; i < all.size(); ++i) EXPECT_EQ(co_await all[i].join(), std::to_string(i) + "\n");
    EXPECT_EQ(most, 2U);
    co_await until_empty(s);
}

BRIO_TEST(server, the_limit_of_lines_is_that_of_the_options) {
    std::size_t limit = 0;
    const auto handler = [&limit](stream client) { limit = client.limit(); };
    server s = co_await start_server(handler, "127.0.0.1", 0, server_options().limit(1234));
    co_await listen_to(s.port());
    EXPECT_EQ(limit, 1234U);
    EXPECT_EQ(co_await end_of(start_server(&echo, "127.0.0.1", 0, server_options().limit(0))),
              "the limit of a server's streams must be at least 1 byte");
    EXPECT_EQ(co_await end_of(start_server(&echo, "127.0.0.1", 0, server_options().backlog(-1))),
              "the backlog of a server cannot be negative");
    co_await until_empty(s);
}

BRIO_TEST(server, a_socket_of_the_callers) {
    brio::unique_descriptor bound = stream_socket();
    const address any("127.0.0.1", 0);
    ::bind(bound.get(), any.data(), static_cast<socklen_t>(any.size()));
    server s = start_server(&echo, server_options().socket(std::move(bound)));
    EXPECT_EQ(co_await ask(s.port(), "own"), "own\n");
    EXPECT_THROW(static_cast<void>(start_server(&echo, server_options())), std::invalid_argument) << "without one";
    brio::unique_descriptor wrong(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    EXPECT_THROW(static_cast<void>(start_server(&echo, server_options().socket(std::move(wrong)))), std::invalid_argument);
    EXPECT_EQ(co_await end_of(start_server(&echo, "127.0.0.1", 0, server_options().socket(stream_socket()))),
              "start_server: give a host and a port, or a socket, not both");
    co_await until_empty(s);
}

BRIO_TEST(server, SRV_44_an_accepted_socket_becomes_a_stream) {
    const brio::unique_descriptor listening = listener();
    brio::task<stream> connecting = create_task(open_connection("127.0.0.1", name_of(listening).port()));
    brio::accepted got = co_await brio::sock_accept(listening.get());
    stream near = co_await brio::connect_accepted_socket(std::move(got.socket));
    stream far = co_await connecting.join();
    co_await near.write("wrapped\n");
    EXPECT_EQ(co_await far.read_line(), "wrapped\n");
    EXPECT_EQ(near.peer_address(), far.local_address());
    const std::string text = co_await end_of(brio::connect_accepted_socket(brio::unique_descriptor(::dup(0))));
    EXPECT_NE(text.find("is no stream socket"), std::string::npos) << text;
    near.abort();
    far.abort();
}

BRIO_TEST(server, hundreds_of_connections_at_once) {
    server s = co_await start_server(&echo, "127.0.0.1", 0, server_options().backlog(512));
    std::vector<brio::task<std::string>> all;
    for (int i = 0; i < 300; ++i) all.push_back(create_task(ask(s.port(), std::to_string(i))));
    for (std::size_t i = 0; i < all.size(); ++i) EXPECT_EQ(co_await all[i].join(), std::to_string(i) + "\n");
    co_await until_empty(s);
}

TEST(server, one_that_outlives_its_loop_closes_quietly) {
    const std::size_t before = open_descriptors();
    {
        server s;
        const auto main = [&s]() -> awaitable<> {
            s = co_await start_server(&echo, "127.0.0.1", 0);
            co_await settle();
        };
        brio::run(main());
        EXPECT_TRUE(s.is_serving());
        s.close();
        EXPECT_FALSE(s.is_serving());
    }
    EXPECT_EQ(open_descriptors(), before);
}

TEST(server, sweep_of_a_conversation) {
    const auto body = []() -> awaitable<> {
        server s = co_await start_server(&echo, "127.0.0.1", 0);
        stream client = co_await open_connection("127.0.0.1", s.port());
        co_await client.write("ping\n");
        const std::string answer = co_await client.read_line();
        EXPECT_EQ(answer, "ping\n");
        client.close();
        co_await client.wait_closed();
        co_await until_empty(s);
    };
    brio::testing::cancel_at_each_await(body, brio::testing::scenario_options().allow_leftovers());
}

}  // namespace
