// SPDX-License-Identifier: BSL-1.0
// Debug mode: measures a step and reports one that blocked the loop.
#pragma once

#include <brio/detail/timer_heap.hpp>

#include <chrono>
#include <mutex>
#include <string>

namespace brio::inline v0::detail {

class ready_node;
class scheduler;
class task_state;

/// What a loop does now. Written by the loop, in debug mode, for threads that ask why it does not answer.
class step_record {
public:
    void begin(const task_state* task) noexcept;
    void end() noexcept;
    /// "task worker (created at a.cpp:3) has run one step for 2.0 s". Any thread.
    [[nodiscard]] std::string text() const;

private:
    mutable std::mutex mutex_;
    bool active_ = false;
    std::string who_;
    std::chrono::steady_clock::time_point began_{};
};

void run_timed(scheduler& sched, ready_node& node) noexcept;
/// Logs an operation that was made and never awaited in the step of `task`, a callback's when that is null.
void report_forgotten(const task_state* task) noexcept;
/// The end of a step that began at `begin`, of a callback when `task` is null.
void report_if_slow(scheduler& sched, const task_state* task, time_point begin) noexcept;

}  // namespace brio::inline v0::detail
