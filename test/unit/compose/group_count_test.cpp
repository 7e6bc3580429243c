// SPDX-License-Identifier: BSL-1.0
// Task groups and the count of cancel requests: nothing is lost and nothing is left (asyncio.md 2.4, 2.13).
#include "unit/compose/lazy_and_eager.hpp"
#include "unit/compose/outcome.hpp"

#include <brio/testing/test.hpp>

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

// A resource that cannot be closed properly when its user is interrupted.
awaitable<> use_database() {
    try {
        co_await brio::sleep(1h);
    } catch (const cancelled_error&) {
        throw std::runtime_error("close failed");
    }
}

BRIO_TEST_LAZY_AND_EAGER(group_count, TG_30_a_resource_fails_while_the_body_is_interrupted) {
    auto body = [](task_group& group) -> awaitable<> {
        group.create_task(error_after(1s, "child"));
        co_await brio::with_timeout(2h, use_database());
    };
    EXPECT_EQ(co_await end_of(with_task_group(body)), "{child close failed}");
    EXPECT_EQ(brio::current_task().cancelling(), 0);
    co_await brio::sleep(1s);
}

BRIO_TEST_LAZY_AND_EAGER(group_count, TG_31_after_a_caught_group_the_count_is_zero_and_nothing_is_pending) {
    EXPECT_EQ(co_await end_of(with_task_group([](task_group& group) -> awaitable<> {
        group.create_task(error_after(1s, "child"));
        co_await brio::sleep(1h);
    })), "{child}");
    EXPECT_EQ(brio::current_task().cancelling(), 0);
    co_await brio::sleep(1s);
}

BRIO_TEST_LAZY_AND_EAGER(group_count, TG_32_inner_and_outer_group_fail_in_the_same_turn) {
    int after_inner = -1;
    std::string inner_end;
    bool went_on = false;
    EXPECT_EQ(co_await end_of(with_task_group([&](task_group& outer) -> awaitable<> {
        outer.create_task(error_after(1s, "outer"));
        inner_end = co_await end_of(with_task_group([](task_group& inner) -> awaitable<> {
            inner.create_task(error_after(1s, "inner"));
            co_await brio::sleep(1h);
        }));
        after_inner = brio::current_task().cancelling();
        co_await brio::sleep(1h);
        went_on = true;
    })), "{outer}");
    EXPECT_EQ(inner_end, "{inner}");
    EXPECT_EQ(after_inner, 1) << "the request of the outer group";
    EXPECT_FALSE(went_on);
    EXPECT_EQ(brio::current_task().cancelling(), 0);
}

// The three moments of an outside cancel of a group that ends with errors.
awaitable<> check_error_and_cancel(std::chrono::milliseconds cancel_at) {
    std::string end;
    int count = -1;
    bool interrupted = false;
    auto caller = create_task([&]() -> awaitable<> {
        end = co_await end_of(with_task_group([](task_group& group) -> awaitable<> {
            group.create_task(error_after(1s, "child"));
            bool stopped = false;
            try {
                co_await brio::sleep(1h);
            } catch (const cancelled_error&) {
                stopped = true;
            }
            if (stopped) co_await end_of(brio::sleep(2s));
        }));
        count = brio::current_task().cancelling();
        try {
            co_await brio::sleep(1h);
        } catch (const cancelled_error&) {
            interrupted = true;
            throw;
        }
    });
    co_await brio::sleep(cancel_at);
    if (cancel_at == 1s) co_await brio::sleep(0s);  // the child has failed
    caller.cancel("outside");
    EXPECT_EQ(co_await end_of(caller.join()), "cancelled(outside)");
    EXPECT_EQ(end, "{child}");
    EXPECT_EQ(count, 1);
    EXPECT_TRUE(interrupted);
}

BRIO_TEST_LAZY_AND_EAGER(group_count, TG_33_a_cancel_together_with_the_error_of_a_child_is_not_lost) { co_await check_error_and_cancel(1s); }
BRIO_TEST_LAZY_AND_EAGER(group_count, TG_33_nor_one_before_it) { co_await check_error_and_cancel(500ms); }
BRIO_TEST_LAZY_AND_EAGER(group_count, CAN_26_a_cancel_of_a_group_that_is_ending_with_errors_comes_after_them) {
    co_await check_error_and_cancel(2s);
}

BRIO_TEST_LAZY_AND_EAGER(group_count, CAN_26_also_while_the_children_are_waited_for) {
    std::string log;
    std::string end;
    auto caller = create_task([&]() -> awaitable<> {
        end = co_await end_of(with_task_group([&](task_group& group) -> awaitable<> {
            group.create_task(error_after(1s, "child"));
            group.create_task(brio_test::slow_to_stop(5s, log, "sibling"));
            co_return;
        }));
        co_await brio::sleep(1h);
    });
    co_await brio::sleep(2s);
    caller.cancel("outside");
    EXPECT_EQ(co_await end_of(caller.join()), "cancelled(outside)");
    EXPECT_EQ(end, "{child}");
}

BRIO_TEST_LAZY_AND_EAGER(group_count, CAN_26_a_request_that_was_taken_back_is_not_applied_again) {
    std::string end;
    bool slept = false;
    auto caller = create_task([&]() -> awaitable<> {
        end = co_await end_of(with_task_group([](task_group&) -> awaitable<> { co_await use_database(); }));
        co_await brio::sleep(1s);
        slept = true;
    });
    co_await brio::sleep(1s);
    caller.cancel();
    caller.uncancel();
    EXPECT_EQ(co_await end_of(caller.join()), "done");
    EXPECT_EQ(end, "{close failed}");
    EXPECT_TRUE(slept);
}

// A deadline written by hand, by the rules: disarm in all cases; act only if the own timer fired; give back exactly one
// request; convert only a cancelled_error in flight, and only when no other request is left.
awaitable<std::string> request_with_deadline(std::chrono::milliseconds work, std::chrono::milliseconds limit, std::string& log) {
    const brio::task_handle self = brio::current_task();
    const int before = self.cancelling();
    bool timed_out = false;
    auto timer = brio::get_running_loop().call_later(limit, [&] {
        timed_out = true;
        self.cancel();
    });
    std::exception_ptr in_flight;
    bool is_cancel = false;
    try {
        co_await brio::sleep(work);
        log += "finished ";
    } catch (const cancelled_error&) {
        in_flight = std::current_exception();
        is_cancel = true;
    } catch (...) {
        in_flight = std::current_exception();
    }
    timer.cancel();
    const bool last = timed_out && self.uncancel() == before;
    if (in_flight && !(is_cancel && last)) std::rethrow_exception(in_flight);
    log += "outer ";
    co_await brio::sleep(0s);
    if (is_cancel) co_return "timed out";
    co_return "in time";
}

BRIO_TEST(group_count, CAN_17_a_hand_written_deadline) {
    std::string log;
    auto late = create_task(request_with_deadline(10s, 1s, log));
    EXPECT_EQ(co_await end_of(late.join()), "timed out");
    EXPECT_EQ(log, "outer ");
    EXPECT_EQ(late.cancelling(), 0);

    log.clear();
    auto quick = create_task(request_with_deadline(1s, 10s, log));
    EXPECT_EQ(co_await end_of(quick.join()), "in time");
    EXPECT_EQ(log, "finished outer ");
    EXPECT_EQ(quick.cancelling(), 0);
}

BRIO_TEST(group_count, CAN_17_a_cancel_from_outside_is_not_taken_for_the_deadline) {
    std::string log;
    auto request = create_task(request_with_deadline(10s, 5s, log));
    co_await brio::sleep(1s);
    request.cancel("outside");
    EXPECT_EQ(co_await end_of(request.join()), "cancelled(outside)");
    EXPECT_EQ(log, "");
    EXPECT_EQ(request.cancelling(), 1);
    EXPECT_EQ(brio::get_running_loop().scheduler().timer_count(), 0U);
}

BRIO_TEST(group_count, CAN_17_nor_when_both_come_in_the_same_turn) {
    for (const bool deadline_first : {true, false}) {
        std::string log;
        brio::task<std::string> request;
        if (!deadline_first) brio::get_running_loop().call_later(1s, [&request] { request.cancel(); });
        request = create_task(request_with_deadline(10s, 1s, log));
        if (deadline_first) {
            co_await brio::sleep(0s);
            brio::get_running_loop().call_later(1s, [&request] { request.cancel(); });
        }
        EXPECT_EQ(co_await end_of(request.join()), "cancelled");
        EXPECT_EQ(log, "");
        EXPECT_EQ(request.cancelling(), 1) << "its own request was given back";
    }
}

}  // namespace
