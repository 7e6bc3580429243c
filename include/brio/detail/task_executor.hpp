// SPDX-License-Identifier: BSL-1.0
// The executor of a task's coroutine: whatever resumes it after a raw Asio operation passes here, so that the
// resumption is a step of that task.
#pragma once

#include <brio/core/config.hpp>
#include <brio/detail/ref.hpp>
#include <brio/detail/task_state.hpp>

#include <boost/asio/execution/blocking.hpp>
#include <boost/asio/execution/context.hpp>

#include <cstdint>
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
    void drop() noexcept override { delete this; }
    [[nodiscard]] const ref<task_state>& task() const noexcept { return task_; }
    /// Queues the step on the task's loop, from any thread, and owns itself from here on.
    static void submit(std::unique_ptr<task_step> step);

protected:
    ref<task_state> task_;
};

/// Measures a step that does not pass through the ready queue, in debug mode.
class BRIO_API timed_step {
public:
    explicit timed_step(task_state& task) noexcept;
    timed_step(const timed_step&) = delete;
    timed_step& operator=(const timed_step&) = delete;
    ~timed_step();

private:
    ref<task_state> task_;  // null when nothing is measured
    time_point begin_{};
};

/// Models Asio's executor: it holds the task, so that a copy kept by an I/O object is never stale.
///
/// Counting costs locked instructions, so the one that every task's coroutine carries does not count: it is copied
/// from a `seed` and ends before the task does. Copies of it, which may go anywhere, count.
class BRIO_API task_executor {
public:
    struct seed {
        task_state& task;
    };
    explicit task_executor(seed from) noexcept : task_(&from.task), hold_(hold::seed) {}
    task_executor(const task_executor& other) noexcept
        : task_(other.task_),
          hold_(other.hold_ == hold::seed ? hold::borrowed : hold::counted),
          inline_allowed_(other.inline_allowed_) {
        if (hold_ == hold::counted) task_->add_ref();
    }
    task_executor(task_executor&& other) noexcept
        : task_(other.task_), hold_(std::exchange(other.hold_, hold::borrowed)), inline_allowed_(other.inline_allowed_) {}
    task_executor& operator=(const task_executor&) = delete;
    ~task_executor() {
        if (hold_ == hold::counted) task_->release();
    }

    template <class F>
    void execute(F&& function) const {
        if (task_->is_abandoned()) return;  // the loop has ended; a coroutine in `function` ends here
        if (may_run_inline()) {
            const timed_step watch(*task_);
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
        task_step::submit(std::make_unique<step>(ref<task_state>(task_), std::forward<F>(function)));
    }

    [[nodiscard]] boost::asio::execution_context& query(boost::asio::execution::context_t) const noexcept;
    [[nodiscard]] static constexpr auto query(boost::asio::execution::blocking_t) noexcept {
        return boost::asio::execution::blocking_t(boost::asio::execution::blocking.never);
    }
    [[nodiscard]] task_executor require(boost::asio::execution::blocking_t::never_t) const noexcept {
        return with_inline(false);
    }
    [[nodiscard]] task_executor require(boost::asio::execution::blocking_t::possibly_t) const noexcept {
        return with_inline(true);
    }

    friend bool operator==(const task_executor& a, const task_executor& b) noexcept {
        return a.task_ == b.task_ && a.inline_allowed_ == b.inline_allowed_;
    }
    friend bool operator!=(const task_executor& a, const task_executor& b) noexcept { return !(a == b); }

private:
    enum class hold : std::uint8_t { seed, borrowed, counted };

    [[nodiscard]] task_executor with_inline(bool allowed) const noexcept {
        task_executor made(*this);
        made.inline_allowed_ = allowed;
        return made;
    }
    [[nodiscard]] bool may_run_inline() const noexcept;

    task_state* task_;
    hold hold_;
    bool inline_allowed_ = false;
};

}  // namespace brio::inline v0::detail
