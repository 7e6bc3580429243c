// SPDX-License-Identifier: BSL-1.0
// Calls without MSG_NOSIGNAL, made without SIGPIPE.
#pragma once

#include <pthread.h>
#include <signal.h>

#include <cerrno>
#include <ctime>

namespace brio::inline v0::detail {

/// For the life of this guard the thread gets no SIGPIPE: one that comes is taken away at the end, one that the thread had
/// pending before stays. `errno` is what the call in
/// between has left there, 0 when that has not touched it.
class sigpipe_guard {
public:
    sigpipe_guard() noexcept {
        ::sigemptyset(&pipe_);
        ::sigaddset(&pipe_, SIGPIPE);
        ::pthread_sigmask(SIG_BLOCK, &pipe_, &previous_);
        was_blocked_ = ::sigismember(&previous_, SIGPIPE) == 1;
        if (was_blocked_) {  // else none can be pending
            sigset_t pending;
            was_pending_ = ::sigpending(&pending) == 0 && ::sigismember(&pending, SIGPIPE) == 1;
        }
        errno = 0;
    }
    sigpipe_guard(const sigpipe_guard&) = delete;
    sigpipe_guard& operator=(const sigpipe_guard&) = delete;
    ~sigpipe_guard() {
        const int error = errno;
        if (error == EPIPE && !was_pending_) {
            constexpr timespec at_once{0, 0};
            while (::sigtimedwait(&pipe_, nullptr, &at_once) < 0 && errno == EINTR) {}
        }
        if (!was_blocked_) ::pthread_sigmask(SIG_SETMASK, &previous_, nullptr);
        errno = error;
    }

private:
    sigset_t pipe_;
    sigset_t previous_;
    bool was_blocked_ = false;
    bool was_pending_ = false;
};

}  // namespace brio::inline v0::detail
