// SPDX-License-Identifier: BSL-1.0
// Connected pairs of streams, for tests.
#pragma once

#include "io/descriptor.hpp"
#include "io/socket.hpp"
#include "io/stream_state.hpp"

#include <brio/brio.hpp>

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstring>
#include <functional>
#include <string>
#include <system_error>
#include <utility>

namespace io_test {

using namespace std::chrono_literals;

/// Both ends of a connection.
struct ends {
    ends(brio::stream a, brio::stream b) noexcept : near(std::move(a)), far(std::move(b)) {}
    brio::stream near;
    brio::stream far;
};

inline brio::stream stream_of(int descriptor, std::size_t limit = brio::stream::default_limit) {
    return brio::detail::stream_access::make(
        brio::detail::make_transport(brio::get_running_loop().context(), descriptor, brio::detail::direction::both), limit);
}

inline ends unix_pair(std::size_t limit = brio::stream::default_limit) {
    int two[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, two) != 0) throw std::system_error(errno, std::system_category());
    brio::stream near = stream_of(two[0], limit);
    return ends(std::move(near), stream_of(two[1], limit));
}

/// Two connected TCP sockets; small buffers make writers wait soon.
inline std::pair<int, int> tcp_sockets(bool small_buffers = false) {
    const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in where{};
    where.sin_family = AF_INET;
    where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof where;
    auto* const native = reinterpret_cast<sockaddr*>(&where);
    const int little = 4096;
    if (small_buffers) ::setsockopt(listener, SOL_SOCKET, SO_RCVBUF, &little, sizeof little);
    if (::bind(listener, native, size) != 0 || ::listen(listener, 4) != 0) throw std::system_error(errno, std::system_category());
    ::getsockname(listener, native, &size);
    const int near = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (small_buffers) ::setsockopt(near, SOL_SOCKET, SO_SNDBUF, &little, sizeof little);
    if (::connect(near, native, size) != 0) throw std::system_error(errno, std::system_category());
    const int far = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
    ::close(listener);
    return {near, far};
}

inline ends tcp_pair(bool small_buffers = false) {
    const auto [near, far] = tcp_sockets(small_buffers);
    brio::stream first = stream_of(near);
    return ends(std::move(first), stream_of(far));
}

/// A pipe: `near` writes, `far` reads.
inline ends pipe_pair() {
    int two[2];
    if (::pipe2(two, O_CLOEXEC) != 0) throw std::system_error(errno, std::system_category());
    brio::stream reader = brio::connect_read_pipe(two[0]);
    return ends(brio::connect_write_pipe(two[1]), std::move(reader));
}

/// Ends a TCP connection by a reset: what the peer reads next is ECONNRESET.
inline void reset(brio::stream& s) {
    const linger at_once{1, 0};
    ::setsockopt(s.native_handle(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    s.abort();
}

/// What a failing coroutine or operation threw.
template <class Error, class X>
brio::awaitable<Error> failure_of(X awaited) {
    std::optional<Error> got;
    std::string other = "no error";
    try {
        co_await std::move(awaited);
    } catch (const Error& e) {
        got.emplace(e);
    } catch (const std::exception& e) {
        other = e.what();
    }
    if (!got) throw std::logic_error("expected another error, got: " + other);
    co_return std::move(*got);
}

/// Lets the loop turn until the condition holds; false when that takes too long.
inline brio::awaitable<bool> eventually(std::function<bool()> condition, std::chrono::milliseconds limit = 5s) {
    const auto begin = std::chrono::steady_clock::now();
    while (!condition()) {
        if (std::chrono::steady_clock::now() - begin > limit) co_return false;
        co_await brio::sleep(1ms);
    }
    co_return true;
}

}  // namespace io_test
