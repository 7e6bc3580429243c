// SPDX-License-Identifier: BSL-1.0
// with_timeout: what the body sees, what the caller sees, nesting (asyncio.md 2.10).
#include "unit/compose/outcome.hpp"

#include <brio/testing/test.hpp>

#include <memory>
#include <stdexcept>
#include <string>
#include <thread>

namespace {

using namespace std::chrono_literals;
using brio::awaitable;
using brio::cancelled_error;
using brio::create_task;
using brio::timeout;
using brio::with_timeout;
using brio_test::end_of;
using brio_test::error_after;
using brio_test::settle;
using brio_test::slow_to_stop;
using brio_test::value_after;

auto now() { return brio::get_running_loop().time(); }

BRIO_TEST(with_timeout, TO_3_a_body_in_time) {
    EXPECT_EQ(co_await with_timeout(2s, value_after(1s, 4)), 4);
    EXPECT_EQ(co_await end_of(with_timeout(2s, error_after(1s, "own"))), "own");
    co_await with_timeout(2s, []() -> awaitable<> { co_await brio::sleep(1s); });
    co_await with_timeout(2s, brio::sleep(1s));
    auto task = create_task(value_after(1s, 3));
    EXPECT_EQ(co_await with_timeout(2s, task), 3);
    EXPECT_EQ(brio::get_running_loop().scheduler().timer_count(), 0U);
}

BRIO_TEST(with_timeout, TO_5_no_time_interrupts_at_the_first_suspension) {
    std::string trace;
    auto body = [&trace]() -> awaitable<> {
        trace += "began ";
        co_await brio::sleep(10s);
        trace += "went on";
    };
    EXPECT_EQ(co_await end_of(with_timeout(0s, body)), "timeout");
    EXPECT_EQ(co_await end_of(with_timeout(-1s, body)), "timeout");
    EXPECT_EQ(trace, "began began ");
}

BRIO_TEST_FIFO(with_timeout, TO_6_even_a_body_that_only_yields_is_interrupted) {
    int turns = 0;
    EXPECT_EQ(co_await end_of(with_timeout(0s, [&turns]() -> awaitable<> {
        co_await brio::sleep(0s);
        ++turns;
    })), "timeout");
    EXPECT_EQ(turns, 0);
}

TEST(with_timeout, TO_6_by_the_real_clock_too) {
    int turns = 0;
    const auto test = [&turns]() -> awaitable<> {
        EXPECT_EQ(co_await end_of(with_timeout(0s, [&turns]() -> awaitable<> {
            co_await brio::sleep(0s);
            ++turns;
        })), "timeout");
    };
    brio::testing::run_case(test, brio::testing::case_options().real_time().fifo());
    EXPECT_EQ(turns, 0);
}

BRIO_TEST(with_timeout, TO_6_a_body_without_any_suspension_just_ends) {
    EXPECT_EQ(co_await with_timeout(0s, []() -> awaitable<int> { co_return 5; }), 5);
}

BRIO_TEST(with_timeout, TO_8_the_body_sees_cancelled_and_only_the_outside_a_timeout) {
    std::string inside;
    brio::event never;
    auto body = [&]() -> awaitable<> {
        inside = co_await end_of(never.wait());
        throw cancelled_error();
    };
    EXPECT_EQ(co_await end_of(with_timeout(1s, body)), "timeout");
    EXPECT_EQ(inside, "cancelled");
}

BRIO_TEST(with_timeout, TO_9_two_with_one_deadline_raise_once) {
    timeout outer(1s);
    timeout inner(outer.when());
    std::string between;
    auto body = [&]() -> awaitable<> {
        std::exception_ptr error;
        try {
            co_await with_timeout(inner, brio::sleep(1h));
        } catch (...) {
            error = std::current_exception();
        }
        between = brio_test::text_of(error);
        std::rethrow_exception(error);
    };
    EXPECT_EQ(co_await end_of(with_timeout(outer, body)), "timeout");
    EXPECT_EQ(between, "cancelled");
    EXPECT_TRUE(outer.expired());
    EXPECT_TRUE(inner.expired());
}

// Busy for 10 ms: past the outer deadline, not past the inner one.
BRIO_TEST_REAL_TIME(with_timeout, TO_10_a_busy_body_overruns_the_outer_deadline) {
    timeout outer(2ms);
    timeout inner(10s);
    std::string between;
    auto busy = []() -> awaitable<> {
        std::this_thread::sleep_for(10ms);
        co_await brio::sleep(10s);
    };
    auto body = [&]() -> awaitable<> {
        between = co_await end_of(with_timeout(inner, busy));
        throw cancelled_error();
    };
    EXPECT_EQ(co_await end_of(with_timeout(outer, body)), "timeout");
    EXPECT_EQ(between, "cancelled");
    EXPECT_TRUE(outer.expired());
    EXPECT_FALSE(inner.expired());
}

BRIO_TEST_REAL_TIME(with_timeout, TO_11_a_busy_body_overruns_both_deadlines) {
    const auto begin = std::chrono::steady_clock::now();
    timeout outer(10ms);
    timeout inner(5ms);
    bool went_on = false;
    auto busy = []() -> awaitable<> {
        std::this_thread::sleep_for(20ms);
        co_await brio::sleep(10s);
    };
    auto body = [&]() -> awaitable<> {
        try {
            co_await with_timeout(inner, busy);
        } catch (const brio::timeout_error&) {
        }
        co_await brio::sleep(10s);
        went_on = true;
    };
    EXPECT_EQ(co_await end_of(with_timeout(outer, body)), "timeout");
    EXPECT_FALSE(went_on);
    EXPECT_TRUE(outer.expired());
    EXPECT_LT(std::chrono::steady_clock::now() - begin, 8s);
}

BRIO_TEST(with_timeout, TO_13_another_error_instead_of_the_interruption_leaves) {
    timeout limit(1s);
    auto body = []() -> awaitable<> {
        try {
            co_await brio::sleep(1h);
        } catch (const cancelled_error&) {
            throw std::runtime_error("instead");
        }
    };
    EXPECT_EQ(co_await end_of(with_timeout(limit, body)), "instead");
    EXPECT_TRUE(limit.expired());
}

BRIO_TEST(with_timeout, TO_15_a_cancel_from_outside_before_the_deadline) {
    timeout limit(1h);
    auto task = create_task([&limit]() -> awaitable<> { co_await with_timeout(limit, brio::sleep(2h)); });
    co_await brio::sleep(1s);
    task.cancel("outside");
    EXPECT_EQ(co_await end_of(task.join()), "cancelled(outside)");
    EXPECT_FALSE(limit.expired());
    EXPECT_TRUE(task.cancelled());
}

BRIO_TEST(with_timeout, TO_15_a_cancel_during_the_clean_up_after_the_deadline) {
    std::string log;
    timeout limit(1s);
    auto task = create_task([&]() -> awaitable<> { co_await with_timeout(limit, slow_to_stop(10s, log, "cleaned")); });
    co_await brio::sleep(2s);
    task.cancel("outside");
    EXPECT_EQ(co_await end_of(task.join()), "cancelled(outside)");
    EXPECT_TRUE(limit.expired());
    EXPECT_EQ(log, "") << "the clean-up was interrupted";
}

BRIO_TEST(with_timeout, TO_15_a_request_made_before_it_leaves_no_body_behind) {
    const auto begin = now();
    timeout limit(1h);
    auto task = create_task([&limit]() -> awaitable<> {
        brio::current_task().cancel("early");
        co_await with_timeout(limit, brio::sleep(2h));
    });
    EXPECT_EQ(co_await end_of(task.join()), "cancelled(early)");
    EXPECT_FALSE(limit.expired());
    EXPECT_EQ(brio::all_tasks().size(), 1U) << "the body must not run on without its deadline";
    for (auto& left : brio::all_tasks()) {
        if (left != brio::current_task()) left.cancel();
    }
    co_await settle();
    EXPECT_EQ(now(), begin);
}

BRIO_TEST(with_timeout, TO_16_after_a_timeout_the_task_is_healthy) {
    auto task = create_task([]() -> awaitable<int> {
        EXPECT_EQ(co_await end_of(with_timeout(1s, brio::sleep(1h))), "timeout");
        EXPECT_EQ(brio::current_task().cancelling(), 0);
        co_await brio::sleep(1s);
        co_return 1;
    });
    EXPECT_EQ(co_await task.join(), 1);
    EXPECT_FALSE(task.cancelled());
}

BRIO_TEST(with_timeout, TO_18_one_in_the_clean_up_of_another_that_has_fired) {
    const auto begin = now();
    std::string inside;
    auto body = [&inside]() -> awaitable<> {
        bool stopped = false;
        try {
            co_await brio::sleep(1h);
        } catch (const cancelled_error&) {
            stopped = true;
        }
        inside = co_await end_of(with_timeout(2s, brio::sleep(1h)));
        if (stopped) throw cancelled_error();
    };
    EXPECT_EQ(co_await end_of(with_timeout(1s, body)), "timeout");
    EXPECT_EQ(inside, "timeout");
    EXPECT_EQ(now() - begin, 3s);
}

BRIO_TEST(with_timeout, TO_19_works_after_a_cancel_was_swallowed) {
    auto task = create_task([]() -> awaitable<std::string> {
        try {
            co_await brio::sleep(1h);
        } catch (const cancelled_error&) {
        }
        EXPECT_EQ(brio::current_task().cancelling(), 1);
        co_return co_await end_of(with_timeout(1s, brio::sleep(1h)));
    });
    co_await brio::sleep(1s);
    task.cancel();
    EXPECT_EQ(co_await task.join(), "timeout");
    EXPECT_EQ(task.cancelling(), 1);
}

BRIO_TEST(with_timeout, TO_21_a_body_that_swallows_the_interruption_ends_normally) {
    timeout limit(1s);
    auto body = []() -> awaitable<int> {
        try {
            co_await brio::sleep(1h);
        } catch (const cancelled_error&) {
        }
        co_await brio::sleep(5s);
        co_return 6;
    };
    EXPECT_EQ(co_await with_timeout(limit, body), 6);
    EXPECT_TRUE(limit.expired());
}

// tokio-rs/tokio#4314: a body that is always ready to go on must not starve its own deadline.
BRIO_TEST_REAL_TIME(with_timeout, report_29_a_busy_body_that_yields_is_interrupted_in_time) {
    const auto begin = std::chrono::steady_clock::now();
    auto body = []() -> awaitable<> {
        for (;;) co_await brio::sleep(0s);
    };
    EXPECT_EQ(co_await end_of(with_timeout(20ms, body)), "timeout");
    const auto took = std::chrono::steady_clock::now() - begin;
    EXPECT_GE(took, 20ms);
    EXPECT_LT(took, 5s);
}

BRIO_TEST(with_timeout, cancelled_before_it_starts_or_when_all_is_done) {
    bool started = false;
    auto early = create_task([&started]() -> awaitable<> {
        started = true;
        co_await with_timeout(1s, brio::sleep(0s));
    });
    early.cancel();
    EXPECT_EQ(co_await end_of(early.join()), "cancelled");
    EXPECT_FALSE(started);
    auto late = create_task([]() -> awaitable<int> { co_return co_await with_timeout(1s, value_after(0s, 1)); });
    co_await settle();
    EXPECT_FALSE(late.cancel());
    EXPECT_EQ(late.result(), 1);
}

BRIO_TEST(with_timeout, move_only_values_and_temporaries_survive_g12) {
    auto make = [](std::string text, std::shared_ptr<int>) -> awaitable<std::unique_ptr<std::string>> {
        co_await brio::sleep(1s);
        co_return std::make_unique<std::string>(text);
    };
    const auto alive = std::make_shared<int>(0);
    const auto text = co_await with_timeout(2s, make("x" + std::string(40, 'y'), alive));
    EXPECT_EQ(*text, "x" + std::string(40, 'y'));
    EXPECT_EQ(co_await end_of(with_timeout(500ms, make(std::string(40, 'z'), alive))), "timeout");
    EXPECT_EQ(alive.use_count(), 1);
}

}  // namespace
