// SPDX-License-Identifier: BSL-1.0
// Options of a stream's socket.
#include "io/io_error.hpp"
#include "io/stream_state.hpp"

#include <brio/io/stream.hpp>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cerrno>
#include <string>

namespace brio::inline v0 {

namespace {

constexpr int idle_seconds = 60;

[[noreturn]] void fail(const char* call, int level, int name, const detail::stream_state& of) {
    const boost::system::error_code ec(errno, boost::system::system_category());
    throw detail::make_system_error(ec, std::string(call) + "(" + std::to_string(level) + ", " + std::to_string(name) +
                                            ") of the stream with " + of.peer_text());
}

}  // namespace

void stream::set_option(int level, int name, int value) {
    auto& inside = static_cast<detail::stream_state&>(require());
    if (::setsockopt(inside.native_handle(), level, name, &value, sizeof value) != 0) fail("stream.set_option", level, name, inside);
}

int stream::option(int level, int name) const {
    auto& inside = static_cast<detail::stream_state&>(require());
    int value = 0;
    socklen_t size = sizeof value;
    if (::getsockopt(inside.native_handle(), level, name, &value, &size) != 0) fail("stream.option", level, name, inside);
    return value;
}

void stream::set_no_delay(bool on) { set_option(IPPROTO_TCP, TCP_NODELAY, on ? 1 : 0); }

void stream::set_keep_alive(bool on) {
    set_option(SOL_SOCKET, SO_KEEPALIVE, on ? 1 : 0);
    if (on && peer_address().is_ip()) set_option(IPPROTO_TCP, TCP_KEEPIDLE, idle_seconds);
}

}  // namespace brio::inline v0
