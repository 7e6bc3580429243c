// SPDX-License-Identifier: BSL-1.0
// Scenarios over wait, as_completed and race: what watches several tasks.
#include "proof/world.hpp"

#include <stdexcept>

namespace brio_proof {

namespace {

using namespace std::chrono_literals;
using brio::create_task;

awaitable<> wait_for_all(world& w) {
    const frame here(w);
    auto a = create_task(nap(w, 3ms));
    auto b = create_task(nap(w, 5ms));
    cancel_point();
    const auto result = co_await brio::wait(a, b);
    EXPECT_EQ(result.done.size(), 2U);
}
awaitable<> wait_for_the_first(world& w) {
    const frame here(w);
    auto a = create_task(nap(w, 3ms));
    auto b = create_task(clean_up_slowly(w, 50ms));
    const auto result = co_await brio::wait(a, b, brio::first_completed);
    EXPECT_GE(result.done.size(), 1U);
    b.cancel();
    co_await brio::wait(b);
}
awaitable<> wait_for_a_failure(world& w) {
    const frame here(w);
    auto bad = create_task(fail_after(w, 3ms));
    auto good = create_task(nap(w, 9ms));
    co_await brio::wait(bad, good, brio::first_exception);
    cancel_point();
    co_await brio::gather(brio::return_exceptions, bad, good);
}
awaitable<> wait_with_deadline(world& w) {
    const frame here(w);
    auto slow = create_task(nap(w, 20ms));
    const auto result = co_await brio::wait(slow, 5ms);
    EXPECT_EQ(result.done.size() + result.pending.size(), 1U);
    cancel_point();
    co_await slow.join();
}
awaitable<> wait_by_two(world& w) {
    const frame here(w);
    auto shared = create_task(nap(w, 5ms));
    const auto watcher = [](world& books, brio::task<> watched) -> awaitable<> {
        const frame mine(books);
        co_await brio::wait(watched);
        EXPECT_TRUE(watched.done());
    };
    co_await brio::gather(watcher(w, shared), watcher(w, shared));
}
awaitable<> as_completed_to_the_end(world& w) {
    const frame here(w);
    auto results = brio::as_completed(value_after(w, 5ms, 1), value_after(w, 0ms, 2), value_after(w, 3ms, 3));
    int count = 0;
    while (auto next = co_await results.next()) {
        EXPECT_TRUE(next->done());
        cancel_point();
        co_await brio::sleep(0s);
        ++count;
    }
    EXPECT_EQ(count, 3);
}
awaitable<> as_completed_with_deadline(world& w) {
    const frame here(w);
    auto results = brio::as_completed(nap(w, 3ms), nap(w, 30ms), 10ms);
    try {
        while (co_await results.next()) cancel_point();
    } catch (const brio::timeout_error&) {
    }
    for (const auto& each : results.remaining()) {
        each.cancel();
        co_await brio::wait(each);
    }
}
awaitable<> as_completed_by_two(world& w) {
    const frame here(w);
    auto results = brio::as_completed(nap(w, 0ms), nap(w, 3ms), nap(w, 3ms), nap(w, 6ms));
    using iterator = decltype(results);
    int taken = 0;
    const auto reader = [](world& books, iterator& source, int& count) -> awaitable<> {
        const frame mine(books);
        while (co_await source.next()) ++count;
    };
    const auto ends = co_await brio::gather(brio::return_exceptions, reader(w, results, taken), reader(w, results, taken));
    static_cast<void>(ends);
    EXPECT_EQ(results.remaining().empty(), taken == 4);
}
awaitable<> race_of_two(world& w) {
    const frame here(w);
    cancel_point();
    const auto result = co_await brio::race(value_after(w, 3ms, 1), clean_up_slowly(w, 50ms));
    EXPECT_TRUE(result.losers[1 - result.index].done());
}
awaitable<> race_to_a_tie(world& w) {
    const frame here(w);
    const auto result = co_await brio::race(value_after(w, 3ms, 1), value_after(w, 3ms, 2), nap(w, 3ms));
    EXPECT_LT(result.index, 3U);
}
awaitable<> race_won_by_a_failure(world& w) {
    const frame here(w);
    try {
        co_await brio::race(fail_after(w, 3ms), nap(w, 9ms));
    } catch (const std::runtime_error&) {
    }
    cancel_point();
    co_await brio::sleep(0s);
}
awaitable<> race_for_an_item(world& w) {
    const frame here(w);
    auto feeding = create_task(producer(w, w.unbounded, 2));
    co_await brio::race(consumer(w, w.unbounded, 1), consumer(w, w.queue, 1), nap(w, 5ms));
    co_await feeding.join();
}
awaitable<> race_with_deadline(world& w) {
    const frame here(w);
    try {
        co_await brio::wait_for(brio::race(clean_up_slowly(w, 1h), clean_up_slowly(w, 2h)), 5ms);
    } catch (const brio::timeout_error&) {
    }
    cancel_point();
    co_await brio::sleep(0s);
}
awaitable<> races_within_a_gather(world& w) {
    const frame here(w);
    co_await brio::gather(race_of_two(w), race_won_by_a_failure(w));
}

}  // namespace

std::vector<entry> several_scenarios() {
    return {
        {"wait_for_all", wait_for_all},
        {"wait_for_the_first", wait_for_the_first},
        {"wait_for_a_failure", wait_for_a_failure},
        {"wait_with_deadline", wait_with_deadline},
        {"wait_by_two", wait_by_two},
        {"as_completed_to_the_end", as_completed_to_the_end},
        {"as_completed_with_deadline", as_completed_with_deadline},
        {"as_completed_by_two", as_completed_by_two},
        {"race_of_two", race_of_two},
        {"race_to_a_tie", race_to_a_tie},
        {"race_won_by_a_failure", race_won_by_a_failure},
        {"race_for_an_item", race_for_an_item},
        {"race_with_deadline", race_with_deadline},
        {"races_within_a_gather", races_within_a_gather},
    };
}

}  // namespace brio_proof
