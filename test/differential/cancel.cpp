// SPDX-License-Identifier: BSL-1.0
// Cancellation: requests, delivery, counts, and what becomes of the task.
#include "differential/scenario.hpp"

namespace differential {
namespace {

using namespace std::chrono_literals;
using brio::cancelled_error;
using brio::create_task;
using brio::current_task;

BRIO_SCENARIO(CAN_1_true_until_the_task_is_done) {
    auto task = create_task(worker(out, "w", 1000));
    co_await turns(1);
    const bool asked = task.cancel();
    out(asked, task.done(), task.cancelled(), task.cancelling());
    co_await attempt(out, "joined", task);
    const bool late = task.cancel();
    out(late, task.done(), task.cancelled(), task.cancelling());
}

BRIO_SCENARIO(CAN_2_before_the_first_step) {
    auto task = create_task(worker(out, "w", 10));
    const bool asked = task.cancel("too soon");
    out(asked, task.done());
    co_await attempt(out, "joined", task);
}

BRIO_SCENARIO(CAN_2_before_the_first_step_with_callbacks) {
    auto task = create_task(worker(out, "w", 10));
    task.add_done_callback([&](const brio::task_handle&) { out("callback", outcome(task)); });
    task.cancel();
    brio::get_running_loop().call_soon([&] { out("soon"); });
    co_await turns(1);
    out("main", task.done());
    co_await turns(1);
    out("main", task.done());
}

BRIO_SCENARIO(CAN_3_the_inner_is_asked_at_once) {
    auto inner = create_task(worker(out, "inner", 1000));
    auto outer = create_task(attempt(out, "outer", inner));
    co_await turns(1);
    outer.cancel();
    out(inner.cancelling(), outer.done(), inner.done());
    co_await turns(1);
    out(inner.done(), outer.done());
    co_await turns(1);
    out(inner.done(), outer.done());
    co_await outer.join();
}

awaitable<> link(trace& out, std::string name, brio::task<> inner) {
    try {
        co_await inner.join();
    } catch (const cancelled_error&) {
        out(name, std::current_exception());
        throw;
    }
}

BRIO_SCENARIO(CAN_4_down_the_whole_chain) {
    auto a = create_task(worker(out, "a", 1000));
    auto b = create_task(link(out, "b", a));
    auto c = create_task(link(out, "c", b));
    co_await turns(1);
    c.cancel("from above");
    co_await attempt(out, "main", c);
    out(outcome(a), outcome(b), outcome(c));
}

BRIO_SCENARIO(CAN_6_both_at_once) {
    auto inner = create_task(worker(out, "inner", 1000));
    auto outer = create_task(attempt(out, "outer", inner));
    co_await turns(1);
    const bool first = inner.cancel();
    const bool second = outer.cancel();
    out(first, second);
    co_await attempt(out, "main", outer);
    out(outcome(inner), inner.cancelling(), outer.cancelling());
}

awaitable<> spin(trace& out) {
    try {
        for (;;) co_await brio::sleep(0s);
    } catch (const cancelled_error&) {
        out("interrupted");
        throw;
    }
}

BRIO_SCENARIO(CAN_7_at_a_bare_yield) {
    auto task = create_task(spin(out));
    co_await turns(3);
    task.cancel();
    co_await attempt(out, "main", task);
}

awaitable<int> returns_42(trace& out) {
    try {
        co_await brio::sleep(1s);
    } catch (const cancelled_error&) {
        out("caught at", out.at());
    }
    co_return 42;
}

BRIO_SCENARIO(CAN_8_caught_and_a_value_returned) {
    auto task = create_task(returns_42(out));
    co_await brio::sleep(10ms);
    task.cancel();
    co_await attempt(out, "main", task);
    out(task.cancelled(), task.cancelling());
}

awaitable<int> goes_on(trace& out) {
    try {
        co_await brio::sleep(1s);
    } catch (const cancelled_error&) {
        out("caught at", out.at());
    }
    co_await brio::sleep(50ms);
    out("slept until", out.at());
    co_await brio::sleep(0s);
    co_return current_task().cancelling();
}

BRIO_SCENARIO(CAN_9_caught_and_gone_on) {
    auto task = create_task(goes_on(out));
    co_await brio::sleep(10ms);
    task.cancel();
    co_await attempt(out, "main", task);
}

awaitable<std::string> takes_three(trace& out) {
    for (int i = 0; i < 3; ++i) {
        try {
            co_await brio::sleep(1s);
        } catch (const cancelled_error&) {
            out("interrupted", i, std::current_exception());
        }
    }
    co_return "enough";
}

BRIO_SCENARIO(CAN_9_every_request_interrupts_once) {
    auto task = create_task(takes_three(out));
    for (const char* const message : {"one", "two", "three"}) {
        co_await brio::sleep(10ms);
        task.cancel(message);
    }
    co_await attempt(out, "main", task);
    out(task.cancelling());
}

BRIO_SCENARIO(CAN_10_a_task_that_cancels_itself) {
    auto task = create_task([&]() -> awaitable<> {
        out(current_task().cancel("enough"));
        out("goes on");
        co_await brio::sleep(0s);
        out("never here");
    });
    co_await attempt(out, "main", task);
}

awaitable<std::string> catches_its_own(trace& out) {
    current_task().cancel();
    try {
        co_await brio::sleep(1s);
    } catch (const cancelled_error&) {
        out("caught at", out.at());
    }
    co_await brio::sleep(10ms);
    co_return "alive";
}

BRIO_SCENARIO(CAN_10_a_task_that_cancels_itself_and_catches_it) {
    co_await attempt(out, "main", create_task(catches_its_own(out)));
    out("at", out.at());
}

BRIO_SCENARIO(CAN_11_cancelled_by_itself_and_returned) {
    auto task = create_task([]() -> awaitable<int> {
        current_task().cancel("at the end");
        co_return 1;
    });
    co_await attempt(out, "main", task);
    out(task.cancelled());
}

BRIO_SCENARIO(CAN_11_woken_then_cancelled) {
    brio::event gate;
    auto task = create_task([&]() -> awaitable<> {
        co_await gate.wait();
        out("the event came first");
        co_await brio::sleep(0s);
        out("never here");
    });
    co_await turns(1);
    gate.set();
    task.cancel();
    co_await attempt(out, "main", task);
}

awaitable<> joins_an_int(trace& out, brio::task<int> inner) {
    int value = 0;
    try {
        value = co_await inner.join();
    } catch (const cancelled_error&) {
        out("the value was dropped");
        throw;
    }
    out("joined", value);
    co_await brio::sleep(0s);
    out("never here");
}

BRIO_SCENARIO(CAN_11_the_joined_task_is_done_then_cancelled) {
    auto inner = create_task(value_after(10, 5));
    auto task = create_task(joins_an_int(out, inner));
    inner.add_done_callback([task](const brio::task_handle&) { task.cancel(); });
    co_await attempt(out, "main", task);
    out(outcome(inner));
}

BRIO_SCENARIO(CAN_13_twice_counts_and_interrupts_once) {
    auto task = create_task(cleaner(out, "c", 10));
    co_await turns(1);
    const bool first = task.cancel();
    const bool second = task.cancel();
    out(first, second, task.cancelling());
    co_await attempt(out, "main", task);
    out(task.cancelling(), task.cancelled());
}

BRIO_SCENARIO(a_second_cancel_interrupts_the_clean_up) {
    auto task = create_task(cleaner(out, "c", 100));
    co_await brio::sleep(10ms);
    task.cancel("first");
    co_await brio::sleep(10ms);
    task.cancel("second");
    co_await attempt(out, "main", task);
    out("at", out.at(), task.cancelling());
}

awaitable<std::string> takes_it_back(trace& out) {
    const brio::task_handle me = current_task();
    try {
        co_await brio::sleep(1s);
    } catch (const cancelled_error&) {
        out("before", me.cancelling());
        out("uncancel", me.uncancel());
        out("again", me.uncancel());
    }
    co_return "kept";
}

BRIO_SCENARIO(uncancel_counts_down) {
    auto task = create_task(takes_it_back(out));
    co_await turns(1);
    task.cancel();
    co_await attempt(out, "main", task);
    out(task.cancelling());
}

BRIO_SCENARIO(CAN_18_the_message_reaches_everybody) {
    auto task = create_task(worker(out, "w", 1000));
    auto a = create_task(attempt(out, "a", task));
    auto b = create_task(attempt(out, "b", task));
    co_await turns(1);
    task.cancel("a reason");
    co_await a.join();
    co_await b.join();
    out("result:", outcome(task));
}

BRIO_SCENARIO(CAN_21_thrown_by_the_coroutine_itself) {
    auto task = create_task([]() -> awaitable<> {
        co_await turns(1);
        throw cancelled_error("nobody asked");
    });
    co_await attempt(out, "main", task);
    out(task.cancelled(), task.cancelling());
}

BRIO_SCENARIO(CAN_22_another_error_out_of_the_handler) {
    auto task = create_task([]() -> awaitable<> {
        try {
            co_await brio::sleep(1s);
        } catch (const cancelled_error&) {
            throw boom("instead");
        }
    });
    co_await turns(1);
    task.cancel();
    co_await attempt(out, "main", task);
    out(task.cancelled(), task.cancelling());
}

BRIO_SCENARIO(CAN_23_a_sleep_ends_at_once) {
    auto task = create_task(worker(out, "w", 3600000));
    co_await brio::sleep(10ms);
    task.cancel();
    co_await attempt(out, "main", task);
    out("at", out.at());
}

BRIO_SCENARIO(one_of_two_joiners_is_cancelled) {
    auto inner = create_task(worker(out, "inner", 1000));
    auto a = create_task(attempt(out, "a", inner));
    auto b = create_task(attempt(out, "b", inner));
    co_await brio::sleep(10ms);
    a.cancel();
    co_await a.join();
    co_await b.join();
    out("at", out.at());
}

BRIO_SCENARIO(a_joiner_waits_for_the_clean_up_of_the_joined) {
    auto inner = create_task(cleaner(out, "inner", 50));
    auto outer = create_task(attempt(out, "outer", inner));
    co_await brio::sleep(10ms);
    outer.cancel();
    co_await outer.join();
    out("at", out.at());
}

awaitable<int> swallows(trace& out) {
    try {
        co_await brio::sleep(1s);
    } catch (const cancelled_error&) {
        out("swallowed");
    }
    co_return 3;
}

BRIO_SCENARIO(the_joined_swallows_the_cancel_of_its_joiner) {
    auto inner = create_task(swallows(out));
    auto outer = create_task(attempt(out, "outer", inner));
    co_await brio::sleep(10ms);
    outer.cancel();
    co_await attempt(out, "main", outer);
    out(outer.cancelling(), inner.cancelling());
}

BRIO_SCENARIO(cancel_between_two_steps_of_others) {
    auto steps = create_task(stepper(out, "steps", 5));
    auto other = create_task(stepper(out, "other", 3));
    co_await turns(2);
    steps.cancel();
    out("cancelled");
    co_await attempt(out, "steps", steps);
    co_await other.join();
}

BRIO_SCENARIO(a_sleeper_ends_before_a_later_timer_of_the_same_moment) {
    auto task = create_task(boom_after(10, "first"));
    co_await turns(1);
    brio::get_running_loop().call_later(10ms, [&] { out("cancel", task.cancel()); });
    co_await attempt(out, "main", task);
    out(task.cancelled());
}

BRIO_SCENARIO(cancelled_while_waiting_for_the_next_of_several) {
    auto task = create_task([&]() -> awaitable<> {
        for (int i = 0; i < 3; ++i) {
            co_await brio::sleep(10ms);
            out("step", i);
        }
    });
    co_await brio::sleep(25ms);
    task.cancel();
    co_await attempt(out, "main", task);
    out("at", out.at());
}

}  // namespace
}  // namespace differential
