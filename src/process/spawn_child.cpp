// SPDX-License-Identifier: BSL-1.0
// Starting by posix_spawn: the parent's memory is neither copied nor its page tables, and no handler of fork runs.
#include "process/launch.hpp"
#include "process/launch_plan.hpp"

#include <spawn.h>

#include <cerrno>
#include <csignal>
#include <cstring>

namespace brio::inline v0::detail {

namespace {

// Gathers the first error of a sequence of calls that give one.
class attempt {
public:
    void operator()(int error) noexcept {
        if (error_ == 0) error_ = error;
    }
    [[nodiscard]] int error() const noexcept { return error_; }

private:
    int error_ = 0;
};

// The signals that a child takes as the system has them. Not by sigfillset, which leaves out two that glibc uses for itself,
// and which its posix_spawn would then make ignored.
void reset_signals(sigset_t& set, bool keep_ignored) noexcept {
    std::memset(&set, 0xff, sizeof set);
    if (!keep_ignored) return;
    for (int number = 1; number <= SIGRTMAX; ++number) {
        struct sigaction action{};
        if (::sigaction(number, nullptr, &action) == 0 && action.sa_handler == SIG_IGN) ::sigdelset(&set, number);
    }
}

class attributes {
public:
    attributes() noexcept : error_(::posix_spawnattr_init(&native_)) {}
    attributes(const attributes&) = delete;
    attributes& operator=(const attributes&) = delete;
    ~attributes() {
        if (error_ == 0) ::posix_spawnattr_destroy(&native_);
    }

    [[nodiscard]] int error() const noexcept { return error_; }
    [[nodiscard]] posix_spawnattr_t* get() noexcept { return &native_; }

    int set(const command_data& what) noexcept {
        attempt all;
        sigset_t signals;
        short flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF;
        ::sigemptyset(&signals);
        all(::posix_spawnattr_setsigmask(&native_, &signals));
        reset_signals(signals, what.keep_ignored_signals);
        all(::posix_spawnattr_setsigdefault(&native_, &signals));
        if (what.new_session) {
            flags |= POSIX_SPAWN_SETSID;
        } else if (what.process_group) {
            flags |= POSIX_SPAWN_SETPGROUP;
            all(::posix_spawnattr_setpgroup(&native_, *what.process_group));
        }
        all(::posix_spawnattr_setflags(&native_, flags));
        return all.error();
    }

private:
    posix_spawnattr_t native_;
    int error_;
};

class file_actions {
public:
    file_actions() noexcept : error_(::posix_spawn_file_actions_init(&native_)) {}
    file_actions(const file_actions&) = delete;
    file_actions& operator=(const file_actions&) = delete;
    ~file_actions() {
        if (error_ == 0) ::posix_spawn_file_actions_destroy(&native_);
    }

    [[nodiscard]] int error() const noexcept { return error_; }
    [[nodiscard]] const posix_spawn_file_actions_t* get() const noexcept { return &native_; }

    int add(const launch_plan& plan, const stdio_sources& sources) noexcept {
        attempt all;
        for (int target = 0; target < 3; ++target) {
            const int source = sources[static_cast<std::size_t>(target)];
            if (source >= 0) all(::posix_spawn_file_actions_adddup2(&native_, source, target));
        }
        if (plan.cwd()) all(::posix_spawn_file_actions_addchdir_np(&native_, plan.cwd()));
#if defined(__GLIBC_PREREQ)
#if __GLIBC_PREREQ(2, 34)
        // What others have opened without close-on-exec. Elsewhere that must do.
        all(::posix_spawn_file_actions_addclosefrom_np(&native_, 3));
#endif
#endif
        return all.error();
    }

private:
    posix_spawn_file_actions_t native_;
    int error_;
};

}  // namespace

int spawn_child(const launch_plan& plan, const stdio_sources& sources, pid_t& pid) noexcept {
    attributes how;
    file_actions files;
    attempt all;
    all(how.error());
    all(files.error());
    if (all.error() == 0) all(how.set(plan.what()));
    if (all.error() == 0) all(files.add(plan, sources));
    if (all.error() == 0) all(::posix_spawn(&pid, plan.file(), files.get(), how.get(), plan.argv(), plan.envp()));
    return all.error();
}

}  // namespace brio::inline v0::detail
