// SPDX-License-Identifier: BSL-1.0
// Suspension: from an await expression to a parked task and back.
#include <brio/detail/asio_bridge.hpp>

#include <brio/detail/task_state.hpp>

namespace brio::inline v0::detail {

namespace bridge {

void execution::begin(const executor& ex, boost::asio::cancellation_slot slot) {
    thread made(std::move(body_), ex, slot, boost::asio::cancellation_state(slot, boost::asio::enable_total_cancellation()));
    // brio delivers each request once, by itself; Asio's own check would throw at every later co_await.
    made.throw_if_cancelled(false);
    id_ = made.entry_point();
    park(made);
}

namespace {

// Who a coroutine returns to is a protected member of its frame.
struct links : frame {
    static frame*& caller(frame& of) noexcept { return of.*(&links::caller_); }
};

}  // namespace

void segment::set_down(frame& caller) noexcept {
    frame* const under_top = links::caller(*top_);
    top_->push_frame(&caller);
    below_ = &caller;
    if (bottom_ == top_) return;
    links::caller(*top_) = under_top;
    links::caller(*bottom_) = below_;
}

void segment::lift(frame& top) noexcept {
    if (!bottom_) {
        bottom_ = &top;
        while (links::caller(*bottom_) != below_) bottom_ = links::caller(*bottom_);
    }
    top_ = &top;
    frame* const under_top = links::caller(top);
    links::caller(top) = below_;
    top.pop_frame();
    if (bottom_ == top_) return;
    links::caller(top) = under_top;
    links::caller(*bottom_) = nullptr;
}

}  // namespace bridge

namespace {

// Not exported, so that it is inlined in position-independent code as well.
inline task_state& owner_of(const waiter& wait, bridge::frame& top) {
    task_state* const task = scheduler::require(wait.describe()).current_task;
    if (!task || !task->owns(top)) {
        throw loop_error(std::string(wait.describe()) +
                         " was awaited outside of a brio task: start the coroutine with brio::run or create_task, "
                         "not with co_spawn");
    }
    return *task;
}

}  // namespace

task_state& require_task(const waiter& wait, bridge::frame& top) { return owner_of(wait, top); }

void begin_suspend(waiter& wait, bridge::frame& top) {
    task_state& task = owner_of(wait, top);
    if (task.cancel_pending() && !wait.forwards_cancel()) throw task.take_cancel();
    task.prepare(wait);
}

void park(waiter& wait, bridge::frame& top) noexcept { wait.waiting_task()->park(wait, top); }

cancelled_error take_cancel(waiter& wait) noexcept { return wait.waiting_task()->take_cancel(); }

void waiter::wake() noexcept {
    if (state_ != state::waiting) return;
    state_ = state::woken;
    task_->resume_waiter();
}

void require_one_loop(const waiter& here, const waiter& newcomer) {
    if (&here.waiting_task()->sched() == &newcomer.waiting_task()->sched()) return;
    throw loop_error(std::string(newcomer.describe()) +
                     ": a task of another loop waits there already; tasks of different loops cannot share it, talk with "
                     "call_soon_threadsafe");
}

}  // namespace brio::inline v0::detail
