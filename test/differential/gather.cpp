// SPDX-License-Identifier: BSL-1.0
// gather: order, errors, cancellation.
#include "differential/scenario.hpp"

namespace differential {
namespace {

using namespace std::chrono_literals;
using brio::create_task;
using brio::gather;
using brio::return_exceptions;

BRIO_SCENARIO(GAT_1_values_in_the_order_of_the_arguments) {
    co_await attempt(out, "gathered", gather(value_after(30, 1), value_after(10, 2), value_after(20, 3)));
    out("at", out.at());
}

BRIO_SCENARIO(GAT_11_of_nothing) {
    std::vector<awaitable<int>> none;
    const auto values = co_await gather(std::move(none));
    out("gathered", values);
}

BRIO_SCENARIO(GAT_16_children_start_in_the_order_of_the_arguments) {
    auto gathering = gather(worker(out, "a", 10), worker(out, "b", 5), worker(out, "c", 0));
    out("made");
    co_await turns(1);
    out("main");
    co_await std::move(gathering);
    out("end");
}

BRIO_SCENARIO(GAT_3_the_first_error_ends_it_and_the_others_go_on) {
    auto slow = create_task(worker(out, "slow", 100));
    co_await attempt(out, "gathered", gather(slow, boom_after(10, "x")));
    out("at", out.at(), outcome(slow));
    co_await slow.join();
    out("at", out.at());
}

BRIO_SCENARIO(GAT_4_later_errors_are_silent) {
    co_await attempt(out, "gathered", gather(boom_after(10, "first"), boom_after(20, "second"), boom_after(30, "third")));
    co_await brio::sleep(100ms);
    out("end");
}

BRIO_SCENARIO(GAT_5_errors_in_their_places) {
    const auto values =
        co_await gather(return_exceptions, value_after(10, 1), boom_after(5, "x"), value_after(1, 3));
    out("gathered", values);
    out("at", out.at());
}

BRIO_SCENARIO(GAT_6_a_cancelled_child_ends_it) {
    auto a = create_task(worker(out, "a", 100));
    auto b = create_task(worker(out, "b", 50));
    auto gathering = create_task(attempt(out, "gathered", gather(a, b)));
    co_await brio::sleep(10ms);
    a.cancel();
    co_await gathering.join();
    out(gathering.cancelled(), outcome(b));
    co_await b.join();
}

BRIO_SCENARIO(GAT_7_a_cancelled_child_in_its_place) {
    auto a = create_task(value_after(100, 1));
    auto b = create_task(value_after(50, 2));
    auto gathering = create_task(attempt(out, "gathered", gather(return_exceptions, a, b)));
    co_await brio::sleep(10ms);
    a.cancel();
    co_await gathering.join();
    out("at", out.at());
}

BRIO_SCENARIO(GAT_8_a_cancel_reaches_every_child) {
    auto task = create_task([&]() -> awaitable<> {
        co_await gather(worker(out, "a", 100), worker(out, "b", 200), worker(out, "c", 10));
    });
    co_await brio::sleep(50ms);
    task.cancel();
    co_await attempt(out, "main", task);
    out("at", out.at());
}

awaitable<> gather_values(trace& out, brio::task<int> a, brio::task<int> b) {
    const auto values = co_await gather(a, b);
    out("values", values);
    co_await brio::sleep(0s);
    out("never here");
}

BRIO_SCENARIO(GAT_9_a_cancel_when_all_children_are_done) {
    auto a = create_task(value_after(10, 0));
    auto b = create_task(value_after(10, 1));
    auto task = create_task(gather_values(out, a, b));
    co_await brio::sleep(5ms);
    b.add_done_callback([task](const brio::task_handle&) { task.cancel(); });
    co_await attempt(out, "main", task);
}

BRIO_SCENARIO(GAT_10_a_cancel_gives_no_list) {
    auto task = create_task([&]() -> awaitable<> {
        const auto values = co_await gather(return_exceptions, value_after(100, 1), value_after(5, 2));
        out("list", values);
    });
    co_await brio::sleep(10ms);
    task.cancel();
    co_await attempt(out, "main", task);
}

BRIO_SCENARIO(GAT_17_a_cancel_waits_for_the_clean_up_of_all) {
    auto task = create_task([&]() -> awaitable<> {
        (void)co_await gather(return_exceptions, cleaner(out, "a", 20), cleaner(out, "b", 50));
    });
    co_await brio::sleep(10ms);
    task.cancel();
    co_await attempt(out, "main", task);
    out("at", out.at());
}

BRIO_SCENARIO(GAT_18_without_return_exceptions_too) {
    auto task = create_task([&]() -> awaitable<> { co_await gather(cleaner(out, "a", 20), cleaner(out, "b", 50)); });
    co_await brio::sleep(10ms);
    task.cancel();
    co_await attempt(out, "main", task);
    out("at", out.at());
    co_await brio::sleep(100ms);
}

awaitable<int> swallows(trace& out) {
    try {
        co_await brio::sleep(100ms);
    } catch (const brio::cancelled_error&) {
        out("swallowed");
    }
    co_return 7;
}

BRIO_SCENARIO(a_child_swallows_the_cancel_of_a_gather) {
    auto task = create_task(attempt(out, "gathered", gather(swallows(out), value_after(100, 1))));
    co_await brio::sleep(10ms);
    task.cancel();
    co_await task.join();
}

BRIO_SCENARIO(gathers_in_gathers) {
    auto pair = gather(value_after(20, 1), value_after(10, 2));
    auto other = gather(value_after(5, 3), value_after(30, 4));
    const auto values = co_await gather(std::move(pair), std::move(other));
    out(values);
    out("at", out.at());
}

BRIO_SCENARIO(an_error_of_an_inner_gather) {
    const auto inner = []() -> awaitable<std::tuple<int, brio::nothing>> {
        co_return co_await gather(value_after(20, 1), boom_after(10, "inside"));
    };
    co_await attempt(out, "gathered", gather(inner(), value_after(50, 2)));
    out("at", out.at());
}

BRIO_SCENARIO(one_task_twice) {
    auto task = create_task(value_after(10, 4));
    const auto values = co_await gather(task, task, value_after(5, 1));
    out(values);
}

BRIO_SCENARIO(tasks_that_are_done_already) {
    auto task = create_task(value_after(0, 4));
    auto failed = create_task(boom_after(0, "before"));
    co_await turns(3);
    co_await attempt(out, "values", gather(task, value_after(10, 1)));
    co_await attempt(out, "failed", gather(failed, value_after(10, 1)));
    out("at", out.at());
}

BRIO_SCENARIO(a_gather_among_tasks_that_take_turns) {
    auto ticks = create_task(stepper(out, "ticks", 6));
    co_await gather(stepper(out, "a", 2), stepper(out, "b", 1));
    out("gathered");
    co_await ticks.join();
}

BRIO_SCENARIO(an_error_and_a_value_in_one_turn) {
    co_await attempt(out, "gathered", gather(value_after(10, 1), boom_after(10, "x"), boom_after(10, "y")));
    out("at", out.at());
}

}  // namespace
}  // namespace differential
