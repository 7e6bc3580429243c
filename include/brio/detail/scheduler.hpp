// SPDX-License-Identifier: BSL-1.0
// The heart of a loop: ready queue, timers, clock, live tasks, and how they ride on an Asio io_context.
#pragma once

#include <brio/core/config.hpp>
#include <brio/core/metrics.hpp>
#include <brio/detail/intrusive_list.hpp>
#include <brio/detail/ready_queue.hpp>
#include <brio/detail/spin.hpp>
#include <brio/detail/timer_heap.hpp>

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <thread>

namespace boost::asio {
class io_context;
}

namespace brio::inline v0 {
class loop;
class task_options;
}

namespace brio::inline v0::detail {

class generator_core;
class mailbox;
class step_record;
class task_state;

/// Tells the time to a loop; tests put a virtual clock here.
class BRIO_API clock_source {
public:
    virtual ~clock_source();
    [[nodiscard]] virtual time_point now() const noexcept = 0;
    /// Jumps to `deadline`, when nothing else can move. False: this clock moves by itself.
    virtual bool advance_to(time_point deadline) noexcept = 0;
};

/// Chooses which node of a turn runs next, by its index in what is left of that turn, which is not empty; tests put a
/// seeded order here, FIFO when absent.
class BRIO_API pick_order {
public:
    virtual ~pick_order();
    [[nodiscard]] virtual std::size_t pick(const ready_queue& turn) noexcept = 0;
};

/// One per loop. Everything but the mailbox belongs to the loop's thread.
class BRIO_API scheduler {
public:
    scheduler(loop& owner, boost::asio::io_context& context);
    scheduler(const scheduler&) = delete;
    scheduler& operator=(const scheduler&) = delete;
    ~scheduler();

    /// Closes the mailbox; abandons pending tasks and half-iterated generators, drops callbacks and timers. Idempotent.
    void close() noexcept;
    [[nodiscard]] bool is_closed() const noexcept { return closed_; }

    /// The scheduler that runs on this thread now, null outside of a loop.
    [[nodiscard]] static scheduler* current() noexcept;
    /// The same; throws loop_error that names `what` when there is none.
    [[nodiscard]] static scheduler& require(const char* what);

    [[nodiscard]] loop& owner() noexcept { return owner_; }
    [[nodiscard]] boost::asio::io_context& context() noexcept { return context_; }
    [[nodiscard]] const std::shared_ptr<mailbox>& inbox() const noexcept { return inbox_; }
    [[nodiscard]] bool on_loop_thread() const noexcept {
        return std::this_thread::get_id() == thread_.load(std::memory_order_relaxed);
    }
    /// Debug mode: whether this is a call that only the loop's thread may make, from another one.
    [[nodiscard]] bool is_foreign_call() const noexcept { return check_threads_ && is_running() && !on_loop_thread(); }

    /// Puts `node` at the end of the ready queue; no effect while it stands there already.
    void make_ready(ready_node& node) noexcept {
        if (!quick_push_) [[unlikely]] {
            make_ready_slowly(node);
            return;
        }
        ready_.push(node);
    }

    void arm(timer_node& node, time_point deadline) {
        timers_.add(node, deadline);
        if (!drain_coming_) post_drain();
    }
    void disarm(timer_node& node) noexcept { timers_.remove(node); }

    /// The clock, read now.
    [[nodiscard]] time_point now() const noexcept;
    /// The clock as read at the start of this turn: cheap, for deadlines that need no better.
    [[nodiscard]] time_point turn_time() const noexcept { return turn_time_; }
    /// When something happened, for people: the turn's time inside of one, else the clock.
    [[nodiscard]] time_point recent_time() const noexcept { return in_turn_ ? turn_time_ : now(); }

    /// Drives the io_context on this thread until `done(argument)` holds after a turn.
    /// With a virtual clock, throws loop_error when nothing can ever move again.
    void run_until(bool (*done)(void*), void* argument);
    /// Lets run_until end after the current turn.
    void interrupt_run() noexcept;
    /// Ends the turn that runs now after what it took from the queue.
    [[nodiscard]] bool is_running() const noexcept { return running_.load(std::memory_order_relaxed); }
    [[nodiscard]] bool in_turn() const noexcept { return in_turn_; }

    task_state* current_task = nullptr;
    /// Calls to other threads that will answer by the inbox: for that the loop looks a little longer before it sleeps.
    std::size_t answers_due = 0;
    /// Timers of what goes on after its owner has left it: streams that are closing.
    std::size_t background_timers = 0;
    bool eager_tasks = false;
    int eager_depth = 0;  // first steps of eager tasks that run inside each other now
    std::unique_ptr<std::function<void(task_options&)>> task_factory;
    intrusive_list<task_state> tasks;  // not done yet, in order of creation
    intrusive_list<generator_core> generators;  // begun and not at their end
    std::uint64_t steps = 0;           // task steps and callbacks run so far
    std::uint64_t next_task_id = 1;    // futures get their numbers from it, too
    std::uint64_t futures_made = 0;

    /// The clock in use, null for the real one.
    [[nodiscard]] clock_source* clock() const noexcept { return clock_; }
    void use_clock(clock_source* clock) noexcept {
        clock_ = clock;
        turn_time_ = now();
    }
    void use_order(pick_order* order) noexcept { order_ = order; }
    [[nodiscard]] std::size_t ready_count() const noexcept { return ready_.size(); }
    [[nodiscard]] std::size_t timer_count() const noexcept { return timers_.size(); }

    /// Debug mode: reports what other threads do to this loop.
    void check_threads(bool on) noexcept {
        check_threads_ = on;
        set_drain_coming(drain_coming_);
    }

    /// The inbox was filled while the loop rested.
    void mail_came() noexcept {
        if (!drain_coming_) drain();
    }
    /// What was in the inbox when it was closed.
    void accept_mail(ready_node& newest) noexcept { ready_.append_reversed(&newest); }

    [[nodiscard]] loop_metrics metrics() noexcept;
    std::uint64_t slow_steps = 0;
    /// The step that runs now, for other threads to see; kept in debug mode.
    [[nodiscard]] const std::shared_ptr<step_record>& record() const noexcept { return record_; }

    /// Time of one step above which it is reported; zero switches the measurement off.
    duration slow_step{0};

    /// Marks this scheduler as the one of this thread for the guard's life.
    class enter {
    public:
        explicit enter(scheduler& self) noexcept;
        enter(const enter&) = delete;
        enter& operator=(const enter&) = delete;
        ~enter();

    private:
        scheduler* previous_;
    };

    /// For a completion handler of Asio that wakes tasks: they run when it returns, in a turn of their own, without the round
    /// of the io_context (a post and a poll) that they would wait for otherwise.
    class io_step {
    public:
        explicit io_step(scheduler& self) noexcept : self_(self.drain_coming_ || self.in_turn_ ? nullptr : &self) {
            if (self_) self.set_drain_coming(true);
        }
        io_step(const io_step&) = delete;
        io_step& operator=(const io_step&) = delete;
        ~io_step() {
            if (self_) self_->drain();
        }

    private:
        scheduler* self_;
    };

private:
    struct wakeup;
    class drain_handler;

    void make_ready_slowly(ready_node& node) noexcept;
    void report_foreign_wake(ready_node& node) noexcept;
    void set_drain_coming(bool coming) noexcept {
        drain_coming_ = coming;
        quick_push_ = coming && !check_threads_;
    }
    void post_drain() noexcept;
    void drain() noexcept;
    void drop_everything() noexcept;
    void drop_ready() noexcept;
    void abandon_tasks() noexcept;
    void collect_mail() noexcept;
    void run_turn() noexcept;
    void run_node(ready_node& node) noexcept;
    void fire_due_timers() noexcept;
    void arm_wakeup() noexcept;
    bool step_virtual_time();

    loop& owner_;
    boost::asio::io_context& context_;
    ready_queue ready_;
    ready_queue turn_;
    timer_heap timers_;
    clock_source* clock_ = nullptr;
    pick_order* order_ = nullptr;
    time_point turn_time_;
    bool drain_coming_ = false;  // a drain is posted, or runs and will look at the queue again
    bool check_threads_ = false;
    bool quick_push_ = false;  // make_ready has nothing else to do: one branch decides
    bool backlog_ = false;     // the last drain has left something to do
    bool in_turn_ = false;
    bool interrupted_ = false;
    bool closed_ = false;
    std::atomic<bool> running_{false};  // both are looked at by other threads, in debug mode
    std::atomic<std::thread::id> thread_;
    std::uint64_t turns_ = 0;
    std::uint64_t polls_ = 0;
    std::size_t max_ready_ = 0;
    spin_budget patience_;
    lag_histogram timer_lag_;
    lag_histogram turn_lag_;
    std::shared_ptr<mailbox> inbox_;
    std::shared_ptr<step_record> record_;
    std::unique_ptr<wakeup> wakeup_;
};

}  // namespace brio::inline v0::detail
