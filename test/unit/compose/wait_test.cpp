// SPDX-License-Identifier: BSL-1.0
// wait: when it returns, what is in done and pending, and that it touches nothing (asyncio.md 2.8).
#include "unit/compose/outcome.hpp"

#include <brio/testing/test.hpp>

#include <cmath>
#include <cstddef>
#include <iterator>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <vector>

namespace {

using namespace std::chrono_literals;
using brio::awaitable;
using brio::create_task;
using brio::first_completed;
using brio::first_exception;
using brio::wait;
using brio::wait_options;
using brio_test::end_of;
using brio_test::error_after;
using brio_test::settle;
using brio_test::value_after;

auto now() { return brio::get_running_loop().time(); }
std::size_t timers() { return brio::get_running_loop().scheduler().timer_count(); }

using tasks = std::vector<brio::task<int>>;

/// Tasks that give 0, 1, 2 ... after that many seconds.
tasks counting(std::vector<int> seconds) {
    tasks made;
    for (std::size_t i = 0; i < seconds.size(); ++i) {
        made.push_back(create_task(value_after(std::chrono::seconds(seconds[i]), static_cast<int>(i))));
    }
    return made;
}

BRIO_TEST(wait, WAIT_1_returns_when_all_are_done_in_the_order_given) {
    const auto begin = now();
    const tasks all = counting({3, 1, 2});
    const auto got = co_await wait(all);
    EXPECT_EQ(now() - begin, 3s);
    EXPECT_EQ(got.done, all);
    EXPECT_TRUE(got.pending.empty());
}

BRIO_TEST(wait, WAIT_1_done_tasks_do_not_suspend_it) {
    const tasks all = counting({1, 2});
    co_await wait(all);
    bool turned = false;
    brio::get_running_loop().call_soon([&turned] { turned = true; });
    EXPECT_EQ((co_await wait(all)).done.size(), 2U);
    EXPECT_EQ((co_await wait(all, 5s)).done.size(), 2U);
    EXPECT_EQ((co_await wait(all, first_exception)).done.size(), 2U);
    EXPECT_FALSE(turned);
    co_await brio::sleep(0s);  // the callback refers to this frame
    EXPECT_EQ(timers(), 0U);
}

BRIO_TEST(wait, WAIT_2_never_throws_what_a_task_throws) {
    auto failed = create_task(error_after(1s, "inside"));
    auto cancelled = create_task(value_after(1h, 1));
    cancelled.cancel();
    const auto got = co_await wait(failed, cancelled);
    BRIO_ASSERT_EQ(got.done.size(), 2U);
    EXPECT_EQ(brio_test::text_of(failed.exception()), "inside");
    EXPECT_TRUE(cancelled.cancelled());
}

BRIO_TEST(wait, WAIT_2_an_error_that_nobody_reads_is_reported) {
    brio_test::reports reports;
    co_await wait(error_after(1s, "unread"));
    co_await settle();
    BRIO_ASSERT_EQ(reports.size(), 1U);
    EXPECT_EQ(reports[0], "unread");
}

BRIO_TEST(wait, WAIT_3_first_completed_leaves_the_rest_alone) {
    const auto begin = now();
    const tasks all = counting({3, 1, 2});
    const auto got = co_await wait(all, first_completed);
    EXPECT_EQ(now() - begin, 1s);
    const tasks done(1, all[1]);
    EXPECT_EQ(got.done, done);
    BRIO_ASSERT_EQ(got.pending.size(), 2U);
    EXPECT_EQ(got.pending[0], all[0]);
    EXPECT_EQ(got.pending[1], all[2]);
    EXPECT_EQ(all[0].cancelling(), 0);
    EXPECT_EQ(co_await all[0].join(), 0);
    EXPECT_EQ(now() - begin, 3s);
}

BRIO_TEST(wait, WAIT_3_a_failed_or_cancelled_task_has_completed_too) {
    auto failed = create_task(error_after(1s, "inside"));
    auto slow = create_task(value_after(5s, 1));
    EXPECT_EQ((co_await wait(slow, failed, first_completed)).done.size(), 1U);
    EXPECT_NE(failed.exception(), nullptr);
    auto cancelled = create_task(value_after(1h, 1));
    brio::get_running_loop().call_later(1s, [&cancelled] { cancelled.cancel(); });
    EXPECT_EQ((co_await wait(slow, cancelled, first_completed)).done.size(), 1U);
    EXPECT_TRUE(cancelled.cancelled());
    EXPECT_FALSE(slow.done());
    slow.cancel();
    co_await settle();
}

BRIO_TEST(wait, WAIT_4_what_ended_meanwhile_is_in_done) {
    brio::event signal;
    auto a = create_task(signal.wait());
    auto b = create_task(signal.wait());
    auto never = create_task(brio::sleep(1h));
    brio::get_running_loop().call_later(1s, [&signal] { signal.set(); });
    const auto got = co_await wait(a, b, never, first_completed);
    EXPECT_EQ(got.done.size(), 2U);
    EXPECT_EQ(got.pending.size(), 1U);
    never.cancel();
    co_await settle();
}

BRIO_TEST(wait, first_exception_comes_at_once) {
    const auto begin = now();
    const tasks quick = counting({1});
    auto failing = create_task(error_after(2s, "inside"));
    auto slow = create_task(value_after(3s, 7));
    const auto got = co_await wait(quick[0], failing, slow, first_exception);
    EXPECT_EQ(now() - begin, 2s);
    EXPECT_EQ(got.done.size(), 2U);
    EXPECT_EQ(brio_test::text_of(failing.exception()), "inside");
    EXPECT_EQ((co_await wait(failing, slow, first_exception)).pending.size(), 1U) << "it is there already";
    EXPECT_EQ(co_await slow.join(), 7);
    EXPECT_EQ((co_await wait(quick[0], slow, first_exception)).done.size(), 2U) << "or all are done";
}

BRIO_TEST(wait, WAIT_7_first_exception_does_not_count_a_cancelled_task) {
    const auto begin = now();
    auto before = create_task(brio::sleep(1h));
    auto during = create_task(brio::sleep(1h));
    auto slow = create_task(brio::sleep(3s));
    before.cancel();
    co_await settle();
    brio::get_running_loop().call_later(1s, [&during] { during.cancel(); });
    const auto got = co_await wait(before, during, slow, first_exception);
    EXPECT_EQ(now() - begin, 3s);
    EXPECT_EQ(got.done.size(), 3U);
}

BRIO_TEST(wait, a_timeout_is_no_error_and_cancels_nothing) {
    const auto begin = now();
    const tasks all = counting({1, 10});
    const auto got = co_await wait(all, 5s);
    EXPECT_EQ(now() - begin, 5s);
    EXPECT_EQ(got.done.size(), 1U);
    BRIO_ASSERT_EQ(got.pending.size(), 1U);
    EXPECT_EQ(got.pending[0], all[1]);
    EXPECT_EQ(co_await all[1].join(), 1);
    EXPECT_EQ(all[1].cancelling(), 0);
}

BRIO_TEST(wait, a_timeout_with_a_condition) {
    const auto begin = now();
    const tasks all = counting({10, 20});
    EXPECT_EQ((co_await wait(all, wait_options(first_completed).timeout(5s))).done.size(), 0U);
    EXPECT_EQ(now() - begin, 5s);
    EXPECT_EQ((co_await wait(all[0], all[1], wait_options(6s).when(first_completed))).done.size(), 1U);
    EXPECT_EQ(now() - begin, 10s);
    EXPECT_EQ(timers(), 1U) << "that of the second task only";
    co_await wait(all);
}

BRIO_TEST(wait, no_time_at_all_looks_once) {
    const auto begin = now();
    const tasks all = counting({1, 1});
    EXPECT_EQ((co_await wait(all, 0s)).pending.size(), 2U);
    EXPECT_EQ((co_await wait(all, -1h)).pending.size(), 2U);
    EXPECT_EQ(now(), begin);
    co_await brio::sleep(2s);
    EXPECT_EQ((co_await wait(all, 0s)).done.size(), 2U);
}

BRIO_TEST_FIFO(wait, WAIT_9_completion_and_timeout_at_the_same_moment) {
    const tasks earlier = counting({1, 2});  // their timers are older than that of the wait
    co_await settle();
    EXPECT_EQ((co_await wait(earlier, 1s)).done.size(), 1U);
    co_await wait(earlier);
    const tasks later = counting({1, 2});
    EXPECT_EQ((co_await wait(later, 1s)).done.size(), 1U) << "and these are younger";
    co_await brio::sleep(5s);
}

BRIO_TEST(wait, WAIT_10_a_task_given_twice_counts_once) {
    auto task = create_task(value_after(1s, 1));
    auto other = create_task(value_after(2s, 2));
    tasks all(2, task);
    all.push_back(other);
    all.push_back(task);
    const auto got = co_await wait(all);
    BRIO_ASSERT_EQ(got.done.size(), 2U);
    EXPECT_EQ(got.done[0], task);
    EXPECT_EQ(got.done[1], other);
    EXPECT_EQ((co_await wait(task, task)).done.size(), 1U);
}

template <class... Xs>
concept waitable = requires(Xs... xs) { wait(std::move(xs)...); };

// asyncio refuses coroutines, which its caller could not tell apart in two sets; here they come back in order, as tasks.
BRIO_TEST(wait, WAIT_12_what_cannot_end_does_not_compile) {
    static_assert(waitable<tasks>);
    static_assert(waitable<brio::task<>, awaitable<int>>);
    static_assert(waitable<brio::task_handle, brio::return_when>);
    static_assert(!waitable<int>);
    static_assert(!waitable<std::vector<int>>);
    static_assert(!waitable<std::string>);
    static_assert(!waitable<>);
    static_assert(!waitable<brio::return_when>);
    static_assert(!waitable<brio::return_when, brio::task<>>, "options stand behind the tasks");
    const auto got = co_await wait(value_after(2s, 1), value_after(1s, 2), first_completed);
    BRIO_ASSERT_EQ(got.done.size(), 1U);
    EXPECT_EQ(got.done[0].result(), 2);
    EXPECT_EQ(co_await got.pending.at(0).join(), 1);
}

// A range that makes a task whenever it is asked for the next element, and can be walked through once.
class lazy_tasks {
public:
    explicit lazy_tasks(int count) : count_(count) {}

    class iterator {
    public:
        using value_type = brio::task<int>;
        using difference_type = std::ptrdiff_t;
        using iterator_concept = std::input_iterator_tag;
        iterator() = default;
        iterator(int at, int end) : at_(at), end_(end) {}
        brio::task<int> operator*() const { return create_task(value_after(std::chrono::seconds(at_), at_)); }
        iterator& operator++() {
            ++at_;
            return *this;
        }
        void operator++(int) { ++at_; }
        friend bool operator==(const iterator& i, std::default_sentinel_t) { return i.at_ == i.end_; }

    private:
        int at_ = 0;
        int end_ = 0;
    };
    [[nodiscard]] iterator begin() const { return iterator(0, count_); }
    [[nodiscard]] std::default_sentinel_t end() const { return {}; }

private:
    int count_;
};

BRIO_TEST_FIFO(wait, WAIT_13_any_range_of_tasks_will_do) {
    const auto lazy = co_await wait(lazy_tasks(3), 1s);
    EXPECT_EQ(lazy.done.size(), 2U);
    EXPECT_EQ((co_await wait(lazy.pending)).done.size(), 1U);

    std::vector<awaitable<int>> coroutines;
    coroutines.push_back(value_after(1s, 5));
    const auto got = co_await wait(std::move(coroutines));
    EXPECT_EQ(got.done.at(0).result(), 5);

    tasks given = counting({1});
    EXPECT_EQ((co_await wait(given)).done.size(), 1U);
    EXPECT_TRUE(given[0]) << "a container that was not given away keeps its handles";
}

BRIO_TEST(wait, WAIT_14_leaves_nothing_behind_on_the_pending_tasks) {
    auto slow = create_task(brio::sleep(1h));
    auto quick = create_task(brio::sleep(1s));
    co_await wait(slow, quick, wait_options(first_completed).timeout(30min));
    EXPECT_EQ(slow.untyped_state()->first_completion(), nullptr);
    co_await wait(slow, 1s);
    EXPECT_EQ(slow.untyped_state()->first_completion(), nullptr);
    EXPECT_EQ(timers(), 1U) << "that of the sleep";
    auto waiting = create_task([&slow]() -> awaitable<> { co_await wait(slow, 10s); });
    co_await settle();
    EXPECT_NE(slow.untyped_state()->first_completion(), nullptr);
    waiting.cancel();
    co_await settle();
    EXPECT_EQ(slow.untyped_state()->first_completion(), nullptr);
    EXPECT_EQ(timers(), 1U);
    slow.cancel();
    co_await settle();
}

BRIO_TEST(wait, a_cancel_ends_it_at_once_and_leaves_the_tasks_running) {
    const auto begin = now();
    const tasks all = counting({5});
    auto waiting = create_task([&all]() -> awaitable<> { co_await wait(all); });
    co_await brio::sleep(1s);
    waiting.cancel("enough");
    EXPECT_EQ(co_await end_of(waiting.join()), "cancelled(enough)");
    EXPECT_EQ(now() - begin, 1s);
    EXPECT_EQ(all[0].cancelling(), 0);
    EXPECT_EQ(co_await all[0].join(), 0);
}

BRIO_TEST(wait, cancelled_before_it_waits) {
    const tasks all = counting({5});
    auto waiting = create_task([&all]() -> awaitable<> {
        brio::current_task().cancel("early");
        co_await wait(all);
    });
    EXPECT_EQ(co_await end_of(waiting.join()), "cancelled(early)");
    EXPECT_EQ(co_await all[0].join(), 0);
}

BRIO_TEST(wait, a_result_that_is_there_is_delivered_before_a_cancel) {
    std::size_t done = 0;
    brio::event signal;
    auto a = create_task(signal.wait());
    auto waiting = create_task([&]() -> awaitable<> {
        done = (co_await wait(a)).done.size();
        co_await brio::sleep(1h);
    });
    a.add_done_callback([&waiting](const brio::task_handle&) { waiting.cancel("late"); });
    co_await settle();
    signal.set();
    EXPECT_EQ(co_await end_of(waiting.join()), "cancelled(late)");
    EXPECT_EQ(done, 1U);
}

BRIO_TEST(wait, tasks_of_several_types_come_back_as_handles) {
    auto number = create_task(value_after(1s, 1));
    auto plain = create_task(brio::sleep(2s));
    const auto got = co_await wait(number, plain, first_completed);
    static_assert(std::is_same_v<decltype(got.done)::value_type, brio::task_handle>);
    BRIO_ASSERT_EQ(got.done.size(), 1U);
    EXPECT_EQ(got.done[0], number);
    std::vector<brio::task_handle> handles;
    handles.push_back(plain);
    handles.push_back(number);
    EXPECT_EQ((co_await wait(handles)).done, handles);
    static_assert(std::is_same_v<decltype(wait(number, number).resume().done)::value_type, brio::task<int>>);
}

BRIO_TEST(wait, misuse_is_an_error_that_says_so) {
    const tasks none;
    EXPECT_THROW(static_cast<void>(wait(none)), std::invalid_argument);
    const std::vector<brio::task_handle> empty_handle(1);
    EXPECT_THROW(static_cast<void>(wait(empty_handle)), brio::invalid_state_error);
    EXPECT_THROW(static_cast<void>(wait(brio::task<>())), brio::invalid_state_error);
    EXPECT_THROW(static_cast<void>(wait_options(std::chrono::duration<double>(std::nan("")))), std::invalid_argument);
    co_return;
}

TEST(wait, outside_of_a_loop_is_an_error) {
    EXPECT_THROW(static_cast<void>(wait(value_after(1s, 1))), brio::loop_error);
}

}  // namespace
