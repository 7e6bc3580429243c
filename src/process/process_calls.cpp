// SPDX-License-Identifier: BSL-1.0
// pidfd_open and pidfd_send_signal, which glibc has had since 2.36 only.
#include "process/process_calls.hpp"

#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

namespace brio::inline v0::detail {

namespace {

int open_pidfd(pid_t pid) noexcept {
#ifdef SYS_pidfd_open
    return static_cast<int>(::syscall(SYS_pidfd_open, pid, 0));  // close-on-exec from birth
#else
    (void)pid;
    errno = ENOSYS;
    return -1;
#endif
}

int signal_pidfd(int descriptor, int number) noexcept {
#ifdef SYS_pidfd_send_signal
    return static_cast<int>(::syscall(SYS_pidfd_send_signal, descriptor, number, nullptr, 0));
#else
    (void)descriptor;
    (void)number;
    errno = ENOSYS;
    return -1;
#endif
}

int signal(pid_t pid, int number) noexcept { return ::kill(pid, number); }

int wait(pid_t pid, siginfo_t& info, int options) noexcept {
    return ::waitid(P_PID, static_cast<id_t>(pid), &info, options);
}

}  // namespace

process_calls& current_process_calls() noexcept {
    static constinit process_calls in_use{&open_pidfd, &signal_pidfd, &signal, &wait};
    return in_use;
}

}  // namespace brio::inline v0::detail
