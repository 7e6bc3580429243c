// SPDX-License-Identifier: BSL-1.0
// What the peer's system has not confirmed, before and after the peer has ended the stream.
#include "http/error_of.hpp"
#include "io/unconfirmed.hpp"

#include <brio/io/unique_descriptor.hpp>
#include <brio/testing/test.hpp>

#include <gtest/gtest.h>

#include <netinet/in.h>
#include <sys/socket.h>

#include <string>

namespace {

using brio::unique_descriptor;
using brio::detail::unconfirmed_bytes;

// Two ends of a TCP connection.
struct connection {
    connection() {
        const unique_descriptor listening(::socket(AF_INET, SOCK_STREAM, 0));
        sockaddr_in where{};
        where.sin_family = AF_INET;
        where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof where;
        auto* const address = reinterpret_cast<sockaddr*>(&where);
        EXPECT_EQ(::bind(listening.get(), address, size), 0);
        EXPECT_EQ(::listen(listening.get(), 1), 0);
        EXPECT_EQ(::getsockname(listening.get(), address, &size), 0);
        near.reset(::socket(AF_INET, SOCK_STREAM, 0));
        EXPECT_EQ(::connect(near.get(), address, size), 0);
        far.reset(::accept(listening.get(), nullptr, nullptr));
    }
    void write(std::size_t bytes) const {
        const std::string text(bytes, 'x');
        EXPECT_EQ(::send(near.get(), text.data(), bytes, MSG_NOSIGNAL), static_cast<ssize_t>(bytes));
    }
    // Waits for the peer's end.
    void expect_end() const {
        char byte = 0;
        EXPECT_EQ(::recv(near.get(), &byte, 1, 0), 0);
    }

    unique_descriptor near;
    unique_descriptor far;
};

}  // namespace

BRIO_TEST_REAL_TIME(unconfirmed, what_arrived_is_confirmed_soon) {
    const connection c;
    EXPECT_EQ(unconfirmed_bytes(c.near.get()), 0u);
    c.write(1000);
    const bool confirmed = co_await http_test::eventually([&] { return unconfirmed_bytes(c.near.get()) == 0; });
    EXPECT_TRUE(confirmed) << "read or not";
}

TEST(unconfirmed, what_came_after_the_peer_had_gone_never_is) {
    connection c;
    c.write(10);
    char ten[10];
    EXPECT_EQ(::recv(c.far.get(), ten, sizeof ten, MSG_WAITALL), 10);
    c.far.reset();
    c.write(1000);
    c.expect_end();
    EXPECT_EQ(unconfirmed_bytes(c.near.get()), 1000u);
}

TEST(unconfirmed, what_the_peer_had_before_its_end_is_confirmed_by_that) {
    for (const bool reads : {false, true}) {
        connection c;
        c.write(1000);
        char all[1000];
        if (reads) {
            EXPECT_EQ(::recv(c.far.get(), all, sizeof all, MSG_WAITALL), 1000);
        }
        EXPECT_EQ(::shutdown(c.far.get(), SHUT_WR), 0);
        c.expect_end();
        EXPECT_EQ(unconfirmed_bytes(c.near.get()), 0u);
    }
}

TEST(unconfirmed, nothing_is_said_of_what_is_not_tcp) {
    int ends[2];
    ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    const unique_descriptor near(ends[0]);
    const unique_descriptor far(ends[1]);
    ASSERT_EQ(::send(near.get(), "x", 1, 0), 1);
    EXPECT_EQ(unconfirmed_bytes(near.get()), 0u);
    EXPECT_EQ(unconfirmed_bytes(-1), 0u);
}
