// SPDX-License-Identifier: BSL-1.0
// Cancellation: requests, delivery, counting, and what becomes of the task.
#include "unit/core/capture.hpp"

#include <brio/testing/test.hpp>

#include <exception>
#include <stdexcept>
#include <string>
#include <type_traits>

namespace {

using namespace std::chrono_literals;
using brio::awaitable;
using brio::cancelled_error;
using brio::create_task;

// The cancel message when `task` ended cancelled, else what it ended with.
template <class T>
std::string outcome_of(const brio::task<T>& task) {
    try {
        task.result();
    } catch (const cancelled_error& e) {
        return "cancelled(" + e.message() + ")";
    } catch (const std::exception& e) {
        return e.what();
    }
    return "value";
}

BRIO_TEST(cancel, CAN_1_cancel_is_true_until_the_task_is_done) {
    auto task = create_task(brio::sleep(1h));
    co_await brio::sleep(0s);
    EXPECT_TRUE(task.cancel());
    EXPECT_FALSE(task.cancelled()) << "delivered later";
    EXPECT_THROW(co_await task.join(), cancelled_error);
    EXPECT_TRUE(task.done());
    EXPECT_TRUE(task.cancelled());
    EXPECT_FALSE(task.cancel());
}

BRIO_TEST(cancel, CAN_2_a_task_cancelled_before_its_first_step_never_begins) {
    bool began = false;
    int live = 0;
    auto task = create_task(
        [](bool& flag, brio_test::counted) -> awaitable<> {
            flag = true;
            co_return;
        },
        std::ref(began), brio_test::counted(live));
    EXPECT_TRUE(task.cancel("too soon"));
    EXPECT_THROW(co_await task.join(), cancelled_error);
    EXPECT_FALSE(began);
    EXPECT_EQ(outcome_of(task), "cancelled(too soon)");
    EXPECT_EQ(live, 0) << "the arguments of a body that never began are kept";
}

BRIO_TEST_FIFO(cancel, CAN_3_what_is_awaited_is_cancelled_before_cancel_returns) {
    auto inner = create_task(brio::sleep(1h));
    auto outer = create_task([&inner]() -> awaitable<> { co_await inner.join(); });
    co_await brio::sleep(0s);
    outer.cancel();
    EXPECT_EQ(inner.cancelling(), 1);
    EXPECT_FALSE(outer.done());
    EXPECT_THROW(co_await outer.join(), cancelled_error);
    EXPECT_TRUE(inner.cancelled());
}

BRIO_TEST_FIFO(cancel, CAN_3_the_task_itself_hears_of_it_in_a_later_turn) {
    bool heard = false;
    auto task = create_task([&heard]() -> awaitable<> {
        try {
            co_await brio::sleep(1h);
        } catch (const cancelled_error&) {
            heard = true;
            throw;
        }
    });
    co_await brio::sleep(0s);
    task.cancel();
    EXPECT_FALSE(heard);
    co_await brio::sleep(0s);
    EXPECT_TRUE(heard);
    EXPECT_TRUE(task.cancelled());
}

BRIO_TEST_FIFO(cancel, CAN_4_a_cancel_goes_down_the_whole_chain) {
    brio::event never;
    auto deepest = create_task([&never]() -> awaitable<> { co_await never.wait(); });
    auto middle = create_task([&deepest]() -> awaitable<> { co_await deepest.join(); });
    auto top = create_task([&middle]() -> awaitable<> { co_await middle.join(); });
    co_await brio::sleep(0s);
    top.cancel("from above");
    EXPECT_EQ(deepest.cancelling(), 1);
    EXPECT_THROW(co_await top.join(), cancelled_error);
    EXPECT_EQ(outcome_of(deepest), "cancelled(from above)");
    EXPECT_EQ(outcome_of(middle), "cancelled(from above)");
    EXPECT_EQ(outcome_of(top), "cancelled(from above)");
}

BRIO_TEST_FIFO(cancel, CAN_6_cancelling_the_joiner_and_the_joined_at_once) {
    auto inner = create_task(brio::sleep(1h));
    auto outer = create_task([&inner]() -> awaitable<> { co_await inner.join(); });
    co_await brio::sleep(0s);
    EXPECT_TRUE(inner.cancel());
    EXPECT_TRUE(outer.cancel());
    EXPECT_THROW(co_await outer.join(), cancelled_error);
    EXPECT_TRUE(inner.cancelled());
    EXPECT_TRUE(outer.cancelled());
}

BRIO_TEST(cancel, CAN_7_a_bare_yield_is_interrupted) {
    int turns = 0;
    auto task = create_task([&turns]() -> awaitable<> {
        for (;; ++turns) co_await brio::sleep(0s);
    });
    co_await brio::sleep(0s);
    co_await brio::sleep(0s);
    const int before = turns;
    task.cancel();
    EXPECT_THROW(co_await task.join(), cancelled_error);
    EXPECT_EQ(turns, before);
}

BRIO_TEST_FIFO(cancel, CAN_8_catching_it_and_returning_a_value_means_finished) {
    auto task = create_task([]() -> awaitable<int> {
        try {
            co_await brio::sleep(1h);
        } catch (const cancelled_error&) {
        }
        co_return 42;
    });
    co_await brio::sleep(0s);
    task.cancel();
    EXPECT_EQ(co_await task.join(), 42);
    EXPECT_FALSE(task.cancelled());
    EXPECT_EQ(task.cancelling(), 1) << "nobody took the request back";
}

BRIO_TEST_FIFO(cancel, CAN_9_after_catching_it_later_waits_are_not_affected) {
    const auto begin = brio::get_running_loop().time();
    auto task = create_task([]() -> awaitable<int> {
        try {
            co_await brio::sleep(1h);
        } catch (const cancelled_error&) {
        }
        co_await brio::sleep(2s);
        co_await brio::sleep(0s);
        brio::event soon;
        brio::get_running_loop().call_later(1s, [&soon] { soon.set(); });
        co_await soon.wait();
        co_return 1;
    });
    co_await brio::sleep(0s);
    task.cancel();
    EXPECT_EQ(co_await task.join(), 1);
    EXPECT_EQ(brio::get_running_loop().time() - begin, 3s);
}

BRIO_TEST(cancel, CAN_9_every_later_request_is_delivered_again) {
    int seen = 0;
    auto task = create_task([&seen]() -> awaitable<> {
        while (seen < 3) {
            try {
                co_await brio::sleep(1h);
            } catch (const cancelled_error&) {
                ++seen;
            }
        }
    });
    for (int i = 1; i <= 3; ++i) {
        co_await brio::sleep(1s);
        EXPECT_TRUE(task.cancel());
    }
    co_await task.join();
    EXPECT_EQ(seen, 3);
    EXPECT_EQ(task.cancelling(), 3);
}

BRIO_TEST(cancel, CAN_10_a_task_that_cancels_itself_stops_at_its_next_suspension) {
    std::string trace;
    auto task = create_task([&trace]() -> awaitable<> {
        brio::current_task().cancel();
        trace += "a";
        brio::event ready;
        ready.set();
        co_await ready.wait();  // does not suspend, so it does not interrupt
        trace += "b";
        co_await brio::sleep(1h);
        trace += "c";
    });
    EXPECT_THROW(co_await task.join(), cancelled_error);
    EXPECT_EQ(trace, "ab");
    EXPECT_TRUE(task.cancelled());
}

BRIO_TEST(cancel, CAN_11_a_task_that_cancels_itself_and_returns_ends_cancelled) {
    auto task = create_task([]() -> awaitable<int> {
        brio::current_task().cancel("self");
        co_return 42;
    });
    EXPECT_THROW(co_await task.join(), cancelled_error);
    EXPECT_EQ(outcome_of(task), "cancelled(self)");
}

BRIO_TEST(cancel, CAN_11_and_an_error_of_its_own_wins) {
    auto task = create_task([]() -> awaitable<int> {
        brio::current_task().cancel();
        throw std::runtime_error("own");
        co_return 1;
    });
    EXPECT_THROW(co_await task.join(), std::runtime_error);
    EXPECT_FALSE(task.cancelled());
}

// asyncio throws the result away here; brio delivers what is there already (see doc/guide/differences.md).
BRIO_TEST_FIFO(cancel, CAN_11_a_result_that_is_there_already_wins) {
    brio::event signal;
    bool interrupted_later = false;
    auto task = create_task([&]() -> awaitable<int> {
        co_await signal.wait();
        try {
            co_await brio::sleep(1h);
        } catch (const cancelled_error&) {
            interrupted_later = true;
        }
        co_return 1;
    });
    co_await brio::sleep(0s);
    signal.set();
    EXPECT_TRUE(task.cancel());
    EXPECT_EQ(co_await task.join(), 1);
    EXPECT_TRUE(interrupted_later) << "the request was lost";
}

BRIO_TEST_FIFO(cancel, CAN_11_a_late_request_does_not_spoil_a_task_that_needs_no_more_waiting) {
    brio::event signal;
    auto task = create_task([&signal]() -> awaitable<int> {
        co_await signal.wait();
        co_return 1;
    });
    co_await brio::sleep(0s);
    signal.set();
    EXPECT_TRUE(task.cancel());
    EXPECT_EQ(co_await task.join(), 1);
    EXPECT_FALSE(task.cancelled());
    EXPECT_EQ(task.cancelling(), 1);
}

BRIO_TEST(cancel, CAN_11_a_join_whose_task_has_just_ended_gives_its_value) {
    auto inner = create_task([]() -> awaitable<int> {
        co_await brio::sleep(1s);
        co_return 7;
    });
    int got = 0;
    auto outer = create_task([&]() -> awaitable<> {
        got = co_await inner.join();
        co_await brio::sleep(1h);
    });
    inner.add_done_callback([&outer](const brio::task_handle&) { outer.cancel(); });  // behind the wake-up
    EXPECT_THROW(co_await outer.join(), cancelled_error);
    EXPECT_EQ(got, 7);
}

BRIO_TEST_FIFO(cancel, CAN_13_every_request_counts) {
    auto task = create_task(brio::sleep(1h));
    co_await brio::sleep(0s);
    EXPECT_EQ(task.cancelling(), 0);
    EXPECT_TRUE(task.cancel());
    EXPECT_EQ(task.cancelling(), 1);
    EXPECT_TRUE(task.cancel());
    EXPECT_EQ(task.cancelling(), 2);
    EXPECT_EQ(task.uncancel(), 1);
    EXPECT_EQ(task.uncancel(), 0);
    EXPECT_EQ(task.uncancel(), 0) << "never below zero";
    EXPECT_THROW(co_await task.join(), cancelled_error) << "it was on its way already";
}

BRIO_TEST_FIFO(cancel, CAN_13_requests_before_delivery_merge_into_one) {
    int seen = 0;
    auto task = create_task([&seen]() -> awaitable<> {
        for (int i = 0; i < 4; ++i) {
            try {
                co_await brio::sleep(1s);
            } catch (const cancelled_error&) {
                ++seen;
            }
        }
    });
    co_await brio::sleep(0s);
    task.cancel();
    task.cancel();
    task.cancel();
    co_await task.join();
    EXPECT_EQ(seen, 1);
}

BRIO_TEST(cancel, CAN_15_uncancel_to_zero_calls_off_what_was_not_delivered) {
    auto task = create_task([]() -> awaitable<int> {
        const brio::task_handle self = brio::current_task();
        self.cancel();
        self.cancel();
        self.uncancel();
        self.uncancel();
        co_await brio::sleep(1s);
        co_return 42;
    });
    EXPECT_EQ(co_await task.join(), 42);
    EXPECT_FALSE(task.cancelled());
}

BRIO_TEST(cancel, CAN_15_before_the_first_step_too) {
    auto task = create_task([]() -> awaitable<int> { co_return 1; });
    task.cancel();
    EXPECT_EQ(task.uncancel(), 0);
    EXPECT_EQ(co_await task.join(), 1);
}

BRIO_TEST(cancel, CAN_15_uncancel_above_zero_calls_nothing_off) {
    auto task = create_task([]() -> awaitable<int> {
        const brio::task_handle self = brio::current_task();
        self.cancel();
        self.cancel();
        self.uncancel();
        co_await brio::sleep(1s);
        co_return 42;
    });
    EXPECT_THROW(co_await task.join(), cancelled_error);
}

// A deadline written by hand, by asyncio's rules for structured blocks.
awaitable<std::string> hand_made_deadline(brio::loop::duration limit, brio::loop::duration work) {
    const brio::task_handle self = brio::current_task();
    const int at_entry = self.cancelling();
    bool fired = false;
    auto timer = brio::get_running_loop().call_later(limit, [&fired, self] {
        fired = true;
        self.cancel();
    });
    std::exception_ptr error;
    bool cancelled = false;
    try {
        co_await brio::sleep(work);
    } catch (const cancelled_error&) {
        cancelled = true;
        error = std::current_exception();
    }
    timer.cancel();
    if (fired && self.uncancel() <= at_entry && cancelled) co_return "timeout";
    if (error) std::rethrow_exception(error);
    co_return "done";
}

BRIO_TEST(cancel, CAN_17_a_deadline_written_by_hand_can_be_told_from_a_cancel) {
    EXPECT_EQ(co_await hand_made_deadline(2s, 1s), "done");
    EXPECT_EQ(co_await hand_made_deadline(1s, 2s), "timeout");
    EXPECT_EQ(brio::current_task().cancelling(), 0);

    auto stopped = create_task(hand_made_deadline(2s, 5s));
    co_await brio::sleep(1s);
    stopped.cancel();
    EXPECT_THROW(co_await stopped.join(), cancelled_error);

    auto both = create_task(hand_made_deadline(1s, 5s));
    co_await brio::sleep(0s);
    brio::get_running_loop().call_later(1s, [&both] { both.cancel("from outside"); });
    EXPECT_THROW(co_await both.join(), cancelled_error) << "a real cancel must not be taken for the deadline";
}

BRIO_TEST(cancel, CAN_18_the_message_reaches_whoever_reads_the_result) {
    auto task = create_task(brio::sleep(1h));
    co_await brio::sleep(0s);
    task.cancel("my message");
    std::string seen;
    try {
        co_await task.join();
    } catch (const cancelled_error& e) {
        seen = e.message();
    }
    EXPECT_EQ(seen, "my message");
    EXPECT_EQ(outcome_of(task), "cancelled(my message)");

    auto silent = create_task(brio::sleep(1h));
    co_await brio::sleep(0s);
    silent.cancel();
    EXPECT_THROW(co_await silent.join(), cancelled_error);
    EXPECT_EQ(outcome_of(silent), "cancelled()");
}

BRIO_TEST(cancel, CAN_18_the_last_message_counts) {
    auto task = create_task(brio::sleep(1h));
    co_await brio::sleep(0s);
    task.cancel("one");
    task.cancel("two");
    EXPECT_THROW(co_await task.join(), cancelled_error);
    EXPECT_EQ(outcome_of(task), "cancelled(two)");
}

BRIO_TEST_FIFO(cancel, CAN_19_an_error_raised_from_a_cancel_keeps_it_nested) {
    auto task = create_task([]() -> awaitable<> {
        try {
            co_await brio::sleep(1h);
        } catch (const cancelled_error&) {
            std::throw_with_nested(std::runtime_error("cleanup failed"));
        }
    });
    co_await brio::sleep(0s);
    task.cancel("why");
    std::string chain;
    try {
        co_await task.join();
    } catch (const std::runtime_error& e) {
        chain = e.what();
        try {
            std::rethrow_if_nested(e);
        } catch (const cancelled_error& cause) {
            chain += " <- " + cause.message();
        }
    }
    EXPECT_EQ(chain, "cleanup failed <- why");
}

BRIO_TEST(cancel, CAN_21_throwing_cancelled_error_on_its_own_makes_the_task_cancelled) {
    auto task = create_task([]() -> awaitable<int> {
        co_await brio::sleep(0s);
        throw cancelled_error("by itself");
    });
    EXPECT_THROW(co_await task.join(), cancelled_error);
    EXPECT_TRUE(task.cancelled());
    EXPECT_EQ(outcome_of(task), "cancelled(by itself)");
}

BRIO_TEST_FIFO(cancel, CAN_22_another_error_out_of_the_handler_makes_the_task_failed) {
    auto task = create_task([]() -> awaitable<> {
        try {
            co_await brio::sleep(1h);
        } catch (const cancelled_error&) {
            throw std::runtime_error("instead");
        }
    });
    co_await brio::sleep(0s);
    task.cancel();
    EXPECT_THROW(co_await task.join(), std::runtime_error);
    EXPECT_FALSE(task.cancelled());
    EXPECT_EQ(outcome_of(task), "instead");
}

BRIO_TEST(cancel, CAN_23_a_cancelled_sleep_ends_at_once) {
    const auto begin = brio::get_running_loop().time();
    auto task = create_task(brio::sleep(10s));
    co_await brio::sleep(1s);
    task.cancel();
    EXPECT_THROW(co_await task.join(), cancelled_error);
    EXPECT_EQ(brio::get_running_loop().time() - begin, 1s);
}

BRIO_TEST(cancel, CAN_25_cancelled_error_is_no_ordinary_error) {
    static_assert(!std::is_base_of_v<std::exception, cancelled_error>);
    bool swallowed = false;
    auto task = create_task([&swallowed]() -> awaitable<> {
        try {
            co_await brio::sleep(1h);
        } catch (const std::exception&) {
            swallowed = true;
        }
    });
    co_await brio::sleep(0s);
    task.cancel();
    EXPECT_THROW(co_await task.join(), cancelled_error);
    EXPECT_FALSE(swallowed);
}

BRIO_TEST_FIFO(cancel, cleanup_may_await) {
    bool cleaned = false;
    auto task = create_task([&cleaned]() -> awaitable<> {
        std::exception_ptr stop;
        try {
            co_await brio::sleep(1h);
        } catch (const cancelled_error&) {
            stop = std::current_exception();
        }
        co_await brio::sleep(1s);
        cleaned = true;
        if (stop) std::rethrow_exception(stop);
    });
    co_await brio::sleep(0s);
    task.cancel();
    EXPECT_THROW(co_await task.join(), cancelled_error);
    EXPECT_TRUE(cleaned);
}

BRIO_TEST_FIFO(cancel, a_joined_task_that_swallows_the_cancel_gives_its_value_to_the_joiner) {
    auto inner = create_task([]() -> awaitable<int> {
        try {
            co_await brio::sleep(1h);
        } catch (const cancelled_error&) {
        }
        co_return 8;
    });
    auto outer = create_task([&inner]() -> awaitable<int> {
        const int value = co_await inner.join();
        co_await brio::sleep(1s);  // the request was used up by the inner task
        co_return value;
    });
    co_await brio::sleep(0s);
    outer.cancel();
    EXPECT_EQ(co_await outer.join(), 8);
}

BRIO_TEST_FIFO(cancel, CAN_4_a_cancel_opens_a_circle_of_tasks_that_join_each_other) {
    brio::task<> first;
    auto second = create_task([&first]() -> awaitable<> { co_await first.join(); });
    auto third = create_task([&second]() -> awaitable<> { co_await second.join(); });
    first = create_task([&third]() -> awaitable<> { co_await third.join(); });
    co_await brio::sleep(0s);
    EXPECT_TRUE(second.cancel("stuck"));
    EXPECT_THROW(co_await first.join(), brio::cancelled_error);
    co_await brio::sleep(0s);
    EXPECT_TRUE(first.cancelled());
    EXPECT_TRUE(second.cancelled());
    EXPECT_TRUE(third.cancelled());
    first = {};
}

BRIO_TEST_FIFO(cancel, CAN_4_a_long_chain_is_cancelled_as_a_whole) {
    brio::event never;
    auto last = create_task([](brio::event& signal) -> awaitable<> { co_await signal.wait(); }(never));
    const auto first = last;
    for (int i = 0; i < 2000; ++i) {
        last = create_task([](brio::task<> inner) -> awaitable<> { co_await inner.join(); }(std::move(last)));
    }
    co_await brio::sleep(0s);
    last.cancel();
    EXPECT_EQ(first.cancelling(), 1);
    EXPECT_THROW(co_await last.join(), brio::cancelled_error);
}

}  // namespace
