// SPDX-License-Identifier: BSL-1.0
// The task tree for other threads, and on a signal.
#pragma once

#include <brio/core/config.hpp>
#include <brio/debug/task_tree.hpp>

#include <chrono>
#include <memory>

namespace brio::inline v0 {

/// `capture_task_tree(target)` from any thread: asks the loop and blocks until it has answered. Throws timeout_error
/// when it did not within `timeout`, because one step of a task blocks it, or because nobody runs it; in debug mode
/// the message names the step. Throws loop_error once the loop is closed. `target` must live until the call returns.
[[nodiscard]] BRIO_API task_tree capture_task_tree_threadsafe(loop& target,
                                                              std::chrono::milliseconds timeout = std::chrono::seconds(1));

/// Prints task trees on a signal for its life; made by `print_tasks_on_signal`. Movable. Its end puts the signal's
/// previous handler back, unless somebody else has set one meanwhile.
class BRIO_API [[nodiscard("the signal is handled as long as this object lives: give it a name")]] signal_printer {
public:
    signal_printer(signal_printer&& other) noexcept;
    signal_printer& operator=(signal_printer&&) = delete;
    ~signal_printer();

private:
    friend signal_printer print_tasks_on_signal(int signal_number, loop& target);
    struct state;
    explicit signal_printer(std::unique_ptr<state> made) noexcept;

    std::unique_ptr<state> state_;
};

/// From now on `signal_number` (SIGUSR1, for instance) writes the task tree of `target` to standard error; when the
/// loop does not answer within a second, what blocks it. The handler itself only writes to an eventfd; a thread that
/// sleeps otherwise does the rest, so that it works while the loop is blocked. The result may outlive the loop.
/// Throws invalid_state_error when another signal_printer has that signal, or the system refuses to handle it (SIGKILL).
[[nodiscard]] BRIO_API signal_printer print_tasks_on_signal(int signal_number, loop& target);
/// For the running loop; throws loop_error when there is none.
[[nodiscard]] BRIO_API signal_printer print_tasks_on_signal(int signal_number);

}  // namespace brio::inline v0
