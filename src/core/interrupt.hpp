// SPDX-License-Identifier: BSL-1.0
// Ctrl-C during run: the first SIGINT cancels the main task, the second takes its default course.
#pragma once

#include <memory>

namespace brio::inline v0::detail {

class task_state;

/// Handles SIGINT for its life, if this is the program's main thread and SIGINT has its default disposition.
class interrupt_guard {
public:
    interrupt_guard(task_state& main, bool wanted);
    interrupt_guard(const interrupt_guard&) = delete;
    interrupt_guard& operator=(const interrupt_guard&) = delete;
    ~interrupt_guard();

    /// A Ctrl-C was turned into a cancellation of the main task.
    [[nodiscard]] bool delivered() const noexcept;

private:
    struct state;
    std::shared_ptr<state> state_;
};

}  // namespace brio::inline v0::detail
