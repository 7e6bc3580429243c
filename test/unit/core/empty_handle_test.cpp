// SPDX-License-Identifier: BSL-1.0
// Handles and promises without anything behind them: an error, and no crash.
#include "unit/core/capture.hpp"

#include <brio/testing/test.hpp>

#include <optional>
#include <string>
#include <utility>

namespace {

using brio::awaitable;
using brio::create_task;
using brio::invalid_state_error;
using brio_test::contains;
using brio_test::thrown_by;

awaitable<int> answer() { co_return 42; }

BRIO_TEST(empty_handle, of_a_task) {
    brio::task<int> none;
    EXPECT_FALSE(none);
    EXPECT_EQ(none, brio::task_handle());
    EXPECT_EQ(to_string(none), "no task");
    EXPECT_TRUE(contains(thrown_by([&] { static_cast<void>(none.done()); }), "task handle is empty"));
    EXPECT_THROW(none.cancel(), invalid_state_error);
    EXPECT_THROW(none.uncancel(), invalid_state_error);
    EXPECT_THROW(static_cast<void>(none.cancelling()), invalid_state_error);
    EXPECT_THROW(static_cast<void>(none.cancelled()), invalid_state_error);
    EXPECT_THROW(static_cast<void>(none.exception()), invalid_state_error);
    EXPECT_THROW(static_cast<void>(none.result()), invalid_state_error);
    EXPECT_THROW(static_cast<void>(none.name()), invalid_state_error);
    EXPECT_THROW(none.set_name("x"), invalid_state_error);
    EXPECT_THROW(static_cast<void>(none.context()), invalid_state_error);
    EXPECT_THROW(static_cast<void>(none.where()), invalid_state_error);
    EXPECT_THROW(none.add_done_callback([](const brio::task_handle&) {}), invalid_state_error);
    EXPECT_THROW(none.remove_done_callback(1), invalid_state_error);
    EXPECT_THROW(static_cast<void>(none.join()), invalid_state_error);
    EXPECT_THROW(static_cast<void>(brio::task<int>().join()), invalid_state_error);
    none = create_task(answer());
    EXPECT_EQ(co_await none.join(), 42);
}

BRIO_TEST(empty_handle, given_to_what_composes_tasks) {
    const brio::task<int> none;
    auto task = create_task(answer());
    EXPECT_THROW(static_cast<void>(brio::gather(task, none)), invalid_state_error);
    EXPECT_THROW(static_cast<void>(brio::race(task, none)), invalid_state_error);
    EXPECT_THROW(static_cast<void>(brio::wait(task, none)), invalid_state_error);
    EXPECT_THROW(static_cast<void>(brio::shield(none)), invalid_state_error);
    EXPECT_THROW(static_cast<void>(brio::format_call_graph(none)), invalid_state_error);
    bool refused = false;
    try {
        co_await brio::wait_for(none, std::chrono::seconds(1));
    } catch (const invalid_state_error&) {
        refused = true;
    }
    EXPECT_TRUE(refused);
    EXPECT_EQ(co_await task.join(), 42);
}

BRIO_TEST(empty_handle, a_promise_that_was_moved_from) {
    brio::promise<int> first;
    brio::promise<int> second(std::move(first));
    EXPECT_TRUE(contains(thrown_by([&] { first.set_value(1); }), "promise is empty"));
    EXPECT_THROW(static_cast<void>(first.get_future()), invalid_state_error);
    EXPECT_THROW(static_cast<void>(first.done()), invalid_state_error);
    EXPECT_THROW(static_cast<void>(first.cancelled()), invalid_state_error);
    EXPECT_THROW(first.try_set_value(1), invalid_state_error);
    EXPECT_THROW(first.set_exception(std::runtime_error("x")), invalid_state_error);
    EXPECT_THROW(first.cancel(), invalid_state_error);
    second.set_value(2);
    EXPECT_EQ(second.get_future().result(), 2);
    co_return;
}

BRIO_TEST(empty_handle, a_threadsafe_promise_that_was_moved_from) {
    brio::threadsafe_promise<int> first;
    brio::threadsafe_promise<int> second(std::move(first));
    EXPECT_THROW(first.set_value(1), invalid_state_error);
    EXPECT_THROW(static_cast<void>(first.get_future()), invalid_state_error);
    EXPECT_THROW(static_cast<void>(first.cancelled()), invalid_state_error);
    EXPECT_THROW(static_cast<void>(first.stop_token()), invalid_state_error);
    EXPECT_THROW(first.try_set_exception(nullptr), invalid_state_error);
    EXPECT_THROW(first.cancel(), invalid_state_error);
    second.set_value(2);
    EXPECT_EQ(co_await second.get_future().join(), 2);
}

}  // namespace
