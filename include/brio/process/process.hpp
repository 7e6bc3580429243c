// SPDX-License-Identifier: BSL-1.0
// process: a running child.
#pragma once

#include <brio/core/awaitable.hpp>
#include <brio/core/config.hpp>
#include <brio/core/source_location.hpp>
#include <brio/detail/asio_bridge.hpp>
#include <brio/detail/ref.hpp>
#include <brio/io/stream.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

namespace brio::inline v0 {

namespace detail {
class child;
class process_state;
}

/// Up to when outputs are read.
enum class output_until : std::uint8_t {
    end,   ///< To their ends: a grandchild that has inherited them may keep them open after the process has ended.
    exit,  ///< What is there when the process has ended.
};

/// What a process has written. `auto [out, err] = co_await child.communicate();`
class BRIO_API process_output {
public:
    process_output(std::optional<std::string> output, std::optional<std::string> errors) noexcept
        : out(std::move(output)), err(std::move(errors)) {}

    std::optional<std::string> out;  ///< Nothing when standard output was no pipe.
    std::optional<std::string> err;  ///< The same for standard error.
};

/// A process that was started by `create_subprocess_exec` or `create_subprocess_shell`; asyncio's `Process`. A movable
/// handle that belongs to its loop's thread; several tasks may use it at the same time.
///
/// The process is reaped by its loop as soon as it ends, whether anybody waits or not: there are no zombies. When the
/// handle goes, the process runs on (unless `command::kill_on_drop` was set) and is still reaped. What runs when the loop
/// closes is killed, with a warning in the log, unless it was detached. "Killed by brio" includes the process's group
/// if it leads one.
class BRIO_API process {
public:
    /// Refers to no process: everything but assignment, `has_process()` and destruction throws invalid_state_error.
    process() noexcept;
    process(process&& other) noexcept;
    process& operator=(process&& other) noexcept;
    ~process();

    [[nodiscard]] bool has_process() const noexcept { return static_cast<bool>(state_); }
    /// Its number; the system may give it to another process as soon as `returncode()` is there.
    [[nodiscard]] int pid() const;
    /// Its exit status, the negative number of the signal that ended it (-9 for SIGKILL), or nothing while it runs: the loop
    /// sees an end in one of its next turns. 255 with a warning in the log when other code has taken the status away
    /// (SIGCHLD is ignored, or somebody waits for any child).
    [[nodiscard]] std::optional<int> returncode() const;
    /// `sort`, the first word of its command, for messages.
    [[nodiscard]] const std::string& program() const;

    class BRIO_API [[nodiscard("wait does nothing unless it is awaited: co_await it")]] wait_operation final
        : public detail::operation_base {
    public:
        using value_type = int;
        wait_operation(detail::ref<detail::child> awaited, const source_location& where) noexcept;
        wait_operation(wait_operation&&) noexcept;
        ~wait_operation();

        bool ready() const noexcept;
        void suspend();
        int resume() const;
        detail::cancel_reply cancel() noexcept override;
        [[nodiscard]] const char* describe() const noexcept override { return "process.wait()"; }

    private:
        detail::ref<detail::child> child_;
    };

    /// Waits for the end of the process and gives its `returncode()`; at once when it is known. Pipes play no part: they may
    /// hold unread data then, and a grandchild may keep them open. With pipes that nobody reads, the process may wait for
    /// ever for room in them; `communicate` reads while it waits. Any number of tasks may wait, and the handle may go
    /// meanwhile. **Cancellation** leaves the process running. Throws loop_error in a task of another loop.
    wait_operation wait(const source_location& where = source_location::current()) const;

    /// The other ends of its pipes; an empty stream (false as a condition) for what is no pipe. They are closed when the
    /// handle goes, which the process notices: it reads an end, or gets SIGPIPE. asyncio's `stdin`, `stdout`, `stderr`.
    [[nodiscard]] stream& stdin_stream() const;
    [[nodiscard]] stream& stdout_stream() const;
    [[nodiscard]] stream& stderr_stream() const;

    /// Sends `input`, closes the process's standard input, reads both outputs to their ends, and waits for the end of the
    /// process; all of that at the same time, so any amount goes in both directions. Needs no pipe, but uses those there are:
    /// throws invalid_state_error when there is an `input` and standard input is no pipe, or when another task communicates
    /// at that moment. That the process does not read all of its input is no error. A line reader of its streams may have
    /// taken a part before.
    /// **Cancellation** leaves the process running, and takes nothing away: the next `communicate` goes on with the input, and
    /// gives what has been read before as well. The handle may go meanwhile.
    awaitable<process_output> communicate(std::string input = std::string(), output_until until = output_until::end,
                                          source_location where = source_location::current());

    /// Sends a signal. Throws std::system_error with ESRCH once the end of the process is known, so that no signal ever
    /// reaches a stranger with the same number; between the end and that moment it has no effect.
    void send_signal(int number);
    /// SIGTERM.
    void terminate();
    /// SIGKILL.
    void kill();
    /// Sends a signal to the process and all that belong to its group. Throws std::system_error with ESRCH when it does not
    /// lead a group (`command::new_session`, `command::process_group`), and once its end is known.
    void send_group_signal(int number);

    /// Closes our ends of its pipes and kills it if it still runs. It can be waited for afterwards. Idempotent. asyncio's
    /// `transport.close()`.
    void close() noexcept;
    /// Lets it outlive the loop. As long as the loop runs it can be waited for as before.
    void detach();

private:
    friend class detail::process_state;
    explicit process(detail::ref<detail::process_state> started) noexcept;
    [[nodiscard]] detail::process_state& required() const;
    [[nodiscard]] detail::child& child() const;

    detail::ref<detail::process_state> state_;
};

}  // namespace brio::inline v0
