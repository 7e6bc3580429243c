// SPDX-License-Identifier: BSL-1.0
// TCP_INFO, as the kernel's header has it: the C library's lacks the counters.
#include "io/unconfirmed.hpp"

#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cstddef>

namespace brio::inline v0::detail {

std::uint64_t unconfirmed_bytes(int descriptor) noexcept {
    tcp_info info{};
    socklen_t size = sizeof info;
    if (::getsockopt(descriptor, IPPROTO_TCP, TCP_INFO, &info, &size) != 0) return 0;
    if (size < offsetof(tcp_info, tcpi_bytes_retrans) + sizeof info.tcpi_bytes_retrans) return 0;  // an old kernel
    const std::uint64_t sent = info.tcpi_bytes_sent - info.tcpi_bytes_retrans;
    const std::uint64_t confirmed = info.tcpi_bytes_acked > 0 ? info.tcpi_bytes_acked - 1 : 0;  // the handshake counts as one
    return sent > confirmed ? sent - confirmed : 0;
}

}  // namespace brio::inline v0::detail
