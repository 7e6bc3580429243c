// SPDX-License-Identifier: BSL-1.0
// Sockets and acceptors over the loopback interface.
#include "http/error_of.hpp"
#include "io/acceptor.hpp"
#include "io/socket.hpp"

#include <brio/testing/test.hpp>

#include <boost/asio/error.hpp>

#include <fcntl.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

namespace {

using namespace http_test;
namespace asio = boost::asio;
using brio::detail::acceptor;
using brio::detail::io_result;
using brio::detail::no_deadline;
using brio::detail::read_operation;
using brio::detail::write_operation;

struct pair {
    std::unique_ptr<brio::detail::socket> near;
    std::unique_ptr<brio::detail::socket> far;
};

brio::awaitable<pair> connected_pair() {
    acceptor listening(brio::get_running_loop().context());
    listening.listen("127.0.0.1", 0, 4);
    pair made;
    made.near = std::make_unique<brio::detail::socket>(brio::get_running_loop().context());
    EXPECT_FALSE(made.near->open(AF_INET));
    const asio::ip::tcp::endpoint where(asio::ip::address_v4::loopback(), listening.port());
    const io_result done = co_await brio::detail::connect_operation(*made.near, where, no_deadline);
    EXPECT_FALSE(done.ec);
    boost::system::error_code ec;
    made.far = listening.take(brio::get_running_loop().context(), ec);
    if (!made.far) {
        co_await acceptor::wait_operation(listening);
        made.far = listening.take(brio::get_running_loop().context(), ec);
    }
    EXPECT_TRUE(made.far) << ec.message();
    co_return made;
}

}  // namespace

BRIO_TEST_REAL_TIME(socket, descriptors_are_close_on_exec_and_non_blocking) {
    pair p = co_await connected_pair();
    for (brio::detail::socket* s : {p.near.get(), p.far.get()}) {
        EXPECT_TRUE(::fcntl(s->native().native_handle(), F_GETFD) & FD_CLOEXEC);
        EXPECT_TRUE(::fcntl(s->native().native_handle(), F_GETFL) & O_NONBLOCK);
    }
    int no_delay = 0;
    socklen_t size = sizeof no_delay;
    ::getsockopt(p.far->native().native_handle(), IPPROTO_TCP, TCP_NODELAY, &no_delay, &size);
    EXPECT_NE(no_delay, 0);
}

BRIO_TEST_REAL_TIME(socket, bytes_go_both_ways_and_the_end_is_eof) {
    pair p = co_await connected_pair();
    const io_result sent = co_await write_operation(*p.near, "hello", no_deadline);
    EXPECT_EQ(sent.bytes, 5u);
    char room[16];
    const io_result got = co_await read_operation(*p.far, room, sizeof room, no_deadline, false);
    EXPECT_EQ(std::string(room, got.bytes), "hello");
    const io_result back = co_await write_operation(*p.far, "x", no_deadline);
    EXPECT_FALSE(back.ec);
    const io_result eager = co_await read_operation(*p.near, room, sizeof room, no_deadline, true);
    EXPECT_EQ(eager.bytes, 1u);
    p.near->close();
    const io_result end = co_await read_operation(*p.far, room, sizeof room, no_deadline, true);
    EXPECT_EQ(end.ec, asio::error::eof);
}

BRIO_TEST_REAL_TIME(socket, a_large_write_waits_for_the_reader_and_may_time_out) {
    pair p = co_await connected_pair();
    const std::string big(20'000'000, 'b');
    const stopwatch watch;
    const io_result stuck = co_await write_operation(*p.near, big, brio::get_running_loop().time() + 60ms);
    EXPECT_EQ(stuck.ec, asio::error::timed_out);
    EXPECT_GT(stuck.bytes, 0u);
    EXPECT_LT(stuck.bytes, big.size());
    EXPECT_LT(watch.elapsed(), 5s);
}

BRIO_TEST_REAL_TIME(socket, is_quiet_until_something_comes_or_the_peer_goes) {
    pair p = co_await connected_pair();
    EXPECT_TRUE(p.near->is_quiet());
    co_await write_operation(*p.far, "x", no_deadline);
    const bool heard = co_await eventually([&] { return !p.near->is_quiet(); });
    EXPECT_TRUE(heard);
    char room[4];
    co_await read_operation(*p.near, room, sizeof room, no_deadline, true);
    EXPECT_TRUE(p.near->is_quiet());
    p.far->close();
    const bool gone = co_await eventually([&] { return !p.near->is_quiet(); });
    EXPECT_TRUE(gone);
    p.near->close();
    EXPECT_FALSE(p.near->is_quiet());
}

BRIO_TEST_REAL_TIME(socket, closing_ends_a_read_under_way) {
    pair p = co_await connected_pair();
    const auto reading = [&p]() -> brio::awaitable<io_result> {
        char room[4];
        const io_result got = co_await read_operation(*p.near, room, sizeof room, no_deadline, false);
        co_return got;
    };
    brio::task<io_result> task = brio::create_task(reading());
    co_await brio::sleep(5ms);
    p.near->close();
    const io_result got = co_await task.join();
    EXPECT_TRUE(got.ec);
}

// A server of this machine, and tasks that connect to it.
class connecting {
public:
    explicit connecting(int backlog = 16) : listening_(brio::get_running_loop().context()) {
        listening_.listen("127.0.0.1", 0, backlog);
        where_ = asio::ip::tcp::endpoint(asio::ip::address_v4::loopback(), listening_.port());
    }
    brio::awaitable<io_result> once() {
        brio::detail::socket made(brio::get_running_loop().context());
        EXPECT_FALSE(made.open(AF_INET));
        co_return co_await brio::detail::connect_operation(made, where_, no_deadline);
    }
    void stop_listening() { listening_.close(); }

private:
    acceptor listening_;
    brio::detail::endpoint where_;
};

BRIO_TEST_REAL_TIME(connect_operation, one_that_ends_at_once_lets_the_others_go_first) {
    connecting server;
    std::string order;
    const auto one = [&](char name) -> brio::awaitable<> {
        order += name;
        const io_result done = co_await server.once();
        EXPECT_FALSE(done.ec);
        order += name;
    };
    co_await brio::gather(one('a'), one('b'), one('c'));
    EXPECT_EQ(order, "abcabc");
}

BRIO_TEST_REAL_TIME(connect_operation, one_that_has_ended_wins_over_a_cancel_that_comes_then) {
    connecting server;
    bool connected = false;
    const auto one = [&]() -> brio::awaitable<> {
        const io_result done = co_await server.once();
        connected = !done.ec;
        co_await brio::sleep(0s);
    };
    brio::task<> task = brio::create_task(one());
    co_await brio::sleep(0s);  // it has connected, and is ready to go on
    EXPECT_FALSE(connected);
    task.cancel();
    co_await brio::gather(brio::return_exceptions, task);
    EXPECT_TRUE(connected) << "nothing is lost";
    EXPECT_TRUE(task.cancelled()) << "at its next wait";
}

BRIO_TEST_REAL_TIME(connect_operation, a_refusal_that_comes_at_once_says_so) {
    connecting server;
    server.stop_listening();
    const io_result done = co_await server.once();
    EXPECT_EQ(done.ec, asio::error::connection_refused);
}

BRIO_TEST_REAL_TIME(acceptor, H_140_says_why_it_cannot_listen) {
    acceptor first(brio::get_running_loop().context());
    first.listen("127.0.0.1", 0, 1);
    acceptor second(brio::get_running_loop().context());
    try {
        second.listen("127.0.0.1", first.port(), 1);
        ADD_FAILURE();
    } catch (const std::system_error& e) {
        EXPECT_TRUE(contains(e.what(), std::to_string(first.port()))) << e.what();
        EXPECT_EQ(e.code().value(), EADDRINUSE);
    }
    EXPECT_THROW(second.listen("localhost", 0, 1), std::system_error) << "digits only";
    boost::system::error_code ec;
    EXPECT_FALSE(first.take(brio::get_running_loop().context(), ec));
    EXPECT_EQ(ec, asio::error::would_block);
    co_return;
}

BRIO_TEST_REAL_TIME(acceptor, a_wait_can_be_cancelled) {
    acceptor listening(brio::get_running_loop().context());
    listening.listen("127.0.0.1", 0, 1);
    bool late = false;
    try {
        co_await brio::wait_for(acceptor::wait_operation(listening), 20ms);
    } catch (const brio::timeout_error&) {
        late = true;
    }
    EXPECT_TRUE(late);
}
