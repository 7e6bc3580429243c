// SPDX-License-Identifier: BSL-1.0
// Holding SIGPIPE back.
#include "io/quiet_write.hpp"

#include "io/sigpipe_guard.hpp"

#include <unistd.h>

namespace brio::inline v0::detail {

ssize_t write_quietly(int fd, const void* data, std::size_t size) noexcept {
    const sigpipe_guard quiet;
    return ::write(fd, data, size);
}

}  // namespace brio::inline v0::detail
