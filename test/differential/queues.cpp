// SPDX-License-Identifier: BSL-1.0
// queue: order, room, cancelled getters and putters, join.
#include "differential/scenario.hpp"

namespace differential {
namespace {

using namespace std::chrono_literals;
using brio::create_task;
using brio::queue;

template <class T>
awaitable<> getter(trace& out, queue<T>& source, std::string name) {
    const T item = co_await source.get();
    out(name, "gets", item);
}

awaitable<> putter(trace& out, queue<int>& target, std::vector<int> items) {
    for (const int item : items) {
        co_await target.put(item);
        out("put", item);
    }
}

awaitable<> putter(trace& out, queue<int>& target, int item) {
    co_await target.put(item);
    out("put", item);
}

BRIO_SCENARIO(Q_1_first_in_first_out) {
    queue<int> items;
    for (const int item : {3, 1, 2}) items.put_nowait(item);
    out(items.qsize(), items.empty(), items.full());
    while (!items.empty()) out(items.get_nowait());
    out(items.qsize(), items.empty());
    co_return;
}

BRIO_SCENARIO(Q_7_getters_in_order_of_arrival) {
    queue<int> items;
    auto a = create_task(getter(out, items, "a"));
    auto b = create_task(getter(out, items, "b"));
    auto c = create_task(getter(out, items, "c"));
    co_await turns(1);
    for (const int item : {1, 2, 3}) items.put_nowait(item);
    out("put all");
    co_await a.join();
    co_await b.join();
    co_await c.join();
}

BRIO_SCENARIO(a_bounded_queue_and_a_slow_consumer) {
    queue<int> items(2);
    const std::vector<int> five{1, 2, 3, 4, 5};
    auto producer = create_task(putter(out, items, five));
    for (int i = 0; i < 5; ++i) {
        co_await brio::sleep(10ms);
        const int item = co_await items.get();
        out("got", item, "at", out.at());
    }
    co_await producer.join();
}

awaitable<> slow_producer(trace& out, queue<int>& items) {
    for (int i = 0; i < 3; ++i) {
        co_await brio::sleep(10ms);
        co_await items.put(i);
        out("put", i, "at", out.at());
    }
}

BRIO_SCENARIO(a_bounded_queue_and_a_slow_producer) {
    queue<int> items(1);
    auto task = create_task(slow_producer(out, items));
    for (int i = 0; i < 3; ++i) {
        const int item = co_await items.get();
        out("got", item, "at", out.at());
    }
    co_await task.join();
}

BRIO_SCENARIO(Q_9_nowait_on_full_and_empty) {
    queue<int> items(1);
    try {
        (void)items.get_nowait();
    } catch (const brio::queue_empty&) {
        out(std::current_exception());
    }
    items.put_nowait(1);
    try {
        items.put_nowait(2);
    } catch (const brio::queue_full&) {
        out(std::current_exception());
    }
    const int item = items.get_nowait();
    out(item, items.qsize());
    co_return;
}

BRIO_SCENARIO(Q_10_taking_an_item_wakes_one_putter) {
    queue<int> items(1);
    auto a = create_task(putter(out, items, 1));
    auto b = create_task(putter(out, items, 2));
    auto c = create_task(putter(out, items, 3));
    co_await turns(2);
    const int item = co_await items.get();
    out("got", item);
    co_await turns(2);
    out("got", items.get_nowait());
    co_await turns(2);
    out("got", items.get_nowait());
    co_await a.join();
    co_await b.join();
    co_await c.join();
}

BRIO_SCENARIO(Q_11_the_first_getter_is_cancelled) {
    queue<std::string> items;
    auto a = create_task(getter(out, items, "a"));
    auto b = create_task(getter(out, items, "b"));
    co_await turns(1);
    a.cancel();
    items.put_nowait("item");
    co_await attempt(out, "a", a);
    co_await b.join();
}

BRIO_SCENARIO(Q_12_a_getter_cancelled_after_the_news) {
    queue<std::string> items;
    auto a = create_task(getter(out, items, "a"));
    auto b = create_task(getter(out, items, "b"));
    co_await turns(1);
    items.put_nowait("item");
    a.cancel();
    co_await attempt(out, "a", a);
    co_await b.join();
    out(items.qsize());
}

BRIO_SCENARIO(Q_12_without_another_getter_the_item_stays) {
    queue<std::string> items;
    auto a = create_task(getter(out, items, "a"));
    co_await turns(1);
    items.put_nowait("item");
    a.cancel();
    co_await attempt(out, "a", a);
    const std::size_t size = items.qsize();
    out(size, items.get_nowait());
}

BRIO_SCENARIO(Q_14_a_putter_cancelled_after_the_news) {
    queue<int> items(1);
    items.put_nowait(0);
    auto a = create_task(putter(out, items, 1));
    auto b = create_task(putter(out, items, 2));
    co_await turns(1);
    out("got", items.get_nowait());
    a.cancel();
    co_await attempt(out, "a", a);
    co_await b.join();
    const std::size_t size = items.qsize();
    out(size, items.get_nowait());
}

BRIO_SCENARIO(Q_15_one_of_several_putters_is_cancelled) {
    queue<int> items(1);
    items.put_nowait(0);
    auto a = create_task(putter(out, items, 1));
    auto b = create_task(putter(out, items, 2));
    auto c = create_task(putter(out, items, 3));
    co_await turns(1);
    b.cancel();
    co_await attempt(out, "b", b);
    for (int i = 0; i < 3; ++i) {
        const int item = co_await items.get();
        out("got", item);
    }
    co_await a.join();
    co_await c.join();
}

BRIO_SCENARIO(Q_19_draining_wakes_all_putters_that_fit) {
    queue<int> items(2);
    std::vector<brio::task<>> tasks;
    for (int item = 0; item < 4; ++item) tasks.push_back(create_task(putter(out, items, item)));
    co_await turns(2);
    int first = items.get_nowait();
    int second = items.get_nowait();
    out("got", first, second);
    co_await turns(2);
    out(items.qsize());
    for (const auto& task : tasks) co_await task.join();
    first = items.get_nowait();
    second = items.get_nowait();
    out("got", first, second);
}

BRIO_SCENARIO(Q_20_the_item_is_taken_by_somebody_else) {
    queue<std::string> items;
    auto a = create_task(getter(out, items, "a"));
    co_await turns(1);
    items.put_nowait("first");
    out("main takes", items.get_nowait());
    co_await turns(2);
    out("a is done:", a.done());
    items.put_nowait("second");
    co_await a.join();
}

awaitable<> consumer(trace& out, queue<int>& items) {
    for (;;) {
        const int item = co_await items.get();
        co_await brio::sleep(10ms);
        out("done with", item);
        items.task_done();
    }
}

BRIO_SCENARIO(Q_22_join_waits_for_every_task_done) {
    queue<int> items;
    for (int i = 0; i < 3; ++i) items.put_nowait(i);
    auto task = create_task(consumer(out, items));
    co_await items.join();
    out("joined at", out.at());
    task.cancel();
    co_await attempt(out, "consumer", task);
}

awaitable<> joiner(trace& out, queue<std::string>& items, std::string name) {
    co_await items.join();
    out(name, "joined at", out.at());
}

BRIO_SCENARIO(Q_22_two_joiners) {
    queue<std::string> items;
    items.put_nowait("x");
    auto a = create_task(joiner(out, items, "a"));
    auto b = create_task(joiner(out, items, "b"));
    co_await brio::sleep(10ms);
    (void)items.get_nowait();
    items.task_done();
    co_await a.join();
    co_await b.join();
    co_await items.join();
    out("at once");
}

BRIO_SCENARIO(Q_23_task_done_too_often) {
    queue<int> items;
    items.put_nowait(1);
    (void)items.get_nowait();
    items.task_done();
    try {
        items.task_done();
    } catch (const brio::error&) {
        out(std::current_exception());
    }
    co_await items.join();
    out("joined");
}

BRIO_SCENARIO(Q_30_put_on_an_unbounded_queue_does_not_yield) {
    queue<int> items;
    auto a = create_task(getter(out, items, "a"));
    co_await turns(1);
    for (int i = 0; i < 3; ++i) {
        co_await items.put(i);
        out("put", i);
    }
    co_await a.join();
    out(items.qsize());
}

awaitable<> produce_three(queue<std::string>& items, std::string name, int ms) {
    for (int i = 0; i < 3; ++i) {
        co_await brio::sleep(milliseconds(ms));
        std::string item = name + std::to_string(i);
        co_await items.put(std::move(item));
    }
}

awaitable<> consume_three(trace& out, queue<std::string>& items, std::string name) {
    for (int i = 0; i < 3; ++i) {
        const std::string item = co_await items.get();
        out(name, item, "at", out.at());
        co_await brio::sleep(15ms);
    }
}

BRIO_SCENARIO(two_producers_two_consumers) {
    queue<std::string> items(1);
    auto p = create_task(produce_three(items, "p", 4));
    auto q = create_task(produce_three(items, "q", 7));
    auto c = create_task(consume_three(out, items, "c"));
    auto d = create_task(consume_three(out, items, "d"));
    co_await p.join();
    co_await q.join();
    co_await c.join();
    co_await d.join();
}

}  // namespace
}  // namespace differential
