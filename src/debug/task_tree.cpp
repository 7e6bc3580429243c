// SPDX-License-Identifier: BSL-1.0
// Taking the picture, and what can be read off it.
#include <brio/debug/task_tree.hpp>

#include <brio/core/loop.hpp>
#include <brio/detail/generator_core.hpp>
#include <brio/detail/task_state.hpp>
#include <brio/detail/task_text.hpp>

#include "debug/tree_text.hpp"

#include <algorithm>
#include <unordered_set>
#include <utility>

namespace brio::inline v0 {

namespace {

using detail::task_state;

class pending_ids final : public detail::task_visitor {
public:
    void visit(const task_state& awaited) override {
        if (!awaited.done()) ids.push_back(awaited.id());
    }

    std::vector<std::uint64_t> ids;
};

// Futures that tasks wait for: they are in no list of the loop's.
class awaited_futures final : public detail::task_visitor {
public:
    void visit(const task_state& awaited) override {
        const bool is_new = awaited.current_phase() == task_state::phase::promised && seen_.insert(&awaited).second;
        if (is_new) found.push_back(&awaited);
    }

    std::vector<const task_state*> found;

private:
    std::unordered_set<const task_state*> seen_;
};

task_info picture_of(const task_state& task, detail::time_point now) {
    task_info info;
    info.id = task.id();
    info.name = task.name();
    info.state = detail::state_text(task);
    info.cancelling = task.cancelling();
    info.age = std::max(now - task.created(), task_info::duration::zero());
    info.created_at = task.where();
    info.waits_for = detail::wait_text(task);
    for (const detail::generator_core* body = task.generators; body; body = body->outer()) {
        info.generators.push_back(body->awaited_by()->where());
    }
    if (const detail::waiter* const wait = task.waiting_on()) {
        info.waits_at = wait->where();
        info.waiting = std::max(now - task.wait_began(), task_info::duration::zero());
        pending_ids awaited;
        wait->visit_awaited(awaited);
        info.awaits = std::move(awaited.ids);
    }
    return info;
}

// Depth first along `awaits`, without recursion: an edge to a task that is on the current path closes a circle.
class circle_search {
public:
    static constexpr std::size_t most = 100;

    explicit circle_search(const task_tree& tree) : tree_(tree) {
        for (const task_info& task : tree.tasks()) enter(task);
    }

    std::vector<std::vector<std::uint64_t>> found;

private:
    struct step {
        const task_info* task;
        std::size_t next;  // of its awaits
    };

    void enter(const task_info& start) {
        if (!seen_.emplace(start.id, on_path).second) return;
        path_.push_back({&start, 0});
        while (!path_.empty()) {
            step& top = path_.back();
            if (top.next == top.task->awaits.size()) {
                seen_[top.task->id] = finished;
                path_.pop_back();
                continue;
            }
            const std::uint64_t id = top.task->awaits[top.next++];
            const task_info* const awaited = tree_.find(id);
            if (!awaited) continue;
            const auto [place, is_new] = seen_.emplace(id, on_path);
            if (is_new) {
                path_.push_back({awaited, 0});
            } else if (place->second == on_path && found.size() < most) {
                close(awaited);
            }
        }
    }

    void close(const task_info* first) {
        auto begin = std::find_if(path_.begin(), path_.end(), [first](const step& at) { return at.task == first; });
        std::vector<std::uint64_t> circle;
        for (; begin != path_.end(); ++begin) circle.push_back(begin->task->id);
        found.push_back(std::move(circle));
    }

    static constexpr bool on_path = true;
    static constexpr bool finished = false;
    const task_tree& tree_;
    std::unordered_map<std::uint64_t, bool> seen_;
    std::vector<step> path_;
};

}  // namespace

task_tree::task_tree(std::vector<task_info> tasks) : tasks_(std::move(tasks)) {
    index_.reserve(tasks_.size());
    for (std::size_t i = 0; i < tasks_.size(); ++i) index_.emplace(tasks_[i].id, i);
    for (const task_info& task : tasks_) {
        for (const std::uint64_t id : task.awaits) {
            const auto awaited = index_.find(id);
            if (awaited == index_.end()) continue;
            std::vector<std::uint64_t>& waiters = tasks_[awaited->second].waiters;
            // What this task has added stands at the end.
            if (waiters.empty() || waiters.back() != task.id) waiters.push_back(task.id);
        }
    }
}

const task_info* task_tree::find(std::uint64_t id) const noexcept {
    const auto place = index_.find(id);
    return place == index_.end() ? nullptr : &tasks_[place->second];
}

std::vector<std::uint64_t> task_tree::roots() const {
    std::vector<std::uint64_t> ids;
    for (const task_info& task : tasks_) {
        if (task.waiters.empty()) ids.push_back(task.id);
    }
    return ids;
}

std::vector<std::vector<std::uint64_t>> task_tree::circles() const { return circle_search(*this).found; }

std::string task_tree::to_text(std::optional<int> limit) const { return detail::draw_tree(*this, limit); }

std::string task_tree::to_call_graph(std::uint64_t id, std::optional<int> limit) const {
    return detail::draw_call_graph(*this, id, limit);
}

std::string task_tree::to_table() const { return detail::write_table(*this); }

std::string task_tree::to_json() const { return detail::write_json(*this); }

task_tree capture_task_tree(loop& target) {
    detail::scheduler& sched = target.scheduler();
    const detail::time_point now = sched.now();
    std::vector<task_info> tasks;
    awaited_futures futures;
    for (task_state* task = sched.tasks.first(); task; task = sched.tasks.next(*task)) {
        tasks.push_back(picture_of(*task, now));
        if (const detail::waiter* const wait = task->waiting_on()) wait->visit_awaited(futures);
    }
    for (const task_state* const future : futures.found) tasks.push_back(picture_of(*future, now));
    return task_tree(std::move(tasks));
}

task_tree capture_task_tree() {
    return capture_task_tree(detail::scheduler::require("capture_task_tree()").owner());
}

}  // namespace brio::inline v0
