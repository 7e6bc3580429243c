// SPDX-License-Identifier: BSL-1.0
// The task tree as text: what is waited for stands above those who wait for it.
#include <brio/debug/print_tasks.hpp>

#include <brio/core/loop.hpp>
#include <brio/detail/describe.hpp>
#include <brio/detail/task_state.hpp>

#include <iostream>
#include <map>
#include <set>
#include <vector>

namespace brio::inline v0 {

namespace {

using detail::task_state;

const char* state_text(const task_state& task) {
    switch (task.current_phase()) {
        case task_state::phase::created: return "not started";
        case task_state::phase::running: return "running";
        case task_state::phase::waiting: return task.is_queued() ? "ready" : "waiting";
        case task_state::phase::ended: break;
    }
    return "done";
}

std::string line_of(const task_state& task) {
    std::string text = task.name() + " [" + state_text(task) + (task.cancelling() > 0 ? ", cancelling" : "") + "]";
    if (const detail::waiter* wait = task.waiting_on()) {
        text += std::string(" in ") + wait->describe();
    } else if (task.current_phase() == task_state::phase::waiting) {
        text += " in an Asio operation";
    }
    return text + ", created at " + detail::describe(task.where());
}

class tree {
public:
    explicit tree(detail::scheduler& sched) {
        for (task_state* task = sched.tasks.first(); task; task = sched.tasks.next(*task)) tasks_.push_back(task);
        for (const task_state* task : tasks_) {
            const task_state* awaited = task->waiting_on() ? task->waiting_on()->awaited_task() : nullptr;
            if (awaited && !awaited->done()) {
                waiters_[awaited].push_back(task);
                is_waiter_.insert(task);
            }
        }
    }

    std::string text() {
        std::string out = std::to_string(tasks_.size()) + " task(s) not done\n";
        for (const task_state* task : tasks_) {
            if (!is_waiter_.contains(task)) add(out, *task, 1);
        }
        for (const task_state* task : tasks_) {  // those that wait for each other in a circle have no root
            if (!seen_.contains(task)) add(out, *task, 1);
        }
        return out;
    }

private:
    void add(std::string& out, const task_state& task, std::size_t depth) {
        out += std::string(depth * 2, ' ') + line_of(task);
        if (!seen_.insert(&task).second) {
            out += " (see above: a circle)\n";
            return;
        }
        out += "\n";
        for (const task_state* waiter : waiters_[&task]) add(out, *waiter, depth + 1);
    }

    std::vector<const task_state*> tasks_;
    std::map<const task_state*, std::vector<const task_state*>> waiters_;
    std::set<const task_state*> is_waiter_;
    std::set<const task_state*> seen_;
};

}  // namespace

std::string format_tasks(loop& target) { return tree(target.scheduler()).text(); }

void print_tasks() { std::cerr << format_tasks(get_running_loop()) << std::flush; }

}  // namespace brio::inline v0
