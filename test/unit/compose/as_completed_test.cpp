// SPDX-License-Identifier: BSL-1.0
// as_completed: order of completion, deadline, breaking off (asyncio.md 2.11).
#include "unit/compose/outcome.hpp"

#include <brio/testing/test.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <vector>

namespace {

using namespace std::chrono_literals;
using brio::as_completed;
using brio::awaitable;
using brio::create_task;
using brio_test::end_of;
using brio_test::error_after;
using brio_test::settle;
using brio_test::text_of;
using brio_test::value_after;

auto now() { return brio::get_running_loop().time(); }
std::size_t timers() { return brio::get_running_loop().scheduler().timer_count(); }

using tasks = std::vector<brio::task<int>>;

std::vector<awaitable<int>> three() {
    std::vector<awaitable<int>> all;
    all.push_back(value_after(3s, 3));
    all.push_back(value_after(1s, 1));
    all.push_back(value_after(2s, 2));
    return all;
}

/// "1 2 3", or what it was until an error; the error last.
template <class Iterator>
awaitable<std::string> all_of(Iterator& completed) {
    std::string text;
    try {
        while (auto next = co_await completed.next()) {
            const std::string one = co_await end_of(next->join());
            text += one + " ";
        }
        co_return text + "end";
    } catch (...) {
        text += text_of(std::current_exception());
    }
    co_return text;
}

BRIO_TEST(as_completed, gives_tasks_in_the_order_of_their_ends) {
    const auto begin = now();
    auto completed = as_completed(three());
    EXPECT_EQ(co_await all_of(completed), "1 2 3 end");
    EXPECT_EQ(now() - begin, 3s);
    EXPECT_FALSE((co_await completed.next()).has_value()) << "and so it stays";
}

BRIO_TEST(as_completed, failed_and_cancelled_ones_too) {
    auto cancelled = create_task(value_after(1h, 1));
    brio::get_running_loop().call_later(2s, [&cancelled] { cancelled.cancel(); });
    auto completed = as_completed(error_after(1s, "failed"), cancelled, value_after(3s, 3));
    EXPECT_EQ(co_await all_of(completed), "failed cancelled 3 end");
}

BRIO_TEST(as_completed, those_that_have_ended_come_first_and_do_not_suspend) {
    tasks all;
    all.push_back(create_task(value_after(2s, 2)));
    all.push_back(create_task(value_after(1s, 1)));
    co_await brio::sleep(3s);
    bool turned = false;
    brio::get_running_loop().call_soon([&turned] { turned = true; });
    auto completed = as_completed(all);
    EXPECT_EQ(co_await all_of(completed), "2 1 end") << "in the order given";
    EXPECT_FALSE(turned);
    co_await brio::sleep(0s);  // the callback refers to this frame
}

BRIO_TEST(as_completed, ASC_2_the_same_tasks_come_out_that_went_in) {
    auto a = create_task(value_after(2s, 2));
    auto b = create_task(value_after(1s, 1));
    auto completed = as_completed(a, b, value_after(3s, 3));
    EXPECT_EQ(*co_await completed.next(), b);
    EXPECT_EQ(*co_await completed.next(), a);
    const auto fresh = co_await completed.next();
    EXPECT_EQ(fresh->result(), 3);
}

BRIO_TEST(as_completed, ASC_2_handles_of_tasks_of_several_types) {
    auto number = create_task(value_after(2s, 2));
    auto plain = create_task(brio::sleep(1s));
    auto completed = as_completed(number, plain);
    const auto first = co_await completed.next();
    static_assert(std::is_same_v<decltype(first), const std::optional<brio::task_handle>>);
    EXPECT_EQ(*first, plain);
    EXPECT_EQ(*co_await completed.next(), number);
}

BRIO_TEST(as_completed, ASC_3_the_deadline_is_thrown_by_the_iteration) {
    const auto begin = now();
    auto slow = create_task(value_after(1h, 9));
    auto completed = as_completed(value_after(1s, 1), slow, 5s);
    EXPECT_EQ(co_await all_of(completed), "1 timeout");
    EXPECT_EQ(now() - begin, 5s);
    EXPECT_EQ(co_await all_of(completed), "timeout") << "again";
    EXPECT_EQ(now() - begin, 5s);
    EXPECT_EQ(slow.cancelling(), 0) << "the task does not notice";
    BRIO_ASSERT_EQ(completed.remaining().size(), 1U);
    EXPECT_EQ(completed.remaining()[0], slow);
    EXPECT_EQ(co_await slow.join(), 9);
    EXPECT_EQ(co_await all_of(completed), "9 end") << "what has ended is never kept back";
}

BRIO_TEST_FIFO(as_completed, ASC_3_the_deadline_counts_from_the_call) {
    auto completed = as_completed(three(), 2s);
    co_await brio::sleep(1500ms);
    EXPECT_EQ(co_await all_of(completed), "1 2 timeout") << "what ends at the deadline is in time";
    co_await brio::sleep(5s);
}

BRIO_TEST(as_completed, ASC_3_results_that_came_in_time_survive_a_late_consumer) {
    auto completed = as_completed(three(), 2500ms);
    co_await brio::sleep(1min);
    EXPECT_EQ(co_await all_of(completed), "1 2 3 end");
}

BRIO_TEST(as_completed, ASC_3_no_time_at_all) {
    auto done = create_task(value_after(1s, 1));
    co_await done.join();
    auto completed = as_completed(done, value_after(1s, 2), 0s);
    EXPECT_EQ(co_await all_of(completed), "1 timeout");
    co_await brio::sleep(5s);
}

BRIO_TEST(as_completed, ASC_4_an_unused_deadline_leaves_no_timer_behind) {
    {
        auto completed = as_completed(three(), 1h);
        EXPECT_EQ(co_await all_of(completed), "1 2 3 end");
        EXPECT_EQ(timers(), 0U);
    }
    const auto unused = as_completed(value_after(1s, 1), 1h);
    co_await brio::sleep(2s);
    EXPECT_EQ(timers(), 0U);
}

BRIO_TEST(as_completed, ASC_5_it_can_be_broken_off_and_resumed) {
    auto completed = as_completed(three());
    while (auto next = co_await completed.next()) {
        EXPECT_EQ(next->result(), 1);
        break;
    }
    co_await brio::sleep(10s);
    EXPECT_EQ(co_await all_of(completed), "2 3 end");
}

BRIO_TEST(as_completed, ASC_7_several_may_wait_at_once) {
    auto completed = as_completed(three());
    auto next = [&]() -> awaitable<int> {
        const auto got = co_await completed.next();
        co_return got ? got->result() : 0;
    };
    std::vector<awaitable<int>> waiting;
    for (int i = 0; i < 4; ++i) waiting.push_back(next());
    std::vector<int> got = co_await brio::gather(std::move(waiting));
    std::sort(got.begin(), got.end());
    EXPECT_EQ(got, (std::vector{0, 1, 2, 3})) << "each gets another one, the last nothing";
}

// The callback runs between the wake-up of the waiting task and its next step.
BRIO_TEST(as_completed, ASC_7_one_that_leaves_passes_its_task_on) {
    brio::promise<> source;
    const brio::promise<> never;
    const auto ending = source.get_future();
    auto completed = as_completed(ending, never.get_future());
    auto first = create_task(completed.next());
    co_await settle();
    auto second = create_task(completed.next());
    co_await settle();
    source.set_value();
    first.cancel();  // it was woken and has not run
    const auto got = co_await second.join();
    EXPECT_EQ(*got, ending);
    EXPECT_TRUE(first.cancelled());
}

BRIO_TEST(as_completed, ASC_8_a_task_given_twice_comes_once) {
    const tasks twice(2, create_task(value_after(1s, 1)));
    auto completed = as_completed(twice);
    EXPECT_EQ(co_await all_of(completed), "1 end");
}

TEST(as_completed, ASC_10_outside_of_a_loop_is_an_error) {
    EXPECT_THROW(static_cast<void>(as_completed(value_after(1s, 1))), brio::loop_error);
}

BRIO_TEST(as_completed, ASC_11_breaking_off_cancels_nothing) {
    brio_test::reports reports;
    auto slow = create_task(value_after(10s, 4));
    {
        auto completed = as_completed(slow, value_after(1s, 1), value_after(2s, 2));
        EXPECT_EQ((co_await completed.next())->result(), 1);
    }
    EXPECT_EQ(slow.untyped_state()->first_completion(), nullptr);
    EXPECT_EQ(co_await slow.join(), 4);
    EXPECT_EQ(reports.size(), 0U) << "nothing went wrong";
}

BRIO_TEST(as_completed, ASC_11_a_later_failure_is_reported_only_if_nobody_can_read_it) {
    brio_test::reports reports;
    auto kept = create_task(error_after(2s, "read"));
    {
        auto completed = as_completed(kept, error_after(1s, "given"), error_after(3s, "unread"));
        EXPECT_EQ(text_of((co_await completed.next())->exception()), "given");
    }
    EXPECT_EQ(co_await end_of(kept.join()), "read");
    co_await brio::sleep(5s);
    BRIO_ASSERT_EQ(reports.size(), 1U);
    EXPECT_EQ(reports[0], "unread");
}

BRIO_TEST(as_completed, a_cancel_while_waiting_takes_nothing) {
    auto completed = as_completed(three(), 1h);
    std::string seen;
    auto reader = create_task([&]() -> awaitable<> {
        const std::string end = co_await all_of(completed);
        seen = end;
    });
    co_await brio::sleep(1500ms);
    reader.cancel("enough");
    co_await reader.join();
    EXPECT_EQ(seen, "1 cancelled(enough)");
    EXPECT_EQ(timers(), 2U) << "those of the tasks";
    EXPECT_EQ(co_await all_of(completed), "2 3 end");
}

BRIO_TEST(as_completed, a_cancel_of_a_woken_waiter_leaves_the_task_for_the_next_time) {
    brio::event signal;
    brio::task<std::optional<brio::task<>>> reader;
    auto ending = create_task(signal.wait());
    ending.add_done_callback([&reader](const brio::task_handle&) { reader.cancel(); });
    auto completed = as_completed(ending, 1h);
    reader = create_task(completed.next());
    co_await settle();
    signal.set();
    co_await settle();
    EXPECT_TRUE(reader.cancelled());
    EXPECT_EQ(timers(), 0U);
    EXPECT_EQ(*co_await completed.next(), ending);
}

BRIO_TEST(as_completed, cancelled_before_it_waits) {
    auto completed = as_completed(three());
    auto reader = create_task([&]() -> awaitable<> {
        brio::current_task().cancel("early");
        co_await completed.next();
    });
    EXPECT_EQ(co_await end_of(reader.join()), "cancelled(early)");
    EXPECT_EQ(co_await all_of(completed), "1 2 3 end");
}

BRIO_TEST(as_completed, nothing_to_give) {
    const tasks none;
    auto completed = as_completed(none);
    EXPECT_EQ(co_await all_of(completed), "end");
}

BRIO_TEST(as_completed, the_iterator_may_go_while_somebody_waits) {
    std::optional completed(as_completed(value_after(1s, 1)));
    auto reader = create_task(completed->next());
    co_await settle();
    completed.reset();
    const auto got = co_await reader.join();
    EXPECT_EQ(got->result(), 1);
}

BRIO_TEST(as_completed, move_only_values_and_operations) {
    brio::event signal;
    auto boxed = []() -> awaitable<std::unique_ptr<int>> {
        co_await brio::sleep(1s);
        co_return std::make_unique<int>(7);
    };
    auto completed = as_completed(boxed());
    auto next = co_await completed.next();
    EXPECT_EQ(*co_await std::move(*next).join(), 7);
    auto operations = as_completed(brio::sleep(1s), signal.wait());
    EXPECT_TRUE((co_await operations.next()).has_value());
    signal.set();
    EXPECT_TRUE((co_await operations.next()).has_value());
}

BRIO_TEST(as_completed, misuse_is_an_error_that_says_so) {
    const std::vector<brio::task_handle> empty_handle(1);
    EXPECT_THROW(static_cast<void>(as_completed(empty_handle)), brio::invalid_state_error);
    const std::chrono::duration<double> nan(std::nan(""));
    auto task = create_task(value_after(1s, 1));
    EXPECT_THROW(static_cast<void>(as_completed(task, nan)), std::invalid_argument);
    co_await task.join();
}

}  // namespace
