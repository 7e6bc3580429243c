// SPDX-License-Identifier: BSL-1.0
// Starting by a fork of our own, for what posix_spawn cannot do: limits.
#include "process/launch.hpp"
#include "process/launch_plan.hpp"
#include "process/signals_blocked.hpp"

#include <fcntl.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

namespace brio::inline v0::detail {

namespace {

// The child works on a copy of the memory, like that of fork; the parent's thread sleeps until the child has executed its
// program, or ended, as with vfork. So nothing has to be read from a pipe, which another child might hold open.
pid_t clone_process() noexcept {
    constexpr unsigned long flags = CLONE_VFORK | SIGCHLD;
#if defined(__s390__)
    return static_cast<pid_t>(::syscall(SYS_clone, nullptr, flags, nullptr, nullptr, nullptr));
#else
    return static_cast<pid_t>(::syscall(SYS_clone, flags, nullptr, nullptr, nullptr, nullptr));
#endif
}

// One page that parent and child share: where the child leaves its errno.
class shared_error {
public:
    shared_error() noexcept
        : page_(::mmap(nullptr, sizeof(int), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0)) {}
    shared_error(const shared_error&) = delete;
    shared_error& operator=(const shared_error&) = delete;
    ~shared_error() {
        if (is_there()) ::munmap(page_, sizeof(int));
    }
    [[nodiscard]] bool is_there() const noexcept { return page_ != MAP_FAILED; }
    [[nodiscard]] volatile int& value() const noexcept { return *static_cast<volatile int*>(page_); }

private:
    void* page_;
};

void reset_signals(bool keep_ignored) noexcept {
    for (int number = 1; number <= SIGRTMAX; ++number) {
        struct sigaction action{};
        if (::sigaction(number, nullptr, &action) != 0 || action.sa_handler == SIG_DFL) continue;
        if (keep_ignored && action.sa_handler == SIG_IGN) continue;
        action = {};
        action.sa_handler = SIG_DFL;
        ::sigaction(number, &action, nullptr);
    }
}

void close_from(unsigned first) noexcept {
#ifdef SYS_close_range
    if (::syscall(SYS_close_range, first, ~0U, 0) == 0) return;
#endif
    const long most = ::sysconf(_SC_OPEN_MAX);
    for (long descriptor = first; descriptor < (most > 0 ? most : 65536); ++descriptor) ::syscall(SYS_close, static_cast<int>(descriptor));
}

// In the child: only what may be called after a fork in a program of several threads. (The wrappers that sanitizers put around
// calls with descriptors take locks, which another thread may have held.) Gives what failed.
int become(const launch_plan& plan, const stdio_sources& sources) noexcept {
    const command_data& what = plan.what();
    reset_signals(what.keep_ignored_signals);
    if (what.new_session) {
        if (::setsid() < 0) return errno;
    } else if (what.process_group && ::setpgid(0, *what.process_group) != 0) {
        return errno;
    }
    for (int target = 0; target < 3; ++target) {
        const int source = sources[static_cast<std::size_t>(target)];
        if (source >= 0 && ::syscall(SYS_dup3, source, target, 0) < 0) return errno;
    }
    close_from(3);  // before the limits, one of which may be that on descriptors
    if (plan.cwd() && ::chdir(plan.cwd()) != 0) return errno;
    for (const auto& [resource, values] : plan.limits()) {
        if (::setrlimit(resource, &values) != 0) return errno;
    }
    sigset_t none;
    ::sigemptyset(&none);
    ::pthread_sigmask(SIG_SETMASK, &none, nullptr);
    ::execve(plan.file(), plan.argv(), plan.envp());
    return errno;
}

}  // namespace

int fork_child(const launch_plan& plan, const stdio_sources& sources, pid_t& pid) noexcept {
    const shared_error error;
    if (!error.is_there()) return errno;
    error.value() = 0;
    {
        const signals_blocked blocked;  // no handler of this program must run in the child
        pid = clone_process();
        if (pid == 0) {
            error.value() = become(plan, sources);
            ::syscall(SYS_exit_group, 127);
        }
        if (pid < 0) return errno;
    }
    if (error.value() == 0) return 0;
    while (::waitpid(pid, nullptr, 0) < 0 && errno == EINTR) {}
    return error.value();
}

}  // namespace brio::inline v0::detail
