// SPDX-License-Identifier: BSL-1.0
// with_task_group: children, failures, cancellation, nesting.
#include "differential/scenario.hpp"

namespace differential {
namespace {

using namespace std::chrono_literals;
using brio::cancelled_error;
using brio::create_task;
using brio::task_group;
using brio::with_task_group;

std::string describe_group(const std::exception_ptr& error) {
    try {
        std::rethrow_exception(error);
    } catch (const brio::exception_group& group) {
        std::string text;
        for (const auto& member : group.exceptions()) text += (text.empty() ? "" : ", ") + describe(member.error());
        return "group[" + text + "]";
    } catch (...) {
        return "";
    }
}
[[maybe_unused]] const bool added = add_description(&describe_group);

awaitable<> fails_when_cancelled(trace& out, std::string text) {
    try {
        co_await brio::sleep(1s);
    } catch (const cancelled_error&) {
        out(text, "interrupted at", out.at());
        throw boom(text);
    }
}

BRIO_SCENARIO(TG_1_waits_for_all_children) {
    std::vector<brio::task<int>> children;
    co_await with_task_group([&](task_group& group) -> awaitable<> {
        children.push_back(group.create_task(value_after(20, 1)));
        children.push_back(group.create_task(value_after(10, 2)));
        out("body ends at", out.at());
        co_return;
    });
    std::vector<std::string> outcomes;
    for (const auto& child : children) outcomes.push_back(outcome(child));
    out("at", out.at(), outcomes);
}

BRIO_SCENARIO(TG_1_without_children) {
    co_await attempt(out, "group", with_task_group([](task_group&) -> awaitable<> { co_await brio::sleep(10ms); }));
    out("at", out.at());
}

BRIO_SCENARIO(TG_2_children_added_later) {
    co_await with_task_group([&](task_group& group) -> awaitable<> {
        group.create_task(worker(out, "first", 10));
        co_await brio::sleep(20ms);
        group.create_task(worker(out, "second", 10));
    });
    out("at", out.at());
}

awaitable<> parent(trace& out, task_group& group) {
    co_await brio::sleep(10ms);
    group.create_task(worker(out, "grandchild", 20));
}

BRIO_SCENARIO(a_child_adds_a_child) {
    co_await with_task_group([&](task_group& group) -> awaitable<> {
        group.create_task(parent(out, group));
        co_return;
    });
    out("at", out.at());
}

BRIO_SCENARIO(TG_3_a_child_cancelled_by_hand_is_no_failure) {
    co_await attempt(out, "group", with_task_group([&](task_group& group) -> awaitable<> {
                         auto child = group.create_task(worker(out, "child", 100));
                         group.create_task(worker(out, "other", 30));
                         co_await brio::sleep(10ms);
                         child.cancel();
                     }));
    out("at", out.at());
}

BRIO_SCENARIO(TG_4_a_failing_child_stops_its_siblings_and_the_body) {
    co_await attempt(out, "group", with_task_group([&](task_group& group) -> awaitable<> {
                         group.create_task(worker(out, "sibling", 100));
                         group.create_task(boom_after(10, "x"));
                         co_await worker(out, "body", 100);
                     }));
    out("at", out.at(), brio::current_task().cancelling());
}

BRIO_SCENARIO(TG_4_a_failing_child_when_the_body_has_ended) {
    co_await attempt(out, "group", with_task_group([&](task_group& group) -> awaitable<> {
                         group.create_task(cleaner(out, "sibling", 50));
                         group.create_task(boom_after(10, "x"));
                         co_return;
                     }));
    out("at", out.at());
}

BRIO_SCENARIO(TG_6_an_error_of_one_that_was_stopped) {
    co_await attempt(out, "group", with_task_group([&](task_group& group) -> awaitable<> {
                         group.create_task(boom_after(10, "a"));
                         group.create_task(fails_when_cancelled(out, "b"));
                         co_return;
                     }));
}

BRIO_SCENARIO(TG_7_a_cancel_from_outside_while_leaving) {
    auto task = create_task(with_task_group([&](task_group& group) -> awaitable<> {
        group.create_task(worker(out, "quick", 5));
        group.create_task(cleaner(out, "slow", 20));
        co_return;
    }));
    co_await brio::sleep(10ms);
    task.cancel();
    co_await attempt(out, "group", task);
    out("at", out.at());
}

BRIO_SCENARIO(TG_8_a_cancel_from_outside_goes_to_the_body_first) {
    auto task = create_task(with_task_group([&](task_group& group) -> awaitable<> {
        group.create_task(worker(out, "child", 100));
        co_await cleaner(out, "body", 20);
    }));
    co_await brio::sleep(10ms);
    task.cancel();
    co_await attempt(out, "group", task);
    out("at", out.at());
}

BRIO_SCENARIO(TG_9_a_cancel_without_children) {
    auto task = create_task(with_task_group([&](task_group&) -> awaitable<> { co_await worker(out, "body", 100); }));
    co_await brio::sleep(10ms);
    task.cancel();
    co_await attempt(out, "group", task);
}

BRIO_SCENARIO(TG_10_children_that_fail_while_being_cancelled) {
    auto task = create_task(with_task_group([&](task_group& group) -> awaitable<> {
        group.create_task(worker(out, "quick", 5));
        group.create_task(fails_when_cancelled(out, "slow"));
        co_return;
    }));
    co_await brio::sleep(10ms);
    task.cancel();
    co_await attempt(out, "group", task);
}

BRIO_SCENARIO(TG_11_the_body_fails) {
    co_await attempt(out, "group", with_task_group([&](task_group& group) -> awaitable<> {
                         group.create_task(worker(out, "child", 100));
                         co_await brio::sleep(10ms);
                         throw boom("body");
                     }));
    out("at", out.at());
}

BRIO_SCENARIO(TG_12_the_body_fails_before_any_child_began) {
    brio::task<> child;
    co_await attempt(out, "group", with_task_group([&](task_group& group) -> awaitable<> {
                         child = group.create_task(worker(out, "child", 100));
                         throw boom("body");
                         co_return;
                     }));
    out(outcome(child));
}

awaitable<> group_of_one(awaitable<> child) {
    co_await with_task_group([&](task_group& group) -> awaitable<> {
        group.create_task(std::move(child));
        co_return;
    });
}

BRIO_SCENARIO(TG_13_nested_groups_and_a_cancel_from_outside) {
    auto task = create_task(group_of_one(group_of_one(fails_when_cancelled(out, "inner"))));
    co_await brio::sleep(10ms);
    task.cancel();
    co_await attempt(out, "group", task);
}

BRIO_SCENARIO(TG_14_a_child_of_the_outer_group_fails) {
    co_await attempt(out, "group", with_task_group([&](task_group& group) -> awaitable<> {
                         group.create_task(boom_after(10, "outer"));
                         co_await group_of_one(worker(out, "inner", 100));
                     }));
}

BRIO_SCENARIO(TG_15_a_child_of_the_inner_group_fails) {
    co_await attempt(out, "group", with_task_group([&](task_group& group) -> awaitable<> {
                         group.create_task(worker(out, "outer", 100));
                         co_await group_of_one(boom_after(10, "inner"));
                     }));
}

BRIO_SCENARIO(TG_16_a_child_fails_during_the_slow_clean_up_of_the_body) {
    auto task = create_task(with_task_group([&](task_group& group) -> awaitable<> {
        group.create_task(boom_after(30, "x"));
        co_await cleaner(out, "body", 50);
    }));
    co_await brio::sleep(10ms);
    task.cancel();
    co_await attempt(out, "group", task);
    out("at", out.at());
}

BRIO_SCENARIO(TG_18_the_body_answers_with_an_error_of_its_own) {
    auto task = create_task(
        with_task_group([&](task_group&) -> awaitable<> { co_await fails_when_cancelled(out, "body"); }));
    co_await brio::sleep(10ms);
    task.cancel();
    co_await attempt(out, "group", task);
}

BRIO_SCENARIO(TG_19_a_child_fails_and_then_the_body) {
    co_await attempt(out, "group", with_task_group([&](task_group& group) -> awaitable<> {
                         group.create_task(boom_after(10, "child"));
                         co_await fails_when_cancelled(out, "body");
                     }));
}

BRIO_SCENARIO(TG_26_no_child_after_the_failure) {
    co_await attempt(out, "group", with_task_group([&](task_group& group) -> awaitable<> {
                         group.create_task(boom_after(10, "child"));
                         try {
                             co_await brio::sleep(1s);
                         } catch (const cancelled_error&) {
                             try {
                                 group.create_task(worker(out, "late", 10));
                             } catch (const brio::error&) {
                                 out("late:", std::current_exception());
                             }
                             throw;
                         }
                     }));
}

awaitable<std::string> guarded(trace& out) {
    co_await attempt(out, "group", with_task_group([](task_group& group) -> awaitable<> {
                         group.create_task(boom_after(10, "x"));
                         co_await brio::sleep(1s);
                     }));
    out(brio::current_task().cancelling());
    co_await brio::sleep(10ms);
    co_return "healthy";
}

BRIO_SCENARIO(TG_31_the_count_after_a_failed_group) {
    co_await attempt(out, "task", create_task(guarded(out)));
}

BRIO_SCENARIO(a_group_in_a_timeout) {
    auto group = with_task_group([&](task_group& children) -> awaitable<> {
        children.create_task(cleaner(out, "child", 30));
        co_await worker(out, "body", 100);
    });
    co_await attempt(out, "timeout", brio::with_timeout(20ms, std::move(group)));
    out("at", out.at());
}

BRIO_SCENARIO(a_timeout_in_a_group) {
    co_await attempt(out, "group", with_task_group([&](task_group& group) -> awaitable<> {
                         group.create_task(brio::with_timeout(20ms, worker(out, "child", 100)));
                         group.create_task(worker(out, "sibling", 100));
                         co_return;
                     }));
    out("at", out.at());
}

BRIO_SCENARIO(children_begin_in_order_after_the_body_suspends) {
    co_await with_task_group([&](task_group& group) -> awaitable<> {
        for (const char* const name : {"a", "b", "c"}) group.create_task(worker(out, name, 10));
        out("created");
        co_await turns(1);
        out("body goes on");
    });
    out("end");
}

BRIO_SCENARIO(the_body_swallows_the_cancel) {
    auto task = create_task(with_task_group([&](task_group& group) -> awaitable<> {
        group.create_task(worker(out, "child", 50));
        try {
            co_await brio::sleep(1s);
        } catch (const cancelled_error&) {
            out("swallowed");
        }
    }));
    co_await brio::sleep(10ms);
    task.cancel();
    co_await attempt(out, "group", task);
    out("at", out.at(), task.cancelling());
}

}  // namespace
}  // namespace differential
