// SPDX-License-Identifier: BSL-1.0
// Tasks: start, end, joiners, done callbacks, who is there.
#include "differential/scenario.hpp"

#include <algorithm>

namespace differential {
namespace {

using namespace std::chrono_literals;
using brio::create_task;
using brio::task_handle;

BRIO_SCENARIO(TASK_1_bodies_begin_in_the_order_of_creation) {
    auto a = create_task(worker(out, "a", 20));
    auto b = create_task(worker(out, "b", 10));
    auto c = create_task(worker(out, "c", 0));
    out("created");
    co_await turns(1);
    out("main");
    co_await a.join();
    co_await b.join();
    co_await c.join();
    out("end");
}

awaitable<> parent(trace& out, std::string name) {
    out(name, "begins");
    auto child = create_task(stepper(out, name + " child", 2));
    co_await turns(1);
    out(name, "goes on");
    co_await child.join();
    out(name, "ends");
}

BRIO_SCENARIO(a_task_that_creates_tasks) {
    auto a = create_task(parent(out, "a"));
    auto b = create_task(parent(out, "b"));
    co_await a.join();
    co_await b.join();
}

awaitable<> joiner(trace& out, std::string name, brio::task<int> joined) {
    const int value = co_await joined.join();
    out(name, value);
}

BRIO_SCENARIO(FUT_9_callbacks_and_joiners_in_the_order_of_registration) {
    auto task = create_task(value_after(10, 7));
    task.add_done_callback([&, task](const task_handle&) { out("callback 1", outcome(task)); });
    auto a = create_task(joiner(out, "joiner a", task));
    auto b = create_task(joiner(out, "joiner b", task));
    co_await turns(1);
    task.add_done_callback([&](const task_handle& done) { out("callback 2", done.done()); });
    const int value = co_await task.join();
    out("main", value);
    co_await a.join();
    co_await b.join();
    out("end");
}

BRIO_SCENARIO(FUT_13_a_callback_of_a_task_that_is_done_comes_soon) {
    auto task = create_task(value_after(0, 1));
    co_await task.join();
    task.add_done_callback([&, task](const task_handle&) { out("callback", outcome(task)); });
    brio::get_running_loop().call_soon([&] { out("soon"); });
    out("added");
    co_await turns(1);
    out("end");
}

BRIO_SCENARIO(FUT_7_joining_what_is_done_does_not_yield) {
    auto task = create_task(value_after(0, 1));
    co_await task.join();
    auto other = create_task(stepper(out, "other", 2));
    int value = co_await task.join();
    out("again", value);
    value = co_await task.join();
    out("and again", value);
    co_await other.join();
    out("end");
}

BRIO_SCENARIO(FUT_2_results_before_the_end_are_refused) {
    auto task = create_task(value_after(10, 5));
    try {
        task.result();
    } catch (...) {
        out(std::current_exception());
    }
    try {
        out(task.exception());
    } catch (...) {
        out(std::current_exception());
    }
    co_await task.join();
    out(task.result(), task.exception(), task.done(), task.cancelled());
}

BRIO_SCENARIO(a_failure_reaches_every_joiner) {
    auto task = create_task(boom_after(10, "x"));
    auto a = create_task(attempt(out, "a", task));
    auto b = create_task(attempt(out, "b", task));
    auto c = create_task(attempt(out, "c", task));
    co_await a.join();
    co_await b.join();
    co_await c.join();
    out("late", task.exception(), task.cancelled());
}

awaitable<> link(trace& out, std::string name, brio::task<> inner) {
    out(name, "waits");
    co_await inner.join();
    out(name, "goes on");
}

BRIO_SCENARIO(a_chain_of_joins_ends_from_the_inside) {
    auto a = create_task(link(out, "a", create_task(brio::sleep(10ms))));
    auto b = create_task(link(out, "b", a));
    auto c = create_task(link(out, "c", b));
    auto ticker = create_task(value_after(10, 0));
    ticker.add_done_callback([&](const task_handle&) { out("the ticker's callback"); });
    co_await c.join();
    out("end at", out.at());
}

awaitable<int> deep(trace& out, int depth) {
    if (depth > 0) {
        const int below = co_await deep(out, depth - 1);
        co_return below + 1;
    }
    out("at the bottom, tasks:", brio::all_tasks().size());
    co_return 0;
}

BRIO_SCENARIO(EAG_11_awaiting_a_coroutine_is_a_call) {
    auto other = create_task(stepper(out, "other", 1));
    const int depth = co_await deep(out, 50);
    out("depth", depth);
    co_await other.join();
}

BRIO_SCENARIO(TASK_11_a_task_cannot_await_itself) {
    brio::task<> vain;
    vain = create_task([&]() -> awaitable<> {
        try {
            co_await vain.join();
        } catch (...) {
            out("vain", std::current_exception());
        }
    });
    co_await vain.join();
    out("end");
}

std::vector<std::string> names() {
    std::vector<std::string> found;
    for (const task_handle& task : brio::all_tasks()) {
        if (task != brio::current_task()) found.push_back(task.name());
    }
    std::sort(found.begin(), found.end());
    return found;
}

BRIO_SCENARIO(TASK_22_who_is_there) {
    auto a = create_task(brio::sleep(10ms), "a");
    auto b = create_task(brio::sleep(20ms), "b");
    out("not begun", names());
    co_await a.join();
    out("a is done", names());
    b.cancel();
    out("b is cancelled", names());
    co_await turns(2);
    out("b has ended", names());
}

awaitable<> show_current(trace& out, std::string label) {
    out(label, brio::current_task().name());
    co_await turns(1);
    out(label, brio::current_task().name());
}

BRIO_SCENARIO(current_task_is_the_one_that_runs) {
    auto a = create_task(show_current(out, "first"), "a");
    auto b = create_task(show_current(out, "second"), "b");
    co_await a.join();
    co_await b.join();
    b.set_name("renamed");
    out(b.name());
}

BRIO_SCENARIO(FUT_14_a_failure_that_nobody_fetches_is_reported) {
    auto task = create_task(boom_after(10, "lost"));
    co_await brio::sleep(20ms);
    out("dropping");
    task = brio::task<>();
    out("dropped");
}

BRIO_SCENARIO(FUT_15_a_failure_that_was_fetched_is_not_reported) {
    auto task = create_task(boom_after(10, "seen"));
    co_await brio::sleep(20ms);
    out(task.exception());
    task = brio::task<>();
    out("dropped");
}

BRIO_SCENARIO(FUT_17_a_cancel_of_a_failed_task_counts_as_seen) {
    auto task = create_task(boom_after(10, "seen"));
    co_await brio::sleep(20ms);
    out(task.cancel());
    task = brio::task<>();
    out("dropped");
}

BRIO_SCENARIO(a_done_callback_that_throws_is_reported) {
    auto task = create_task(value_after(10, 3));
    task.add_done_callback([](const task_handle&) { throw boom("in the callback"); });
    task.add_done_callback([&](const task_handle&) { out("second callback"); });
    const int value = co_await task.join();
    out(value);
    co_await turns(1);
    out("end");
}

BRIO_SCENARIO(a_done_callback_cancels_another_task) {
    auto slow = create_task(worker(out, "slow", 1000));
    auto quick = create_task(worker(out, "quick", 10));
    quick.add_done_callback([&](const task_handle&) { out("cancel", slow.cancel()); });
    co_await attempt(out, "slow ended", slow);
    out("end at", out.at());
}

BRIO_SCENARIO(FUT_10_a_removed_callback_is_not_called) {
    auto task = create_task(value_after(10, 3));
    const auto id = task.add_done_callback([&](const task_handle&) { out("removed callback"); });
    task.add_done_callback([&](const task_handle&) { out("kept callback"); });
    out("removed", task.remove_done_callback(id));
    out("again", task.remove_done_callback(id));
    co_await task.join();
    co_await turns(1);
}

BRIO_SCENARIO(RUN_8_a_leftover_is_cancelled_and_awaited) {
    create_task(cleaner(out, "begun", 20));
    co_await turns(1);
    out("main ends");
}

BRIO_SCENARIO(RUN_8_what_main_created_last_has_begun) {
    create_task(worker(out, "fresh", 10));
    out("main ends");
    co_return;
}

awaitable<> fails_when_cancelled() {
    try {
        co_await brio::sleep(1s);
    } catch (const brio::cancelled_error&) {
        throw boom("while cancelled");
    }
}

BRIO_SCENARIO(RUN_9_a_leftover_that_fails_is_reported) {
    create_task(fails_when_cancelled());
    co_await turns(1);
    out("main ends");
}

}  // namespace
}  // namespace differential
