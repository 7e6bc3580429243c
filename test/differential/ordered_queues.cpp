// SPDX-License-Identifier: BSL-1.0
// priority_queue and lifo_queue.
#include "differential/scenario.hpp"

namespace differential {
namespace {

using brio::create_task;

template <class Queue>
awaitable<> getter(trace& out, Queue& source, std::string name) {
    const int item = co_await source.get();
    out(name, "gets", item);
}

awaitable<> putter(trace& out, brio::lifo_queue<int>& target, int item) {
    co_await target.put(item);
    out("put", item);
}

template <class Queue>
void fill_and_drain(trace& out, Queue& items) {
    for (const int item : {3, 1, 2}) items.put_nowait(item);
    out(items.get_nowait());
    items.put_nowait(0);
    while (!items.empty()) out(items.get_nowait());
}

BRIO_SCENARIO(Q_1_smallest_first) {
    brio::priority_queue<int> items;
    fill_and_drain(out, items);
    co_return;
}

BRIO_SCENARIO(Q_1_last_in_first_out) {
    brio::lifo_queue<int> items;
    fill_and_drain(out, items);
    co_return;
}

BRIO_SCENARIO(getters_of_a_priority_queue_in_order_of_arrival) {
    brio::priority_queue<int> items;
    auto a = create_task(getter(out, items, "a"));
    auto b = create_task(getter(out, items, "b"));
    auto c = create_task(getter(out, items, "c"));
    co_await turns(1);
    for (const int item : {3, 1, 2}) items.put_nowait(item);
    co_await a.join();
    co_await b.join();
    co_await c.join();
}

BRIO_SCENARIO(putters_of_a_bounded_lifo_queue) {
    brio::lifo_queue<int> items(1);
    std::vector<brio::task<>> tasks;
    for (const int item : {1, 2, 3}) tasks.push_back(create_task(putter(out, items, item)));
    for (int i = 0; i < 3; ++i) {
        co_await turns(2);
        out("got", items.get_nowait());
    }
    for (const auto& task : tasks) co_await task.join();
}

BRIO_SCENARIO(a_cancelled_getter_of_a_priority_queue_loses_nothing) {
    brio::priority_queue<int> items;
    auto a = create_task(getter(out, items, "a"));
    auto b = create_task(getter(out, items, "b"));
    co_await turns(1);
    items.put_nowait(5);
    a.cancel();
    items.put_nowait(4);
    co_await attempt(out, "a", a);
    co_await b.join();
    const std::size_t size = items.qsize();
    out(size, items.get_nowait());
}

}  // namespace
}  // namespace differential
