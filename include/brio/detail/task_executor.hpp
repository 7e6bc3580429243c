// SPDX-License-Identifier: BSL-1.0
// The executor of a task's coroutine: whatever resumes it after a raw Asio operation passes here, so that the
// resumption is a step of that task.
#pragma once

#include <brio/core/config.hpp>
#include <brio/detail/ref.hpp>
#include <brio/detail/task_state.hpp>

#include <boost/asio/execution/blocking.hpp>
#include <boost/asio/execution/context.hpp>

#include <memory>
#include <utility>

namespace boost::asio {
class execution_context;
}

namespace brio::inline v0::detail {

/// A queued function that is a step of a task.
class BRIO_API task_step : public ready_node {
public:
    explicit task_step(ref<task_state> task) noexcept : task_(std::move(task)) {}
    ~task_step() override;
    /// Queues the step on the task's loop, from any thread, and owns itself from here on.
    static void submit(std::unique_ptr<task_step> step);

protected:
    ref<task_state> task_;
};

/// Models Asio's executor: it holds the task, so that a copy kept by an I/O object is never stale.
class BRIO_API task_executor {
public:
    explicit task_executor(ref<task_state> task) noexcept : task_(std::move(task)) {}

    template <class F>
    void execute(F&& function) const {
        if (may_run_inline()) {
            task_->run_step(function);
            return;
        }
        class step final : public task_step {
        public:
            step(ref<task_state> task, F&& function) : task_step(std::move(task)), function_(std::forward<F>(function)) {}
            void run() noexcept override {
                const std::unique_ptr<step> self(this);
                task_->run_step(function_);
            }

        private:
            std::decay_t<F> function_;
        };
        task_step::submit(std::make_unique<step>(task_, std::forward<F>(function)));
    }

    [[nodiscard]] boost::asio::execution_context& query(boost::asio::execution::context_t) const noexcept;
    [[nodiscard]] static constexpr auto query(boost::asio::execution::blocking_t) noexcept {
        return boost::asio::execution::blocking_t(boost::asio::execution::blocking.never);
    }
    [[nodiscard]] task_executor require(boost::asio::execution::blocking_t::never_t) const noexcept {
        return task_executor(task_, false);
    }
    [[nodiscard]] task_executor require(boost::asio::execution::blocking_t::possibly_t) const noexcept {
        return task_executor(task_, true);
    }

    friend bool operator==(const task_executor& a, const task_executor& b) noexcept {
        return a.task_ == b.task_ && a.inline_allowed_ == b.inline_allowed_;
    }
    friend bool operator!=(const task_executor& a, const task_executor& b) noexcept { return !(a == b); }

    [[nodiscard]] const ref<task_state>& task() const noexcept { return task_; }

private:
    task_executor(ref<task_state> task, bool inline_allowed) noexcept
        : task_(std::move(task)), inline_allowed_(inline_allowed) {}

    [[nodiscard]] bool may_run_inline() const noexcept;

    ref<task_state> task_;
    bool inline_allowed_ = false;
};

}  // namespace brio::inline v0::detail
