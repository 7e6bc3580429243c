// SPDX-License-Identifier: BSL-1.0
// lock and event: order, hand-over, cancellation.
#include "differential/scenario.hpp"

namespace differential {
namespace {

using namespace std::chrono_literals;
using brio::create_task;

awaitable<> holder(trace& out, brio::lock& lock, std::string name, int ms) {
    out(name, "asks");
    {
        const auto held = co_await lock.acquire();
        out(name, "holds at", out.at());
        co_await brio::sleep(milliseconds(ms));
    }
    out(name, "gave back");
}

BRIO_SCENARIO(LOCK_1_in_order_of_arrival) {
    brio::lock lock;
    auto a = create_task(holder(out, lock, "a", 20));
    auto b = create_task(holder(out, lock, "b", 10));
    auto c = create_task(holder(out, lock, "c", 0));
    co_await a.join();
    co_await b.join();
    co_await c.join();
    out(lock.locked());
}

BRIO_SCENARIO(LOCK_3_releasing_what_is_not_held) {
    brio::lock lock;
    try {
        lock.release();
    } catch (const brio::error&) {
        out(std::current_exception());
    }
    out(lock.locked());
    co_return;
}

BRIO_SCENARIO(LOCK_5_a_cancelled_waiter_leaves_the_queue) {
    brio::lock lock;
    auto a = create_task(holder(out, lock, "a", 20));
    auto b = create_task(holder(out, lock, "b", 20));
    auto c = create_task(holder(out, lock, "c", 20));
    co_await brio::sleep(5ms);
    b.cancel();
    co_await attempt(out, "b", b);
    co_await a.join();
    co_await c.join();
    out("at", out.at());
}

BRIO_SCENARIO(LOCK_6_released_and_the_first_waiter_cancelled_in_one_turn) {
    brio::lock lock;
    auto held = co_await lock.acquire();
    auto a = create_task(holder(out, lock, "a", 10));
    auto b = create_task(holder(out, lock, "b", 10));
    co_await turns(1);
    a.cancel();
    held.unlock();
    co_await attempt(out, "a", a);
    co_await b.join();
    out(lock.locked());
}

BRIO_SCENARIO(LOCK_8_woken_then_cancelled) {
    brio::lock lock;
    auto held = co_await lock.acquire();
    auto a = create_task(holder(out, lock, "a", 10));
    auto b = create_task(holder(out, lock, "b", 10));
    co_await turns(1);
    held.unlock();
    a.cancel();
    co_await attempt(out, "a", a);
    co_await b.join();
    out(lock.locked());
}

BRIO_SCENARIO(LOCK_9_a_newcomer_does_not_overtake) {
    brio::lock lock;
    auto held = co_await lock.acquire();
    auto waiter = create_task(holder(out, lock, "waiter", 10));
    co_await turns(1);
    held.unlock();
    out("released, locked:", lock.locked());
    auto newcomer = create_task(holder(out, lock, "newcomer", 10));
    {
        const auto again = co_await lock.acquire();
        out("main holds at", out.at());
    }
    co_await waiter.join();
    co_await newcomer.join();
}

awaitable<> greedy(trace& out, brio::lock& lock, std::string name) {
    for (int i = 0; i < 3; ++i) {
        const auto held = co_await lock.acquire();
        out(name, i, "at", out.at());
        co_await brio::sleep(10ms);
    }
}

BRIO_SCENARIO(a_holder_that_asks_again_goes_to_the_end) {
    brio::lock lock;
    auto a = create_task(greedy(out, lock, "a"));
    auto b = create_task(greedy(out, lock, "b"));
    auto c = create_task(greedy(out, lock, "c"));
    co_await a.join();
    co_await b.join();
    co_await c.join();
}

BRIO_SCENARIO(a_lock_held_across_an_error) {
    brio::lock lock;
    auto task = create_task([&]() -> awaitable<> {
        const auto held = co_await lock.acquire();
        co_await brio::sleep(10ms);
        throw boom("lost");
    });
    co_await turns(1);
    out(lock.locked());
    auto waiter = create_task(holder(out, lock, "waiter", 5));
    try {
        co_await task.join();
    } catch (const boom&) {
        out("failed");
    }
    co_await waiter.join();
    out(lock.locked(), "at", out.at());
}

BRIO_SCENARIO(many_waiters_cancelled_at_once) {
    brio::lock lock;
    auto held = co_await lock.acquire();
    std::vector<brio::task<>> tasks;
    for (int i = 0; i < 4; ++i) tasks.push_back(create_task(holder(out, lock, std::to_string(i), 0)));
    co_await turns(1);
    for (std::size_t i = 0; i < 3; ++i) tasks[i].cancel();
    held.unlock();
    co_await tasks[3].join();
    std::vector<std::string> outcomes;
    for (const auto& task : tasks) outcomes.push_back(outcome(task));
    out(outcomes, lock.locked());
}

awaitable<> waiter(trace& out, brio::event& event, std::string name) {
    co_await event.wait();
    out(name, "goes on at", out.at());
}

BRIO_SCENARIO(EVT_1_and_7_all_in_order) {
    brio::event event;
    auto a = create_task(waiter(out, event, "a"));
    auto b = create_task(waiter(out, event, "b"));
    auto c = create_task(waiter(out, event, "c"));
    co_await brio::sleep(10ms);
    out(event.is_set());
    event.set();
    out(event.is_set());
    co_await a.join();
    co_await b.join();
    co_await c.join();
}

BRIO_SCENARIO(EVT_2_a_newcomer_goes_straight_through) {
    brio::event event;
    auto a = create_task(waiter(out, event, "a"));
    auto b = create_task(waiter(out, event, "b"));
    co_await turns(1);
    event.set();
    co_await waiter(out, event, "newcomer");
    co_await a.join();
    co_await b.join();
}

awaitable<> twice(trace& out, brio::event& event, std::string name) {
    co_await event.wait();
    out(name, "first");
    co_await event.wait();
    out(name, "second at", out.at());
}

BRIO_SCENARIO(EVT_4_set_and_clear_in_one_go) {
    brio::event event;
    auto a = create_task(twice(out, event, "a"));
    auto b = create_task(twice(out, event, "b"));
    co_await turns(1);
    event.set();
    event.clear();
    co_await brio::sleep(10ms);
    out(event.is_set());
    event.set();
    co_await a.join();
    co_await b.join();
}

BRIO_SCENARIO(a_cancelled_waiter_of_an_event) {
    brio::event event;
    auto a = create_task(waiter(out, event, "a"));
    auto b = create_task(waiter(out, event, "b"));
    co_await turns(1);
    a.cancel();
    event.set();
    co_await attempt(out, "a", a);
    co_await attempt(out, "b", b);
}

BRIO_SCENARIO(an_event_set_twice) {
    brio::event event;
    auto task = create_task(waiter(out, event, "a"));
    co_await turns(1);
    event.set();
    event.set();
    co_await task.join();
    co_await event.wait();
    out("set:", event.is_set());
}

BRIO_SCENARIO(an_event_set_by_a_callback_among_steps) {
    brio::event event;
    brio::get_running_loop().call_soon([&] { event.set(); });
    auto task = create_task(waiter(out, event, "a"));
    auto steps = create_task(stepper(out, "steps", 3));
    co_await task.join();
    out("main");
    co_await steps.join();
}

}  // namespace
}  // namespace differential
