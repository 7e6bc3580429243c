// SPDX-License-Identifier: BSL-1.0
// The event loop's outside: construction, run, error reports, debug switch.
#include <brio/core/loop.hpp>

#include <brio/core/error.hpp>
#include <brio/core/log.hpp>
#include <brio/detail/describe.hpp>
#include <brio/detail/held_locks.hpp>
#include <brio/detail/mailbox.hpp>
#include <brio/detail/services.hpp>
#include <brio/detail/task_state.hpp>

#include <boost/asio/io_context.hpp>

#include <cstdlib>
#include <string_view>
#include <utility>

namespace brio::inline v0 {

namespace {

bool debug_from_environment() noexcept {
    const char* value = std::getenv("BRIO_DEBUG");
    return value && std::string_view(value) != "" && std::string_view(value) != "0";
}

}  // namespace

std::string error_context::to_string() const {
    std::string text = message_;
    if (!task_name_.empty()) text += " [task " + task_name_ + ", created at " + created_at_ + "]";
    if (exception_) text += ": " + detail::describe(exception_);
    return text;
}

loop::loop()
    : own_context_(std::make_unique<boost::asio::io_context>(1)),
      scheduler_(*this, *own_context_),
      services_(std::make_unique<detail::loop_services>()) {
    set_debug(debug_from_environment());
}

loop::loop(boost::asio::io_context& context)
    : scheduler_(*this, context), services_(std::make_unique<detail::loop_services>()) {
    set_debug(debug_from_environment());
}

loop::~loop() {
    services_->shutdown();
    scheduler_.close();
    set_debug(false);
}

void loop::run_forever() {
    // Stopped beforehand: one turn, of what is queued now.
    if (std::exchange(stop_requested_, false)) call_soon([this] { stop(); });
    scheduler_.run_until([](void* self) { return static_cast<loop*>(self)->stop_requested_; }, this);
    stop_requested_ = false;
}

bool loop::run_until_done(const detail::task_state& task) {
    struct condition {
        const loop& self;
        const detail::task_state& task;
    } until{*this, task};
    stop_requested_ = false;
    scheduler_.run_until(
        [](void* argument) {
            const auto& [self, awaited] = *static_cast<condition*>(argument);
            return self.stop_requested_ || awaited.done();
        },
        &until);
    stop_requested_ = false;
    return task.done();
}

void loop::stop() noexcept {
    stop_requested_ = true;
    scheduler_.interrupt_run();
}

void loop::set_exception_handler(exception_handler handler) { handler_ = std::move(handler); }

void loop::set_task_factory(task_factory factory) {
    scheduler_.task_factory = factory ? std::make_unique<task_factory>(std::move(factory)) : nullptr;
}

task_factory loop::get_task_factory() const {
    return scheduler_.task_factory ? *scheduler_.task_factory : task_factory();
}

void loop::default_exception_handler(const error_context& context) noexcept {
    try {
        log(log_level::error, context.to_string());
    } catch (...) {  // out of memory while reporting: nothing left to do
    }
}

void loop::call_exception_handler(const error_context& context) noexcept {
    if (!handler_) {
        default_exception_handler(context);
        return;
    }
    try {
        const exception_handler handler = handler_;  // it may replace itself
        handler(context);
    } catch (...) {
        default_exception_handler(error_context("exception in the loop's exception handler", std::current_exception()));
        default_exception_handler(context);
    }
}

void loop::set_debug(bool on) noexcept {
    if (on != debug_) detail::debugging_loops.fetch_add(on ? 1 : -1, std::memory_order_relaxed);
    debug_ = on;
    // Steps are measured in debug mode, and watched for more than their time.
    scheduler_.slow_step = !on ? duration::zero() : (slow_step_ > duration::zero() ? slow_step_ : duration::max());
    scheduler_.check_threads(on);
}

void loop::set_slow_step_duration(duration limit) noexcept {
    slow_step_ = limit;
    set_debug(debug_);
}

void loop::check_thread_now(const char* what) const {
    if (scheduler_.is_running() && !scheduler_.on_loop_thread()) {
        throw loop_error(std::string(what) + " was called from another thread than the loop's: use call_soon_threadsafe");
    }
}

handle loop::soon(detail::ref<detail::callback> made) {
    check_thread("call_soon");
    made->schedule_soon(scheduler_);
    return handle(std::move(made));
}

timer_handle loop::at(time_point when, detail::ref<detail::callback> made) {
    check_thread("call_at");
    made->schedule_at(scheduler_, when);
    return timer_handle(std::move(made));
}

handle loop::threadsafe(detail::ref<detail::callback> made) {
    if (detail::scheduler::current() == &scheduler_) {
        made->schedule_soon(scheduler_);
    } else if (!made->schedule_threadsafe(*scheduler_.inbox())) {
        throw loop_error("call_soon_threadsafe: the event loop is closed");
    }
    return handle(std::move(made));
}

loop& get_running_loop() { return detail::scheduler::require("get_running_loop()").owner(); }

namespace detail {

void report_task_failure(const char* what, const task_state& task, const std::exception_ptr& error) noexcept {
    try {
        error_context context(what, error);
        context.task(task.name(), describe(task.where()));
        scheduler* const running = scheduler::current();
        if (running == &task.sched()) {  // compares addresses only: the task may outlive its loop
            running->owner().call_exception_handler(context);
        } else {
            loop::default_exception_handler(context);
        }
    } catch (...) {  // out of memory while reporting: nothing left to do
    }
}

}  // namespace detail

}  // namespace brio::inline v0
