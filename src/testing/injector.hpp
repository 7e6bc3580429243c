// SPDX-License-Identifier: BSL-1.0
// An order of the ready queue that cancels a task at a chosen moment.
#pragma once

#include "testing/trial.hpp"

#include <brio/core/loop.hpp>
#include <brio/core/task.hpp>
#include <brio/detail/scheduler.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace brio::inline v0::testing {

/// FIFO, or another order, with a look at each step before it is run. The one that lives is `current()`.
class injector final : public detail::pick_order {
public:
    injector(std::optional<cancel_plan> plan, std::unique_ptr<detail::pick_order> order, std::uint64_t step_limit);
    ~injector() override;

    [[nodiscard]] static injector* current() noexcept;

    [[nodiscard]] std::size_t pick(const detail::ready_queue& turn) noexcept override;
    /// A cancel_point().
    void point() noexcept;
    /// The scenario's own task.
    void watch(task_handle scenario) noexcept { scenario_ = std::move(scenario); }
    /// Before the loop closes: lets go of the tasks.
    void forget() noexcept { victim_ = scenario_ = {}; }

    [[nodiscard]] bool ran_away() const noexcept { return steps_ > step_limit_; }
    [[nodiscard]] int accepted() const noexcept { return accepted_; }
    void tell(trial_result& result) const;

private:
    void look_at_tasks() noexcept;
    void inject() noexcept;
    void cancel() noexcept;

    std::optional<cancel_plan> plan_;
    std::unique_ptr<detail::pick_order> order_;
    std::uint64_t step_limit_;
    std::uint64_t steps_ = 0;
    std::uint64_t points_ = 0;
    std::size_t most_tasks_ = 0;
    int accepted_ = 0;
    task_handle scenario_;
    task_handle victim_;
    std::string victim_text_;
    injector* previous_;
};

}  // namespace brio::inline v0::testing
