// SPDX-License-Identifier: BSL-1.0
// task_tree: a picture of the tasks of a loop as plain data, and its text forms.
#pragma once

#include <brio/core/config.hpp>
#include <brio/core/source_location.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace brio::inline v0 {

class loop;

/// One task that was not done when the picture was taken.
struct BRIO_API task_info {
    using duration = std::chrono::steady_clock::duration;

    task_info() = default;

    std::uint64_t id = 0;  ///< Unique in its loop; counts upwards.
    std::string name;
    std::string state;  ///< "not started", "ready", "running", "waiting".
    int cancelling = 0;  ///< Requests to cancel that were not taken back.
    duration age{};      ///< Since it was created, on the loop's clock.
    source_location created_at;
    std::string waits_for;      ///< "queue.get()", "task.join()", "an Asio operation"; empty when it does not wait.
    source_location waits_at;   ///< Where in the program; line 0 when that is not known.
    duration waiting{};         ///< Since the wait began; zero for Asio's operations.
    /// The `next()` or `close()` of the generators whose bodies wait there, innermost first.
    std::vector<source_location> generators;
    std::vector<std::uint64_t> awaits;   ///< The tasks it waits for that are not done.
    std::vector<std::uint64_t> waiters;  ///< The tasks that wait for it.
};

/// All tasks of a loop at one moment, in the order of their creation, and who waits for whom. A value: it refers to
/// nothing in the loop, and may be kept, sent to another thread, or made out of data of one's own.
class BRIO_API task_tree {
public:
    task_tree() = default;
    /// Completes the `waiters` of `tasks` by their `awaits`. An id that no task has is kept and shown as `?id`.
    explicit task_tree(std::vector<task_info> tasks);

    [[nodiscard]] const std::vector<task_info>& tasks() const noexcept { return tasks_; }
    /// The task with that id, null when there is none.
    [[nodiscard]] const task_info* find(std::uint64_t id) const noexcept;
    /// The tasks that nobody waits for.
    [[nodiscard]] std::vector<std::uint64_t> roots() const;
    /// Tasks that wait for each other, each circle in the order of waiting: none of them will ever go on by itself.
    /// At most 100 circles.
    [[nodiscard]] std::vector<std::vector<std::uint64_t>> circles() const;

    /// A tree: the tasks that nobody waits for, and under each task those that it waits for, however deep. Circles
    /// are named first. A task that is waited for by several appears in full once.
    /// `limit` cuts each branch: a positive one leaves that many levels under a root, 0 the roots alone, a negative
    /// one as many levels as it says at the far end, those that everything else waits for.
    [[nodiscard]] std::string to_text(std::optional<int> limit = std::nullopt) const;
    /// The other way round for one task: under it those that wait for it, and so on. Empty when `id` is unknown.
    [[nodiscard]] std::string to_call_graph(std::uint64_t id, std::optional<int> limit = std::nullopt) const;
    /// One line a task: id, name, state, age, what it waits for and where, on whom, who waits for it.
    [[nodiscard]] std::string to_table() const;
    /// `{"tasks":[{"id":1,"name":"main","state":"waiting","cancelling":0,"age_us":15,"created_at":{"file":"a.cpp",
    /// "line":3},"waits_for":"gather","waits_at":{...},"waiting_us":10,"awaits":[2],"waiters":[]}],"circles":[[1,2]]}`;
    /// inside of generators, also `"generators":[{"file":"a.cpp","line":7}]`. A place that is not known and an empty `waits_for` are null. Valid JSON whatever the names contain.
    [[nodiscard]] std::string to_json() const;

private:
    std::vector<task_info> tasks_;
    std::unordered_map<std::uint64_t, std::size_t> index_;
};

/// A picture of `target`'s tasks. On the loop's thread only; elsewhere `capture_task_tree_threadsafe`.
[[nodiscard]] BRIO_API task_tree capture_task_tree(loop& target);
/// Of the running loop; throws loop_error when there is none.
[[nodiscard]] BRIO_API task_tree capture_task_tree();

}  // namespace brio::inline v0
