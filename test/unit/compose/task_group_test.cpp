// SPDX-License-Identifier: BSL-1.0
// task_group: who may be added when, how the group is stopped, what it keeps (asyncio.md 2.13).
#include "unit/compose/lazy_and_eager.hpp"
#include "unit/compose/outcome.hpp"

#include <brio/testing/test.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include <memory>
#include <stdexcept>
#include <string>

namespace {

using namespace std::chrono_literals;
using brio::awaitable;
using brio::cancelled_error;
using brio::create_task;
using brio::invalid_state_error;
using brio::task_group;
using brio::with_task_group;
using brio_test::end_of;
using brio_test::error_after;
using brio_test::settle;
using brio_test::value_after;

auto now() { return brio::get_running_loop().time(); }

// The text of the refusal, "accepted" when there is none; the coroutine that is refused owns `token`.
std::string adding_to(task_group& group, const std::shared_ptr<int>& token) {
    auto body = [](std::shared_ptr<int>) -> awaitable<> { co_return; };
    try {
        group.create_task(body(token));
        return "accepted";
    } catch (const invalid_state_error& e) {
        return e.what();
    }
}

bool contains(const std::string& text, const char* part) { return text.find(part) != text.npos; }

BRIO_TEST_LAZY_AND_EAGER(task_group, TG_2_children_can_be_added_after_the_body_has_awaited) {
    const auto begin = now();
    brio::task<int> second;
    co_await with_task_group([&](task_group& group) -> awaitable<> {
        auto first = group.create_task(value_after(1s, 1));
        co_await first.join();
        second = group.create_task(value_after(2s, 2));
    });
    EXPECT_EQ(second.result(), 2);
    EXPECT_EQ(now() - begin, 3s);
}

BRIO_TEST_LAZY_AND_EAGER(task_group, it_takes_all_that_create_task_takes) {
    brio::task<int> called;
    brio::task<std::string> with_arguments;
    brio::task<> operation;
    co_await with_task_group([&](task_group& group) -> awaitable<> {
        called = group.create_task([]() -> awaitable<int> { co_return 1; }, "called");
        with_arguments = group.create_task([](std::string a, int b) -> awaitable<std::string> { co_return a + std::to_string(b); },
                                           std::string("x"), 2);
        operation = group.create_task(brio::sleep(1s), "operation");
        co_return;
    });
    EXPECT_EQ(called.result(), 1);
    EXPECT_EQ(called.name(), "called");
    EXPECT_EQ(with_arguments.result(), "x2");
    EXPECT_EQ(operation.name(), "operation");
    EXPECT_NE(std::string(operation.where().file_name()).find("task_group_test.cpp"), std::string::npos);
}

BRIO_TEST_LAZY_AND_EAGER(task_group, children_may_create_siblings_also_after_the_body_has_ended) {
    const auto begin = now();
    brio::task<int> grandchild;
    co_await with_task_group([&](task_group& group) -> awaitable<> {
        group.create_task([](task_group* siblings, brio::task<int>* made) -> awaitable<> {
            co_await brio::sleep(1s);
            *made = siblings->create_task(value_after(1s, 3));
        }, &group, &grandchild);
        co_return;
    });
    EXPECT_EQ(grandchild.result(), 3);
    EXPECT_EQ(now() - begin, 2s);
}

BRIO_TEST_LAZY_AND_EAGER(task_group, TG_3_a_child_that_is_cancelled_by_hand_is_no_failure) {
    brio::task<> child;
    brio::task<int> other;
    const int value = co_await with_task_group([&](task_group& group) -> awaitable<int> {
        child = group.create_task(brio::sleep(1h));
        other = group.create_task(value_after(3s, 2));
        co_await brio::sleep(1s);
        child.cancel();
        co_return 1;
    });
    EXPECT_EQ(value, 1);
    EXPECT_TRUE(child.cancelled());
    EXPECT_EQ(other.result(), 2);
}

BRIO_TEST_LAZY_AND_EAGER(task_group, TG_22_finished_children_are_forgotten_at_once) {
    const auto token = std::make_shared<int>(1);
    auto body = [](std::shared_ptr<int> kept) -> awaitable<std::shared_ptr<int>> {
        co_await brio::sleep(0s);
        co_return kept;
    };
    co_await with_task_group([&](task_group& group) -> awaitable<> {
        for (int round = 0; round < 100; ++round) {
            for (int i = 0; i < 10; ++i) group.create_task(body(token));
            EXPECT_EQ(group.size(), 10U);
            co_await settle();
            EXPECT_EQ(group.size(), 0U);
            EXPECT_EQ(token.use_count(), 1) << "the values went with the tasks";
        }
    });
}

BRIO_TEST_LAZY_AND_EAGER(task_group, TG_26_a_group_that_is_shutting_down_takes_no_more_children) {
    const auto token = std::make_shared<int>(1);
    std::string refusal;
    EXPECT_EQ(co_await end_of(with_task_group([&](task_group& group) -> awaitable<> {
        group.create_task(error_after(1s, "child"));
        try {
            co_await brio::sleep(1h);
        } catch (const cancelled_error&) {
        }
        refusal = adding_to(group, token);
    })), "{child}");
    EXPECT_TRUE(contains(refusal, "shutting down")) << refusal;
    EXPECT_EQ(token.use_count(), 1);
}

// Completion wins: the sibling is woken with a result and does not know yet that it has been asked to stop.
BRIO_TEST_LAZY_AND_EAGER(task_group, TG_26_who_has_not_heard_of_it_hears_of_it_when_adding_a_child) {
    brio::event ready;
    std::string seen;
    EXPECT_EQ(co_await end_of(with_task_group([&](task_group& group) -> awaitable<> {
        group.create_task([](brio::event* signal) -> awaitable<> {
            co_await brio::sleep(1s);
            signal->set();
            throw std::runtime_error("child");
        }, &ready);
        co_await ready.wait();
        co_await settle();
        seen = "went on";
        group.create_task(brio::sleep(1h));
    })), "{child}");
    EXPECT_EQ(seen, "");
}

BRIO_TEST_LAZY_AND_EAGER(task_group, TG_27_adding_before_entering_or_after_the_end_is_refused) {
    const auto token = std::make_shared<int>(1);
    task_group group;
    EXPECT_TRUE(contains(adding_to(group, token), "not entered"));
    EXPECT_EQ(token.use_count(), 1);
    co_await with_task_group(group, [](task_group&) -> awaitable<> { co_await brio::sleep(1s); });
    EXPECT_TRUE(contains(adding_to(group, token), "has ended"));
    EXPECT_EQ(token.use_count(), 1);
}

BRIO_TEST_LAZY_AND_EAGER(task_group, TG_27_the_group_has_ended_when_its_last_task_has) {
    const auto token = std::make_shared<int>(1);
    task_group group;
    std::string refusal;
    auto last = [&]() -> awaitable<> {
        co_await brio::sleep(1s);
        brio::get_running_loop().call_soon([&] {  // behind the end of this task, before the caller's next step
            EXPECT_EQ(group.size(), 0U);
            refusal = adding_to(group, token);
            group.cancel();
        });
    };
    co_await with_task_group(group, [&](task_group& entered) -> awaitable<> {
        entered.create_task(last);
        co_return;
    });
    co_await settle();
    EXPECT_TRUE(contains(refusal, "has ended")) << refusal;
}

BRIO_TEST_LAZY_AND_EAGER(task_group, TG_28_a_group_is_entered_once) {
    task_group group;
    auto body = [](task_group&) -> awaitable<> { co_await brio::sleep(1s); };
    auto caller = create_task([&]() -> awaitable<> { co_await with_task_group(group, body); });
    co_await settle();
    EXPECT_TRUE(contains(co_await end_of(with_task_group(group, body)), "used already")) << "while it runs";
    co_await caller.join();
    EXPECT_TRUE(contains(co_await end_of(with_task_group(group, body)), "used already")) << "after its end";
}

TEST(task_group, TG_29_it_needs_a_loop_and_a_task) {
    bool began = false;
    auto body = [&began](task_group&) -> awaitable<> {
        began = true;
        co_return;
    };
    brio::runner runner;
    auto& context = runner.get_loop().context();
    std::string text;
    boost::asio::co_spawn(
        context, [&]() -> awaitable<> { text = co_await end_of(with_task_group(body)); }, boost::asio::detached);
    runner.run([]() -> awaitable<> { co_await settle(); }());
    EXPECT_TRUE(contains(text, "outside of a brio task")) << text;
    EXPECT_FALSE(began);
}

BRIO_TEST_LAZY_AND_EAGER(task_group, TG_34_a_child_made_in_the_turn_in_which_things_fail_is_cancelled_too) {
    brio::task<> made;
    bool began = false;
    auto late = [&began]() -> awaitable<> {
        began = true;
        co_await brio::sleep(1h);
    };
    EXPECT_EQ(co_await end_of(with_task_group([&](task_group& group) -> awaitable<> {
        group.create_task([](brio::task<>* out, task_group* siblings, decltype(late) body) -> awaitable<> {
            co_await brio::sleep(1s);
            *out = siblings->create_task(body);
            throw std::runtime_error("child");
        }, &made, &group, late);
        co_await brio::sleep(1h);
    })), "{child}");
    EXPECT_TRUE(made.cancelled());
}

BRIO_TEST_LAZY_AND_EAGER(task_group, TG_36_the_group_keeps_neither_errors_nor_children) {
    const auto token = std::make_shared<int>(1);
    struct heavy : std::runtime_error {
        explicit heavy(std::shared_ptr<int> load) : std::runtime_error("heavy"), kept(std::move(load)) {}
        std::shared_ptr<int> kept;
    };
    task_group group;
    auto failing = [](std::shared_ptr<int> load) -> awaitable<> {
        co_await brio::sleep(1s);
        throw heavy(load);
    };
    auto body = [&](task_group& entered) -> awaitable<> {
        entered.create_task(failing(token));
        co_await brio::sleep(1h);
    };
    EXPECT_EQ(co_await end_of(with_task_group(group, body)), "{heavy}");
    EXPECT_EQ(token.use_count(), 1);
}

BRIO_TEST_LAZY_AND_EAGER(task_group, TG_36_errors_in_a_group_count_as_seen) {
    brio_test::reports reports;
    EXPECT_EQ(co_await end_of(with_task_group([](task_group& group) -> awaitable<> {
        group.create_task(error_after(1s, "a"));
        group.create_task(error_after(1s, "a"));
        co_return;
    })), "{a a}");
    co_await settle();
    EXPECT_EQ(reports.size(), 0U);
}

BRIO_TEST_LAZY_AND_EAGER(task_group, TG_38_cancel_lets_the_body_run_on_to_its_next_suspension) {
    std::string log;
    brio::task<> child;
    co_await with_task_group([&](task_group& group) -> awaitable<> {
        child = group.create_task(brio::sleep(1h));
        co_await brio::sleep(1s);
        group.cancel();
        log += "on ";
        co_await brio::sleep(1h);
        log += "never";
    });
    EXPECT_EQ(log, "on ");
    EXPECT_TRUE(child.cancelled());
    EXPECT_EQ(brio::current_task().cancelling(), 0);
    co_await brio::sleep(1s);
}

BRIO_TEST_LAZY_AND_EAGER(task_group, TG_38_a_body_that_returns_before_that_keeps_its_value) {
    const int value = co_await with_task_group([](task_group& group) -> awaitable<int> {
        group.create_task(brio::sleep(1h));
        group.cancel();
        co_return 6;
    });
    EXPECT_EQ(value, 6);
}

BRIO_TEST_LAZY_AND_EAGER(task_group, TG_38_a_body_that_owes_a_value_and_was_stopped_has_none) {
    const std::string end = co_await end_of(with_task_group([](task_group& group) -> awaitable<int> {
        group.cancel();
        co_await brio::sleep(1s);
        co_return 6;
    }));
    EXPECT_TRUE(contains(end, "before its body had a value")) << end;
}

BRIO_TEST_LAZY_AND_EAGER(task_group, TG_38_a_cancel_of_the_caller_is_not_hidden_by_it) {
    auto caller = create_task([]() -> awaitable<> {
        co_await with_task_group([](task_group& group) -> awaitable<> {
            co_await brio::sleep(1s);
            group.cancel();
            co_await brio::sleep(1h);
        });
        co_await brio::sleep(1h);  // if it came too late for the group
    });
    brio::get_running_loop().call_later(1s, [&caller] { caller.cancel("outside"); });
    EXPECT_EQ(co_await end_of(caller.join()), "cancelled(outside)");
}

BRIO_TEST_LAZY_AND_EAGER(task_group, TG_38_errors_of_those_who_are_stopped_are_still_errors) {
    EXPECT_EQ(co_await end_of(with_task_group([](task_group& group) -> awaitable<> {
        group.create_task([]() -> awaitable<> {
            try {
                co_await brio::sleep(1h);
            } catch (const cancelled_error&) {
                throw std::runtime_error("clean-up");
            }
        });
        co_await brio::sleep(1s);
        group.cancel();
    })), "{clean-up}");
}

BRIO_TEST_LAZY_AND_EAGER(task_group, TG_39_cancel_twice_is_like_once_and_after_the_end_it_does_nothing) {
    task_group group;
    brio::task<> child;
    int requests = 0;
    auto body = [&](task_group& entered) -> awaitable<> {
        child = entered.create_task(brio::sleep(1h));
        co_await brio::sleep(1s);
        entered.cancel();
        entered.cancel();
        requests = child.cancelling();
    };
    co_await with_task_group(group, body);
    EXPECT_EQ(requests, 1);
    group.cancel();
    EXPECT_EQ(brio::current_task().cancelling(), 0);
    co_await brio::sleep(1s);
}

BRIO_TEST_LAZY_AND_EAGER(task_group, TG_40_adding_to_a_stopped_group_gives_a_cancelled_task) {
    brio::task<> child;
    bool began = false;
    auto child_body = [&began]() -> awaitable<> {
        began = true;
        co_return;
    };
    co_await with_task_group([&](task_group& group) -> awaitable<> {
        group.cancel();
        child = group.create_task(child_body);
        co_return;
    });
    EXPECT_TRUE(child.cancelled());
    EXPECT_FALSE(began);
}

BRIO_TEST_LAZY_AND_EAGER(task_group, TG_40_cancel_before_entering_stops_the_body_at_its_first_suspension) {
    task_group group;
    group.cancel();
    std::string log;
    brio::task<> child;
    auto body = [&](task_group& entered) -> awaitable<> {
        log += "began ";
        child = entered.create_task(brio::sleep(1h));
        co_await brio::sleep(1h);
        log += "never";
    };
    co_await with_task_group(group, body);
    EXPECT_EQ(log, "began ");
    EXPECT_TRUE(child.cancelled());
}

BRIO_TEST_LAZY_AND_EAGER(task_group, TG_40_cancel_from_outside_before_the_body_has_begun) {
    task_group group;
    std::string log;
    auto caller = create_task([&]() -> awaitable<> {
        co_await with_task_group(group, [&log](task_group&) -> awaitable<> {
            log += "began ";
            co_await brio::sleep(1h);
            log += "never";
        });
    });
    brio::get_running_loop().call_soon([&group] { group.cancel(); });  // between the caller's step and the body's
    EXPECT_EQ(co_await end_of(caller.join()), "done");
    EXPECT_EQ(log, "began ");
}

BRIO_TEST_LAZY_AND_EAGER(task_group, TG_42_the_first_one_wins) {
    const auto begin = now();
    int winner = 0;
    std::vector<brio::task<int>> runners;
    auto race = [&winner](task_group* group, std::chrono::milliseconds delay, int id) -> awaitable<int> {
        co_await brio::sleep(delay);
        winner = id;
        group->cancel();
        co_return id;
    };
    co_await with_task_group([&](task_group& group) -> awaitable<> {
        for (int id = 1; id <= 3; ++id) runners.push_back(group.create_task(race(&group, 4s - 1s * id, id)));
        co_return;
    });
    EXPECT_EQ(winner, 3);
    EXPECT_EQ(now() - begin, 1s);
    EXPECT_EQ(runners[2].result(), 3) << "the winner returned before its next suspension";
    EXPECT_TRUE(runners[0].cancelled());
    EXPECT_TRUE(runners[1].cancelled());
}

// The child is an ordinary one; an eager one (EAG-14) makes its first step inside of create_task.
BRIO_TEST_LAZY_AND_EAGER(task_group, TG_44_a_child_that_cancels_the_group_before_its_first_suspension_is_stopped_too) {
    bool went_on = false;
    brio::task<> child;
    co_await with_task_group([&](task_group& group) -> awaitable<> {
        child = group.create_task([](task_group* siblings, bool* reached) -> awaitable<> {
            siblings->cancel();
            co_await brio::sleep(1h);
            *reached = true;
        }, &group, &went_on);
        co_await brio::sleep(1h);
    });
    EXPECT_FALSE(went_on);
    EXPECT_TRUE(child.cancelled());
}

// `run` ends with a group that waits: its tasks are cancelled and awaited.
TEST(task_group, the_end_of_run_takes_the_group_down) {
    const auto token = std::make_shared<int>(1);
    auto child = [](std::shared_ptr<int>) -> awaitable<> {
        for (;;) {  // it does not want to end
            try {
                co_await brio::sleep(1h);
            } catch (const cancelled_error&) {
                co_return;
            }
        }
    };
    auto caller = [&]() -> awaitable<> {
        co_await with_task_group([&](task_group& group) -> awaitable<> {
            group.create_task(child(token));
            co_await brio::sleep(1h);
        });
    };
    brio::run([&]() -> awaitable<> {
        create_task(caller);
        co_await settle();
    });
    EXPECT_EQ(token.use_count(), 1);
}

// The loop goes without that: frames are destroyed in whatever order, and nobody touches what is gone.
TEST(task_group, groups_that_wait_when_their_loop_is_destroyed) {
    const auto token = std::make_shared<int>(1);
    auto child = [](std::shared_ptr<int>) -> awaitable<> { co_await brio::sleep(1h); };
    task_group outer;
    brio::task<> caller;
    {
        boost::asio::io_context context;
        brio::loop loop(context);
        loop.set_exception_handler([](const brio::error_context&) {});
        auto body = [&](task_group& group) -> awaitable<> {
            group.create_task(child(token));
            co_await with_task_group([&](task_group& inner) -> awaitable<> {
                inner.create_task(child(token));
                co_await brio::sleep(1h);
            });
        };
        loop.call_soon([&] { caller = create_task([&]() -> awaitable<> { co_await with_task_group(outer, body); }); });
        for (int turn = 0; turn < 10; ++turn) context.poll();
        EXPECT_EQ(token.use_count(), 3);
    }
    EXPECT_EQ(token.use_count(), 1);
    EXPECT_TRUE(caller.cancelled());
    EXPECT_EQ(outer.size(), 0U);
}

}  // namespace
