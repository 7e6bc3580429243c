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

awaitable<> lock_tried_and_detached(world& w) {
    const frame here(w);
    auto other = create_task(holder(w, 2ms));
    {
        auto guard = co_await w.lock.acquire();
        const holding held(w);
        EXPECT_FALSE(w.lock.try_acquire().has_value());
        guard.unlock();
    }
    cancel_point();
    if (auto guard = w.lock.try_acquire()) {
        guard->detach();
        w.lock.release();
    }
    co_await other.join();
}
awaitable<> lock_around_a_queue(world& w) {
    const frame here(w);
    const auto locked = [](world& books, int count) -> awaitable<> {
        const frame mine(books);
        for (int i = 0; i < count; ++i) {
            const auto guard = co_await books.lock.acquire();
            const holding held(books);
            books.unbounded.put_nowait(i);
            ++books.put;
            cancel_point();
            co_await brio::sleep(0s);
            static_cast<void>(co_await books.unbounded.get());
            ++books.got;
        }
    };
    co_await brio::gather(locked(w, 2), locked(w, 3));
}
awaitable<> event_set_before_and_after(world& w) {
    const frame here(w);
    w.event.set();
    cancel_point();
    co_await w.event.wait();
    w.event.clear();
    const timer setting(brio::get_running_loop().call_later(1ms, [&w] { w.event.set(); }));
    co_await w.event.wait();
}
awaitable<> events_back_and_forth(world& w) {
    const frame here(w);
    const auto player = [](world& books, brio::event& mine, brio::event& theirs) -> awaitable<> {
        const frame counted(books);
        for (int i = 0; i < 3; ++i) {
            co_await mine.wait();
            mine.clear();
            cancel_point();
            theirs.set();
        }
    };
    // A player that was cancelled leaves the other one waiting.
    auto match = brio::gather(player(w, w.event, w.other_event), player(w, w.other_event, w.event));
    w.event.set();
    try {
        co_await brio::wait_for(std::move(match), 1s);
    } catch (const brio::timeout_error&) {
    }
}
awaitable<> queue_joined(world& w) {
    const frame here(w);
    const auto worker = [](world& books) -> awaitable<> {
        const frame mine(books);
        for (;;) {
            static_cast<void>(co_await books.queue.get());
            ++books.got;
            cancel_point();
            co_await brio::sleep(1ms);
            books.queue.task_done();
        }
    };
    auto a = create_task(worker(w));
    auto b = create_task(worker(w));
    co_await producer(w, w.queue, 4);
    try {
        co_await brio::wait_for(w.queue.join(), 1s);  // a worker may have been cancelled between get and task_done
    } catch (const brio::timeout_error&) {
    }
    a.cancel();
    b.cancel();
    co_await brio::gather(brio::return_exceptions, a, b);
}
awaitable<> queue_shut_down_at_once(world& w) {
    const frame here(w);
    auto feeder = create_task(producer(w, w.queue, 4));
    co_await brio::sleep(0s);
    cancel_point();
    w.put -= static_cast<int>(w.queue.qsize());  // dropped
    w.queue.shutdown(true);
    try {
        co_await feeder.join();
    } catch (const brio::queue_shutdown&) {
    }
}
awaitable<> queue_put_with_deadline(world& w) {
    const frame here(w);
    for (int i = 0; i < 2; ++i, ++w.put) w.queue.put_nowait(i);
    auto late = create_task(producer(w, w.queue, 1));
    try {
        co_await brio::wait_for(producer(w, w.queue, 1), 2ms);
    } catch (const brio::timeout_error&) {
    }
    co_await brio::gather(consumer(w, w.queue, 2), late);
}
awaitable<> queue_chain(world& w) {
    const frame here(w);
    const auto relay = [](world& books, int count) -> awaitable<> {
        const frame mine(books);
        for (int i = 0; i < count; ++i) {
            const int item = co_await books.queue.get();
            ++books.got;
            books.unbounded.put_nowait(item);
            ++books.put;
        }
    };
    // Without one of them the others would wait for ever.
    const on_exit closing([&w] {
        w.queue.shutdown();
        w.unbounded.shutdown();
    });
    co_await brio::gather(producer(w, w.queue, 4), relay(w, 4), consumer(w, w.unbounded, 4));
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
        {"lock_tried_and_detached", lock_tried_and_detached},
        {"lock_around_a_queue", lock_around_a_queue},
        {"event_set_before_and_after", event_set_before_and_after},
        {"events_back_and_forth", events_back_and_forth},
        {"queue_joined", queue_joined},
        {"queue_shut_down_at_once", queue_shut_down_at_once},
        {"queue_put_with_deadline", queue_put_with_deadline},
        {"queue_chain", queue_chain},
    };
}

}  // namespace brio_proof
