// SPDX-License-Identifier: BSL-1.0
// Connecting streams over TCP and Unix sockets.
#include "http/fake_resolver.hpp"
#include "io/acceptor.hpp"
#include "io/pairs.hpp"

#include <brio/testing/test.hpp>

#include <stdexcept>

#include <sys/un.h>

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
    const auto error = co_await failure_of<brio::error>(brio::open_connection("nobody.test", 80));
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
