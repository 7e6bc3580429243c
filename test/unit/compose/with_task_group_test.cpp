// SPDX-License-Identifier: BSL-1.0
// with_task_group: what becomes of values, errors and cancels of body, children and caller (asyncio.md 2.13).
#include "unit/compose/lazy_and_eager.hpp"
#include "unit/compose/outcome.hpp"

#include <brio/testing/test.hpp>

#include <memory>
#include <stdexcept>
#include <string>

namespace {

using namespace std::chrono_literals;
using brio::awaitable;
using brio::cancelled_error;
using brio::create_task;
using brio::task_group;
using brio::with_task_group;
using brio_test::end_of;
using brio_test::error_after;
using brio_test::settle;
using brio_test::slow_to_stop;
using brio_test::value_after;

auto now() { return brio::get_running_loop().time(); }

// Sleeps for an hour; answers a cancel with an error.
awaitable<> fail_when_cancelled(std::string text) {
    try {
        co_await brio::sleep(1h);
    } catch (const cancelled_error&) {
        throw std::runtime_error(text);
    }
}

BRIO_TEST_LAZY_AND_EAGER(with_task_group, TG_1_it_waits_for_all_children_and_gives_the_value_of_the_body) {
    const auto begin = now();
    brio::task<int> slow;
    brio::task<int> quick;
    const int value = co_await with_task_group([&](task_group& group) -> awaitable<int> {
        slow = group.create_task(value_after(3s, 42));
        quick = group.create_task(value_after(1s, 11), "quick");
        co_return 7;
    });
    EXPECT_EQ(value, 7);
    EXPECT_EQ(now() - begin, 3s);
    EXPECT_EQ(slow.result(), 42);
    EXPECT_EQ(quick.result(), 11);
    EXPECT_EQ(quick.name(), "quick");
    EXPECT_EQ(brio::current_task().cancelling(), 0);
}

BRIO_TEST_LAZY_AND_EAGER(with_task_group, TG_1_the_value_may_be_one_that_cannot_be_copied) {
    const auto value = co_await with_task_group([](task_group&) -> awaitable<std::unique_ptr<int>> {
        co_await brio::sleep(1s);
        co_return std::make_unique<int>(5);
    });
    EXPECT_EQ(*value, 5);
}

BRIO_TEST_LAZY_AND_EAGER(with_task_group, TG_4_a_failing_child_stops_its_siblings_and_the_body) {
    const auto begin = now();
    brio::task<int> sibling;
    bool went_on = false;
    EXPECT_EQ(co_await end_of(with_task_group([&](task_group& group) -> awaitable<> {
        sibling = group.create_task(value_after(1h, 1));
        group.create_task(error_after(1s, "child"), "crash");
        co_await brio::sleep(2h);
        went_on = true;
    })), "{child}");
    EXPECT_EQ(now() - begin, 1s);
    EXPECT_TRUE(sibling.cancelled());
    EXPECT_FALSE(went_on);
    EXPECT_EQ(brio::current_task().cancelling(), 0);
}

BRIO_TEST_LAZY_AND_EAGER(with_task_group, TG_4_the_errors_carry_the_names_of_their_tasks) {
    brio::current_task().set_name("caller");
    std::string text;
    try {
        co_await with_task_group([&](task_group& group) -> awaitable<> {
            group.create_task(error_after(1s, "no route"), "download");
            try {
                co_await brio::sleep(1h);
            } catch (const cancelled_error&) {
                throw std::runtime_error("body too");
            }
        });
    } catch (const brio::exception_group& errors) {
        text = errors.what();
    }
    EXPECT_EQ(text,
              "unhandled errors in a task group (2 errors)\n"
              "  download: std::runtime_error: no route\n"
              "  body of caller: std::runtime_error: body too");
}

BRIO_TEST_LAZY_AND_EAGER(with_task_group, TG_4_clean_up_of_the_siblings_is_waited_for) {
    const auto begin = now();
    std::string log;
    EXPECT_EQ(co_await end_of(with_task_group([&](task_group& group) -> awaitable<> {
        group.create_task(slow_to_stop(5s, log, "a"));
        group.create_task(error_after(1s, "child"));
        co_return;
    })), "{child}");
    EXPECT_EQ(log, "a");
    EXPECT_EQ(now() - begin, 6s);
}

BRIO_TEST_LAZY_AND_EAGER(with_task_group, TG_5_the_waiting_body_sees_cancelled_error) {
    bool seen = false;
    EXPECT_EQ(co_await end_of(with_task_group([&](task_group& group) -> awaitable<> {
        group.create_task(error_after(1s, "child"));
        try {
            co_await brio::sleep(1h);
        } catch (const cancelled_error&) {
            seen = true;
            throw;
        }
    })), "{child}");
    EXPECT_TRUE(seen);
}

BRIO_TEST_LAZY_AND_EAGER(with_task_group, TG_5_a_body_that_swallows_the_interruption_does_not_hide_the_error) {
    EXPECT_EQ(co_await end_of(with_task_group([](task_group& group) -> awaitable<int> {
        group.create_task(error_after(1s, "child"));
        try {
            co_await brio::sleep(1h);
        } catch (const cancelled_error&) {
        }
        co_return 3;
    })), "{child}");
}

BRIO_TEST_LAZY_AND_EAGER(with_task_group, TG_6_all_errors_that_came_before_the_interruption_are_in_the_group) {
    EXPECT_EQ(co_await end_of(with_task_group([](task_group& group) -> awaitable<> {
        for (int i = 0; i < 3; ++i) group.create_task(error_after(1s, "a"));
        co_return;
    })), "{a a a}");
}

// The joined task and the body fail with one and the same exception.
BRIO_TEST_LAZY_AND_EAGER(with_task_group, TG_6_an_error_that_is_thrown_on_by_those_who_join_counts_once) {
    EXPECT_EQ(co_await end_of(with_task_group([](task_group& group) -> awaitable<> {
        auto failing = group.create_task(error_after(1s, "once"));
        co_await failing.join();
    })), "{once}");
}

BRIO_TEST_LAZY_AND_EAGER(with_task_group, TG_6_one_who_joins_the_failed_task_and_goes_on_is_interrupted_next) {
    const auto begin = now();
    std::string log;
    EXPECT_EQ(co_await end_of(with_task_group([&](task_group& group) -> awaitable<> {
        auto failing = group.create_task(error_after(1s, "child"));
        log = co_await end_of(failing.join());
        co_await brio::sleep(1h);
        log += " went on";
    })), "{child}");
    EXPECT_EQ(log, "child");
    EXPECT_EQ(now() - begin, 1s);
}

BRIO_TEST_LAZY_AND_EAGER(with_task_group, TG_7_a_cancel_while_leaving_cancels_the_children_and_comes_out_plain) {
    brio::task<> a;
    std::string log;
    auto caller = create_task([&]() -> awaitable<> {
        co_await with_task_group([&](task_group& group) -> awaitable<> {
            a = group.create_task(brio::sleep(1h));
            group.create_task(slow_to_stop(5s, log, "b"));
            co_return;
        });
    });
    co_await brio::sleep(1s);
    const auto begin = now();
    EXPECT_TRUE(caller.cancel("enough"));
    EXPECT_EQ(co_await end_of(caller.join()), "cancelled(enough)");
    EXPECT_EQ(log, "b");
    EXPECT_EQ(now() - begin, 5s);
    EXPECT_TRUE(a.cancelled());
}

BRIO_TEST_LAZY_AND_EAGER(with_task_group, TG_7_a_second_cancel_is_passed_on_as_well) {
    std::string log;
    auto caller = create_task([&]() -> awaitable<> {
        co_await with_task_group([&](task_group& group) -> awaitable<> {
            group.create_task(slow_to_stop(1min, log, "a"));
            co_return;
        });
    });
    co_await brio::sleep(1s);
    const auto begin = now();
    caller.cancel();
    co_await brio::sleep(1s);
    EXPECT_FALSE(caller.done());
    caller.cancel();
    EXPECT_EQ(co_await end_of(caller.join()), "cancelled");
    EXPECT_EQ(now() - begin, 1s);
    EXPECT_EQ(log, "") << "its clean-up was interrupted";
}

BRIO_TEST_LAZY_AND_EAGER(with_task_group, TG_7_a_cancel_that_the_body_could_not_hear_goes_to_the_children) {
    brio::event ready;
    bool body_ended = false;
    brio::task<> child;
    auto caller = create_task([&]() -> awaitable<> {
        co_await with_task_group([&](task_group& group) -> awaitable<> {
            child = group.create_task(brio::sleep(1h));
            co_await ready.wait();
            body_ended = true;
        });
    });
    co_await settle();
    const auto begin = now();
    ready.set();            // the body is woken, its wait is over
    caller.cancel("late");
    EXPECT_EQ(co_await end_of(caller.join()), "cancelled(late)");
    EXPECT_TRUE(body_ended);
    EXPECT_TRUE(child.cancelled());
    EXPECT_EQ(now() - begin, 0s);
}

BRIO_TEST_LAZY_AND_EAGER(with_task_group, TG_7_a_value_that_is_there_is_delivered_before_a_cancel) {
    for (const bool body_woken : {true, false}) {
        brio::event ready;
        int got = 0;
        auto caller = create_task([&]() -> awaitable<> {
            got = co_await with_task_group([&](task_group& group) -> awaitable<int> {
                auto child = group.create_task(ready.wait());
                if (body_woken) co_await ready.wait();
                co_await child.join();
                co_return 5;
            });
            co_await brio::sleep(1h);
        });
        co_await settle();
        ready.set();
        if (!body_woken) co_await brio::sleep(0s);
        caller.cancel("late");
        EXPECT_EQ(co_await end_of(caller.join()), "cancelled(late)");
        EXPECT_EQ(got, 5);
    }
}

BRIO_TEST_LAZY_AND_EAGER(with_task_group, TG_8_a_cancel_while_the_body_waits_is_seen_by_the_body_first) {
    std::string log;
    auto child_body = [&log]() -> awaitable<> {
        try {
            co_await brio::sleep(1h);
        } catch (const cancelled_error& e) {
            log += "child(" + e.message() + ") ";
            throw;
        }
    };
    auto caller = create_task([&]() -> awaitable<> {
        co_await with_task_group([&](task_group& group) -> awaitable<> {
            group.create_task(child_body);
            try {
                co_await brio::sleep(1h);
            } catch (const cancelled_error& e) {
                log += "body(" + e.message() + ") ";
                throw;
            }
        });
    });
    co_await brio::sleep(1s);
    caller.cancel("why");
    EXPECT_EQ(co_await end_of(caller.join()), "cancelled(why)");
    EXPECT_EQ(log, "body(why) child(why) ");
}

BRIO_TEST_LAZY_AND_EAGER(with_task_group, TG_8_a_body_that_swallows_it_keeps_the_group_going) {
    brio::task<int> child;
    int got = 0;
    auto caller = create_task([&]() -> awaitable<> {
        got = co_await with_task_group([&](task_group& group) -> awaitable<int> {
            child = group.create_task(value_after(5s, 3));
            try {
                co_await brio::sleep(1h);
            } catch (const cancelled_error&) {
            }
            co_return 4;
        });
    });
    co_await brio::sleep(1s);
    caller.cancel();
    EXPECT_EQ(co_await end_of(caller.join()), "done");
    EXPECT_EQ(child.result(), 3);
    EXPECT_EQ(got, 4);
}

BRIO_TEST_LAZY_AND_EAGER(with_task_group, TG_9_a_cancel_of_a_group_without_children) {
    bool seen = false;
    auto caller = create_task([&]() -> awaitable<> {
        co_await with_task_group([&](task_group&) -> awaitable<> {
            try {
                co_await brio::sleep(1h);
            } catch (const cancelled_error&) {
                seen = true;
                throw;
            }
        });
    });
    co_await brio::sleep(1s);
    caller.cancel("m");
    EXPECT_EQ(co_await end_of(caller.join()), "cancelled(m)");
    EXPECT_TRUE(seen);
}

BRIO_TEST_LAZY_AND_EAGER(with_task_group, TG_9_a_request_that_is_older_than_the_group) {
    bool began = false;
    auto caller = create_task([&]() -> awaitable<> {
        brio::current_task().cancel("early");
        co_await with_task_group([&](task_group&) -> awaitable<> {
            began = true;
            co_return;
        });
    });
    EXPECT_EQ(co_await end_of(caller.join()), "cancelled(early)");
    EXPECT_EQ(began, brio_test::tasks_are_eager()) << "a lazy one never begins, like any task that is cancelled before its first step";
}

BRIO_TEST_LAZY_AND_EAGER(with_task_group, TG_10_errors_of_children_that_are_cancelled_from_outside_win) {
    auto caller = create_task([]() -> awaitable<> {
        co_await with_task_group([](task_group& group) -> awaitable<> {
            group.create_task(fail_when_cancelled("a"));
            group.create_task(fail_when_cancelled("a"));
            co_await brio::sleep(1h);
        });
    });
    co_await brio::sleep(1s);
    caller.cancel();
    EXPECT_EQ(co_await end_of(caller.join()), "{a a}");
}

BRIO_TEST_LAZY_AND_EAGER(with_task_group, TG_11_an_error_of_the_body_is_inside_of_the_group) {
    brio::task<> child;
    EXPECT_EQ(co_await end_of(with_task_group([&](task_group& group) -> awaitable<> {
        child = group.create_task(brio::sleep(1h));
        co_await brio::sleep(1s);
        throw std::runtime_error("body");
    })), "{body}");
    EXPECT_TRUE(child.cancelled());
}

BRIO_TEST_LAZY_AND_EAGER(with_task_group, TG_12_the_body_fails_before_any_child_has_begun) {
    brio::task<> child;
    bool began = false;
    auto child_body = [&began]() -> awaitable<> {
        began = true;
        co_await brio::sleep(1h);
    };
    EXPECT_EQ(co_await end_of(with_task_group([&](task_group& group) -> awaitable<> {
        child = group.create_task(child_body);
        throw std::runtime_error("body");
        co_return;
    })), "{body}");
    EXPECT_TRUE(child.cancelled());
    EXPECT_EQ(began, brio_test::tasks_are_eager());
}

BRIO_TEST_LAZY_AND_EAGER(with_task_group, TG_13_inner_children_fail_on_an_outside_cancel) {
    brio::task<> outer_child;
    auto caller = create_task([&]() -> awaitable<> {
        co_await with_task_group([&](task_group& outer) -> awaitable<> {
            outer_child = outer.create_task(fail_when_cancelled("outer"));
            co_await with_task_group([](task_group& inner) -> awaitable<> {
                inner.create_task(fail_when_cancelled("a"));
                inner.create_task(fail_when_cancelled("a"));
                co_return;
            });
        });
    });
    co_await brio::sleep(1s);
    caller.cancel();
    EXPECT_EQ(co_await end_of(caller.join()), "{{a a} outer}");
}

BRIO_TEST_LAZY_AND_EAGER(with_task_group, TG_14_a_child_of_the_outer_group_fails) {
    EXPECT_EQ(co_await end_of(with_task_group([](task_group& outer) -> awaitable<> {
        outer.create_task(error_after(1s, "outer"));
        co_await with_task_group([](task_group& inner) -> awaitable<> {
            inner.create_task(brio::sleep(1h));
            co_await brio::sleep(2h);
        });
    })), "{outer}");
}

BRIO_TEST_LAZY_AND_EAGER(with_task_group, TG_15_a_child_of_the_inner_group_fails) {
    EXPECT_EQ(co_await end_of(with_task_group([](task_group& outer) -> awaitable<> {
        outer.create_task(brio::sleep(1h));
        co_await with_task_group([](task_group& inner) -> awaitable<> {
            inner.create_task(error_after(1s, "inner"));
            co_await brio::sleep(2h);
        });
    })), "{{inner}}");
}

awaitable<> group_with_slow_clean_up() {
    co_await with_task_group([](task_group& group) -> awaitable<> {
        group.create_task(error_after(3s, "child"));
        bool stopped = false;
        try {
            co_await brio::sleep(1h);
        } catch (const cancelled_error&) {
            stopped = true;
        }
        if (stopped) co_await brio::sleep(5s);
    });
}

BRIO_TEST_LAZY_AND_EAGER(with_task_group, TG_16_a_child_fails_during_the_slow_clean_up_of_the_cancelled_body) {
    auto caller = create_task(group_with_slow_clean_up());
    co_await brio::sleep(1s);
    const auto begin = now();
    caller.cancel();
    EXPECT_EQ(co_await end_of(caller.join()), "{child}");
    EXPECT_EQ(now() - begin, 2s);
}

BRIO_TEST_LAZY_AND_EAGER(with_task_group, TG_17_the_same_one_task_deeper) {
    auto caller = create_task([]() -> awaitable<> {
        auto nested = create_task(group_with_slow_clean_up());
        co_await nested.join();
    });
    co_await brio::sleep(1s);
    caller.cancel();
    EXPECT_EQ(co_await end_of(caller.join()), "{child}");
}

BRIO_TEST_LAZY_AND_EAGER(with_task_group, TG_18_the_body_answers_a_cancel_with_its_own_error) {
    auto caller = create_task([]() -> awaitable<> {
        co_await with_task_group([](task_group&) -> awaitable<> { co_await fail_when_cancelled("own"); });
    });
    co_await brio::sleep(1s);
    caller.cancel();
    EXPECT_EQ(co_await end_of(caller.join()), "{own}");
}

BRIO_TEST_LAZY_AND_EAGER(with_task_group, TG_19_a_child_fails_and_so_does_the_body_while_it_is_interrupted) {
    EXPECT_EQ(co_await end_of(with_task_group([](task_group& group) -> awaitable<> {
        group.create_task(error_after(1s, "child"));
        co_await fail_when_cancelled("body");
    })), "{child body}");
}

}  // namespace
