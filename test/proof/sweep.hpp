// SPDX-License-Identifier: BSL-1.0
// Cancellation sweep: a scenario is run once to count its steps, then again and again with a cancel put in at every
// one of them. What must hold whatever was cancelled when is checked after each run.
#pragma once

#include <brio/brio.hpp>
#include <brio/testing/test.hpp>
#include <brio/testing/virtual_clock.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace brio_proof {

using brio::awaitable;

/// The books that a scenario keeps about itself. Each run has a fresh one.
class world {
public:
    brio::event event;
    brio::event other_event;
    brio::lock lock;
    brio::queue<int> queue{2};
    brio::queue<int> unbounded;

    // I1: what went into queues came out, or is inside still.
    int put = 0;
    int got = 0;
    // I2: holders of the lock, at most one.
    int holders = 0;
    int most_holders = 0;
    // I4: live frames of the scenario's coroutines.
    int frames = 0;
    // I8: callbacks that ran, and how many of them after the loop had been closed.
    bool closed = false;
    int late_calls = 0;
    // I7: what the victim saw; see stubborn().
    int seen_cancels = 0;

    /// A moment inside a step, before a suspension: the sweep may put a cancel here.
    void point() {
        if (on_point) on_point();
    }
    std::function<void()> on_point;

    /// To be called by every callback of a scenario.
    void called() {
        if (closed) ++late_calls;
    }
};

/// A frame that is counted while it lives.
class frame {
public:
    explicit frame(world& w) : world_(w) { ++world_.frames; }
    frame(const frame&) = delete;
    frame& operator=(const frame&) = delete;
    ~frame() { --world_.frames; }

private:
    world& world_;
};

struct scenario {
    const char* name;
    std::function<awaitable<>(world&)> body;
    /// A bound on virtual time (I9).
    std::chrono::seconds limit{60};
    /// Ends with a value when nothing is cancelled.
    bool succeeds = true;
};

inline void PrintTo(const scenario& s, std::ostream* out) { *out << s.name; }

/// Where a cancel is put in.
enum class phase : std::uint8_t {
    before_step,  ///< before the k-th step, which may be the resumption of a wait that has its result already
    after_step,   ///< in the turn behind the k-th step: its task is suspended, nothing has come for it
    in_step,      ///< at the k-th point(), inside a running step, before it suspends
};

struct injection {
    phase when = phase::before_step;
    std::uint64_t step = 0;
    std::size_t victim = 0;  ///< index into the tasks that live at that moment, without the supervisor
    int times = 1;           ///< 2: cancelled twice at once; 3: once more in the next turn
};

struct outcome {
    std::uint64_t steps = 0;
    std::uint64_t points = 0;
    std::size_t most_tasks = 0;
    bool injected = false;
    std::string result;  ///< "value", or what the scenario's main task ended with
};

/// FIFO, with a look at each step before it is run.
class injector final : public brio::detail::pick_order {
public:
    explicit injector(std::optional<injection> plan) : plan_(plan) {}

    std::size_t pick(std::size_t) noexcept override {
        ++steps;
        const auto tasks = brio::all_tasks();
        if (tasks.size() > most_tasks + 1) most_tasks = tasks.size() - 1;
        if (plan_ && steps == plan_->step) {
            if (plan_->when == phase::before_step) inject();
            if (plan_->when == phase::after_step) brio::get_running_loop().call_soon([this] { inject(); });
        }
        return 0;
    }

    void point() {
        ++points;
        if (plan_ && plan_->when == phase::in_step && points == plan_->step) inject();
    }

    std::uint64_t steps = 0;
    std::uint64_t points = 0;
    std::size_t most_tasks = 0;
    int accepted = 0;
    brio::task_handle victim;

private:
    void inject() {
        auto tasks = brio::all_tasks();
        if (plan_->victim + 1 >= tasks.size()) return;
        victim = tasks[plan_->victim + 1];  // the first is the supervisor
        cancel();
        if (plan_->times == 2) cancel();
        if (plan_->times == 3) brio::get_running_loop().call_soon([this] { cancel(); });
    }
    void cancel() {
        if (victim.cancel("sweep")) ++accepted;
    }

    std::optional<injection> plan_;
};

inline std::string end_of(const brio::task<>& task) {
    try {
        task.result();
        return "value";
    } catch (const brio::cancelled_error&) {
        return "cancelled";
    } catch (const std::exception& e) {
        return e.what();
    }
}

/// The scenario's task is neither joined (that would pass cancels on) nor touched: only watched.
inline awaitable<> supervise(const scenario& s, world& w, outcome& result) {
    auto main = brio::create_task(s.body(w), "scenario");
    brio::event ended;
    main.add_done_callback([&ended](const brio::task_handle&) { ended.set(); });
    co_await ended.wait();
    result.result = end_of(main);
    // Siblings of a scenario that ended early have not been asked to stop: what can end by itself has its time. The
    // others wait for somebody who was cancelled, and may do so only with good reason.
    co_await brio::sleep(std::chrono::seconds(30));
    const std::string waiting = brio::format_tasks(brio::get_running_loop());
    const auto anybody_in = [&waiting](const char* operation) { return waiting.find(operation) != waiting.npos; };
    EXPECT_TRUE(w.lock.locked() || !anybody_in("lock.acquire()")) << "I3: the lock is free\n" << waiting;
    EXPECT_TRUE(w.queue.full() || !anybody_in("queue.put()")) << "I3: there is room in the queue\n" << waiting;
    EXPECT_TRUE((w.queue.empty() && w.unbounded.empty()) || !anybody_in("queue.get()"))
        << "I3: there is an item in the queue\n" << waiting;
    for (const brio::task_handle& task : brio::all_tasks()) {
        if (task != brio::current_task()) task.cancel("the scenario is over");
    }
    while (brio::all_tasks().size() > 1) co_await brio::sleep(std::chrono::seconds(1));
}

/// Runs `s` once, with a cancel at `plan` if there is one, and checks the invariants.
inline outcome run_once(const scenario& s, std::optional<injection> plan) {
    injector order(plan);
    brio::testing::virtual_clock clock;
    world w;
    w.on_point = [&order] { order.point(); };
    outcome result;
    {
        brio::runner runner(brio::run_options().handle_sigint(false).on_loop([&](brio::loop& made) {
            made.scheduler().use_clock(&clock);
            made.scheduler().use_order(&order);
        }));
        runner.get_loop().set_exception_handler([&w](const brio::error_context& context) {
            w.called();
            // A leaf may fail with nobody left to hear it, when the one who joined it was cancelled.
            EXPECT_EQ(context.message().find("callback"), std::string::npos) << context.to_string();
        });
        try {
            runner.run(supervise(s, w, result));
            EXPECT_EQ(runner.get_loop().scheduler().timer_count(), 0U) << "I4: a timer is left";
            order.victim = {};
            runner.close();
        } catch (const std::exception& e) {
            ADD_FAILURE() << "I9: " << e.what() << "\n" << brio::format_tasks(runner.get_loop());
        }
        w.closed = true;
    }
    result.steps = order.steps;
    result.points = order.points;
    result.most_tasks = order.most_tasks;
    result.injected = order.accepted > 0;

    EXPECT_EQ(w.put, w.got + static_cast<int>(w.queue.qsize() + w.unbounded.qsize())) << "I1: an item was lost or doubled";
    EXPECT_FALSE(w.lock.locked()) << "I2: the lock is held for ever";
    EXPECT_LE(w.most_holders, 1) << "I2: the lock was held twice";
    EXPECT_TRUE(w.lock.try_acquire().has_value()) << "I3: somebody stands in the lock's list";
    EXPECT_EQ(w.frames, 0) << "I4: a coroutine frame is left";
    EXPECT_LE(w.seen_cancels, order.accepted) << "I7: a request was delivered twice";
    EXPECT_EQ(w.late_calls, 0) << "I8: a callback ran after the loop was closed";
    EXPECT_LE(clock.elapsed(), s.limit) << "I9: virtual time";
    return result;
}

/// Everything at every step; gives the number of runs.
inline std::size_t sweep(const scenario& s) {
    const outcome plain = run_once(s, std::nullopt);
    EXPECT_EQ(plain.result == "value", s.succeeds) << plain.result;
    EXPECT_GT(plain.steps, 0U);
    std::size_t runs = 1;
    std::size_t effective = 0;
    const auto attempt = [&](phase when, std::uint64_t step, std::size_t victim, int times) {
        SCOPED_TRACE(std::string(s.name) + ": phase " + std::to_string(static_cast<int>(when)) + ", step " +
                     std::to_string(step) + ", victim " + std::to_string(victim) + ", times " + std::to_string(times));
        ++runs;
        injection plan;
        plan.when = when;
        plan.step = step;
        plan.victim = victim;
        plan.times = times;
        const outcome got = run_once(s, plan);
        if (got.injected) ++effective;
        if (!got.injected) {
            EXPECT_EQ(got.result, plain.result) << "nothing was cancelled, and yet it ended otherwise";
        }
    };
    for (std::size_t victim = 0; victim < plain.most_tasks; ++victim) {
        for (int times = 1; times <= 3; ++times) {
            for (std::uint64_t step = 1; step <= plain.steps && !::testing::Test::HasFailure(); ++step) {
                attempt(phase::before_step, step, victim, times);
                attempt(phase::after_step, step, victim, times);
            }
            for (std::uint64_t point = 1; point <= plain.points && !::testing::Test::HasFailure(); ++point) {
                attempt(phase::in_step, point, victim, times);
            }
        }
    }
    EXPECT_GT(effective, 0U) << "no cancel ever hit anything";
    return runs;
}

}  // namespace brio_proof
