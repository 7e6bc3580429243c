// SPDX-License-Identifier: BSL-1.0
// call_soon, call_later, call_at: order, cancel, errors.
#include "differential/scenario.hpp"

#include <functional>

namespace differential {
namespace {

using namespace std::chrono_literals;

BRIO_SCENARIO(LOOP_1_call_soon_is_fifo) {
    brio::loop& loop = brio::get_running_loop();
    for (int i = 0; i < 4; ++i) loop.call_soon([&out, i] { out("callback", i); });
    out("main goes on");
    co_await turns(1);
    out("end");
}

BRIO_SCENARIO(LOOP_2_a_turn_is_a_snapshot) {
    brio::loop& loop = brio::get_running_loop();
    loop.call_soon([&] {
        out("first");
        loop.call_soon([&] { out("queued by first"); });
    });
    loop.call_soon([&] { out("second"); });
    co_await turns(1);
    out("main, next turn");
    co_await turns(1);
    out("main, the turn after");
}

BRIO_SCENARIO(callbacks_and_steps_share_one_order) {
    brio::loop& loop = brio::get_running_loop();
    loop.call_soon([&] { out("callback 1"); });
    auto a = brio::create_task(stepper(out, "a", 3));
    loop.call_soon([&] { out("callback 2"); });
    auto b = brio::create_task(stepper(out, "b", 2));
    loop.call_soon([&] { out("callback 3"); });
    co_await a.join();
    co_await b.join();
}

BRIO_SCENARIO(call_later_goes_by_time) {
    brio::loop& loop = brio::get_running_loop();
    for (const int ms : {30, 10, 20}) loop.call_later(milliseconds(ms), [&out, ms] { out("after", ms, "at", out.at()); });
    co_await brio::sleep(1s);
    out("end at", out.at());
}

BRIO_SCENARIO(call_later_with_nothing_comes_after_what_is_ready) {
    brio::loop& loop = brio::get_running_loop();
    loop.call_later(0s, [&] { out("later"); });
    loop.call_soon([&] { out("soon"); });
    co_await turns(1);
    out("main, first turn");
    co_await turns(1);
    out("main, second turn");
    co_await turns(1);
    out("end");
}

BRIO_SCENARIO(call_at_in_the_past_comes_in_the_next_turn) {
    brio::loop& loop = brio::get_running_loop();
    co_await brio::sleep(1s);
    loop.call_at(loop.time() - 500ms, [&] { out("overdue"); });
    loop.call_soon([&] { out("soon"); });
    co_await turns(3);
    out("end at", out.at());
}

BRIO_SCENARIO(LOOP_13_cancelled_handles_do_not_run) {
    brio::loop& loop = brio::get_running_loop();
    auto soon = loop.call_soon([&] { out("soon, cancelled"); });
    auto timer = loop.call_later(10ms, [&] { out("timer, cancelled"); });
    auto kept = loop.call_later(20ms, [&] { out("timer, kept"); });
    out(soon.cancelled(), timer.cancelled());
    soon.cancel();
    timer.cancel();
    timer.cancel();
    out(soon.cancelled(), timer.cancelled(), kept.cancelled());
    co_await brio::sleep(50ms);
    kept.cancel();
    out("end");
}

BRIO_SCENARIO(a_callback_cancels_the_next_one) {
    brio::loop& loop = brio::get_running_loop();
    brio::handle second;
    loop.call_soon([&] {
        out("first");
        second.cancel();
    });
    second = loop.call_soon([&] { out("second"); });
    loop.call_soon([&] { out("third"); });
    co_await turns(1);
}

BRIO_SCENARIO(a_timer_cancels_one_that_is_due_in_the_same_turn) {
    brio::loop& loop = brio::get_running_loop();
    brio::timer_handle second;
    const auto when = loop.time() + 10ms;
    loop.call_at(when, [&] {
        out("first");
        second.cancel();
    });
    second = loop.call_at(when, [&] { out("second"); });
    loop.call_later(30ms, [&] { out("third"); });
    co_await brio::sleep(50ms);
}

BRIO_SCENARIO(two_timers_of_one_moment_are_fifo) {
    brio::loop& loop = brio::get_running_loop();
    const auto when = loop.time() + 250ms;
    loop.call_at(when, [&] { out("first"); });
    loop.call_at(when, [&] { out("second"); });
    co_await brio::sleep(500ms);
}

BRIO_SCENARIO(what_a_timer_queues_runs_in_the_next_turn) {
    brio::loop& loop = brio::get_running_loop();
    loop.call_later(10ms, [&] {
        out("ring at", out.at());
        loop.call_later(0s, [&] { out("later, from ring"); });
        loop.call_soon([&] { out("soon, from ring"); });
    });
    loop.call_later(20ms, [&] { out("second timer"); });
    co_await brio::sleep(50ms);
}

BRIO_SCENARIO(a_callback_that_throws_does_not_stop_the_others) {
    brio::loop& loop = brio::get_running_loop();
    const auto fail = [](const char* text) { throw boom(text); };
    loop.call_soon(fail, "one");
    loop.call_soon([&] { out("between"); });
    loop.call_later(10ms, fail, "two");
    co_await brio::sleep(50ms);
    out("end");
}

BRIO_SCENARIO(callbacks_run_outside_of_tasks) {
    brio::loop& loop = brio::get_running_loop();
    loop.call_soon([&] { out("callback in a task:", static_cast<bool>(brio::current_task())); });
    co_await turns(1);
    out("main in a task:", static_cast<bool>(brio::current_task()));
}

BRIO_SCENARIO(a_callback_that_queues_itself_does_not_starve_tasks) {
    brio::loop& loop = brio::get_running_loop();
    int count = 0;
    std::function<void()> again = [&] {
        if (++count < 100) loop.call_soon(std::ref(again));
    };
    again();
    co_await turns(5);
    out("turns:", count);
    co_await brio::sleep(1ms);
    out("after a timer:", count);
}

BRIO_SCENARIO(a_callback_creates_a_task) {
    brio::loop& loop = brio::get_running_loop();
    brio::task<> made;
    loop.call_soon([&] { made = brio::create_task(worker(out, "w", 10)); });
    loop.call_soon([&] { out("second callback"); });
    co_await turns(1);
    out("main");
    co_await made.join();
}

}  // namespace
}  // namespace differential
