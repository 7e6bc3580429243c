// SPDX-License-Identifier: BSL-1.0
// Whose place is shown: that of the call in the program, never one in a header of brio's.
#include "unit/core/capture.hpp"

#include <brio/testing/test.hpp>

#include <cstdint>
#include <string>
#include <utility>

namespace {

using namespace std::chrono_literals;
using brio::awaitable;
using brio::create_task;
using brio_test::contains;

std::uint_least32_t place(const brio::source_location& where) {
    EXPECT_TRUE(where.line() == 0 || contains(where.file_name(), "places_test.cpp")) << where.file_name() << ":" << where.line();
    return where.line();
}

/// Where the task of that name waits, and where what it waits for was made: each line 0 when that is not known.
std::pair<std::uint_least32_t, std::uint_least32_t> wait_of(const char* name) {
    const brio::task_tree tree = brio::capture_task_tree();
    for (const brio::task_info& task : tree.tasks()) {
        if (task.name != name) continue;
        std::uint_least32_t made = 0;
        for (const std::uint64_t id : task.awaits) made = place(tree.find(id)->created_at);
        return {place(task.waits_at), made};
    }
    ADD_FAILURE() << "no task " << name;
    return {0, 0};
}

/// A coroutine function and the line of its one wait, 0 when that will not be known.
template <class F>
struct lined {
    lined(std::uint_least32_t at, F body) : line(at), run(body) {}
    std::uint_least32_t line;
    F run;
};

template <class F>
awaitable<> expect_place(lined<F> body) {
    auto task = create_task(body.run, "here");
    co_await brio::sleep(0s);
    const auto [waits_at, made_at] = wait_of("here");
    EXPECT_EQ(waits_at, body.line);
    EXPECT_EQ(made_at, body.line);
    task.cancel();
    while (!task.done()) co_await brio::sleep(0s);
}

awaitable<int> hour() {
    co_await brio::sleep(1h);
    co_return 1;
}

BRIO_TEST(places, of_gathers) {
    const lined one(__LINE__, []() -> awaitable<> { co_await brio::gather(hour()); });
    co_await expect_place(one);
    const lined two(__LINE__, []() -> awaitable<> { co_await brio::gather(hour(), brio::sleep(1h)); });
    co_await expect_place(two);
    const lined three(__LINE__, []() -> awaitable<> { co_await brio::gather(hour(), hour(), brio::sleep(1h)); });
    co_await expect_place(three);
    const lined four(__LINE__, []() -> awaitable<> { co_await brio::gather(hour(), hour(), hour(), brio::sleep(1h)); });
    co_await expect_place(four);
    const lined five(0, []() -> awaitable<> { co_await brio::gather(hour(), hour(), hour(), hour(), hour()); });
    co_await expect_place(five);
}

BRIO_TEST(places, of_gathers_of_outcomes) {
    using brio::return_exceptions;
    const lined two(__LINE__, []() -> awaitable<> { co_await brio::gather(return_exceptions, hour(), hour()); });
    co_await expect_place(two);
    const lined three(__LINE__, []() -> awaitable<> { co_await brio::gather(return_exceptions, hour(), hour(), hour()); });
    co_await expect_place(three);
    const lined four(__LINE__, []() -> awaitable<> { co_await brio::gather(return_exceptions, hour(), hour(), hour(), hour()); });
    co_await expect_place(four);
    const lined one(__LINE__, []() -> awaitable<> { co_await brio::gather(return_exceptions, hour()); });
    co_await expect_place(one);
    const lined five(0, []() -> awaitable<> { co_await brio::gather(return_exceptions, hour(), hour(), hour(), hour(), hour()); });
    co_await expect_place(five);
}

BRIO_TEST(places, of_races) {
    const lined one(__LINE__, []() -> awaitable<> { co_await brio::race(hour()); });
    co_await expect_place(one);
    const lined two(__LINE__, []() -> awaitable<> { co_await brio::race(hour(), brio::sleep(1h)); });
    co_await expect_place(two);
    const lined three(__LINE__, []() -> awaitable<> { co_await brio::race(hour(), hour(), hour()); });
    co_await expect_place(three);
    const lined four(__LINE__, []() -> awaitable<> { co_await brio::race(hour(), hour(), hour(), brio::sleep(1h)); });
    co_await expect_place(four);
    const lined five(0, []() -> awaitable<> { co_await brio::race(hour(), hour(), hour(), hour(), hour()); });
    co_await expect_place(five);
}

BRIO_TEST(places, of_waits) {
    const auto stop = [] {  // wait() leaves its tasks running
        for (const brio::task_handle& task : brio::all_tasks()) {
            if (task != brio::current_task()) task.cancel();
        }
    };
    const lined one(__LINE__, []() -> awaitable<> { co_await brio::wait(hour()); });
    co_await expect_place(one);
    const lined two(__LINE__, []() -> awaitable<> { co_await brio::wait(hour(), 1h); });
    co_await expect_place(two);
    const lined three(__LINE__, []() -> awaitable<> { co_await brio::wait(hour(), hour(), brio::first_completed); });
    co_await expect_place(three);
    const lined four(__LINE__, []() -> awaitable<> { co_await brio::wait(hour(), hour(), brio::sleep(1h), 1h); });
    co_await expect_place(four);
    const lined five(0, []() -> awaitable<> { co_await brio::wait(hour(), hour(), hour(), hour(), 1h); });
    co_await expect_place(five);
    stop();
    co_await brio::sleep(0s);
}

awaitable<> three_texts(std::string, std::string, std::string) { co_return; }

BRIO_TEST(places, TASK_27_of_tasks_made_from_functions_with_arguments) {
    const auto one = create_task([](int) -> awaitable<> { co_return; }, 1); const unsigned line = __LINE__;
    EXPECT_EQ(place(one.where()), line);
    const auto two = create_task([](int, int) -> awaitable<> { co_return; }, 1, 2);
    EXPECT_EQ(place(two.where()), line + 2);
    const auto three = create_task(three_texts, "a", "b", "c");
    EXPECT_EQ(place(three.where()), line + 4);
    const auto four = create_task([](int, int, int, int) -> awaitable<> { co_return; }, 1, 2, 3, 4);
    EXPECT_EQ(place(four.where()), 0U);
    EXPECT_TRUE(contains(to_string(four), "created at an unknown place")) << to_string(four);
    co_await brio::gather(one, two, three, four);
}

BRIO_TEST(places, TASK_27_of_such_tasks_in_groups) {
    co_await brio::with_task_group([](brio::task_group& group) -> awaitable<> {
        const auto one = group.create_task([](int) -> awaitable<> { co_return; }, 1); const unsigned line = __LINE__;
        EXPECT_EQ(place(one.where()), line);
        const auto two = group.create_task([](int, int) -> awaitable<> { co_return; }, 1, 2);
        EXPECT_EQ(place(two.where()), line + 2);
        const auto three = group.create_task(three_texts, "a", "b", "c");
        EXPECT_EQ(place(three.where()), line + 4);
        const auto four = group.create_task([](int, int, int, int) -> awaitable<> { co_return; }, 1, 2, 3, 4);
        EXPECT_EQ(place(four.where()), 0U);
        co_return;
    });
}

BRIO_TEST(places, TASK_27_of_tasks_in_groups_made_with_options) {
    co_await brio::with_task_group([](brio::task_group& group) -> awaitable<> {
        const auto named = brio::task_options().name("named");
        const auto coroutine = group.create_task(hour(), named); const unsigned line = __LINE__;
        const auto operation = group.create_task(brio::sleep(0s), named);
        const auto function = group.create_task(hour, named);
        EXPECT_EQ(place(coroutine.where()), line);
        EXPECT_EQ(place(operation.where()), line + 1);
        EXPECT_EQ(place(function.where()), line + 2);
        EXPECT_EQ(coroutine.name() + operation.name() + function.name(), "namednamednamed");
        group.cancel();
        co_return;
    });
}

BRIO_TEST(places, of_the_main_task_of_a_run_with_arguments) {
    const auto places = [](int) -> awaitable<std::uint_least32_t> { co_return place(brio::current_task().where()); };
    EXPECT_EQ(co_await brio::to_thread([&places] { return brio::run(places, 1); }), 0U);
}

// The threads wait for their stop token, and the loop's end for them.
BRIO_TEST_REAL_TIME(places, of_calls_in_threads) {
    const auto until_stopped = [](std::stop_token stop, auto...) {
        while (!stop.stop_requested()) std::this_thread::yield();
    };
    const auto check = [](auto body, std::uint_least32_t line) -> awaitable<> {
        auto task = create_task(body, "here");
        co_await brio::sleep(0s);
        EXPECT_EQ(wait_of("here").first, line);
        task.cancel();
        while (!task.done()) co_await brio::sleep(0s);
    };
    const auto none = [=]() -> awaitable<> { co_await brio::to_thread(until_stopped); }; const unsigned line = __LINE__;
    co_await check(none, line);
    const auto one = [=]() -> awaitable<> { co_await brio::to_thread(until_stopped, 1); };
    co_await check(one, line + 2);
    const auto two = [=]() -> awaitable<> { co_await brio::to_thread(until_stopped, 1, 2); };
    co_await check(two, line + 4);
    const auto three = [=]() -> awaitable<> { co_await brio::to_thread(until_stopped, 1, 2, 3); };
    co_await check(three, line + 6);
    const auto four = [=]() -> awaitable<> { co_await brio::to_thread(until_stopped, 1, 2, 3, 4); };
    co_await check(four, 0);
}

}  // namespace
