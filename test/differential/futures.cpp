// SPDX-License-Identifier: BSL-1.0
// Futures: callbacks, waiters, cancels, who hears of an error.
#include "differential/scenario.hpp"

#include <functional>
#include <memory>

namespace differential {
namespace {

using namespace std::chrono_literals;
using brio::create_task;
using brio::future;
using brio::get_running_loop;
using brio::promise;

// The done callback that writes `label` and how it ended.
std::function<void(brio::task_handle)> noting(trace& out, std::string label, future<int> value) {
    return [&out, label, value](const brio::task_handle&) { out(label, outcome(value)); };
}

awaitable<> waits(trace& out, std::string name, future<int> value) {
    try {
        const int got = co_await value.join();
        out(name, got, "at", out.at());
    } catch (...) {
        out(name, std::current_exception(), "at", out.at());
        throw;
    }
}

template <class F>
void ask(trace& out, const char* label, F question) {
    try {
        out(label, question());
    } catch (...) {
        out(label, std::current_exception());
    }
}

BRIO_SCENARIO(FUT_2_asking_before_it_is_done) {
    promise<int> source;
    const auto value = source.get_future();
    ask(out, "result", [&] { return value.result(); });
    ask(out, "exception", [&] { return value.exception(); });
    out(value.done(), value.cancelled());
    source.set_value(1);
    ask(out, "result", [&] { return value.result(); });
    ask(out, "exception", [&] { return value.exception(); });
    out(value.done(), value.cancelled());
    co_return;
}

BRIO_SCENARIO(it_can_be_set_once) {
    promise<int> source;
    source.set_value(1);
    ask(out, "again", [&] { source.set_value(2); return true; });
    ask(out, "an error", [&] { source.set_exception(boom("x")); return true; });
    out(source.get_future().result());
    promise<int> gone;
    gone.get_future().cancel();
    ask(out, "cancelled", [&] { gone.set_value(2); return true; });
    co_return;
}

BRIO_SCENARIO(FUT_4_cancelling_it) {
    promise<int> source;
    const auto value = source.get_future();
    const bool first = value.cancel("enough");
    out(first, value.cancel());
    out(value.done(), value.cancelled());
    ask(out, "result", [&] { return value.result(); });
    ask(out, "exception", [&] { return value.exception(); });
    co_await attempt(out, "waiting", value);
    promise<int> done;
    done.set_value(3);
    out(done.get_future().cancel(), outcome(done.get_future()));
}

BRIO_SCENARIO(FUT_7_waiting_for_a_done_one_takes_no_turn) {
    promise<int> source;
    source.set_value(4);
    auto other = create_task(stepper(out, "other", 2));
    const auto value = source.get_future();
    out("main", co_await value.join());
    out("main", co_await value.join());
    co_await other.join();
}

BRIO_SCENARIO(FUT_9_callbacks_come_in_order_through_the_queue) {
    promise<int> source;
    const auto value = source.get_future();
    value.add_done_callback(noting(out, "first", value));
    value.add_done_callback(noting(out, "second", value));
    get_running_loop().call_soon([&out] { out("queued before"); });
    source.set_value(5);
    get_running_loop().call_soon([&out] { out("queued behind"); });
    out("set");
    co_await turns(1);
    out("end");
}

BRIO_SCENARIO(FUT_9_callbacks_of_a_cancel_and_of_an_error) {
    promise<int> cancelled;
    promise<int> failed;
    const auto a = cancelled.get_future();
    const auto b = failed.get_future();
    a.add_done_callback(noting(out, "a", a));
    b.add_done_callback(noting(out, "b", b));
    failed.set_exception(boom("x"));
    a.cancel();
    out("done");
    co_await turns(1);
}

BRIO_SCENARIO(FUT_10_a_removed_callback_of_a_future_is_not_called) {
    promise<int> source;
    const auto value = source.get_future();
    const auto id = value.add_done_callback(noting(out, "removed", value));
    value.add_done_callback(noting(out, "kept", value));
    const bool there = value.remove_done_callback(id);
    out(there, value.remove_done_callback(id));
    source.set_value(1);
    co_await turns(1);
}

BRIO_SCENARIO(FUT_13_a_callback_on_a_done_one) {
    promise<int> source;
    source.set_value(6);
    const auto value = source.get_future();
    get_running_loop().call_soon([&out] { out("queued before"); });
    value.add_done_callback(noting(out, "called", value));
    out("added");
    co_await turns(1);
    out("end");
}

BRIO_SCENARIO(a_callback_that_adds_another_one) {
    promise<int> source;
    const auto value = source.get_future();
    value.add_done_callback([&out, value](const brio::task_handle&) {
        out("first");
        value.add_done_callback(noting(out, "third", value));
    });
    value.add_done_callback(noting(out, "second", value));
    source.set_value(7);
    co_await turns(1);
    out("one turn later");
    co_await turns(1);
}

BRIO_SCENARIO(a_callback_that_fails) {
    promise<int> source;
    const auto value = source.get_future();
    value.add_done_callback([](const brio::task_handle&) { throw boom("callback"); });
    value.add_done_callback(noting(out, "next", value));
    source.set_value(8);
    co_await turns(1);
    out("end");
}

BRIO_SCENARIO(several_waiters_go_on_in_their_order) {
    promise<int> source;
    auto a = create_task(waits(out, "a", source.get_future()));
    auto b = create_task(waits(out, "b", source.get_future()));
    co_await turns(1);
    auto c = create_task(waits(out, "c", source.get_future()));
    auto other = create_task(stepper(out, "other", 4));
    co_await turns(1);
    source.set_value(9);
    out("set");
    co_await brio::gather(a, b, c, other);
}

BRIO_SCENARIO(every_waiter_gets_the_error) {
    promise<int> source;
    auto a = create_task(waits(out, "a", source.get_future()));
    auto b = create_task(waits(out, "b", source.get_future()));
    co_await brio::sleep(10ms);
    source.set_exception(boom("for all"));
    const auto ends = co_await brio::gather(brio::return_exceptions, a, b);
    out(ends);
}

BRIO_SCENARIO(CAN_3_a_cancelled_waiter_cancels_it_and_so_the_others) {
    promise<int> source;
    auto a = create_task(waits(out, "a", source.get_future()));
    auto b = create_task(waits(out, "b", source.get_future()));
    co_await brio::sleep(10ms);
    a.cancel();
    out("cancelled at once:", source.cancelled());
    const auto ends = co_await brio::gather(brio::return_exceptions, a, b);
    out(ends);
}

BRIO_SCENARIO(CAN_6_task_and_future_cancelled_at_once) {
    promise<int> source;
    const auto value = source.get_future();
    auto task = create_task(waits(out, "task", value));
    co_await brio::sleep(10ms);
    const bool future_heard = value.cancel();
    out(future_heard, task.cancel());
    co_await attempt(out, "main", task);
}

BRIO_SCENARIO(CAN_11_set_then_the_waiter_is_cancelled) {
    promise<int> source;
    auto task = create_task(waits(out, "task", source.get_future()));
    co_await brio::sleep(10ms);
    source.set_value(1);
    out(task.cancel());
    co_await attempt(out, "main", task);
    out(outcome(source.get_future()));
}

BRIO_SCENARIO(a_shielded_waiter_leaves_it_alone) {
    promise<int> source;
    const auto value = source.get_future();
    const auto shielded = [](future<int> inner) -> awaitable<int> { co_return co_await brio::shield(inner); };
    auto a = create_task(attempt(out, "a", shielded(value)));
    auto b = create_task(attempt(out, "b", shielded(value)));
    co_await brio::sleep(10ms);
    a.cancel();
    co_await a.join();
    out(outcome(value));
    source.set_value(2);
    co_await b.join();
}

BRIO_SCENARIO(FUT_14_an_error_that_nobody_fetched) {
    {
        promise<int> source;
        source.set_exception(boom("unseen"));
        out("set");
    }
    out("gone");
    {
        promise<int> source;
        source.set_exception(boom("seen"));
        static_cast<void>(source.get_future().exception());  // FUT-15
    }
    {
        promise<int> source;
        source.set_exception(boom("asked to stop"));
        out(source.get_future().cancel());  // FUT-17
    }
    {
        promise<int> source;
        source.set_value(1);  // FUT-16
    }
    co_await turns(1);
    out("end");
}

BRIO_SCENARIO(set_in_time_and_too_late_for_a_wait_for) {
    promise<int> early;
    promise<int> late;
    get_running_loop().call_later(10ms, [&] { early.set_value(1); });
    auto setting = get_running_loop().call_later(40ms, [&] { late.set_value(2); });
    co_await attempt(out, "early", brio::wait_for(early.get_future(), 20ms));
    co_await attempt(out, "late", brio::wait_for(late.get_future(), 20ms));
    setting.cancel();
    out(outcome(late.get_future()), "at", out.at());
}

BRIO_SCENARIO(futures_in_a_gather) {
    promise<int> a;
    promise<int> b;
    get_running_loop().call_later(20ms, [&] { a.set_value(1); });
    get_running_loop().call_later(10ms, [&] { b.set_value(2); });
    const auto both = [](future<int> x, future<int> y) -> awaitable<std::vector<int>> {
        const auto values = co_await brio::gather(x, y, value_after(5, 3));
        co_return std::vector<int>{std::get<0>(values), std::get<1>(values), std::get<2>(values)};
    };
    co_await attempt(out, "values", both(a.get_future(), b.get_future()));
    promise<int> c;
    promise<int> d;
    auto task = create_task(attempt(out, "cancelled", both(c.get_future(), d.get_future())));
    co_await brio::sleep(1ms);
    task.cancel();
    co_await task.join();
    out(outcome(c.get_future()), outcome(d.get_future()), "at", out.at());
}

BRIO_SCENARIO(futures_in_a_wait) {
    promise<int> a;
    promise<int> b;
    get_running_loop().call_later(10ms, [&] { a.set_value(1); });
    const auto early = co_await brio::wait(a.get_future(), b.get_future(), brio::first_completed);
    out(early.done.size(), early.pending.size(), "at", out.at());
    const auto late = co_await brio::wait(b.get_future(), 10ms);
    out(late.done.size(), late.pending.size(), "at", out.at());
    out(outcome(b.get_future()));
    b.get_future().cancel();
    const auto last = co_await brio::wait(a.get_future(), b.get_future());
    out(last.done.size(), last.pending.size(), "at", out.at());
}

BRIO_SCENARIO(CAN_4_through_a_chain_of_tasks) {
    promise<int> source;
    const auto value = source.get_future();
    auto inner = create_task(waits(out, "inner", value));
    const auto join = [](brio::task<> task) -> awaitable<> { co_await task.join(); };
    auto outer = create_task(join(inner));
    co_await brio::sleep(10ms);
    outer.cancel();
    out(outcome(value), inner.done(), outer.done());
    co_await attempt(out, "outer", outer);
    out(outcome(inner));
}

BRIO_SCENARIO(nobody_sets_it_before_the_end) {
    auto source = std::make_shared<promise<int>>();
    const auto wait = [](trace& to, future<int> value) -> awaitable<> {
        try {
            co_await value.join();
        } catch (const brio::cancelled_error&) {
            to("cancelled at", to.at());
            throw;
        }
    };
    auto task = create_task(wait(out, source->get_future()));
    task.add_done_callback([source](const brio::task_handle&) {});
    co_await turns(2);
    out("main ends");
}

}  // namespace
}  // namespace differential
