// SPDX-License-Identifier: BSL-1.0
// wait_for and timeout.
#include "differential/scenario.hpp"

namespace differential {
namespace {

using namespace std::chrono_literals;
using brio::cancelled_error;
using brio::create_task;
using brio::wait_for;
using brio::with_timeout;

awaitable<int> stubborn(trace& out, int value) {
    try {
        co_await brio::sleep(1s);
    } catch (const cancelled_error&) {
        out("swallowed at", out.at());
    }
    co_return value;
}

awaitable<> spiteful(trace& out) {
    try {
        co_await brio::sleep(1s);
    } catch (const cancelled_error&) {
        out("interrupted at", out.at());
        throw boom("instead");
    }
}

// Traces what leaves `body`, and lets it leave.
template <class X>
awaitable<> seen(trace& out, std::string label, X body) {
    try {
        co_await std::move(body);
    } catch (...) {
        out(label, std::current_exception());
        throw;
    }
}

BRIO_SCENARIO(a_value_in_time) {
    co_await attempt(out, "wait_for", wait_for(value_after(10, 1), 50ms));
    co_await attempt(out, "timeout", with_timeout(50ms, value_after(10, 2)));
    out("at", out.at());
}

BRIO_SCENARIO(an_error_in_time) {
    co_await attempt(out, "wait_for", wait_for(boom_after(10, "x"), 50ms));
    co_await attempt(out, "timeout", with_timeout(50ms, boom_after(10, "y")));
    out("at", out.at());
}

BRIO_SCENARIO(WF_2_no_time_for_a_coroutine) {
    co_await attempt(out, "zero", wait_for(worker(out, "w", 10), 0s));
    co_await attempt(out, "less", wait_for(worker(out, "w", 10), -1s));
    out("at", out.at());
}

BRIO_SCENARIO(WF_3_no_time_for_a_task) {
    auto task = create_task(cleaner(out, "c", 20));
    co_await turns(1);
    co_await attempt(out, "zero", wait_for(task, 0s));
    out("at", out.at(), task.cancelled());
}

BRIO_SCENARIO(WF_3_no_time_but_it_is_done) {
    auto task = create_task(value_after(0, 5));
    co_await task.join();
    co_await attempt(out, "zero", wait_for(task, 0s));
}

BRIO_SCENARIO(WF_4_cancelled_at_the_deadline) {
    co_await attempt(out, "wait_for", wait_for(worker(out, "w", 100), 30ms));
    out("at", out.at());
}

BRIO_SCENARIO(WF_5_the_clean_up_takes_as_long_as_it_takes) {
    co_await attempt(out, "wait_for", wait_for(cleaner(out, "c", 500), 30ms));
    out("at", out.at());
}

BRIO_SCENARIO(WF_6_without_a_limit) {
    co_await attempt(out, "wait_for", wait_for(value_after(10000, 1), std::nullopt));
    out("at", out.at());
}

BRIO_SCENARIO(WF_7_the_inner_swallows_it) {
    co_await attempt(out, "wait_for", wait_for(stubborn(out, 3), 30ms));
}

BRIO_SCENARIO(WF_8_the_inner_throws_something_else) {
    co_await attempt(out, "wait_for", wait_for(spiteful(out), 30ms));
}

BRIO_SCENARIO(the_waiter_is_cancelled) {
    auto inner = create_task(cleaner(out, "inner", 20));
    auto waiter = create_task(attempt(out, "waiter", wait_for(inner, 1s)));
    co_await brio::sleep(10ms);
    waiter.cancel();
    co_await waiter.join();
    out("at", out.at(), inner.cancelled());
}

BRIO_SCENARIO(the_inner_is_cancelled_by_somebody) {
    auto inner = create_task(worker(out, "inner", 1000));
    auto waiter = create_task(attempt(out, "waiter", wait_for(inner, 1s)));
    co_await brio::sleep(10ms);
    inner.cancel("by hand");
    co_await waiter.join();
}

awaitable<std::string> opened(brio::event& gate) {
    co_await gate.wait();
    co_return "opened";
}

BRIO_SCENARIO(WF_12_a_result_in_time_from_a_timer) {
    brio::event gate;
    brio::get_running_loop().call_later(10ms, [&] { gate.set(); });
    co_await attempt(out, "wait_for", wait_for(opened(gate), 20ms));
    out("at", out.at());
}

BRIO_SCENARIO(WF_16_the_task_after_a_timeout_is_healthy) {
    co_await attempt(out, "first", wait_for(brio::sleep(100ms), 10ms));
    co_await brio::sleep(10ms);
    co_await attempt(out, "second", wait_for(value_after(5, 2), 10ms));
    out("at", out.at(), brio::current_task().cancelling());
}

awaitable<> waits_longer(trace& out) {
    try {
        co_await wait_for(worker(out, "w", 1000), 50ms);
    } catch (const cancelled_error&) {
        out("inner cancelled at", out.at());
        throw;
    }
}

awaitable<std::string> waits_shorter(trace& out) {
    try {
        co_await wait_for(worker(out, "v", 1000), 20ms);
    } catch (const brio::timeout_error&) {
        out("inner timeout at", out.at());
    }
    co_return "saved";
}

BRIO_SCENARIO(a_wait_for_in_a_wait_for) {
    co_await attempt(out, "outer first", wait_for(waits_longer(out), 20ms));
    co_await attempt(out, "inner first", wait_for(waits_shorter(out), 50ms));
}

BRIO_SCENARIO(TO_3_in_time) {
    brio::loop& loop = brio::get_running_loop();
    brio::timeout scope(1s);
    co_await with_timeout(scope, [&]() -> awaitable<> {
        co_await brio::sleep(10ms);
        out("when", std::chrono::duration_cast<milliseconds>(*scope.when() - loop.time()).count());
    });
    out(scope.expired());
}

BRIO_SCENARIO(TO_4_disabled) {
    brio::timeout scope;
    co_await with_timeout(scope, brio::sleep(10s));
    out(!scope.when(), scope.expired(), "at", out.at());
}

awaitable<> begins(trace& out, int ms) {
    out("begins");
    co_await brio::sleep(milliseconds(ms));
    out("never here");
}

BRIO_SCENARIO(TO_5_no_time_interrupts_the_first_suspension) {
    co_await attempt(out, "timeout", with_timeout(0s, begins(out, 10)));
    out("at", out.at());
}

BRIO_SCENARIO(TO_6_also_one_that_only_yields) {
    co_await attempt(out, "timeout", with_timeout(0s, begins(out, 0)));
}

BRIO_SCENARIO(TO_8_cancelled_inside_timeout_outside) {
    co_await attempt(out, "outside", with_timeout(20ms, seen(out, "inside", brio::sleep(1s))));
    out("at", out.at(), brio::current_task().cancelling());
}

BRIO_SCENARIO(TO_9_two_with_one_deadline) {
    co_await attempt(out, "outer", with_timeout(20ms, seen(out, "inner", with_timeout(20ms, brio::sleep(1s)))));
    out("at", out.at());
}

awaitable<> times_out_and_sleeps(trace& out) {
    co_await attempt(out, "inner", with_timeout(20ms, brio::sleep(1s)));
    co_await brio::sleep(1s);
}

BRIO_SCENARIO(the_inner_deadline_first_then_the_outer) {
    co_await attempt(out, "outer", with_timeout(50ms, times_out_and_sleeps(out)));
    out("at", out.at());
}

BRIO_SCENARIO(the_outer_deadline_first) {
    co_await attempt(out, "outer", with_timeout(20ms, seen(out, "inner", with_timeout(50ms, brio::sleep(1s)))));
    out("at", out.at());
}

BRIO_SCENARIO(TO_13_the_body_throws_something_else) {
    co_await attempt(out, "timeout", with_timeout(20ms, spiteful(out)));
}

BRIO_SCENARIO(TO_15_a_cancel_before_the_deadline) {
    auto task = create_task(with_timeout(50ms, cleaner(out, "body", 100)));
    co_await brio::sleep(10ms);
    task.cancel();
    co_await attempt(out, "task", task);
    out("at", out.at());
}

awaitable<std::string> limits_itself(trace& out) {
    try {
        co_await with_timeout(20ms, brio::sleep(1s));
    } catch (const brio::timeout_error&) {
        out("timeout at", out.at());
    }
    co_await brio::sleep(10ms);
    co_return "fine";
}

BRIO_SCENARIO(TO_16_the_task_is_healthy_afterwards) {
    auto task = create_task(limits_itself(out));
    co_await attempt(out, "task", task);
    out(task.cancelled(), task.cancelling());
}

BRIO_SCENARIO(TO_17_rescheduled) {
    brio::timeout scope(20ms);
    brio::task<> helper;
    try {
        co_await with_timeout(scope, [&]() -> awaitable<> {
            helper = create_task([&]() -> awaitable<> {
                co_await brio::sleep(10ms);
                scope.reschedule(brio::get_running_loop().time() + 50ms);
                out("moved");
            });
            try {
                co_await brio::sleep(1s);
            } catch (const cancelled_error&) {
                out("interrupted at", out.at());
                throw;
            }
        });
    } catch (const brio::timeout_error&) {
        out(std::current_exception(), scope.expired());
    }
}

BRIO_SCENARIO(TO_17_switched_off) {
    brio::timeout scope(20ms);
    try {
        co_await with_timeout(scope, [&]() -> awaitable<> {
            co_await brio::sleep(10ms);
            scope.reschedule(std::nullopt);
            co_await brio::sleep(100ms);
        });
    } catch (const brio::timeout_error&) {
        out(std::current_exception());
    }
    out(scope.expired(), "at", out.at());
    try {
        scope.reschedule(std::nullopt);
    } catch (const brio::error&) {
        out("too late:", std::current_exception());
    }
}

awaitable<> cleans_up_with_a_timeout(trace& out) {
    std::exception_ptr cancelled;
    try {
        co_await brio::sleep(1s);
    } catch (const cancelled_error&) {
        cancelled = std::current_exception();
    }
    co_await attempt(out, "clean-up", with_timeout(20ms, brio::sleep(1s)));
    std::rethrow_exception(cancelled);
}

BRIO_SCENARIO(TO_18_a_timeout_in_the_clean_up_of_a_timeout) {
    co_await attempt(out, "outer", with_timeout(10ms, cleans_up_with_a_timeout(out)));
    out("at", out.at());
}

awaitable<int> survives(trace& out) {
    try {
        co_await brio::sleep(1s);
    } catch (const cancelled_error&) {
        out("swallowed");
    }
    co_await attempt(out, "timeout", with_timeout(20ms, brio::sleep(1s)));
    co_return brio::current_task().cancelling();
}

BRIO_SCENARIO(TO_19_after_a_cancel_that_was_swallowed) {
    auto task = create_task(survives(out));
    co_await brio::sleep(10ms);
    task.cancel();
    co_await attempt(out, "task", task);
}

BRIO_SCENARIO(TO_21_the_body_swallows_it) {
    brio::timeout scope(20ms);
    const int value = co_await with_timeout(scope, stubborn(out, 9));
    out(value);
    out(scope.expired());
}

BRIO_SCENARIO(a_deadline_and_the_end_of_the_body_at_one_moment) {
    co_await attempt(out, "wait_for", wait_for(brio::sleep(20ms), 20ms));
    out("at", out.at());
}

}  // namespace
}  // namespace differential
