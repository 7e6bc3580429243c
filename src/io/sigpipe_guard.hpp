// SPDX-License-Identifier: BSL-1.0
// Calls without MSG_NOSIGNAL, made without SIGPIPE.
#pragma once

#include <csignal>
#include <cerrno>
#include <ctime>

namespace brio::inline v0::detail {

/// For the life of this guard the thread gets no SIGPIPE: one that comes is taken away at the end, one that the thread had
/// pending before stays. Keeps `errno`.
class sigpipe_guard {
public:
    sigpipe_guard() noexcept {
        sigset_t pending;
        ::sigemptyset(&pending);
        ::sigpending(&pending);
        was_pending_ = ::sigismember(&pending, SIGPIPE) == 1;
        ::sigemptyset(&pipe_);
        ::sigaddset(&pipe_, SIGPIPE);
        ::pthread_sigmask(SIG_BLOCK, &pipe_, &previous_);
    }
    sigpipe_guard(const sigpipe_guard&) = delete;
    sigpipe_guard& operator=(const sigpipe_guard&) = delete;
    ~sigpipe_guard() {
        const int error = errno;
        if (error == EPIPE && !was_pending_) {
            constexpr timespec at_once{0, 0};
            while (::sigtimedwait(&pipe_, nullptr, &at_once) < 0 && errno == EINTR) {}
        }
        ::pthread_sigmask(SIG_SETMASK, &previous_, nullptr);
        errno = error;
    }

private:
    sigset_t pipe_;
    sigset_t previous_;
    bool was_pending_ = false;
};

}  // namespace brio::inline v0::detail
