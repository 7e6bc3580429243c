// SPDX-License-Identifier: BSL-1.0
// Calls on plain sockets (asyncio.md 2.25).
#include "unit/compose/outcome.hpp"
#include "unit/io/descriptors.hpp"

#include <brio/testing/cancel_at_each_await.hpp>
#include <brio/testing/test.hpp>

#include <boost/asio/ip/tcp.hpp>

#include <netinet/in.h>

#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <string>
#include <system_error>

namespace {

using namespace std::chrono_literals;
using namespace brio_test;
using brio::accepted;
using brio::address;
using brio::awaitable;
using brio::create_task;
using brio::unique_descriptor;

awaitable<int> connect_error(int socket, address to) {
    try {
        co_await brio::sock_connect(socket, std::move(to));
    } catch (const std::system_error& e) {
        co_return e.code().value();
    }
    co_return 0;
}

awaitable<std::string> echo_once(int listening) {
    accepted client = co_await brio::sock_accept(listening);
    std::string all;
    while (true) {
        std::string part = co_await brio::sock_recv(client.socket.get(), 1000);
        if (part.empty()) break;
        all += part;
        co_await brio::sock_sendall(client.socket.get(), std::move(part));
    }
    co_return all;
}

BRIO_TEST(sockets, NET_2_a_client_talks_to_a_server) {
    const unique_descriptor listening = listener();
    brio::task<std::string> server = create_task(echo_once(listening.get()));
    const unique_descriptor client = stream_socket();
    co_await brio::sock_connect(client.get(), name_of(listening));
    co_await brio::sock_sendall(client.get(), "hello");
    char room[16];
    std::size_t got = 0;
    while (got < 5) got += co_await brio::sock_recv_into(client.get(), room + got, sizeof room - got);
    EXPECT_EQ(std::string(room, got), "hello");
    ::shutdown(client.get(), SHUT_WR);
    EXPECT_EQ(co_await brio::sock_recv(client.get(), 10), "") << "the end";
    EXPECT_EQ(co_await server.join(), "hello");
}

BRIO_TEST(sockets, NET_2_a_cancelled_receive_leaves_the_socket_usable) {
    const ends p = socket_pair();
    for (int i = 0; i < 3; ++i) {
        EXPECT_EQ(co_await given_up(brio::sock_recv(p.near.get(), 100)), "cancelled");
    }
    brio::task<std::string> receiving = create_task(brio::sock_recv(p.near.get(), 100));
    co_await settle();
    put(p.far, "data");
    EXPECT_EQ(co_await receiving.join(), "data");
}

// The bytes are there and the task is woken, but it is cancelled before it runs: they are for the next one.
BRIO_TEST(sockets, NET_2_a_receive_that_is_cancelled_when_the_data_is_there_loses_nothing) {
    const ends p = socket_pair();
    for (int delay = 0; delay < 6; ++delay) {
        brio::task<std::string> receiving = create_task(brio::sock_recv(p.near.get(), 100));
        co_await settle();
        put(p.far, "data");
        for (int i = 0; i < delay; ++i) co_await brio::sleep(0s);
        receiving.cancel();
        const std::string how = co_await end_of(receiving.join());
        if (how == "data") continue;
        EXPECT_EQ(how, "cancelled");
        EXPECT_EQ(co_await brio::sock_recv(p.near.get(), 100), "data");
    }
}

BRIO_TEST(sockets, NET_3_a_cancelled_connect_can_be_followed_by_another) {
    const unique_descriptor listening = listener();
    const unique_descriptor first = stream_socket();
    brio::task<> connecting = create_task(brio::sock_connect(first.get(), name_of(listening)));
    connecting.cancel();
    co_await brio::gather(brio::return_exceptions, connecting);
    const unique_descriptor second = stream_socket();
    co_await brio::sock_connect(second.get(), name_of(listening));
    EXPECT_EQ(co_await connect_error(first.get(), name_of(listening)), 0) << "it is connected, or its connect goes on";
}

// Nobody answers at this address: the connect hangs until it is cancelled.
BRIO_TEST(sockets, NET_3_a_connect_that_hangs_is_cancelled) {
    const unique_descriptor listening = listener(0);
    std::vector<unique_descriptor> queue;  // fill the backlog: further connects get no answer
    for (int i = 0; i < 3; ++i) {
        queue.push_back(stream_socket());
        const address to = name_of(listening);
        ::connect(queue.back().get(), to.data(), static_cast<socklen_t>(to.size()));
    }
    const unique_descriptor late = stream_socket();
    EXPECT_EQ(co_await given_up(brio::sock_connect(late.get(), name_of(listening))), "cancelled");
    const unique_descriptor other = listener();
    const unique_descriptor fresh = stream_socket();
    co_await brio::sock_connect(fresh.get(), name_of(other));
}

BRIO_TEST(sockets, NET_4_a_cancelled_accept_does_not_break_the_listener) {
    const unique_descriptor listening = listener();
    EXPECT_EQ(co_await given_up(brio::sock_accept(listening.get())), "cancelled");
    const unique_descriptor client = stream_socket();
    brio::task<accepted> accepting = create_task(brio::sock_accept(listening.get()));
    co_await settle();
    co_await brio::sock_connect(client.get(), name_of(listening));
    const accepted got = co_await accepting.join();
    EXPECT_EQ(got.peer, name_of(client));
    EXPECT_TRUE(::fcntl(got.socket.get(), F_GETFD) & FD_CLOEXEC);
    EXPECT_TRUE(::fcntl(got.socket.get(), F_GETFL) & O_NONBLOCK);
}

BRIO_TEST(sockets, a_refused_connect_names_the_address) {
    address dead;
    {
        const unique_descriptor listening = listener();
        dead = name_of(listening);
    }
    const unique_descriptor client = stream_socket();
    EXPECT_EQ(co_await connect_error(client.get(), dead), ECONNREFUSED);
    const std::string text = co_await end_of(brio::sock_connect(client.get(), dead));
    EXPECT_NE(text.find("to " + dead.to_string() + ": Connection refused"), std::string::npos) << text;
}

BRIO_TEST(sockets, connect_by_name_takes_addresses_of_the_sockets_family) {
    const unique_descriptor listening = listener();
    const unique_descriptor client = stream_socket();
    co_await brio::sock_connect(client.get(), "localhost", name_of(listening).port());
    const accepted got = co_await brio::sock_accept(listening.get());
    EXPECT_EQ(got.peer, name_of(client));
}

BRIO_TEST(sockets, a_large_send_waits_for_the_reader) {
    const ends p = socket_pair();
    const std::string big(3'000'000, 'b');
    brio::task<> sending = create_task(brio::sock_sendall(p.near.get(), big.data(), big.size()));
    co_await settle();
    EXPECT_FALSE(sending.done());
    std::size_t got = 0;
    while (got < big.size()) {
        const std::string part = co_await brio::sock_recv(p.far.get(), 100'000);
        got += part.size();
    }
    co_await sending.join();
    EXPECT_EQ(got, big.size());
}

BRIO_TEST(sockets, sending_to_a_closed_peer_is_an_error_and_no_signal) {
    ends p = socket_pair();
    p.far.reset();
    const std::string text = co_await end_of(brio::sock_sendall(p.near.get(), "x"));
    EXPECT_NE(text.find("sock_sendall on descriptor"), std::string::npos) << text;
    EXPECT_NE(text.find("Broken pipe"), std::string::npos) << text;
}

BRIO_TEST(sockets, bad_descriptors_and_blocking_ones_are_refused) {
    EXPECT_EQ(co_await end_of(brio::sock_recv(-1, 10)), "sock_recv: -1 is no descriptor");
    int closed = -1;
    {
        const ends p = socket_pair();
        closed = p.near.get();
    }
    const std::string text = co_await end_of(brio::sock_recv(closed, 10));
    EXPECT_NE(text.find("Bad file descriptor"), std::string::npos) << text;
    int pair[2];
    BRIO_ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
    const ends blocking(pair[0], pair[1]);
    const std::string number = std::to_string(pair[0]);
    const std::string advice = ": descriptor " + number + " is blocking and would hold the loop up: set O_NONBLOCK on it first";
    EXPECT_EQ(co_await end_of(brio::sock_accept(pair[0])), "sock_accept" + advice);
    EXPECT_EQ(co_await end_of(brio::sock_connect(pair[0], address("127.0.0.1", 1))), "sock_connect" + advice);
    put(blocking.far, "x");
    EXPECT_EQ(co_await brio::sock_recv(pair[0], 10), "x") << "harmless outside of debug mode";
    brio::get_running_loop().set_debug(true);
    EXPECT_EQ(co_await end_of(brio::sock_recv(pair[0], 10)), "sock_recv" + advice);
    EXPECT_EQ(co_await end_of(brio::sock_sendall(pair[0], "x")), "sock_sendall" + advice);
    brio::get_running_loop().set_debug(false);
}

BRIO_TEST(sockets, the_socket_of_an_asio_object_can_be_used) {
    using boost::asio::ip::tcp;
    brio::loop& loop = brio::get_running_loop();
    tcp::acceptor listening(loop.context(), tcp::endpoint(boost::asio::ip::address_v4::loopback(), 0));
    listening.non_blocking(true);
    tcp::socket client(loop.context(), tcp::v4());
    client.non_blocking(true);
    co_await brio::sock_connect(client.native_handle(), address("127.0.0.1", listening.local_endpoint().port()));
    const accepted server = co_await brio::sock_accept(listening.native_handle());
    brio::task<std::string> receiving = create_task(brio::sock_recv(client.native_handle(), 10));
    co_await settle();
    co_await brio::sock_sendall(server.socket.get(), "mixed");
    EXPECT_EQ(co_await receiving.join(), "mixed");
}

BRIO_TEST(sockets, two_receivers_get_each_their_part) {
    const ends p = socket_pair(SOCK_DGRAM);
    brio::task<std::string> a = create_task(brio::sock_recv(p.near.get(), 10));
    brio::task<std::string> b = create_task(brio::sock_recv(p.near.get(), 10));
    co_await settle();
    put(p.far, "1");
    EXPECT_EQ(co_await a.join(), "1");
    EXPECT_FALSE(b.done());
    put(p.far, "2");
    EXPECT_EQ(co_await b.join(), "2");
}

BRIO_TEST(sockets, a_task_whose_calls_never_wait_lets_others_run) {
    const ends p = socket_pair();
    put(p.far, std::string(1000, 'x'));
    std::size_t got = 0;
    std::size_t seen = 0;
    const auto look = [&]() -> awaitable<> {
        seen = got;
        co_return;
    };
    brio::task<> looking = create_task(look());
    while (got < 1000) got += (co_await brio::sock_recv(p.near.get(), 1)).size();
    EXPECT_TRUE(looking.done());
    EXPECT_GT(seen, 0U) << "many may follow each other";
    EXPECT_LT(seen, 500U);
    looking = create_task(look());
    brio::task<std::string> receiving = create_task(brio::sock_recv(p.near.get(), 1));
    put(p.far, "y");
    co_await looking.join();
    EXPECT_EQ(co_await receiving.join(), "y");
}

BRIO_TEST(sockets, NET_7_datagrams_are_sent_and_received) {
    unique_descriptor a(::socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    unique_descriptor b(::socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    const address any("127.0.0.1", 0);
    ::bind(a.get(), any.data(), static_cast<socklen_t>(any.size()));
    ::bind(b.get(), any.data(), static_cast<socklen_t>(any.size()));
    EXPECT_EQ(co_await brio::sock_sendto(a.get(), "first", name_of(b)), 5u);
    const brio::packet got = co_await brio::sock_recvfrom(b.get());
    EXPECT_EQ(got.data, "first");
    EXPECT_EQ(got.from, name_of(a));
    EXPECT_FALSE(got.truncated);
    char room[4];
    co_await brio::sock_sendto(a.get(), "second", name_of(b));
    const brio::received cut = co_await brio::sock_recvfrom_into(b.get(), room, sizeof room);
    EXPECT_EQ(std::string(room, 4), "seco");
    EXPECT_EQ(cut.size, 4u) << "never more than the room";
    EXPECT_TRUE(cut.truncated);
    EXPECT_EQ(cut.from, name_of(a));
    co_await brio::sock_sendto(a.get(), "third", name_of(b));
    const brio::packet small = co_await brio::sock_recvfrom(b.get(), 2);
    EXPECT_EQ(small.data, "th");
    EXPECT_TRUE(small.truncated);
    brio::task<brio::packet> waiting = create_task(brio::sock_recvfrom(b.get(), 100));
    co_await settle();
    co_await brio::sock_sendto(a.get(), "", name_of(b));
    const brio::packet empty = co_await waiting.join();
    EXPECT_EQ(empty.data, "");
    EXPECT_EQ(empty.from, name_of(a));
}

awaitable<> ask(const unique_descriptor& client, address server) {
    co_await brio::sock_connect(client.get(), std::move(server));
    co_await brio::sock_sendall(client.get(), "ping");
    const std::string answer = co_await brio::sock_recv(client.get(), 10);
    EXPECT_EQ(answer, "ping");
    ::shutdown(client.get(), SHUT_WR);
}

TEST(sockets, sweep_of_a_conversation) {
    const auto body = []() -> awaitable<> {
        const unique_descriptor listening = listener();
        const unique_descriptor client = stream_socket();
        const auto both = [&](brio::task_group& group) -> awaitable<> {
            group.create_task(ask(client, name_of(listening)));
            co_await echo_once(listening.get());
        };
        co_await brio::with_task_group(both);
    };
    brio::testing::cancel_at_each_await(body);
}

}  // namespace
