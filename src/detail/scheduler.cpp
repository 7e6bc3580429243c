// SPDX-License-Identifier: BSL-1.0
// Turns of the loop on top of an io_context: one posted handler drains a batch of ready nodes.
#include <brio/detail/scheduler.hpp>

#include <brio/core/error.hpp>
#include <brio/core/log.hpp>
#include <brio/detail/describe.hpp>
#include <brio/detail/generator_core.hpp>
#include <brio/detail/mailbox.hpp>
#include <brio/detail/task_state.hpp>

#include "detail/step_monitor.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace brio::inline v0::detail {

namespace {

thread_local scheduler* current_scheduler = nullptr;

// A turn is a snapshot of the queue. Small turns follow each other without a look at I/O in between until this
// many steps have run: a poll costs more than a handful of steps.
constexpr std::size_t steps_per_poll = 64;
constexpr unsigned turns_per_look = 4;  // at the clock
constexpr std::chrono::milliseconds time_per_poll{1};

// Wake-ups for timers keep this distance, so that a crowd of close deadlines shares them.
constexpr auto timer_spacing = std::chrono::microseconds(500);

}  // namespace

clock_source::~clock_source() = default;
pick_order::~pick_order() = default;
ready_node::~ready_node() = default;

// The Asio timer behind the heap, made when the loop first has to sleep for a deadline.
struct scheduler::wakeup {
    using timer_type = boost::asio::basic_waitable_timer<std::chrono::steady_clock,
                                                         boost::asio::wait_traits<std::chrono::steady_clock>,
                                                         boost::asio::io_context::executor_type>;

    std::optional<timer_type> timer;
    time_point armed_for = time_point::max();
    time_point last_fired{};
    std::shared_ptr<scheduler*> alive;  // what posted handlers look at: null once the scheduler is gone
};

// What is posted to the io_context; it may outlive the scheduler when the context belongs to the user.
class scheduler::drain_handler {
public:
    explicit drain_handler(const std::shared_ptr<scheduler*>& target) noexcept : target_(target) {}
    void operator()() const {
        if (*target_) (*target_)->drain();
    }

private:
    std::shared_ptr<scheduler*> target_;
};

scheduler::scheduler(loop& owner, boost::asio::io_context& context)
    : owner_(owner),
      context_(context),
      turn_time_(std::chrono::steady_clock::now()),
      thread_(std::this_thread::get_id()),
      inbox_(mailbox::open(*this)),
      record_(std::make_shared<step_record>()),
      wakeup_(std::make_unique<wakeup>()) {
    wakeup_->alive = std::make_shared<scheduler*>(this);
}

scheduler::~scheduler() {
    close();
    *wakeup_->alive = nullptr;
}

void scheduler::close() noexcept {
    const enter here(*this);
    closed_ = true;
    inbox_->close();
    // What goes may begin something new: its destructors are code of the user's.
    do drop_everything();
    while (!ready_.empty() || !tasks.empty() || !generators.empty() || !timers_.empty());
}

void scheduler::drop_everything() noexcept {
    drop_ready();
    do {
        abandon_tasks();
        while (generator_core* generator = generators.first()) generator->loop_ended();
    } while (!tasks.empty());  // what goes may make another one
    while (timer_node* timer = timers_.pop_any()) timer->drop();
    drop_ready();
}

// Frames refer to each other: to a lock, a queue, an event in somebody's frame. All tasks leave what they wait for before
// the first frame goes; then the newest go first, as it is they who refer to the frames of those that made them.
// Exempt are frames that wait for a raw Asio operation: they are Asio's, and go with the context.
void scheduler::abandon_tasks() noexcept {
    std::vector<ref<task_state>> abandoned;  // they may stand in the ready queue, woken by each other
    while (!tasks.empty()) {
        const std::size_t known = abandoned.size();
        for (task_state* task = tasks.first(); task; task = tasks.next(*task)) abandoned.emplace_back(task);
        for (std::size_t i = known; i < abandoned.size(); ++i) abandoned[i]->cancel({});
        for (std::size_t i = abandoned.size(); i > known; --i) abandoned[i - 1]->abandon();
    }
    drop_ready();
}

void scheduler::drop_ready() noexcept {
    while (!ready_.empty()) ready_.pop().drop();
}

scheduler* scheduler::current() noexcept { return current_scheduler; }

scheduler& scheduler::require(const char* what) {
    if (!current_scheduler) {
        throw loop_error(std::string(what) + " needs a running event loop: call it from a task inside brio::run()");
    }
    return *current_scheduler;
}

scheduler::enter::enter(scheduler& self) noexcept : previous_(current_scheduler) {
    current_scheduler = &self;
    const std::thread::id here = std::this_thread::get_id();
    // Other threads compare it, in debug mode.
    if (self.thread_.load(std::memory_order_relaxed) != here) self.thread_.store(here, std::memory_order_relaxed);
}
scheduler::enter::~enter() { current_scheduler = previous_; }

time_point scheduler::now() const noexcept { return clock_ ? clock_->now() : std::chrono::steady_clock::now(); }

void scheduler::make_ready_slowly(ready_node& node) noexcept {
    if (is_foreign_call()) {
        report_foreign_wake(node);
        if (inbox_->put(node)) return;  // its lawful way
    }
    ready_.push(node);
    if (!drain_coming_) post_drain();
}

void scheduler::report_foreign_wake(ready_node& node) noexcept {
    try {
        const auto* const task = dynamic_cast<const task_state*>(&node);
        log(log_level::error, (task ? "task " + task->name() + " (created at " + describe(task->where()) + ")"
                                    : std::string("a callback")) +
                                  " was made ready from another thread than the loop's, by event.set(), "
                                  "queue.put_nowait() or the like: use call_soon_threadsafe");
    } catch (...) {  // a report that cannot be made is not worth a program
    }
}

void scheduler::post_drain() noexcept {
    set_drain_coming(true);
    boost::asio::post(context_, drain_handler(wakeup_->alive));
}

void scheduler::drain() noexcept {
    const enter here(*this);
    set_drain_coming(true);
    const time_point last = std::exchange(turn_time_, now());
    if (backlog_) turn_lag_.add(turn_time_ - last);
    ++polls_;
    if (inbox_->has_mail()) inbox_->collect(ready_);
    fire_due_timers();
    unsigned turns = 0;
    for (std::size_t budget = steps_per_poll; !ready_.empty() && !interrupted_;) {
        const std::size_t count = ready_.size();
        max_ready_ = std::max(max_ready_, count);
        ++turns_;
        run_turn();
        collect_mail();
        if (count >= budget || order_) break;
        budget -= count;
        if (++turns % turns_per_look == 0 && !clock_ && now() - turn_time_ > time_per_poll) break;  // timers and I/O have waited
        if (!timers_.empty() && timers_.next_deadline() <= turn_time_) fire_due_timers();  // set meanwhile, for a time that has come
    }
    if (ready_.empty() && !inbox_->rest()) inbox_->collect(ready_);
    set_drain_coming(false);
    backlog_ = !ready_.empty();
    if (backlog_) {
        post_drain();
    } else if (!timers_.empty()) {
        arm_wakeup();
    }
    if (interrupted_) context_.stop();
}

// An answer that comes within microseconds is cheaper to wait for than to be woken by.
void scheduler::collect_mail() noexcept {
    const auto has_mail = [this] { return inbox_->has_mail(); };
    if (has_mail() || (answers_due > 0 && ready_.empty() && patience_.wait_for(has_mail))) inbox_->collect(ready_);
}

void scheduler::run_turn() noexcept {
    in_turn_ = true;
    turn_.swap(ready_);
    if (order_) {
        while (!turn_.empty()) run_node(turn_.pop_at(order_->pick(turn_)));
    } else {
        while (!turn_.empty()) run_node(turn_.pop());
    }
    in_turn_ = false;
}

void scheduler::run_node(ready_node& node) noexcept {
    ++steps;
    if (slow_step == duration::zero()) {
        node.run();
    } else {
        run_timed(*this, node);
    }
}

void scheduler::fire_due_timers() noexcept {
    while (!timers_.empty() && timers_.next_deadline() <= turn_time_) {
        // A deadline may lie before all time: time_point::min().
        timer_lag_.add(turn_time_ - std::max(timers_.next_deadline(), turn_time_ - std::chrono::hours(24 * 365)));
        timers_.pop_due(turn_time_)->fire();
    }
}

void scheduler::arm_wakeup() noexcept {
    if (clock_) return;
    wakeup& w = *wakeup_;
    const time_point next = std::max(timers_.next_deadline(), w.last_fired + timer_spacing);
    if (w.armed_for <= next) return;
    if (!w.timer) w.timer.emplace(context_);
    w.armed_for = next;
    w.timer->expires_at(next);
    w.timer->async_wait([alive = w.alive](const boost::system::error_code& ec) {
        scheduler* self = *alive;
        if (ec || !self) return;  // re-armed for an earlier deadline, or gone
        self->wakeup_->armed_for = time_point::max();
        self->wakeup_->last_fired = std::chrono::steady_clock::now();
        if (!self->drain_coming_) self->drain();
    });
}

loop_metrics scheduler::metrics() noexcept {
    loop_metrics now;
    now.steps = steps;
    now.turns = turns_;
    now.polls = polls_;
    now.ready = ready_.size() + turn_.size();
    now.max_ready = max_ready_;
    now.timers = timers_.size();
    for (task_state* task = tasks.first(); task; task = tasks.next(*task)) {
        switch (task->current_phase()) {
            case task_state::phase::created: ++now.tasks_not_started; break;
            case task_state::phase::running: ++now.tasks_running; break;
            case task_state::phase::waiting: ++(task->is_queued() ? now.tasks_ready : now.tasks_waiting); break;
            case task_state::phase::promised:  // futures are not in the list
            case task_state::phase::ended: break;
        }
    }
    now.tasks_created = next_task_id - 1 - futures_made;
    now.tasks_finished = now.tasks_created - now.tasks_not_started - now.tasks_ready - now.tasks_running - now.tasks_waiting;
    now.slow_steps = slow_steps;
    now.timer_lag = timer_lag_;
    now.turn_lag = turn_lag_;
    return now;
}

void scheduler::interrupt_run() noexcept {
    interrupted_ = true;
    if (!drain_coming_) post_drain();
}

// One step of the test driver: I/O first, and only when nothing at all is outstanding does time move.
bool scheduler::step_virtual_time() {
    context_.restart();
    if (context_.poll() > 0) return true;
    if (!context_.stopped()) return context_.run_one() > 0;
    return !timers_.empty() && clock_->advance_to(timers_.next_deadline()) && (post_drain(), true);
}

void scheduler::run_until(bool (*done)(void*), void* argument) {
    if (current_scheduler) {
        throw loop_error("an event loop is already running in this thread: brio::run() and loop.run_*() cannot be "
                         "nested; co_await the coroutine instead");
    }
    const enter here(*this);
    struct running_guard {
        scheduler& self;
        ~running_guard() { self.running_ = false; }
    } guard{*this};
    running_ = true;
    if (clock_) {
        while (!done(argument)) {
            interrupted_ = false;
            if (!step_virtual_time() && !done(argument)) {
                throw loop_error("deadlock: every task waits for another one, and no timer, I/O or thread job is "
                                 "outstanding that could wake any of them");
            }
        }
        interrupted_ = false;
        return;
    }
    const boost::asio::executor_work_guard<boost::asio::io_context::executor_type> keep_alive(context_.get_executor());
    while (!done(argument)) {
        interrupted_ = false;
        context_.restart();
        context_.run();
    }
    interrupted_ = false;
}

}  // namespace brio::inline v0::detail
