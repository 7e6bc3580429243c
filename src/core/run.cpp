// SPDX-License-Identifier: BSL-1.0
// runner: one main task at a time, orderly shutdown.
#include <brio/core/run.hpp>

#include "core/interrupt.hpp"

#include <brio/core/error.hpp>
#include <brio/detail/callback.hpp>
#include <brio/detail/describe.hpp>
#include <brio/detail/generator_core.hpp>
#include <brio/detail/join.hpp>
#include <brio/detail/services.hpp>

#include <string>
#include <vector>

namespace brio::inline v0 {

namespace {

// Ends run_until when the main task is done: through the ready queue, as asyncio does, so that what main queued before
// has begun.
class end_of_main final : public detail::completion {
public:
    explicit end_of_main(detail::scheduler& sched)
        : interrupt_(detail::make_callback([&sched] { sched.interrupt_run(); })) {}
    void completed(detail::task_state& task) noexcept override { interrupt_->schedule_soon(task.sched()); }

private:
    detail::ref<detail::callback> interrupt_;
};

void report_failure(loop& running, detail::task_state& task) {
    if (task.how() != detail::task_state::outcome::exception) return;
    error_context context("unhandled exception while the event loop shut down", task.fetch_exception());
    context.task(task.name(), detail::describe(task.where()));
    running.call_exception_handler(context);
}

}  // namespace

void loop::require_idle_thread() {
    if (detail::scheduler::current()) {
        throw loop_error("run_until_complete was called while an event loop runs in this thread: co_await what it was "
                         "given instead");
    }
}

void loop::run_to_end(detail::task_state& task) {
    if (&task.sched() != &scheduler_) {
        throw loop_error("run_until_complete: " + task.name() + " belongs to another event loop");
    }
    end_of_main watch(scheduler_);
    if (!task.done()) task.add_completion(watch);
    if (!run_until_done(task)) {
        throw loop_error("run_until_complete: the event loop was stopped before " + task.name() + " was done");
    }
}

runner::runner(run_options options) : options_(std::move(options)) {}

runner::~runner() {
    try {
        close();
    } catch (...) {  // a deadlock in virtual time: tasks are left, nothing can be awaited any more
    }
}

void runner::require_open() const {
    if (closed_) throw loop_error("the runner is closed: make a new one");
    if (detail::scheduler::current()) {
        throw loop_error("brio::run() was called while an event loop runs in this thread: co_await the coroutine "
                         "instead, or start it with create_task");
    }
}

loop& runner::get_loop() {
    if (closed_) throw loop_error("the runner is closed: make a new one");
    if (!loop_) {
        auto made = std::make_unique<loop>();
        if (options_.debug_) made->set_debug(*options_.debug_);
        if (options_.on_loop_) options_.on_loop_(*made);
        context_ = copy_context();
        loop_ = std::move(made);
    }
    return *loop_;
}

void runner::drive(detail::task_state& main) {
    main.set_name("main");
    end_of_main watch(loop_->scheduler());
    main.add_completion(watch);
    detail::interrupt_guard sigint(main, options_.handle_sigint_);
    if (!loop_->run_until_done(main)) throw loop_error("the event loop was stopped before the main task was done");
    if (main.was_cancelled() && sigint.delivered() && main.uncancel() == 0) {
        throw interrupted("interrupted by Ctrl-C (SIGINT)");
    }
    detail::throw_unless_value(main);
}

void runner::cancel_leftovers() {
    detail::scheduler& sched = loop_->scheduler();
    // Each task is asked once. What they start while they clean up gets its turn when they have ended.
    while (sched.tasks.first()) {
        std::vector<detail::ref<detail::task_state>> leftovers;
        for (detail::task_state* task = sched.tasks.first(); task; task = sched.tasks.next(*task)) {
            leftovers.emplace_back(task);
        }
        for (const auto& task : leftovers) {
            if (!task->closes_generator()) task->cancel("the event loop shuts down");
        }
        for (const auto& task : leftovers) run_to_end(*task);
        for (const auto& task : leftovers) report_failure(*loop_, *task);
    }
}

void runner::run_to_end(detail::task_state& task) {
    while (!task.done()) {
        end_of_main watch(loop_->scheduler());
        task.add_completion(watch);
        loop_->run_until_done(task);
    }
}

// What was left half-way, by those who held it or dropped it; says whether there was any. With no task alive no body runs.
bool runner::close_generators() {
    detail::scheduler& sched = loop_->scheduler();
    if (sched.generators.empty()) return false;
    while (detail::generator_core* half_way = sched.generators.first()) run_to_end(*half_way->close_in_task());
    return true;
}

void runner::end_leftovers() {
    do cancel_leftovers();
    while (close_generators());
}

void runner::close() {
    if (closed_) return;
    closed_ = true;
    if (!loop_) return;
    end_leftovers();
    loop_->services().shutdown();
    end_leftovers();
    loop_.reset();
}

}  // namespace brio::inline v0
