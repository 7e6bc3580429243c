// SPDX-License-Identifier: BSL-1.0
// Datagram sockets (asyncio.md 2.25).
#include "unit/compose/outcome.hpp"
#include "unit/io/descriptors.hpp"

#include <brio/testing/cancel_at_each_await.hpp>
#include <brio/testing/test.hpp>

#include <cerrno>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

namespace {

using namespace std::chrono_literals;
using namespace brio_test;
using brio::address;
using brio::address_family;
using brio::awaitable;
using brio::create_task;
using brio::datagram;
using brio::datagram_options;
using brio::open_datagram;
using brio::packet;

datagram_options on_loopback() { return datagram_options().local("127.0.0.1", 0); }

awaitable<datagram> to_peer(const datagram& peer) {
    datagram_options options;
    options.remote(peer.local_address());
    co_return co_await open_datagram(options);
}

awaitable<int> receive_error(const datagram& from) {
    try {
        co_await from.receive();
    } catch (const std::system_error& e) {
        co_return e.code().value();
    }
    co_return 0;
}

// A path for a socket in a folder of its own.
class socket_path {
public:
    socket_path() : folder_(testing::TempDir() + "brio_dgram_XXXXXX") { EXPECT_NE(::mkdtemp(folder_.data()), nullptr); }
    socket_path(const socket_path&) = delete;
    socket_path& operator=(const socket_path&) = delete;
    ~socket_path() { std::filesystem::remove_all(folder_); }
    [[nodiscard]] std::string text(const std::string& name = "s") const { return folder_ + "/" + name; }

private:
    std::string folder_;
};

BRIO_TEST(datagram, NET_10_ipv4) {
    const datagram a = co_await open_datagram(on_loopback());
    const datagram b = co_await open_datagram(on_loopback());
    EXPECT_NE(a.local_address().port(), 0);
    EXPECT_TRUE(a.peer_address().empty());
    EXPECT_EQ(co_await a.send_to("question", b.local_address()), 8u);
    const packet question = co_await b.receive();
    EXPECT_EQ(question.data, "question");
    EXPECT_EQ(question.from, a.local_address());
    co_await b.send_to("answer", question.from);
    const packet answer = co_await a.receive();
    EXPECT_EQ(answer.data, "answer");
    EXPECT_EQ(answer.from, b.local_address());
}

BRIO_TEST(datagram, NET_10_ipv6) {
    const datagram a = co_await open_datagram(datagram_options().local("::1", 0));
    const datagram b = co_await to_peer(a);
    EXPECT_EQ(a.local_address().family(), address_family::ipv6);
    EXPECT_EQ(b.peer_address(), a.local_address());
    co_await b.send("six");
    const packet got = co_await a.receive();
    EXPECT_EQ(got.data, "six");
    EXPECT_EQ(got.from, b.local_address());
}

BRIO_TEST(datagram, NET_10_an_own_socket) {
    ends p = socket_pair(SOCK_DGRAM);
    ::fcntl(p.near.get(), F_SETFL, 0);
    const int number = p.near.get();
    const datagram taken(std::move(p.near));
    EXPECT_EQ(taken.native_handle(), number);
    EXPECT_TRUE(::fcntl(number, F_GETFL) & O_NONBLOCK);
    put(p.far, "x");
    const packet got = co_await taken.receive();
    EXPECT_EQ(got.data, "x");
    co_await taken.send("y");
    EXPECT_EQ(take(p.far), "y");
    ends stream = socket_pair();
    try {
        const datagram wrong(std::move(stream.near));
        ADD_FAILURE() << "a stream socket is none";
    } catch (const std::invalid_argument& e) {
        EXPECT_NE(std::string(e.what()).find("is no datagram socket"), std::string::npos) << e.what();
    }
    EXPECT_TRUE(stream.near) << "it stays the caller's";
}

BRIO_TEST(datagram, NET_10_unix) {
    const socket_path folder;
    const address here = address::unix_path(folder.text("a"));
    const address there = address::unix_path(folder.text("b"));
    const datagram a = co_await open_datagram(datagram_options().local(here));
    const datagram b = co_await open_datagram(datagram_options().local(there).remote(here));
    EXPECT_EQ(a.local_address(), here);
    co_await b.send("hello");
    const packet got = co_await a.receive();
    EXPECT_EQ(got.data, "hello");
    EXPECT_EQ(got.from, there);
    const datagram abstract = co_await open_datagram(datagram_options().local(address::unix_path("@brio-test-datagram")));
    co_await a.send_to("to a name", abstract.local_address());
    const packet named = co_await abstract.receive();
    EXPECT_EQ(named.data, "to a name");
}

BRIO_TEST(datagram, a_stale_unix_socket_is_replaced_and_another_file_is_not) {
    const socket_path folder;
    const address here = address::unix_path(folder.text());
    datagram a = co_await open_datagram(datagram_options().local(here));
    a.close();
    EXPECT_TRUE(std::filesystem::exists(folder.text()));
    const datagram again = co_await open_datagram(datagram_options().local(here));
    EXPECT_EQ(again.local_address(), here);
    const std::string file = folder.text("file");
    { const brio::unique_descriptor made(::open(file.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600)); }
    const std::string text = co_await end_of(open_datagram(datagram_options().local(address::unix_path(file))));
    EXPECT_EQ(text, "cannot bind a datagram socket to unix:" + file + ": Address already in use");
}

BRIO_TEST(datagram, long_datagrams_come_whole) {
    const datagram a = co_await open_datagram(on_loopback());
    const datagram b = co_await to_peer(a);
    const std::string longest(65507, 'l');
    co_await b.send(longest);
    const packet got = co_await a.receive();
    EXPECT_TRUE(got.data == longest);
    EXPECT_FALSE(got.truncated);
    const std::string text = co_await end_of(b.send(std::string(65508, 'l')));
    EXPECT_NE(text.find("Message too long"), std::string::npos) << text;
    ends p = socket_pair(SOCK_DGRAM);
    const datagram unix_end(std::move(p.near));
    put(p.far, std::string(100'000, 'u'));
    const packet longer = co_await unix_end.receive();
    EXPECT_EQ(longer.data.size(), 100'000u) << "Unix datagrams are not bound to 64 KiB";
    EXPECT_FALSE(longer.truncated);
}

BRIO_TEST(datagram, truncated_packets_say_so) {
    const datagram a = co_await open_datagram(on_loopback());
    const datagram b = co_await to_peer(a);
    co_await b.send("123456");
    const packet cut = co_await a.receive(4);
    EXPECT_EQ(cut.data, "1234");
    EXPECT_TRUE(cut.truncated);
    co_await b.send("123456");
    char room[6];
    const brio::received whole = co_await a.receive_into(room, sizeof room);
    EXPECT_EQ(whole.size, 6u);
    EXPECT_FALSE(whole.truncated);
    EXPECT_EQ(whole.from, b.local_address());
    co_await b.send("1234567");
    const brio::received less = co_await a.receive_into(room, sizeof room);
    EXPECT_EQ(less.size, 6u);
    EXPECT_TRUE(less.truncated);
}

BRIO_TEST(datagram, NET_12_empty_datagrams_are_sent) {
    const datagram a = co_await open_datagram(on_loopback());
    const datagram b = co_await to_peer(a);
    brio::task<packet> receiving = create_task(a.receive());
    co_await settle();
    EXPECT_EQ(co_await b.send(""), 0u);
    const packet got = co_await receiving.join();
    EXPECT_EQ(got.data, "");
    EXPECT_EQ(got.from, b.local_address());
}

BRIO_TEST(datagram, NET_12_a_connected_socket_refuses_another_address) {
    const datagram a = co_await open_datagram(on_loopback());
    const datagram b = co_await to_peer(a);
    const address other("127.0.0.1", 9);
    try {
        co_await b.send_to("x", other);
        ADD_FAILURE();
    } catch (const std::invalid_argument& e) {
        EXPECT_EQ(std::string(e.what()), "datagram.send_to(): the socket is connected to " + a.local_address().to_string() +
                                             " and cannot send to 127.0.0.1:9");
    }
    co_await b.send_to("y", a.local_address());
    const packet got = co_await a.receive();
    EXPECT_EQ(got.data, "y");
    try {
        co_await a.send("to whom?");
        ADD_FAILURE();
    } catch (const brio::invalid_state_error& e) {
        EXPECT_EQ(std::string(e.what()), "datagram.send(): the socket is not connected: use send_to(data, address)");
    }
    EXPECT_THROW(static_cast<void>(a.send_to("x", address())), std::invalid_argument);
}

BRIO_TEST(datagram, NET_8_a_dead_port_does_not_stop_receiving) {
    const datagram a = co_await open_datagram(on_loopback());
    const datagram b = co_await open_datagram(on_loopback());
    datagram dead = co_await open_datagram(on_loopback());
    const address nobody = dead.local_address();
    dead.close();
    brio::task<packet> receiving = create_task(a.receive());
    co_await settle();
    co_await a.send_to("into the void", nobody);
    co_await a.send_to("again", nobody);
    co_await b.send_to("still there?", a.local_address());
    const packet got = co_await receiving.join();
    EXPECT_EQ(got.data, "still there?");
}

BRIO_TEST(datagram, NET_8_a_connected_socket_is_told_and_goes_on) {
    datagram server = co_await open_datagram(on_loopback());
    const address where = server.local_address();
    const datagram client = co_await to_peer(server);
    server.close();
    co_await client.send("anybody?");
    EXPECT_EQ(co_await receive_error(client), ECONNREFUSED);
    const datagram back = co_await open_datagram(datagram_options().local(where));
    co_await client.send("now?");
    const packet got = co_await back.receive();
    EXPECT_EQ(got.data, "now?");
    co_await back.send_to("yes", got.from);
    const packet answer = co_await client.receive();
    EXPECT_EQ(answer.data, "yes");
}

BRIO_TEST(datagram, a_cancelled_receive_loses_no_packet) {
    const datagram a = co_await open_datagram(on_loopback());
    const datagram b = co_await to_peer(a);
    for (int delay = 0; delay < 6; ++delay) {
        brio::task<packet> receiving = create_task(a.receive());
        co_await settle();
        co_await b.send(std::to_string(delay));
        for (int i = 0; i < delay; ++i) co_await brio::sleep(0s);
        receiving.cancel();
        co_await brio::gather(brio::return_exceptions, receiving);
        if (receiving.cancelled()) {
            const packet got = co_await a.receive();
            EXPECT_EQ(got.data, std::to_string(delay));
        } else {
            EXPECT_EQ(receiving.result().data, std::to_string(delay));
        }
    }
}

BRIO_TEST(datagram, several_receivers_share) {
    const datagram a = co_await open_datagram(on_loopback());
    const datagram b = co_await to_peer(a);
    brio::task<packet> first = create_task(a.receive());
    brio::task<packet> second = create_task(a.receive());
    co_await settle();
    co_await b.send("1");
    co_await b.send("2");
    const packet one = co_await first.join();
    const packet two = co_await second.join();
    EXPECT_EQ(one.data + two.data, "12");
}

BRIO_TEST(datagram, closing_wakes_those_who_wait) {
    datagram a = co_await open_datagram(on_loopback());
    brio::task<packet> receiving = create_task(a.receive());
    co_await settle();
    a.close();
    a.close();
    EXPECT_FALSE(a.is_open());
    EXPECT_EQ(a.native_handle(), -1);
    EXPECT_TRUE(a.local_address().empty());
    // Its number may be another's by now: the receiver must not look at it.
    const datagram other = co_await open_datagram(on_loopback());
    const datagram writer = co_await to_peer(other);
    co_await writer.send("not for you");
    EXPECT_EQ(co_await end_of(receiving.join()), "datagram.receive(): the socket is closed");
    EXPECT_THROW(static_cast<void>(a.receive()), brio::invalid_state_error);
    EXPECT_THROW(static_cast<void>(a.send_to("x", other.local_address())), brio::invalid_state_error);
    EXPECT_THROW(static_cast<void>(datagram().send("x")), brio::invalid_state_error);
    const packet got = co_await other.receive();
    EXPECT_EQ(got.data, "not for you");
}

BRIO_TEST(datagram, an_operation_may_outlive_the_socket_that_made_it) {
    auto a = std::make_unique<datagram>(co_await open_datagram(on_loopback()));
    auto waiting = a->receive();
    a.reset();
    EXPECT_EQ(co_await end_of(std::move(waiting)), "datagram.receive(): the socket is closed");
}

BRIO_TEST(datagram, moves) {
    datagram a = co_await open_datagram(on_loopback());
    const address where = a.local_address();
    datagram b = std::move(a);
    EXPECT_FALSE(a.is_open());
    EXPECT_EQ(b.local_address(), where);
    datagram c = co_await open_datagram(on_loopback());
    const int dropped = c.native_handle();
    c = std::move(b);
    EXPECT_EQ(c.local_address(), where);
    EXPECT_LT(::fcntl(dropped, F_GETFD), 0) << "what it held was closed";
}

BRIO_TEST(datagram, broadcast_must_be_asked_for) {
    const address everybody("255.255.255.255", 9);
    const datagram plain = co_await open_datagram(on_loopback());
    const std::string text = co_await end_of(plain.send_to("x", everybody));
    EXPECT_NE(text.find("to 255.255.255.255:9: Permission denied"), std::string::npos) << text;
    const datagram allowed = co_await open_datagram(on_loopback().broadcast());
    const std::string other = co_await end_of(allowed.send_to("x", everybody));
    EXPECT_EQ(other.find("Permission denied"), std::string::npos) << other << " (no route is fine)";
}

BRIO_TEST(datagram, ports_are_shared_on_request_only) {
    const datagram first = co_await open_datagram(on_loopback().reuse_port());
    const address where = first.local_address();
    const datagram second = co_await open_datagram(datagram_options().local(where).reuse_port());
    EXPECT_EQ(second.local_address(), where);
    const std::string text = co_await end_of(open_datagram(datagram_options().local(where)));
    EXPECT_EQ(text, "cannot bind a datagram socket to " + where.to_string() + ": Address already in use");
}

BRIO_TEST(datagram, multicast_on_the_loopback) {
    const address group("239.255.13.7", 0);
    datagram_options options;
    options.local("0.0.0.0", 0).reuse_address().multicast_interface("lo").multicast_hops(1);
    const datagram receiver = co_await open_datagram(options);
    receiver.join(group, "lo");
    const datagram sender = co_await open_datagram(datagram_options().local("127.0.0.1", 0).multicast_interface("lo"));
    const address target = group.with_port(receiver.local_address().port());
    co_await sender.send_to("to all", target);
    const packet got = co_await receiver.receive();
    EXPECT_EQ(got.data, "to all");
    receiver.leave(group, "lo");
    co_await sender.send_to("nobody hears this", target);
    co_await sender.send_to("direct", address("127.0.0.1", target.port()));
    const packet direct = co_await receiver.receive();
    EXPECT_EQ(direct.data, "direct");
    EXPECT_THROW(receiver.join(address("127.0.0.1", 0)), std::invalid_argument);
    EXPECT_THROW(receiver.join(group, "no-such-interface"), std::system_error);
    EXPECT_THROW(receiver.leave(group, "lo"), std::system_error) << "it is no member any more";
}

BRIO_TEST(datagram, options_that_do_not_go_together) {
    EXPECT_EQ(co_await end_of(open_datagram(datagram_options())),
              "open_datagram: give a local address, a remote one, or at least a family");
    EXPECT_EQ(co_await end_of(open_datagram(datagram_options().local("127.0.0.1", 0).remote("::1", 9))),
              "open_datagram: the local address, the remote one and the family do not go together");
    EXPECT_EQ(co_await end_of(open_datagram(datagram_options().local(address("127.0.0.1", 0)).family(address_family::ipv6))),
              "open_datagram: the local address, the remote one and the family do not go together");
}

BRIO_TEST(datagram, names_are_looked_up_and_families_paired) {
    const datagram pair = co_await open_datagram(datagram_options().local("localhost", 0).remote("::1", 9));
    EXPECT_EQ(pair.local_address().family(), address_family::ipv6);
    const datagram four = co_await open_datagram(datagram_options().local("", 0).family(address_family::ipv4));
    EXPECT_EQ(four.local_address().host(), "0.0.0.0");
    const datagram unbound = co_await open_datagram(datagram_options().family(address_family::ipv4));
    EXPECT_EQ(unbound.local_address().port(), 0);
    const datagram both = co_await open_datagram(datagram_options().local("::", 0).ipv6_only(false));
    const datagram v4 = co_await open_datagram(on_loopback());
    co_await v4.send_to("mapped", address("127.0.0.1", both.local_address().port()));
    const packet got = co_await both.receive();
    EXPECT_EQ(got.from.host(), "::ffff:127.0.0.1");
}

BRIO_TEST(datagram, buffers_and_descriptors) {
    const datagram a = co_await open_datagram(on_loopback().receive_buffer(100'000).send_buffer(50'000));
    int size = 0;
    socklen_t length = sizeof size;
    ::getsockopt(a.native_handle(), SOL_SOCKET, SO_RCVBUF, &size, &length);
    EXPECT_GE(size, 100'000);
    EXPECT_TRUE(::fcntl(a.native_handle(), F_GETFD) & FD_CLOEXEC);
}

// A Unix datagram socket whose reader is slow: the sender waits.
BRIO_TEST(datagram, sending_waits_while_the_buffer_is_full) {
    ends p = socket_pair(SOCK_DGRAM);
    const datagram sender(std::move(p.near));
    const datagram receiver(std::move(p.far));
    const auto send_many = [&]() -> awaitable<> {
        for (int i = 0; i < 2000; ++i) co_await sender.send(std::to_string(i));
    };
    brio::task<> sending = create_task(send_many());
    co_await settle();
    EXPECT_FALSE(sending.done());
    for (int i = 0; i < 2000; ++i) {
        const packet got = co_await receiver.receive();
        BRIO_ASSERT_EQ(got.data, std::to_string(i));
    }
    co_await sending.join();
}

awaitable<> answer_once(const datagram& server) {
    const packet got = co_await server.receive();
    co_await server.send_to("answer to " + got.data, got.from);
}

TEST(datagram, sweep_of_an_exchange) {
    const auto body = []() -> awaitable<> {
        const datagram server = co_await open_datagram(datagram_options().local("localhost", 0));
        const auto both = [&](brio::task_group& group) -> awaitable<> {
            group.create_task(answer_once(server));
            const datagram client = co_await to_peer(server);
            co_await client.send("ping");
            const packet got = co_await client.receive();
            EXPECT_EQ(got.data, "answer to ping");
        };
        co_await brio::with_task_group(both);
    };
    brio::testing::cancel_at_each_await(body);
}

}  // namespace
