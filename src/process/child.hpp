// SPDX-License-Identifier: BSL-1.0
// child: what a loop knows of a process it has started, shared by the handle, those who wait, and the loop.
#pragma once

#include "process/reap_machine.hpp"

#include <brio/core/config.hpp>
#include <brio/detail/intrusive_list.hpp>
#include <brio/detail/ref.hpp>
#include <brio/detail/waiter.hpp>
#include <brio/io/unique_descriptor.hpp>

#include <sys/types.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

namespace brio::inline v0::detail {

class child;
class children;
class command_data;
class scheduler;

/// Tells a child, on the loop's thread, when to look whether it has ended; may be wrong, but never too late. Ends with its
/// destruction.
class BRIO_API exit_watch {
public:
    exit_watch() noexcept = default;
    exit_watch(const exit_watch&) = delete;
    exit_watch& operator=(const exit_watch&) = delete;
    virtual ~exit_watch();
    /// Calls `noticed()` once.
    virtual void start(child& watched) = 0;
    /// Sends a signal to the child, which has not been reaped: 0 or an errno.
    [[nodiscard]] virtual int signal(pid_t pid, int number) noexcept = 0;
    /// The loop ends and the child does not: somebody else has to reap it.
    virtual void leave_behind(pid_t pid) noexcept = 0;
};

/// Watches by a pidfd, or where the system has none (or no descriptor left) by a thread. Throws std::system_error.
[[nodiscard]] BRIO_API std::unique_ptr<exit_watch> make_exit_watch(scheduler& sched, pid_t pid);

/// Counted. While the process runs, its loop holds a reference, so that it is reaped whatever becomes of the handle.
class BRIO_API child final : public list_hook {
public:
    explicit child(const command_data& what);
    child(const child&) = delete;
    child& operator=(const child&) = delete;

    void add_ref() noexcept { refs_.fetch_add(1, std::memory_order_relaxed); }
    void release() noexcept {
        if (refs_.fetch_sub(1, std::memory_order_acq_rel) == 1) delete this;
    }

    /// The process runs: begins to watch it. When that fails it is killed and reaped, and std::system_error thrown.
    void begin(children& home, pid_t pid);
    /// There may be something to see. Loop thread only, as all of this class.
    void noticed() noexcept;

    [[nodiscard]] pid_t pid() const noexcept { return pid_; }
    [[nodiscard]] const std::string& program() const noexcept { return program_; }
    [[nodiscard]] bool has_ended() const noexcept { return machine_.has_ended(); }
    [[nodiscard]] int code() const noexcept { return machine_.code(); }
    [[nodiscard]] bool is_lost() const noexcept { return machine_.is_lost(); }
    [[nodiscard]] bool leads_group() const noexcept { return leads_group_; }
    [[nodiscard]] bool kills_on_drop() const noexcept { return kills_on_drop_; }
    /// Null before it has begun, after it was reaped, and once the loop has closed.
    [[nodiscard]] children* home() const noexcept { return home_; }

    void send_signal(int number);
    void send_group_signal(int number);
    /// Kills it, and the group that it leads, unless it has ended; says nothing.
    void kill() noexcept;
    /// It may outlive the loop.
    void detach() noexcept { detached_ = true; }
    [[nodiscard]] bool is_detached() const noexcept { return detached_; }
    /// Its number is needed no longer for signals to its group.
    void let_go() noexcept;

    void enlist(waiter& waiting) { detail::enlist(waiters_, waiting); }

    /// The loop closes, in two steps, so that all children die at the same time: what is left of the process is killed,
    /// unless it is detached; it is reaped, and those who wait are woken.
    void loop_closes() noexcept;
    void loop_closed() noexcept;

private:
    ~child();
    reap_machine::step look() noexcept;
    void announce() noexcept;
    void leave_home() noexcept;
    [[noreturn]] void refuse(int number, const char* whom, const std::string& why) const;

    std::atomic<std::uint32_t> refs_{1};
    children* home_ = nullptr;
    pid_t pid_ = -1;
    const std::string program_;
    reap_machine machine_;
    bool leads_group_ = false;
    bool kills_on_drop_ = false;
    bool detached_ = false;
    std::unique_ptr<exit_watch> watch_;
    intrusive_list<waiter> waiters_;
};

}  // namespace brio::inline v0::detail
