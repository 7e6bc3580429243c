// SPDX-License-Identifier: BSL-1.0
// gather: order, first error, errors as results, cancelling all of them (asyncio.md 2.7).
#include "unit/compose/outcome.hpp"

#include <brio/testing/test.hpp>

#include <memory>
#include <ranges>
#include <span>
#include <stdexcept>
#include <string>
#include <tuple>
#include <type_traits>
#include <vector>

namespace {

using namespace std::chrono_literals;
using brio::awaitable;
using brio::cancelled_error;
using brio::create_task;
using brio::gather;
using brio_test::end_of;
using brio_test::error_after;
using brio_test::settle;
using brio_test::slow_to_stop;
using brio_test::text_of;
using brio_test::value_after;

auto now() { return brio::get_running_loop().time(); }

awaitable<> add_after(std::chrono::milliseconds delay, std::string& out, char letter) {
    co_await brio::sleep(delay);
    out += letter;
}

awaitable<std::unique_ptr<int>> boxed(int value) {
    co_await brio::sleep(0s);
    co_return std::make_unique<int>(value);
}

BRIO_TEST(gather, GAT_1_results_come_in_the_order_of_the_arguments) {
    const auto got = co_await gather(value_after(3s, 1), value_after(1s, 2), value_after(2s, 3));
    EXPECT_EQ(got, std::tuple(1, 2, 3));
}

BRIO_TEST(gather, GAT_1_the_same_for_a_vector) {
    std::vector<awaitable<int>> all;
    for (int i = 0; i < 5; ++i) all.push_back(value_after(std::chrono::seconds(5 - i), i));
    const std::vector<int> got = co_await gather(std::move(all));
    const std::vector<int> expected = {0, 1, 2, 3, 4};
    EXPECT_EQ(got, expected);
}

BRIO_TEST(gather, GAT_2_it_ends_with_the_last_child_and_all_run_at_once) {
    const auto begin = now();
    co_await gather(brio::sleep(1s), brio::sleep(3s), brio::sleep(2s));
    EXPECT_EQ(now() - begin, 3s);
}

BRIO_TEST(gather, GAT_3_the_first_error_comes_at_once_and_the_others_keep_running) {
    const auto begin = now();
    auto slow = create_task(value_after(5s, 7));
    EXPECT_EQ(co_await end_of(gather(slow, error_after(1s, "first"), value_after(2s, 1))), "first");
    EXPECT_EQ(now() - begin, 1s);
    EXPECT_FALSE(slow.done());
    EXPECT_EQ(co_await slow.join(), 7);
    EXPECT_EQ(now() - begin, 5s);
}

BRIO_TEST(gather, GAT_3_an_error_that_is_there_before_it_is_awaited) {
    brio_test::reports reports;
    auto both = gather(error_after(1s, "early"), value_after(3s, 1));
    co_await brio::sleep(2s);
    EXPECT_EQ(co_await end_of(std::move(both)), "early");
    co_await brio::sleep(2s);
    EXPECT_EQ(reports.size(), 0U);
}

BRIO_TEST(gather, GAT_4_later_errors_count_as_seen) {
    brio_test::reports reports;
    EXPECT_EQ(co_await end_of(gather(error_after(1s, "early"), error_after(1s, "early"), error_after(2s, "late"))), "early");
    co_await brio::sleep(5s);
    EXPECT_EQ(reports.size(), 0U);
}

BRIO_TEST(gather, GAT_4_but_a_gather_that_nobody_awaits_does_not_hide_an_error) {
    brio_test::reports reports;
    {
        const auto unused = gather(error_after(1s, "unseen"));
        static_cast<void>(unused);
    }
    co_await brio::sleep(2s);
    BRIO_ASSERT_EQ(reports.size(), 1U);
    EXPECT_EQ(reports[0], "unseen");
}

BRIO_TEST(gather, GAT_5_errors_take_their_place_among_the_results) {
    const auto begin = now();
    auto got = co_await gather(brio::return_exceptions, value_after(1s, 1), error_after(2s, "two"), brio::sleep(3s));
    EXPECT_EQ(now() - begin, 3s);
    EXPECT_EQ(std::get<0>(got).value(), 1);
    EXPECT_EQ(text_of(std::get<1>(got).exception()), "two");
    EXPECT_TRUE(std::get<2>(got).has_value());
    EXPECT_THROW(static_cast<void>(std::get<1>(got).value()), std::runtime_error);
}

BRIO_TEST(gather, GAT_5_errors_in_a_vector) {
    brio_test::reports reports;
    std::vector<brio::task<int>> tasks;
    tasks.push_back(create_task(error_after(2s, "zero")));
    tasks.push_back(create_task(value_after(1s, 1)));
    auto got = co_await gather(brio::return_exceptions, tasks);
    BRIO_ASSERT_EQ(got.size(), 2U);
    EXPECT_EQ(text_of(got[0].exception()), "zero");
    EXPECT_EQ(*got[1], 1);
    tasks.clear();
    co_await settle();
    EXPECT_EQ(reports.size(), 0U) << "an error handed out in the list has been seen";
}

BRIO_TEST(gather, GAT_6_a_cancelled_child_is_an_error_and_not_a_cancel_of_the_gather) {
    auto child = create_task(brio::sleep(1h));
    auto other = create_task(value_after(2s, 5));
    brio::get_running_loop().call_later(1s, [&child] { child.cancel("only this one"); });
    EXPECT_EQ(co_await end_of(gather(child, other)), "cancelled(only this one)");
    EXPECT_EQ(brio::current_task().cancelling(), 0);
    EXPECT_EQ(co_await other.join(), 5) << "the others go on";
}

BRIO_TEST(gather, GAT_7_a_cancelled_child_in_the_list_of_results) {
    auto child = create_task(brio::sleep(1h));
    brio::get_running_loop().call_later(1s, [&child] { child.cancel(); });
    auto got = co_await gather(brio::return_exceptions, child, value_after(2s, 5));
    EXPECT_EQ(text_of(std::get<0>(got).exception()), "cancelled");
    EXPECT_EQ(*std::get<1>(got), 5);
}

BRIO_TEST(gather, GAT_8_a_cancel_goes_to_every_child_that_is_not_done) {
    auto quick = create_task(value_after(1s, 1));
    auto a = create_task(brio::sleep(1h));
    auto b = create_task(brio::sleep(1h));
    auto all = create_task([&]() -> awaitable<> { co_await gather(quick, a, b); });
    co_await brio::sleep(2s);
    EXPECT_TRUE(all.cancel("enough"));
    EXPECT_EQ(quick.cancelling(), 0);
    EXPECT_EQ(a.cancelling(), 1);
    EXPECT_EQ(b.cancelling(), 1);
    EXPECT_EQ(co_await end_of(all.join()), "cancelled(enough)");
    EXPECT_TRUE(a.cancelled());
    EXPECT_TRUE(b.cancelled());
    EXPECT_TRUE(all.cancelled());
    EXPECT_EQ(quick.result(), 1);
}

// boostorg/asio#458: the second request must reach a child that swallowed the first.
BRIO_TEST(gather, GAT_8_a_second_cancel_reaches_a_child_that_takes_its_time) {
    const auto begin = now();
    std::string log;
    auto all = create_task([&log]() -> awaitable<> { co_await gather(slow_to_stop(1min, log, "a"), brio::sleep(1h)); });
    co_await brio::sleep(1s);
    all.cancel();
    co_await brio::sleep(1s);
    EXPECT_FALSE(all.done());
    all.cancel();
    EXPECT_EQ(co_await end_of(all.join()), "cancelled");
    EXPECT_EQ(now() - begin, 2s);
    EXPECT_EQ(log, "") << "its clean-up was interrupted";
}

BRIO_TEST(gather, GAT_8_a_request_made_before_the_gather_reaches_its_children) {
    bool first_ran = false;
    auto second = create_task(brio::sleep(1h));
    auto all = create_task([&]() -> awaitable<> {
        brio::current_task().cancel("early");
        co_await gather([](bool& ran) -> awaitable<> {
            ran = true;
            co_await brio::sleep(1h);
        }(first_ran), second);
    });
    EXPECT_EQ(co_await end_of(all.join()), "cancelled(early)");
    co_await settle();
    EXPECT_TRUE(second.cancelled());
    EXPECT_FALSE(first_ran);
    second.cancel();
}

BRIO_TEST(gather, GAT_8_children_that_never_began_leave_nothing_behind) {
    const auto alive = std::make_shared<int>(1);
    auto body = [](std::shared_ptr<int>) -> awaitable<> { co_await brio::sleep(1h); };
    auto all = create_task([&]() -> awaitable<> { co_await gather(body(alive), body(alive)); });
    brio::get_running_loop().call_soon([&all] { all.cancel(); });  // in the turn between gather and its children
    EXPECT_EQ(co_await end_of(all.join()), "cancelled");
    all = {};
    EXPECT_EQ(alive.use_count(), 1);
}

// asyncio's gather then refuses the cancel; brio delivers the value and interrupts the next suspension.
BRIO_TEST(gather, GAT_9_a_result_that_is_there_is_delivered_before_a_cancel) {
    int got = 0;
    brio::promise<int> source;
    auto all = create_task([&]() -> awaitable<> {
        got = std::get<0>(co_await gather(source.get_future(), brio::sleep(500ms)));
        co_await brio::sleep(1h);
    });
    co_await brio::sleep(1s);
    source.set_value(42);
    all.cancel();  // it was woken and has not run
    EXPECT_EQ(got, 0);
    EXPECT_EQ(co_await end_of(all.join()), "cancelled");
    EXPECT_EQ(got, 42);
}

BRIO_TEST(gather, GAT_10_a_cancel_with_return_exceptions_is_thrown_all_the_same) {
    bool handed_out = false;
    auto all = create_task([&handed_out]() -> awaitable<> {
        static_cast<void>(co_await gather(brio::return_exceptions, brio::sleep(1h), brio::sleep(1h)));
        handed_out = true;
    });
    co_await brio::sleep(1s);
    all.cancel();
    EXPECT_EQ(co_await end_of(all.join()), "cancelled");
    EXPECT_FALSE(handed_out);
}

BRIO_TEST(gather, GAT_11_nothing_to_gather) {
    co_await gather();
    const auto none = co_await gather(brio::return_exceptions);
    EXPECT_EQ(std::tuple_size_v<std::remove_cvref_t<decltype(none)>>, 0U);
    std::vector<awaitable<int>> empty;
    EXPECT_TRUE((co_await gather(std::move(empty))).empty());
    const std::vector<brio::task<int>> no_tasks;
    EXPECT_TRUE((co_await gather(no_tasks)).empty());
}

template <class... Xs>
concept gatherable = requires(Xs... xs) { gather(std::move(xs)...); };

TEST(gather, GAT_14_a_wrong_argument_does_not_compile) {
    static_assert(gatherable<awaitable<int>, brio::task<>>);
    static_assert(!gatherable<awaitable<int>, int>);
    static_assert(!gatherable<std::string>);
    static_assert(!gatherable<std::vector<int>>);
}

BRIO_TEST(gather, views_of_tasks_leave_them_where_they_are) {
    std::vector<brio::task<int>> tasks;
    for (int i = 0; i < 3; ++i) tasks.push_back(create_task(value_after(1s, i)));
    const std::vector<int> all = co_await gather(std::span(tasks));
    EXPECT_EQ(all, (std::vector{0, 1, 2}));
    const std::vector<int> some = co_await gather(std::span(tasks).first(2));
    EXPECT_EQ(some, (std::vector{0, 1}));
    for (const auto& task : tasks) EXPECT_TRUE(task) << "the handle was taken out of the caller's vector";
}

#if !defined(__clang__) || __clang_major__ >= 16  // clang 14 does not compile the views of g++ 12's library
BRIO_TEST(gather, views_that_make_their_coroutines) {
    const std::vector<int> numbers{1, 2, 3};
    const auto make = [](int n) { return value_after(1s, n); };
    const std::vector<int> values = co_await gather(numbers | std::views::transform(make));
    EXPECT_EQ(values, numbers);
    const auto kept = co_await gather(brio::return_exceptions, numbers | std::views::transform(make));
    EXPECT_EQ(kept.at(2).value(), 3);
}
#endif

BRIO_TEST_FIFO(gather, GAT_16_the_children_start_in_the_order_of_the_arguments) {
    std::string order;
    co_await gather(add_after(0s, order, 'a'), add_after(0s, order, 'b'), add_after(0s, order, 'c'));
    EXPECT_EQ(order, "abc");
}

BRIO_TEST(gather, GAT_17_a_cancel_waits_for_the_clean_up_of_all_children) {
    const auto begin = now();
    std::string log;
    auto all = create_task([&log]() -> awaitable<> {
        static_cast<void>(co_await gather(brio::return_exceptions, slow_to_stop(3s, log, "slow "), slow_to_stop(1s, log, "quick ")));
    });
    co_await brio::sleep(1s);
    all.cancel();
    EXPECT_EQ(co_await end_of(all.join()), "cancelled");
    EXPECT_EQ(log, "quick slow ");
    EXPECT_EQ(now() - begin, 4s);
}

// asyncio goes on as soon as the first child has ended.
BRIO_TEST(gather, GAT_18_and_so_it_does_without_return_exceptions) {
    const auto begin = now();
    std::string log;
    auto all = create_task([&log]() -> awaitable<> {
        co_await gather(slow_to_stop(3s, log, "slow "), slow_to_stop(1s, log, "quick "));
    });
    co_await brio::sleep(1s);
    all.cancel();
    EXPECT_EQ(co_await end_of(all.join()), "cancelled");
    EXPECT_EQ(log, "quick slow ");
    EXPECT_EQ(now() - begin, 4s);
}

BRIO_TEST(gather, GAT_18_a_child_that_fails_while_it_is_cancelled_does_not_hide_the_cancel) {
    brio_test::reports reports;
    auto all = create_task([]() -> awaitable<> {
        co_await gather([]() -> awaitable<> {
            try {
                co_await brio::sleep(1h);
            } catch (const cancelled_error&) {
                throw std::runtime_error("clean-up failed");
            }
        }(), brio::sleep(1h));
    });
    co_await brio::sleep(1s);
    all.cancel();
    EXPECT_EQ(co_await end_of(all.join()), "cancelled");
    co_await settle();
    EXPECT_EQ(reports.size(), 0U);
}

BRIO_TEST(gather, a_task_given_twice_counts_twice) {
    auto task = create_task(value_after(1s, 3));
    EXPECT_EQ((co_await gather(task, task)), std::tuple(3, 3));
    const std::vector<brio::task<int>> twice(2, task);
    EXPECT_EQ((co_await gather(twice)).size(), 2U);
}

BRIO_TEST(gather, move_only_values_and_void_ones) {
    auto [a, nothing, b] = co_await gather(boxed(1), brio::sleep(1s), boxed(2));
    EXPECT_EQ(*a, 1);
    EXPECT_EQ(*b, 2);
    static_assert(std::is_same_v<decltype(nothing), brio::nothing>);
    static_assert(std::is_void_v<decltype(gather(brio::sleep(1s), brio::sleep(1s)).resume())>);
    std::vector<awaitable<std::unique_ptr<int>>> many;
    for (int i = 0; i < 3; ++i) many.push_back(boxed(i));
    auto boxes = co_await gather(std::move(many));
    EXPECT_EQ(*boxes.at(2), 2);
    auto results = co_await gather(brio::return_exceptions, boxed(9));
    EXPECT_EQ(**std::get<0>(results), 9);
}

BRIO_TEST(gather, gathers_nest_and_take_operations_of_every_kind) {
    brio::queue<std::string> words;
    brio::event signal;
    brio::get_running_loop().call_later(1s, [&] {
        words.put_nowait("word");
        signal.set();
    });
    auto [word, inner] = co_await gather(words.get(), gather(value_after(1s, 1), value_after(2s, 2)));
    EXPECT_EQ(word, "word");
    EXPECT_EQ(inner, std::tuple(1, 2));
    co_await gather(signal.wait(), brio::sleep(1s));
}

BRIO_TEST(gather, done_tasks_do_not_suspend_it) {
    auto a = create_task(value_after(1s, 1));
    auto b = create_task(value_after(1s, 2));
    co_await brio::sleep(2s);
    bool turned = false;
    brio::get_running_loop().call_soon([&turned] { turned = true; });
    EXPECT_EQ((co_await gather(a, b)), std::tuple(1, 2));
    EXPECT_FALSE(turned);
    co_await brio::sleep(0s);  // the callback refers to this frame
}

BRIO_TEST(gather, arguments_with_destructors_survive_g12) {
    const auto alive = std::make_shared<int>(0);
    auto text = [](std::string word, std::shared_ptr<int> token) -> awaitable<std::string> {
        co_await brio::sleep(1s);
        co_return word + std::to_string(token.use_count() > 0);
    };
    auto [a, b] = co_await gather(text(std::string(40, 'a'), alive), text("b" + std::string(40, 'b'), alive));
    EXPECT_EQ(a, std::string(40, 'a') + "1");
    EXPECT_EQ(b, std::string(41, 'b') + "1");
    EXPECT_EQ(alive.use_count(), 1);
}

TEST(gather, outside_of_a_loop_is_an_error) {
    EXPECT_THROW(static_cast<void>(gather(value_after(1s, 1))), brio::loop_error);
}

}  // namespace
