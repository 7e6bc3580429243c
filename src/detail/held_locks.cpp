// SPDX-License-Identifier: BSL-1.0
// The locks of this thread's tasks, in debug mode.
#include <brio/detail/held_locks.hpp>

#include <brio/core/log.hpp>
#include <brio/detail/describe.hpp>
#include <brio/detail/scheduler.hpp>
#include <brio/detail/task_state.hpp>

#include <string>
#include <unordered_map>

namespace brio::inline v0::detail {

std::atomic<int> debugging_loops{0};

namespace {

struct holder {
    const task_state* task;  // alive, or its entry is gone
    source_location where;
};

thread_local std::unordered_map<const void*, holder> held_here;

}  // namespace

void note_held(const void* lock, const source_location& where, const task_state* task) noexcept {
    const scheduler* const sched = scheduler::current();
    if (!task && sched) task = sched->current_task;
    if (!task) return;
    try {
        held_here.insert_or_assign(lock, holder{task, where});
    } catch (...) {  // out of memory: one report less
    }
}

void forget_held(const void* lock) noexcept { held_here.erase(lock); }

void report_held(const task_state& task) noexcept {
    for (auto item = held_here.begin(); item != held_here.end();) {
        if (item->second.task != &task) {
            ++item;
            continue;
        }
        if (task.gives_object()) {  // it may be the guard: whoever takes the value has it
            item = held_here.erase(item);
            continue;
        }
        try {
            const source_location& where = item->second.where;
            log(log_level::warning, "task " + task.name() + " (created at " + describe(task.where()) +
                                        ") ended without releasing a lock" +
                                        (where.line() > 0 ? " that it acquired at " + describe(where) : "") +
                                        ": whoever has it now must release it");
        } catch (...) {  // a report that cannot be made is not worth a program
        }
        item = held_here.erase(item);
    }
}

}  // namespace brio::inline v0::detail
