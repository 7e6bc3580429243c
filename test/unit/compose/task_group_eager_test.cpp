// SPDX-License-Identifier: BSL-1.0
// Task groups whose children and body begin at once (asyncio.md 2.5): what has no counterpart among lazy tasks. The tests
// of task_group_test, with_task_group_test and group_count_test run with eager tasks, too.
#include "unit/compose/lazy_and_eager.hpp"
#include "unit/compose/outcome.hpp"

#include <brio/testing/test.hpp>

#include <stdexcept>
#include <string>

namespace {

using namespace std::chrono_literals;
using brio::awaitable;
using brio::task_group;
using brio::task_options;
using brio::with_task_group;
using brio_test::all_eager;
using brio_test::end_of;
using brio_test::error_after;
using brio_test::value_after;

awaitable<int> answer() { co_return 42; }
awaitable<> fail_at_once(std::string text) {
    throw std::runtime_error(text);
    co_return;
}

BRIO_TEST(eager_task_group, EAG_14_children_that_are_done_at_once) {
    const all_eager here;
    const auto body = [](task_group& group) -> awaitable<int> {
        auto first = group.create_task(answer());
        auto second = group.create_task(answer());
        EXPECT_TRUE(first.done());
        EXPECT_EQ(group.size(), 0U);
        co_return first.result() + second.result();
    };
    EXPECT_EQ(co_await with_task_group(body), 84);
}

BRIO_TEST(eager_task_group, EAG_14_an_error_does_not_come_out_of_the_creators_statement) {
    const all_eager here;
    std::string order;
    const auto body = [&order](task_group& group) -> awaitable<> {
        group.create_task(fail_at_once("boom"));
        order += "statement ended; ";
        try {
            co_await brio::sleep(1h);
        } catch (const brio::cancelled_error&) {
            order += "body stopped";
            throw;
        }
    };
    EXPECT_EQ(co_await end_of(with_task_group(body)), "{boom}");
    EXPECT_EQ(order, "statement ended; body stopped");
}

BRIO_TEST(eager_task_group, EAG_14_siblings_are_cancelled_by_it) {
    const all_eager here;
    brio::task<int> sibling;
    const auto body = [&sibling](task_group& group) -> awaitable<> {
        sibling = group.create_task(value_after(1h, 1));
        group.create_task(fail_at_once("boom"));
        co_return;
    };
    EXPECT_EQ(co_await end_of(with_task_group(body)), "{boom}");
    EXPECT_TRUE(sibling.cancelled());
}

BRIO_TEST(eager_task_group, EAG_14_several_that_fail_are_all_in_the_group) {
    const all_eager here;
    const auto body = [](task_group& group) -> awaitable<> {
        group.create_task(fail_at_once("one"));
        group.create_task(fail_at_once("two"));
        co_await brio::sleep(1h);
    };
    EXPECT_EQ(co_await end_of(with_task_group(body)), "{one two}");
}

BRIO_TEST(eager_task_group, EAG_14_a_failing_body_and_nested_groups) {
    const all_eager here;
    const auto inner = [](task_group& group) -> awaitable<> {
        group.create_task(fail_at_once("inner"));
        co_return;
    };
    const auto outer = [&inner](task_group& group) -> awaitable<> {
        group.create_task(error_after(1s, "late"));
        co_await with_task_group(inner);
    };
    EXPECT_EQ(co_await end_of(with_task_group(outer)), "{{inner}}");
    const auto failing = [](task_group&) -> awaitable<> {
        throw std::runtime_error("body");
        co_return;
    };
    EXPECT_EQ(co_await end_of(with_task_group(failing)), "{body}");
}

BRIO_TEST(eager_task_group, EAG_14_cancelled_from_outside) {
    const all_eager here;
    brio::task<int> child;
    const auto body = [&child](task_group& group) -> awaitable<> {
        child = group.create_task(value_after(1h, 1));
        co_return;
    };
    const auto caller = [&body]() -> awaitable<> { co_await with_task_group(body); };
    auto task = brio::create_task(caller);
    co_await brio::sleep(1s);
    task.cancel();
    while (!task.done()) co_await brio::sleep(0s);
    EXPECT_TRUE(task.cancelled());
    EXPECT_TRUE(child.cancelled());
}

BRIO_TEST(eager_task_group, TG_44_EAG_14_an_eager_child_that_cancels_the_group_is_stopped_too) {
    bool went_on = false;
    brio::task<> child;
    const auto stop = [](task_group* group, bool* reached) -> awaitable<> {
        group->cancel();
        co_await brio::sleep(1h);
        *reached = true;
    };
    const auto body = [&](task_group& group) -> awaitable<> {
        child = group.create_task(stop(&group, &went_on), task_options().eager());
        co_await brio::sleep(1h);
    };
    co_await with_task_group(body);
    EXPECT_FALSE(went_on);
    EXPECT_TRUE(child.cancelled());
}

// The same with a child that joins the caller: the circle opens at the child, and the group ends before its caller.
BRIO_TEST(task_group_circle, a_child_that_joins_the_caller_does_not_let_the_group_outlive_it) {
    brio::task<> caller;
    bool body_ended = false;
    bool ended_in_time = false;
    const auto join_caller = [&caller]() -> awaitable<> { co_await caller.join(); };
    const auto body = [&](task_group& group) -> awaitable<> {
        struct at_end {
            bool& flag;
            ~at_end() { flag = true; }
        } const mark{body_ended};
        group.create_task(join_caller);
        co_await caller.join();
    };
    const auto run_group = [&]() -> awaitable<> {
        try {
            co_await with_task_group(body);
        } catch (const brio::cancelled_error&) {
            ended_in_time = body_ended;
            throw;
        }
    };
    caller = brio::create_task(run_group);
    co_await brio::sleep(1s);
    caller.cancel();
    while (!caller.done()) co_await brio::sleep(0s);
    EXPECT_TRUE(caller.cancelled());
    EXPECT_TRUE(ended_in_time);
    caller = {};
}

BRIO_TEST(timeout, TO_25_around_a_group_whose_child_and_body_fail_while_being_interrupted) {
    const auto fail_when_stopped = [](std::string text) -> awaitable<> {
        bool stopped = false;
        try {
            co_await brio::sleep(1h);
        } catch (const brio::cancelled_error&) {
            stopped = true;
        }
        if (stopped) throw std::runtime_error(text);
    };
    const auto body = [&fail_when_stopped](task_group& group) -> awaitable<> {
        group.create_task(fail_when_stopped("child"));
        co_await fail_when_stopped("body");
    };
    const std::string end = co_await end_of(brio::with_timeout(1s, with_task_group(body)));
    EXPECT_TRUE(end == "{body child}" || end == "{child body}") << end;
}

}  // namespace
