// SPDX-License-Identifier: BSL-1.0
// Futures that a promise sets: who waits, who cancels, what is reported.
#include "unit/core/capture.hpp"

#include <brio/testing/test.hpp>

#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace {

using namespace std::chrono_literals;
using brio::awaitable;
using brio::create_task;
using brio::future;
using brio::invalid_state_error;
using brio::promise;

static_assert(!std::is_copy_constructible_v<promise<int>>);
static_assert(std::is_convertible_v<brio::task<int>, future<int>>);

awaitable<int> await(future<int> waited) { co_return co_await waited.join(); }

// What the loop's exception handler was told while the object lives.
class reports {
public:
    reports() {
        brio::get_running_loop().set_exception_handler(
            [this](const brio::error_context& context) { lines.push_back(context.to_string()); });
    }
    reports(const reports&) = delete;
    reports& operator=(const reports&) = delete;
    ~reports() { brio::get_running_loop().set_exception_handler({}); }

    std::vector<std::string> lines;
};

BRIO_TEST(future, FUT_2_there_is_no_result_before_it_is_set) {
    promise<int> source;
    auto value = source.get_future();
    EXPECT_FALSE(value.done());
    EXPECT_THROW(static_cast<void>(value.result()), invalid_state_error);
    EXPECT_THROW(static_cast<void>(value.exception()), invalid_state_error);
    source.set_value(1);
    EXPECT_EQ(value.result(), 1);
    EXPECT_TRUE(value.exception() == nullptr);
    co_return;
}

BRIO_TEST(future, FUT_4_cancelling_what_is_done_changes_nothing) {
    promise<int> source;
    auto value = source.get_future();
    source.set_value(1);
    EXPECT_FALSE(value.cancel());
    EXPECT_EQ(value.result(), 1);
    promise<int> other;
    auto cancelled = other.get_future();
    EXPECT_TRUE(cancelled.cancel("enough"));
    EXPECT_FALSE(cancelled.cancel());
    EXPECT_TRUE(cancelled.cancelled());
    try {
        static_cast<void>(cancelled.result());
        ADD_FAILURE() << "no error";
    } catch (const brio::cancelled_error& e) {
        EXPECT_EQ(e.message(), "enough");
    }
    co_return;
}

BRIO_TEST(future, FUT_5_an_exception_is_given_as_an_object_or_a_pointer) {
    promise<> as_object;
    promise<> as_pointer;
    as_object.set_exception(std::runtime_error("one"));
    as_pointer.set_exception(std::make_exception_ptr(std::logic_error("two")));
    EXPECT_THROW(as_object.get_future().result(), std::runtime_error);
    EXPECT_THROW(as_pointer.get_future().result(), std::logic_error);
    co_return;
}

BRIO_TEST(future, a_cancelled_error_given_as_exception_is_a_cancel) {
    promise<> source;
    source.set_exception(brio::cancelled_error("by hand"));
    EXPECT_TRUE(source.get_future().cancelled());
    co_return;
}

BRIO_TEST(future, FUT_7_joining_what_is_done_does_not_suspend) {
    promise<int> source;
    source.set_value(5);
    auto value = source.get_future();
    const auto before = brio::get_running_loop().scheduler().steps;
    EXPECT_EQ(co_await value.join(), 5);
    EXPECT_EQ(co_await value.join(), 5);
    EXPECT_EQ(brio::get_running_loop().scheduler().steps, before);
}

BRIO_TEST_FIFO(future, FUT_9_callbacks_go_through_the_ready_queue_in_order) {
    promise<int> source;
    auto value = source.get_future();
    std::string order;
    value.add_done_callback([&order, &value](const brio::task_handle& given) { order += given == value ? "1" : "?"; });
    value.add_done_callback([&order](const brio::task_handle&) { order += "2"; });
    source.set_value(0);
    EXPECT_EQ(order, "");
    co_await brio::sleep(0s);
    EXPECT_EQ(order, "12");
}

BRIO_TEST(future, FUT_10_a_callback_can_be_removed) {
    promise<> source;
    auto value = source.get_future();
    int calls = 0;
    const auto first = value.add_done_callback([&calls](const brio::task_handle&) { ++calls; });
    value.add_done_callback([&calls](const brio::task_handle&) { calls += 10; });
    EXPECT_TRUE(value.remove_done_callback(first));
    EXPECT_FALSE(value.remove_done_callback(first));
    source.set_value();
    co_await brio::sleep(0s);
    EXPECT_EQ(calls, 10);
}

BRIO_TEST(future, FUT_13_a_callback_of_a_done_future_is_called_soon) {
    promise<> source;
    source.set_value();
    bool called = false;
    source.get_future().add_done_callback([&called](const brio::task_handle&) { called = true; });
    EXPECT_FALSE(called);
    co_await brio::sleep(0s);
    EXPECT_TRUE(called);
}

BRIO_TEST(future, FUT_14_FUT_18_a_failure_that_nobody_fetched_is_reported_with_its_place) {
    const reports seen;
    {
        promise<int> source;
        source.set_exception(std::runtime_error("forgotten"));
    }
    BRIO_ASSERT_EQ(seen.lines.size(), 1U);
    EXPECT_TRUE(brio_test::contains(seen.lines[0], "exception of a future was never retrieved"));
    EXPECT_TRUE(brio_test::contains(seen.lines[0], "forgotten"));
    EXPECT_TRUE(brio_test::contains(seen.lines[0], "future_test.cpp:"));
    co_return;
}

BRIO_TEST(future, FUT_15_fetching_it_silences_the_report) {
    const reports seen;
    {
        promise<> by_result;
        by_result.set_exception(std::runtime_error("seen"));
        EXPECT_THROW(by_result.get_future().result(), std::runtime_error);
        promise<> by_exception;
        by_exception.set_exception(std::runtime_error("seen"));
        EXPECT_TRUE(by_exception.get_future().exception() != nullptr);
    }
    EXPECT_TRUE(seen.lines.empty());
    co_return;
}

BRIO_TEST(future, FUT_16_abandoned_futures_and_unread_values_are_silent) {
    const reports seen;
    {
        promise<int> pending;
        promise<int> unread;
        auto kept = pending.get_future();
        unread.set_value(1);
    }
    EXPECT_TRUE(seen.lines.empty());
    co_return;
}

BRIO_TEST(future, FUT_17_cancelling_a_failed_one_counts_as_seen) {
    const reports seen;
    {
        promise<> source;
        source.set_exception(std::runtime_error("seen"));
        EXPECT_FALSE(source.get_future().cancel());
    }
    EXPECT_TRUE(seen.lines.empty());
    co_return;
}

BRIO_TEST(future, FUT_23_a_text_form) {
    promise<int> source;
    auto value = source.get_future();
    EXPECT_TRUE(brio_test::contains(brio::to_string(value), "Future-")) << brio::to_string(value);
    EXPECT_TRUE(brio_test::contains(brio::to_string(value), "pending")) << brio::to_string(value);
    value.add_done_callback([](const brio::task_handle&) {});
    EXPECT_TRUE(brio_test::contains(brio::to_string(value), "1 ")) << brio::to_string(value);
    source.set_exception(std::runtime_error("broken"));
    EXPECT_TRUE(brio_test::contains(brio::to_string(value), "broken")) << brio::to_string(value);
    static_cast<void>(value.exception());
    co_await brio::sleep(0s);
}

BRIO_TEST(future, TASK_15_a_waiting_task_wakes_and_gets_the_very_object) {
    promise<std::shared_ptr<int>> source;
    const auto object = std::make_shared<int>(3);
    const auto wait = [](future<std::shared_ptr<int>> waited) -> awaitable<std::shared_ptr<int>> {
        co_return co_await waited.join();
    };
    auto waiting = create_task(wait(source.get_future()));
    co_await brio::sleep(0s);
    source.set_value(object);
    EXPECT_FALSE(waiting.done());
    EXPECT_EQ(co_await waiting.join(), object);
}

BRIO_TEST(future, many_may_wait) {
    promise<int> source;
    std::vector<brio::task<int>> waiting;
    for (int i = 0; i < 3; ++i) waiting.push_back(create_task(await(source.get_future())));
    co_await brio::sleep(0s);
    source.set_value(7);
    const std::vector<int> got = co_await brio::gather(waiting);
    EXPECT_EQ(got, std::vector<int>(3, 7));
}

BRIO_TEST(future, a_value_that_only_moves) {
    promise<std::unique_ptr<int>> source;
    source.set_value(std::make_unique<int>(4));
    const auto value = co_await source.get_future().join();
    EXPECT_EQ(*value, 4);
}

BRIO_TEST(future, CAN_3_cancelling_a_waiting_task_cancels_the_future_at_once) {
    promise<int> source;
    auto value = source.get_future();
    auto waiting = create_task(await(value));
    co_await brio::sleep(0s);
    waiting.cancel("stop");
    EXPECT_TRUE(value.cancelled());
    EXPECT_TRUE(source.cancelled());
    EXPECT_FALSE(waiting.done());
    EXPECT_FALSE(source.try_set_value(1));
    EXPECT_THROW(source.set_value(1), invalid_state_error);
    EXPECT_THROW(source.set_exception(std::runtime_error("late")), invalid_state_error);
    while (!waiting.done()) co_await brio::sleep(0s);
    EXPECT_TRUE(waiting.cancelled());
}

BRIO_TEST(future, CAN_6_cancelling_the_task_and_its_future) {
    promise<int> source;
    auto waiting = create_task(await(source.get_future()));
    co_await brio::sleep(0s);
    EXPECT_TRUE(source.cancel());
    EXPECT_TRUE(waiting.cancel());
    while (!waiting.done()) co_await brio::sleep(0s);
    EXPECT_TRUE(waiting.cancelled());
}

BRIO_TEST_FIFO(future, cancelled_before_the_wait_and_when_it_is_done_already) {
    promise<int> source;
    auto never = create_task(await(source.get_future()));
    never.cancel();
    while (!never.done()) co_await brio::sleep(0s);
    EXPECT_FALSE(source.done());

    int got = 0;
    const auto wait = [&got](future<int> waited) -> awaitable<> {
        got = co_await waited.join();
        co_await brio::sleep(0s);
    };
    auto late = create_task(wait(source.get_future()));
    co_await brio::sleep(0s);
    source.set_value(9);
    late.cancel();
    while (!late.done()) co_await brio::sleep(0s);
    EXPECT_EQ(got, 9);
    EXPECT_TRUE(late.cancelled());
}

BRIO_TEST(future, a_shield_keeps_the_cancel_away) {
    promise<int> source;
    const auto wait = [](future<int> waited) -> awaitable<int> { co_return co_await brio::shield(waited); };
    auto waiting = create_task(wait(source.get_future()));
    co_await brio::sleep(0s);
    waiting.cancel();
    while (!waiting.done()) co_await brio::sleep(0s);
    EXPECT_FALSE(source.done());
    source.set_value(1);
}

BRIO_TEST(future, is_accepted_wherever_something_awaitable_is) {
    promise<int> first;
    promise<int> second;
    auto one = first.get_future();
    auto two = second.get_future();
    brio::get_running_loop().call_later(1ms, [&] {
        first.set_value(1);
        second.set_value(2);
    });
    auto both = co_await brio::gather(one, two);
    EXPECT_EQ(std::get<0>(both) + std::get<1>(both), 3);
    EXPECT_EQ(co_await brio::wait_for(one, 1s), 1);
    EXPECT_EQ(co_await brio::with_timeout(1s, two), 2);
    auto waited = co_await brio::wait(one, two);
    EXPECT_EQ(waited.done.size(), 2U);
    EXPECT_EQ((co_await brio::race(one, brio::sleep(1h))).index, 0U);
    promise<int> third;
    bool late = false;
    try {
        co_await brio::wait_for(third.get_future(), 1ms);
    } catch (const brio::timeout_error&) {
        late = true;
    }
    EXPECT_TRUE(late);
    EXPECT_TRUE(third.cancelled());
}

BRIO_TEST(future, a_promise_that_goes_tells_those_who_wait) {
    std::optional<promise<int>> source(std::in_place);
    auto waiting = create_task(await(source->get_future()));
    co_await brio::sleep(0s);
    source.reset();
    bool broken = false;
    try {
        co_await waiting.join();
    } catch (const brio::broken_promise_error&) {
        broken = true;
    }
    EXPECT_TRUE(broken);
}

BRIO_TEST(future, a_moved_promise_is_the_same) {
    promise<int> first;
    auto value = first.get_future();
    promise<int> second(std::move(first));
    promise<int> third;
    auto lost = third.get_future();
    third = std::move(second);
    EXPECT_TRUE(lost.done());
    third.set_value(2);
    EXPECT_EQ(value.result(), 2);
    EXPECT_TRUE(lost.exception() != nullptr);
    co_return;
}

BRIO_TEST(future, is_not_among_the_tasks) {
    const promise<int> source;
    EXPECT_EQ(brio::all_tasks().size(), 1U);
    co_return;
}

TEST(future, a_promise_needs_a_loop) { EXPECT_THROW(promise<int>(), brio::loop_error); }

TEST(future, a_promise_may_outlive_its_loop) {
    std::optional<promise<int>> source;
    std::optional<future<int>> value;
    bool called = false;
    const auto body = [&]() -> awaitable<> {
        source.emplace();
        value.emplace(source->get_future());
        value->add_done_callback([&called](const brio::task_handle&) { called = true; });
        co_return;
    };
    brio::run(body);
    source->set_value(3);
    EXPECT_FALSE(called);
    EXPECT_EQ(value->result(), 3);
}

// Between two runs the loop is there, but does not run.
TEST(future, callbacks_registered_and_due_while_the_loop_does_not_run_are_called_when_it_does) {
    brio::loop loop;
    std::optional<promise<int>> source;
    const auto make = [&]() -> awaitable<> {
        source.emplace();
        co_return;
    };
    loop.run_until_complete(make());
    const future<int> value = source->get_future();
    std::string log;
    value.add_done_callback([&log](const brio::task_handle&) { log += "called "; });
    source->set_value(3);
    EXPECT_EQ(log, "");
    const auto turns = []() -> awaitable<> {
        for (int i = 0; i < 5; ++i) co_await brio::sleep(1ms);
    };
    loop.run_until_complete(turns());
    EXPECT_EQ(log, "called ");
}

}  // namespace
