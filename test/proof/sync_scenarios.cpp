// SPDX-License-Identifier: BSL-1.0
// Scenarios over sync.
#include "proof/world.hpp"

#include <stdexcept>

namespace brio_proof {

namespace {

using namespace std::chrono_literals;
using brio::create_task;


awaitable<> lock_with_deadline(world& w) {
    const frame here(w);
    auto first = create_task(holder(w, 20ms));
    co_await brio::sleep(0s);
    try {
        co_await brio::wait_for(holder(w, 1ms), 5ms);
    } catch (const brio::timeout_error&) {
    }
    co_await brio::gather(first, holder(w, 1ms));
}

awaitable<> events(world& w) {
    const frame here(w);
    auto a = create_task(wait_for_event(w));
    auto b = create_task(wait_for_event(w));
    const timer setting(brio::get_running_loop().call_later(5ms, [&w] {
        w.called();
        w.event.set();
        w.event.clear();
    }));
    cancel_point();
    co_await brio::gather(a, b);
}

awaitable<> queue_bounded(world& w) {
    const frame here(w);
    co_await brio::gather(producer(w, w.queue, 5), consumer(w, w.queue, 5));
}

awaitable<> queue_many_to_many(world& w) {
    const frame here(w);
    co_await brio::gather(consumer(w, w.queue, 2), consumer(w, w.queue, 2), producer(w, w.queue, 2),
                          producer(w, w.queue, 2));
}

// A getter (a putter) that was told of the news and leaves must tell the next one, before more news come.
awaitable<> queue_two_getters_one_item(world& w) {
    const frame here(w);
    auto a = create_task(consumer(w, w.queue, 1));
    auto b = create_task(consumer(w, w.queue, 1));
    for (int i = 0; i < 2; ++i) {
        co_await brio::sleep(1ms);
        w.queue.put_nowait(i);
        ++w.put;
        co_await brio::sleep(1ms);
        EXPECT_TRUE(w.queue.empty() || (a.done() && b.done())) << "I3: a getter waits, and there is an item";
    }
    co_await brio::gather(brio::return_exceptions, a, b);
}

awaitable<> queue_two_putters_one_place(world& w) {
    const frame here(w);
    for (int i = 0; i < 2; ++i, ++w.put) w.queue.put_nowait(i);
    auto a = create_task(producer(w, w.queue, 1));
    auto b = create_task(producer(w, w.queue, 1));
    for (int i = 0; i < 2; ++i) {
        co_await brio::sleep(1ms);
        w.queue.get_nowait();
        ++w.got;
        co_await brio::sleep(1ms);
        EXPECT_TRUE(w.queue.full() || (a.done() && b.done())) << "I3: a putter waits, and there is room";
    }
    co_await brio::gather(brio::return_exceptions, a, b);
}

awaitable<> queue_unbounded_with_deadline(world& w) {
    const frame here(w);
    auto feeding = create_task([](world& books) -> awaitable<> {
        const frame mine(books);
        co_await brio::sleep(5ms);
        books.unbounded.put_nowait(1);
        ++books.put;
        co_await brio::sleep(5ms);
        books.unbounded.put_nowait(2);
        ++books.put;
    }(w));
    for (int i = 0; i < 4; ++i) {
        try {
            cancel_point();
            co_await brio::wait_for(consumer(w, w.unbounded, 1), 4ms);
        } catch (const brio::timeout_error&) {
        }
    }
    co_await feeding.join();
}

awaitable<> queue_shut_down(world& w) {
    const frame here(w);
    auto eater = create_task(consumer(w, w.queue, 100));
    auto feeder = create_task(producer(w, w.queue, 100));
    const timer closing(brio::get_running_loop().call_later(0ms, [&w] {
        w.called();
        w.queue.shutdown();
    }));
    try {
        co_await brio::gather(eater, feeder);
    } catch (const brio::queue_shutdown&) {
    }
    cancel_point();
    co_await brio::sleep(1ms);
}

}  // namespace

std::vector<entry> sync_scenarios() {
    return {
        {"locks", holders},
        {"lock_with_deadline", lock_with_deadline},
        {"events", events},
        {"queue_bounded", queue_bounded},
        {"queue_many_to_many", queue_many_to_many},
        {"queue_two_getters_one_item", queue_two_getters_one_item},
        {"queue_two_putters_one_place", queue_two_putters_one_place},
        {"queue_unbounded_with_deadline", queue_unbounded_with_deadline},
        {"queue_shut_down", queue_shut_down},
    };
}

}  // namespace brio_proof
