// SPDX-License-Identifier: BSL-1.0
// Slow steps, named with their task and place.
#include "detail/step_monitor.hpp"

#include <brio/core/log.hpp>
#include <brio/detail/describe.hpp>
#include <brio/detail/scheduler.hpp>
#include <brio/detail/task_executor.hpp>
#include <brio/detail/task_state.hpp>
#include <brio/detail/task_text.hpp>

#include <string>
#include <utility>

namespace brio::inline v0::detail {

namespace {

std::string name_of(const task_state* task) {
    return task ? "task " + task->name() + " (created at " + describe(task->where()) + ")" : "a callback";
}

}  // namespace

void step_record::begin(const task_state* task) noexcept {
    const std::lock_guard lock(mutex_);
    active_ = true;
    began_ = std::chrono::steady_clock::now();
    try {
        who_ = name_of(task);
    } catch (...) {  // out of memory: without the name
        who_.clear();
    }
}

void step_record::end() noexcept {
    const std::lock_guard lock(mutex_);
    active_ = false;
}

std::string step_record::text() const {
    const std::lock_guard lock(mutex_);
    if (!active_) return "";
    return who_ + " has run one step for " + duration_text(std::chrono::steady_clock::now() - began_);
}

void report_forgotten(const task_state* task) noexcept {
    const operation_place forgotten = std::exchange(forgotten_here, operation_place{nullptr, 0});
    if (!forgotten.file) return;
    try {
        log(log_level::warning, "an operation was never awaited; it was made at " +
                                    describe(source_location::current(forgotten.file, "", forgotten.line)) + ", in a step of " +
                                    name_of(task) + ": co_await it");
    } catch (...) {  // a report that cannot be made is not worth a program
    }
}

void run_timed(scheduler& sched, ready_node& node) noexcept {
    ref<task_state> task(dynamic_cast<task_state*>(&node));  // the step may be the task's last
    if (const auto* step = dynamic_cast<task_step*>(&node)) task = step->task();
    const time_point begin = sched.now();
    sched.record()->begin(task.get());
    forgotten_here.file = nullptr;
    node.run();
    sched.record()->end();
    report_forgotten(task.get());
    report_if_slow(sched, task.get(), begin);
}

void report_if_slow(scheduler& sched, const task_state* task, time_point begin) noexcept {
    const duration took = sched.now() - begin;
    if (took < sched.slow_step) return;
    ++sched.slow_steps;
    try {
        const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(took).count();
        std::string text = name_of(task);
        text += " blocked the loop for " + std::to_string(ms) + " ms: move blocking work to brio::to_thread, or " +
                "co_await brio::sleep(0s) in long computations";
        log(log_level::warning, text);
    } catch (...) {  // a report that cannot be made is not worth a program
    }
}

}  // namespace brio::inline v0::detail
