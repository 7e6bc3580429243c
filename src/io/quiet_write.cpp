// SPDX-License-Identifier: BSL-1.0
// Holding SIGPIPE back.
#include "io/quiet_write.hpp"

#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <ctime>

namespace brio::inline v0::detail {

ssize_t write_quietly(int fd, const void* data, std::size_t size) noexcept {
    sigset_t only;
    sigset_t before;
    sigemptyset(&only);
    sigaddset(&only, SIGPIPE);
    ::pthread_sigmask(SIG_BLOCK, &only, &before);
    const bool was_blocked = sigismember(&before, SIGPIPE) == 1;
    bool was_pending = false;
    if (was_blocked) {
        sigset_t pending;
        was_pending = ::sigpending(&pending) == 0 && sigismember(&pending, SIGPIPE) == 1;
    }
    const ssize_t n = ::write(fd, data, size);
    const int error = errno;
    if (n < 0 && error == EPIPE && !was_pending) {
        const timespec at_once{};
        while (::sigtimedwait(&only, nullptr, &at_once) < 0 && errno == EINTR) {}
    }
    if (!was_blocked) ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
    errno = error;
    return n;
}

}  // namespace brio::inline v0::detail
