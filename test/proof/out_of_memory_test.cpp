// SPDX-License-Identifier: BSL-1.0
// Calls that compose, with each of their allocations failing: std::bad_alloc comes out of the call or of its co_await, or
// the call gets along; nothing is left running, no timer, no waiter, and the loop works.
#include "proof/failing_malloc.hpp"

#include <brio/detail/describe.hpp>
#include <brio/testing/test.hpp>

#include <cstddef>
#include <exception>
#include <memory>
#include <new>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace {

using namespace std::chrono_literals;
using brio::awaitable;
using brio_test::countdown;
using brio_test::failed;

// Ends the failing as soon as the task that awaits has been parked: what is tried out is the call, not the loop.
awaitable<> disarm() {
    countdown = 0;
    co_return;
}

// Runs `call` with its first allocation failing, then with its second, until none is left to fail. What it awaits is given to
// it by a coroutine function: so its frame may fail as well.
template <class F>
awaitable<int> fail_each_allocation(F call) {
    int failures = 0;
    for (int n = 1;; ++n) {
        BRIO_ASSERT_LT(n, 1000);
        auto disarming = brio::create_task(disarm());
        std::string end = "value";
        failed = false;
        countdown = n;
        try {
            co_await call();
        } catch (const std::bad_alloc&) {
            countdown = 0;
            end = "bad_alloc";
        } catch (...) {
            countdown = 0;
            end = brio::detail::describe(std::current_exception());
        }
        countdown = 0;
        co_await disarming.join();
        EXPECT_TRUE(end == "value" || (failed && end == "bad_alloc")) << n << ": " << end;
        co_await brio::testing::advance(1h);  // what was given up ends
        if (brio::all_tasks().size() > 1) ADD_FAILURE() << n << ":\n" << brio::format_tasks(brio::get_running_loop());
        EXPECT_EQ(brio::get_running_loop().scheduler().timer_count(), 0U) << n;
        if (!failed) co_return failures;
        ++failures;
    }
}

awaitable<int> late(int value) {
    co_await brio::sleep(1s);
    co_return value;
}

awaitable<> late_nothing() { co_await brio::sleep(1s); }

std::vector<awaitable<int>> three() {
    std::vector<awaitable<int>> made;
    made.reserve(3);
    for (int i = 0; i < 3; ++i) made.push_back(late(i));
    return made;
}

class silent_reports {
public:
    silent_reports() { brio::get_running_loop().set_exception_handler([](const brio::error_context&) { ADD_FAILURE() << "noise"; }); }
    silent_reports(const silent_reports&) = delete;
    silent_reports& operator=(const silent_reports&) = delete;
    ~silent_reports() { brio::get_running_loop().set_exception_handler({}); }
};

BRIO_TEST(out_of_memory, the_counter_counts) {
    bool thrown = false;
    countdown = 2;
    int* volatile first = new int(1);
    try {
        int* volatile second = new int(2);
        delete second;
    } catch (const std::bad_alloc&) {
        thrown = true;
    }
    delete first;
    EXPECT_TRUE(thrown);
    EXPECT_EQ(countdown, 0);
    co_return;
}

BRIO_TEST(out_of_memory, gather) {
    const silent_reports quiet;
    const auto single = []() -> awaitable<> { co_await brio::gather(late(1), late_nothing(), brio::sleep(1s)); };
    EXPECT_GT(co_await fail_each_allocation(single), 3);
    const auto range = []() -> awaitable<> { co_await brio::gather(three()); };
    EXPECT_GT(co_await fail_each_allocation(range), 3);
    const auto keeping = []() -> awaitable<> { co_await brio::gather(brio::return_exceptions, late(1), late(2)); };
    EXPECT_GT(co_await fail_each_allocation(keeping), 2);
}

BRIO_TEST(out_of_memory, gather_with_a_limit) {
    const silent_reports quiet;
    const auto call = []() -> awaitable<> { co_await brio::gather(brio::limit(2), three()); };
    EXPECT_GT(co_await fail_each_allocation(call), 3);
}

BRIO_TEST(out_of_memory, wait_and_as_completed) {
    const silent_reports quiet;
    const auto wait = []() -> awaitable<> { co_await brio::wait(late(1), late_nothing(), 10s); };
    EXPECT_GT(co_await fail_each_allocation(wait), 3);
    const auto wait_range = []() -> awaitable<> { co_await brio::wait(three()); };
    EXPECT_GT(co_await fail_each_allocation(wait_range), 3);
    const auto iterate = []() -> awaitable<> {
        auto all = brio::as_completed(late(1), late(1), 10s);
        co_await all.next();
        co_await all.next();
    };
    EXPECT_GT(co_await fail_each_allocation(iterate), 3);
}

BRIO_TEST(out_of_memory, race) {
    const silent_reports quiet;
    const auto same = []() -> awaitable<> { co_await brio::race(late(1), late(2)); };
    EXPECT_GT(co_await fail_each_allocation(same), 2);
    const auto mixed = []() -> awaitable<> { co_await brio::race(late(1), late_nothing()); };
    EXPECT_GT(co_await fail_each_allocation(mixed), 2);
    const auto staggered = []() -> awaitable<> { co_await brio::staggered_race(0s, late(1), late(2)); };
    EXPECT_GT(co_await fail_each_allocation(staggered), 3);
}

BRIO_TEST(out_of_memory, deadlines) {
    const silent_reports quiet;
    const auto wait_for = []() -> awaitable<> { co_await brio::wait_for(late(1), 10s); };
    EXPECT_GT(co_await fail_each_allocation(wait_for), 2);
    const auto with_timeout = []() -> awaitable<> { co_await brio::with_timeout(10s, late(1)); };
    EXPECT_GT(co_await fail_each_allocation(with_timeout), 2);
    const auto in_the_past = []() -> awaitable<> {
        try {
            co_await brio::with_timeout(0s, late(1));
        } catch (const brio::timeout_error&) {
        }
    };
    EXPECT_GT(co_await fail_each_allocation(in_the_past), 2);
}

BRIO_TEST(out_of_memory, shield_and_groups) {
    const silent_reports quiet;
    const auto shield = []() -> awaitable<> { co_await brio::shield(late(1)); };
    EXPECT_GT(co_await fail_each_allocation(shield), 1);
    const auto group = []() -> awaitable<> {
        const auto body = [](brio::task_group& children) -> awaitable<> {
            children.create_task(late(1));
            co_return;
        };
        co_await brio::with_task_group(body);
    };
    EXPECT_GT(co_await fail_each_allocation(group), 1);
}

BRIO_TEST(out_of_memory, generators_and_retries) {
    const silent_reports quiet;
    const auto iterate = []() -> awaitable<> {
        const auto body = [](brio::yielder<int> yield) -> awaitable<> {
            for (int i = 0; i < 2; ++i) {
                co_await brio::sleep(1s);
                co_await yield(i);
            }
        };
        auto numbers = brio::make_generator<int>(body);
        while (co_await numbers.next()) {}
    };
    EXPECT_GT(co_await fail_each_allocation(iterate), 1);
    const auto again = []() -> awaitable<> { co_await brio::retry(brio::retry_policy(), late, 1); };
    EXPECT_GT(co_await fail_each_allocation(again), 1);
}

// A request to stop needs no memory: only its reason may get lost.
template <class F>
awaitable<> cancel_without_memory(F call) {
    const std::string reason = "a reason that is too long to be stored in a small place";
    for (int n = 1; n <= 8; ++n) {
        auto task = brio::create_task(call());
        co_await brio::sleep(100ms);
        countdown = n;
        task.cancel(reason);
        countdown = 0;
        std::string end = "value";
        try {
            co_await task.join();
        } catch (const brio::cancelled_error& e) {
            end = e.message().empty() ? reason : e.message();
        }
        EXPECT_EQ(end, reason);
        co_await brio::testing::advance(1h);
        EXPECT_EQ(brio::all_tasks().size(), 1U);
    }
}

BRIO_TEST(out_of_memory, cancels) {
    const silent_reports quiet;
    co_await cancel_without_memory([]() -> awaitable<> { co_await late(1); });
    co_await cancel_without_memory([]() -> awaitable<> { co_await brio::gather(late(1), late(2)); });
    co_await cancel_without_memory([]() -> awaitable<> { co_await brio::gather(brio::limit(2), three()); });
    co_await cancel_without_memory([]() -> awaitable<> { co_await brio::race(late(1), late(2)); });
    co_await cancel_without_memory([]() -> awaitable<> { co_await brio::wait_for(late(1), 1h); });
    co_await cancel_without_memory([]() -> awaitable<> {
        co_await brio::with_task_group([](brio::task_group& children) -> awaitable<> {
            children.create_task(late(1));
            children.create_task(late(2));
            co_return;
        });
    });
    co_await cancel_without_memory([]() -> awaitable<> {
        brio::promise<int> never;
        co_await never.get_future().join();
    });
}

BRIO_TEST(out_of_memory, a_promise_that_is_broken) {
    const silent_reports quiet;
    for (int n = 1; n <= 3; ++n) {
        brio::future<> result;
        {
            brio::promise<> source;
            result = source.get_future();
            countdown = n;
        }
        countdown = 0;
        EXPECT_TRUE(result.done());
        EXPECT_NE(result.exception(), nullptr);
    }
    co_return;
}

}  // namespace
