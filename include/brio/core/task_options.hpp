// SPDX-License-Identifier: BSL-1.0
// task_options: how create_task makes a task.
#pragma once

#include <brio/core/config.hpp>
#include <brio/core/context.hpp>

#include <functional>
#include <optional>
#include <string>
#include <utility>

namespace brio::inline v0 {

/// `create_task(body, task_options().name("reader").eager())`; every setter gives the object back.
class BRIO_API task_options {
public:
    task_options() noexcept = default;

    /// For logs and `print_tasks`; without one it is `Task-N`.
    task_options& name(std::string text) { name_ = std::move(text); return *this; }
    /// Runs the first step at once, inside `create_task`, up to its first suspension; one that never suspends is done
    /// then. Without it, what `loop.set_eager_tasks` says. asyncio's `eager_start`.
    task_options& eager(bool on = true) { eager_ = on; return *this; }
    /// Runs in `shared` itself, not in a copy of the creator's context: what the task sets shows there.
    task_options& context(brio::context shared) { context_ = std::move(shared); return *this; }

    [[nodiscard]] const std::string& chosen_name() const noexcept { return name_; }
    [[nodiscard]] std::optional<bool> chosen_eager() const noexcept { return eager_; }
    [[nodiscard]] const std::optional<brio::context>& chosen_context() const noexcept { return context_; }

private:
    std::string name_;
    std::optional<bool> eager_;
    std::optional<brio::context> context_;
};

/// May change how a task is made, before it is; what it throws leaves `create_task`, and there is no task then.
using task_factory = std::function<void(task_options&)>;

}  // namespace brio::inline v0
