// SPDX-License-Identifier: BSL-1.0
// Tasks: how they start, what they are called, who lists and keeps them.
#include "unit/core/capture.hpp"

#include <boost/asio/io_context.hpp>

#include <brio/testing/test.hpp>

#include <exception>
#include <memory>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>

namespace {

using namespace std::chrono_literals;
using brio::awaitable;
using brio::create_task;
using brio_test::captured_errors;
using brio_test::captured_log;
using brio_test::contains;
using brio_test::counted;
using brio_test::thrown_by;

template <class X>
concept spawnable = requires(X x) { brio::create_task(std::move(x)); };
template <class X>
concept has_set_result = requires(X x) { x.set_result(1); } || requires(X x) { x.set_value(1); };
template <class X>
concept has_set_exception = requires(X x) { x.set_exception(std::exception_ptr()); };

awaitable<int> answer() { co_return 42; }
awaitable<> nap(brio::loop::duration length) { co_await brio::sleep(length); }

BRIO_TEST_FIFO(task, TASK_1_create_task_only_schedules) {
    std::string order;
    brio::get_running_loop().call_soon([&order] { order += "queued before; "; });
    auto task = create_task([&order]() -> awaitable<> {
        order += "first step; ";
        co_return;
    });
    brio::get_running_loop().call_soon([&order] { order += "queued after; "; });
    order += "created; ";
    co_await brio::sleep(0s);
    EXPECT_EQ(order, "created; queued before; first step; queued after; ");
    EXPECT_TRUE(task.done());
}

BRIO_TEST(task, TASK_1_twenty_thousand_nested_starts_do_not_use_up_the_stack) {
    int deepest = 0;
    struct nest {
        static awaitable<> down(int& deepest, int depth) {
            if (depth == 0) co_return;
            deepest = depth;
            auto inner = create_task(down(deepest, depth - 1));
            co_await inner.join();
        }
    };
    co_await nest::down(deepest, 20'000);
    EXPECT_EQ(deepest, 1);
}

BRIO_TEST(task, TASK_2_value_is_what_the_coroutine_returns) {
    auto task = create_task(answer());
    EXPECT_FALSE(task.done());
    EXPECT_EQ(co_await task.join(), 42);
    EXPECT_TRUE(task.done());
    EXPECT_FALSE(task.cancelled());
    EXPECT_EQ(task.result(), 42);
    EXPECT_EQ(task.exception(), nullptr);
}

BRIO_TEST(task, TASK_3_TASK_18_what_is_no_coroutine_does_not_compile) {
    static_assert(!spawnable<int>);
    static_assert(!spawnable<std::string>);
    static_assert(!spawnable<int (*)()>);
    static_assert(spawnable<awaitable<int>>);
    static_assert(spawnable<awaitable<int> (*)()>);
    static_assert(spawnable<decltype(brio::sleep(1s))>);
    co_return;
}

BRIO_TEST(task, TASK_5_automatic_names_are_unique_and_count_upwards) {
    auto a = create_task(answer());
    auto b = create_task(answer());
    auto c = create_task(answer());
    const auto number = [](const brio::task_handle& task) { return std::stoi(task.name().substr(5)); };
    EXPECT_EQ(a.name().substr(0, 5), "Task-");
    EXPECT_EQ(number(b), number(a) + 1);
    EXPECT_EQ(number(c), number(b) + 1);
    co_await brio::gather(a, b, c);
}

BRIO_TEST(task, TASK_6_a_given_name_is_kept_and_visible_inside) {
    std::string inside;
    auto task = create_task(
        [](std::string& seen) -> awaitable<> {
            seen = brio::current_task().name();
            co_return;
        }(inside),
        "worker");
    EXPECT_EQ(task.name(), "worker");
    co_await task.join();
    EXPECT_EQ(inside, "worker");
    task.set_name("retired");
    EXPECT_EQ(task.name(), "retired");
}

BRIO_TEST(task, TASK_6_a_callable_without_arguments_may_be_named) {
    auto body = [](int value) -> awaitable<int> { co_return value; };
    auto plain = create_task(body, 3);  // an argument is an argument, not a name
    EXPECT_EQ(plain.name().substr(0, 5), "Task-");
    auto named = create_task([]() -> awaitable<int> { co_return 4; }, "four");
    EXPECT_EQ(named.name(), "four");
    EXPECT_EQ(co_await plain.join(), 3);
    EXPECT_EQ(co_await named.join(), 4);
}

BRIO_TEST(task, TASK_11_a_task_that_joins_itself_gets_an_error) {
    brio::task<> self;
    self = create_task([&self]() -> awaitable<> { co_await self.join(); });
    EXPECT_THROW(co_await self.join(), brio::invalid_state_error);
    EXPECT_TRUE(contains(thrown_by([&self] { self.result(); }), "cannot join itself"));
    self = brio::task<>();
}

BRIO_TEST(task, TASK_13_outside_code_cannot_set_the_outcome) {
    static_assert(!has_set_result<brio::task<int>>);
    static_assert(!has_set_exception<brio::task<int>>);
    co_return;
}

BRIO_TEST(task, TASK_14_returning_a_task_does_not_await_it) {
    auto outer = create_task([]() -> awaitable<brio::task<int>> {
        co_return create_task([]() -> awaitable<int> {
            co_await brio::sleep(1s);
            co_return 7;
        });
    });
    auto inner = co_await outer.join();
    EXPECT_FALSE(inner.done());
    EXPECT_EQ(co_await inner.join(), 7);
}

BRIO_TEST(task, TASK_15_joiners_receive_the_very_object) {
    const auto object = std::make_shared<int>(5);
    auto task = create_task(
        [](std::shared_ptr<int> value) -> awaitable<std::shared_ptr<int>> {
            co_await brio::sleep(1s);
            co_return value;
        },
        object);
    auto other = create_task([&task]() -> awaitable<std::shared_ptr<int>> { co_return co_await task.join(); });
    EXPECT_EQ(co_await task.join(), object);
    EXPECT_EQ(co_await other.join(), object);
}

BRIO_TEST(task, TASK_15_a_move_only_value_goes_to_the_joiner) {
    auto task = create_task([]() -> awaitable<std::unique_ptr<int>> { co_return std::make_unique<int>(9); });
    const std::unique_ptr<int> value = co_await std::move(task).join();
    BRIO_ASSERT_TRUE(value != nullptr);
    EXPECT_EQ(*value, 9);
}

BRIO_TEST(task, TASK_16_composing_functions_take_a_task_as_it_is) {
    auto task = create_task(nap(1s));
    const std::size_t before = brio::all_tasks().size();
    auto waiting = brio::gather(task);
    EXPECT_EQ(brio::all_tasks().size(), before) << "gather made another task out of a task";
    co_await std::move(waiting);
    EXPECT_TRUE(task.done());
}

TEST(task, TASK_20_current_task_without_a_loop_is_an_error) {
    EXPECT_TRUE(contains(thrown_by([] { static_cast<void>(brio::current_task()); }), "brio::loop_error"));
    EXPECT_THROW(static_cast<void>(brio::all_tasks()), brio::loop_error);
    EXPECT_THROW(static_cast<void>(brio::get_running_loop()), brio::loop_error);
}

TEST(task, TASK_30_create_task_without_a_loop_is_an_error_and_nothing_begins) {
    bool began = false;
    int live = 0;
    {
        auto body = [](bool& flag, counted) -> awaitable<> {
            flag = true;
            co_return;
        };
        EXPECT_THROW(create_task(body(began, counted(live))), brio::loop_error);
    }
    EXPECT_FALSE(began);
    EXPECT_EQ(live, 0);
}

BRIO_TEST(task, TASK_20_no_task_is_current_inside_a_callback) {
    bool checked = false;
    brio::get_running_loop().call_soon([&checked] { checked = !brio::current_task(); });
    co_await brio::sleep(0s);
    EXPECT_TRUE(checked);
    EXPECT_TRUE(brio::current_task());
}

BRIO_TEST(task, TASK_21_every_step_of_a_task_is_its_own) {
    int wrong = 0;
    std::vector<brio::task<>> tasks;
    for (int i = 0; i < 10; ++i) {
        tasks.push_back(create_task(
            [](int& errors, int turns) -> awaitable<> {
                const brio::task_handle self = brio::current_task();
                for (int turn = 0; turn < turns; ++turn) {
                    co_await brio::sleep(std::chrono::milliseconds(turn % 3));
                    if (brio::current_task() != self) ++errors;
                }
            },
            std::ref(wrong), i + 3));
    }
    co_await brio::gather(tasks);
    EXPECT_EQ(wrong, 0);
}

BRIO_TEST(task, TASK_22_all_tasks_lists_what_is_not_done) {
    auto first = create_task(nap(1s));
    auto second = create_task(nap(2s));
    auto listed = brio::all_tasks();
    BRIO_ASSERT_EQ(listed.size(), 3U);
    EXPECT_EQ(listed[0], brio::current_task());
    EXPECT_EQ(listed[1], first);
    EXPECT_EQ(listed[2], second);
    co_await first.join();
    listed = brio::all_tasks();
    BRIO_ASSERT_EQ(listed.size(), 2U);
    EXPECT_EQ(listed[1], second);
    co_await second.join();
}

BRIO_TEST(task, TASK_22_tasks_of_another_loop_are_not_listed) {
    std::size_t there = 0;
    auto other = brio::to_thread([&there] {
        there = brio::run([]() -> awaitable<std::size_t> {
            auto extra = create_task(nap(0s));
            const std::size_t count = brio::all_tasks().size();
            co_await extra.join();
            co_return count;
        });
    });
    co_await std::move(other);
    EXPECT_EQ(there, 2U);
    EXPECT_EQ(brio::all_tasks().size(), 1U);
}

BRIO_TEST(task, TASK_23_all_tasks_from_a_foreign_thread_is_an_error) {
    std::string seen;
    co_await brio::to_thread([&seen] { seen = thrown_by([] { static_cast<void>(brio::all_tasks()); }); });
    EXPECT_TRUE(contains(seen, "loop_error")) << seen;
}

BRIO_TEST_FIFO(task, TASK_24_the_last_handle_may_go_in_another_thread) {
    int live = 0;
    for (int i = 0; i < 50; ++i) {
        auto task = create_task([&live]() -> awaitable<std::shared_ptr<counted>> {
            co_return std::make_shared<counted>(live);
        });
        co_await brio::sleep(0s);
        EXPECT_EQ(live, 1);
        std::thread([last = std::move(task)]() mutable { last = decltype(last)(); }).join();
        EXPECT_EQ(live, 0);
    }
}

TEST(task, TASK_25_a_pending_task_that_is_destroyed_with_its_loop_is_reported) {
    captured_log log;
    int live = 0;
    brio::task<> task;
    {
        boost::asio::io_context context;
        brio::loop loop(context);
        loop.call_soon([&] {
            task = create_task([&live]() -> awaitable<> {
                const counted here(live);
                co_await brio::sleep(1h);
            });
            task.set_name("forgotten");
        });
        context.poll();
        EXPECT_EQ(live, 1);
    }
    EXPECT_EQ(live, 0) << "the frame of a task outlived its loop";
    EXPECT_EQ(log.count("forgotten"), 1U) << log.text();
    EXPECT_TRUE(contains(log.text(), "destroyed")) << log.text();
    EXPECT_TRUE(task.done());
    EXPECT_TRUE(task.cancelled());
}

BRIO_TEST(task, TASK_26_a_task_without_handles_lives_on) {
    bool finished = false;
    create_task([&finished]() -> awaitable<> {
        co_await brio::sleep(1s);
        finished = true;
    });
    co_await brio::sleep(2s);
    EXPECT_TRUE(finished);
}

BRIO_TEST(task, TASK_27_a_task_knows_where_it_was_created) {
    auto body = answer();
    auto coroutine = create_task(std::move(body)); const unsigned line = __LINE__;
    EXPECT_EQ(coroutine.where().line(), line);
    EXPECT_TRUE(contains(coroutine.where().file_name(), "task_test.cpp")) << coroutine.where().file_name();
    auto callable = create_task([]() -> awaitable<> { co_return; });
    EXPECT_TRUE(contains(callable.where().file_name(), "task_test.cpp")) << callable.where().file_name();
    auto operation = create_task(brio::sleep(0s));
    EXPECT_TRUE(contains(operation.where().file_name(), "task_test.cpp")) << operation.where().file_name();
    co_await brio::gather(coroutine, callable, operation);
}

BRIO_TEST(task, TASK_31_nested_exceptions_stay_nested_across_joins) {
    auto inner = create_task([]() -> awaitable<> {
        co_await brio::sleep(0s);
        throw std::runtime_error("the cause");
    });
    auto outer = create_task([&inner]() -> awaitable<> {
        std::exception_ptr cause;
        try {
            co_await inner.join();
        } catch (const std::runtime_error&) {
            std::throw_with_nested(std::logic_error("the consequence"));
        }
    });
    std::string chain;
    try {
        co_await outer.join();
    } catch (const std::logic_error& e) {
        chain = e.what();
        try {
            std::rethrow_if_nested(e);
        } catch (const std::runtime_error& cause) {
            chain += std::string(" <- ") + cause.what();
        }
    }
    EXPECT_EQ(chain, "the consequence <- the cause");
}

BRIO_TEST(task, a_callable_and_its_arguments_live_as_long_as_the_task) {
    int live = 0;
    {
        auto body = [here = counted(live)](counted) -> awaitable<> { co_await brio::sleep(1s); };
        create_task(body, counted(live));
    }
    EXPECT_EQ(live, 2);
    co_await brio::sleep(2s);
    EXPECT_EQ(live, 0);
}

BRIO_TEST(task, the_frame_is_gone_when_the_task_is_done) {
    int live = 0;
    auto task = create_task([&live]() -> awaitable<> {
        const counted here(live);
        co_await brio::sleep(1s);
    });
    co_await task.join();
    EXPECT_EQ(live, 0) << "although a handle is left";
}

BRIO_TEST(task, many_tasks_may_join_one) {
    auto task = create_task([]() -> awaitable<int> {
        co_await brio::sleep(1s);
        co_return 3;
    });
    int sum = 0;
    std::vector<brio::task<>> joiners;
    for (int i = 0; i < 5; ++i) {
        joiners.push_back(create_task([&]() -> awaitable<> { sum += co_await task.join(); }));
    }
    co_await brio::gather(joiners);
    EXPECT_EQ(sum, 15);
}

}  // namespace

namespace {

BRIO_TEST(task, an_empty_handle_says_so) {
    const brio::task<int> empty;
    std::string text;
    try {
        co_await empty.join();
    } catch (const brio::invalid_state_error& e) {
        text = e.what();
    }
    EXPECT_NE(text.find("handle is empty"), text.npos) << text;
    EXPECT_THROW(static_cast<void>(empty.result()), brio::invalid_state_error);
    EXPECT_THROW(static_cast<void>(brio::gather(empty)), brio::invalid_state_error);
}

}  // namespace
