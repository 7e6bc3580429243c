// SPDX-License-Identifier: BSL-1.0
// Pipes, socket pairs and listening sockets for tests.
#pragma once

#include "unit/compose/outcome.hpp"

#include <brio/io/address.hpp>
#include <brio/io/unique_descriptor.hpp>

#include <gtest/gtest.h>

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>

namespace brio_test {

/// Two ends; of a pipe, `far` is the one to write to.
class ends {
public:
    ends(int a, int b) noexcept : near(a), far(b) {}
    brio::unique_descriptor near;
    brio::unique_descriptor far;
};

inline ends socket_pair(int type = SOCK_STREAM) {
    int made[2] = {-1, -1};
    EXPECT_EQ(::socketpair(AF_UNIX, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, made), 0);
    return ends(made[0], made[1]);
}

inline ends pipe_pair() {
    int made[2] = {-1, -1};
    EXPECT_EQ(::pipe2(made, O_NONBLOCK | O_CLOEXEC), 0);
    return ends(made[0], made[1]);
}

inline void put(const brio::unique_descriptor& to, std::string_view data) {
    EXPECT_EQ(::write(to.get(), data.data(), data.size()), static_cast<ssize_t>(data.size()));
}

inline std::string take(const brio::unique_descriptor& from) {
    char room[256];
    const ssize_t n = ::read(from.get(), room, sizeof room);
    return n < 0 ? "nothing" : std::string(room, static_cast<std::size_t>(n));
}

/// Writes until nothing more fits; gives how much that was.
inline std::size_t fill(const brio::unique_descriptor& to) {
    const std::string block(65536, 'f');
    std::size_t total = 0;
    for (ssize_t n = 0; (n = ::write(to.get(), block.data(), block.size())) > 0;) total += static_cast<std::size_t>(n);
    return total;
}

inline brio::unique_descriptor stream_socket(int family = AF_INET) {
    return brio::unique_descriptor(::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
}

inline brio::address name_of(const brio::unique_descriptor& socket) {
    sockaddr_storage room{};
    socklen_t size = sizeof room;
    EXPECT_EQ(::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&room), &size), 0);
    return brio::address::from_native(reinterpret_cast<sockaddr*>(&room), size);
}

/// Bound to a free port of the loopback and listening.
inline brio::unique_descriptor listener(int backlog = 16) {
    brio::unique_descriptor made = stream_socket();
    const brio::address where("127.0.0.1", 0);
    EXPECT_EQ(::bind(made.get(), where.data(), static_cast<socklen_t>(where.size())), 0);
    EXPECT_EQ(::listen(made.get(), backlog), 0);
    return made;
}

/// Starts `x`, lets it come to its wait, cancels it and says how it ended.
template <class X>
brio::awaitable<std::string> given_up(X x) {
    auto running = brio::create_task(std::move(x));
    co_await settle();
    running.cancel();
    co_return co_await end_of(running.join());
}

inline std::size_t open_descriptors() {
    std::size_t count = 0;
    for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
        static_cast<void>(entry);
        ++count;
    }
    return count;
}

}  // namespace brio_test
