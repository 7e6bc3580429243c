// SPDX-License-Identifier: BSL-1.0
// generator: items on demand, whose task the body runs in, errors, cancellation, misuse.
#include "unit/compose/outcome.hpp"
#include "unit/core/capture.hpp"

#include <brio/testing/test.hpp>

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

using namespace std::chrono_literals;
using brio::awaitable;
using brio::create_task;
using brio::generator;
using brio::make_generator;
using brio::yielder;
using brio_test::counted;
using brio_test::end_of;
using brio_test::settle;

awaitable<> count_to(yielder<int> yield, int last) {
    for (int i = 1; i <= last; ++i) co_await yield(i);
}

awaitable<> count_slowly(yielder<int> yield, std::string& log) {
    for (int i = 1;; ++i) {
        log += "<" + std::to_string(i) + ">";
        co_await brio::sleep(10ms);
        co_await yield(i);
    }
}

template <class T>
awaitable<std::string> items_of(generator<T> source) {
    std::string text;
    while (auto item = co_await source.next()) text += brio_test::text_of(*item) + " ";
    co_return text;
}

BRIO_TEST(generator, gives_its_items_and_then_none) {
    auto numbers = make_generator<int>(count_to, 3);
    EXPECT_EQ(co_await numbers.next(), 1);
    EXPECT_EQ(co_await numbers.next(), 2);
    EXPECT_EQ(co_await numbers.next(), 3);
    EXPECT_EQ(co_await numbers.next(), std::nullopt);
    EXPECT_EQ(co_await numbers.next(), std::nullopt);
}

BRIO_TEST(generator, the_body_runs_only_while_somebody_waits_for_it) {
    std::string log;
    auto numbers = make_generator<int>(count_slowly, std::ref(log));
    co_await brio::sleep(1s);
    EXPECT_EQ(log, "") << "nothing begins before the first next()";
    co_await numbers.next();
    co_await brio::sleep(1s);
    EXPECT_EQ(log, "<1>") << "it stands at its yield";
    EXPECT_EQ(co_await numbers.next(), 2);
    EXPECT_EQ(log, "<1><2>");
}

BRIO_TEST(generator, an_item_without_a_wait_does_not_suspend_the_task) {
    bool turned = false;
    brio::get_running_loop().call_soon([&turned] { turned = true; });
    EXPECT_EQ(co_await items_of(make_generator<int>(count_to, 100)), co_await items_of(make_generator<int>(count_to, 100)));
    EXPECT_FALSE(turned);
    co_await brio::sleep(0s);  // the callback refers to this frame
}

awaitable<> name_the_task(yielder<std::string> yield) {
    for (;;) {
        std::string before = brio::current_task().name();
        co_await brio::sleep(1ms);
        co_await yield(before + brio::current_task().name());
    }
}

BRIO_TEST(generator, the_body_runs_in_the_task_that_waits_for_it) {
    auto names = make_generator<std::string>(name_the_task);
    const auto ask = [&names]() -> awaitable<std::string> {
        auto name = co_await names.next();
        co_return *name + brio::current_task().name();
    };
    EXPECT_EQ(co_await create_task(ask, "a").join(), "aaa");
    EXPECT_EQ(co_await create_task(ask, "b").join(), "bbb");
    EXPECT_EQ(co_await ask(), "mainmainmain");
}

awaitable<> leaf(yielder<int> yield, int depth) {
    co_await yield(depth);
    if (depth < 20) co_await leaf(yield, depth + 1);
    co_await yield(depth);
}

BRIO_TEST(generator, coroutines_that_the_body_awaits_may_yield) {
    auto source = make_generator<int>(leaf, 1);
    std::vector<int> seen;
    while (auto item = co_await source.next()) seen.push_back(*item);
    BRIO_ASSERT_EQ(seen.size(), 40U);
    for (int i = 0; i < 20; ++i) {
        EXPECT_EQ(seen[static_cast<std::size_t>(i)], i + 1);
        EXPECT_EQ(seen[static_cast<std::size_t>(39 - i)], i + 1);
    }
}

awaitable<> yields_from_inside_another(yielder<int> outer) {
    auto inner = make_generator<int>(
        [](yielder<int> own, yielder<int> out) -> awaitable<> {
            co_await out(1);
            co_await own(2);
            co_await out(3);
            co_await brio::sleep(1ms);
        },
        outer);
    while (auto item = co_await inner.next()) co_await outer(*item);
    co_await outer(4);
}

BRIO_TEST(generator, a_body_may_yield_for_the_generator_whose_body_awaits_it) {
    EXPECT_EQ(co_await items_of(make_generator<int>(yields_from_inside_another)), "1 2 3 4 ");
}

BRIO_TEST(generator, is_dropped_while_another_body_stands_on_its_stack) {
    for (int stop = 1; stop <= 4; ++stop) {
        auto source = make_generator<int>(yields_from_inside_another);
        for (int i = 0; i < stop; ++i) EXPECT_EQ(co_await source.next(), i + 1);
        if (stop % 2 == 0) co_await source.close();
    }
}

BRIO_TEST(generator, items_need_only_be_movable) {
    auto boxes = make_generator<std::unique_ptr<int>>([](yielder<std::unique_ptr<int>> yield) -> awaitable<> {
        co_await yield(std::make_unique<int>(1));
        co_await yield(std::make_unique<int>(2));
    });
    auto first = co_await boxes.next();
    auto second = co_await boxes.next();
    EXPECT_EQ(**first + **second, 3);
    EXPECT_FALSE((co_await boxes.next()).has_value());
}

BRIO_TEST(generator, can_be_moved_between_items) {
    auto numbers = make_generator<int>(count_to, 3);
    EXPECT_EQ(co_await numbers.next(), 1);
    generator<int> moved = std::move(numbers);
    EXPECT_EQ(co_await moved.next(), 2);
    generator<int> assigned;
    assigned = std::move(moved);
    EXPECT_EQ(co_await items_of(std::move(assigned)), "3 ");
}

BRIO_TEST(generator, keeps_its_function_and_arguments_until_the_end_and_no_longer) {
    int live = 0;
    auto numbers = [&live] {
        const auto token = std::make_shared<counted>(live);
        auto body = [token](yielder<int> yield, const std::string& text) -> awaitable<> {
            for (std::size_t i = 0; i < text.size(); ++i) co_await yield(static_cast<int>(i));
        };
        return make_generator<int>(body, std::string("ab"));
    }();
    EXPECT_EQ(live, 1);
    EXPECT_EQ(co_await numbers.next(), 0);
    EXPECT_EQ(co_await numbers.next(), 1);
    EXPECT_EQ(live, 1);
    EXPECT_EQ(co_await numbers.next(), std::nullopt);
    EXPECT_EQ(live, 0);
    {
        auto body = [token = counted(live)](yielder<int>) -> awaitable<> { co_return; };
        const auto never_begun = make_generator<int>(body);
        EXPECT_EQ(live, 2);
    }
    EXPECT_EQ(live, 0);
}

BRIO_TEST(generator, an_exception_comes_out_of_next_once) {
    auto numbers = make_generator<int>([](yielder<int> yield) -> awaitable<> {
        co_await yield(1);
        throw std::runtime_error("broken");
    });
    EXPECT_EQ(co_await numbers.next(), 1);
    EXPECT_EQ(co_await end_of(numbers.next()), "broken");
    EXPECT_EQ(co_await numbers.next(), std::nullopt);
}

BRIO_TEST(generator, a_generator_exit_that_nobody_asked_for_is_an_error_like_others) {
    auto numbers = make_generator<int>([](yielder<int> yield) -> awaitable<> {
        co_await yield(1);
        throw brio::generator_exit();
    });
    co_await numbers.next();
    bool thrown = false;
    try {
        co_await numbers.next();
    } catch (const brio::generator_exit&) {
        thrown = true;
    }
    EXPECT_TRUE(thrown);
}

BRIO_TEST(generator, raw_asio_operations_work_inside) {
    auto ticks = make_generator<std::string>([](yielder<std::string> yield) -> awaitable<> {
        boost::asio::steady_timer timer(brio::get_running_loop().context());
        for (int i = 0; i < 3; ++i) {
            timer.expires_after(1ms);
            co_await timer.async_wait(boost::asio::use_awaitable);
            co_await yield(brio::current_task().name());
        }
    });
    EXPECT_EQ(co_await items_of(std::move(ticks)), "main main main ");
}

BRIO_TEST(generator, a_cancel_is_thrown_where_the_body_waits) {
    std::string log;
    auto numbers = make_generator<int>(count_slowly, std::ref(log));
    auto consumer = create_task([&numbers]() -> awaitable<std::optional<int>> { co_return co_await numbers.next(); });
    co_await settle();
    consumer.cancel("enough");
    EXPECT_EQ(co_await end_of(consumer.join()), "cancelled(enough)");
    EXPECT_EQ(co_await numbers.next(), std::nullopt) << "the body let it go: it has ended";
}

BRIO_TEST(generator, a_body_that_catches_the_cancel_goes_on) {
    auto numbers = make_generator<int>([](yielder<int> yield) -> awaitable<> {
        try {
            co_await brio::sleep(1h);
        } catch (const brio::cancelled_error&) {
        }
        co_await yield(1);
        co_await yield(2);
    });
    auto consumer = create_task([&numbers]() -> awaitable<int> {
        auto item = co_await numbers.next();
        co_return *item;
    });
    co_await settle();
    consumer.cancel();
    EXPECT_EQ(co_await end_of(consumer.join()), "1");
    EXPECT_EQ(co_await numbers.next(), 2);
}

BRIO_TEST(generator, a_cancel_when_the_item_is_there_comes_at_the_next_wait) {
    brio::event ready;
    auto numbers = make_generator<int>([&ready](yielder<int> yield) -> awaitable<> {
        co_await ready.wait();
        co_await yield(1);
        co_await yield(2);
    });
    std::optional<int> got;
    auto consumer = create_task([&]() -> awaitable<> {
        got = co_await numbers.next();
        co_await brio::sleep(1h);
    });
    co_await settle();
    ready.set();
    consumer.cancel();
    EXPECT_EQ(co_await end_of(consumer.join()), "cancelled");
    EXPECT_EQ(got, 1);
    EXPECT_EQ(co_await numbers.next(), 2) << "the body never heard of it";
}

BRIO_TEST(generator, a_cancel_before_the_first_next_leaves_the_generator_alone) {
    auto numbers = make_generator<int>(count_to, 1);
    auto consumer = create_task([&numbers]() -> awaitable<std::optional<int>> { co_return co_await numbers.next(); });
    consumer.cancel();
    EXPECT_EQ(co_await end_of(consumer.join()), "cancelled");
    EXPECT_EQ(co_await numbers.next(), 1);
}

BRIO_TEST(generator, a_deadline_on_next_ends_the_body_and_loses_no_item_that_came_in_time) {
    std::string log;
    auto numbers = make_generator<int>(count_slowly, std::ref(log));
    EXPECT_EQ(co_await brio::wait_for(numbers.next(), 11ms), 1);
    EXPECT_EQ(co_await end_of(brio::wait_for(numbers.next(), 9ms)), "timeout");
    EXPECT_EQ(co_await numbers.next(), std::nullopt);
}

BRIO_TEST(generator, a_second_next_while_the_first_waits_is_an_error) {
    std::string log;
    auto numbers = make_generator<int>(count_slowly, std::ref(log));
    auto first = create_task([&numbers]() -> awaitable<std::optional<int>> { co_return co_await numbers.next(); });
    co_await settle();
    EXPECT_TRUE(brio_test::contains(co_await end_of(numbers.next()),
                                    "generator.next() was awaited while the generator's body runs"));
    EXPECT_TRUE(brio_test::contains(co_await end_of(numbers.close()),
                                    "generator.close() was awaited while the generator's body runs"));
    EXPECT_EQ(co_await first.join(), 1) << "the first one is not disturbed";
}

BRIO_TEST(generator, a_body_that_asks_itself_gets_an_error) {
    generator<int> numbers;
    numbers = make_generator<int>([&numbers](yielder<int> yield) -> awaitable<> {
        co_await numbers.next();
        co_await yield(1);
    });
    EXPECT_TRUE(brio_test::contains(co_await end_of(numbers.next()), "one consumer at a time"));
}

BRIO_TEST(generator, yield_elsewhere_is_an_error) {
    std::optional<yielder<int>> leaked;
    auto numbers = make_generator<int>([&leaked](yielder<int> yield) -> awaitable<> {
        leaked = yield;
        auto other = create_task([](yielder<int> elsewhere) -> awaitable<> { co_await elsewhere(7); }, yield);
        EXPECT_TRUE(brio_test::contains(co_await end_of(other.join()), "yield was awaited outside of the body"));
        co_await yield(1);
    });
    EXPECT_EQ(co_await numbers.next(), 1);
    EXPECT_TRUE(brio_test::contains(co_await end_of((*leaked)(2)), "yield was awaited outside of the body"));
    EXPECT_EQ(co_await numbers.next(), std::nullopt);
    EXPECT_TRUE(brio_test::contains(co_await end_of((*leaked)(2)), "yield was awaited outside of the body"));
}

BRIO_TEST(generator, an_empty_one_says_so) {
    const generator<int> none;
    EXPECT_EQ(brio_test::thrown_by([&none] { static_cast<void>(none.next()); }),
              "brio::invalid_state_error: this generator is empty: it was default-constructed or moved from");
    EXPECT_EQ(brio_test::thrown_by([&none] { static_cast<void>(none.close()); }),
              "brio::invalid_state_error: this generator is empty: it was default-constructed or moved from");
    co_return;
}

TEST(generator, belongs_to_one_loop) {
    generator<int> numbers = make_generator<int>(count_to, 3);
    brio::runner first;
    first.run([](generator<int>& source) -> awaitable<> { co_await source.next(); }(numbers));
    brio::runner second;
    EXPECT_EQ(second.run(end_of(numbers.next())),
              "generator.next() was awaited in another event loop than the generator's first next(): a generator belongs "
              "to one loop");
    EXPECT_EQ(first.run(brio::detail::await_operation(numbers.next())), 2) << "it goes on in its own";
    first.close();
    EXPECT_EQ(second.run(brio::detail::await_operation(numbers.next())), std::nullopt) << "closed with its loop";
}

BRIO_TEST(generator, a_million_items_need_no_stack) {
    auto numbers = make_generator<int>(count_to, 1'000'000);
    long long sum = 0;
    while (auto item = co_await numbers.next()) sum += *item;
    EXPECT_EQ(sum, 500'000'500'000);
}

}  // namespace
