// SPDX-License-Identifier: BSL-1.0
// Scenarios over task groups, retries, limits, staggered races and task-local values.
#include "proof/world.hpp"

#include <stdexcept>
#include <utility>
#include <vector>

namespace brio_proof {

namespace {

using namespace std::chrono_literals;
using brio::create_task;

awaitable<> group(world& w) {
    const frame here(w);
    const auto body = [&w](brio::task_group& children) -> awaitable<> {
        const frame mine(w);
        children.create_task(nap(w, 3ms));
        children.create_task(nap(w, 0ms));
        cancel_point();
        co_await nap(w, 1ms);
    };
    co_await brio::with_task_group(body);
}
awaitable<> group_with_a_failure(world& w) {
    const frame here(w);
    const auto body = [&w](brio::task_group& children) -> awaitable<> {
        const frame mine(w);
        children.create_task(fail_after(w, 2ms));
        children.create_task(clean_up_slowly(w, 20ms));
        co_await brio::sleep(20ms);
    };
    try {
        co_await brio::with_task_group(body);
    } catch (const brio::exception_group&) {
    }
    cancel_point();
    co_await brio::sleep(0s);
}
awaitable<> groups_nested(world& w) {
    const frame here(w);
    const auto body = [&w](brio::task_group& children) -> awaitable<> {
        const frame mine(w);
        children.create_task(group(w));
        co_await group(w);
    };
    co_await brio::with_task_group(body);
}
awaitable<> group_that_is_cancelled(world& w) {
    const frame here(w);
    const auto body = [&w](brio::task_group& children) -> awaitable<> {
        const frame mine(w);
        children.create_task(clean_up_slowly(w, 1h));
        co_await brio::sleep(1ms);
        children.cancel();
    };
    co_await brio::with_task_group(body);
    cancel_point();
    co_await brio::sleep(0s);
}
awaitable<> group_with_deadline(world& w) {
    const frame here(w);
    const auto body = [&w](brio::task_group& children) -> awaitable<> {
        const frame mine(w);
        children.create_task(clean_up_slowly(w, 1h));
        co_await brio::sleep(1h);
    };
    try {
        co_await brio::wait_for(brio::with_task_group(body), 3ms);
    } catch (const brio::timeout_error&) {
    }
}
awaitable<> group_of_producers_and_consumers(world& w) {
    const frame here(w);
    const on_exit closing([&w] { w.queue.shutdown(); });
    const auto body = [&w](brio::task_group& children) -> awaitable<> {
        const frame mine(w);
        children.create_task(producer(w, w.queue, 3));
        children.create_task(consumer(w, w.queue, 3));
        co_return;
    };
    // A child that was cancelled is no failure: its partner would wait for ever.
    try {
        co_await brio::wait_for(brio::with_task_group(body), 1s);
    } catch (const brio::timeout_error&) {
    }
}
awaitable<> gather_with_limit(world& w) {
    const frame here(w);
    std::vector<awaitable<>> jobs;
    for (int i = 0; i < 5; ++i) jobs.push_back(nap(w, std::chrono::milliseconds(i % 3)));
    cancel_point();
    co_await brio::gather(brio::limit(2), std::move(jobs));
}
awaitable<> gather_with_limit_and_failure(world& w) {
    const frame here(w);
    std::vector<awaitable<>> jobs;
    jobs.push_back(nap(w, 3ms));
    jobs.push_back(fail_after(w, 1ms));
    jobs.push_back(nap(w, 1ms));
    try {
        co_await brio::gather(brio::limit(2), std::move(jobs));
    } catch (const std::runtime_error&) {
    }
    cancel_point();
    co_await brio::sleep(0s);
}
awaitable<> retry_until_it_works(world& w) {
    const frame here(w);
    int failures = 2;
    const auto attempt = [](world& books, int& left) -> awaitable<> {
        const frame mine(books);
        co_await brio::sleep(1ms);
        cancel_point();
        if (left-- > 0) throw std::runtime_error("not yet");
    };
    co_await brio::retry(brio::retry_policy().delay(2ms).jitter(0), attempt, std::ref(w), std::ref(failures));
}
awaitable<> retry_with_deadline(world& w) {
    const frame here(w);
    const auto attempt = [](world& books) -> awaitable<> {
        const frame mine(books);
        co_await fail_after(books, 1ms);
    };
    try {
        co_await brio::wait_for(brio::retry(brio::retry_policy().attempts(100).delay(2ms).jitter(0), attempt, std::ref(w)), 20ms);
    } catch (const brio::timeout_error&) {
    }
}
awaitable<> task_local_values(world& w) {
    const frame here(w);
    static const brio::context_var<int> depth("depth", 0);
    const auto child = [](world& books, int expected) -> awaitable<> {
        const frame mine(books);
        EXPECT_EQ(depth.get(), expected);
        static_cast<void>(depth.set(expected + 10));
        co_await brio::sleep(1ms);
        EXPECT_EQ(depth.get(), expected + 10);
    };
    EXPECT_EQ(depth.get(), 0);
    auto a = create_task(child(w, 0));
    auto undo = depth.set(1);
    auto b = create_task(child(w, 1));
    cancel_point();
    co_await a.join();
    EXPECT_EQ(depth.get(), 1);
    co_await b.join();
    depth.reset(undo);
    EXPECT_EQ(depth.get(), 0);
}
awaitable<> eager_tasks(world& w) {
    const frame here(w);
    auto a = create_task(nap(w, 2ms), brio::task_options().eager());
    auto b = create_task([]() -> awaitable<> { co_return; }, brio::task_options().eager());
    EXPECT_TRUE(b.done());
    cancel_point();
    co_await a.join();
}
awaitable<> staggered(world& w) {
    const frame here(w);
    const auto result = co_await brio::staggered_race(2ms, value_after(w, 50ms, 1), value_after(w, 5ms, 2), value_after(w, 5ms, 3));
    EXPECT_TRUE(result.index < 3U);
}
awaitable<> deadline_at_a_moment(world& w) {
    const frame here(w);
    const auto when = brio::get_running_loop().time() + 3ms;
    const auto body = [&w]() -> awaitable<> { co_await clean_up_slowly(w, 1h); };
    try {
        co_await brio::timeout_at(when, body);
    } catch (const brio::timeout_error&) {
    }
    cancel_point();
    co_await brio::sleep(0s);
}

}  // namespace

std::vector<entry> group_scenarios() {
    return {
        {"group", group},
        {"group_with_a_failure", group_with_a_failure},
        {"groups_nested", groups_nested},
        {"group_that_is_cancelled", group_that_is_cancelled},
        {"group_with_deadline", group_with_deadline},
        {"group_of_producers_and_consumers", group_of_producers_and_consumers},
        {"gather_with_limit", gather_with_limit},
        {"gather_with_limit_and_failure", gather_with_limit_and_failure},
        {"retry_until_it_works", retry_until_it_works},
        {"retry_with_deadline", retry_with_deadline},
        {"task_local_values", task_local_values},
        {"eager_tasks", eager_tasks},
        {"staggered", staggered},
        {"deadline_at_a_moment", deadline_at_a_moment},
    };
}

}  // namespace brio_proof
