// SPDX-License-Identifier: BSL-1.0
// Scenarios over conditions, semaphores, barriers and the other queues.
#include "proof/world.hpp"

#include <algorithm>
#include <utility>

namespace brio_proof {

namespace {

using namespace std::chrono_literals;
using brio::create_task;

awaitable<> part_permit(world& w) {
    const frame here(w);
    cancel_point();
    const auto guard = co_await w.permits.acquire();
    w.most_with_permit = std::max(w.most_with_permit, ++w.with_permit);
    const on_exit gone([&w] { --w.with_permit; });
    cancel_point();
    co_await brio::sleep(1ms);
}
awaitable<> part_await_change(world& w) {
    const frame here(w);
    const auto guard = co_await w.condition.acquire();
    const auto ready = [&w] { return w.got > 0; };
    cancel_point();
    co_await w.condition.wait_for(ready);
    const holding held(w);
    co_await brio::sleep(0s);
}
// Ends what a cancelled partner would have ended.
awaitable<> part_within_a_second(awaitable<> work) {
    try {
        co_await brio::wait_for(std::move(work), 1s);
    } catch (const brio::timeout_error&) {
    }
}

awaitable<> semaphore_of_two(world& w) {
    const frame here(w);
    co_await brio::gather(part_permit(w), part_permit(w), part_permit(w), part_permit(w), part_permit(w));
}
awaitable<> permits_with_deadline(world& w) {
    const frame here(w);
    auto a = create_task(part_permit(w));
    auto b = create_task(part_permit(w));
    co_await brio::sleep(0s);
    try {
        co_await brio::wait_for(part_permit(w), 1ms);
    } catch (const brio::timeout_error&) {
    }
    co_await brio::gather(a, b, part_permit(w));
}
awaitable<> semaphore_released_by_others(world& w) {
    const frame here(w);
    brio::semaphore gate(0);
    const auto pass = [](world& books, brio::semaphore& entry_gate) -> awaitable<> {
        const frame mine(books);
        cancel_point();
        (co_await entry_gate.acquire()).detach();
    };
    auto a = create_task(pass(w, gate));
    auto b = create_task(pass(w, gate));
    auto c = create_task(pass(w, gate));
    const on_exit nobody_waits_for_a_gate_that_goes([&] {
        for (const auto& each : {a, b, c}) each.cancel();
    });
    co_await brio::sleep(1ms);
    gate.release(2);
    cancel_point();
    co_await brio::sleep(1ms);
    EXPECT_TRUE(gate.value() == 0 || (a.done() && b.done() && c.done())) << "I3: a permit is free, and a task waits";
    gate.release();
    const auto ends = co_await brio::gather(brio::return_exceptions, a, b, c);
    static_cast<void>(ends);
}
awaitable<> bounded_semaphore_in_turn(world& w) {
    const frame here(w);
    brio::bounded_semaphore one(1);
    const auto user = [](world& books, brio::bounded_semaphore& only) -> awaitable<> {
        const frame mine(books);
        const auto guard = co_await only.acquire();
        const holding held(books);
        cancel_point();
        co_await brio::sleep(0s);
    };
    const auto ends = co_await brio::gather(brio::return_exceptions, user(w, one), user(w, one), user(w, one));
    static_cast<void>(ends);
    EXPECT_EQ(one.value(), 1);
}
awaitable<> condition_one_by_one(world& w) {
    const frame here(w);
    auto a = create_task(part_await_change(w));
    auto b = create_task(part_await_change(w));
    co_await brio::sleep(1ms);
    ++w.put;
    ++w.got;
    for (int i = 0; i < 2; ++i) {
        const auto guard = co_await w.condition.acquire();
        w.condition.notify();
        cancel_point();
        co_await brio::sleep(0s);
    }
    // One that was told and was cancelled has told the other, so both end.
    const auto ends = co_await brio::gather(brio::return_exceptions, a, b);
    static_cast<void>(ends);
}
awaitable<> condition_all_at_once(world& w) {
    const frame here(w);
    auto a = create_task(part_await_change(w));
    auto b = create_task(part_await_change(w));
    auto c = create_task(part_await_change(w));
    co_await brio::sleep(1ms);
    {
        const auto guard = co_await w.condition.acquire();
        ++w.put;
        ++w.got;
        w.condition.notify_all();
        cancel_point();
        co_await brio::sleep(1ms);
    }
    const auto ends = co_await brio::gather(brio::return_exceptions, a, b, c);
    static_cast<void>(ends);
}
awaitable<> condition_with_deadline(world& w) {
    const frame here(w);
    const auto never = [](world& books) -> awaitable<> {
        const frame mine(books);
        const auto guard = co_await books.condition.acquire();
        co_await books.condition.wait();
    };
    auto other = create_task([](world& books) -> awaitable<> {
        const frame mine(books);
        co_await brio::sleep(1ms);
        const auto guard = co_await books.condition.acquire();
        co_await brio::sleep(5ms);  // the wait cannot end before it has the lock again
    }(w));
    try {
        co_await brio::wait_for(never(w), 3ms);
    } catch (const brio::timeout_error&) {
    }
    co_await other.join();
}
awaitable<> barrier_of_two(world& w) {
    const frame here(w);
    const auto party = [](world& books) -> awaitable<> {
        const frame mine(books);
        for (int i = 0; i < 3; ++i) {
            cancel_point();
            co_await books.barrier.wait();
        }
    };
    const auto both = [party](world& books) -> awaitable<> {
        const frame mine(books);
        co_await brio::gather(party(books), party(books));
    };
    co_await part_within_a_second(both(w));
}
awaitable<> barrier_with_a_queue_at_the_door(world& w) {
    const frame here(w);
    const auto party = [](world& books) -> awaitable<> {
        const frame mine(books);
        co_await books.barrier.wait();
    };
    const auto four = [party](world& books) -> awaitable<> {
        const frame mine(books);
        co_await brio::gather(party(books), party(books), party(books), party(books));
    };
    co_await part_within_a_second(four(w));
}
awaitable<> barrier_aborted(world& w) {
    const frame here(w);
    const auto party = [](world& books) -> awaitable<> {
        const frame mine(books);
        try {
            co_await books.barrier.wait();
        } catch (const brio::broken_barrier_error&) {
        }
    };
    auto alone = create_task(party(w));
    co_await brio::sleep(1ms);
    w.barrier.abort();
    cancel_point();
    co_await alone.join();
    w.barrier.reset();
}
awaitable<> priority_queue_bounded(world& w) {
    const frame here(w);
    co_await brio::gather(producer(w, w.sorted, 4), consumer(w, w.sorted, 2), consumer(w, w.sorted, 2));
}
awaitable<> priority_queue_with_deadline(world& w) {
    const frame here(w);
    auto feeder = create_task(producer(w, w.sorted, 3));
    for (int i = 0; i < 4; ++i) {
        try {
            co_await brio::wait_for(consumer(w, w.sorted, 1), 2ms);
        } catch (const brio::timeout_error&) {
        }
    }
    co_await feeder.join();
}
awaitable<> lifo_queue_bounded(world& w) {
    const frame here(w);
    co_await brio::gather(producer(w, w.stack, 4), consumer(w, w.stack, 2), consumer(w, w.stack, 2));
}
awaitable<> lifo_queue_shut_down(world& w) {
    const frame here(w);
    auto eater = create_task(consumer(w, w.stack, 100));
    auto feeder = create_task(producer(w, w.stack, 100));
    co_await brio::sleep(0s);
    cancel_point();
    w.stack.shutdown();
    const auto ends = co_await brio::gather(brio::return_exceptions, eater, feeder);
    static_cast<void>(ends);
}

}  // namespace

std::vector<entry> sync_more_scenarios() {
    return {
        {"semaphore_of_two", semaphore_of_two},
        {"permits_with_deadline", permits_with_deadline},
        {"semaphore_released_by_others", semaphore_released_by_others},
        {"bounded_semaphore_in_turn", bounded_semaphore_in_turn},
        {"condition_one_by_one", condition_one_by_one},
        {"condition_all_at_once", condition_all_at_once},
        {"condition_with_deadline", condition_with_deadline},
        {"barrier_of_two", barrier_of_two},
        {"barrier_with_a_queue_at_the_door", barrier_with_a_queue_at_the_door},
        {"barrier_aborted", barrier_aborted},
        {"priority_queue_bounded", priority_queue_bounded},
        {"priority_queue_with_deadline", priority_queue_with_deadline},
        {"lifo_queue_bounded", lifo_queue_bounded},
        {"lifo_queue_shut_down", lifo_queue_shut_down},
    };
}

}  // namespace brio_proof
