// SPDX-License-Identifier: BSL-1.0
// collect, for_each, transform, filter, enumerate: what they give, and that they close what they own.
#include "unit/compose/outcome.hpp"

#include <brio/testing/test.hpp>

#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace {

using namespace std::chrono_literals;
using brio::awaitable;
using brio::create_task;
using brio::generator;
using brio::make_generator;
using brio::yielder;
using brio_test::end_of;
using brio_test::settle;

template <class T>
awaitable<std::string> text_of_all(generator<T> source) {
    std::string text;
    for (const T& item : co_await brio::collect(std::move(source))) text += brio_test::text_of(item) + " ";
    co_return text;
}

awaitable<> count_to(yielder<int> yield, int last) {
    for (int i = 1; i <= last; ++i) co_await yield(i);
}

// Counts for ever; says when its clean-up, which awaits, is through.
awaitable<> count_and_clean_up(yielder<int> yield, std::string& log) {
    std::exception_ptr stopped;
    try {
        for (int i = 1;; ++i) {
            co_await yield(i);
            co_await brio::sleep(1ms);
        }
    } catch (...) {
        stopped = std::current_exception();
    }
    co_await brio::sleep(1ms);
    log += "clean ";
    std::rethrow_exception(stopped);
}

BRIO_TEST(generator_tools, collect_gives_all_items) {
    EXPECT_EQ(co_await text_of_all(make_generator<int>(count_to, 3)), "1 2 3 ");
    EXPECT_EQ(co_await text_of_all(make_generator<int>(count_to, 0)), "");
}

BRIO_TEST(generator_tools, transform_calls_functions_and_coroutine_functions) {
    auto plain = brio::transform(make_generator<int>(count_to, 3), [](int n) { return std::to_string(n); });
    EXPECT_EQ(co_await text_of_all(std::move(plain)), "1 2 3 ");
    auto slow = brio::transform(make_generator<int>(count_to, 3), [](int n) -> awaitable<int> {
        co_await brio::sleep(1s);
        co_return n * n;
    });
    EXPECT_EQ(co_await text_of_all(std::move(slow)), "1 4 9 ");
}

BRIO_TEST(generator_tools, filter_keeps_what_the_predicate_likes) {
    auto odd = brio::filter(make_generator<int>(count_to, 5), [](int n) { return n % 2 == 1; });
    EXPECT_EQ(co_await text_of_all(std::move(odd)), "1 3 5 ");
    auto slow = brio::filter(make_generator<int>(count_to, 5), [](const int& n) -> awaitable<bool> {
        co_await brio::sleep(1s);
        co_return n > 3;
    });
    EXPECT_EQ(co_await text_of_all(std::move(slow)), "4 5 ");
}

BRIO_TEST(generator_tools, enumerate_numbers_the_items) {
    auto numbered = brio::enumerate(make_generator<int>(count_to, 2));
    EXPECT_EQ(co_await numbered.next(), std::pair(std::size_t(0), 1));
    EXPECT_EQ(co_await numbered.next(), std::pair(std::size_t(1), 2));
    EXPECT_FALSE((co_await numbered.next()).has_value());
    auto later = brio::enumerate(make_generator<int>(count_to, 1), 7);
    EXPECT_EQ(co_await later.next(), std::pair(std::size_t(7), 1));
}

BRIO_TEST(generator_tools, for_each_calls_one_at_a_time) {
    std::string log;
    co_await brio::for_each(make_generator<int>(count_to, 3), [&log](int n) { log += std::to_string(n); });
    co_await brio::for_each(make_generator<int>(count_to, 3), [&log](int n) -> awaitable<> {
        log += '<';
        co_await brio::sleep(1ms);
        log += std::to_string(n) + '>';
    });
    EXPECT_EQ(log, "123<1><2><3>");
}

BRIO_TEST(generator_tools, all_work_with_items_that_only_move) {
    auto boxes = make_generator<std::unique_ptr<int>>([](yielder<std::unique_ptr<int>> yield) -> awaitable<> {
        for (int i = 1; i <= 4; ++i) co_await yield(std::make_unique<int>(i));
    });
    auto even = brio::filter(std::move(boxes), [](const std::unique_ptr<int>& box) { return *box % 2 == 0; });
    auto doubled = brio::transform(std::move(even), [](std::unique_ptr<int> box) {
        *box *= 2;
        return box;
    });
    const auto all = co_await brio::collect(brio::enumerate(std::move(doubled)));
    BRIO_ASSERT_EQ(all.size(), 2U);
    EXPECT_EQ(*all[0].second, 4);
    EXPECT_EQ(*all[1].second, 8);
}

BRIO_TEST(generator_tools, closing_the_outer_one_closes_the_inner_ones) {
    std::string log;
    auto source = make_generator<int>(count_and_clean_up, std::ref(log));
    auto wanted = brio::filter(std::move(source), [](int n) { return n > 0; });
    auto doubled = brio::enumerate(brio::transform(std::move(wanted), [](int n) { return n * 2; }));
    co_await doubled.next();
    EXPECT_EQ(log, "");
    co_await doubled.close();
    EXPECT_EQ(log, "clean ");
}

BRIO_TEST(generator_tools, dropping_the_outer_one_closes_the_inner_one) {
    std::string log;
    {
        auto doubled = brio::transform(make_generator<int>(count_and_clean_up, std::ref(log)), [](int n) { return n * 2; });
        co_await doubled.next();
    }
    co_await brio::sleep(10ms);
    EXPECT_EQ(log, "clean ");
}

BRIO_TEST(generator_tools, what_the_function_throws_comes_out_when_the_inner_one_is_closed) {
    std::string log;
    const auto fail = [](int) -> int { throw std::runtime_error("no"); };
    auto failing = brio::transform(make_generator<int>(count_and_clean_up, std::ref(log)), fail);
    EXPECT_EQ(co_await end_of(failing.next()), "no");
    EXPECT_EQ(log, "clean ");
    EXPECT_FALSE((co_await failing.next()).has_value());

    const auto fail_void = [](int) -> awaitable<> {
        co_await brio::sleep(1ms);
        throw std::runtime_error("no again");
    };
    EXPECT_EQ(co_await end_of(brio::for_each(make_generator<int>(count_and_clean_up, std::ref(log)), fail_void)), "no again");
    EXPECT_EQ(log, "clean clean ");

    const auto fail_filter = [](int) -> bool { throw std::runtime_error("no third"); };
    auto filtered = brio::filter(make_generator<int>(count_and_clean_up, std::ref(log)), fail_filter);
    EXPECT_EQ(co_await end_of(filtered.next()), "no third");
    EXPECT_EQ(log, "clean clean clean ");
}

BRIO_TEST(generator_tools, what_the_source_throws_comes_out) {
    const auto source = [](yielder<int> yield) -> awaitable<> {
        co_await yield(1);
        throw std::runtime_error("broken");
    };
    EXPECT_EQ(co_await end_of(brio::collect(make_generator<int>(source))), "broken");
    auto numbered = brio::enumerate(make_generator<int>(source));
    co_await numbered.next();
    EXPECT_EQ(co_await end_of(numbered.next()), "broken");
}

BRIO_TEST(generator_tools, a_cancel_reaches_the_source_and_its_clean_up_runs) {
    std::string log;
    auto all = create_task(brio::collect(make_generator<int>(count_and_clean_up, std::ref(log))));
    co_await settle();
    all.cancel();
    EXPECT_EQ(co_await end_of(all.join()), "cancelled");
    EXPECT_EQ(log, "clean ");
}

BRIO_TEST(generator_tools, a_cancel_in_the_function_closes_the_source) {
    std::string log;
    const auto wait = [](int) -> awaitable<> { co_await brio::sleep(1h); };
    auto waiting = create_task(brio::for_each(make_generator<int>(count_and_clean_up, std::ref(log)), wait));
    co_await settle();
    waiting.cancel();
    EXPECT_EQ(co_await end_of(waiting.join()), "cancelled");
    EXPECT_EQ(log, "clean ");
}

}  // namespace
