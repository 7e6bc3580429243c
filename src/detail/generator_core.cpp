// SPDX-License-Identifier: BSL-1.0
// Entering and leaving generators' bodies, closing them, and what becomes of those left half-way.
#include <brio/detail/generator_core.hpp>

#include <brio/core/error.hpp>
#include <brio/core/loop.hpp>

#include <string>

namespace brio::inline v0::detail {

namespace {

// The task that closes a generator which nobody holds any more.
awaitable<> close_dropped(ref<generator_core> core, source_location where) {
    try {
        co_await close_generator(std::move(core), where);
    } catch (const cancelled_error&) {
        throw;
    } catch (...) {
        get_running_loop().call_exception_handler(
            error_context("a generator that was left half-way failed while it was closed", std::current_exception()));
    }
}

}  // namespace

void generator_core::throw_running(const char* verb) {
    throw invalid_state_error(std::string(verb) +
                              " was awaited while the generator's body runs for somebody who waits for it already: one "
                              "consumer at a time; a queue serves several");
}

void generator_core::prepare(generator_wait& by, bridge::frame& consumer) {
    task_state& task = require_task(by, consumer);
    if (!sched_) {
        sched_ = &task.sched();
        sched_->generators.push_back(*this);
        add_ref();
        first_wait_ = by.where();
    } else if (sched_ != &task.sched()) {
        throw loop_error(std::string(by.describe()) +
                         " was awaited in another event loop than the generator's first next(): a generator belongs to "
                         "one loop");
    }
    outer_ = std::exchange(task.generators, innermost_);
    for (generator_core* one = innermost_; one != this; one = one->outer_) one->task_ = &task;
    task_ = &task;
    awaited_by_ = &by;
    phase_ = phase::running;
}

void generator_core::leave_task() noexcept {
    innermost_ = std::exchange(task_->generators, outer_);
    outer_ = nullptr;
    awaited_by_ = nullptr;
}

void generator_core::leave(bridge::frame& top, void* item) {
    scheduler* const running = scheduler::current();
    if (phase_ != phase::running || !running || running->current_task != task_ || !task_->owns(top)) {
        throw invalid_state_error(
            "yield was awaited outside of the body of its generator: only the body, and coroutines that it awaits "
            "directly, can yield; a task that it makes cannot");
    }
    item_ = item;
    phase_ = phase::suspended;
    leave_task();
    coroutines_.lift(top);
    if (dropped_) dropped();
}

void generator_core::ended(std::exception_ptr error) noexcept {
    error_ = std::move(error);
    phase_ = phase::ended;
    leave_task();
}

void generator_core::settle() {
    if (!body_) return;
    discard();
    if (error_) std::rethrow_exception(std::exchange(error_, nullptr));
}

bool generator_core::prepare_close() {
    if (is_at_end("generator.close()")) return true;
    if (phase_ != phase::created) return false;
    discard();
    return true;
}

void generator_core::discard() noexcept {
    const ref<generator_core> alive(this);
    phase_ = phase::ended;
    item_ = nullptr;
    awaited_by_ = nullptr;
    body_.reset();
    leave_loop();
}

void generator_core::leave_loop() noexcept {
    if (!sched_) return;
    sched_ = nullptr;
    list_hook::unlink();
    release();
}

void generator_core::dropped() noexcept {
    dropped_ = true;
    if (phase_ == phase::created) discard();
    if (phase_ != phase::suspended) return;
    // The loop ends: the body may refer to the frame that held it and goes now.
    if (sched_->is_closed()) return discard();
    // While the loop does not run, the generator waits for its end, or for the next run.
    if (scheduler::current() != sched_) return;
    try {
        static_cast<void>(close_in_task());
    } catch (...) {  // no memory for a task: the loop closes it when it ends
    }
}

ref<task_result<void>> generator_core::close_in_task() {
    if (!closer_ || closer_->done()) {
        const ref<task_result<void>> made(new task_result<void>(*sched_, first_wait_), adopt);
        made->mark_closer();
        made->start(task_body(close_dropped(ref<generator_core>(this), first_wait_), *made), task_options().name("closes a generator"));
        closer_ = made;
    }
    return closer_;
}

// A body that waits for an Asio operation belongs to that: it goes when Asio lets the task's coroutine go.
void generator_core::loop_ended() noexcept {
    if (phase_ == phase::suspended) {
        discard();
    } else {
        leave_loop();
    }
}

void close_generator::resume() {
    if (core_->take_item()) {
        core_->discard();
        throw invalid_state_error(
            "the generator's body yielded while it was being closed: it was destroyed where it stood; let "
            "brio::generator_exit leave the body");
    }
    core_->settle();
}

}  // namespace brio::inline v0::detail
