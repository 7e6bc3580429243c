// SPDX-License-Identifier: BSL-1.0
// Connecting streams over TCP and Unix sockets.
#include "http/fake_resolver.hpp"
#include "io/acceptor.hpp"
#include "io/black_hole.hpp"
#include "io/connect.hpp"
#include "io/pairs.hpp"

#include <brio/io/resolver.hpp>
#include <brio/testing/test.hpp>

#include <netdb.h>
#include <netinet/tcp.h>

#include <filesystem>
#include <vector>

namespace {

using namespace io_test;
using brio::awaitable;
using brio::stream;
namespace names = http_test::fake_resolver;

class listener {
public:
    explicit listener(const std::string& address = "127.0.0.1") : on_(brio::get_running_loop().context()) {
        on_.listen(address, 0, 8);
    }
    [[nodiscard]] std::uint16_t port() const { return on_.port(); }
    awaitable<stream> accept() {
        for (;;) {
            boost::system::error_code ec;
            auto peer = on_.take(brio::get_running_loop().context(), ec);
            if (peer) co_return brio::detail::stream_access::make(std::move(peer));
            co_await brio::detail::acceptor::wait_operation(on_);
        }
    }

private:
    brio::detail::acceptor on_;
};

int silent_listener(const std::string& address, std::uint16_t port) {
    const brio::address where(address, port);
    const int made = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (::bind(made, where.data(), static_cast<socklen_t>(where.size())) != 0 || ::listen(made, 4) != 0) {
        throw std::system_error(errno, std::system_category(), "listen on " + where.to_string());
    }
    return made;
}

std::size_t descriptors() {
    std::size_t count = 0;
    for (const auto& one : std::filesystem::directory_iterator("/proc/self/fd")) count += one.path().empty() ? 0 : 1;
    return count;
}

std::uint16_t dead_port() {
    listener once;
    return once.port();
}

}  // namespace

BRIO_TEST_REAL_TIME(open_connection, STR_45_over_tcp) {
    listener server;
    stream client = co_await brio::open_connection("127.0.0.1", server.port());
    stream peer = co_await server.accept();
    EXPECT_EQ(client.peer_address().to_string(), "127.0.0.1:" + std::to_string(server.port()));
    EXPECT_EQ(client.local_address(), peer.peer_address());
    client.write("GET\n");
    const std::string line = co_await peer.read_line();
    EXPECT_EQ(line, "GET\n");
    peer.write("answer");
    peer.close();
    const std::string answer = co_await client.read();
    EXPECT_EQ(answer, "answer");
}

BRIO_TEST_REAL_TIME(open_connection, STR_45_over_a_unix_socket) {
    for (const bool is_abstract : {false, true}) {
        const std::string path = is_abstract ? "@brio-test-" + std::to_string(::getpid()) : ::testing::TempDir() + "brio-test-socket";
        ::unlink(path.c_str());
        const brio::address where = brio::address::unix_path(path);
        const int listening = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        BRIO_ASSERT_EQ(::bind(listening, where.data(), static_cast<socklen_t>(where.size())), 0);
        BRIO_ASSERT_EQ(::listen(listening, 1), 0);
        stream client = co_await brio::open_unix_connection(path);
        stream peer = stream_of(::accept4(listening, nullptr, nullptr, SOCK_CLOEXEC));
        EXPECT_EQ(client.peer_address(), where);
        co_await client.write("hello\n");
        const std::string line = co_await peer.read_line();
        EXPECT_EQ(line, "hello\n");
        ::close(listening);
        ::unlink(path.c_str());
        const auto error = co_await failure_of<std::system_error>(brio::open_unix_connection(path));
        EXPECT_NE(std::string(error.what()).find("cannot connect to unix:" + path), std::string::npos) << error.what();
    }
}

BRIO_TEST_REAL_TIME(open_connection, SRV_27_several_addresses_in_turn_and_all_of_them_in_the_error) {
    names::reset();
    const std::uint16_t dead = dead_port();
    names::add("all.test", {"127.0.0.1", "127.0.0.2"});
    const auto error = co_await failure_of<std::system_error>(brio::open_connection("all.test", dead));
    EXPECT_EQ(error.code(), std::errc::connection_refused);
    const std::string text = error.what();
    for (const char* part : {"all.test:", "127.0.0.1:", "127.0.0.2:"}) EXPECT_NE(text.find(part), std::string::npos) << text;
    listener server("127.0.0.2");
    stream second = co_await brio::open_connection("all.test", server.port());
    EXPECT_EQ(second.peer_address().host(), "127.0.0.2");
}

BRIO_TEST_REAL_TIME(open_connection, SRV_28_or_every_error_in_a_group) {
    names::reset();
    const std::uint16_t dead = dead_port();
    names::add("all.test", {"127.0.0.1", "127.0.0.2"});
    const auto errors =
        co_await failure_of<brio::exception_group>(brio::open_connection("all.test", dead, brio::connect_options().all_errors()));
    EXPECT_EQ(errors.size(), 2u);
    EXPECT_TRUE(errors.subgroup<std::system_error>().has_value());
}

BRIO_TEST_REAL_TIME(open_connection, SRV_31_a_numeric_address_is_not_looked_up) {
    names::reset();
    const std::size_t before = names::calls();
    listener server;
    stream client = co_await brio::open_connection("127.0.0.1", server.port());
    EXPECT_EQ(names::calls(), before);
}

BRIO_TEST_REAL_TIME(open_connection, SRV_32_a_name_without_an_address_is_an_error) {
    names::reset();
    const auto error = co_await failure_of<brio::resolve_error>(brio::open_connection("nobody.test", 80));
    EXPECT_EQ(error.host(), "nobody.test");
    EXPECT_EQ(error.code(), EAI_NONAME);
    EXPECT_NE(std::string(error.what()).find("nobody.test"), std::string::npos) << error.what();
}

BRIO_TEST_REAL_TIME(open_connection, SRV_34_local_address) {
    names::reset();
    listener server;
    const brio::address from("127.0.0.3", 0);
    stream client = co_await brio::open_connection("127.0.0.1", server.port(), brio::connect_options().local_address(from));
    EXPECT_EQ(client.local_address().host(), "127.0.0.3");
    names::add("both.test", {"::1", "127.0.0.1"});
    stream again = co_await brio::open_connection("both.test", server.port(), brio::connect_options().local_address(from));
    EXPECT_EQ(again.peer_address().host(), "127.0.0.1") << "the other family is not tried";
    const auto none = co_await failure_of<std::system_error>(
        brio::open_connection("127.0.0.1", server.port(), brio::connect_options().local_address(brio::address("::1", 0))));
    EXPECT_NE(std::string(none.what()).find("it has no IPv6 address"), std::string::npos) << none.what();
    const auto used = co_await failure_of<std::system_error>(brio::open_connection(
        "127.0.0.1", server.port(), brio::connect_options().local_address(brio::address("127.0.0.1", server.port()))));
    EXPECT_EQ(used.code(), std::errc::address_in_use);
    EXPECT_NE(std::string(used.what()).find("from the local address 127.0.0.1:"), std::string::npos) << used.what();
}

BRIO_TEST_REAL_TIME(open_connection, SRV_29_a_timeout_closes_the_half_made_socket) {
    { listener warm_up; }  // what the loop keeps is open now
    black_hole hole;
    const std::size_t before = descriptors();
    const auto late = co_await failure_of<brio::timeout_error>(
        brio::open_connection("127.0.0.1", hole.port(), brio::connect_options().timeout(30ms)));
    EXPECT_NE(std::string(late.what()).find("127.0.0.1:" + std::to_string(hole.port())), std::string::npos) << late.what();
    EXPECT_NE(std::string(late.what()).find("30 ms"), std::string::npos) << late.what();
    EXPECT_EQ(descriptors(), before);
}

BRIO_TEST_REAL_TIME(open_connection, SRV_30_so_does_everything_else_that_goes_wrong) {
    { listener warm_up; }
    black_hole hole;
    const std::size_t before = descriptors();
    for (int turns = 0; turns < 8; ++turns) {
        brio::task<stream> connecting = brio::create_task(brio::open_connection("127.0.0.1", hole.port()));
        for (int i = 0; i < turns; ++i) co_await brio::sleep(0s);
        connecting.cancel();
        co_await brio::gather(brio::return_exceptions, connecting);
        EXPECT_TRUE(connecting.cancelled());
        EXPECT_EQ(descriptors(), before);
    }
}

BRIO_TEST_REAL_TIME(open_connection, SRV_35_an_empty_host_is_this_computer) {
    listener server;
    stream client = co_await brio::open_connection("", server.port());
    EXPECT_TRUE(client.peer_address().is_loopback());
}

BRIO_TEST_REAL_TIME(open_connection, SRV_36_and_42_no_address_at_all_is_an_error_and_no_crash) {
    brio::detail::connected none = co_await brio::detail::connect_any(std::vector<brio::detail::endpoint>(), brio::detail::no_deadline);
    EXPECT_FALSE(none.peer);
    EXPECT_TRUE(none.failures.empty());
    EXPECT_EQ(none.error, "no address to connect to");
}

BRIO_TEST_REAL_TIME(open_connection, SRV_37_the_first_address_that_answers_at_once_is_the_only_one_that_is_tried) {
    names::reset();
    listener first("127.0.0.1");
    names::add("two.test", {"127.0.0.1", "127.0.0.9"});
    const int other = silent_listener("127.0.0.9", first.port());
    stream client = co_await brio::open_connection("two.test", first.port());
    EXPECT_EQ(client.peer_address().host(), "127.0.0.1");
    co_await brio::sleep(5ms);
    EXPECT_LT(::accept4(other, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC), 0) << "nobody came to the second";
    ::close(other);
}

BRIO_TEST_REAL_TIME(open_connection, SRV_38_when_the_first_fails_the_second_starts_at_once) {
    names::reset();
    listener second("127.0.0.2");
    names::add("two.test", {"127.0.0.1", "127.0.0.2"});
    const auto begin = std::chrono::steady_clock::now();
    stream client = co_await brio::open_connection("two.test", second.port(), brio::connect_options().happy_eyeballs_delay(2s));
    EXPECT_LT(std::chrono::steady_clock::now() - begin, 1s);
    EXPECT_EQ(client.peer_address().host(), "127.0.0.2");
}

BRIO_TEST_REAL_TIME(open_connection, SRV_39_when_the_first_is_slow_the_second_starts_after_the_delay_and_the_first_is_closed) {
    names::reset();
    black_hole hole;
    const int second = silent_listener("127.0.0.2", hole.port());
    names::add("two.test", {"127.0.0.1", "127.0.0.2"});
    { listener warm_up; }
    const std::size_t before = descriptors();
    const auto begin = std::chrono::steady_clock::now();
    {
        stream client = co_await brio::open_connection("two.test", hole.port(), brio::connect_options().happy_eyeballs_delay(40ms));
        EXPECT_GE(std::chrono::steady_clock::now() - begin, 39ms);
        EXPECT_EQ(client.peer_address().host(), "127.0.0.2");
        EXPECT_EQ(descriptors(), before + 1);
    }
    ::close(second);
}

BRIO_TEST_REAL_TIME(open_connection, SRV_40_of_several_that_answer_in_one_turn_exactly_one_is_taken) {
    names::reset();
    { listener warm_up; }
    listener first("127.0.0.1");
    const int second = silent_listener("127.0.0.2", first.port());
    names::add("two.test", {"127.0.0.1", "127.0.0.2"});
    const std::size_t before = descriptors();
    {
        stream client = co_await brio::open_connection("two.test", first.port(), brio::connect_options().happy_eyeballs_delay(0ms));
        EXPECT_EQ(descriptors(), before + 1);
    }
    ::close(second);
}

BRIO_TEST_REAL_TIME(open_connection, SRV_44_an_accepted_socket_can_be_wrapped) {
    const auto [near, far] = tcp_sockets();
    stream mine = brio::connect_descriptor(near);
    stream peer = brio::connect_descriptor(far);
    EXPECT_EQ(mine.peer_address(), peer.local_address());
    EXPECT_TRUE(::fcntl(far, F_GETFL) & O_NONBLOCK);
    co_await mine.write("over\n");
    const std::string line = co_await peer.read_line();
    EXPECT_EQ(line, "over\n");
}

BRIO_TEST_REAL_TIME(open_connection, NET_3_a_cancelled_connect_can_be_followed_by_another) {
    black_hole hole;
    listener server;
    brio::task<stream> first = brio::create_task(brio::open_connection("127.0.0.1", hole.port()));
    co_await brio::sleep(1ms);
    first.cancel();
    co_await brio::gather(brio::return_exceptions, first);
    EXPECT_TRUE(first.cancelled());
    stream client = co_await brio::open_connection("127.0.0.1", server.port());
    EXPECT_TRUE(client);
}

BRIO_TEST_REAL_TIME(open_connection, only_one_family_when_asked_for) {
    names::reset();
    listener server;
    names::add("both.test", {"::1", "127.0.0.1"});
    stream client = co_await brio::open_connection("both.test", server.port(), brio::connect_options().family(brio::address_family::ipv4));
    EXPECT_EQ(client.peer_address().family(), brio::address_family::ipv4);
    names::add("four.test", {"127.0.0.1"});
    const auto none = co_await failure_of<std::system_error>(
        brio::open_connection("four.test", server.port(), brio::connect_options().family(brio::address_family::ipv6)));
    EXPECT_EQ(none.code(), std::errc::address_family_not_supported);
}

BRIO_TEST_REAL_TIME(open_connection, a_unix_listener_whose_queue_is_full_is_waited_for) {
    const std::string path = "@brio-test-full-" + std::to_string(::getpid());
    const brio::address where = brio::address::unix_path(path);
    const int listening = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    BRIO_ASSERT_EQ(::bind(listening, where.data(), static_cast<socklen_t>(where.size())), 0);
    BRIO_ASSERT_EQ(::listen(listening, 0), 0);
    stream first = co_await brio::open_unix_connection(path);
    int more = 0;
    for (;; ++more) {
        const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        const bool full = ::connect(fd, where.data(), static_cast<socklen_t>(where.size())) != 0;
        ::close(fd);  // one that is connected keeps its place
        if (full) break;
    }
    EXPECT_LT(more, 5);
    brio::task<stream> second = brio::create_task(brio::open_unix_connection(path));
    co_await brio::sleep(5ms);
    EXPECT_FALSE(second.done());
    ::close(::accept4(listening, nullptr, nullptr, SOCK_CLOEXEC));
    stream made = co_await second.join();
    EXPECT_TRUE(made);
    ::close(listening);
}

BRIO_TEST_REAL_TIME(open_connection, options_of_the_socket) {
    listener server;
    stream client = co_await brio::open_connection("127.0.0.1", server.port());
    EXPECT_EQ(client.option(IPPROTO_TCP, TCP_NODELAY), 1);
    EXPECT_EQ(client.option(SOL_SOCKET, SO_KEEPALIVE), 1);
    client.set_no_delay(false);
    client.set_keep_alive(false);
    EXPECT_EQ(client.option(IPPROTO_TCP, TCP_NODELAY), 0);
    EXPECT_EQ(client.option(SOL_SOCKET, SO_KEEPALIVE), 0);
    client.set_option(SOL_SOCKET, SO_SNDBUF, 100'000);
    EXPECT_GE(client.option(SOL_SOCKET, SO_SNDBUF), 100'000);
    ends pipe = pipe_pair();
    EXPECT_THROW(pipe.near.set_no_delay(), std::system_error);
}
