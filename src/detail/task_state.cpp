// SPDX-License-Identifier: BSL-1.0
// Life of a task: start, steps, cancellation, end.
#include <brio/detail/task_state.hpp>

#include <brio/core/log.hpp>
#include <brio/core/loop.hpp>
#include <brio/detail/as_cancelled.hpp>
#include <brio/detail/held_locks.hpp>
#include <brio/detail/callback.hpp>
#include <brio/detail/describe.hpp>
#include <brio/detail/task_executor.hpp>

#include <boost/asio/error.hpp>
#include <boost/system/system_error.hpp>

#include <new>

namespace brio::inline v0::detail {

namespace {

constexpr int max_eager_depth = 64;

bool is_operation_aborted(const std::exception_ptr& error) noexcept {
    try {
        std::rethrow_exception(error);
    } catch (const boost::system::system_error& e) {
        return e.code() == boost::asio::error::operation_aborted;
    } catch (...) {
        return false;
    }
}

}  // namespace

void task_state::start(bridge::entry body, task_options options) {
    if (sched_.task_factory) {
        const std::function<void(task_options&)> factory = *sched_.task_factory;  // it may replace itself
        factory(options);
    }
    context_ = options.chosen_context() ? options.chosen_context()->state() : inherited_context();
    if (!options.chosen_name().empty()) set_name(options.chosen_name());
    enter(std::move(body));
    begin(options.chosen_eager().value_or(sched_.eager_tasks));
}

// An eager first step runs inside its creator's, on the same stack: a chain of them that create each other goes on
// through the ready queue from some depth on. Who drops a generator may be in the midst of anything.
void task_state::begin_eagerly() noexcept {
    if (closes_generator_ || sched_.eager_depth >= max_eager_depth || scheduler::current() != &sched_) {
        sched_.make_ready(*this);
        return;
    }
    const context_scope own(nullptr);
    ++sched_.eager_depth;
    run();
    --sched_.eager_depth;
}

void task_state::promise() noexcept {
    phase_ = phase::promised;
    is_future_ = true;
    id_ = sched_.next_task_id++;
    ++sched_.futures_made;
    add_ref();
}

task_state::~task_state() {
    if (!completions_.empty()) {
        while (completion* const node = completions_.pop_front()) node->dropped();
    }
    if (exception_ && !fetched_) report_unfetched();
}

void task_state::run() noexcept {
    waiter* const wait = wait_;
    if (wait) {
        if (wait->is_woken() && !wait->resumable()) {
            wait->state_ = waiter::state::waiting;
            return;
        }
        wait_ = nullptr;
    } else if (must_cancel_ && !closes_generator_) {  // asked to stop before its first step: the body never begins
        coroutine_.drop_body();
        must_cancel_ = false;
        outcome_ = outcome::cancelled;
        finish();
        return;
    } else {
        try {
            const bridge::executor executor(task_executor(task_executor::seed{*this}));
            coroutine_.begin(executor, signal_.slot());
        } catch (...) {
            set_error(std::current_exception());
            finish();
            return;
        }
    }
    task_state* const previous = begin_step();
    try {
        coroutine_.run();
    } catch (...) {
        fail_step();
    }
    end_step(previous);
}

task_state* task_state::begin_step() noexcept {
    phase_ = phase::running;
    in_foreign_wait_ = false;
    return std::exchange(sched_.current_task, this);
}

// An exception that left the coroutine machinery: an initiating function threw after the coroutine was suspended.
// The coroutine cannot be resumed any more; the task ends with that error. While the coroutine is parked it is not
// the one that threw: that was a function which somebody posted to the task's executor.
void task_state::fail_step() noexcept {
    if (body_ended_ || wait_) {
        report_callback_failure();
        return;
    }
    set_error(std::current_exception());
    body_ended_ = is_broken_ = true;
}

void task_state::report_callback_failure() noexcept {
    sched_.owner().call_exception_handler(error_context("exception in a callback", std::current_exception()));
}

void task_state::abandon() noexcept {
    const ref<task_state> alive(this);
    report_task_failure("a pending task was destroyed because its event loop ended", *this, nullptr);
    if (in_foreign_wait_) add_ref();  // Asio owns the coroutine, which refers to this object: it must stay for good
    abandoned_.store(true, std::memory_order_relaxed);
    wait_ = nullptr;
    coroutine_.destroy();
    if (done()) return;
    outcome_ = outcome::cancelled;
    finish();
}

void task_state::end_step(task_state* previous) noexcept {
    sched_.current_task = previous;
    if (body_ended_) {
        if (phase_ != phase::ended) finish();
        return;
    }
    phase_ = phase::waiting;
    if (wait_) return;
    in_foreign_wait_ = true;
    if (must_cancel_) signal_.emit(boost::asio::cancellation_type::terminal);
}

bool task_state::owns(bridge::frame& top) const noexcept {
    bridge::thread* const running = top.detach_thread();
    top.attach_thread(running);
    return running->entry_point() == coroutine_.id();
}

void task_state::prepare(waiter& wait) noexcept {
    wait.task_ = this;
    wait.state_ = waiter::state::waiting;
}

void task_state::park(waiter& wait, bridge::frame& top) noexcept {
    coroutine_.park(*top.detach_thread());
    wait_ = &wait;
    wait_began_ = sched_.recent_time();
    if (!must_cancel_) return;
    must_cancel_ = false;
    const bool at_end = cancel_at_end_;
    cancel_at_end_ = false;
    deliver_cancel();
    if (must_cancel_) cancel_at_end_ = at_end;  // woken before it was parked: nothing has interrupted it
}

bool task_state::cancel(std::string_view message) noexcept {
    if (done()) {
        fetched_ = true;  // whoever asks a failed task to stop has seen it
        return false;
    }
    // A future may have outlived its loop, which must not be asked then.
    if (phase_ != phase::promised && sched_.is_foreign_call()) [[unlikely]] return cancel_from_elsewhere(message);
    ++cancel_requests_;
    set_cancel_message(message);
    if (phase_ == phase::promised) {
        outcome_ = outcome::cancelled;
        finish();
        return true;
    }
    if (wait_) {
        if (!wait_->is_cancelled()) deliver_cancel();  // else it merges with the request on its way
        return true;
    }
    must_cancel_ = true;
    if (phase_ == phase::running) cancel_at_end_ = true;
    if (in_foreign_wait_) signal_.emit(boost::asio::cancellation_type::terminal);
    return true;
}

// Debug mode. The request takes its lawful way.
bool task_state::cancel_from_elsewhere(std::string_view message) noexcept {
    try {
        log(log_level::error, "task " + name() + " (created at " + describe(where()) +
                                  ") was cancelled from another thread than the loop's: use call_soon_threadsafe");
        const auto request = [task = ref<task_state>(this), text = std::string(message)] { task->cancel(text); };
        return make_callback(request)->schedule_threadsafe(*sched_.inbox());
    } catch (...) {  // out of memory
        return false;
    }
}

void task_state::deliver_cancel() noexcept {
    switch (cancel_wait()) {
        case cancel_reply::left:
            wait_->state_ = waiter::state::cancelled;
            sched_.make_ready(*this);
            break;
        case cancel_reply::forwarded: break;
        case cancel_reply::completed: must_cancel_ = true; break;
    }
}

// A request that comes back to a task which is passing it on has gone round a circle of tasks that wait for each
// other. None of them would ever end: the circle is opened here.
cancel_reply task_state::cancel_wait() noexcept {
    if (passing_cancel_on_) return cancel_reply::left;
    passing_cancel_on_ = true;
    const cancel_reply reply = wait_->is_woken() ? wait_->cancel_woken() : wait_->cancel();
    passing_cancel_on_ = false;
    return reply;
}

int task_state::uncancel() noexcept {
    if (cancel_requests_ > 0) --cancel_requests_;
    if (cancel_requests_ == 0) must_cancel_ = cancel_at_end_ = false;
    return cancelling();
}

cancelled_error task_state::take_cancel() noexcept {
    must_cancel_ = cancel_at_end_ = false;
    return cancelled_error(cancel_message());
}

const std::string& task_state::cancel_message() const noexcept {
    static const std::string none;
    return texts_ ? texts_->cancel_message : none;
}

// A reason that finds no memory is dropped: the request is what counts.
void task_state::set_cancel_message(std::string_view message) noexcept {
    if (texts_) texts_->cancel_message.clear();
    try {
        if (!message.empty()) own_texts().cancel_message = message;
    } catch (const std::bad_alloc&) {
    }
}

task_state::texts& task_state::own_texts() {
    if (!texts_) texts_ = std::make_unique<texts>();
    return *texts_;
}

void task_state::set_failed(std::exception_ptr error) noexcept {
    if (const cancelled_error* const cancelled = as_cancelled(error)) {
        set_cancelled(*cancelled);
    } else {
        set_error(std::move(error));
    }
}

void task_state::set_error(std::exception_ptr error) noexcept {
    if (must_cancel_ && is_operation_aborted(error)) {
        outcome_ = outcome::cancelled;
        return;
    }
    exception_ = std::move(error);
    outcome_ = outcome::exception;
}

void task_state::set_cancelled(const cancelled_error& error) noexcept {
    outcome_ = outcome::cancelled;
    if (error.message() != cancel_message()) set_cancel_message(error.message());
}

void task_state::finish() noexcept {
    if (cancel_at_end_ && outcome_ == outcome::value) outcome_ = outcome::cancelled;
    phase_ = phase::ended;
    list_hook::unlink();
    if (debug_mode_anywhere()) report_held(*this);
    while (completion* node = completions_.pop_front()) node->completed(*this);
    if (is_future_ && abandoned_.exchange(true, std::memory_order_relaxed)) return;
    release();
}

void task_state::report_unfetched() noexcept {
    const context_scope own(&context_);
    report_task_failure(is_future_ ? "exception of a future was never retrieved: join it, or ask for its exception()"
                                   : "exception of a task was never retrieved: join it, or handle the error inside",
                        *this, exception_);
}

std::string task_state::name() const {
    if (texts_ && texts_->name) return *texts_->name;
    return (is_future_ ? "Future-" : "Task-") + std::to_string(id_);
}
void task_state::set_name(std::string name) { own_texts().name = std::move(name); }

}  // namespace brio::inline v0::detail
